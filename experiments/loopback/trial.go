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
	byName  map[string]int // members of all times, by name
	rng     *rand.Rand     // of the schedule
	over    chan struct{}  // closed when the trial ends
	ends    sync.Once
	joining sync.Mutex

	mu        sync.Mutex // guards what follows
	began     time.Time  // time 0; zero before
	record    observed.Record
	processes []*Process // of the members; nil of those who have yet to come
	ids       []int      // the member of each of the cluster's processes
	last      []Status   // of each member
	base      []Status   // of each member, at the warm-up
	replaced  []bool     // crashed, and another came in its place
	stops     []int      // how many faults have stopped it now
	rules     []*rule    // the schedule's present interferences with the network
	quotas    []*quota
	toCome    int // crashes
	dropped   uint64
	timers    []*time.Timer
	err       error // of a fault that could not be made
}

func newGroup(s *sim.Scenario) (*group, error) {
	faults, err := faultsOf(s.Network)
	if err != nil {
		return nil, err
	}
	n := everybody(s)
	g := &group{
		Scenario: s, faults: faults, byName: map[string]int{}, over: make(chan struct{}), rng: rand.New(rand.NewPCG(s.Seed, 1)),
		processes: make([]*Process, n), last: make([]Status, n), base: make([]Status, n), replaced: make([]bool, n), stops: make([]int, n),
		record: observed.Record{Period: s.System.ProtocolPeriod, Warmup: s.Run.Warmup, Fates: make([]observed.Fate, n)},
	}
	for id := range n {
		g.record.Fates[id] = observed.Untouched
		if id >= s.System.Members {
			g.record.Fates[id].Came = observed.Never
		} else {
			g.ids = append(g.ids, id)
		}
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
	copy(g.processes, g.cluster.Members)
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
	newcomer := g.System.Members
	for i := range g.Faults {
		f := &g.Faults[i]
		at, first := f.At.Sample(g.rng), newcomer
		newcomer += newcomers(f)
		switch {
		case f.Join != nil:
			for k := range f.Join.Members {
				g.at(at+time.Duration(k)*f.Join.Every, func() { g.join(first+k, f.Join.Via) })
			}
		case f.Restart != nil:
			g.at(at, func() { g.restart(f.Restart, first) })
		default:
			if f.Crash != nil {
				g.toCome++
			}
			g.at(at, func() { g.happen(f) })
		}
	}
}

// askAll has every member report, and gives those that can the time to.
func (g *group) askAll() {
	for _, p := range g.running() {
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
	for _, q := range g.quotas {
		q.end()
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

var kinds = map[string]observed.Kind{
	live.ProbeFailed.String(): observed.ProbeFailed, live.Failed.String(): observed.Failed, live.Left.String(): observed.Left,
	live.Joined.String(): observed.Returned, live.Refuted.String(): observed.Refuted,
}

// heard takes in what a member reports.
func (g *group) heard(process int, r Report) {
	g.mu.Lock()
	defer g.mu.Unlock()
	by := g.ids[process]
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
	for id, p := range g.processes {
		if p == nil {
			continue
		}
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
	samples := g.record.Samples(g.Measure)
	if slices.Contains(g.Measure, sentMean) {
		samples[sentMean] = g.sentPerPeriod()
	}
	return trial.Observations{Samples: samples}, nil
}

// sentMean is a measure of this world's own making: the reports that it is made of
// are this world's.
const sentMean = "sent_mean"

// sentPerPeriod is what a member sent in a protocol period, the mean over those that
// ran from the warm-up to the end. Each is counted between two of its reports.
func (g *group) sentPerPeriod() []float64 {
	sum, n := 0.0, 0.0
	for id, f := range g.record.Fates {
		from, to := g.base[id], g.last[id]
		if f.Gone != observed.Never || f.Came > g.Run.Warmup || to.At <= from.At {
			continue
		}
		sum += float64(to.Messages-from.Messages) * float64(g.System.ProtocolPeriod) / float64(to.At-from.At)
		n++
	}
	if n == 0 {
		return []float64{}
	}
	return []float64{sum / n}
}
