package wire

import (
	"iter"
	"math"
	"net/netip"
)

// PushPullHeader begins a list of members. As many [Row]s follow it, and then the
// application's state:
//
//	b = (&PushPullHeader{Nodes: n, UserStateLen: len(user), Join: true}).Append(b)
//	for … { b = row.Append(b) }
//	b = append(b, user...)
type PushPullHeader struct {
	Nodes, UserStateLen int
	Join                bool // the sender of the request has just come; the answer repeats it
}

// Row is one member in a list.
type Row struct {
	Name []byte
	// Addr is not valid if what was received is no address: one odd row must not
	// cost the list.
	Addr        netip.AddrPort
	Meta        []byte // nil and empty are told apart
	Incarnation uint32 // from 1: others never list a member at 0
	State       State  // one that is not known is to be passed over
	Vsn         []byte // 6 bytes, see [Versions]; what was received may be of any length
}

var (
	pushPullFields = []string{"Nodes", "UserStateLen", "Join"}
	rowFields      = []string{"Name", "Addr", "Port", "Meta", "Incarnation", "State", "Vsn"}
)

// Append appends the header, with the message's type before it, to b.
func (h *PushPullHeader) Append(b []byte) []byte {
	b = append(b, byte(TypePushPull), mpFixMap|3)
	b = appendBool(appendKey(b, "Join"), h.Join)
	b = appendInt(appendKey(b, "Nodes"), int64(h.Nodes))
	return appendInt(appendKey(b, "UserStateLen"), int64(h.UserStateLen))
}

// Size is the number of bytes that Append appends.
func (h *PushPullHeader) Size() int {
	return 2 + sizeKey("Join") + 1 + sizeKey("Nodes") + sizeInt(int64(h.Nodes)) + sizeKey("UserStateLen") + sizeInt(int64(h.UserStateLen))
}

func (h *PushPullHeader) decode(b []byte) error {
	r := reader{b: b, what: "push/pull"}
	r.fields(pushPullFields, func(field int) {
		switch field {
		case 0:
			h.Nodes = r.count(MaxNodes)
		case 1:
			h.UserStateLen = r.count(MaxStream)
		case 2:
			h.Join = r.bool()
		}
	})
	return r.err
}

// Append appends the row to b.
func (m *Row) Append(b []byte) []byte {
	b = append(b, mpFixMap|7)
	b = appendIP(appendKey(b, "Addr"), m.Addr.Addr())
	b = appendUint(appendKey(b, "Incarnation"), uint64(m.Incarnation))
	b = appendBytes(appendKey(b, "Meta"), m.Meta)
	b = appendText(appendKey(b, "Name"), m.Name)
	b = appendUint(appendKey(b, "Port"), uint64(m.Addr.Port()))
	b = appendInt(appendKey(b, "State"), int64(m.State)) // a Go int, unlike the others
	return appendBytes(appendKey(b, "Vsn"), m.Vsn)
}

// Size is the number of bytes that Append appends.
func (m *Row) Size() int {
	return 1 + sizeKey("Addr") + sizeIP(m.Addr.Addr()) + sizeKey("Incarnation") + sizeUint(uint64(m.Incarnation)) + sizeKey("Meta") + sizeBytes(m.Meta) +
		sizeKey("Name") + sizeText(len(m.Name)) + sizeKey("Port") + sizeUint(uint64(m.Addr.Port())) + sizeKey("State") + sizeInt(int64(m.State)) +
		sizeKey("Vsn") + sizeBytes(m.Vsn)
}

func (m *Row) decode(b []byte) error {
	*m = Row{}
	r := reader{b: b, what: "push/pull row"}
	var addr address
	r.fields(rowFields, func(field int) {
		switch field {
		case 0:
			m.Name = r.bytes()
		case 1:
			addr.ip, _ = netip.AddrFromSlice(r.bytes())
		case 2:
			addr.port = uint16(r.uint(16))
		case 3:
			m.Meta = r.bytes()
		case 4:
			m.Incarnation = uint32(r.uint(32))
		case 5:
			m.State = r.state()
		case 6:
			m.Vsn = r.bytes()
		}
	})
	m.Addr = addr.join()
	return r.err
}

func (r *reader) state() State {
	n := r.int()
	if n < 0 || n > math.MaxUint8 {
		r.fail(Malformed, n, "0 to 255")
		return 0
	}
	return State(n)
}

// PushPull is a list of members that was received. Its rows have been found good,
// and are read anew at each use, so that a list takes no more memory than it came in.
type PushPull struct {
	Join      bool
	Nodes     int // number of rows
	UserState []byte
	rows      []byte
}

// Rows gives the rows. Their bytes lie in the list's.
func (p *PushPull) Rows() iter.Seq[Row] {
	return func(yield func(Row) bool) {
		b := p.rows
		for len(b) > 0 {
			s := scanner{b: b}
			s.run()
			var row Row
			if row.decode(b[:s.i:s.i]) != nil { // cannot be: it was when it came in
				return
			}
			if !yield(row) {
				return
			}
			b = b[s.i:]
		}
	}
}
