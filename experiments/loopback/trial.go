package loopback

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/swimlab/swimlab/experiments/observed"
	"github.com/swimlab/swimlab/experiments/sim"
	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/swim/live"
)

// group is the members of a trial and what becomes of them.
type group struct {
	*sim.Scenario
	faults  Faults // of the network
	cluster *Cluster
	byName  map[string]int
	rng     *rand.Rand    // of the schedule
	over    chan struct{} // closed when the trial ends
	ends    sync.Once

	mu      sync.Mutex // guards what follows
	began   time.Time  // time 0; zero before
	record  observed.Record
	last    []Status // of each member
	base    []Status // of each member, at the warm-up
	toCome  int      // crashes
	dropped uint64
	timers  []*time.Timer
	err     error // of a fault that could not be made
}

func newGroup(s *sim.Scenario) (*group, error) {
	faults, err := faultsOf(s.Network)
	if err != nil {
		return nil, err
	}
	n := s.System.Members
	g := &group{
		Scenario: s, faults: faults, byName: map[string]int{}, over: make(chan struct{}),
		rng: rand.New(rand.NewPCG(s.Seed, 1)), last: make([]Status, n), base: make([]Status, n),
		record: observed.Record{Period: s.System.ProtocolPeriod, Warmup: s.Run.Warmup, Fates: make([]observed.Fate, n)},
	}
	for id := range n {
		g.record.Fates[id] = observed.Untouched
		g.byName[g.name(id)] = id
	}
	return g, nil
}

func (g *group) name(id int) string {
	return fmt.Sprintf("m%0*d", max(g.System.Wire.NameBytes, 5)-1, id)
}

// settings are those of a member.
func (g *group) settings(id int) Settings {
	protocol, lifeguard := g.System.Configs()
	protocol.Sizer = nil // the shell measures its own messages
	family := live.Plain
	if g.System.Wire.PayloadBytes > 0 {
		family = live.Serf
	}
	return Settings{
		Name: g.name(id), Bind: "127.0.0.1:0", Family: family.String(), Meta: g.System.Wire.MetaBytes,
		Protocol: &protocol, Lifeguard: &lifeguard, PacketBytes: g.System.Wire.PacketBytes, StreamTimeout: g.System.StreamTimeout,
		AsPublished: true, Seed: g.Seed*uint64(maxMembers) + uint64(id) + 1, Every: 500 * time.Millisecond,
	}
}

// run forms the group, and lets time pass from there to the trial's end.
func (g *group) run(ctx context.Context, command []string) (trial.Observations, error) {
	var err error
	g.cluster, err = Start(ctx, Options{Members: g.System.Members, Command: command, Settings: g.settings, Hear: g.heard})
	if err != nil {
		return trial.Observations{}, err
	}
	defer g.cluster.Close()
	defer g.end()
	if err := g.cluster.Form(ctx, time.Minute+time.Duration(g.System.Members)*time.Second); err != nil {
		return trial.Observations{}, err
	}
	for _, p := range g.cluster.Members {
		p.Tell(Command{Faults: &g.faults})
	}
	g.begin()
	select {
	case <-ctx.Done():
		return trial.Observations{}, ctx.Err()
	case <-time.After(g.Run.Duration):
	case <-g.over:
	}
	g.askAll()
	return g.observe()
}

// begin is time 0: it puts the warm-up's end and the faults on the schedule.
func (g *group) begin() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.began = time.Now()
	if g.Run.Warmup == 0 {
		copy(g.base, g.last)
	} else {
		g.at(g.Run.Warmup, func() {
			g.askAll()
			g.mu.Lock()
			copy(g.base, g.last)
			g.mu.Unlock()
		})
	}
	for i := range g.Faults {
		f := &g.Faults[i]
		if f.Crash != nil {
			g.toCome++
		}
		g.at(f.At.Sample(g.rng), func() { g.happen(f) })
	}
}

// askAll has every member report, and gives those that can the time to.
func (g *group) askAll() {
	for _, p := range g.cluster.Members {
		p.Tell(Command{Status: true})
	}
	time.Sleep(100 * time.Millisecond)
}

// at has f called at an instant, unless the trial is over by then. g.mu is held.
func (g *group) at(t time.Duration, f func()) {
	g.timers = append(g.timers, time.AfterFunc(t-time.Since(g.began), func() {
		select {
		case <-g.over:
		default:
			f()
		}
	}))
}

func (g *group) later(t time.Duration, f func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.at(t, f)
}

func (g *group) now() time.Duration { return time.Since(g.began) }

// end stops the schedule.
func (g *group) end() {
	g.ends.Do(func() { close(g.over) })
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, t := range g.timers {
		t.Stop()
	}
}

// happen lets a fault happen now.
func (g *group) happen(f *sim.Fault) {
	switch {
	case f.Crash != nil:
		for _, id := range g.choose(*f.Crash) {
			g.crash(id)
		}
		g.mu.Lock()
		g.toCome--
		g.stopWhenDone()
		g.mu.Unlock()
	case f.Leave != nil:
		for _, id := range g.choose(*f.Leave) {
			g.mu.Lock()
			g.record.Fates[id].Goodbye = g.now()
			g.mu.Unlock()
			g.cluster.Members[id].Tell(Command{Leave: true})
		}
	case f.Pause != nil:
		for _, id := range g.choose(f.Pause.Target) {
			p := g.cluster.Members[id]
			g.failed(p.Stop())
			g.later(g.now()+f.Pause.For, func() { g.failed(p.Resume()) })
		}
	case f.Slow != nil:
		g.slow(g.choose(f.Slow.Target), f.Slow)
	case f.Loss != nil:
		for _, id := range g.choose(f.Loss.Target) {
			p, lossy := g.cluster.Members[id], g.faults
			// Two losses one after the other let through what both do.
			if f.Loss.Direction != "out" {
				lossy.LossIn = float64(f.Loss.Rate)
			}
			if f.Loss.Direction != "in" {
				lossy.LossOut = 1 - (1-lossy.LossOut)*(1-float64(f.Loss.Rate))
			}
			p.Tell(Command{Faults: &lossy})
			if f.Loss.For > 0 {
				g.later(g.now()+f.Loss.For, func() { p.Tell(Command{Faults: &g.faults}) })
			}
		}
	}
}

func (g *group) failed(err error) {
	if err == nil {
		return
	}
	g.mu.Lock()
	g.err = err
	g.mu.Unlock()
	g.ends.Do(func() { close(g.over) })
}

// choose finds the members a fault is about, as the simulator does: those named, or
// so many of those that no fault has touched, at random. They are touched now.
func (g *group) choose(t sim.Target) []int {
	g.mu.Lock()
	defer g.mu.Unlock()
	var able []int
	up := 0
	for id, f := range g.record.Fates {
		if f.Gone != observed.Never {
			continue
		}
		up++
		if len(t.IDs) > 0 && slices.Contains(t.IDs, id) || len(t.IDs) == 0 && f.Touched == observed.Never {
			able = append(able, id)
		}
	}
	if len(t.IDs) == 0 {
		g.rng.Shuffle(len(able), func(i, j int) { able[i], able[j] = able[j], able[i] })
		able = able[:min(t.Count(up), len(able))]
	}
	for _, id := range able {
		g.record.Fates[id].Touched = min(g.record.Fates[id].Touched, g.now())
	}
	return able
}

func (g *group) crash(id int) {
	at := g.now()
	g.cluster.Members[id].Kill()
	g.mu.Lock()
	g.record.Fates[id].Gone = at
	g.record.Crashes = append(g.record.Crashes, observed.Happening{Member: id, At: at})
	g.mu.Unlock()
}

// slow blocks members' messages and lets them through by turns, all in step.
func (g *group) slow(who []int, f *sim.SlowFault) {
	start := g.now()
	end := start + f.For
	g.mu.Lock()
	for _, id := range who {
		g.record.Holdings = append(g.record.Holdings, observed.Happening{Member: id, At: start})
	}
	g.mu.Unlock()
	tell := func(c Command) {
		for _, id := range who {
			g.cluster.Members[id].Tell(c)
		}
	}
	// Each cycle is counted from the start, so that late timers do not add up.
	var cycle func(began time.Duration)
	cycle = func(began time.Duration) {
		if began >= end {
			return
		}
		tell(Command{Block: true})
		until := min(began+f.Blocked, end)
		g.later(until, func() {
			tell(Command{Unblock: true})
			g.later(until+f.Normal, func() { cycle(until + f.Normal) })
		})
	}
	cycle(start)
}

var kinds = map[string]observed.Kind{
	live.ProbeFailed.String(): observed.ProbeFailed, live.Failed.String(): observed.Failed, live.Left.String(): observed.Left,
	live.Joined.String(): observed.Returned, live.Refuted.String(): observed.Refuted,
}

// heard takes in what a member reports.
func (g *group) heard(by int, r Report) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case r.Status != nil:
		g.status(by, *r.Status)
	case r.Left:
		g.record.Fates[by].Gone = g.now()
	case r.Event != nil && !g.began.IsZero():
		about, known := g.byName[r.Event.Member]
		kind, counts := kinds[r.Event.Kind]
		at := time.Duration(r.Event.At - g.began.UnixNano())
		if !known || !counts || at < 0 || about == by && kind != observed.Refuted {
			return
		}
		g.record.Events = append(g.record.Events, observed.Event{At: at, Kind: kind, By: by, About: about})
		if kind == observed.ProbeFailed || kind == observed.Failed {
			g.stopWhenDone()
		}
	}
}

func (g *group) status(by int, s Status) {
	g.dropped += s.Dropped - g.last[by].Dropped
	g.last[by] = s
	if g.began.IsZero() || g.now() < g.Run.Warmup || !g.System.Lifeguard.LHAProbe {
		return
	}
	if g.record.Fates[by].Touched == observed.Never {
		g.record.Healthy.Add(float64(s.Health))
	} else {
		g.record.Distressed.Add(float64(s.Health))
	}
}

// stopWhenDone ends the trial early, as the scenario asks. g.mu is held.
func (g *group) stopWhenDone() {
	if g.Run.StopWhen == "" || g.toCome > 0 || len(g.record.Crashes) == 0 {
		return
	}
	done := g.record.Detected()
	if g.Run.StopWhen == "removed" {
		done = append(done, g.record.Removed()...)
	}
	if !slices.Contains(done, observed.Never) {
		g.ends.Do(func() { close(g.over) })
	}
}

// observe fills in what the trial was asked for.
func (g *group) observe() (trial.Observations, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.err != nil:
		return trial.Observations{}, g.err
	case g.dropped > 0:
		return trial.Observations{}, fmt.Errorf("%d events were lost on their way to be counted: the machine is too busy for this trial", g.dropped)
	}
	for id, p := range g.cluster.Members {
		select {
		case <-p.Exited():
			if g.record.Fates[id].Gone == observed.Never {
				return trial.Observations{}, fmt.Errorf("member %s ended by itself: %v", p.Name, p.cmd.ProcessState)
			}
		default:
		}
		g.record.Messages += float64(g.last[id].Messages - g.base[id].Messages)
		g.record.Bytes += float64(g.last[id].Bytes - g.base[id].Bytes)
	}
	g.record.Sort()
	return trial.Observations{Samples: g.record.Samples(g.Measure)}, nil
}
