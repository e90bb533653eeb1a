package virtual

import (
	"slices"
	"time"

	"github.com/swimlab/swimlab/experiments/observed"
	"github.com/swimlab/swimlab/experiments/sim"
)

// putOnSchedule draws the times of the faults and puts them on the schedule. The
// channel tells, before the first of them and by the warm-up's end, whether the
// group has formed.
func (g *group) putOnSchedule() <-chan error {
	formed := make(chan error, 1)
	first := g.Run.Duration
	if g.Run.Warmup > 0 {
		first = g.Run.Warmup
	}
	times := make([]time.Duration, len(g.Faults))
	for i, f := range g.Faults {
		g.mu.Lock()
		times[i] = f.At.Sample(g.rng)
		g.mu.Unlock()
		first = min(first, times[i])
		if f.Crash != nil {
			g.toCome++
		}
	}
	g.at(first, func() { formed <- g.whole() })
	newcomer := g.System.Members // the next of those that are to join
	for i := range g.Faults {
		f := &g.Faults[i]
		if f.Join == nil {
			g.at(times[i], func() { g.begin(f) })
			continue
		}
		for k := range f.Join.Members {
			m := g.members[newcomer]
			g.at(times[i]+time.Duration(k)*f.Join.Every, func() { g.arrive(m, f.Join.Via) })
			newcomer++
		}
	}
	return formed
}

// begin lets a fault happen now.
func (g *group) begin(f *sim.Fault) {
	switch {
	case f.Crash != nil:
		for _, m := range g.choose(*f.Crash) {
			g.crash(m)
		}
		g.mu.Lock()
		g.toCome--
		g.mu.Unlock()
	case f.Leave != nil:
		for _, m := range g.choose(*f.Leave) {
			g.leave(m)
		}
	case f.Pause != nil:
		for _, m := range g.choose(f.Pause.Target) {
			m.endpoint.gate.close()
			g.at(g.now()+f.Pause.For, m.endpoint.gate.open)
		}
	case f.Slow != nil:
		g.slow(g.choose(f.Slow.Target), f.Slow)
	case f.Partition != nil:
		for _, m := range g.choose(f.Partition.Target) {
			g.network.cut(m.endpoint, 1)
			if f.Partition.For > 0 {
				g.at(g.now()+f.Partition.For, func() { g.network.cut(m.endpoint, -1) })
			}
		}
	}
}

// arrive starts a member that joins through a running one: the first as long as it
// runs, or any. It asks once a protocol period until it is let in.
func (g *group) arrive(m *member, via string) {
	g.mu.Lock()
	var running []*member
	for _, other := range g.members {
		if other.list != nil && g.record.Fates[other.id].Gone == observed.Never {
			running = append(running, other)
		}
	}
	if len(running) == 0 {
		g.mu.Unlock()
		return
	}
	contact := running[0]
	if via == "random" || contact.id != 0 {
		contact = running[g.rng.IntN(len(running))]
	}
	g.record.Fates[m.id].Came = g.now()
	g.mu.Unlock()
	g.start(m)
	for {
		if _, err := g.listOf(m).Join([]string{contact.endpoint.address()}); err == nil {
			return
		}
		select {
		case <-time.After(g.System.ProtocolPeriod):
		case <-g.over:
			return
		}
	}
}

// choose finds the members a fault is about, as the simulator does: those named,
// or so many of those that no fault has touched, at random. They are touched now.
func (g *group) choose(t sim.Target) []*member {
	g.mu.Lock()
	defer g.mu.Unlock()
	var able []*member
	up := 0
	for _, m := range g.members {
		fate := g.record.Fates[m.id]
		if fate.Gone != observed.Never || fate.Came == observed.Never {
			continue
		}
		up++
		if len(t.IDs) > 0 && slices.Contains(t.IDs, m.id) || len(t.IDs) == 0 && fate.Touched == observed.Never {
			able = append(able, m)
		}
	}
	if len(t.IDs) == 0 {
		g.rng.Shuffle(len(able), func(i, j int) { able[i], able[j] = able[j], able[i] })
		able = able[:min(t.Count(up), len(able))]
	}
	for _, m := range able {
		fate := &g.record.Fates[m.id]
		fate.Touched = min(fate.Touched, g.now())
	}
	return able
}

// crash ends a member without a word.
func (g *group) crash(m *member) {
	g.mu.Lock()
	g.record.Fates[m.id].Gone = g.now()
	g.record.Crashes = append(g.record.Crashes, observed.Happening{Member: m.id, At: g.now()})
	g.mu.Unlock()
	m.list.Shutdown() //nolint:errcheck // of the transport, which has no errors
}

// leave has a member say goodbye, and stop when it has passed the word on as
// often as any other news.
func (g *group) leave(m *member) {
	g.mu.Lock()
	g.record.Fates[m.id].Goodbye = g.now()
	g.mu.Unlock()
	go func() {
		m.list.Leave(g.Run.Duration) //nolint:errcheck // at the trial's end nobody cares
		g.mu.Lock()
		g.record.Fates[m.id].Gone = g.now()
		g.mu.Unlock()
		m.list.Shutdown() //nolint:errcheck // of the transport, which has no errors
	}()
}

// slow blocks members' messages and lets them through by turns, all in step.
func (g *group) slow(who []*member, f *sim.SlowFault) {
	end := g.now() + f.For
	g.mu.Lock()
	for _, m := range who {
		g.record.Holdings = append(g.record.Holdings, observed.Happening{Member: m.id, At: g.now()})
	}
	g.mu.Unlock()
	var cycle func()
	cycle = func() {
		if g.now() >= end {
			return
		}
		for _, m := range who {
			m.endpoint.gate.close()
		}
		g.at(min(g.now()+f.Blocked, end), func() {
			for _, m := range who {
				m.endpoint.gate.open()
			}
			g.at(g.now()+f.Normal, cycle)
		})
	}
	cycle()
}

// stopWhenDone ends the trial early, as the scenario asks. g.mu is held.
func (g *group) stopWhenDone() {
	if g.Run.StopWhen == "" || g.toCome > 0 || len(g.record.Crashes) == 0 || slices.Contains(g.record.Detected(), observed.Never) {
		return
	}
	if g.Run.StopWhen == "removed" && slices.Contains(g.record.Removed(), observed.Never) {
		return
	}
	g.ends.Do(func() { close(g.over) })
}
