//go:build linux

package loopback_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/experiments/loopback"
	"github.com/swimlab/swimlab/swim"
)

// The soak: 64 processes under churn, pauses, loss, delay and a storm of hostile
// packets. Its clock runs soakScale times as fast as a local network's, a protocol
// period of 50 ms in the place of 1 s; with forming and convergence two and a half
// minutes and more stand for 50.
// SWIMLAB_SOAK is another duration of the chaos, such as 10m.
const (
	soakMembers = 64
	soakScale   = 20
	soakChaos   = 140 * time.Second
	soakSeed    = 1
	// disturbed is how many members may be down, stopped, gone or lossy at a time.
	disturbed = 10
)

// Bounds. A member that has lived through the chaos may have so much more than the
// greediest had before it: the names of those that went and of those that never were
// are remembered, as they must be.
const (
	moreRoutines = 4
	moreHeap     = 2 << 20
	moreMemory   = 12 << 20
	// untilConverged is in protocol periods: three times what it takes to go once
	// round a list of everybody there ever was, and for a suspicion that nobody
	// confirms to run out.
	untilConverged = 3 * (soakMembers + madeUpNames + 50)
	// tooBusy is how long is waited for so many periods in which the machine let the members
	// keep time. Where timers are late by as much as the members wait for an ack, the
	// members' suspicions are right.
	tooBusy = 10 * time.Minute
)

// soakProtocol is the fixed preset, soakScale times as fast.
func soakProtocol() *swim.Config {
	p := swim.Fixed()
	p.ProtocolPeriod /= soakScale
	p.PingTimeout /= soakScale
	p.GossipInterval /= soakScale
	p.GossipToTheDead /= soakScale
	p.PushPullInterval /= soakScale
	return &p
}

var soakPeriod = soakProtocol().ProtocolPeriod

// state is what the chaos has done to a member, as far as it lasts.
type state uint8

const (
	up state = iota
	down
	stopped
	lossy
	leaving
)

// place is a member's name and address, and the process that has them now.
type place struct {
	name, addr string
	process    int // in Cluster.Members
	state      state
	until      time.Time // when the state ends
	askAgain   time.Time // when it is asked to join again, unless it knows the others
}

// view is what a process last told.
type view struct {
	status    loopback.Status
	sees      map[string]string
	left      bool
	collected *loopback.Status
}

// soak is the group and its chaos.
type soak struct {
	t       *testing.T
	rng     *rand.Rand
	cluster *loopback.Cluster
	places  []*place
	net     string // the first three bytes of the addresses
	counts  map[string]int

	mu    sync.Mutex
	views []view // by process
	ended map[int]bool
}

func newSoak(t *testing.T) *soak {
	pid := os.Getpid()
	return &soak{
		t: t, rng: rand.New(rand.NewPCG(soakSeed, 1)), counts: map[string]int{}, ended: map[int]bool{},
		// A network of this test's own on loopback: other runs have others.
		net: fmt.Sprintf("127.%d.%d", 16+pid%200, pid/200%250),
	}
}

func (s *soak) settings(name, bind string) loopback.Settings {
	return loopback.Settings{
		Name: name, Bind: bind, Family: "serf", Meta: 60, Protocol: soakProtocol(), StreamTimeout: time.Second, Every: 10 * soakPeriod,
		MaxNames: 1024, ReclaimAfter: 30 * time.Second / soakScale,
	}
}

func (s *soak) hear(process int, r loopback.Report) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := &s.views[process]
	switch {
	case r.Left:
		v.left = true
	case r.Status != nil:
		v.status = *r.Status
		maps.Copy(v.sees, r.Status.Changed)
		if r.Status.Collected {
			v.collected = r.Status
		}
	}
}

// start starts a process for a place.
func (s *soak) start(p *place) {
	bind := p.addr
	s.mu.Lock()
	s.views = append(s.views, view{sees: map[string]string{}})
	s.mu.Unlock()
	p.process = len(s.cluster.Members)
	q, err := s.cluster.Add(s.settings(p.name, bind))
	require.NoError(s.t, err)
	p.addr, p.state = q.Addr, up
}

func (s *soak) tell(p *place, c loopback.Command) { s.cluster.Members[p.process].Tell(c) }

// form starts everybody, and waits until all know all.
func (s *soak) form(ctx context.Context) {
	command, err := loopback.Itself()
	require.NoError(s.t, err)
	s.cluster, err = loopback.Start(ctx, loopback.Options{Command: command, Hear: s.hear})
	require.NoError(s.t, err)
	s.t.Cleanup(s.cluster.Close)
	for i := range soakMembers {
		p := &place{name: fmt.Sprintf("soak-%03d", i), addr: fmt.Sprintf("%s.%d:0", s.net, i+1)}
		s.places = append(s.places, p)
		s.start(p)
	}
	clock := newLateness(ctx)
	if err := s.cluster.Form(ctx, 5*time.Minute); err != nil {
		if clock.longest() <= untilConverged {
			s.t.Skipf("this machine is too busy to judge: timers were late by %v on average while %v", clock.mean(), err)
		}
		require.NoError(s.t, err)
	}
}

// known is how many members a place's process says to know.
func (s *soak) known(p *place) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.views[p.process].status.Known
}

// someone is a member that nothing is being done to; nil if there is none but one.
func (s *soak) someone(but *place) *place {
	var able []*place
	for _, p := range s.places {
		if p.state == up && p != but {
			able = append(able, p)
		}
	}
	if len(able) == 0 {
		return nil
	}
	return able[s.rng.IntN(len(able))]
}

// join has a place's process join through somebody, and asks it again in a while.
func (s *soak) join(p *place) {
	if via := s.someone(p); via != nil {
		s.tell(p, loopback.Command{Join: via.addr})
	}
	p.askAgain = time.Now().Add(60 * soakPeriod)
}

// disturb does something to a member for a while.
func (s *soak) disturb() {
	busy := 0
	for _, p := range s.places {
		if p.state != up {
			busy++
		}
	}
	if busy >= disturbed {
		return
	}
	p := s.someone(nil)
	p.until = time.Now().Add(time.Duration(5+s.rng.IntN(80)) * soakPeriod)
	what := []string{"killed", "stopped", "left", "lossy", "delayed"}[s.rng.IntN(5)]
	s.counts[what]++
	process := s.cluster.Members[p.process]
	switch what {
	case "killed":
		s.end(p)
	case "stopped":
		require.NoError(s.t, process.Stop())
		p.state = stopped
	case "left":
		s.tell(p, loopback.Command{Leave: true})
		p.state = leaving
	case "lossy":
		s.tell(p, loopback.Command{Faults: &loopback.Faults{LossIn: 0.4 * s.rng.Float64(), LossOut: 0.4 * s.rng.Float64()}})
		p.state = lossy
	case "delayed":
		s.tell(p, loopback.Command{Faults: &loopback.Faults{Delay: soakPeriod / 10, Jitter: soakPeriod / 2}})
		p.state = lossy
	}
}

// end kills a place's process.
func (s *soak) end(p *place) {
	s.mu.Lock()
	s.ended[p.process] = true
	s.mu.Unlock()
	s.cluster.Members[p.process].Kill()
	p.state = down
}

// mend ends what is over, or all of it.
func (s *soak) mend(all bool) {
	now := time.Now()
	for _, p := range s.places {
		if p.state == up {
			if now.After(p.askAgain) && !p.askAgain.IsZero() {
				p.askAgain = time.Time{}
				if s.known(p) < soakMembers/2 {
					s.counts["asked to join again"]++
					s.join(p)
				}
			}
			continue
		}
		if !all && now.Before(p.until) {
			continue
		}
		switch p.state {
		case stopped:
			require.NoError(s.t, s.cluster.Members[p.process].Resume())
			p.state = up
		case lossy:
			s.tell(p, loopback.Command{Faults: &loopback.Faults{}})
			p.state = up
		case leaving:
			s.mu.Lock()
			left := s.views[p.process].left
			s.mu.Unlock()
			if !left && now.Before(p.until.Add(200*soakPeriod)) {
				continue
			}
			if !left {
				s.counts["could not say goodbye"]++
			}
			s.end(p)
			fallthrough
		case down:
			if s.rng.IntN(4) == 0 { // another in its place
				s.counts["new"]++
				p.name = fmt.Sprintf("soak-%03d", soakMembers+s.counts["new"])
				p.addr = fmt.Sprintf("%s.%d:0", s.net, 1+(soakMembers+s.counts["new"])%180)
			}
			s.start(p)
			s.join(p)
		}
	}
}

// disturbedNow says whether anything still lasts.
func (s *soak) disturbedNow() bool {
	return slices.ContainsFunc(s.places, func(p *place) bool { return p.state != up })
}

// targets are the members that the storm may aim at and lie about.
func (s *soak) targets() []target {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []target
	for _, p := range s.places {
		all = append(all, target{p.name, p.addr, s.views[p.process].status.Incarnation})
	}
	return all
}

// wrong tells of a view that is not exactly the members there are; empty is none.
func (s *soak) wrong() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := map[string]bool{}
	for _, p := range s.places {
		names[p.name] = true
	}
	found, kinds, n := "", map[string]int{}, 0
	for _, p := range s.places {
		sees := s.views[p.process].sees
		for name := range names {
			if is := sees[name]; is != "alive" {
				found = fmt.Sprintf("%s holds %s for %q", p.name, name, is)
				kinds[is+", alive in truth"]++
				n++
			}
		}
		for name, is := range sees {
			if !names[name] && is != "failed" && is != "left" {
				found = fmt.Sprintf("%s holds %s, which is none, for %q", p.name, name, is)
				kinds[is+", none in truth"]++
				n++
			}
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%s, and so with %d more: %v", found, n-1, kinds)
}

// collect has every process collect its garbage and tell what it has left.
func (s *soak) collect() []loopback.Status {
	s.mu.Lock()
	for i := range s.views {
		s.views[i].collected = nil
	}
	s.mu.Unlock()
	for _, p := range s.places {
		s.tell(p, loopback.Command{Collect: true})
	}
	var all []loopback.Status
	require.Eventually(s.t, func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		all = all[:0]
		for _, p := range s.places {
			if c := s.views[p.process].collected; c != nil {
				all = append(all, *c)
			}
		}
		return len(all) == len(s.places)
	}, time.Minute, 50*time.Millisecond)
	return all
}

// most is the largest of the members' values.
func most[T uint64 | int](all []loopback.Status, of func(loopback.Status) T) T {
	var m T
	for _, x := range all {
		m = max(m, of(x))
	}
	return m
}

// noCrash requires that no process has ended but those that were to.
func (s *soak) noCrash() {
	for i, p := range s.cluster.Members {
		select {
		case <-p.Exited():
			if !s.ended[i] {
				s.t.Errorf("%s ended by itself: %s", p.Name, p.Complaints())
			}
		default:
		}
	}
}

func TestSoak(t *testing.T) {
	if testing.Short() {
		t.Skip("two minutes of real time")
	}
	chaos := soakChaos
	if text := os.Getenv("SWIMLAB_SOAK"); text != "" {
		d, err := time.ParseDuration(text)
		require.NoError(t, err, "SWIMLAB_SOAK; want a duration such as 10m")
		chaos = d
	}
	s := newSoak(t)
	began := time.Now()
	s.form(t.Context())
	t.Logf("formed after %v", time.Since(began))
	time.Sleep(100 * soakPeriod)
	before := s.collect()

	storm := newStorm(t, s.targets)
	clock := newLateness(t.Context())
	for end := time.Now().Add(chaos); time.Now().Before(end); time.Sleep(4 * soakPeriod) {
		s.disturb()
		s.mend(false)
		storm.aim(s.targets())
		s.noCrash()
	}
	storm.stop()
	for s.disturbedNow() {
		s.mend(true)
		time.Sleep(soakPeriod)
	}
	t.Logf("chaos: %v; storm: %v; timers were late by %v on average, %v at most", s.counts, storm.counted(), clock.mean(), clock.max())

	clock = newLateness(t.Context())
	calm := time.Now()
	for wrong := s.wrong(); wrong != ""; wrong = s.wrong() {
		s.mend(true) // who has not joined is asked again
		if on := clock.onTime(); on > untilConverged {
			t.Fatalf("%v after the chaos, %d protocol periods without a late timer, %s", time.Since(calm), on, wrong)
		}
		if time.Since(calm) > tooBusy {
			t.Skipf("this machine is too busy to judge: timers were late by %v on average in the %v since the chaos, in which the group has not converged: %s",
				clock.mean(), tooBusy, wrong)
		}
		time.Sleep(soakPeriod)
	}
	t.Logf("every view was right after %.0f protocol periods; timers were late by %v on average", float64(time.Since(calm))/float64(soakPeriod), clock.mean())

	time.Sleep(60 * soakPeriod) // twice as long as the dead are told
	after := s.collect()
	storm.verdict()
	for _, c := range []struct {
		what string
		of   func(loopback.Status) uint64
		more uint64
	}{
		{"goroutines", func(s loopback.Status) uint64 { return uint64(s.Routines) }, moreRoutines},
		{"bytes on the heap", func(s loopback.Status) uint64 { return s.Heap }, moreHeap},
		{"bytes of memory", func(s loopback.Status) uint64 { return s.Memory }, moreMemory},
	} {
		was, is := most(before, c.of), most(after, c.of)
		t.Logf("%s: at most %d before, %d after", c.what, was, is)
		assert.LessOrEqual(t, is, was+c.more, c.what)
	}
	t.Logf("members woke late %d times at most", most(after, func(s loopback.Status) uint64 { return s.Late }))

	s.noCrash()
	s.cluster.Close()
	for _, p := range s.cluster.Members {
		assert.ErrorIs(t, syscall.Kill(p.Pid(), 0), syscall.ESRCH, "process %s is left behind", strconv.Itoa(p.Pid()))
	}
}

// lateness measures how late this machine wakes those who sleep.
type lateness struct {
	mu     sync.Mutex
	n      int
	sum    time.Duration
	worst  time.Duration
	inTime int // in a row, since the last that was late
	best   int // in a row at any time
}

func newLateness(ctx context.Context) *lateness {
	l := &lateness{}
	go func() {
		for ctx.Err() == nil {
			due := time.Now().Add(soakPeriod)
			time.Sleep(soakPeriod)
			by := time.Since(due)
			l.mu.Lock()
			l.n++
			l.sum += by
			l.worst = max(l.worst, by)
			l.inTime++
			if by > soakProtocol().PingTimeout {
				l.inTime = 0
			}
			l.best = max(l.best, l.inTime)
			l.mu.Unlock()
		}
	}()
	return l
}

// onTime is how many protocol periods have passed since a timer was last late by more than
// members wait for an ack.
func (l *lateness) onTime() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.inTime
}

// longest is the most of such periods that there were in a row.
func (l *lateness) longest() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.best
}

func (l *lateness) mean() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.sum / time.Duration(max(l.n, 1))
}

func (l *lateness) max() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.worst
}
