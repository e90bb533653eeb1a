package sim

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/swimlab/swimlab/lifeguard"
	"github.com/swimlab/swimlab/swim"
)

// Cluster is a group of members in virtual time.
type Cluster struct {
	scenario *Scenario
	config   swim.Config
	now      time.Duration
	queue    *queue
	members  []member
	roster   *swim.Roster // nil if every member has a list of its own
	links    links
	rng      *rand.Rand // of the schedule
	hooks    hooks

	slots     []slot   // messages on their way
	written   uint64   // messages until now
	freeSlots []uint32 // slots not in use
	calls     []func() // things to do at an instant, for events of kind callEvent
	freeCalls []uint32 // places in calls not in use
	out       swim.Output
	events    uint64
	over      bool // a stop condition has ended the trial early

	// crashesToCome counts the crash faults of the schedule still to happen.
	crashesToCome int
	surveyor      *surveyor // of the members' coordinates; nil if they keep none
	// results memoises what several measures have from one observer.
	results map[*observer]func() map[string][]float64
}

// member is a process: a protocol and what the schedule has done to it.
type member struct {
	node *swim.Node // nil before the process first starts
	// lifeguard is what its protocol adapts by; nil if Lifeguard is off.
	lifeguard *lifeguard.Policy
	// up is false before it starts and after a crash.
	up bool
	// replaced is true once a crashed process has come back as another member.
	replaced bool
	// tainted is true once any fault has touched the member; it is no longer
	// what Lifeguard calls healthy then.
	tainted bool
	// timerDue: a timer came due while it was paused.
	timerDue bool
	// paused and blocked count the faults that now stop the whole process, or
	// only its messages; stuck is true from a block's beginning until the
	// protocol has been released from it, which a pause puts off.
	paused, blocked int16
	stuck           bool
	// reading is true between two messages of a backlog.
	reading bool
	// labour is how a starved member handles messages; nil if it is not starved.
	labour *labour
	// wake is when the member's earliest pending timer event is due.
	wake time.Duration
	// deadline is when the protocol, at its last call, wanted to be called next.
	deadline time.Duration
	// inbox and outbox hold the slots that wait for a pause or block to end.
	inbox  []uint32
	outbox []held
	// connected are those to whom a stream stands that was opened before a pause.
	connected []uint32
}

// held is a message that a blocked member has yet to send.
type held struct {
	to   uint32
	slot uint32
}

// slot is a message on its way, or waiting. It is kept until every copy of it
// has arrived.
type slot struct {
	message swim.Message
	updates []swim.Update // backing store of message.Updates
	from    uint32
	copies  int32
	serial  uint64        // of the message, from the trial's beginning
	written time.Duration // when its sender wanted it sent
	// probe says which probe the message belongs to: the member that
	// pinged first, and its sequence number. See hooks.
	probe probeID
}

// probeID names one probe, from its first ping to its last relayed ack.
type probeID struct {
	prober uint32
	seq    uint32
}

var noProbe = probeID{prober: uint32(swim.Nobody)}

// beginsProbe says whether the message is the first of a probe, the ping of the
// member whose probe it is, and not a helper's, nor the same again over a stream.
func (s *slot) beginsProbe() bool {
	return s.message.Kind == swim.Ping && !s.message.Stream && s.probe == probeID{s.from, s.message.Seq}
}

// kinds of event, in the two highest bits of event.what; the rest is a slot or
// the index of a call.
const (
	timerEvent   = 0 << 30
	deliverEvent = 1 << 30
	callEvent    = 2 << 30
	kindMask     = 3 << 30
)

// streams of random numbers, each from the trial's seed.
const (
	networkStream uint64 = 1 + iota
	scheduleStream
	phaseStream
	hostStream
	memberStream // and those of the members after it
)

// stream returns the random source of one purpose.
func stream(seed, purpose uint64) *rand.Rand {
	// PCG mixes its two words thoroughly, but streams of neighbouring seeds
	// should not share a word: spread the seed first.
	z := seed + 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return rand.New(rand.NewPCG(z^z>>31, purpose))
}

// newCluster builds the group of a scenario at time 0.
func newCluster(s *Scenario, rtts RTTs) *Cluster {
	capacity := s.capacity()
	c := &Cluster{
		scenario: s,
		config:   s.System.config(),
		rng:      stream(s.Seed, scheduleStream),
		members:  make([]member, capacity),
		links:    links{Network: s.Network, rng: stream(s.Seed, networkStream), rtts: rtts},
	}
	// A member's period is a ping and an ack delivered, a timer and one more
	// that a timely ack made void.
	c.queue = newQueue(4 * float64(capacity) / c.config.ProtocolPeriod.Seconds())
	if rtts != nil {
		c.links.host = s.placeOnHosts(rtts.Len(), stream(s.Seed, hostStream))
	}
	if s.System.sharesRoster() {
		c.roster = swim.NewRoster(s.System.Members)
	}
	phases := stream(s.Seed, phaseStream)
	for id := range s.System.Members {
		rng := c.memberRand(uint32(id))
		table := c.tableOfMember(swim.ID(id), rng)
		m := &c.members[id]
		*m = c.newMember(uint32(id), table, rng)
		var phase time.Duration
		if s.System.Phases == "uniform" {
			phase = time.Duration(phases.Int64N(int64(c.config.ProtocolPeriod)))
		}
		m.node.Start(phase)
		c.schedule(uint32(id))
	}
	if s.System.Coordinates != nil {
		c.survey()
	}
	c.scheduleFaults()
	return c
}

// newMember makes a process that has yet to begin its protocol, with its
// Lifeguard if that is on.
func (c *Cluster) newMember(id uint32, table swim.Table, rng *rand.Rand) member {
	m := member{node: swim.NewNode(swim.ID(id), c.config, table, rng), up: true, wake: never}
	if l := c.scenario.System.Lifeguard; l.on() {
		m.lifeguard = lifeguard.New(c.config, l.config())
		m.node.Adapt(m.lifeguard)
	}
	return m
}

func (c *Cluster) memberRand(id uint32) *rand.Rand {
	return stream(c.scenario.Seed, memberStream+uint64(id))
}

// at has f called at an instant.
func (c *Cluster) at(t time.Duration, f func()) {
	var i uint32
	if n := len(c.freeCalls); n > 0 {
		i, c.freeCalls = c.freeCalls[n-1], c.freeCalls[:n-1]
		c.calls[i] = f
	} else {
		i = uint32(len(c.calls))
		c.calls = append(c.calls, f)
	}
	c.queue.push(max(t, c.now), 0, callEvent|i)
}

// run lets virtual time pass until the trial's end, its stop condition, or ctx's.
func (c *Cluster) run(ctx context.Context) error {
	end := c.scenario.Run.Duration
	for !c.over {
		e, ok := c.queue.pop(end)
		if !ok {
			break
		}
		c.now = e.at
		c.events++
		if c.events&0xffff == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		switch arg := e.what &^ kindMask; e.what & kindMask {
		case timerEvent:
			c.timer(e.node)
		case deliverEvent:
			c.deliver(e.node, arg)
		case callEvent:
			f := c.calls[arg]
			c.calls[arg] = nil
			c.freeCalls = append(c.freeCalls, arg)
			f()
		}
	}
	if !c.over {
		c.now = end
	}
	return nil
}

// schedule makes sure that a timer event is pending at the member's deadline.
// One that is pending earlier does no harm: the member will find nothing due.
func (c *Cluster) schedule(id uint32) {
	m := &c.members[id]
	m.deadline = m.node.Deadline()
	c.wakeUp(id, m)
}

// wakeUp makes a timer event for the member's deadline, unless one is pending.
func (c *Cluster) wakeUp(id uint32, m *member) {
	if m.deadline < m.wake {
		m.wake = m.deadline
		c.queue.push(max(m.deadline, c.now), id, timerEvent)
	}
}

func (c *Cluster) timer(id uint32) {
	m := &c.members[id]
	if m.wake > c.now {
		return // superseded
	}
	m.wake = never
	switch {
	case !m.up:
	case m.paused > 0:
		m.timerDue = true
	case m.deadline > c.now: // it has moved; in a large group the node's memory is cold
		c.wakeUp(id, m)
	default:
		m.node.Tick(c.now, &c.out)
		c.flush(id, noProbe)
	}
}

// deliver hands a message that has arrived to its receiver.
func (c *Cluster) deliver(id, slot uint32) {
	m := &c.members[id]
	switch {
	case !m.up:
		c.hooks.lost(c.now, id, &c.slots[slot], "not read: nobody is there")
		c.release(slot)
	case m.heldBack() || m.perMessage() > 0 || len(m.inbox) > 0: // behind what waits
		c.queueUp(id, slot)
	default:
		c.handle(id, slot)
	}
}

func (c *Cluster) handle(id, slot uint32) {
	s := &c.slots[slot]
	late := c.timedOut(s)
	if late && s.message.Kind != swim.Sync { // a list was there before its writer gave up
		c.hooks.lost(c.now, id, s, "on a stream that has timed out")
		c.release(slot)
		return
	}
	c.hooks.received(c.now, id, s)
	probe := s.probe
	c.members[id].node.Handle(c.now, swim.ID(s.from), &s.message, &c.out)
	if late {
		c.out.Sends = unanswered(c.out.Sends)
	}
	c.release(slot)
	c.flush(id, probe)
}

// flush does what a member wants done. probe is the probe that the message it
// has just handled belongs to, if it handled one.
func (c *Cluster) flush(id uint32, probe probeID) {
	for i := range c.out.Events {
		c.hooks.event(c.now, id, c.out.Events[i])
	}
	for i := range c.out.Sends {
		c.send(id, &c.out.Sends[i], probe)
	}
	c.out.Reset()
	c.schedule(id)
}

// send puts a message on its way. A list is written anew when its stream stands.
func (c *Cluster) send(from uint32, s *swim.Send, cause probeID) {
	if s.Message.Kind == swim.Sync {
		c.connect(from, uint32(s.To))
		return
	}
	c.put(from, s, cause)
}

// put puts a message on its way, or into the sender's outbox.
func (c *Cluster) put(from uint32, s *swim.Send, cause probeID) {
	if cause == noProbe && (s.Message.Kind == swim.Ping || s.Message.Kind == swim.PingReq) {
		cause = probeID{from, s.Message.Seq}
	}
	slot := c.hold(from, &s.Message, cause)
	c.hooks.sent(c.now, uint32(s.To), &c.slots[slot])
	if m := &c.members[from]; m.blocked > 0 {
		m.outbox = append(m.outbox, held{uint32(s.To), slot})
		return
	}
	c.transmit(slot, uint32(s.To))
}

// transmit gives a message to the network. The slot holds one copy already.
func (c *Cluster) transmit(slot, to uint32) {
	if to != uint32(swim.Nobody) {
		c.transmitCopy(slot, to)
		c.release(slot)
		return
	}
	from := c.slots[slot].from
	for id := range c.members {
		if uint32(id) != from && c.members[id].up {
			c.transmitCopy(slot, uint32(id))
		}
	}
	c.release(slot)
}

func (c *Cluster) transmitCopy(slot, to uint32) {
	from := c.slots[slot].from
	stream := c.slots[slot].message.Stream
	var delay time.Duration
	var lost string
	if stream {
		delay, lost = c.links.stream(from, to, c.slots[slot].message.Kind)
	} else {
		delay, lost = c.links.delay(from, to)
	}
	if lost != "" {
		c.hooks.lost(c.now, to, &c.slots[slot], lost)
		return
	}
	c.arrive(slot, to, delay)
	if p := float64(c.links.Duplicate); p > 0 && !stream && c.links.rng.Float64() < p {
		c.arrive(slot, to, c.links.travel(from, to))
	}
}

func (c *Cluster) arrive(slot, to uint32, delay time.Duration) {
	c.slots[slot].copies++
	c.queue.push(c.now+delay, to, deliverEvent|slot)
}

// maxKept is how many updates' room a slot not in use keeps: enough for what is
// piggybacked, and not the whole list that a Welcome bears.
const maxKept = 64

// hold copies a message into a free slot.
func (c *Cluster) hold(from uint32, m *swim.Message, probe probeID) uint32 {
	var i uint32
	if n := len(c.freeSlots); n > 0 {
		i, c.freeSlots = c.freeSlots[n-1], c.freeSlots[:n-1]
	} else {
		i = uint32(len(c.slots))
		c.slots = append(c.slots, slot{})
	}
	s := &c.slots[i]
	c.written++
	s.from, s.probe, s.copies, s.serial, s.written = from, probe, 1, c.written, c.now
	s.message = *m
	if len(m.Updates) > 0 {
		s.updates = append(s.updates[:0], m.Updates...)
		s.message.Updates = s.updates
	}
	return i
}

func (c *Cluster) release(i uint32) {
	s := &c.slots[i]
	if s.copies--; s.copies == 0 {
		s.message.Updates = nil
		if cap(s.updates) > maxKept {
			s.updates = nil
		}
		c.freeSlots = append(c.freeSlots, i)
	}
}
