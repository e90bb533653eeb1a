package wire

import "net/netip"

// SerfMember is what a member lists of another: the answer to Serf's question where a
// name is that two members claim.
type SerfMember struct {
	Name     []byte
	Addr     netip.AddrPort
	Tags     map[string]string
	Status   SerfStatus
	Versions Versions
}

// SerfStatus is a member's state as Serf's users know it.
type SerfStatus uint8

const (
	SerfNone    SerfStatus = 0
	SerfAlive   SerfStatus = 1
	SerfLeaving SerfStatus = 2
	SerfLeft    SerfStatus = 3
	SerfFailed  SerfStatus = 4
)

// The fields in the order in which Serf declares them.
var serfMemberFields = []string{
	"Name", "Addr", "Port", "Tags", "Status", "ProtocolMin", "ProtocolMax", "ProtocolCur", "DelegateMin", "DelegateMax", "DelegateCur",
}

// Append appends the member, with Serf's type of an answer about a conflict before
// it, to b. Nil stands for one that is not listed.
func (m *SerfMember) Append(b []byte) []byte {
	b = append(b, byte(SerfTypeConflictResponse))
	if m == nil {
		return append(b, mpNil)
	}
	b = append(b, mpFixMap|11)
	b = appendIP(appendKey(b, "Addr"), m.Addr.Addr())
	b = appendUint(appendKey(b, "DelegateCur"), uint64(m.Versions.DCur))
	b = appendUint(appendKey(b, "DelegateMax"), uint64(m.Versions.DMax))
	b = appendUint(appendKey(b, "DelegateMin"), uint64(m.Versions.DMin))
	b = appendText(appendKey(b, "Name"), m.Name)
	b = appendUint(appendKey(b, "Port"), uint64(m.Addr.Port()))
	b = appendUint(appendKey(b, "ProtocolCur"), uint64(m.Versions.PCur))
	b = appendUint(appendKey(b, "ProtocolMax"), uint64(m.Versions.PMax))
	b = appendUint(appendKey(b, "ProtocolMin"), uint64(m.Versions.PMin))
	b = appendInt(appendKey(b, "Status"), int64(m.Status))
	if b = appendKey(b, "Tags"); m.Tags == nil {
		return append(b, mpNil)
	}
	return appendTagMap(b, m.Tags)
}

// Decode reads the member from what follows Serf's type. One that is not listed is
// without a name.
func (m *SerfMember) Decode(body []byte) error {
	*m = SerfMember{}
	r := reader{b: body, what: "serf member"}
	var addr address
	version := [...]*uint8{
		&m.Versions.PMin, &m.Versions.PMax, &m.Versions.PCur, &m.Versions.DMin, &m.Versions.DMax, &m.Versions.DCur,
	}
	r.fields(serfMemberFields, func(field int) {
		switch field {
		case 0:
			m.Name = r.bytes()
		case 1:
			addr.ip = r.ip()
		case 2:
			addr.port = uint16(r.uint(16))
		case 3:
			m.Tags = r.tags()
		case 4:
			m.Status = SerfStatus(r.uint(8))
		default:
			*version[field-5] = uint8(r.uint(8))
		}
	})
	m.Addr = addr.join()
	return r.err
}
