package stage

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/swimlab/swimlab/swim"
)

// Setting is a group to begin with. All of it is established: member i knows all
// others and begins its first protocol period at i·Stagger.
type Setting struct {
	Config  swim.Config
	Members int
	Stagger time.Duration
	Latency time.Duration // of every message, one way
	Seed    uint64
	Policy  func() swim.Policy // a member's; nil: none
}

// Cluster is a group in manual time.
type Cluster struct {
	Now     time.Duration
	Members []*Member
	Sent    map[swim.Kind]int // messages by kind; a test may empty it
	Tracing bool              // log messages too, not events alone
	Watch   func(Flight)      // sees every message when it is sent; nil: nobody does

	setting Setting
	flying  []Flight // in the order of arrival
	rules   []*rule
	log     strings.Builder
}

// Member is a node and what the stage does to it.
type Member struct {
	*swim.Node
	Events []Event // all so far

	out          swim.Output
	crashed      bool
	paused, held bool
	inbox        []Flight // what arrived while paused or held
	outbox       []Flight // what it sent while held
}

// Event is what a member concluded, and when.
type Event struct {
	At time.Duration
	swim.Event
}

// Flight is a message between its two ends.
type Flight struct {
	At       time.Duration // of its arrival
	From, To swim.ID
	Message  swim.Message
	Lost     bool
}

// rule loses messages from one member to another.
type rule struct {
	from, to swim.ID   // Nobody: any
	kind     swim.Kind // 0: any
	left     int       // how many more to lose; negative: all
}

func (r *rule) takes(f Flight) bool {
	return r.left != 0 &&
		(r.from == swim.Nobody || r.from == f.From) &&
		(r.to == swim.Nobody || r.to == f.To) &&
		(r.kind == 0 || r.kind == f.Message.Kind)
}

// New returns the group at time 0.
func New(s Setting) *Cluster {
	c := &Cluster{setting: s, Sent: map[swim.Kind]int{}}
	for id := range swim.ID(s.Members) {
		rng := c.rng(id)
		c.add(id, swim.NewDenseTableOf(id, s.Members, rng), rng).Start(time.Duration(id) * s.Stagger)
	}
	return c
}

func (c *Cluster) rng(id swim.ID) *rand.Rand {
	return rand.New(rand.NewPCG(c.setting.Seed, uint64(id)))
}

func (c *Cluster) add(id swim.ID, table swim.Table, rng *rand.Rand) *Member {
	m := &Member{Node: swim.NewNode(id, c.setting.Config, table, rng)}
	if c.setting.Policy != nil {
		m.Adapt(c.setting.Policy())
	}
	c.Members = append(c.Members, m)
	return m
}

// Join starts a newcomer that knows one member, and returns it.
func (c *Cluster) Join(contact swim.ID) *Member {
	id := swim.ID(len(c.Members))
	m := c.add(id, swim.NewDenseTable(), c.rng(id))
	m.Join(c.Now, contact, &m.out)
	c.collect(m)
	return m
}

// Leave has a member say goodbye.
func (c *Cluster) Leave(id swim.ID) {
	m := c.Members[id]
	m.Leave(c.Now, &m.out)
	c.collect(m)
}

// Tell hands a member a message from outside the group's own doing.
func (c *Cluster) Tell(to, from swim.ID, message swim.Message) {
	c.handle(c.Members[to], Flight{From: from, Message: message})
}

// Crash ends a member for good.
func (c *Cluster) Crash(id swim.ID) { c.Members[id].crashed = true }

// Pause holds a member up altogether, as a stopped process is.
func (c *Cluster) Pause(id swim.ID) { c.Members[id].paused = true }

// Resume has a paused member read at last what arrived meanwhile. What it should
// have done is then due.
func (c *Cluster) Resume(id swim.ID) {
	m := c.Members[id]
	m.paused = false
	c.readInbox(m)
}

// Hold keeps a member's messages back, in both directions, while its clock goes on.
func (c *Cluster) Hold(id swim.ID) {
	m := c.Members[id]
	m.held = true
	m.Node.Hold()
}

// Release lets them go: first what it wanted to send, then what it was sent.
func (c *Cluster) Release(id swim.ID) {
	m := c.Members[id]
	m.held = false
	for _, f := range m.outbox {
		c.post(f)
	}
	m.outbox = nil
	m.Node.Release(c.Now, &m.out)
	c.collect(m)
	c.readInbox(m)
}

func (c *Cluster) readInbox(m *Member) {
	for _, f := range m.inbox {
		c.handle(m, f)
	}
	m.inbox = nil
}

// Drop loses messages of one kind (0: any) between two members (Nobody: any);
// count of them, or all if it is negative.
func (c *Cluster) Drop(from, to swim.ID, kind swim.Kind, count int) {
	c.rules = append(c.rules, &rule{from, to, kind, count})
}

// Block cuts a member off in both directions.
func (c *Cluster) Block(id swim.ID) {
	c.Drop(id, swim.Nobody, 0, -1)
	c.Drop(swim.Nobody, id, 0, -1)
}

// Heal takes all losses away again.
func (c *Cluster) Heal() { c.rules = nil }

// Run lets d pass. What arrives at an instant is handled before what is due at
// it, so that an ack that takes exactly a period is in time.
func (c *Cluster) Run(d time.Duration) {
	end := c.Now + d
	for {
		due, who := time.Duration(1<<63-1), (*Member)(nil)
		for _, m := range c.Members {
			if !m.crashed && !m.paused && m.Deadline() < due {
				due, who = m.Deadline(), m
			}
		}
		arrival := len(c.flying) > 0 && c.flying[0].At <= due
		if arrival {
			due = c.flying[0].At
		}
		if due > end || (!arrival && who == nil) {
			c.Now = end
			return
		}
		c.Now = max(c.Now, due) // a member that was paused is late
		if arrival {
			c.arrive()
			continue
		}
		who.Tick(c.Now, &who.out)
		c.collect(who)
	}
}

func (c *Cluster) arrive() {
	f := c.flying[0]
	c.flying = c.flying[1:]
	m := c.Members[f.To]
	switch {
	case f.Lost || m.crashed:
	case m.paused || m.held:
		m.inbox = append(m.inbox, f)
	default:
		c.handle(m, f)
	}
}

func (c *Cluster) handle(m *Member, f Flight) {
	m.Handle(c.Now, f.From, &f.Message, &m.out)
	c.collect(m)
}

// collect carries out what a member wants done.
func (c *Cluster) collect(m *Member) {
	for _, e := range m.out.Events {
		m.Events = append(m.Events, Event{c.Now, e})
		c.printf("%s", Sentence(m.ID(), e))
	}
	for _, s := range m.out.Sends {
		for _, other := range c.Members {
			if other.ID() != s.To && (s.To != swim.Nobody || other == m) {
				continue
			}
			f := Flight{From: m.ID(), To: other.ID(), Message: s.Message}
			f.Message.Updates = slices.Clone(f.Message.Updates)
			if m.held {
				m.outbox = append(m.outbox, f)
			} else {
				c.post(f)
			}
		}
	}
	m.out.Reset()
}

func (c *Cluster) post(f Flight) {
	f.At = c.Now + c.setting.Latency
	for _, r := range c.rules {
		if r.takes(f) {
			r.left--
			f.Lost = true
			break
		}
	}
	c.Sent[f.Message.Kind]++
	if c.Tracing {
		c.printf("    %v", f)
	}
	if c.Watch != nil {
		c.Watch(f)
	}
	i, _ := slices.BinarySearchFunc(c.flying, f, func(a, b Flight) int { return cmp.Or(cmp.Compare(a.At, b.At), -1) })
	c.flying = slices.Insert(c.flying, i, f)
}

func (c *Cluster) printf(format string, args ...any) {
	fmt.Fprintf(&c.log, "%8.3fs  %s\n", c.Now.Seconds(), fmt.Sprintf(format, args...))
}

// Read returns what was logged since the last look.
func (c *Cluster) Read() string {
	defer c.log.Reset()
	return c.log.String()
}

// Saw counts the events of one kind about one member that a member reported.
func (m *Member) Saw(kind swim.EventKind, about swim.ID) int {
	n := 0
	for _, e := range m.Events {
		if e.Kind == kind && e.Member == about {
			n++
		}
	}
	return n
}
