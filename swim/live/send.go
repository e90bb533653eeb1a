package live

import (
	"net/netip"
	"slices"
	"time"

	"github.com/swimlab/swimlab/swim"
	"github.com/swimlab/swimlab/swim/live/wire"
)

// compoundBytes is what a compound of two takes beside its parts: the sizer takes
// it and the head's length off once, and counts the length of every piece of news.
const compoundBytes = 2 + 2

// send puts a message of the core's on its way.
func (m *Member) send(s *swim.Send, now time.Duration) {
	msg := &s.Message
	switch {
	case msg.Kind == swim.SyncReply:
		m.list = m.appendList(nil, m.withDisputes(msg.Updates), m.joinEcho)
	case msg.Kind == swim.Sync && s.To == stranger:
		m.list = m.appendList(nil, msg.Updates, true)
	case msg.Kind == swim.Sync:
		m.exchangeWith(s.To, msg.Updates)
	case msg.Kind == swim.Ping && msg.Stream:
		m.pingOverStream(s.To, msg.Seq)
	default:
		m.sendDatagram(s, now)
	}
}

func (m *Member) sendDatagram(s *swim.Send, now time.Duration) {
	to := m.dir.at(s.To)
	if to == nil {
		return // forgotten meanwhile
	}
	msg := &s.Message
	m.writer.Reset()
	switch msg.Kind {
	case swim.Ping:
		m.flights[m.flown%len(m.flights)] = flight{msg.Seq, s.To, now}
		m.flown++
		m.body = (&wire.Ping{SeqNo: msg.Seq + m.seqBase, Node: to.name(), Source: m.advertise, SourceNode: m.name}).Append(m.body[:0])
	case swim.PingReq:
		target := m.dir.at(msg.Target)
		if target == nil {
			return
		}
		m.body = (&wire.IndirectPing{
			SeqNo: msg.Seq + m.seqBase, Target: target.addr(), Node: target.name(), Nack: msg.Nack && to.vsn.UnderstandsNack(),
			Source: m.advertise, SourceNode: m.name,
		}).Append(m.body[:0])
	case swim.Ack:
		ack := wire.Ack{SeqNo: msg.Seq}
		if msg.Target == self {
			ack.Payload = m.coordinate()
		}
		m.body = ack.Append(m.body[:0])
	case swim.Nack:
		m.body = (&wire.Nack{SeqNo: msg.Seq}).Append(m.body[:0])
	case swim.News:
		m.body = m.body[:0]
	default:
		return
	}
	m.writer.Add(m.body)
	for _, u := range msg.Updates {
		m.body = m.appendUpdate(m.body[:0], u)
		m.writer.Add(m.body)
	}
	m.gossip.fill(m.writer)
	m.sealTo(to.addr(), msg.Kind, now)
}

// sealTo sends what the writer holds.
func (m *Member) sealTo(to netip.AddrPort, kind swim.Kind, now time.Duration) {
	packet, err := m.writer.Seal(false)
	if err != nil || packet == nil {
		return
	}
	m.stats.sent[kind].add(len(packet))
	if m.faults.active && m.faults.take(m, packet, to, now) {
		return
	}
	m.write(packet, to)
}

func (m *Member) write(packet []byte, to netip.AddrPort) {
	if err := m.transport.WritePacket(packet, to); err != nil {
		m.stats.sendErrors++
	}
}

// appendUpdate appends a piece of news. What the core calls an update of a member
// is all that is known of it.
func (m *Member) appendUpdate(b []byte, u swim.Update) []byte {
	p := m.dir.at(u.Member)
	if p == nil {
		return b
	}
	switch u.State {
	case swim.Alive:
		a := alive(p, u.Incarnation, m.versionsOf(u.Member))
		return a.Append(b)
	case swim.Suspect:
		return (&wire.Suspect{Incarnation: u.Incarnation, Node: p.name(), From: m.dir.name(u.From)}).Append(b)
	case swim.Faulty:
		return (&wire.Dead{Incarnation: u.Incarnation, Node: p.name(), From: m.dir.name(u.From)}).Append(b)
	case swim.Left:
		return (&wire.Dead{Incarnation: u.Incarnation, Node: p.name(), From: p.name()}).Append(b)
	}
	return b
}

func alive(p *peer, incarnation uint32, versions []byte) wire.Alive {
	return wire.Alive{Incarnation: incarnation, Node: p.name(), Addr: p.addr(), Meta: p.meta(), Vsn: versions}
}

// versionsOf is a member's Vsn. Nearly all have this member's own.
func (m *Member) versionsOf(id swim.ID) []byte {
	if v := m.dir.peers[id].vsn; v != m.dir.peers[self].vsn {
		return v.Bytes()
	}
	return m.versions
}

// sizer measures news for the core, [swim.Sizer].
type sizer struct {
	m *Member
	// kinds are the sizes of messages without the names of others.
	kinds [swim.SyncReply + 1]int
}

const partBytes = 2 // the length of a part in a compound

func newSizer(m *Member) *sizer {
	const most = 1<<32 - 1
	s := &sizer{m: m}
	wide := netip.AddrPortFrom(netip.IPv6LinkLocalAllNodes(), 1<<16-1)
	s.kinds[swim.Ping] = (&wire.Ping{SeqNo: most, Source: m.advertise, SourceNode: m.name}).Size()
	s.kinds[swim.PingReq] = (&wire.IndirectPing{SeqNo: most, Target: wide, Nack: true, Source: m.advertise, SourceNode: m.name}).Size()
	s.kinds[swim.Ack] = (&wire.Ack{SeqNo: most, Payload: make([]byte, wire.CoordinateSize)}).Size()
	s.kinds[swim.Nack] = (&wire.Nack{SeqNo: most}).Size()
	return s
}

// MessageBytes is the size of a message without news, with the longest name that
// is known for its target.
func (s *sizer) MessageBytes(k swim.Kind) int {
	const header = 4 // what a name adds beside itself, at most
	n := s.kinds[k]
	if k == swim.Ping || k == swim.PingReq {
		n += header + s.m.dir.longest
	}
	return n
}

// UpdateBytes is what one update takes in a compound.
func (s *sizer) UpdateBytes(u swim.Update) int {
	p := s.m.dir.at(u.Member)
	if p == nil {
		return partBytes
	}
	if u.State == swim.Alive {
		a := alive(p, u.Incarnation, s.m.versions)
		return partBytes + a.Size()
	}
	from := s.m.dir.name(u.From)
	if u.State == swim.Left {
		from = p.name()
	}
	return partBytes + (&wire.Suspect{Incarnation: u.Incarnation, Node: p.name(), From: from}).Size()
}

// takeList takes the list that the core has just had made; nil if it has not.
func (m *Member) takeList() []byte {
	list := m.list
	m.list = nil
	return list
}

// appendList appends a list of members as an exchange has it.
func (m *Member) appendList(b []byte, updates []swim.Update, join bool) []byte {
	user := m.serfState()
	n := 0
	for _, u := range updates {
		if m.dir.at(u.Member) != nil {
			n++
		}
	}
	b = (&wire.PushPullHeader{Nodes: n, UserStateLen: len(user), Join: join}).Append(b)
	for _, u := range updates {
		p := m.dir.at(u.Member)
		if p == nil {
			continue
		}
		b = (&wire.Row{Name: p.name(), Addr: p.addr(), Meta: p.meta(), Incarnation: u.Incarnation, State: wire.ListedAs(u.State), Vsn: m.versionsOf(u.Member)}).Append(b)
	}
	return append(b, user...)
}

// withDisputes adds to a list what it must say and does not.
func (m *Member) withDisputes(updates []swim.Update) []swim.Update {
	if len(m.disputed) == 0 {
		return updates
	}
	is := map[swim.ID]bool{}
	for _, u := range updates {
		if !u.State.InGroup() {
			is[u.Member] = true
		}
	}
	all := slices.Clone(updates)
	for _, d := range m.disputed {
		if !is[d.Member] {
			all = append(all, d)
		}
	}
	return all
}
