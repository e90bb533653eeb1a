package swim_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/swim"
)

// The tests of this file go through what deployments added to the paper, an
// option at a time; DEPLOYED.md has the same order. Each option is switched on
// alone, on top of the paper's configuration.

// ---- Order, RefuteConfirm

// memberlist's precedence order, each pair of states with each order of
// incarnations.
func TestDeployedOrder(t *testing.T) {
	const U, A, S, F, L = swim.Unknown, swim.Alive, swim.Suspect, swim.Faulty, swim.Left
	for _, c := range []struct {
		news, held         swim.State
		older, same, newer bool // news of an older, the same, a newer incarnation overrides
	}{
		{A, A, false, false, true},
		{A, S, false, false, true},
		{A, F, false, false, true}, // who was declared faulty may come back,
		{A, L, false, false, true}, // as may who left
		{S, A, false, true, true},
		{S, S, false, false, false}, // but see confirmations
		{S, F, false, false, false},
		{S, L, false, false, false},
		{F, A, false, true, true}, // an old Confirm is stale
		{F, S, false, true, true},
		{F, F, false, false, false},
		{F, L, false, false, false},
		{L, A, false, true, true},
		{L, S, false, true, true},
		{L, F, false, false, false},
		{L, L, false, false, false},
		// Only an Alive makes a member known.
		{A, U, true, true, true},
		{S, U, false, false, false},
		{F, U, false, false, false},
		{L, U, false, false, false},
		{U, U, false, false, false},
		{U, A, false, false, false},
		{U, S, false, false, false},
		{U, F, false, false, false},
		{U, L, false, false, false},
		{L + 1, U, false, false, false},
		{L + 1, A, false, false, false},
	} {
		for i, want := range []bool{c.older, c.same, c.newer} {
			news := swim.Update{Member: 1, Incarnation: uint32(4 + i), From: 2, State: c.news}
			held := swim.Entry{Incarnation: 5, State: c.held}
			if c.held == U {
				held = swim.Entry{}
			}
			rng := rand.New(rand.NewPCG(1, 1))
			table := swim.NewDenseTable()
			table.Store(1, held, rng)
			s := subject{swim.NewNode(0, paper(func(c *swim.Config) { c.Order = swim.DeployedOrder }), table, rng), t}
			s.Start(0)

			s.news(0, 2, news)

			after := held
			if want {
				after = swim.Entry{Incarnation: news.Incarnation, State: news.State}
			}
			assert.Equal(t, after, s.Lookup(1), "%v over %v %d", news, held.State, held.Incarnation)
		}
	}
}

func comesBack(c *swim.Config) { c.Order, c.RefuteConfirm = swim.DeployedOrder, true }

// selfOnly leaves clearing a suspect to the suspect itself.
func selfOnly(c *swim.Config) { c.PingerClears = false }

// A member that hears it was declared faulty, or that it left, refutes it as it
// would a suspicion; so it does news of an incarnation that it has not had itself,
// which is a former life's.
func TestRefutingAConfirm(t *testing.T) {
	for _, c := range []struct {
		news        swim.Update
		incarnation uint32 // after it, from 1
	}{
		{suspect(0, 1), 2},
		{faulty(0, 1), 2},
		{left(0, 1), 2},
		{faulty(0, 7), 8},
		{left(0, 7), 8},
		{alive(0, 7), 8},
		{faulty(0, 0), 1}, // stale
		{left(0, 0), 1},
		{alive(0, 1), 1}, // itself
		{faulty(0, math.MaxUint32), 1},
	} {
		p := atEase()
		s := newAdapted(t, 5, paper(comesBack), p)
		s.news(0, 1, suspect(0, 0))
		require.Equal(t, uint32(1), s.Incarnation())
		require.Equal(t, 1, p.refuted)

		out := s.news(0, 1, c.news)

		assert.Equal(t, c.incarnation, s.Incarnation(), "%v", c.news)
		assert.Equal(t, c.incarnation > 1, p.refuted > 1, "%v: the policy is told", c.news)
		assert.False(t, s.Stopped())
		require.Len(t, out.Sends, 1)
		assert.Contains(t, out.Sends[0].Message.Updates, alive(0, c.incarnation))
	}
}

// One that is leaving does not contradict those that say so.
func TestLeaverRefutesNothing(t *testing.T) {
	s := newSubject(t, 5, paper(comesBack))
	var out swim.Output
	s.Leave(0, &out)

	s.news(0, 1, left(0, 0), faulty(0, 0), suspect(0, 0))

	assert.Zero(t, s.Incarnation())
}

// A process that comes back under the identity of one that was declared faulty, or
// left, long ago is told of that with the list, refutes it, and is in.
func TestRestartUnderTheSameIdentity(t *testing.T) {
	for _, pushPull := range []time.Duration{0, 30 * T} {
		for _, former := range []swim.Update{faulty(3, 4), left(3, 4)} {
			cfg := paper(comesBack, func(c *swim.Config) {
				c.GossipToTheDead, c.GossipInterval, c.GossipNodes, c.PushPullInterval = 2*T, T/5, 1, pushPull
			})
			contact := newSubject(t, 5, cfg)
			contact.news(0, 1, alive(3, 4), former)
			contact.live(10 * T) // forgotten by gossip, but not on the list
			require.False(t, contact.state(3).InGroup())
			rng := rand.New(rand.NewPCG(2, 2))
			restarted := subject{swim.NewNode(3, cfg, swim.NewDenseTable(), rng), t}

			var out swim.Output
			restarted.Join(10*T, 0, &out)
			request := out.Sends[0].Message
			assert.Equal(t, pushPull > 0, request.Stream, "with push/pull, joining is one")
			answer := sends(contact.hear(10*T, 3, request), swim.Welcome)
			require.Len(t, answer, 1)
			assert.Equal(t, pushPull > 0, answer[0].Message.Stream)
			restarted.hear(10*T, 0, answer[0].Message)
			ping := restarted.period(10 * T).Message
			contact.hear(10*T, 3, ping)

			assert.Equal(t, uint32(5), restarted.Incarnation())
			assert.Equal(t, swim.Entry{Incarnation: 5, State: swim.Alive}, contact.Lookup(3))
		}
	}
}

// ---- CommonLog

// The suspicion time-out is SuspicionMult·max(1, log10 n) periods, cut to thousandths,
// and the retransmit limit RetransmitMult·⌈log10(n+1)⌉.
// Reference: memberlist util.go, suspicionTimeout and retransmitLimit.
func TestCommonLog(t *testing.T) {
	for _, c := range []struct {
		n       int
		timeout time.Duration // of multiplier 4 and a period of 1 s
		limit   int           // of multiplier 4
	}{
		{1, 4 * time.Second, 4},
		{9, 4 * time.Second, 4},
		{10, 4 * time.Second, 8},
		{99, 7980 * time.Millisecond, 8},
		{100, 8 * time.Second, 12},
		{128, 8428 * time.Millisecond, 12},
		{1000, 12 * time.Second, 16},
		{10000, 16 * time.Second, 20},
	} {
		cfg := swim.Deployed()
		assert.Equal(t, c.timeout, cfg.SuspicionTimeout(c.n), "n = %d", c.n)
		assert.Equal(t, c.limit, cfg.RetransmitLimit(c.n), "n = %d", c.n)
	}
	for mult, want := range map[float64]time.Duration{5: 10535 * time.Millisecond, 4: 8428 * time.Millisecond, 2: 4214 * time.Millisecond} {
		cfg := swim.Deployed()
		cfg.SuspicionMult = mult
		assert.Equal(t, want, cfg.SuspicionTimeout(128), "α = %v", mult)
	}
}

// ---- GossipInterval, GossipNodes

// forever keeps news from ever having been told often enough.
func forever(c *swim.Config) { c.RetransmitMult = 1e6 }

func gossips(nodes int) func(*swim.Config) {
	return func(c *swim.Config) { c.GossipInterval, c.GossipNodes = T/5, nodes }
}

// Every GossipInterval news is sent by itself to GossipNodes different members.
func TestGossipHasItsOwnTick(t *testing.T) {
	s := newSubject(t, 10, paper(gossips(3), forever))
	s.news(0, 1, suspect(5, 0))

	news := ofKind(s.live(4*T), swim.News)

	require.Len(t, news, 20*3)
	require.Less(t, news[0].at, T/5, "the first at a random phase")
	for i := 0; i < len(news); i += 3 {
		round := news[i : i+3]
		to := map[swim.ID]bool{}
		for _, m := range round {
			assert.Equal(t, news[0].at+time.Duration(i/3)*T/5, m.at)
			assert.Equal(t, []swim.Update{suspect(5, 0)}, m.Message.Updates)
			assert.False(t, m.Message.Stream)
			to[m.To] = true
		}
		assert.Len(t, to, 3, "three different members")
		assert.NotContains(t, to, swim.ID(0))
	}
}

func TestWithoutNewsNoGossip(t *testing.T) {
	s := newSubject(t, 10, paper(gossips(3)))
	assert.Empty(t, ofKind(s.live(4*T), swim.News))
}

// What is gossiped counts towards the limit as what is piggybacked does.
func TestGossipCountsTowardsTheLimit(t *testing.T) {
	s := newSubject(t, 10, paper(gossips(3)))
	borne := len(s.news(0, 1, suspect(5, 0)).Sends[0].Message.Updates) // on the ack

	for _, m := range s.live(8 * T) {
		borne += len(m.Message.Updates)
	}

	assert.Equal(t, paper().RetransmitLimit(10), borne)
}

// ---- GossipToTheDead

// One that was declared faulty is gossiped to for a while yet.
func TestGossipToTheDead(t *testing.T) {
	for _, c := range []struct {
		keep time.Duration
		last time.Duration // until when 2 is gossiped to
	}{{0, 0}, {3 * T, 3 * T}} {
		s := newSubject(t, 3, paper(gossips(2), forever, func(cfg *swim.Config) { cfg.GossipToTheDead = c.keep }))
		s.news(0, 1, faulty(2, 0))

		rounds := map[time.Duration][]swim.ID{}
		for _, m := range ofKind(s.live(6*T), swim.News) {
			rounds[m.at] = append(rounds[m.at], m.To)
		}

		require.Len(t, rounds, 30)
		for at, to := range rounds {
			if at < c.last {
				assert.ElementsMatch(t, []swim.ID{1, 2}, to, "%v", at)
			} else {
				assert.Equal(t, []swim.ID{1}, to, "%v", at)
			}
		}
	}
}

// Even one that believes itself alone tells the others, who may believe the same.
func TestGossipToTheDeadByTheLast(t *testing.T) {
	s := newSubject(t, 2, paper(gossips(3), func(c *swim.Config) { c.GossipToTheDead = 30 * T }))
	s.news(0, 1, faulty(1, 0))
	require.Equal(t, 1, s.GroupSize())

	news := ofKind(s.live(T), swim.News)

	require.NotEmpty(t, news)
	assert.Equal(t, swim.ID(1), news[0].To)
}

// The living and the dead are drawn alike, and nobody twice in a round. One that
// came back and went again counts once.
func TestGossipDrawsLivingAndDeadAlike(t *testing.T) {
	s := newSubject(t, 12, paper(gossips(3), forever, comesBack, func(c *swim.Config) { c.GossipToTheDead = 1e6 * T }))
	s.news(0, 1, faulty(2, 0), faulty(3, 0), faulty(4, 0), faulty(5, 0))
	s.news(0, 1, alive(5, 1), faulty(5, 1), alive(4, 1))

	times, rounds := map[swim.ID]int{}, map[string]bool{}
	for _, m := range ofKind(s.live(600*T), swim.News) {
		times[m.To]++
		key := fmt.Sprint(m.at, m.To)
		require.False(t, rounds[key], "member %d twice at %v", m.To, m.at)
		rounds[key] = true
	}

	assert.Len(t, times, 11)
	for id, n := range times {
		assert.InDelta(t, 3000*3/11, n, 125, "member %d", id) // 5 sd
	}
}

// ---- PushPullInterval

func pushPull(c *swim.Config) { c.PushPullInterval = 10 * T }

// The interval is stretched with the group: up to 32 members once, to 64 twice,
// to 128 three times, to 1,024 six times.
// Reference: memberlist util.go, pushPullScale.
func TestPushPullScales(t *testing.T) {
	for _, c := range []struct{ n, times int }{{2, 1}, {32, 1}, {33, 2}, {64, 2}, {65, 3}, {128, 3}, {129, 4}, {1000, 6}} {
		s := newSubject(t, c.n, paper(pushPull))

		syncs := ofKind(s.live(135*T), swim.Sync)

		require.GreaterOrEqual(t, len(syncs), 2, "n = %d", c.n)
		first := syncs[0].at - time.Duration(c.times)*10*T
		assert.True(t, 0 <= first && first < 10*T, "the first after a random part of the interval more, not %v", first)
		for i := range syncs[1:] {
			assert.Equal(t, time.Duration(c.times)*10*T, syncs[i+1].at-syncs[i].at, "n = %d", c.n)
		}
	}
}

// An exchange goes to one random member over a stream and bears the whole list:
// oneself, the living, and those that have gone and are still gossiped to.
func TestPushPullBearsTheWholeList(t *testing.T) {
	s := newSubject(t, 6, paper(pushPull, gossips(1), selfOnly, func(c *swim.Config) { c.GossipToTheDead, c.SuspicionMult = 30*T, 30 }))
	s.news(0, 1, suspect(2, 0), faulty(3, 0), left(4, 0), suspect(0, 0))

	sync := ofKind(s.live(20*T), swim.Sync)[0]

	assert.True(t, sync.Message.Stream)
	assert.Contains(t, []swim.ID{1, 2, 5}, sync.To)
	assert.ElementsMatch(t, []swim.Update{
		{Member: 0, From: 0, State: swim.Alive, Incarnation: 1},
		{Member: 1, From: 0, State: swim.Alive},
		{Member: 2, From: 0, State: swim.Suspect},
		{Member: 3, From: 0, State: swim.Faulty},
		{Member: 4, From: 0, State: swim.Left},
		{Member: 5, From: 0, State: swim.Alive},
	}, sync.Message.Updates)
}

// The answer is the list as it was before the exchange.
func TestPushPullIsAnsweredWithTheListBefore(t *testing.T) {
	s := newSubject(t, 3, paper(comesBack))

	out := s.hear(0, 1, swim.Message{Kind: swim.Sync, Target: 0, Stream: true, Updates: []swim.Update{alive(1, 0), alive(2, 4)}})

	reply := sends(out, swim.SyncReply)
	require.Len(t, reply, 1)
	assert.Equal(t, swim.ID(1), reply[0].To)
	assert.True(t, reply[0].Message.Stream)
	assert.Contains(t, reply[0].Message.Updates, swim.Update{Member: 2, From: 0, State: swim.Alive})
	assert.Equal(t, uint32(4), s.Lookup(2).Incarnation)
}

// What is believed of the receiver is on the list even when everybody else has
// forgotten it, because only the receiver can put it right.
func TestPushPullTellsTheReceiverOfItself(t *testing.T) {
	s := newSubject(t, 3, paper(comesBack))
	s.news(0, 1, faulty(2, 0))

	out := s.hear(99*T, 2, swim.Message{Kind: swim.Sync, Target: 0, Stream: true, Updates: []swim.Update{alive(2, 0)}})

	assert.Contains(t, sends(out, swim.SyncReply)[0].Message.Updates, swim.Update{Member: 2, From: 0, State: swim.Faulty})
}

// What is merged: newer Alives and goodbyes as they are; a member that the other
// side holds for faulty is suspected, so that it can refute.
func TestPushPullMerges(t *testing.T) {
	s := newSubject(t, 6, paper(comesBack))
	var list []swim.Update
	for id, state := range []swim.State{1: swim.Alive, swim.Alive, swim.Suspect, swim.Faulty, swim.Left} {
		if id > 0 {
			list = append(list, swim.Update{Member: swim.ID(id), Incarnation: 1, From: 1, State: state})
		}
	}
	list = append(list, swim.Update{Member: 0, From: 1, State: swim.Faulty}, swim.Update{Member: 9, From: 1, State: swim.Faulty})

	s.hear(0, 1, swim.Message{Kind: swim.SyncReply, Target: 0, Stream: true, Updates: list})

	for id, want := range []swim.State{1: swim.Alive, swim.Alive, swim.Suspect, swim.Suspect, swim.Left} {
		if id > 0 {
			assert.Equal(t, swim.Entry{Incarnation: 1, State: want}, s.Lookup(swim.ID(id)), "member %d", id)
		}
	}
	assert.Equal(t, uint32(1), s.Incarnation(), "it refutes what is said of itself")
	assert.Equal(t, swim.Unknown, s.state(9), "nobody is met as a suspect")
}

// Two halves that were cut off from each other for long find together again as
// soon as one of each half has not yet forgotten the other.
func TestPushPullMendsAPartition(t *testing.T) {
	cfg := swim.Deployed()
	cfg.PushPullInterval, cfg.GossipToTheDead = 2*time.Second, time.Hour
	c := newCluster(cfg, 6, 100*time.Millisecond, 5*time.Millisecond, 1)
	for a := range swim.ID(3) {
		for b := swim.ID(3); b < 6; b++ {
			c.Drop(a, b, 0, -1)
			c.Drop(b, a, 0, -1)
		}
	}
	c.Run(time.Minute)
	for _, m := range c.Members {
		require.Equal(t, 3, m.GroupSize(), "member %d", m.ID())
	}

	c.Heal()
	c.Tell(0, 3, swim.Message{Kind: swim.Sync, Target: 0, Stream: true, Updates: []swim.Update{alive(3, 0)}})
	c.Run(10 * time.Second)

	for _, m := range c.Members {
		assert.Equal(t, 6, m.GroupSize(), "member %d", m.ID())
	}
}

// ---- LaunderSuspicions

// A suspicion found in another's list becomes one's own, and confirms one that
// already runs, although nobody has probed. Put right, it has no name and confirms
// nothing.
func TestLaundering(t *testing.T) {
	for _, launder := range []bool{true, false} {
		p := atEase()
		p.suspicion = []time.Duration{9 * T, 6 * T, 3 * T}
		s := newAdapted(t, 6, paper(comesBack, selfOnly, func(c *swim.Config) { c.LaunderSuspicions = launder }), p)
		s.news(0, 1, swim.Update{Member: 3, From: 1, State: swim.Suspect})
		list := swim.Message{Kind: swim.SyncReply, Target: 0, Stream: true, Updates: []swim.Update{{Member: 3, From: 2, State: swim.Suspect}}}

		out := s.hear(T/2, 2, list)
		again := s.hear(T/2, 4, list)

		expiry := 9 * T
		if launder {
			expiry = 6 * T
			assert.Equal(t, []swim.Event{{Kind: swim.SuspicionConfirmed, Member: 3, By: 0}}, out.Events)
			assert.Contains(t, s.news(T/2, 2).Sends[0].Message.Updates, swim.Update{Member: 3, From: 0, State: swim.Suspect}, "and is told on as such")
		} else {
			assert.Empty(t, out.Events)
		}
		assert.Empty(t, again.Events, "it is one's own once")
		s.live(expiry - 1)
		require.Equal(t, swim.Suspect, s.state(3))
		s.live(expiry)
		assert.Equal(t, swim.Faulty, s.state(3))
	}
}

// A suspicion whose author is not known takes its first name from whoever says
// it next, and is confirmed by those after that one.
func TestSuspicionWithoutAName(t *testing.T) {
	p := atEase()
	p.suspicion = []time.Duration{9 * T, 6 * T, 3 * T}
	s := newAdapted(t, 6, paper(comesBack, selfOnly), p)
	s.hear(0, 1, swim.Message{Kind: swim.SyncReply, Target: 0, Updates: []swim.Update{{Member: 3, From: 1, State: swim.Suspect}}})
	require.Equal(t, swim.Suspect, s.state(3))

	var confirmed []swim.Event
	for _, by := range []swim.ID{1, 1, swim.Nobody, 2, 2} {
		out := s.news(0, by, swim.Update{Member: 3, From: by, State: swim.Suspect})
		confirmed = append(confirmed, out.Events...)
	}

	assert.Equal(t, []swim.Event{{Kind: swim.SuspicionConfirmed, Member: 3, By: 2}}, confirmed)
	s.live(6*T - 1)
	require.Equal(t, swim.Suspect, s.state(3))
	s.live(6 * T)
	assert.Equal(t, swim.Faulty, s.state(3))
}

// ---- StreamFallback

// A target that did not answer in time is pinged over a stream beside the
// helpers; its ack, over the stream too, is as good as any.
func TestStreamFallback(t *testing.T) {
	s := newSubject(t, 5, paper(func(c *swim.Config) { c.StreamFallback = true }))
	s.news(0, 1, suspect(4, 0))
	ping := s.period(0)

	out := s.tick(rtt)

	require.Len(t, sends(out, swim.PingReq), 1)
	fallback := sends(out, swim.Ping)
	require.Len(t, fallback, 1)
	assert.Equal(t, swim.Send{To: ping.To, Message: swim.Message{Kind: swim.Ping, Seq: ping.Message.Seq, Target: ping.To, Stream: true}},
		fallback[0], "a stream bears no news")
	s.hear(T-1, ping.To, swim.Message{Kind: swim.Ack, Seq: ping.Message.Seq, Target: ping.To, Stream: true})
	assert.Empty(t, s.tick(T).Events)
}

func TestStreamPingIsAnsweredOverTheStream(t *testing.T) {
	s := newSubject(t, 5, paper())
	s.news(0, 1, suspect(4, 0))

	out := s.hear(0, 2, swim.Message{Kind: swim.Ping, Seq: 7, Target: 0, Stream: true})

	assert.Equal(t, []swim.Send{{To: 2, Message: swim.Message{Kind: swim.Ack, Seq: 7, Target: 0, Stream: true}}}, out.Sends)
}

func TestWithoutStreamFallback(t *testing.T) {
	s := newSubject(t, 5, paper())
	s.period(0)
	assert.Empty(t, sends(s.tick(rtt), swim.Ping))
}

// ---- KeepPace

// A stretched period ends once its probe is acked, at the next tick of a clock of T' or
// at once if that has ticked meanwhile, and lasts to its end if it is not acked.
// Without the option it always does.
// Reference: memberlist state.go, schedule and triggerFunc; a Go ticker keeps one tick.
func TestKeepPace(t *testing.T) {
	for _, c := range []struct {
		keep      bool
		acked     time.Duration // 0: never
		nextBegin time.Duration
	}{
		{true, rtt, T},
		{true, T, T},
		{true, T + 1, T + 1},
		{true, 2*T + 300*time.Millisecond, 2*T + 300*time.Millisecond},
		{true, 0, 5 * T},
		{false, rtt, 5 * T},
		{false, 0, 5 * T},
	} {
		p := atEase()
		p.period, p.timeout = 5*T, T/2
		s := newAdapted(t, 5, paper(func(cfg *swim.Config) { cfg.KeepPace = c.keep }), p)
		ping := s.period(0)
		for s.Deadline() <= c.acked {
			s.tick(s.Deadline())
		}
		if c.acked > 0 {
			s.ack(c.acked, ping)
		} else {
			s.tick(T / 2)
		}
		assert.Equal(t, c.nextBegin, s.Deadline(), "%+v", c)
	}
}

// A period that began late is in step again with the next, if its probe is acked.
func TestKeepPaceAfterALateBegin(t *testing.T) {
	const late = 7*T/2 + 1
	for _, keep := range []bool{true, false} {
		for _, acked := range []bool{true, false} {
			s := newSubject(t, 5, paper(func(cfg *swim.Config) { cfg.KeepPace = keep }))
			ping := s.period(late)
			if acked {
				s.ack(late, ping)
			} else {
				s.tick(late + rtt)
			}
			next := late + T
			if keep && acked {
				next = 4 * T
			}
			assert.Equal(t, next, s.Deadline(), "keep %v, acked %v", keep, acked)
			s.ack(next, s.period(next))
			if keep {
				assert.Equal(t, 5*T, s.Deadline(), "in step")
			}
		}
	}
}

// A member that has nobody to probe looks again in step, too.
func TestKeepPaceAlone(t *testing.T) {
	s := newSubject(t, 1, paper(func(cfg *swim.Config) { cfg.KeepPace = true }))
	s.tick(T / 2)
	assert.Equal(t, T, s.Deadline())
}

// ---- AnswerFirst

// The news that comes with a ping, a call for help or a relayed ack is not yet known
// when the answer is written, and is taken in all the same.
// Reference: memberlist net.go, handleCompound and handleCommand, which answer a part of a
// packet when they come to it and hand suspicions to another goroutine.
func TestAnswerFirst(t *testing.T) {
	for _, first := range []bool{false, true} {
		s := newSubject(t, 5, paper(selfOnly, comesBack, func(cfg *swim.Config) { cfg.AnswerFirst = first }))
		for i, m := range []swim.Message{
			{Kind: swim.Ping, Target: 0},
			{Kind: swim.PingReq, Target: 3, Seq: 7},
			{Kind: swim.Ack, Target: 3, Seq: 1}, // of the ping for the one before
		} {
			m.Updates = []swim.Update{suspect(0, uint32(i))}
			refutation := alive(0, uint32(i+1))

			out := s.hear(0, 1, m)

			require.Len(t, out.Sends, 1)
			if first {
				assert.NotContains(t, out.Sends[0].Message.Updates, refutation, "%v", m.Kind)
			} else {
				assert.Contains(t, out.Sends[0].Message.Updates, refutation, "%v", m.Kind)
			}
			assert.Equal(t, uint32(i+1), s.Incarnation())
		}
	}
}

// ---- LoneSuspicion

// A ping that tells a suspect of its suspicion bears nothing else and counts towards
// no limit; any other ping bears what it would.
// Reference: memberlist state.go, probeNode, which sends such a ping as it is.
func TestLoneSuspicion(t *testing.T) {
	for _, lone := range []bool{false, true} {
		p := atEase()
		p.tell = true
		p.suspicion = []time.Duration{100 * T}
		cfg := paper(selfOnly, func(cfg *swim.Config) { cfg.LoneSuspicion = lone })
		s := newAdapted(t, 4, cfg, p)
		s.hear(0, 1, swim.Message{Kind: swim.News, Updates: []swim.Update{alive(1, 1), suspect(3, 0)}})
		borne := map[swim.ID]int{} // how many pings bore the other news, by target
		for period := range time.Duration(15) {
			ping := s.period(period * T)
			s.ack(period*T, ping)
			for _, u := range ping.Message.Updates {
				if u == alive(1, 1) {
					borne[ping.To]++
				}
			}
			if ping.To == 3 {
				assert.Equal(t, swim.Update{Member: 3, From: 0, State: swim.Suspect}, ping.Message.Updates[0])
				assert.True(t, !lone || len(ping.Message.Updates) == 1)
			}
		}
		assert.Equal(t, lone, borne[3] == 0)
		assert.Equal(t, cfg.RetransmitLimit(4), borne[1]+borne[2]+borne[3])
	}
}

// ---- LargestFirst

// Of what has been sent equally often the largest goes first, and of those of a
// size the newest; what does not fit gives way to what does. What has been sent
// less often goes before it all.
// Reference: memberlist queue.go, limitedBroadcast.Less and GetBroadcasts.
func TestLargestFirst(t *testing.T) {
	large := func(u swim.Update) int {
		if u.State == swim.Alive {
			return 5000 + int(u.Member)/7*1000 // beyond the largest told apart
		}
		return 30 + int(u.Member)%2
	}
	for _, largest := range []bool{false, true} {
		s := newSubject(t, 9, paper(forever, selfOnly, func(cfg *swim.Config) {
			cfg.LargestFirst, cfg.Balanced = largest, false
			cfg.PacketBytes, cfg.Sizer = 5000+10+int(swim.Ack)+62, scale{large}
		}))
		news := []swim.Update{alive(1, 1), alive(2, 1), suspect(3, 0), suspect(4, 0), suspect(5, 0), suspect(6, 0)}
		want := [][]swim.Update{
			{suspect(6, 0), suspect(5, 0), suspect(4, 0), suspect(3, 0)},
			{alive(2, 1), suspect(6, 0), suspect(5, 0)},
		}
		if largest {
			want = [][]swim.Update{
				{alive(2, 1), suspect(5, 0), suspect(3, 0)},
				{alive(1, 1), suspect(6, 0), suspect(4, 0)},
			}
		}
		s.hear(0, 1, swim.Message{Kind: swim.News, Updates: news})
		for i := range want {
			out := s.hear(0, 1, swim.Message{Kind: swim.Ping})
			assert.Equal(t, want[i], out.Sends[0].Message.Updates, "%v, message %d", largest, i)
		}
	}
}

// ---- AccusePinged

// The accused is the incarnation that was pinged. What the target has refuted by
// the time the probe fails is not said again.
// Reference: memberlist state.go, probe, which copies the node before probeNode.
func TestAccusePinged(t *testing.T) {
	for _, pinged := range []bool{false, true} {
		s := newSubject(t, 5, paper(func(cfg *swim.Config) { cfg.AccusePinged = pinged }))
		ping := s.period(0)
		s.news(rtt/2, 1+(ping.To%4), alive(ping.To, 1))
		s.tick(rtt)

		out := s.tick(T)

		assert.Equal(t, swim.ProbeFailed, out.Events[0].Kind)
		if pinged {
			assert.Equal(t, swim.Alive, s.state(ping.To))
		} else {
			assert.Equal(t, swim.Entry{State: swim.Suspect, Incarnation: 1}, s.Lookup(ping.To))
		}
	}
}
