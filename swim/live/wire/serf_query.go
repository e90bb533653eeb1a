package wire

import (
	"net/netip"
	"time"
)

// SerfQuery is a question to all members, or to those that pass the filters. The
// answers go to the asker by themselves, as [SerfQueryResponse].
type SerfQuery struct {
	LTime      uint64 // of the clock of queries
	ID         uint32
	Asker      netip.AddrPort // where the answers are to go
	SourceNode []byte         // the asker's name, if it tells
	// Filters are those of which all must let a member pass; see [SplitFilter]. A nil
	// and none at all are told apart only on the wire.
	Filters     [][]byte
	Flags       uint32 // SerfAck, SerfNoBroadcast
	RelayFactor uint8  // through how many others each answer is to go once more
	Timeout     time.Duration
	Name        []byte // Serf's own begin with _serf_
	Payload     []byte
}

// SerfQueryResponse is a member's answer to a query, or the news that it has got it,
// if SerfAck is set.
type SerfQueryResponse struct {
	LTime   uint64 // the query's
	ID      uint32 // the query's
	From    []byte
	Flags   uint32
	Payload []byte
}

// The flags of queries and answers.
const (
	// SerfAck asks who passes the filters to say so at once; or says so.
	SerfAck uint32 = 1 << iota
	// SerfNoBroadcast: the query is not to be passed on.
	SerfNoBroadcast
)

// SerfFilterType is the first byte of a query's filter.
type SerfFilterType uint8

const (
	SerfFilterNodes SerfFilterType = 0 // a list of names: [SerfNodeFilter]
	SerfFilterTag   SerfFilterType = 1 // a pattern for a tag: [SerfTagFilter]
)

// SerfNodeFilter lets those pass whose names it has.
type SerfNodeFilter [][]byte

// SerfTagFilter lets those pass whose tag the expression finds a match in. A tag
// that a member has not is empty.
type SerfTagFilter struct {
	Tag, Expr []byte
}

// MaxFilters is the largest number of filters of a query. Serf's queries have 1,024
// bytes in all.
const MaxFilters = 64

// SerfRelay asks its receiver to send a message on.
type SerfRelay struct {
	To      netip.AddrPort
	Name    []byte // of who is there, if it tells
	Message []byte // with Serf's type before it
}

// The fields in the order in which Serf declares them.
var (
	serfQueryFields = []string{"LTime", "ID", "Addr", "Port", "SourceNode", "Filters", "Flags", "RelayFactor", "Timeout", "Name", "Payload"}
	serfRespFields  = []string{"LTime", "ID", "From", "Flags", "Payload"}
	serfTagFields   = []string{"Tag", "Expr"}
	serfRelayFields = []string{"DestAddr", "DestName"}
	udpAddrFields   = []string{"IP", "Port", "Zone"}
)

// Append appends the message, with Serf's type before it, to b; to send it, see
// [AppendUser].
func (m *SerfQuery) Append(b []byte) []byte {
	b = append(b, byte(SerfTypeQuery), mpFixMap|11)
	b = appendIP(appendKey(b, "Addr"), m.Asker.Addr())
	if b = appendKey(b, "Filters"); m.Filters == nil {
		b = append(b, mpNil)
	} else {
		b = appendArrayHeader(b, len(m.Filters))
		for _, filter := range m.Filters {
			b = appendBytes(b, filter)
		}
	}
	b = appendUint(appendKey(b, "Flags"), uint64(m.Flags))
	b = appendUint(appendKey(b, "ID"), uint64(m.ID))
	b = appendUint(appendKey(b, "LTime"), m.LTime)
	b = appendText(appendKey(b, "Name"), m.Name)
	b = appendBytes(appendKey(b, "Payload"), m.Payload)
	b = appendUint(appendKey(b, "Port"), uint64(m.Asker.Port()))
	b = appendUint(appendKey(b, "RelayFactor"), uint64(m.RelayFactor))
	b = appendText(appendKey(b, "SourceNode"), m.SourceNode)
	return appendInt(appendKey(b, "Timeout"), int64(m.Timeout))
}

// Decode reads the message from what follows Serf's type.
func (m *SerfQuery) Decode(body []byte) error {
	*m = SerfQuery{}
	r := reader{b: body, what: "serf query"}
	var asker address
	r.fields(serfQueryFields, func(field int) {
		switch field {
		case 0:
			m.LTime = r.uint(64)
		case 1:
			m.ID = uint32(r.uint(32))
		case 2:
			asker.ip = r.ip()
		case 3:
			asker.port = uint16(r.uint(16))
		case 4:
			m.SourceNode = r.bytes()
		case 5:
			m.Filters = r.texts(MaxFilters)
		case 6:
			m.Flags = uint32(r.uint(32))
		case 7:
			m.RelayFactor = uint8(r.uint(8))
		case 8:
			m.Timeout = time.Duration(r.int())
		case 9:
			m.Name = r.bytes()
		case 10:
			m.Payload = r.bytes()
		}
	})
	m.Asker = asker.join()
	return r.err
}

// Append appends the message, with Serf's type before it, to b; to send it, see
// [AppendUser].
func (m *SerfQueryResponse) Append(b []byte) []byte {
	b = append(b, byte(SerfTypeQueryResponse), mpFixMap|5)
	b = appendUint(appendKey(b, "Flags"), uint64(m.Flags))
	b = appendText(appendKey(b, "From"), m.From)
	b = appendUint(appendKey(b, "ID"), uint64(m.ID))
	b = appendUint(appendKey(b, "LTime"), m.LTime)
	return appendBytes(appendKey(b, "Payload"), m.Payload)
}

// Decode reads the message from what follows Serf's type.
func (m *SerfQueryResponse) Decode(body []byte) error {
	*m = SerfQueryResponse{}
	r := reader{b: body, what: "serf query response"}
	r.fields(serfRespFields, func(field int) {
		switch field {
		case 0:
			m.LTime = r.uint(64)
		case 1:
			m.ID = uint32(r.uint(32))
		case 2:
			m.From = r.bytes()
		case 3:
			m.Flags = uint32(r.uint(32))
		case 4:
			m.Payload = r.bytes()
		}
	})
	return r.err
}

// SplitFilter takes the type from a query's filter. A filter that is not known lets
// nobody pass.
func SplitFilter(filter []byte) (t SerfFilterType, body []byte, err error) {
	if len(filter) == 0 {
		return 0, nil, &Error{Truncated, "serf filter", "", "0 bytes", "a type"}
	}
	if t = SerfFilterType(filter[0]); t > SerfFilterTag {
		return t, nil, &Error{Unsupported, "serf filter", "type", filter[0], "0 or 1"}
	}
	return t, filter[1:], nil
}

// Append appends the filter, with its type before it, to b.
func (f SerfNodeFilter) Append(b []byte) []byte {
	return appendTexts(append(b, byte(SerfFilterNodes)), f)
}

// Decode reads the filter from what follows its type.
func (f *SerfNodeFilter) Decode(body []byte) error {
	r := reader{b: body, what: "serf node filter"}
	*f = r.texts(len(body))
	return r.err
}

// Append appends the filter, with its type before it, to b.
func (f *SerfTagFilter) Append(b []byte) []byte {
	b = append(b, byte(SerfFilterTag), mpFixMap|2)
	b = appendText(appendKey(b, "Expr"), f.Expr)
	return appendText(appendKey(b, "Tag"), f.Tag)
}

// Decode reads the filter from what follows its type.
func (f *SerfTagFilter) Decode(body []byte) error {
	*f = SerfTagFilter{}
	r := reader{b: body, what: "serf tag filter"}
	r.fields(serfTagFields, func(field int) {
		switch field {
		case 0:
			f.Tag = r.bytes()
		case 1:
			f.Expr = r.bytes()
		}
	})
	return r.err
}

// Append appends the message, with Serf's type before it, to b; to send it, see
// [AppendUser].
func (m *SerfRelay) Append(b []byte) []byte {
	b = append(b, byte(SerfTypeRelay), mpFixMap|2)
	b = append(appendKey(b, "DestAddr"), mpFixMap|3)
	b = appendIP(appendKey(b, "IP"), m.To.Addr())
	b = appendInt(appendKey(b, "Port"), int64(m.To.Port()))
	b = appendText(appendKey(b, "Zone"), "")
	b = appendText(appendKey(b, "DestName"), m.Name)
	return append(b, m.Message...)
}

// Decode reads the message from what follows Serf's type. The zone of an address is
// passed over: it means something on one machine alone.
func (m *SerfRelay) Decode(body []byte) error {
	*m = SerfRelay{}
	r := reader{b: body, what: "serf relay"}
	var to address
	r.fields(serfRelayFields, func(field int) {
		switch field {
		case 0:
			r.fields(udpAddrFields, func(part int) {
				switch part {
				case 0:
					to.ip = r.ip()
				case 1:
					to.port = uint16(r.uint(16))
				default:
					r.skip()
				}
			})
		case 1:
			m.Name = r.bytes()
		}
	})
	m.To = to.join()
	if r.err == nil {
		m.Message = body[r.i:]
	}
	return r.err
}
