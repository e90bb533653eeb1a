package swim_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/swimlab/swimlab/swim"
)

// cluster is a group in manual time over a network that loses only what it is
// told to lose. It is the stage of the paper and scenario tests: nothing in it
// is random, so a test can say who hears what and when.
type cluster struct {
	cfg     swim.Config
	seed    uint64
	latency time.Duration // of every message, one way

	now     time.Duration
	members []*member
	flying  []flight // in the order of arrival
	rules   []*rule

	tracing bool
	log     strings.Builder
	sent    map[swim.Kind]int // messages by kind, since the last look
}

type member struct {
	*swim.Node
	out     swim.Output
	events  []swim.Event // all so far
	crashed bool
	paused  bool
	inbox   []flight // what arrived while paused
}

// flight is a message between its two ends.
type flight struct {
	at       time.Duration
	from, to swim.ID
	message  swim.Message
	lost     bool
}

// rule loses messages from one member to another.
type rule struct {
	from, to swim.ID   // Nobody: any
	kind     swim.Kind // 0: any
	left     int       // how many more to lose; negative: all
}

func (r *rule) takes(f flight) bool {
	return r.left != 0 &&
		(r.from == swim.Nobody || r.from == f.from) &&
		(r.to == swim.Nobody || r.to == f.to) &&
		(r.kind == 0 || r.kind == f.message.Kind)
}

// newCluster returns an established group of n members. Member i begins its
// first protocol period at i·stagger.
func newCluster(cfg swim.Config, n int, stagger, latency time.Duration, seed uint64) *cluster {
	c := &cluster{cfg: cfg, seed: seed, latency: latency, sent: map[swim.Kind]int{}}
	for id := range swim.ID(n) {
		rng := c.rng(id)
		m := &member{Node: swim.NewNode(id, cfg, swim.NewDenseTableOf(id, n, rng), rng)}
		m.Start(time.Duration(id) * stagger)
		c.members = append(c.members, m)
	}
	return c
}

func (c *cluster) rng(id swim.ID) *rand.Rand { return rand.New(rand.NewPCG(c.seed, uint64(id))) }

// join starts a newcomer that knows one member, and returns it.
func (c *cluster) join(contact swim.ID) *member {
	id := swim.ID(len(c.members))
	m := &member{Node: swim.NewNode(id, c.cfg, swim.NewDenseTable(), c.rng(id))}
	c.members = append(c.members, m)
	m.Join(c.now, contact, &m.out)
	c.collect(m)
	return m
}

func (c *cluster) leave(id swim.ID) {
	m := c.members[id]
	m.Leave(c.now, &m.out)
	c.collect(m)
}

// tell hands a member a message from outside the group's own doing.
func (c *cluster) tell(to, from swim.ID, message swim.Message) {
	m := c.members[to]
	m.Handle(c.now, from, &message, &m.out)
	c.collect(m)
}

func (c *cluster) crash(id swim.ID) { c.members[id].crashed = true }

// pause holds a member up, as an overloaded machine does; resume has it read at
// last what arrived meanwhile. What it should have done is then due.
func (c *cluster) pause(id swim.ID) { c.members[id].paused = true }

func (c *cluster) resume(id swim.ID) {
	m := c.members[id]
	m.paused = false
	for _, f := range m.inbox {
		m.Handle(c.now, f.from, &f.message, &m.out)
		c.collect(m)
	}
	m.inbox = nil
}

// drop loses messages of one kind (0: any) between two members (Nobody: any).
func (c *cluster) drop(from, to swim.ID, kind swim.Kind, count int) {
	c.rules = append(c.rules, &rule{from, to, kind, count})
}

// block cuts a member off in both directions.
func (c *cluster) block(id swim.ID) {
	c.drop(id, swim.Nobody, 0, -1)
	c.drop(swim.Nobody, id, 0, -1)
}

// heal takes all losses away again.
func (c *cluster) heal() { c.rules = nil }

// run lets d pass. What arrives at an instant is handled before what is due at
// it, so that an ack that takes exactly a period is in time.
func (c *cluster) run(d time.Duration) {
	end := c.now + d
	for {
		due, who := time.Duration(1<<63-1), (*member)(nil)
		for _, m := range c.members {
			if !m.crashed && !m.paused && m.Deadline() < due {
				due, who = m.Deadline(), m
			}
		}
		arrival := len(c.flying) > 0 && c.flying[0].at <= due
		if arrival {
			due = c.flying[0].at
		}
		if due > end || (!arrival && who == nil) {
			c.now = end
			return
		}
		c.now = max(c.now, due) // a member that was paused is late
		if arrival {
			c.arrive()
			continue
		}
		who.Tick(c.now, &who.out)
		c.collect(who)
	}
}

func (c *cluster) arrive() {
	f := c.flying[0]
	c.flying = c.flying[1:]
	m := c.members[f.to]
	if f.lost || m.crashed {
		return
	}
	if m.paused {
		m.inbox = append(m.inbox, f)
		return
	}
	m.Handle(c.now, f.from, &f.message, &m.out)
	c.collect(m)
}

// collect carries out what a member wants done.
func (c *cluster) collect(m *member) {
	for _, e := range m.out.Events {
		m.events = append(m.events, e)
		c.printf("%s", story(m.ID(), e))
	}
	for _, s := range m.out.Sends {
		if s.To != swim.Nobody {
			c.post(m.ID(), s.To, s.Message)
			continue
		}
		for _, other := range c.members {
			if other != m {
				c.post(m.ID(), other.ID(), s.Message)
			}
		}
	}
	m.out.Reset()
}

func (c *cluster) post(from, to swim.ID, message swim.Message) {
	message.Updates = slices.Clone(message.Updates)
	f := flight{at: c.now + c.latency, from: from, to: to, message: message}
	for _, r := range c.rules {
		if r.takes(f) {
			r.left--
			f.lost = true
			break
		}
	}
	c.sent[message.Kind]++
	if c.tracing {
		c.printf("%s", line(f))
	}
	i, _ := slices.BinarySearchFunc(c.flying, f, func(a, b flight) int { return cmp.Or(cmp.Compare(a.at, b.at), -1) })
	c.flying = slices.Insert(c.flying, i, f)
}

func (c *cluster) printf(format string, args ...any) {
	fmt.Fprintf(&c.log, "%8.3fs  %s\n", c.now.Seconds(), fmt.Sprintf(format, args...))
}

// read returns what was logged since the last look.
func (c *cluster) read() string {
	defer c.log.Reset()
	return c.log.String()
}

// line is a message as a trace shows it: who to whom, what, and the news on board.
func line(f flight) string {
	var b strings.Builder
	arrow := "->"
	if f.lost {
		arrow = "-x"
	}
	fmt.Fprintf(&b, "    %d %s %d  %v", f.from, arrow, f.to, f.message.Kind)
	if f.message.Target != f.to && (f.message.Kind == swim.PingReq || f.message.Kind == swim.Ack && f.message.Target != f.from) {
		fmt.Fprintf(&b, " of %d", f.message.Target)
	}
	for i, u := range f.message.Updates {
		fmt.Fprintf(&b, "%s %v", map[bool]string{true: ":", false: ","}[i == 0], u)
	}
	return b.String()
}

// story is an event as a sentence.
func story(who swim.ID, e swim.Event) string {
	said := ""
	if e.By != who {
		said = fmt.Sprintf(", as %d says", e.By)
	}
	switch e.Kind {
	case swim.ProbeFailed:
		return fmt.Sprintf("%d got no ack of %d", who, e.Member)
	case swim.Suspected:
		return fmt.Sprintf("%d suspects %d (inc %d)%s", who, e.Member, e.Incarnation, said)
	case swim.Cleared:
		return fmt.Sprintf("%d clears %d (inc %d)%s", who, e.Member, e.Incarnation, said)
	case swim.Confirmed:
		return fmt.Sprintf("%d confirms %d faulty%s", who, e.Member, said)
	case swim.Joined:
		return fmt.Sprintf("%d lists %d%s", who, e.Member, said)
	case swim.Departed:
		return fmt.Sprintf("%d sees %d leave%s", who, e.Member, said)
	case swim.Refuted:
		return fmt.Sprintf("%d refutes its suspicion by %d (now inc %d)", who, e.By, e.Incarnation)
	case swim.Excluded:
		return fmt.Sprintf("%d hears from %d that it was declared faulty", who, e.By)
	case swim.Stopped:
		return fmt.Sprintf("%d stops", who)
	}
	return fmt.Sprintf("%d: %v %d", who, e.Kind, e.Member)
}

// views shows what each member that still runs believes of the others.
func (c *cluster) views() string {
	var b strings.Builder
	for _, m := range c.members {
		switch {
		case m.crashed:
			fmt.Fprintf(&b, "%d: crashed\n", m.ID())
			continue
		case m.Stopped():
			fmt.Fprintf(&b, "%d: stopped\n", m.ID())
			continue
		}
		fmt.Fprintf(&b, "%d:", m.ID())
		for id := range swim.ID(len(c.members)) {
			if id == m.ID() {
				continue
			}
			e := m.Lookup(id)
			fmt.Fprintf(&b, "  %d %v", id, e.State)
			if e.Incarnation > 0 {
				fmt.Fprintf(&b, " inc %d", e.Incarnation)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// saw counts the events of one kind about one member that a member reported.
func (m *member) saw(kind swim.EventKind, about swim.ID) int {
	n := 0
	for _, e := range m.events {
		if e.Kind == kind && e.Member == about {
			n++
		}
	}
	return n
}
