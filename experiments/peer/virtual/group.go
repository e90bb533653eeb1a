package virtual

import (
	"context"
	"fmt"
	"log"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/memberlist"

	"github.com/swimlab/swimlab/experiments/observed"
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
	over    chan struct{} // closed when the trial ends
	ends    sync.Once

	mu     sync.Mutex // guards what follows, and the members' lists
	record observed.Record
	sentIn [][]float64 // messages of each member in each protocol period from the warm-up on
	toCome int         // crashes
}

// member is one memberlist and what the schedule has done to it.
type member struct {
	id       int
	name     string
	endpoint *endpoint
	list     *memberlist.Memberlist // nil until it starts; guarded by group.mu
}

// Run runs one trial. t is what testing/synctest asks for: a test in whose name
// time is virtual, unless the trial is to have real time.
func Run(ctx context.Context, t *testing.T, spec trial.Spec) (trial.Observations, error) {
	s, err := newScenario(spec)
	if err != nil {
		return trial.Observations{}, err
	}
	if s.Peer.RealTime {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(runtime.NumCPU()))
		return newGroup(s).run(ctx)
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
	g.network.onSent = g.sent
	g.record.Period, g.record.Warmup = s.System.ProtocolPeriod, s.Run.Warmup
	g.phases = make([]time.Duration, s.System.Members)
	if s.System.Phases == "uniform" {
		for i := range g.phases {
			g.phases[i] = time.Duration(g.rng.Int64N(int64(s.System.ProtocolPeriod)))
		}
		slices.Sort(g.phases)
	}
	periods := int((s.Run.Duration - s.Run.Warmup) / s.System.ProtocolPeriod)
	for id := range s.everybody() {
		name := fmt.Sprintf("m%0*d", max(s.System.Wire.NameBytes, 5)-1, id)
		m := &member{id: id, name: name, endpoint: g.network.attach(s.Peer)}
		g.members, g.byName[name] = append(g.members, m), id
		fate := observed.Untouched
		if id >= s.System.Members {
			fate.Came = observed.Never
		}
		g.record.Fates = append(g.record.Fates, fate)
		g.sentIn = append(g.sentIn, make([]float64, periods))
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
	for i, m := range g.first() {
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
		if m.list.NumMembers() < len(g.first()) {
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
	m.list = list
}

// first are the members that the group begins with; those that the schedule has
// join come after them.
func (g *group) first() []*member { return g.members[:g.System.Members] }

// listOf is a member's memberlist, or nil if it has yet to start.
func (g *group) listOf(m *member) *memberlist.Memberlist {
	g.mu.Lock()
	defer g.mu.Unlock()
	return m.list
}

// whole says whether every member that the group begins with knows every other.
func (g *group) whole() error {
	for _, m := range g.first() {
		list := g.listOf(m)
		if list == nil {
			return fmt.Errorf("after %v member %d has yet to start", g.now(), m.id)
		}
		if n := list.NumMembers(); n != len(g.first()) {
			return fmt.Errorf("after %v member %d knows %d of %d members; want a longer warm-up", g.now(), m.id, n, len(g.first()))
		}
	}
	return nil
}

// askForHealth notes every member's health score each second.
func (g *group) askForHealth() {
	for _, m := range g.members {
		list := g.listOf(m)
		if list == nil {
			continue // it has yet to come
		}
		score := float64(list.GetHealthScore())
		g.mu.Lock()
		switch fate := g.record.Fates[m.id]; {
		case fate.Gone != observed.Never:
		case fate.Touched != observed.Never:
			g.record.Distressed.Add(score)
		default:
			g.record.Healthy.Add(score)
		}
		g.mu.Unlock()
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
	if !g.Peer.RealTime {
		defer time.Sleep(2*g.System.StreamTimeout + time.Duration(g.System.Lifeguard.S+2)*g.System.ProtocolPeriod)
	}
	g.ends.Do(func() { close(g.over) })
	for _, m := range g.members {
		m.endpoint.gate.remove()
		if list := g.listOf(m); list != nil {
			list.Shutdown() //nolint:errcheck // of the transport, which has no errors
		}
	}
}

// concluded notes what a member has concluded about another, or about itself.
func (g *group) concluded(by int, what observed.Kind, name string) {
	about, known := g.byName[name]
	if !known || about == by && what != observed.Refuted {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.record.Fates[by].Gone != observed.Never {
		return // the last twitch of a crashed process
	}
	if what == observed.Failed && g.record.Fates[about].Goodbye != observed.Never {
		what = observed.Left
	}
	g.record.Events = append(g.record.Events, observed.Event{At: g.now(), Kind: what, By: by, About: about})
	if what == observed.ProbeFailed || what == observed.Failed {
		g.stopWhenDone()
	}
}

// sent notes a message that a member wants to send.
func (g *group) sent(from, bytes int) {
	since := g.now() - g.Run.Warmup
	if since < 0 || since > g.Run.Duration-g.Run.Warmup {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.record.Messages++
	g.record.Bytes += float64(bytes)
	if k := int(since / g.System.ProtocolPeriod); k < len(g.sentIn[from]) {
		g.sentIn[from][k]++
	}
}
