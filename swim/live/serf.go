package live

import (
	"hash/maphash"
	"time"

	"github.com/swimlab/swimlab/swim"
	"github.com/swimlab/swimlab/swim/live/wire"
)

// What Serf adds to memberlist, as far as a well-behaved member needs it: logical
// clocks, the intents to join and to leave, and that others' messages are passed on.
// Its queries are in query.go.

// broadcasts are messages that ride on what the core sends, where it leaves room,
// and go by themselves in the rhythm of its gossip.
type broadcasts struct {
	items []broadcast
	limit int
	next  time.Duration
	seed  maphash.Seed
	seen  []uint64 // of others' messages, the last; empty until there is one
	n     int
}

type broadcast struct {
	message []byte
	left    int           // how many more datagrams bear it
	done    chan struct{} // closed when it is out; nil: nobody waits
}

// deadline is when broadcasts next go by themselves.
func (b *broadcasts) deadline() time.Duration {
	if len(b.items) == 0 {
		return never
	}
	return b.next
}

// fill adds what there is room for.
func (b *broadcasts) fill(w *wire.PacketWriter) {
	if len(b.items) == 0 {
		return
	}
	kept := b.items[:0]
	for _, x := range b.items {
		if w.Add(x.message) {
			x.left--
		}
		if x.left > 0 {
			kept = append(kept, x)
		} else if x.done != nil {
			close(x.done)
		}
	}
	clear(b.items[len(kept):])
	b.items = kept
}

// heard says whether another's message is one of the last that came, and notes it.
func (b *broadcasts) heard(message []byte) bool {
	const kept = 64
	if b.n == 0 {
		b.seed, b.seen = maphash.MakeSeed(), make([]uint64, kept)
	}
	h := maphash.Bytes(b.seed, message)
	for i := range min(b.n, len(b.seen)) {
		if b.seen[i] == h {
			return true
		}
	}
	b.seen[b.n%len(b.seen)] = h
	b.n++
	return false
}

// canPassOn says whether there is room for what another has said to wait, and it fits
// a datagram: what does not would wait for ever.
func (m *Member) canPassOn(data []byte) bool {
	m.writer.Reset()
	if len(m.gossip.items) >= m.gossip.limit || len(data)+1 > m.writer.Room() {
		m.refuse(TooMany)
		return false
	}
	return true
}

// passOn has every member told what another has said, if that can be.
func (m *Member) passOn(data []byte, now time.Duration) {
	if m.canPassOn(data) {
		m.broadcast(data, now)
	}
}

// broadcast has every member told, as often as the core repeats its news. What it
// returns is closed when the word is out; nil: there is nobody to tell.
func (m *Member) broadcast(data []byte, now time.Duration) chan struct{} {
	if m.node.GroupSize() == 1 {
		return nil
	}
	b := &m.gossip
	if len(b.items) == 0 {
		b.next = now
	}
	done := make(chan struct{})
	b.items = append(b.items, broadcast{
		message: wire.AppendUser(nil, data),
		left:    max(m.cfg.Protocol.RetransmitLimit(m.node.GroupSize()), 1),
		done:    done,
	})
	return done
}

// spreadBroadcasts sends broadcasts by themselves when they are due.
func (m *Member) spreadBroadcasts(now time.Duration) {
	b := &m.gossip
	if now < b.deadline() {
		return
	}
	b.next = now + max(m.cfg.Protocol.GossipInterval, time.Millisecond)
	for _, id := range m.some(max(m.cfg.Protocol.GossipNodes, 1)) {
		m.writer.Reset()
		b.fill(m.writer)
		m.sealTo(m.dir.at(id).addr(), swim.News, now)
	}
}

// some draws members of the group.
func (m *Member) some(k int) []swim.ID {
	var live []swim.ID
	for i := range m.dir.peers {
		if id := swim.ID(i); id != self && m.dir.at(id) != nil && m.node.Lookup(id).State.InGroup() {
			live = append(live, id)
		}
	}
	m.rng.Shuffle(len(live), func(i, j int) { live[i], live[j] = live[j], live[i] })
	return live[:min(k, len(live))]
}

func (m *Member) announceJoin(now time.Duration) {
	if m.cfg.Family.hasSerf() {
		m.clock++
		m.dir.setTime(self, m.clock)
		m.broadcast((&wire.SerfJoin{LTime: m.clock, Node: m.name}).Append(nil), now)
	}
}

// announceLeave spreads the intent to leave, without which Serf's members take one
// that has left for failed. What it returns is closed when it is out; nil: there is
// nothing to wait for.
func (m *Member) announceLeave() <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.cfg.Family.hasSerf() || m.node.Stopped() {
		return nil
	}
	now := m.input()
	m.leaving = true
	m.clock++
	m.dir.setTime(self, m.clock)
	done := m.broadcast((&wire.SerfLeave{LTime: m.clock, Node: m.name}).Append(nil), now)
	m.settle(now)
	if done == nil {
		return nil
	}
	return done
}

// serfState is what goes with a list of members.
func (m *Member) serfState() []byte {
	if !m.cfg.Family.hasSerf() {
		return nil
	}
	return (&wire.SerfPushPull{LTime: m.clock, EventLTime: m.queries.eventClock, QueryLTime: m.queries.queryClock}).Append(nil)
}

func (m *Member) mergeSerf(state []byte, now time.Duration) {
	if !m.cfg.Family.hasSerf() || len(state) == 0 {
		return
	}
	t, body, err := wire.SplitSerf(state)
	if err != nil || t != wire.SerfTypePushPull {
		return
	}
	var s wire.SerfPushPull
	if s.Decode(body) == nil {
		witnessList(&m.clock, s.LTime)
		witnessList(&m.queries.eventClock, s.EventLTime)
		witnessList(&m.queries.queryClock, s.QueryLTime)
	}
}

// userMessage takes in a message of the application's, which is Serf's where there
// is Serf, and passes it on if it has not come before.
func (m *Member) userMessage(data []byte, now time.Duration) {
	if !m.cfg.Family.hasSerf() {
		m.publish(Event{Kind: UserMessage, Payload: copied(data)}, now)
		return
	}
	t, body, err := wire.SplitSerf(data)
	if err != nil {
		m.unread(err)
		return
	}
	switch t {
	case wire.SerfTypeLeave:
		var x wire.SerfLeave
		if err = x.Decode(body); err == nil && m.isIntent(data) && m.intent(x.Node, x.LTime, true, now) {
			m.broadcast(data, now)
		}
	case wire.SerfTypeJoin:
		var x wire.SerfJoin
		if err = x.Decode(body); err == nil && m.isIntent(data) && m.intent(x.Node, x.LTime, false, now) {
			m.broadcast(data, now)
		}
	case wire.SerfTypeUserEvent:
		var x wire.SerfUserEvent
		if err = x.Decode(body); err == nil {
			m.told(&x, data, now)
		}
	case wire.SerfTypeQuery:
		var x wire.SerfQuery
		if err = x.Decode(body); err == nil {
			m.queried(&x, data, now)
		}
	case wire.SerfTypeRelay:
		var x wire.SerfRelay
		if err = x.Decode(body); err == nil {
			m.relay(&x, now)
		}
	case wire.SerfTypeQueryResponse:
		var x wire.SerfQueryResponse
		if err = x.Decode(body); err == nil {
			m.answered(&x, now)
		}
	default:
		m.refuse(NotValid)
	}
	if err != nil {
		m.unread(err)
	}
}

// isIntent says whether an intent is to be looked at. What cannot be passed on is not
// taken in: whom it is about could not put a forged one right.
func (m *Member) isIntent(data []byte) bool {
	return m.canPassOn(data) && !m.gossip.heard(data)
}

// leaveWithin is how many protocol periods an announced leave is believed in. Agents
// leave a few seconds after they have said so. A member that does not has been
// lied about, and its denial may have been lost: nothing would repeat it.
const leaveWithin = 30

// intent takes in that a member joins or is about to leave, and says whether that
// is news.
func (m *Member) intent(node []byte, at uint64, leaving bool, now time.Duration) bool {
	if isForged(m.clock, at) {
		m.refuse(NotValid)
		return false
	}
	witness(&m.clock, at)
	id, ok := m.dir.find(node)
	if !ok {
		return false
	}
	p := m.dir.at(id)
	if at <= m.dir.time(id) {
		return false
	}
	m.dir.setTime(id, at)
	p.leavesBy = 0
	switch {
	case !leaving:
	case id != self:
		until := now + leaveWithin*m.cfg.Protocol.ProtocolPeriod
		p.leavesBy = uint32(until/time.Second) + 1
	case !m.leaving: // it is a former life's
		m.announceJoin(now)
	}
	return true
}
