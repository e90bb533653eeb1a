package loopback

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/swimlab/swimlab/experiments/observed"
	"github.com/swimlab/swimlab/experiments/sim"
)

// newcomers is how many members a fault adds to those there have ever been.
func newcomers(f *sim.Fault) int {
	switch {
	case f.Join != nil:
		return f.Join.Members
	case f.Restart != nil:
		return max(f.Restart.Members, len(f.Restart.IDs))
	}
	return 0
}

// everybody is how many members there are and will come.
func everybody(s *sim.Scenario) int {
	n := s.System.Members
	for i := range s.Faults {
		n += newcomers(&s.Faults[i])
	}
	return n
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
			g.process(id).Tell(Command{Leave: true})
		}
	case f.Pause != nil:
		for _, id := range g.choose(f.Pause.Target) {
			g.stop(id)
			g.later(g.now()+f.Pause.For, func() { g.resume(id) })
		}
	case f.Slow != nil:
		g.slow(g.choose(f.Slow.Target), f.Slow)
	case f.CPU != nil:
		for _, id := range g.choose(f.CPU.Target) {
			g.starve(id, f.CPU)
		}
	case f.Partition != nil:
		g.interfere(&rule{who: g.choose(f.Partition.Target), cut: true}, f.Partition.For)
	case f.Loss != nil:
		r := &rule{who: g.choose(f.Loss.Target)}
		if f.Loss.Direction != "out" {
			r.lossIn = float64(f.Loss.Rate)
		}
		if f.Loss.Direction != "in" {
			r.lossOut = float64(f.Loss.Rate)
		}
		g.interfere(r, f.Loss.For)
	}
}

// choose finds the members a fault is about, as the simulator does: those named, or
// so many of those that no fault has touched, at random. They are touched now.
func (g *group) choose(t sim.Target) []int {
	g.mu.Lock()
	defer g.mu.Unlock()
	var able []int
	up := 0
	for id, f := range g.record.Fates {
		if f.Gone != observed.Never || f.Came == observed.Never {
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
	g.process(id).Kill()
	g.mu.Lock()
	g.record.Fates[id].Gone = at
	g.record.Crashes = append(g.record.Crashes, observed.Happening{Member: id, At: at})
	g.mu.Unlock()
}

// slow blocks members' messages and lets them through by turns, all in step.
func (g *group) slow(who []int, f *sim.SlowFault) {
	g.mu.Lock()
	start := g.now()
	for _, id := range who {
		g.record.Holdings = append(g.record.Holdings, observed.Happening{Member: id, At: start})
	}
	g.mu.Unlock()
	blocks := Blocks{Start: g.began.Add(start).UnixNano(), Blocked: f.Blocked, Normal: f.Normal, For: f.For}
	for _, id := range who {
		g.process(id).Tell(Command{Blocks: &blocks})
	}
}

// process is a member's.
func (g *group) process(id int) *Process {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.processes[id]
}

// running are the processes of those who have come and not gone.
func (g *group) running() []*Process {
	g.mu.Lock()
	defer g.mu.Unlock()
	var up []*Process
	for id, f := range g.record.Fates {
		if f.Gone == observed.Never && g.processes[id] != nil {
			up = append(up, g.processes[id])
		}
	}
	return up
}

// join has a new process join through a running member: the first one as long as
// it runs, or any.
func (g *group) join(id int, via string) {
	g.joining.Lock() // the cluster numbers its processes in the order of their coming
	defer g.joining.Unlock()
	g.mu.Lock()
	var up []*Process
	for other, f := range g.record.Fates {
		if f.Gone == observed.Never && g.processes[other] != nil {
			up = append(up, g.processes[other])
		}
	}
	if len(up) == 0 {
		g.mu.Unlock()
		return
	}
	contact := up[0]
	if via == "random" || contact != g.processes[0] {
		contact = up[g.rng.IntN(len(up))]
	}
	g.ids = append(g.ids, id)
	g.mu.Unlock()
	settings := g.settings(id)
	settings.Faults = g.faults
	p, err := g.cluster.Add(settings)
	if err != nil {
		select {
		case <-g.over: // it came too late
		default:
			g.failed(err)
		}
		return
	}
	g.mu.Lock()
	g.processes[id], g.record.Fates[id].Came = p, g.now()
	g.mu.Unlock()
	g.tellOfRules(nil) // it may be on one side of a partition, and the others must know its address
	p.Tell(Command{Join: contact.Addr})
}

// restart brings crashed members back, as new ones, the first ones first.
func (g *group) restart(t *sim.Target, first int) {
	g.mu.Lock()
	var back []int
	for id, f := range g.record.Fates {
		crashed := slices.ContainsFunc(g.record.Crashes, func(h observed.Happening) bool { return h.Member == id })
		if f.Gone != observed.Never && crashed && !g.replaced[id] && (len(t.IDs) == 0 || slices.Contains(t.IDs, id)) {
			back = append(back, id)
		}
	}
	if len(t.IDs) == 0 {
		back = back[:min(t.Members, len(back))]
	}
	for _, id := range back {
		g.replaced[id] = true
	}
	g.mu.Unlock()
	for k := range back {
		g.join(first+k, "random")
	}
}

// stop stops a member's process; stops nest.
func (g *group) stop(id int) { g.stopped(id, 1) }

// resume ends a stop.
func (g *group) resume(id int) { g.stopped(id, -1) }

func (g *group) stopped(id, by int) {
	g.mu.Lock()
	was := g.stops[id]
	g.stops[id] += by
	is, p := g.stops[id], g.processes[id]
	g.mu.Unlock()
	switch {
	case was == 0 && is > 0:
		g.failed(p.Stop())
	case was > 0 && is == 0:
		g.failed(p.Resume())
	}
}

// starve has a member short of processor time. Where the times for which it runs and
// stalls are always the same, a quota gives them, used up by a busy process beside
// the member's. No quota gives random ones: the process is then stopped and goes
// on by turns, as the simulator's does.
func (g *group) starve(id int, f *sim.CPUFault) {
	if run, stall, ok := constants(f); ok {
		q, err := newQuota(g.process(id).Pid(), run, stall)
		if err != nil {
			g.failed(err)
			return
		}
		g.mu.Lock()
		g.quotas = append(g.quotas, q)
		g.mu.Unlock()
		select {
		case <-g.over: // and nobody looks at the quotas any more
			q.end()
		default:
		}
		g.later(g.now()+f.For, q.end)
		return
	}
	end := g.now() + f.For
	rng := g.derived()
	// The times drawn are counted from the start, so that late timers do not add up.
	var stall func(began time.Duration)
	stall = func(began time.Duration) {
		if began >= end {
			return
		}
		g.stop(id)
		until := min(began+f.Stall.Sample(rng), end)
		g.later(until, func() {
			g.resume(id)
			next := until + max(f.Run.Sample(rng), time.Millisecond)
			g.later(next, func() { stall(next) })
		})
	}
	stall(g.now())
}

// derived is a generator for one member's fault, whose draws come at times that real
// time decides and must not disturb the schedule's.
func (g *group) derived() *rand.Rand {
	g.mu.Lock()
	defer g.mu.Unlock()
	return rand.New(rand.NewPCG(g.rng.Uint64(), 2))
}

// constants are the times of a fault that are not random; false if they are.
func constants(f *sim.CPUFault) (run, stall time.Duration, ok bool) {
	run, varies, plain := f.Run.Span()
	stall, also, flat := f.Stall.Span()
	return run, stall, plain && flat && varies == 0 && also == 0
}
