package wire

// SerfType is the first byte of Serf's messages, which are user messages to memberlist.
type SerfType uint8

const (
	SerfTypeLeave            SerfType = 0
	SerfTypeJoin             SerfType = 1
	SerfTypePushPull         SerfType = 2
	SerfTypeUserEvent        SerfType = 3
	SerfTypeQuery            SerfType = 4
	SerfTypeQueryResponse    SerfType = 5
	SerfTypeConflictResponse SerfType = 6
	SerfTypeKeyRequest       SerfType = 7
	SerfTypeKeyResponse      SerfType = 8
	SerfTypeRelay            SerfType = 9
)

var serfTypeNames = [...]string{
	"serf leave", "serf join", "serf push/pull", "serf user event", "serf query", "serf query response", "serf conflict response",
	"serf key request", "serf key response", "serf relay",
}

func (t SerfType) String() string {
	if int(t) < len(serfTypeNames) {
		return serfTypeNames[t]
	}
	return "serf type " + decimal(int(t))
}

// SplitSerf takes the type from a message or user state of Serf's. It refuses types
// that are not known.
func SplitSerf(data []byte) (t SerfType, body []byte, err error) {
	if len(data) == 0 {
		return 0, nil, &Error{Truncated, "serf message", "", "0 bytes", "a type"}
	}
	t = SerfType(data[0])
	if t > SerfTypeRelay {
		return t, nil, &Error{Unsupported, "serf message", "type", data[0], "at most " + decimal(int(SerfTypeRelay))}
	}
	return t, data[1:], nil
}

// SerfLeave says at Serf's logical time that Node is about to leave. Without it,
// Serf takes one that left memberlist for failed.
type SerfLeave struct {
	LTime uint64
	Node  []byte
	Prune bool // forget the member at once
}

// SerfJoin says at Serf's logical time that Node is here.
type SerfJoin struct {
	LTime uint64
	Node  []byte
}

// NodeTime is a member and the logical time of its last join or leave.
type NodeTime struct {
	Node  []byte
	LTime uint64
}

// SerfPushPull is Serf's state in an exchange of lists. Serf's recent events are
// passed over, and none are sent.
type SerfPushPull struct {
	LTime, EventLTime, QueryLTime uint64
	StatusLTimes                  []NodeTime // sent in the order given
	LeftMembers                   [][]byte
	// EventBuffer is how many places for recent events are sent, all of them empty;
	// Serf has 512. It is not read. With 0 there is no buffer.
	EventBuffer int
}

// SerfUserEvent is an event of Serf's users.
type SerfUserEvent struct {
	LTime   uint64
	Name    []byte
	Payload []byte
	CC      bool // of several with one name, the last counts
}

// The fields in the order in which Serf declares them.
var (
	serfLeaveFields     = []string{"LTime", "Node", "Prune"}
	serfJoinFields      = []string{"LTime", "Node"}
	serfPushPullFields  = []string{"LTime", "StatusLTimes", "LeftMembers", "EventLTime", "Events", "QueryLTime"}
	serfUserEventFields = []string{"LTime", "Name", "Payload", "CC"}
)

// Append appends the message, with Serf's type before it, to b; to send it, see
// [AppendUser].
func (m *SerfLeave) Append(b []byte) []byte {
	b = append(b, byte(SerfTypeLeave), mpFixMap|3)
	b = appendUint(appendKey(b, "LTime"), m.LTime)
	b = appendText(appendKey(b, "Node"), m.Node)
	return appendBool(appendKey(b, "Prune"), m.Prune)
}

// Decode reads the message from what follows Serf's type.
func (m *SerfLeave) Decode(body []byte) error {
	*m = SerfLeave{}
	r := reader{b: body, what: "serf leave"}
	r.fields(serfLeaveFields, func(field int) {
		switch field {
		case 0:
			m.LTime = r.uint(64)
		case 1:
			m.Node = r.bytes()
		case 2:
			m.Prune = r.bool()
		}
	})
	return r.err
}

// Append appends the message, with Serf's type before it, to b; to send it, see
// [AppendUser].
func (m *SerfJoin) Append(b []byte) []byte {
	b = append(b, byte(SerfTypeJoin), mpFixMap|2)
	b = appendUint(appendKey(b, "LTime"), m.LTime)
	return appendText(appendKey(b, "Node"), m.Node)
}

// Decode reads the message from what follows Serf's type.
func (m *SerfJoin) Decode(body []byte) error {
	*m = SerfJoin{}
	r := reader{b: body, what: "serf join"}
	r.fields(serfJoinFields, func(field int) {
		switch field {
		case 0:
			m.LTime = r.uint(64)
		case 1:
			m.Node = r.bytes()
		}
	})
	return r.err
}

// Append appends the state, with Serf's type before it, to b: it is the user state
// of an exchange of lists.
func (m *SerfPushPull) Append(b []byte) []byte {
	b = append(b, byte(SerfTypePushPull), mpFixMap|6)
	b = appendUint(appendKey(b, "EventLTime"), m.EventLTime)
	b = appendKey(b, "Events")
	if m.EventBuffer > 0 {
		b = appendArrayHeader(b, m.EventBuffer)
	}
	for range max(1, m.EventBuffer) {
		b = append(b, mpNil)
	}
	b = appendUint(appendKey(b, "LTime"), m.LTime)
	b = appendTexts(appendKey(b, "LeftMembers"), m.LeftMembers)
	b = appendUint(appendKey(b, "QueryLTime"), m.QueryLTime)
	b = appendMapHeader(appendKey(b, "StatusLTimes"), len(m.StatusLTimes))
	for _, status := range m.StatusLTimes {
		b = appendUint(appendText(b, status.Node), status.LTime)
	}
	return b
}

// Decode reads the state from what follows Serf's type.
func (m *SerfPushPull) Decode(body []byte) error {
	*m = SerfPushPull{}
	r := reader{b: body, what: "serf push/pull"}
	r.fields(serfPushPullFields, func(field int) {
		switch field {
		case 0:
			m.LTime = r.uint(64)
		case 1:
			m.StatusLTimes = m.StatusLTimes[:0]
			for n := r.atMost(r.mapHeader(), MaxNodes); n > 0 && r.err == nil; n-- {
				m.StatusLTimes = append(m.StatusLTimes, NodeTime{Node: r.bytes(), LTime: r.uint(64)})
			}
		case 2:
			m.LeftMembers = r.texts(MaxNodes)
		case 3:
			m.EventLTime = r.uint(64)
		case 5:
			m.QueryLTime = r.uint(64)
		default:
			r.skip()
		}
	})
	return r.err
}

// Append appends the message, with Serf's type before it, to b; to send it, see
// [AppendUser].
func (m *SerfUserEvent) Append(b []byte) []byte {
	b = append(b, byte(SerfTypeUserEvent), mpFixMap|4)
	b = appendBool(appendKey(b, "CC"), m.CC)
	b = appendUint(appendKey(b, "LTime"), m.LTime)
	b = appendText(appendKey(b, "Name"), m.Name)
	return appendBytes(appendKey(b, "Payload"), m.Payload)
}

// Decode reads the message from what follows Serf's type.
func (m *SerfUserEvent) Decode(body []byte) error {
	*m = SerfUserEvent{}
	r := reader{b: body, what: "serf user event"}
	r.fields(serfUserEventFields, func(field int) {
		switch field {
		case 0:
			m.LTime = r.uint(64)
		case 1:
			m.Name = r.bytes()
		case 2:
			m.Payload = r.bytes()
		case 3:
			m.CC = r.bool()
		}
	})
	return r.err
}
