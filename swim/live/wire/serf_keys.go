package wire

// SerfKeyRequest is the payload of Serf's queries for a change of keys, and of the one
// for the list of them, whose Key is empty.
type SerfKeyRequest struct {
	Key []byte // not in base64
}

// SerfKeyResponse is a member's answer to such a query.
type SerfKeyResponse struct {
	Result     bool   // it was done
	Message    []byte // why not
	Keys       [][]byte
	PrimaryKey []byte // the one that encrypts; in base64, as Keys are
}

// The fields in the order in which Serf declares them.
var (
	serfKeyRequestFields  = []string{"Key"}
	serfKeyResponseFields = []string{"Result", "Message", "Keys", "PrimaryKey"}
)

// Append appends the request, with Serf's type before it, to b: it is a query's payload.
func (m *SerfKeyRequest) Append(b []byte) []byte {
	b = append(b, byte(SerfTypeKeyRequest), mpFixMap|1)
	return appendBytes(appendKey(b, "Key"), m.Key)
}

// Decode reads the request from what follows Serf's type. Its errors are without
// what was read, which may be a key.
func (m *SerfKeyRequest) Decode(body []byte) error {
	*m = SerfKeyRequest{}
	r := reader{b: body, what: "serf key request"}
	r.fields(serfKeyRequestFields, func(int) { m.Key = r.bytes() })
	return r.err
}

// Append appends the answer, with Serf's type before it, to b: it is the payload of an
// answer to a query.
func (m *SerfKeyResponse) Append(b []byte) []byte {
	b = append(b, byte(SerfTypeKeyResponse), mpFixMap|4)
	if b = appendKey(b, "Keys"); m.Keys == nil {
		b = append(b, mpNil)
	} else {
		b = appendTexts(b, m.Keys)
	}
	b = appendText(appendKey(b, "Message"), m.Message)
	b = appendText(appendKey(b, "PrimaryKey"), m.PrimaryKey)
	return appendBool(appendKey(b, "Result"), m.Result)
}

// Decode reads the answer from what follows Serf's type.
func (m *SerfKeyResponse) Decode(body []byte) error {
	*m = SerfKeyResponse{}
	r := reader{b: body, what: "serf key response"}
	r.fields(serfKeyResponseFields, func(field int) {
		switch field {
		case 0:
			m.Result = r.bool()
		case 1:
			m.Message = r.bytes()
		case 2:
			m.Keys = r.texts(len(body))
		case 3:
			m.PrimaryKey = r.bytes()
		}
	})
	return r.err
}
