package lifeguard_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/internal/stage"
	"github.com/swimlab/swimlab/lifeguard"
	"github.com/swimlab/swimlab/swim"
)

// The tests of this file go through the Lifeguard paper (DSN-W 2018, arXiv
// 1707.00788v2) section by section, and then through what memberlist does
// differently. How much it all helps is for the experiments.

const (
	interval = time.Second            // BaseProbeInterval
	timeout  = 500 * time.Millisecond // BaseProbeTimeout
)

// base is SWIM as the paper has it: memberlist's logarithm, α = 5, only the suspect
// itself refutes.
func base(change ...func(*swim.Config)) swim.Config {
	cfg := swim.Paper()
	cfg.ProtocolPeriod, cfg.PingTimeout, cfg.PingReqMembers = interval, timeout, 3
	cfg.CommonLog, cfg.SuspicionMult, cfg.PingerClears = true, 5, false
	for _, f := range change {
		f(&cfg)
	}
	return cfg
}

// only is the paper's Lifeguard with some of its components.
func only(probe, suspicion, buddy bool) lifeguard.Config {
	c := lifeguard.Paper()
	c.LHAProbe, c.LHASuspicion, c.Buddy = probe, suspicion, buddy
	return c
}

// subject is member 0 of an established group, its messages going to the test.
type subject struct {
	*swim.Node
	policy *lifeguard.Policy
}

func newSubject(t *testing.T, n int, s swim.Config, c lifeguard.Config) subject {
	require.NoError(t, s.Validate())
	require.NoError(t, c.Validate())
	rng := rand.New(rand.NewPCG(1, uint64(n)))
	x := subject{swim.NewNode(0, s, swim.NewDenseTableOf(0, n, rng), rng), lifeguard.New(s, c)}
	x.Adapt(x.policy)
	x.Start(0)
	return x
}

func (s subject) tick(at time.Duration) swim.Output {
	var out swim.Output
	s.Tick(at, &out)
	return out
}

func (s subject) hear(at time.Duration, from swim.ID, m swim.Message) swim.Output {
	var out swim.Output
	s.Handle(at, from, &m, &out)
	return out
}

func (s subject) hearThat(at time.Duration, by, suspect swim.ID) swim.Output {
	return s.hear(at, by, swim.Message{Kind: swim.News, Updates: []swim.Update{{Member: suspect, From: by, State: swim.Suspect}}})
}

// ---- Section IV-A: LHA-Probe

// The Local Health Multiplier is a saturating counter from 0 to S.
// Reference: section IV-A.
func TestHealthSaturates(t *testing.T) {
	h := lifeguard.NewHealth(8)
	for _, c := range []struct{ delta, score int }{{-1, 0}, {1, 1}, {1, 2}, {-1, 1}, {6, 7}, {3, 8}, {1, 8}, {-1, 7}, {-99, 0}} {
		h.Add(c.delta)
		assert.Equal(t, c.score, h.Score(), "after %+d", c.delta)
		assert.Equal(t, c.score+1, h.Multiplier())
	}
}

// Probe succeeded: −1. Probe failed: +1. Probe with a missed nack: +1 more. Refuting a
// suspicion of oneself: +1.
// Reference: section IV-A.
func TestScores(t *testing.T) {
	for _, c := range []struct {
		name  string
		event func(*lifeguard.Policy)
		delta int
	}{
		{"acked", ended(true, 0, 0), -1},
		{"acked through a helper", ended(true, 3, 1), -1},
		{"failed, no helpers", ended(false, 0, 0), +1},
		{"failed, all nacks came", ended(false, 3, 3), +1},
		{"failed, one nack missed", ended(false, 3, 2), +2},
		{"failed, three nacks missed", ended(false, 3, 0), +2},
		{"refuted", (*lifeguard.Policy).Refuted, +1},
	} {
		p := lifeguard.New(base(), lifeguard.Paper())
		for range 3 {
			p.Refuted()
		}
		c.event(p)
		assert.Equal(t, 3+c.delta, p.Health().Score(), c.name)
	}
}

func ended(acked bool, helpers, nacks int) func(*lifeguard.Policy) {
	return func(p *lifeguard.Policy) {
		p.ProbeEnded(swim.ProbeResult{Acked: acked, Helpers: helpers, Nacks: nacks})
	}
}

// ProbeInterval = BaseProbeInterval·(LHM+1) and ProbeTimeout = BaseProbeTimeout·(LHM+1):
// with S = 8 they "back off as high as 9 seconds and 4.5 seconds".
// Reference: section IV-A.
func TestProbeBacksOff(t *testing.T) {
	p := lifeguard.New(base(), lifeguard.Paper())
	for score := range 12 {
		m := time.Duration(min(score, 8) + 1)
		period, wait := p.Probe()
		assert.Equal(t, m*interval, period, "score %d", score)
		assert.Equal(t, m*timeout, wait, "score %d", score)
		p.Refuted()
	}
	period, wait := p.Probe()
	assert.Equal(t, 9*time.Second, period)
	assert.Equal(t, 4500*time.Millisecond, wait)
}

// A member whose probes all fail probes ever more slowly, and calls for help after
// half of each period. Acks bring it back.
// Reference: section IV-A.
func TestProberBacksOffAndRecovers(t *testing.T) {
	patient := base(func(s *swim.Config) { s.SuspicionMult = 1000 })
	s := newSubject(t, 5, patient, only(true, false, false))
	begin := time.Duration(0)
	for _, m := range []time.Duration{1, 3, 5, 7, 9, 9} { // no nacks come either: +2
		require.Equal(t, begin, s.Deadline())
		s.tick(begin)
		require.Equal(t, begin+m*timeout, s.Deadline(), "helpers are asked")
		require.Len(t, s.tick(begin+m*timeout).Sends, 3)
		begin += m * interval
	}
	for _, m := range []time.Duration{9, 8, 7, 6, 5, 4, 3, 2, 1, 1} {
		require.Equal(t, begin, s.Deadline())
		for _, ping := range s.tick(begin).Sends {
			s.hear(begin, ping.To, swim.Message{Kind: swim.Ack, Seq: ping.Message.Seq, Target: ping.To})
		}
		begin += m * interval
	}
}

// A helper that has no ack when 80 % of the time-out is over sends a nack. It still
// passes on an ack that comes later.
// Reference: section IV-A.
func TestNackAt80PercentOfTheTimeout(t *testing.T) {
	s := newSubject(t, 5, base(), only(true, false, false))
	s.tick(0)
	asked := 10 * time.Millisecond
	ping := s.hear(asked, 3, swim.Message{Kind: swim.PingReq, Seq: 42, Target: 4, Nack: true}).Sends[0]
	require.Equal(t, asked+400*time.Millisecond, s.Deadline())

	nack := s.tick(s.Deadline())
	late := s.hear(asked+timeout, 4, swim.Message{Kind: swim.Ack, Seq: ping.Message.Seq, Target: 4})

	require.Len(t, nack.Sends, 1)
	assert.Equal(t, swim.Send{To: 3, Message: swim.Message{Kind: swim.Nack, Seq: 42, Target: 4}}, nack.Sends[0])
	require.Len(t, late.Sends, 1)
	assert.Equal(t, swim.Send{To: 3, Message: swim.Message{Kind: swim.Ack, Seq: 42, Target: 4}}, late.Sends[0])
}

// A member that has to refute a suspicion of itself doubts its health.
// Reference: section IV-A.
func TestRefutingCosts(t *testing.T) {
	s := newSubject(t, 5, base(), only(true, false, false))
	s.hearThat(0, 1, 0)
	assert.Equal(t, 1, s.policy.Health().Score())
	s.hearThat(0, 2, 0) // refuted already
	assert.Equal(t, 1, s.policy.Health().Score())
}

// A dead target alone is no reason to doubt oneself for long: nacks come, so a healthy
// prober's score rises by 1 with the failed probe and falls with the next.
// Reference: section IV-A; and see TestDeadTargetCostsThree for memberlist.
func TestDeadTargetCostsOne(t *testing.T) {
	assert.Equal(t, 1, costOfDeadTarget(t, base(), lifeguard.Paper()))
}

// costOfDeadTarget is the score of the first member of a healthy group to notice a
// crash, when it does.
func costOfDeadTarget(t *testing.T, s swim.Config, c lifeguard.Config) int {
	var policies []*lifeguard.Policy
	g := stage.New(stage.Setting{Config: s, Members: 8, Stagger: 100 * time.Millisecond, Latency: time.Millisecond, Seed: 1,
		Policy: func() swim.Policy {
			policies = append(policies, lifeguard.New(s, c))
			return policies[len(policies)-1]
		}})
	g.Crash(7)
	for range 10_000 {
		g.Run(time.Millisecond)
		for i, m := range g.Members {
			if m.Saw(swim.ProbeFailed, 7) > 0 {
				return policies[i].Health().Score()
			}
		}
	}
	require.FailNow(t, "nobody noticed the crash")
	return 0
}

// ---- Section IV-B: LHA-Suspicion

// The time-out is max(Min, Max − (Max−Min)·log(C+1)/log(K+1)).
// Reference: section IV-B, the equation.
func TestSuspicionTimeout(t *testing.T) {
	const shortest, longest = time.Second, 6 * time.Second
	for _, c := range []struct {
		k    int
		want []float64 // seconds, for C = 0, 1, …
	}{
		{3, []float64{6.000, 3.500, 2.038, 1.000, 1.000, 1.000}},
		{2, []float64{6.000, 2.845, 1.000, 1.000}},
		{1, []float64{6.000, 1.000, 1.000}},
		{0, []float64{1.000, 1.000}}, // nothing to wait for
	} {
		for confirmations, want := range c.want {
			got := lifeguard.SuspicionTimeout(shortest, longest, confirmations, c.k)
			assert.InDelta(t, want, got.Seconds(), 0.0005, "K = %d, C = %d", c.k, confirmations)
		}
		assert.Equal(t, shortest, lifeguard.SuspicionTimeout(shortest, longest, c.k, c.k), "exactly Min at C = K")
	}
	assert.Equal(t, longest, lifeguard.SuspicionTimeout(shortest, longest, 0, 3), "exactly Max at C = 0")
}

// Min = α·log10(n)·ProbeInterval and Max = β·Min.
// Reference: section IV-B; the logarithm is that of memberlist.
func TestShortestAndLongestTimeout(t *testing.T) {
	for _, c := range []struct {
		n, alpha          int
		shortest, longest time.Duration
	}{
		{128, 5, 10535 * time.Millisecond, 63210 * time.Millisecond},
		{128, 4, 8428 * time.Millisecond, 50568 * time.Millisecond},
		{128, 2, 4214 * time.Millisecond, 25284 * time.Millisecond},
		{100, 5, 10 * time.Second, 60 * time.Second},
		{100, 4, 8 * time.Second, 48 * time.Second},
		{100, 2, 4 * time.Second, 24 * time.Second},
	} {
		p := lifeguard.New(base(func(s *swim.Config) { s.SuspicionMult = float64(c.alpha) }), lifeguard.Paper())
		assert.Equal(t, c.longest, p.SuspicionTimeout(c.n, 0), "%+v", c)
		assert.Equal(t, c.shortest, p.SuspicionTimeout(c.n, p.Confirmations(c.n)), "%+v", c)
	}
}

// The first K independent suspicions are told on and shorten the time-out; the same
// member counts once, and later ones not at all.
// Reference: section IV-B.
func TestFirstKConfirmationsCount(t *testing.T) {
	s := newSubject(t, 10, base(), only(false, true, false))
	s.hearThat(0, 1, 9)
	var confirmed []swim.ID
	for _, by := range []swim.ID{1, 2, 2, 3, 1, 3, 4, 5, 6} {
		out := s.hearThat(0, by, 9)
		for _, e := range out.Events {
			require.Equal(t, swim.SuspicionConfirmed, e.Kind)
			confirmed = append(confirmed, e.By)
		}
		told := s.hear(0, 8, swim.Message{Kind: swim.Ping, Target: 0}).Sends[0].Message.Updates
		last := append([]swim.ID{1}, confirmed...)
		assert.Equal(t, []swim.Update{{Member: 9, From: last[len(last)-1], State: swim.Suspect}}, told)
	}
	assert.Equal(t, []swim.ID{2, 3, 4}, confirmed)
}

// A suspicion lasts as long as its confirmations say: from its beginning, not from
// the confirmation.
// Reference: section IV-B.
func TestSuspicionLastsAsItsConfirmationsSay(t *testing.T) {
	for confirmations, want := range []float64{30, 17.5, 10.188, 5, 5} { // n = 10: Min = 5 s
		s := newSubject(t, 10, base(), only(false, true, false))
		s.hearThat(0, 1, 9)
		for i := range confirmations {
			s.hearThat(time.Duration(i+1)*time.Second, swim.ID(2+i), 9)
		}

		var over time.Duration
		for at := s.Deadline(); over == 0; at = s.Deadline() {
			out := s.tick(at)
			for _, ping := range out.Sends { // acked, so that its own probes confirm nothing
				s.hear(at, ping.To, swim.Message{Kind: swim.Ack, Seq: ping.Message.Seq, Target: ping.To})
			}
			for _, e := range out.Events {
				require.Equal(t, swim.Confirmed, e.Kind)
				over = at
			}
		}

		assert.InDelta(t, want, over.Seconds(), 0.0005, "%d confirmations", confirmations)
	}
}

// ---- Section IV-C: the Buddy System

// The suspicion goes first on a ping of the suspect, even when it has been told as
// often as it may be.
// Reference: section IV-C.
func TestPingOfASuspectTellsIt(t *testing.T) {
	for _, buddy := range []bool{true, false} {
		s := newSubject(t, 3, base(func(s *swim.Config) { s.RetransmitMult = 1 }), only(false, false, buddy))
		s.hearThat(0, 1, 2)
		s.hear(0, 1, swim.Message{Kind: swim.Ping, Target: 0}) // told once: that is all

		pinged := map[swim.ID][]swim.Update{}
		for at := time.Duration(0); at < 2*interval; at += interval {
			ping := s.tick(at).Sends[0]
			s.hear(at, ping.To, swim.Message{Kind: swim.Ack, Seq: ping.Message.Seq, Target: ping.To})
			pinged[ping.To] = ping.Message.Updates
		}

		require.Len(t, pinged, 2)
		assert.Empty(t, pinged[1])
		if buddy {
			assert.Equal(t, []swim.Update{{Member: 2, From: 0, State: swim.Suspect}}, pinged[2])
		} else {
			assert.Empty(t, pinged[2])
		}
	}
}

// ---- What memberlist does differently

// The score is at most 7, so that intervals grow eight-fold, and the time-out does
// not grow at all.
func TestDeployedBackOff(t *testing.T) {
	p := lifeguard.New(swim.Deployed(), lifeguard.Deployed())
	for range 20 {
		p.Refuted()
	}
	assert.Equal(t, 7, p.Health().Score())
	period, wait := p.Probe()
	assert.Equal(t, 8*time.Second, period)
	assert.Equal(t, 500*time.Millisecond, wait)
}

// Every missed nack counts, and a failed probe by itself only where no helper could
// send one.
func TestDeployedScores(t *testing.T) {
	for _, c := range []struct {
		name  string
		event func(*lifeguard.Policy)
		delta int
	}{
		{"acked", ended(true, 0, 0), -1},
		{"failed, no helpers", ended(false, 0, 0), +1},
		{"failed, all nacks came", ended(false, 3, 3), 0},
		{"failed, one nack missed", ended(false, 3, 2), +1},
		{"failed, three nacks missed", ended(false, 3, 0), +3},
		{"refuted", (*lifeguard.Policy).Refuted, +1},
	} {
		p := lifeguard.New(swim.Deployed(), lifeguard.Deployed())
		for range 3 {
			p.Refuted()
		}
		c.event(p)
		assert.Equal(t, 3+c.delta, p.Health().Score(), c.name)
	}
}

// A helper waits for the whole ping time-out before it sends its nack. Asked when
// the prober's own was over, it does so when the prober's period ends: one
// network delay too late, whatever the network.
func TestDeployedNackIsAlwaysTooLate(t *testing.T) {
	s := newSubject(t, 5, swim.Deployed(), lifeguard.Deployed())
	asked := timeout + 50*time.Microsecond // by a prober whose period began at 0
	s.hear(asked, 3, swim.Message{Kind: swim.PingReq, Seq: 42, Target: 4, Nack: true})

	var at time.Duration
	for at == 0 {
		now := s.Deadline()
		for _, m := range s.tick(now).Sends {
			if m.Message.Kind == swim.Nack {
				at = now
			}
		}
	}

	assert.Equal(t, asked+timeout, at)
	assert.Greater(t, at, interval, "the prober has judged")
}

// And so a dead target costs each healthy prober three points.
func TestDeadTargetCostsThree(t *testing.T) {
	assert.Equal(t, 3, costOfDeadTarget(t, swim.Deployed(), lifeguard.Deployed()))
}

// K = α − 2, and 0 in a group with fewer than K members beside the two concerned.
func TestDeployedK(t *testing.T) {
	for _, c := range []struct{ alpha, n, k int }{
		{5, 128, 3}, {4, 128, 2}, {3, 128, 1}, {2, 128, 0}, {1, 128, 0},
		{5, 5, 3}, {5, 4, 0}, {4, 4, 2}, {4, 3, 0}, {3, 3, 1}, {3, 2, 0},
		{99, 128, lifeguard.MaxK},
	} {
		s := swim.Deployed()
		s.SuspicionMult = float64(c.alpha)
		p := lifeguard.New(s, lifeguard.Deployed())
		assert.Equal(t, c.k, p.Confirmations(c.n), "%+v", c)
		if c.k == 0 {
			assert.Equal(t, s.SuspicionTimeout(c.n), p.SuspicionTimeout(c.n, 0), "%+v: the mechanism is off", c)
		}
	}
}

// With the paper's K = 3 for every α it is not off at α = 2.
func TestPaperKDoesNotDependOnAlpha(t *testing.T) {
	for _, alpha := range []float64{2, 4, 5} {
		p := lifeguard.New(base(func(s *swim.Config) { s.SuspicionMult = alpha }), lifeguard.Paper())
		assert.Equal(t, 3, p.Confirmations(128), "α = %v", alpha)
	}
}

// ---- The configuration

func TestPresetsAreValid(t *testing.T) {
	assert.NoError(t, lifeguard.Paper().Validate())
	assert.NoError(t, lifeguard.Deployed().Validate())
}

func TestValidateNamesWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		change func(*lifeguard.Config)
		want   string
	}{
		{func(c *lifeguard.Config) { c.S = -1 }, "lifeguard: S = -1 is not valid; want 0 to 100"},
		{func(c *lifeguard.Config) { c.S = 101 }, "lifeguard: S = 101 is not valid; want 0 to 100"},
		{func(c *lifeguard.Config) { c.NackShare = 0 }, "lifeguard: nack share 0 is not valid; want more than 0 and at most 1"},
		{func(c *lifeguard.Config) { c.NackShare = 1.1 }, "lifeguard: nack share 1.1 is not valid; want more than 0 and at most 1"},
		{func(c *lifeguard.Config) { c.Beta = 0.5 }, "lifeguard: beta 0.5 is not valid; want 1 to 100"},
		{func(c *lifeguard.Config) { c.Beta = 1e12 }, "lifeguard: beta 1e+12 is not valid; want 1 to 100"},
		{func(c *lifeguard.Config) { c.K = -1 }, "lifeguard: K = -1 is not valid; want 0 to 8"},
		{func(c *lifeguard.Config) { c.K = 9 }, "lifeguard: K = 9 is not valid; want 0 to 8"},
	} {
		cfg := lifeguard.Paper()
		c.change(&cfg)
		assert.EqualError(t, cfg.Validate(), c.want)
	}
	off := lifeguard.Config{NackShare: 7, Beta: -1, K: 99}
	assert.NoError(t, off.Validate(), "what is switched off does not matter")
}
