package sim

import (
	"bytes"

	"github.com/swimlab/swimlab/swim"
	"github.com/swimlab/swimlab/swim/live/wire"
	"github.com/swimlab/swimlab/vivaldi"
)

// encoder finds how many bytes messages are whose contents are known: it encodes them and,
// if members compress, finds how long the compressed ones are. memberlist compresses a
// datagram once it is packed, before the checksum, and keeps the result if that is
// shorter; a stream always.
type encoder struct {
	program  program
	compress bool
	// buddy says whether pings of suspects lead with their suspicion.
	buddy    bool
	members  []identity
	versions []byte
	// coordinate is that of a member; nil if acks bear none.
	coordinate func(id uint32) wire.Coordinate
	serfState  []byte

	lzw   lzwLength
	plain []byte // the message last encoded, without checksum
	ack   []byte // payload

	// recent are datagrams that were compressed, and the sizes: what a member gossips to
	// several others at once is often the same.
	recent [recentPackets]struct {
		plain []byte
		bytes int
	}
	oldest int
}

const recentPackets = 4

// newEncoder is of groups of so many members.
func newEncoder(p program, compress bool, members int, coordinate func(id uint32) wire.Coordinate) *encoder {
	e := &encoder{program: p, compress: compress, members: p.identities(members), versions: p.versions.Bytes(), coordinate: coordinate}
	if p.serf {
		e.serfState = serfState(e.members)
	}
	return e
}

// encoder is for what the group says; nil if the definition gives sizes and not contents.
func (c *Cluster) encoder() *encoder {
	w := c.scenario.System.Wire
	p, named := programs[w.Contents]
	if !named {
		return nil
	}
	var coordinate func(id uint32) wire.Coordinate
	if w.carriesCoordinates() {
		s := c.surveyor
		if s == nil {
			s = c.newSurveyor(vivaldi.Serf())
		}
		coordinate = s.onWire
	}
	e := newEncoder(p, w.Compress, c.scenario.capacity(), coordinate)
	e.buddy = c.scenario.System.Lifeguard.Buddy
	return e
}

// onWire is a member's coordinate as its acks bear it.
func (s *surveyor) onWire(id uint32) wire.Coordinate {
	node := s.nodes[id]
	place := node.Coordinate()
	c := wire.Coordinate{Error: node.ErrorEstimate(), Height: place.Height, Adjustment: place.Adjustment}
	copy(c.Vec[:], place.Vec[:wire.Dimensions])
	return c
}

// bytes is the size of a message that a member sends.
func (e *encoder) bytes(from uint32, m *swim.Message) int {
	e.encode(from, m)
	if m.Stream || isList(m.Kind) {
		if !e.compress {
			return len(e.plain)
		}
		return compressed(e.lzw.of(e.plain, unlimited))
	}
	n := e.datagram()
	if m.Kind == swim.News || e.tellsSuspect(from, m) {
		n += checksum
	}
	return n
}

// tellsSuspect says whether a ping leads with the suspicion of its target: that goes
// to a member that memberlist has looked up, and so with a checksum.
func (e *encoder) tellsSuspect(from uint32, m *swim.Message) bool {
	if !e.buddy || m.Kind != swim.Ping || len(m.Updates) == 0 {
		return false
	}
	u := m.Updates[0]
	return u.State == swim.Suspect && u.Member == m.Target && uint32(u.From) == from
}

// datagram is the size of the datagram in e.plain, without checksum.
func (e *encoder) datagram() int {
	n := len(e.plain)
	if !e.compress || n <= neverShrinks {
		return n
	}
	for i := range e.recent {
		if bytes.Equal(e.recent[i].plain, e.plain) {
			return e.recent[i].bytes
		}
	}
	size := min(n, compressed(e.lzw.of(e.plain, n)))
	r := &e.recent[e.oldest]
	r.plain, r.bytes = append(r.plain[:0], e.plain...), size
	e.oldest = (e.oldest + 1) % recentPackets
	return size
}

// neverShrinks is the size up to which no datagram becomes smaller: the wrapping takes
// 13 bytes, and so many bytes, even if they are all the same, 12 or more.
const neverShrinks = 24

// unlimited is more than any size.
const unlimited = 1 << 40

// compressed is the size of a compress message with so many bytes of LZW in it.
func compressed(lzw int) int {
	n := header + field("Algo", 1) + field("Buf", 0) + text(lzw)
	if lzw >= 1<<16 {
		n += 2 // the longest of the headers
	}
	return n
}

// encode puts a message into e.plain.
func (e *encoder) encode(from uint32, m *swim.Message) {
	if isList(m.Kind) {
		e.list(m)
		return
	}
	parts := len(m.Updates)
	if m.Kind != swim.News {
		parts++
	}
	b := e.plain[:0]
	if parts > 1 {
		b = append(b, byte(wire.TypeCompound), byte(parts))
		b = append(b, make([]byte, parts*partHeader)...)
	}
	start, part := len(b), 0
	end := func() {
		if parts > 1 {
			n := len(b) - start
			b[compoundHeader+part*partHeader], b[compoundHeader+part*partHeader+1] = byte(n>>8), byte(n)
		}
		start, part = len(b), part+1
	}
	if m.Kind != swim.News {
		b = e.appendProbe(b, from, m)
		end()
	}
	for i := range m.Updates {
		b = e.appendUpdate(b, &m.Updates[i])
		end()
	}
	e.plain = b
}

func isList(k swim.Kind) bool {
	return k == swim.Join || k == swim.Welcome || k == swim.Sync || k == swim.SyncReply
}

// appendProbe appends a message of the failure detector.
func (e *encoder) appendProbe(b []byte, from uint32, m *swim.Message) []byte {
	var source identity
	if e.program.source {
		source = e.members[from]
	}
	switch m.Kind {
	case swim.Ping:
		ping := wire.Ping{SeqNo: m.Seq, Node: e.members[m.Target].name, Source: source.addr, SourceNode: source.name}
		return ping.Append(b)
	case swim.PingReq:
		target := &e.members[m.Target]
		ping := wire.IndirectPing{SeqNo: m.Seq, Target: target.addr, Node: target.name, Nack: m.Nack, Source: source.addr, SourceNode: source.name}
		return ping.Append(b)
	case swim.Ack:
		ack := wire.Ack{SeqNo: m.Seq}
		// A helper's relayed ack has no payload, nor has one over a stream.
		if e.coordinate != nil && uint32(m.Target) == from && !m.Stream {
			c := e.coordinate(from)
			e.ack = c.Append(e.ack[:0])
			ack.Payload = e.ack
		}
		return ack.Append(b)
	default:
		nack := wire.Nack{SeqNo: m.Seq}
		return nack.Append(b)
	}
}

// appendUpdate appends a piece of news.
func (e *encoder) appendUpdate(b []byte, u *swim.Update) []byte {
	of := &e.members[u.Member]
	switch u.State {
	case swim.Alive:
		alive := wire.Alive{Incarnation: u.Incarnation, Node: of.name, Addr: of.addr, Meta: of.meta, Vsn: e.versions}
		return alive.Append(b)
	case swim.Suspect:
		suspect := wire.Suspect{Incarnation: u.Incarnation, Node: of.name, From: e.author(u)}
		return suspect.Append(b)
	}
	dead := wire.Dead{Incarnation: u.Incarnation, Node: of.name, From: e.author(u)}
	return dead.Append(b)
}

// author is the name of who says so: of a leave, and where nobody is known, the member itself.
func (e *encoder) author(u *swim.Update) []byte {
	if u.State == swim.Left || u.From == swim.Nobody {
		return e.members[u.Member].name
	}
	return e.members[u.From].name
}

// list puts a list of members into e.plain, with Serf's state behind it.
func (e *encoder) list(m *swim.Message) {
	head := wire.PushPullHeader{Nodes: len(m.Updates), UserStateLen: len(e.serfState), Join: m.Kind == swim.Join || m.Kind == swim.Welcome}
	b := head.Append(e.plain[:0])
	for i := range m.Updates {
		u := &m.Updates[i]
		of := &e.members[u.Member]
		row := wire.Row{Name: of.name, Addr: of.addr, Meta: of.meta, Incarnation: u.Incarnation, State: wire.ListedAs(u.State), Vsn: e.versions}
		b = row.Append(b)
	}
	e.plain = append(b, e.serfState...)
}

// serfState is what Serf adds to an exchange of lists in a group whose members joined
// one after another and in which nothing has happened since: the logical times of
// their joins, which Serf sends in any order and we in theirs, and a buffer of 512
// events, all empty.
func serfState(members []identity) []byte {
	const events = 512
	state := wire.SerfPushPull{LTime: uint64(len(members)), EventLTime: 1, QueryLTime: 1, EventBuffer: events}
	for i := range members {
		state.StatusLTimes = append(state.StatusLTimes, wire.NodeTime{Node: members[i].name, LTime: uint64(i + 1)})
	}
	return state.Append(nil)
}
