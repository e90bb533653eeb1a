package virtual

import (
	"context"
	"fmt"
	"log"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/memberlist"

	"github.com/swimlab/swimlab/experiments/trial"
)

// group is the members of a trial.
type group struct {
	*scenario
	network *network
	members []*member
	byName  map[string]int
	rng     *rand.Rand      // of the schedule
	phases  []time.Duration // when the members start, in order
	began   time.Time
	record  record
	over    chan struct{} // closed when the trial ends
	ends    sync.Once

	mu       sync.Mutex // guards what follows, and the members' fields
	crashes  []*crash
	toCome   int // crashes
	goodbyes []*goodbye
	held     []*holding
}

// member is one memberlist and what the schedule has done to it.
type member struct {
	id       int
	name     string
	endpoint *endpoint
	list     *memberlist.Memberlist // nil until it starts
	up       bool
	// tainted: a fault of the schedule has touched it.
	tainted bool
	leaving bool
}

type crash struct {
	id       int
	at       time.Duration
	detected bool
}

type goodbye struct {
	id int
	at time.Duration
}

// holding is a member whose messages began to be held back.
type holding struct {
	id int
	at time.Duration
}

// Run runs one trial. t is what testing/synctest asks for: a test in whose name
// time is virtual.
func Run(ctx context.Context, t *testing.T, spec trial.Spec) (trial.Observations, error) {
	s, err := newScenario(spec)
	if err != nil {
		return trial.Observations{}, err
	}
	var seen trial.Observations
	synctest.Test(t, func(t *testing.T) { seen, err = newGroup(s).run(ctx) })
	return seen, err
}

// Check says whether the trial could run.
func Check(spec trial.Spec) error {
	_, err := newScenario(spec)
	return err
}

func newGroup(s *scenario) *group {
	g := &group{scenario: s, byName: map[string]int{}, over: make(chan struct{}), began: time.Now(), rng: rand.New(rand.NewPCG(s.Seed, 1))}
	g.network = newNetwork(s.Network, rand.New(rand.NewPCG(s.Seed, 2)))
	g.network.onSent, g.network.onRead = g.sent, g.read
	n := s.System.Members
	g.record.sent, g.record.received = make([][]float64, n), make([][]float64, n)
	g.phases = make([]time.Duration, n)
	if s.System.Phases == "uniform" {
		for i := range g.phases {
			g.phases[i] = time.Duration(g.rng.Int64N(int64(s.System.ProtocolPeriod)))
		}
		slices.Sort(g.phases)
	}
	periods := int((s.Run.Duration - s.Run.Warmup) / s.System.ProtocolPeriod)
	for id := range n {
		name := fmt.Sprintf("m%0*d", max(s.System.Wire.NameBytes, 5)-1, id)
		m := &member{id: id, name: name, endpoint: g.network.attach(s.Peer)}
		g.members, g.byName[name] = append(g.members, m), id
		g.record.sent[id], g.record.received[id] = make([]float64, periods), make([]float64, periods)
	}
	return g
}

func (g *group) now() time.Duration { return time.Since(g.began) }

// run forms the group and lets time pass to the trial's end.
func (g *group) run(ctx context.Context) (trial.Observations, error) {
	defer g.end()
	go g.form()
	formed := g.putOnSchedule()
	var err error
	select {
	case err = <-formed:
	case <-g.over:
	}
	if err != nil {
		return trial.Observations{}, err
	}
	g.at(g.Run.Warmup, g.askForHealth)
	select {
	case <-time.After(g.Run.Duration - g.now() + 1): // what happens at the last instant happened
	case <-g.over:
	}
	if ctx.Err() != nil {
		return trial.Observations{}, ctx.Err()
	}
	return g.observe(), nil
}

// form starts the members, one after the other at random phases of the first
// protocol period: memberlist's own stagger delays a member's first probe but not
// the phase of the ticker behind it, so members started together probe together.
func (g *group) form() {
	for i, m := range g.members {
		select {
		case <-time.After(g.phases[i] - g.now()):
		case <-g.over:
			return
		}
		g.start(m)
		if i > 0 {
			go g.join(m)
		}
	}
}

// join has a member join through the first. Gossip alone leaves holes: in a group
// of 8 that forms within a period, one has not heard of another more often than
// not, until they exchange lists half a minute later. So a member that has yet to
// hear of somebody asks the first one again; that one knows them all.
func (g *group) join(m *member) {
	for range 2 {
		if m.list.NumMembers() < len(g.members) {
			m.list.Join([]string{g.members[0].endpoint.address()}) //nolint:errcheck // whole looks whether it worked
		}
		time.Sleep(2 * g.System.ProtocolPeriod)
	}
}

func (g *group) start(m *member) {
	c := g.config()
	l := listener{g, m.id}
	c.Name, c.Transport, c.Events, c.Delegate, c.Ping = m.name, m.endpoint, l, l, l
	c.Logger = log.New(l, "", 0)
	list, err := memberlist.Create(c)
	if err != nil {
		panic(err) // the configuration has been checked
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	m.list, m.up = list, true
}

// whole says whether every member knows every other.
func (g *group) whole() error {
	for _, m := range g.members {
		g.mu.Lock()
		list := m.list
		g.mu.Unlock()
		if list == nil {
			return fmt.Errorf("after %v member %d has yet to start", g.now(), m.id)
		}
		if n := list.NumMembers(); n != len(g.members) {
			return fmt.Errorf("after %v member %d knows %d of %d members; want a longer warm-up", g.now(), m.id, n, len(g.members))
		}
	}
	return nil
}

// askForHealth notes every member's health score each second.
func (g *group) askForHealth() {
	for _, m := range g.members {
		g.mu.Lock()
		list, up, tainted := m.list, m.up, m.tainted
		g.mu.Unlock()
		if !up {
			continue
		}
		score := float64(list.GetHealthScore())
		g.record.mu.Lock()
		if tainted {
			g.record.ill.add(score)
		} else {
			g.record.healthy.add(score)
		}
		g.record.mu.Unlock()
	}
	g.at(g.now()+time.Second, g.askForHealth)
}

// at has f called at an instant, unless the trial is over by then.
func (g *group) at(t time.Duration, f func()) {
	time.AfterFunc(max(t-g.now(), 0), func() {
		select {
		case <-g.over:
		default:
			f()
		}
	})
}

// end lets every goroutine of the trial come to its end. Virtual time would stop
// with this one, so it stays until the last time-out of a probe or stream is over.
func (g *group) end() {
	defer time.Sleep(2*g.System.StreamTimeout + time.Duration(g.System.Lifeguard.S+2)*g.System.ProtocolPeriod)
	g.ends.Do(func() { close(g.over) })
	for _, m := range g.members {
		m.endpoint.gate.remove()
		g.mu.Lock()
		list := m.list
		g.mu.Unlock()
		if list != nil {
			list.Shutdown() //nolint:errcheck // of the transport, which has no errors
		}
	}
}

// concluded notes what a member has concluded about another.
func (g *group) concluded(by int, what kind, name string) {
	about, known := g.byName[name]
	if !known || about == by {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.members[by].up {
		return // the last twitch of a crashed process
	}
	subject := g.members[about]
	if what == confirmed && subject.leaving {
		what = departed
	}
	g.record.mu.Lock()
	g.record.events = append(g.record.events, event{
		at: g.now(), kind: what, by: by, about: about,
		innocent: subject.up && !subject.tainted, byTouched: g.members[by].tainted,
	})
	g.record.mu.Unlock()
	if what == probeFailed || what == confirmed {
		g.stopWhenDone(what, about)
	}
}

// sent notes a message that a member wants to send.
func (g *group) sent(from, bytes int) {
	since := g.now() - g.Run.Warmup
	if since < 0 || since > g.Run.Duration-g.Run.Warmup {
		return
	}
	r := &g.record
	r.mu.Lock()
	defer r.mu.Unlock()
	r.messages++
	r.bytes += float64(bytes)
	if k := int(since / g.System.ProtocolPeriod); k < len(r.sent[from]) {
		r.sent[from][k]++
	}
}

// read notes a datagram that a member has read.
func (g *group) read(by int) {
	since := g.now() - g.Run.Warmup
	if since < 0 {
		return
	}
	r := &g.record
	r.mu.Lock()
	defer r.mu.Unlock()
	if k := int(since / g.System.ProtocolPeriod); k < len(r.received[by]) {
		r.received[by][k]++
	}
}
