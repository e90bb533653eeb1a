package swim

import (
	"math"
	"math/rand/v2"
	"time"
)

// never is a deadline that does not come.
const never = time.Duration(math.MaxInt64)

// Node is one member's protocol. It is not safe for concurrent use: the caller
// hands it one input at a time.
type Node struct {
	// In a large simulation every call finds the member's memory cold: what each
	// call reads comes first and close together, in cache lines of 64 bytes.

	nextPeriod time.Duration // when the next protocol period begins
	nextGossip time.Duration // when news is next sent by itself
	nextSync   time.Duration // when the list is next exchanged
	probe      probe
	id         ID
	life       life
	held       bool // what it sends waits, see Hold
	stuck      bool // and the failure detector with it
	gossiping  bool // and gossip with it

	table       Table
	policy      Policy
	rng         *rand.Rand
	nextTick    time.Duration // of the clock of KeepPace
	seq         uint32        // of the last ping sent
	incarnation uint32

	relays     []relay
	suspicions suspicions
	gossip     gossip
	cfg        Config

	stuckAt  time.Duration // since when the failure detector is stuck
	asking   bool          // in the midst of a call for help
	unasked  []ID          // helpers that it has yet to ask then
	gossipAt time.Duration // since when gossip is stuck
	untold   []ID          // whom it has yet to tell then
	contact  ID            // whom a joining member asks for the list
	helpers  []ID
	departed []departed // who is still gossiped to, oldest first

	// limit is the retransmit limit of a group of limitFor members.
	limit, limitFor int
}

// life is the part of its own story that a member is in.
type life uint8

const (
	idle    life = iota // not started
	joining             // waiting for a Welcome
	running
	leaving // has said goodbye and waits until the word is out
	stopped
)

// NewNode returns a member that has not begun its protocol. cfg must be valid.
// The table is what it knows of the group to begin with; rng is the source of
// all its random choices. Both belong to the Node from now on.
func NewNode(id ID, cfg Config, table Table, rng *rand.Rand) *Node {
	n := &Node{
		id: id, cfg: cfg, table: table, rng: rng, contact: Nobody,
		nextPeriod: never, nextGossip: never, nextSync: never, probe: probe{helpAt: never},
	}
	n.policy = plain{&n.cfg}
	n.gossip.largestFirst = cfg.LargestFirst
	if cfg.LossyQueue && cfg.LargestFirst && cfg.Sizer != nil {
		n.gossip.lossy = &lossy{}
	}
	return n
}

// Adapt has the node adapt as the policy says. It must be called before the
// protocol begins.
func (n *Node) Adapt(p Policy) { n.policy = p }

// ID is the member's own handle.
func (n *Node) ID() ID { return n.id }

// Incarnation is the member's own incarnation number.
func (n *Node) Incarnation() uint32 { return n.incarnation }

// Lookup is what the member believes of another, or of itself.
func (n *Node) Lookup(id ID) Entry {
	if id != n.id {
		return n.table.Lookup(id)
	}
	switch n.life {
	case leaving, stopped:
		return Entry{Incarnation: n.incarnation, State: Left}
	}
	return Entry{Incarnation: n.incarnation, State: Alive}
}

// Each calls f with every member that the node knows, itself included, in the order of
// their handles. Those in the group are those whose [State.InGroup]; the others have
// gone. f must not call the node.
func (n *Node) Each(f func(ID, Entry)) {
	told := false
	n.table.Each(func(id ID, e Entry) {
		if id > n.id && !told {
			told = true
			f(n.id, n.Lookup(n.id))
		}
		f(id, e)
	})
	if !told {
		f(n.id, n.Lookup(n.id))
	}
}

// GroupSize is the number of members on the list, the member itself included.
func (n *Node) GroupSize() int { return n.table.Live() + 1 }

// Stopped says whether the protocol has ended.
func (n *Node) Stopped() bool { return n.life == stopped }

// Start begins the protocol of a member whose table already holds the group;
// its first protocol period begins at first.
func (n *Node) Start(first time.Duration) {
	n.run(first)
}

// run begins the protocol, and the tasks that deployments added to it.
func (n *Node) run(first time.Duration) {
	n.life = running
	n.nextPeriod, n.nextTick = first, first
	n.startGossip(first)
	n.startSync(first)
}

// Join begins the protocol of a member that knows one other, the contact, and
// asks it for the list. The request is repeated every protocol period until it
// is answered.
func (n *Node) Join(now time.Duration, contact ID, out *Output) {
	n.life, n.contact = joining, contact
	n.askToJoin(now, out)
}

// Leave says goodbye. With infection-style dissemination the member goes on
// until it has passed the word on as often as any other news, and stops then;
// otherwise it stops at once. So does a member that is not running: one that waits to
// be let in, or that is told a second time to leave.
func (n *Node) Leave(now time.Duration, out *Output) {
	if n.life != running {
		n.stop(out)
		return
	}
	n.life = leaving
	n.spread(Update{Member: n.id, Incarnation: n.incarnation, From: n.id, State: Left}, true, out)
	n.stopWhenWordIsOut(out)
}

func (n *Node) stopWhenWordIsOut(out *Output) {
	if n.life == leaving && (!n.gossip.has(n.id) || n.table.Live() == 0) {
		n.stop(out)
	}
}

func (n *Node) stop(out *Output) {
	if n.life == stopped {
		return
	}
	n.life = stopped
	n.nextPeriod, n.nextGossip, n.nextSync, n.probe.helpAt = never, never, never, never
	n.stuck, n.asking, n.gossiping = false, false, false
	n.suspicions, n.relays = suspicions{}, nil
	out.event(Event{Kind: Stopped, Member: n.id, By: n.id, Incarnation: n.incarnation})
}

// Deadline is when Tick wants to be called next. It changes with every call of
// Handle and Tick. A stopped member has none: the largest Duration.
func (n *Node) Deadline() time.Duration {
	d := n.suspicions.next()
	if n.held {
		if !n.stuck {
			d = min(d, n.nextPeriod, n.probe.helpAt)
		}
		if !n.gossiping {
			d = min(d, n.nextGossip)
		}
	} else {
		d = min(d, n.nextPeriod, n.probe.helpAt, n.nextGossip, n.nextSync)
	}
	for i := range n.relays {
		d = min(d, n.relays[i].nackAt)
	}
	return d
}

// Tick does what is due by now. It may be called early, when it does nothing,
// or late, as a process that was paused is: what was due is then done at once, in
// the order in which it was due.
func (n *Node) Tick(now time.Duration, out *Output) {
	for {
		due := n.Deadline()
		if due > now || due == never {
			return
		}
		// At the same instant: helpers are asked before the period that they
		// would help in ends, and a suspect's time is up before a new one starts.
		// What waits for a Release is passed over, as in Deadline.
		switch {
		case due == n.probe.helpAt && !n.stuck:
			n.askHelpers(now, out)
		case due == n.suspicions.next():
			n.suspicionExpired(now, out)
		case due == n.nextGossip && !n.gossiping:
			n.gossipRound(now, out)
		case due == n.nextSync && !n.held:
			n.sync(now, out)
		case n.sendNack(due, out): // it is sent
		default:
			n.endPeriod(now, out)
			n.beginPeriod(now, out)
		}
		n.stopWhenWordIsOut(out)
	}
}

// Handle takes in a message from another member. It keeps nothing of m. Whom it is asked
// to ping, by a PingReq, it remembers for a protocol period, and looks through all of these
// for each ack: a caller that takes messages of strangers bounds how many it hands in.
func (n *Node) Handle(now time.Duration, from ID, m *Message, out *Output) {
	if n.life == stopped || n.life == idle {
		return
	}
	if m.Kind == Sync {
		n.sendList(from, SyncReply, true, out) // as it was before the exchange
	}
	first := n.cfg.AnswerFirst && (m.Kind == Ping || m.Kind == PingReq || m.Kind == Ack || m.Kind == Nack)
	if first {
		n.answer(now, from, m, out)
	}
	list := n.merges(m.Kind)
	for i := range m.Updates {
		u := m.Updates[i]
		if list {
			u = n.merged(u)
		}
		n.learn(u, now, m.Kind, out)
		if n.life == stopped { // it learnt that it was excluded
			return
		}
	}
	if !first {
		n.answer(now, from, m, out)
	}
	n.stopWhenWordIsOut(out)
}

// answer does what a message asks for, beside its news.
func (n *Node) answer(now time.Duration, from ID, m *Message, out *Output) {
	switch m.Kind {
	case Ping:
		n.sendWithNews(from, Message{Kind: Ack, Seq: m.Seq, Target: n.id, Stream: m.Stream}, out)
	case PingReq:
		n.pingFor(now, from, m, out)
	case Ack:
		n.acked(now, m, out)
	case Nack:
		n.nacked(m)
	case Join:
		n.welcome(from, out)
	case Welcome:
		n.welcomed(now)
	}
}

// sendWithNews sends a message with news on board.
func (n *Node) sendWithNews(to ID, m Message, out *Output) {
	n.sendNewsBehind(to, m, nil, out)
}

// sendNewsBehind sends a message with news on board, a given piece of it first.
// Streams bear none.
func (n *Node) sendNewsBehind(to ID, m Message, lead *Update, out *Output) {
	if (n.gossip.len() > 0 || lead != nil) && !m.Stream {
		first := len(out.updates)
		room, led := n.room(m.Kind), Nobody
		if lead != nil && room.take(1, n.size(*lead)) {
			out.updates = append(out.updates, *lead)
			led = lead.Member
		}
		if lead == nil || !n.cfg.LoneSuspicion {
			out.updates = n.gossip.take(out.updates, room, n.retransmitLimit(), n.cfg.Balanced, led)
		}
		m.Updates = out.updates[first:len(out.updates):len(out.updates)]
	}
	out.send(to, m)
}

func (n *Node) retransmitLimit() int {
	if size := n.GroupSize(); size != n.limitFor {
		n.limit, n.limitFor = n.cfg.RetransmitLimit(size), size
	}
	return n.limit
}
