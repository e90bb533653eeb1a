package live

import (
	"errors"
	"net/netip"
	"time"

	"github.com/swimlab/swimlab/swim"
	"github.com/swimlab/swimlab/swim/live/wire"
)

// inbound is the datagram being read.
type inbound struct {
	visit func(wire.Type, []byte)
	now   time.Duration
	from  netip.AddrPort

	// Questions and answers wait until the news on board is taken in, so that what
	// it changes is on the answer: a suspect refutes with its very ack. No more of
	// them are taken than any member sends in one datagram.
	queries  [4]query
	waiting  int
	ping     wire.Ping
	indirect wire.IndirectPing
	ack      wire.Ack
	nack     wire.Nack
	suspect  wire.Suspect
	dead     wire.Dead
	alive    wire.Alive
}

// query is a message of the failure detector's.
type query struct {
	kind    wire.Type
	seq     uint32
	node    []byte
	source  netip.AddrPort
	asker   []byte
	nack    bool
	payload []byte
}

func (m *Member) readPackets() {
	defer m.work.Done()
	reader := m.env.NewPacketReader()
	// One byte more than is taken tells what was cut off.
	buf := make([]byte, min(m.cfg.PacketBytes+wire.ChecksumBytes, m.cfg.Limits.Datagram)+1)
	for {
		n, from, err := m.transport.ReadPacket(buf)
		if m.closed.Err() != nil {
			return
		}
		if err != nil {
			if !m.pauseAfter(err) {
				return
			}
			continue
		}
		m.mu.Lock()
		for m.faults.blocked && !m.isEnd {
			m.unblocked.Wait()
		}
		m.packet(reader, buf[:n], n == len(buf), from)
		m.mu.Unlock()
		if n == len(buf) && n <= m.cfg.Limits.Datagram {
			buf = make([]byte, m.cfg.Limits.Datagram+1)
		}
	}
}

// pauseAfter waits a little after an error of the transport that may pass, so that
// one that does not pass costs no more than that, and says whether to go on.
func (m *Member) pauseAfter(err error) bool {
	m.log.Warn("transport", "error", err)
	t := time.NewTimer(10 * time.Millisecond)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-m.closed.Done():
		return false
	}
}

// packet takes in a datagram, or as much of it as there was room for.
func (m *Member) packet(reader *wire.PacketReader, b []byte, cut bool, from netip.AddrPort) {
	m.stats.received.add(len(b))
	if cut {
		m.refuse(Oversized)
		return
	}
	now := m.input()
	if m.faults.active && m.faults.loses(m, from) {
		return
	}
	in := &m.inbound
	in.now, in.from, in.waiting = now, from, 0
	if err := reader.Read(b, in.visit); err != nil {
		m.unread(err)
	}
	for i := range in.waiting {
		m.answer(&in.queries[i])
	}
	m.settle(now)
}

func (m *Member) refuse(r Refusal) { m.stats.refused[r]++ }

func (m *Member) unread(err error) {
	m.stats.refused[Unread]++
	var e *wire.Error
	if errors.As(err, &e) && e.Reason < wire.NumReasons {
		m.stats.unread[e.Reason]++
	}
	m.log.Debug("refused", "error", err)
}

// message takes in one message of a datagram.
func (m *Member) message(t wire.Type, body []byte) {
	in := &m.inbound
	m.stats.heard[kindOf(t)]++
	var err error
	switch t {
	case wire.TypePing:
		if err = in.ping.Decode(body); err == nil {
			p := &in.ping
			m.enqueue(query{kind: t, seq: p.SeqNo, node: p.Node, source: p.Source, asker: p.SourceNode})
		}
	case wire.TypeIndirectPing:
		if err = in.indirect.Decode(body); err == nil {
			p := &in.indirect
			m.enqueue(query{kind: t, seq: p.SeqNo, node: p.Node, source: p.Source, asker: p.SourceNode, nack: p.Nack})
		}
	case wire.TypeAck:
		if err = in.ack.Decode(body); err == nil {
			m.enqueue(query{kind: t, seq: in.ack.SeqNo, payload: in.ack.Payload})
		}
	case wire.TypeNack:
		if err = in.nack.Decode(body); err == nil {
			m.enqueue(query{kind: t, seq: in.nack.SeqNo})
		}
	case wire.TypeSuspect:
		if err = in.suspect.Decode(body); err == nil {
			s := &in.suspect
			m.accusation(swim.News, s.Node, s.From, s.Incarnation, swim.Suspect, in.now)
		}
	case wire.TypeDead:
		if err = in.dead.Decode(body); err == nil {
			d, state := &in.dead, swim.Faulty
			if d.Left() {
				state = swim.Left
			}
			m.accusation(swim.News, d.Node, d.From, d.Incarnation, state, in.now)
		}
	case wire.TypeAlive:
		if err = in.alive.Decode(body); err == nil {
			m.aliveNews(swim.News, &in.alive, in.now)
		}
	case wire.TypeUser:
		m.userMessage(body, in.now)
	default:
		m.stats.refused[Unread]++
		m.stats.unread[wire.Unsupported]++
	}
	if err != nil {
		m.unread(err)
	}
}

func (m *Member) enqueue(q query) {
	in := &m.inbound
	if in.waiting == len(in.queries) {
		m.refuse(TooMany)
		return
	}
	in.queries[in.waiting] = q
	in.waiting++
}

// answer takes in a question or an answer.
func (m *Member) answer(q *query) {
	now := m.inbound.now
	switch q.kind {
	case wire.TypePing:
		m.pinged(q, now)
	case wire.TypeIndirectPing:
		m.askedToPing(q, now)
	case wire.TypeAck:
		m.acked(q, now)
	case wire.TypeNack:
		m.node.Handle(now, stranger, &swim.Message{Kind: swim.Nack, Seq: q.seq - m.seqBase, Target: swim.Nobody}, &m.out)
	}
}

// pinged answers a ping. A member's goes through the core, with news on the answer,
// to where the member is known to be. A stranger gets a bare ack, where the ping
// came from: a source that it merely claims may be a third party's, who would be
// sent more than the stranger has sent.
func (m *Member) pinged(q *query, now time.Duration) {
	if len(q.node) > 0 && string(q.node) != m.cfg.Name {
		m.refuse(NotForUs)
		return
	}
	old := len(q.asker) == 0 // to be looked for by its address, which takes time
	if old && !m.limits.answers.take(now) {
		m.refuse(TooMany)
		return
	}
	if id, ok := m.asker(q); ok {
		m.node.Handle(now, id, &swim.Message{Kind: swim.Ping, Seq: q.seq, Target: self}, &m.out)
		return
	}
	if m.node.Stopped() {
		return
	}
	if !old && !m.limits.answers.take(now) {
		m.refuse(TooMany)
		return
	}
	to := m.inbound.from
	if q.source.IsValid() && unmap(q.source).Addr() == to.Addr() && q.source.Port() != 0 {
		to = unmap(q.source) // another port of the same machine
	}
	m.writer.Reset()
	m.body = (&wire.Ack{SeqNo: q.seq, Payload: m.coordinate()}).Append(m.body[:0])
	m.writer.Add(m.body)
	m.sealTo(to, swim.Ack, now)
}

// asker is the member that a question comes from, if it is one on the list.
func (m *Member) asker(q *query) (swim.ID, bool) {
	source := unmap(q.source)
	if len(q.asker) == 0 { // it is too old to say
		if !q.source.IsValid() {
			source = m.inbound.from
		}
		return m.dir.byAddr(source)
	}
	id, ok := m.dir.find(q.asker)
	if !ok || id == self {
		return swim.Nobody, false
	}
	return id, !q.source.IsValid() || m.dir.at(id).addr() == source
}

// askedToPing pings one member for another. memberlist pings any address for
// anybody; here both must be on the list, and are written to where the list has them.
func (m *Member) askedToPing(q *query, now time.Duration) {
	if !m.limits.relays.take(now) {
		m.refuse(TooMany)
		return
	}
	target, known := m.dir.find(q.node)
	asker, member := m.asker(q)
	switch {
	case !known || !member:
		m.refuse(UnknownMember)
	default:
		m.node.Handle(now, asker, &swim.Message{Kind: swim.PingReq, Seq: q.seq, Target: target, Nack: q.nack}, &m.out)
	}
}

// acked takes an ack, and the coordinate on it. One with a payload has come from
// the target itself: helpers pass it on without.
func (m *Member) acked(q *query, now time.Duration) {
	seq := q.seq - m.seqBase
	f := m.flightOf(seq)
	if f != nil {
		if p := m.dir.at(f.target); p != nil {
			p.heard = now
			if len(q.payload) > 0 {
				p.rtt = now - f.at
				m.measured(f.target, p, q.payload)
			}
		}
		f.seq, f.target = 0, swim.Nobody
	}
	m.node.Handle(now, stranger, &swim.Message{Kind: swim.Ack, Seq: seq, Target: swim.Nobody}, &m.out)
}

func (m *Member) flightOf(seq uint32) *flight {
	for i := range m.flights {
		if f := &m.flights[i]; f.seq == seq && f.target != swim.Nobody && i < m.flown {
			return f
		}
	}
	m.refuse(Unsolicited)
	return nil
}

// handle gives the core one piece of news.
func (m *Member) handle(kind swim.Kind, u swim.Update, now time.Duration) {
	m.news[0] = u
	m.node.Handle(now, stranger, &swim.Message{Kind: kind, Updates: m.news[:]}, &m.out)
}

// accusation takes in news that a member is suspected, faulty, or has left. A
// suspicion counts as one more only if its author is a member: otherwise two
// made-up names would end it at its shortest time-out.
func (m *Member) accusation(kind swim.Kind, node, from []byte, incarnation uint32, state swim.State, now time.Duration) {
	id, ok := m.dir.find(node)
	if !ok {
		m.refuse(UnknownMember)
		return
	}
	by := id
	if state != swim.Left {
		by = swim.Nobody
		if author, ok := m.dir.find(from); ok && m.node.Lookup(author).State.InGroup() {
			by = author
		}
	}
	m.handle(kind, swim.Update{Member: id, Incarnation: incarnation, From: by, State: state}, now)
}

// aliveNews takes in news that a member is alive, and where, and with what metadata.
func (m *Member) aliveNews(kind swim.Kind, a *wire.Alive, now time.Duration) {
	addr, vsn := unmap(a.Addr), wire.ParseVersions(a.Vsn)
	switch {
	case len(a.Node) == 0 || len(a.Node) > MaxName || len(a.Meta) > wire.MaxMeta,
		!addr.IsValid() || addr.Port() == 0 || !oneHost(addr.Addr()),
		a.Incarnation == 0:
		m.refuse(NotValid)
		return
	case !vsn.Valid() || !m.understands(vsn):
		m.refuse(OtherVersions)
		return
	}
	if id, known := m.dir.find(a.Node); known {
		m.aliveAgain(kind, id, a, addr, vsn, now)
		return
	}
	if m.dir.full() && !m.makeRoom(now) {
		m.refuse(Full)
		return
	}
	id := m.dir.add(a.Node)
	m.dir.at(id).is(addr, vsn, a.Meta)
	m.handle(kind, swim.Update{Member: id, Incarnation: a.Incarnation, From: id, State: swim.Alive}, now)
}

// aliveAgain takes in news of a member that is on the list. Only a new incarnation
// changes what is known of it; and its address only if it had gone.
func (m *Member) aliveAgain(kind swim.Kind, id swim.ID, a *wire.Alive, addr netip.AddrPort, vsn wire.Versions, now time.Duration) {
	e, p := m.node.Lookup(id), m.dir.at(id)
	if id == self {
		m.aliveSelf(kind, e, p, a, addr, vsn, now)
		return
	}
	if a.Incarnation <= e.Incarnation {
		return
	}
	if addr != p.addr() && !m.mayMove(e, p, now) {
		m.conflict(p, addr, now)
		return
	}
	changed := addr != p.addr() || vsn != p.vsn || string(a.Meta) != string(p.meta())
	if changed {
		p.is(addr, vsn, a.Meta)
	}
	p.told = false // it may have been started again
	m.handle(kind, swim.Update{Member: id, Incarnation: a.Incarnation, From: id, State: swim.Alive}, now)
	if changed && e.State.InGroup() {
		m.publish(Event{Kind: Updated, Member: string(p.name()), By: string(p.name()), Incarnation: a.Incarnation}, now)
	}
}

// aliveSelf takes in what others say of this member. What it has not said is of a
// former life, and is refuted: the core does it for a newer incarnation, and here
// the same incarnation with other metadata is.
func (m *Member) aliveSelf(kind swim.Kind, e swim.Entry, p *peer, a *wire.Alive, addr netip.AddrPort, vsn wire.Versions, now time.Duration) {
	switch {
	case addr != p.addr():
		m.conflict(p, addr, now)
	case a.Incarnation == e.Incarnation && (vsn != p.vsn || string(a.Meta) != string(p.meta())):
		m.announceAgain(now)
	case a.Incarnation == e.Incarnation:
		m.echoed(now)
	default:
		m.handle(kind, swim.Update{Member: self, Incarnation: a.Incarnation, From: self, State: swim.Alive}, now)
	}
}

func (m *Member) mayMove(e swim.Entry, p *peer, now time.Duration) bool {
	return e.State == swim.Left ||
		e.State == swim.Faulty && m.cfg.ReclaimAfter > 0 && now-p.since >= m.cfg.ReclaimAfter
}

func (m *Member) conflict(p *peer, addr netip.AddrPort, now time.Duration) {
	m.refuse(Conflict)
	if !m.limits.conflicts.take(now) { // others may repeat it as they like
		return
	}
	m.log.Warn("two members have one name", "name", string(p.name()), "at", p.addr(), "and at", addr)
	m.publish(Event{Kind: NameConflict, Member: string(p.name()), Addr: addr}, now)
}

// understands says whether a member with these versions and this one can be in
// one group.
func (m *Member) understands(v wire.Versions) bool {
	own := m.dir.peers[self].vsn
	return v.PCur >= own.PMin && v.PCur <= own.PMax && own.PCur >= v.PMin && own.PCur <= v.PMax &&
		v.DCur >= own.DMin && v.DCur <= own.DMax && own.DCur >= v.DMin && own.DCur <= v.DMax
}

// oneHost says whether an address is that of one host, and not of many or none.
func oneHost(a netip.Addr) bool {
	return !a.IsUnspecified() && !a.IsMulticast() && a != netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

// makeRoom forgets the member that has been gone for longest, and says whether
// there was any. To look for one takes time, which strangers must not have at will:
// where there was none, it is not looked for again for a while.
func (m *Member) makeRoom(now time.Duration) bool {
	const again = time.Second
	if now < m.fullUntil {
		return false
	}
	oldest := swim.Nobody
	for i := range m.dir.peers {
		id := swim.ID(i)
		if p := m.dir.at(id); p != nil && id != self && !m.node.Lookup(id).State.InGroup() {
			if oldest == swim.Nobody || p.since < m.dir.peers[oldest].since {
				oldest = id
			}
		}
	}
	if oldest == swim.Nobody {
		m.fullUntil = now + again
		return false
	}
	return m.forget(oldest)
}

func (m *Member) forget(id swim.ID) bool {
	if !m.node.Forget(id) {
		return false
	}
	m.dir.remove(id)
	if m.vivaldi != nil {
		m.vivaldi.Forget(id)
	}
	return true
}

// copied keeps what lies in a packet, and nil as nil.
func copied(b []byte) []byte {
	if b == nil {
		return nil
	}
	return append([]byte{}, b...)
}
