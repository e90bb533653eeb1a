package lifeguard_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/swimlab/swimlab/internal/stage"
	"github.com/swimlab/swimlab/lifeguard"
	"github.com/swimlab/swimlab/swim"
)

// twins is a group in a bad network, in which everything that happens to a member
// with a Lifeguard happens to its twin without one, too. What the former sends is
// what travels.
type twins struct {
	now      time.Duration
	members  []*swim.Node
	policies []*lifeguard.Policy
	plain    []*swim.Node
	flying   []stage.Flight
	compare  func(id swim.ID, with, without swim.Output)
}

func newTwins(cfg swim.Config, c lifeguard.Config, n int, seed uint64) *twins {
	w := &twins{}
	for id := range swim.ID(n) {
		make := func() *swim.Node {
			rng := rand.New(rand.NewPCG(seed, uint64(id)))
			return swim.NewNode(id, cfg, swim.NewDenseTableOf(id, n, rng), rng)
		}
		p := lifeguard.New(cfg, c)
		with, without := make(), make()
		with.Adapt(p)
		w.policies = append(w.policies, p)
		w.members, w.plain = append(w.members, with), append(w.plain, without)
		with.Start(time.Duration(id) * interval / 7)
		without.Start(time.Duration(id) * interval / 7)
	}
	return w
}

// live has the group live through a schedule drawn from a seed.
func (w *twins) live(seed uint64, steps int) {
	schedule := rand.New(rand.NewPCG(seed, math.MaxUint64))
	held := make([]bool, len(w.members))
	for range steps {
		switch kind := schedule.IntN(100); {
		case kind < 45: // time goes on and everybody is on time
			w.now += time.Duration(schedule.IntN(250)) * time.Millisecond
			for id := range w.members {
				w.both(id, func(n *swim.Node, out *swim.Output) { n.Tick(w.now, out) })
			}
		case kind < 48: // one member alone gets to run, the others are late
			w.now += time.Duration(schedule.IntN(2000)) * time.Millisecond
			w.both(schedule.IntN(len(w.members)), func(n *swim.Node, out *swim.Output) { n.Tick(w.now, out) })
		case kind < 50: // one is held, or let go on
			id := schedule.IntN(len(w.members))
			held[id] = !held[id]
			w.both(id, func(n *swim.Node, out *swim.Output) {
				if held[id] {
					n.Hold()
				} else {
					n.Release(w.now, out)
				}
			})
		case len(w.flying) > 0: // a message arrives, out of order, or is lost, or comes twice
			i := schedule.IntN(len(w.flying))
			f := w.flying[i]
			if kind < 98 {
				w.flying = slices.Delete(w.flying, i, i+1)
			}
			if kind < 90 {
				w.both(int(f.To), func(n *swim.Node, out *swim.Output) { n.Handle(w.now, f.From, &f.Message, out) })
			}
		}
	}
}

// both has a member and its twin do the same, and compares.
func (w *twins) both(id int, act func(*swim.Node, *swim.Output)) {
	var with, without swim.Output
	act(w.members[id], &with)
	act(w.plain[id], &without)
	w.compare(swim.ID(id), with, without)
	for _, s := range with.Sends {
		w.flying = append(w.flying, stage.Flight{From: swim.ID(id), To: s.To, Message: s.Message})
	}
}

// drawGroup is a configuration of SWIM, as published or deployed.
func drawGroup(t *rapid.T) swim.Config {
	cfg := rapid.SampledFrom([]func() swim.Config{swim.Paper, swim.Deployed, swim.Fixed}).Draw(t, "preset")()
	cfg.ProtocolPeriod, cfg.PingTimeout = interval, timeout
	cfg.SuspicionMult = rapid.SampledFrom([]float64{1, 3, 5}).Draw(t, "α")
	cfg.PushPullInterval = min(cfg.PushPullInterval, 3*interval)
	return cfg
}

// drawLifeguard is any parameters, all components off.
func drawLifeguard(t *rapid.T) lifeguard.Config {
	c := rapid.SampledFrom([]func() lifeguard.Config{lifeguard.Paper, lifeguard.Deployed}).Draw(t, "lifeguard")()
	c.LHAProbe, c.LHASuspicion, c.Buddy = false, false, false
	c.S = rapid.IntRange(0, 10).Draw(t, "S")
	c.K = rapid.IntRange(0, 4).Draw(t, "K")
	c.Beta = rapid.Float64Range(1, 8).Draw(t, "β")
	return c
}

func drawTwins(t *rapid.T, cfg swim.Config, c lifeguard.Config) (*twins, func()) {
	require.NoError(t, cfg.Validate())
	require.NoError(t, c.Validate())
	seed := rapid.Uint64().Draw(t, "seed")
	w := newTwins(cfg, c, rapid.IntRange(2, 6).Draw(t, "members"), seed)
	return w, func() { w.live(seed, rapid.IntRange(0, 500).Draw(t, "steps")) }
}

// With all components off it is plain SWIM, event for event, message for message,
// deadline for deadline.
func TestAllOffIsPlainSWIM(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, live := drawTwins(t, drawGroup(t), drawLifeguard(t))
		w.compare = func(id swim.ID, with, without swim.Output) {
			require.Equal(t, without.Events, with.Events)
			require.Equal(t, without.Sends, with.Sends)
			require.Equal(t, w.plain[id].Deadline(), w.members[id].Deadline())
		}
		live()
	})
}

// The Buddy System alone changes pings of suspects: the suspicion goes first.
func TestBuddyAloneChangesPingsOfSuspects(t *testing.T) {
	told := 0
	rapid.Check(t, func(t *rapid.T) {
		cfg, c := drawGroup(t), drawLifeguard(t)
		cfg.MaxUpdates, cfg.LoneSuspicion = 64, false // so that what goes first displaces nothing
		c.Buddy = true
		w, live := drawTwins(t, cfg, c)
		w.compare = func(id swim.ID, with, without swim.Output) {
			require.Equal(t, without.Events, with.Events)
			require.Equal(t, w.plain[id].Deadline(), w.members[id].Deadline())
			require.Len(t, with.Sends, len(without.Sends))
			for i := range with.Sends {
				got, plain := with.Sends[i], without.Sends[i]
				if assert.ObjectsAreEqual(plain, got) {
					continue
				}
				told++
				require.Equal(t, swim.Ping, got.Message.Kind)
				rest := slices.DeleteFunc(slices.Clone(plain.Message.Updates), func(u swim.Update) bool { return u.Member == got.To })
				want := append([]swim.Update{suspicionOf(got.To, w.members[id])}, rest...)
				require.Equal(t, want, got.Message.Updates)
				got.Message.Updates, plain.Message.Updates = nil, nil
				require.Equal(t, plain, got)
			}
		}
		live()
	})
	assert.Greater(t, told, often(100), "the schedules bring about what they are for")
}

// suspicionOf is the news that a member's ping of a suspect leads with.
func suspicionOf(id swim.ID, by *swim.Node) swim.Update {
	return swim.Update{Member: id, Incarnation: by.Lookup(id).Incarnation, From: by.ID(), State: swim.Suspect}
}

// LHA-Probe of members that never doubt themselves, S = 0, changes nothing but that
// nacks are asked for and sent.
func TestLHAProbeWithoutDoubtAddsNacksAlone(t *testing.T) {
	nacks := 0
	rapid.Check(t, func(t *rapid.T) {
		cfg, c := drawGroup(t), drawLifeguard(t)
		// A nack bears news, which then counts as told: without gossip by itself, how
		// often news was told changes nothing but what is on board.
		cfg.GossipInterval = 0
		c.LHAProbe, c.S = true, 0
		w, live := drawTwins(t, cfg, c)
		w.compare = func(id swim.ID, with, without swim.Output) {
			require.Equal(t, without.Events, with.Events)
			var rest []swim.Send
			for _, s := range with.Sends {
				if s.Message.Kind == swim.Nack {
					nacks++
				} else {
					rest = append(rest, s)
				}
			}
			require.Len(t, rest, len(without.Sends))
			for i, s := range rest {
				plain := without.Sends[i]
				require.Equal(t, s.Message.Kind == swim.PingReq, s.Message.Nack)
				if s.Message.Kind == swim.Sync || s.Message.Kind == swim.SyncReply {
					require.Equal(t, plain.Message.Updates, s.Message.Updates)
				}
				s.Message.Nack, s.Message.Updates, plain.Message.Updates = false, nil, nil
				require.Equal(t, plain, s)
			}
		}
		live()
	})
	assert.Greater(t, nacks, often(100), "the schedules bring about what they are for")
}

// onTime is a group whose clock is right and whose network loses messages, for a
// while and at random. Where some members are deaf or mute for seconds, there are
// suspicions, true and false. It returns SWIM's suspicion time-out, too.
func onTime(t *rapid.T, c lifeguard.Config) (*stage.Cluster, time.Duration) {
	cfg := drawGroup(t)
	cfg.CommonLog, cfg.StopWhenExcluded, cfg.PingerClears = true, false, false // Min = α periods for n ≤ 10
	n, seed := rapid.IntRange(3, 8).Draw(t, "members"), rapid.Uint64().Draw(t, "seed")
	g := stage.New(stage.Setting{Config: cfg, Members: n, Stagger: 100 * time.Millisecond, Latency: 5 * time.Millisecond,
		Seed: seed, Policy: func() swim.Policy { return lifeguard.New(cfg, c) }})
	// Not drawn by rapid, which prefers small numbers and so little trouble.
	trouble := rand.New(rand.NewPCG(seed, math.MaxUint64))
	for range 1 + trouble.IntN(3) {
		if who, count := swim.ID(trouble.IntN(n)), 5+trouble.IntN(100); trouble.IntN(2) == 0 {
			g.Drop(swim.Nobody, who, 0, count)
		} else {
			g.Drop(who, swim.Nobody, 0, count)
		}
	}
	return g, cfg.SuspicionTimeout(n)
}

// often is how many cases a property's schedules bring about at the least; those of
// -short, a fifth as many, may bring about a tenth.
func often(cases int) int {
	if testing.Short() {
		return cases / 10
	}
	return cases
}

// LHA-Probe alone never changes how long a suspicion lasts: whoever declares a
// member faulty of its own does so SWIM's time-out after it began to suspect.
func TestLHAProbeAloneLeavesSuspicionsAlone(t *testing.T) {
	ended, slowed := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		c := drawLifeguard(t)
		c.LHAProbe, c.S = true, 8
		g, shortest := onTime(t, c)
		g.Watch = func(f stage.Flight) {
			// Calls for help come at odd times where the prober is in doubt of itself.
			if f.Message.Kind == swim.PingReq && (g.Now-time.Duration(f.From)*100*time.Millisecond)%interval != timeout {
				slowed++
			}
		}
		g.Run(40 * interval)
		for _, m := range g.Members {
			since := map[swim.ID]time.Duration{}
			for _, e := range m.Events {
				require.NotEqual(t, swim.SuspicionConfirmed, e.Kind)
				switch {
				case e.Kind == swim.Suspected:
					since[e.Member] = e.At
				case e.Kind == swim.Confirmed && e.By == m.ID():
					require.Equal(t, since[e.Member]+shortest, e.At)
					ended++
				}
			}
		}
	})
	assert.Greater(t, ended, often(50), "the schedules bring about what they are for")
	assert.Greater(t, slowed, often(20))
}

// LHA-Suspicion alone never changes when a member probes: a ping at the beginning
// of each period, helpers asked when the ping time-out is over, and no nacks.
func TestLHASuspicionAloneLeavesProbesAlone(t *testing.T) {
	confirmed, helped := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		c := drawLifeguard(t)
		c.LHASuspicion = true
		g, _ := onTime(t, c)
		phase := func(id swim.ID) time.Duration { return (g.Now - time.Duration(id)*100*time.Millisecond) % interval }
		pings := map[swim.ID]int{}
		g.Watch = func(f stage.Flight) {
			switch {
			case f.Message.Stream:
			case f.Message.Kind == swim.Ping && phase(f.From) == 0:
				pings[f.From]++
			case f.Message.Kind == swim.PingReq:
				require.Equal(t, timeout, phase(f.From))
				require.False(t, f.Message.Nack)
				helped++
			default:
				require.NotEqual(t, swim.Nack, f.Message.Kind)
			}
		}
		const periods = 40
		g.Run(periods*interval - 1)
		for _, m := range g.Members {
			alone := false
			for _, e := range m.Events {
				alone = alone || e.Kind == swim.Confirmed // and then perhaps with nobody to ping
				if e.Kind == swim.SuspicionConfirmed {
					confirmed++
				}
			}
			if !alone {
				require.Equal(t, periods, pings[m.ID()])
			}
		}
	})
	assert.Greater(t, confirmed, often(50), "the schedules bring about what they are for")
	assert.Greater(t, helped, often(50))
}

// Lifeguard declares every crash, too: a member doubts itself first, but not for ever.
// Its periods are S + 1 times as long at the most, and suspicions last β times as long.
func TestEveryCrashIsDeclaredByEverybody(t *testing.T) {
	for _, preset := range []struct {
		name      string
		swim      func() swim.Config
		lifeguard func() lifeguard.Config
	}{{"paper", swim.Paper, lifeguard.Paper}, {"deployed", swim.Deployed, lifeguard.Deployed}, {"fixed", swim.Fixed, lifeguard.Paper}} {
		t.Run(preset.name, func(t *testing.T) {
			declared := 0
			rapid.Check(t, func(t *rapid.T) {
				cfg, c := preset.swim(), preset.lifeguard()
				cfg.ProtocolPeriod, cfg.PingTimeout = interval, timeout
				n, seed := rapid.IntRange(2, 9).Draw(t, "members"), rapid.Uint64().Draw(t, "seed")
				g := stage.New(stage.Setting{Config: cfg, Members: n, Stagger: interval / 11, Latency: 5 * time.Millisecond,
					Seed: seed, Policy: func() swim.Policy { return lifeguard.New(cfg, c) }})
				crashed := g.Trouble(rand.New(rand.NewPCG(seed, math.MaxUint64)))

				g.Run(2 * (time.Duration(2*n*(c.S+1))*interval + time.Duration(c.Beta)*cfg.SuspicionTimeout(n)))

				missing, of := g.Undeclared(crashed)
				require.Empty(t, missing)
				declared += of
			})
			assert.Greater(t, declared, often(100), "the schedules bring about what they are for")
		})
	}
}

// The time-out falls with each confirmation, from Max to Min, and never leaves them.
func TestSuspicionTimeoutFalls(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shortest := time.Duration(rapid.Int64Range(1, int64(time.Hour)).Draw(t, "Min"))
		longest := shortest + time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "Max−Min"))
		k := rapid.IntRange(0, lifeguard.MaxK).Draw(t, "K")
		last := longest
		for c := range k + 3 {
			got := lifeguard.SuspicionTimeout(shortest, longest, c, k)
			require.LessOrEqual(t, got, last)
			require.GreaterOrEqual(t, got, shortest)
			last = got
		}
		require.Equal(t, shortest, last)
	})
}
