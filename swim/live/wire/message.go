package wire

import "net/netip"

// The messages of datagrams. Of each, Append appends the type byte and the body to
// a buffer, Size says how many bytes that will be, and Decode reads a body. The
// byte slices of a message that was decoded lie in what it was decoded from.

// Ping asks the member named Node for an ack.
type Ping struct {
	SeqNo uint32
	// Node is who is meant: another member that gets it keeps silent. Empty is
	// whoever gets it.
	Node []byte
	// Source is where the ack goes, and SourceNode who asks; all may be left out,
	// and then the ack goes to where the ping came from.
	Source     netip.AddrPort
	SourceNode []byte
}

// IndirectPing asks a helper to ping Node at Target.
type IndirectPing struct {
	SeqNo  uint32
	Target netip.AddrPort // port 0 is the helper's own
	Node   []byte
	// Nack asks for a [Nack] if the helper gets no ack within its probe timeout.
	Nack bool
	// Source and SourceNode are as in [Ping].
	Source     netip.AddrPort
	SourceNode []byte
}

// Ack answers a ping. Payload is the application's; nil and empty are told apart.
type Ack struct {
	SeqNo   uint32
	Payload []byte
}

// Nack answers an indirect ping to which no ack came in time.
type Nack struct{ SeqNo uint32 }

// Suspect says that From suspects Node.
type Suspect struct {
	Incarnation uint32
	Node, From  []byte
}

// Dead says that From declares Node faulty; if the two are the same, it leaves.
type Dead struct {
	Incarnation uint32
	Node, From  []byte
}

// Alive says that Node is alive at Addr.
type Alive struct {
	Incarnation uint32 // from 1: others never list a member at 0
	Node        []byte
	Addr        netip.AddrPort
	Meta        []byte // the application's, at most [MaxMeta]; nil and empty are told apart
	// Vsn holds the protocol versions, see [Versions]. What was received may be of
	// any length: [ParseVersions].
	Vsn []byte
}

// ErrorResponse answers a stream that could not be read.
type ErrorResponse struct{ Text []byte }

// The fields of the messages in the order in which they are declared in
// memberlist, which counts when they come as arrays.
var (
	pingFields     = []string{"SeqNo", "Node", "SourceAddr", "SourcePort", "SourceNode"}
	indirectFields = []string{"SeqNo", "Target", "Port", "Node", "Nack", "SourceAddr", "SourcePort", "SourceNode"}
	ackFields      = []string{"SeqNo", "Payload"}
	nackFields     = []string{"SeqNo"}
	accusedFields  = []string{"Incarnation", "Node", "From"}
	aliveFields    = []string{"Incarnation", "Node", "Addr", "Port", "Meta", "Vsn"}
	errorFields    = []string{"Error"}
)

// Append appends the message to b.
func (m *Ping) Append(b []byte) []byte {
	b = append(b, byte(TypePing), mpFixMap|byte(2+sourceFields(m.Source, m.SourceNode)))
	b = appendText(appendKey(b, "Node"), m.Node)
	b = appendUint(appendKey(b, "SeqNo"), uint64(m.SeqNo))
	return appendSource(b, m.Source, m.SourceNode)
}

// Size is the number of bytes that Append appends.
func (m *Ping) Size() int {
	return 2 + sizeKey("Node") + sizeText(len(m.Node)) + sizeKey("SeqNo") + sizeUint(uint64(m.SeqNo)) + sizeSource(m.Source, m.SourceNode)
}

// Decode reads the message from what follows its type byte.
func (m *Ping) Decode(body []byte) error {
	*m = Ping{}
	r := reader{b: body, what: "ping"}
	var source address
	r.fields(pingFields, func(field int) {
		switch field {
		case 0:
			m.SeqNo = uint32(r.uint(32))
		case 1:
			m.Node = r.bytes()
		case 2:
			source.ip = r.ip()
		case 3:
			source.port = uint16(r.uint(16))
		case 4:
			m.SourceNode = r.bytes()
		}
	})
	m.Source = source.join()
	return r.err
}

// Append appends the message to b.
func (m *IndirectPing) Append(b []byte) []byte {
	b = append(b, byte(TypeIndirectPing), mpFixMap|byte(5+sourceFields(m.Source, m.SourceNode)))
	b = appendBool(appendKey(b, "Nack"), m.Nack)
	b = appendText(appendKey(b, "Node"), m.Node)
	b = appendUint(appendKey(b, "Port"), uint64(m.Target.Port()))
	b = appendUint(appendKey(b, "SeqNo"), uint64(m.SeqNo))
	b = appendSource(b, m.Source, m.SourceNode)
	return appendIP(appendKey(b, "Target"), m.Target.Addr())
}

// Size is the number of bytes that Append appends.
func (m *IndirectPing) Size() int {
	return 2 + sizeKey("Nack") + 1 + sizeKey("Node") + sizeText(len(m.Node)) + sizeKey("Port") + sizeUint(uint64(m.Target.Port())) +
		sizeKey("SeqNo") + sizeUint(uint64(m.SeqNo)) + sizeSource(m.Source, m.SourceNode) + sizeKey("Target") + sizeIP(m.Target.Addr())
}

// Decode reads the message from what follows its type byte.
func (m *IndirectPing) Decode(body []byte) error {
	*m = IndirectPing{}
	r := reader{b: body, what: "indirect ping"}
	var source, target address
	r.fields(indirectFields, func(field int) {
		switch field {
		case 0:
			m.SeqNo = uint32(r.uint(32))
		case 1:
			target.ip = r.ip()
		case 2:
			target.port = uint16(r.uint(16))
		case 3:
			m.Node = r.bytes()
		case 4:
			m.Nack = r.bool()
		case 5:
			source.ip = r.ip()
		case 6:
			source.port = uint16(r.uint(16))
		case 7:
			m.SourceNode = r.bytes()
		}
	})
	m.Source, m.Target = source.join(), target.join()
	return r.err
}

// Append appends the message to b.
func (m *Ack) Append(b []byte) []byte {
	b = append(b, byte(TypeAck), mpFixMap|2)
	b = appendBytes(appendKey(b, "Payload"), m.Payload)
	return appendUint(appendKey(b, "SeqNo"), uint64(m.SeqNo))
}

// Size is the number of bytes that Append appends.
func (m *Ack) Size() int {
	return 2 + sizeKey("Payload") + sizeBytes(m.Payload) + sizeKey("SeqNo") + sizeUint(uint64(m.SeqNo))
}

// Decode reads the message from what follows its type byte.
func (m *Ack) Decode(body []byte) error {
	*m = Ack{}
	r := reader{b: body, what: "ack"}
	r.fields(ackFields, func(field int) {
		switch field {
		case 0:
			m.SeqNo = uint32(r.uint(32))
		case 1:
			m.Payload = r.bytes()
		}
	})
	return r.err
}

// Append appends the message to b.
func (m *Nack) Append(b []byte) []byte {
	return appendUint(appendKey(append(b, byte(TypeNack), mpFixMap|1), "SeqNo"), uint64(m.SeqNo))
}

// Size is the number of bytes that Append appends.
func (m *Nack) Size() int { return 2 + sizeKey("SeqNo") + sizeUint(uint64(m.SeqNo)) }

// Decode reads the message from what follows its type byte.
func (m *Nack) Decode(body []byte) error {
	*m = Nack{}
	r := reader{b: body, what: "nack"}
	r.fields(nackFields, func(int) { m.SeqNo = uint32(r.uint(32)) })
	return r.err
}

// Append appends the message to b.
func (m *Suspect) Append(b []byte) []byte {
	return appendAccused(append(b, byte(TypeSuspect)), m.Incarnation, m.Node, m.From)
}

// Size is the number of bytes that Append appends.
func (m *Suspect) Size() int { return sizeAccused(m.Incarnation, m.Node, m.From) }

// Decode reads the message from what follows its type byte.
func (m *Suspect) Decode(body []byte) (err error) {
	m.Incarnation, m.Node, m.From, err = decodeAccused("suspect", body)
	return err
}

// Append appends the message to b.
func (m *Dead) Append(b []byte) []byte {
	return appendAccused(append(b, byte(TypeDead)), m.Incarnation, m.Node, m.From)
}

// Size is the number of bytes that Append appends.
func (m *Dead) Size() int { return sizeAccused(m.Incarnation, m.Node, m.From) }

// Decode reads the message from what follows its type byte.
func (m *Dead) Decode(body []byte) (err error) {
	m.Incarnation, m.Node, m.From, err = decodeAccused("dead", body)
	return err
}

// Left reports whether Node leaves of its own will.
func (m *Dead) Left() bool { return string(m.From) == string(m.Node) }

// Suspect and dead have the same body.

func appendAccused(b []byte, incarnation uint32, node, from []byte) []byte {
	b = append(b, mpFixMap|3)
	b = appendText(appendKey(b, "From"), from)
	b = appendUint(appendKey(b, "Incarnation"), uint64(incarnation))
	return appendText(appendKey(b, "Node"), node)
}

func sizeAccused(incarnation uint32, node, from []byte) int {
	return 2 + sizeKey("From") + sizeText(len(from)) + sizeKey("Incarnation") + sizeUint(uint64(incarnation)) + sizeKey("Node") + sizeText(len(node))
}

func decodeAccused(what string, body []byte) (incarnation uint32, node, from []byte, err error) {
	r := reader{b: body, what: what}
	r.fields(accusedFields, func(field int) {
		switch field {
		case 0:
			incarnation = uint32(r.uint(32))
		case 1:
			node = r.bytes()
		case 2:
			from = r.bytes()
		}
	})
	return incarnation, node, from, r.err
}

// Append appends the message to b.
func (m *Alive) Append(b []byte) []byte {
	b = append(b, byte(TypeAlive), mpFixMap|6)
	b = appendIP(appendKey(b, "Addr"), m.Addr.Addr())
	b = appendUint(appendKey(b, "Incarnation"), uint64(m.Incarnation))
	b = appendBytes(appendKey(b, "Meta"), m.Meta)
	b = appendText(appendKey(b, "Node"), m.Node)
	b = appendUint(appendKey(b, "Port"), uint64(m.Addr.Port()))
	return appendBytes(appendKey(b, "Vsn"), m.Vsn)
}

// Size is the number of bytes that Append appends.
func (m *Alive) Size() int {
	return 2 + sizeKey("Addr") + sizeIP(m.Addr.Addr()) + sizeKey("Incarnation") + sizeUint(uint64(m.Incarnation)) + sizeKey("Meta") + sizeBytes(m.Meta) +
		sizeKey("Node") + sizeText(len(m.Node)) + sizeKey("Port") + sizeUint(uint64(m.Addr.Port())) + sizeKey("Vsn") + sizeBytes(m.Vsn)
}

// Decode reads the message from what follows its type byte.
func (m *Alive) Decode(body []byte) error {
	*m = Alive{}
	r := reader{b: body, what: "alive"}
	var addr address
	r.fields(aliveFields, func(field int) {
		switch field {
		case 0:
			m.Incarnation = uint32(r.uint(32))
		case 1:
			m.Node = r.bytes()
		case 2:
			addr.ip = r.ip()
		case 3:
			addr.port = uint16(r.uint(16))
		case 4:
			m.Meta = r.bytes()
		case 5:
			m.Vsn = r.bytes()
		}
	})
	m.Addr = addr.join()
	return r.err
}

// Append appends the message to b.
func (m *ErrorResponse) Append(b []byte) []byte {
	return appendText(appendKey(append(b, byte(TypeError), mpFixMap|1), "Error"), m.Text)
}

// Size is the number of bytes that Append appends.
func (m *ErrorResponse) Size() int { return 2 + sizeKey("Error") + sizeText(len(m.Text)) }

// Decode reads the message from what follows its type byte.
func (m *ErrorResponse) Decode(body []byte) error {
	*m = ErrorResponse{}
	r := reader{b: body, what: "error"}
	r.fields(errorFields, func(int) { m.Text = r.bytes() })
	return r.err
}

// AppendUser appends a user message as a datagram has it: the type byte and the
// application's bytes. Over a stream it is [UserMessage].
func AppendUser(b, data []byte) []byte { return append(append(b, byte(TypeUser)), data...) }
