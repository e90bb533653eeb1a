package swim_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/swimlab/swimlab/swim"
)

// The tests of this file go through the paper section by section. Each takes
// what one passage says, cites it, sets up one member or a small group, acts,
// and checks. What the simulator measures in distribution (detection times,
// infection curves, false detections) is not here.

// ---- Section 3.1: the failure detector

// Each protocol period a member picks one other from its list and sends it a ping;
// who is pinged answers with an ack.
// Reference: section 3.1.
func TestPeriodBeginsWithOnePing(t *testing.T) {
	s := newSubject(t, 5, paper())

	for period := range 10 {
		begin := time.Duration(period) * T
		require.Equal(t, begin, s.Deadline())
		out := s.tick(begin)
		require.Len(t, out.Sends, 1)
		ping := out.Sends[0]
		assert.Equal(t, swim.Ping, ping.Message.Kind)
		assert.Contains(t, []swim.ID{1, 2, 3, 4}, ping.To)
		assert.Equal(t, ping.To, ping.Message.Target)
		s.ack(begin+rtt/2, ping)
	}
}

func TestPingIsAnsweredWithAck(t *testing.T) {
	s := newSubject(t, 3, paper())
	s.period(0)

	out := s.hear(rtt, 2, swim.Message{Kind: swim.Ping, Seq: 77, Target: 0})

	require.Len(t, out.Sends, 1)
	assert.Equal(t, swim.Send{To: 2, Message: swim.Message{Kind: swim.Ack, Seq: 77, Target: 0}}, out.Sends[0])
}

// An ack in time ends the matter: no helper is asked, nothing is concluded.
// Reference: section 3.1.
func TestAckInTimeEndsProbe(t *testing.T) {
	s := newSubject(t, 5, paper())
	ping := s.period(0)

	s.ack(rtt/2, ping)

	assert.Equal(t, T, s.Deadline(), "nothing is due before the next period")
	out := s.tick(T)
	assert.Empty(t, out.Events)
	assert.Len(t, out.Sends, 1, "the next ping alone")
}

// Without an ack after the time-out, k members chosen at random are each sent a
// ping-req that names the target.
// Reference: section 3.1.
func TestPingReqThroughKMembersAfterTimeout(t *testing.T) {
	for _, k := range []int{0, 1, 3, 8} {
		t.Run(fmt.Sprintf("k=%d", k), func(t *testing.T) {
			s := newSubject(t, 10, paper(func(c *swim.Config) { c.PingReqMembers = k }))
			ping := s.period(0)
			require.Empty(t, s.tick(rtt-1).Sends, "not before the time-out")

			out := s.tick(rtt)

			require.Len(t, out.Sends, k)
			helpers := map[swim.ID]bool{}
			for _, req := range out.Sends {
				assert.Equal(t, swim.PingReq, req.Message.Kind)
				assert.Equal(t, ping.To, req.Message.Target)
				assert.NotEqual(t, ping.To, req.To, "the target does not help to probe itself")
				assert.NotEqual(t, swim.ID(0), req.To)
				helpers[req.To] = true
			}
			assert.Len(t, helpers, k, "k different members")
			assert.Empty(t, out.Events, "nothing is concluded yet")
			assert.Equal(t, T, s.Deadline())
		})
	}
}

// A group that has no k helpers to offer is asked for those that it has.
func TestFewerThanKHelpers(t *testing.T) {
	for _, c := range []struct{ n, helpers int }{{2, 0}, {3, 1}, {4, 2}, {5, 3}, {6, 3}} {
		s := newSubject(t, c.n, paper(func(c *swim.Config) { c.PingReqMembers = 3 }))
		s.period(0)
		assert.Len(t, sends(s.tick(rtt), swim.PingReq), c.helpers, "group of %d", c.n)
	}
}

// A group of one has nobody to ping and keeps its peace.
func TestGroupOfOne(t *testing.T) {
	s := newSubject(t, 1, paper())
	for period := range 5 {
		out := s.tick(time.Duration(period) * T)
		assert.Empty(t, out.Sends)
		assert.Empty(t, out.Events)
	}
	assert.Equal(t, 1, s.GroupSize())
}

// A helper pings the target and, on its ack, passes an ack on to the member
// that asked, under the number under which that one waits.
// Reference: section 3.1.
func TestHelperPingsTargetAndRelaysAck(t *testing.T) {
	s := newSubject(t, 5, paper())
	s.period(0)

	out := s.hear(rtt, 3, swim.Message{Kind: swim.PingReq, Seq: 42, Target: 4})
	require.Len(t, out.Sends, 1)
	ping := out.Sends[0]
	assert.Equal(t, swim.ID(4), ping.To)
	assert.Equal(t, swim.Ping, ping.Message.Kind)

	out = s.ack(rtt+rtt/2, ping)
	require.Len(t, out.Sends, 1)
	assert.Equal(t, swim.Send{To: 3, Message: swim.Message{Kind: swim.Ack, Seq: 42, Target: 4}}, out.Sends[0])

	assert.Empty(t, s.ack(rtt+rtt/2, ping).Sends, "a duplicate of the ack is not passed on")
}

// A helper has no opinion of its own: an unanswered relayed ping is no failed probe.
func TestHelperDoesNotJudge(t *testing.T) {
	s := newSubject(t, 3, paper())
	own := s.period(0)
	s.ack(rtt/2, own)
	s.hear(rtt, 1, swim.Message{Kind: swim.PingReq, Seq: 42, Target: 2})

	assert.Empty(t, s.tick(T).Events)
}

// A relayed ack that comes a protocol period later helps nobody.
func TestHelperForgetsAfterPeriod(t *testing.T) {
	s := newSubject(t, 5, paper())
	s.period(0)
	ping := s.hear(rtt, 3, swim.Message{Kind: swim.PingReq, Seq: 42, Target: 4}).Sends[0]

	assert.Empty(t, s.ack(rtt+T, ping).Sends)
}

// An indirect ack is as good as a direct one.
// Reference: section 3.1.
func TestIndirectAckSavesTarget(t *testing.T) {
	s := newSubject(t, 5, paper())
	ping := s.period(0)
	req := s.tick(rtt).Sends[0]

	s.hear(T-1, req.To, swim.Message{Kind: swim.Ack, Seq: req.Message.Seq, Target: ping.To})

	assert.Empty(t, s.tick(T).Events)
	assert.Equal(t, swim.Alive, s.state(ping.To))
}

// A member waits for acks, direct or not, until the protocol period ends, and
// only then declares the target failed: with the whole period in hand a
// late direct ack still counts.
// Reference: section 3.1.
func TestFailureIsDeclaredOnlyAtEndOfPeriod(t *testing.T) {
	t.Run("no ack", func(t *testing.T) {
		s := newSubject(t, 5, paper(func(c *swim.Config) { c.Suspicion = false }))
		ping := s.period(0)
		require.Empty(t, s.tick(rtt).Events)
		require.Empty(t, s.tick(T-1).Events)
		require.Equal(t, swim.Alive, s.state(ping.To))

		out := s.tick(T)

		assert.Equal(t, []swim.EventKind{swim.ProbeFailed, swim.Confirmed}, kinds(out))
		assert.Equal(t, ping.To, out.Events[0].Member)
		assert.Equal(t, swim.ID(0), out.Events[0].By)
		assert.Equal(t, swim.Faulty, s.state(ping.To))
		assert.Equal(t, 4, s.GroupSize())
	})
	t.Run("late direct ack", func(t *testing.T) {
		s := newSubject(t, 5, paper())
		ping := s.period(0)
		s.tick(rtt)
		s.ack(T-1, ping)
		assert.Empty(t, s.tick(T).Events)
	})
}

// Messages bear the protocol period's own number, so that an ack of an earlier
// period is not taken for one of this.
// Reference: section 3.1.
func TestStaleAckIsIgnored(t *testing.T) {
	s := newSubject(t, 2, paper()) // the only other is the target of every period
	first := s.period(0)
	s.tick(rtt)
	second := s.period(T)
	require.Equal(t, first.To, second.To)
	require.NotEqual(t, first.Message.Seq, second.Message.Seq)
	require.Equal(t, swim.Suspect, s.state(1))

	s.ack(T+rtt/2, first)

	assert.Equal(t, swim.Suspect, s.state(1), "a stale ack clears nobody")
	assert.Contains(t, kinds(s.tick(2*T)), swim.ProbeFailed)
}

// Targets are drawn uniformly at random, every period anew.
// Reference: section 3.1.
func TestRandomTargetIsUniform(t *testing.T) {
	const n, periods = 11, 10_000
	s := newSubject(t, n, paper(func(c *swim.Config) { c.Selection = swim.RandomTarget }))
	times := make([]int, n)
	repeats, last := 0, swim.Nobody
	for period := range periods {
		ping := s.period(time.Duration(period) * T)
		s.ack(time.Duration(period)*T+rtt/2, ping)
		times[ping.To]++
		if ping.To == last {
			repeats++
		}
		last = ping.To
	}
	assert.Zero(t, times[0])
	for id, got := range times[1:] {
		assert.InDelta(t, periods/(n-1), got, 150, "member %d", id+1) // 5 sd
	}
	assert.InDelta(t, periods/(n-1), repeats, 150, "the same twice running, one time in n−1")
}

// The load of a member does not depend on the size of the group: in the mean one ping
// and one ack sent, and as much received, in a protocol period.
// Reference: section 3.1 and figure 2.
func TestMessageLoadIsTwoAPeriod(t *testing.T) {
	for _, n := range []int{2, 5, 28, 55} {
		c := newCluster(paper(), n, T/64, rtt/10, 1)
		c.Run(T) // everybody has begun
		c.Sent = map[swim.Kind]int{}

		c.Run(40 * T)

		assert.Equal(t, map[swim.Kind]int{swim.Ping: 40 * n, swim.Ack: 40 * n}, c.Sent, "group of %d", n)
	}
}

// ---- Section 3.2: dissemination by multicast

// Who detects a failure multicasts it; who receives the multicast deletes the
// failed member from its list.
// Reference: section 3.2.
func TestFailureIsMulticast(t *testing.T) {
	basic := paper(func(c *swim.Config) { c.Dissemination, c.Suspicion = swim.Multicast, false })

	t.Run("sent by the one who detects", func(t *testing.T) {
		s := newSubject(t, 5, basic)
		ping := s.period(0)
		s.tick(rtt)

		news := sends(s.tick(T), swim.News)

		require.Len(t, news, 1)
		assert.Equal(t, swim.Nobody, news[0].To, "to everybody")
		assert.Equal(t, []swim.Update{{Member: ping.To, From: 0, State: swim.Faulty}}, news[0].Message.Updates)
	})
	t.Run("heeded and not passed on", func(t *testing.T) {
		s := newSubject(t, 5, basic)
		s.period(0)

		out := s.hear(rtt, 1, swim.Message{Kind: swim.News, Updates: []swim.Update{faulty(3, 0)}})

		assert.Equal(t, swim.Faulty, s.state(3))
		assert.Equal(t, 4, s.GroupSize())
		assert.Empty(t, out.Sends)
	})
	t.Run("nothing is piggybacked", func(t *testing.T) {
		s := newSubject(t, 5, basic)
		s.hear(0, 1, swim.Message{Kind: swim.News, Updates: []swim.Update{faulty(3, 0)}})
		assert.Empty(t, s.period(0).Message.Updates)
	})
}

// ---- Section 4.1: infection-style dissemination

// News rides on ping, ping-req and ack messages alike; there are no others.
// Reference: section 4.1.
func TestNewsIsPiggybackedOnEveryKindOfMessage(t *testing.T) {
	s := newSubject(t, 5, paper())
	out := s.news(0, 1, faulty(4, 0))

	want := []swim.Update{faulty(4, 0)}
	assert.Equal(t, want, sends(out, swim.Ack)[0].Message.Updates)
	assert.Equal(t, want, s.period(0).Message.Updates)
	assert.Equal(t, want, sends(s.tick(rtt), swim.PingReq)[0].Message.Updates)
}

// One member piggybacks one update on at most λ·log n messages; section 5 takes
// 3·⌈ln(n+1)⌉.
// Reference: section 4.1 and section 5.
func TestUpdateIsPiggybackedLambdaLogNTimes(t *testing.T) {
	for _, c := range []struct{ n, times int }{{2, 6}, {6, 6}, {7, 9}, {19, 9}, {20, 12}, {53, 12}, {54, 15}, {1000, 21}} {
		t.Run(fmt.Sprintf("n=%d", c.n), func(t *testing.T) {
			s := newSubject(t, c.n, paper())
			require.Equal(t, c.times, paper().RetransmitLimit(c.n))
			suspicion := suspect(1, 0) // the group keeps its size

			borne := 0
			for range 3 * c.times {
				out := s.news(0, 1, suspicion) // hearing it again does not start it anew
				borne += len(out.Sends[0].Message.Updates)
			}

			assert.Equal(t, c.times, borne)
		})
	}
}

// Where there is more news than room, what was gossiped fewer times is preferred;
// of news gossiped as often, ours takes the newest.
// Reference: section 4.1.
func TestFewestSentGoFirst(t *testing.T) {
	s := newSubject(t, 20, paper(func(c *swim.Config) { c.MaxUpdates, c.Balanced = 2, false }))
	s.news(0, 1, suspect(5, 0), suspect(6, 0)) // the ack bears both
	s.hear(0, 1, swim.Message{Kind: swim.News, Updates: []swim.Update{suspect(7, 0), suspect(8, 0), suspect(9, 0)}})

	for _, c := range []struct {
		bears [2]swim.ID
		sent  string // before: how often were 5, 6, 7, 8, 9
	}{
		{[2]swim.ID{9, 8}, "1 1 0 0 0"},
		{[2]swim.ID{7, 9}, "1 1 0 1 1"},
		{[2]swim.ID{8, 7}, "1 1 1 1 2"},
		{[2]swim.ID{6, 5}, "1 1 2 2 2"},
		{[2]swim.ID{9, 8}, "2 2 2 2 2"},
	} {
		updates := s.news(0, 1).Sends[0].Message.Updates
		require.Len(t, updates, 2)
		assert.Equal(t, c.bears, [2]swim.ID{updates[0].Member, updates[1].Member}, "sent %s times", c.sent)
	}
}

// A message bears at most m updates: 6.
// Reference: section 5.
func TestAtMostMUpdatesAMessage(t *testing.T) {
	s := newSubject(t, 30, paper())
	var many []swim.Update
	for id := swim.ID(10); id < 20; id++ {
		many = append(many, suspect(id, 0))
	}

	out := s.news(0, 1, many...)

	assert.Len(t, out.Sends[0].Message.Updates, 6)
}

// The updates come in equal number from two lists, of members not declared faulty
// and of members that recently failed.
// Reference: section 4.1 and section 5.
func TestUpdatesComeFromBothListsEqually(t *testing.T) {
	for _, c := range []struct{ live, failed, bornLive, bornFailed int }{
		{10, 10, 3, 3},
		{10, 2, 4, 2}, // what one list cannot fill the other may
		{1, 10, 1, 5},
		{10, 0, 6, 0},
		{2, 2, 2, 2},
	} {
		s := newSubject(t, 40, paper())
		var mixed []swim.Update
		for i := range c.live {
			mixed = append(mixed, suspect(swim.ID(5+i), 0))
		}
		for i := range c.failed {
			mixed = append(mixed, faulty(swim.ID(20+i), 0))
		}

		live, failed := 0, 0
		for _, u := range s.news(0, 1, mixed...).Sends[0].Message.Updates {
			if u.State.InGroup() {
				live++
			} else {
				failed++
			}
		}

		assert.Equal(t, []int{c.bornLive, c.bornFailed}, []int{live, failed}, "%d live, %d failed", c.live, c.failed)
	}
}

// Who hears news takes it in and spreads it in turn; old news is not spread again.
// Reference: section 4.1.
func TestNewsInfectsTheHearerOnce(t *testing.T) {
	s := newSubject(t, 5, paper())

	out := s.news(0, 1, faulty(4, 0))
	assert.Equal(t, []swim.EventKind{swim.Confirmed}, kinds(out))
	assert.Equal(t, swim.ID(99), out.Events[0].By, "the first to say so")
	assert.Equal(t, swim.Faulty, s.state(4))

	out = s.news(0, 2, faulty(4, 0))
	assert.Empty(t, out.Events)
}

// ---- Section 4.2: suspicion

// A failed probe makes a suspect, not a failure; a suspect stays on the list and
// is chosen like any other.
// Reference: section 4.2.
func TestFailedProbeSuspects(t *testing.T) {
	s := newSubject(t, 5, paper())
	ping := s.period(0)
	s.tick(rtt)

	out := s.tick(T)

	assert.Equal(t, []swim.EventKind{swim.ProbeFailed, swim.Suspected}, kinds(out))
	assert.Equal(t, swim.Suspect, s.state(ping.To))
	assert.Equal(t, 5, s.GroupSize())
	assert.Contains(t, sends(out, swim.Ping)[0].Message.Updates,
		swim.Update{Member: ping.To, From: 0, State: swim.Suspect}, "and the word goes out at once")
}

func TestSuspectsAreStillProbed(t *testing.T) {
	s := newSubject(t, 4, paper())
	s.news(0, 1, suspect(2, 0))

	probed := map[swim.ID]bool{}
	for period := range time.Duration(3) {
		ping := s.period(period * T)
		probed[ping.To] = true
		if ping.To != 2 {
			s.ack(period*T+rtt/2, ping)
		}
	}

	assert.True(t, probed[2])
}

func TestSuspectsAreStillAskedForHelp(t *testing.T) {
	s := newSubject(t, 3, paper())
	ping := s.period(0)
	other := 3 - ping.To
	s.news(0, ping.To, suspect(other, 0))

	req := sends(s.tick(rtt), swim.PingReq)

	require.Len(t, req, 1)
	assert.Equal(t, other, req[0].To)
}

// A member that pings a suspect successfully un-marks it and spreads Alive.
// Reference: section 4.2.
func TestSuccessfulPingClearsSuspect(t *testing.T) {
	s := newSubject(t, 2, paper())
	s.news(0, 1, suspect(1, 0))
	ping := s.period(0)
	require.Equal(t, swim.Suspect, s.state(1))

	out := s.ack(rtt/2, ping)

	assert.Equal(t, []swim.EventKind{swim.Cleared}, kinds(out))
	assert.Equal(t, swim.Entry{State: swim.Alive}, s.Lookup(1))
	assert.Contains(t, s.period(T).Message.Updates, swim.Update{Member: 1, From: 0, State: swim.Alive})
	s.ack(T+rtt/2, ping)
	for period := time.Duration(2); period < 20; period++ {
		s.ack(period*T+rtt/2, s.period(period*T))
	}
	assert.Equal(t, swim.Alive, s.state(1), "its time-out no longer runs")
}

func TestHelpersPingClearsSuspectToo(t *testing.T) {
	s := newSubject(t, 4, paper())
	s.news(0, 1, suspect(3, 0))
	ping := s.hear(rtt, 2, swim.Message{Kind: swim.PingReq, Seq: 42, Target: 3}).Sends[0]

	out := s.ack(rtt+rtt/2, ping)

	assert.Equal(t, []swim.EventKind{swim.Cleared}, kinds(out))
	require.Len(t, out.Sends, 1)
	assert.Contains(t, out.Sends[0].Message.Updates, swim.Update{Member: 3, From: 0, State: swim.Alive}, "told to the one who asked")
}

func TestOnlyRefutationClearsWithoutPingerClears(t *testing.T) {
	s := newSubject(t, 2, paper(func(c *swim.Config) { c.PingerClears = false }))
	s.news(0, 1, suspect(1, 0))

	s.ack(rtt/2, s.period(0))
	assert.Equal(t, swim.Suspect, s.state(1))

	s.news(rtt, 1, alive(1, 1))
	assert.Equal(t, swim.Entry{State: swim.Alive, Incarnation: 1}, s.Lookup(1))
}

// A member that hears that it is suspected in its present incarnation raises the
// incarnation and spreads Alive with it. Nobody else ever raises it.
// Reference: section 4.2.
func TestSuspectRefutesWithHigherIncarnation(t *testing.T) {
	s := newSubject(t, 5, paper())
	require.Zero(t, s.Incarnation(), "zero when it joins")

	out := s.news(0, 1, suspect(0, 0))
	assert.Equal(t, []swim.EventKind{swim.Refuted}, kinds(out))
	assert.Equal(t, uint32(1), s.Incarnation())
	assert.Contains(t, out.Sends[0].Message.Updates, alive(0, 1), "the answer is on the next message")

	out = s.news(0, 2, suspect(0, 0))
	assert.Empty(t, out.Events, "an old suspicion is refuted already")
	assert.Equal(t, uint32(1), s.Incarnation())

	s.news(0, 2, suspect(0, 1))
	assert.Equal(t, uint32(2), s.Incarnation())
}

// The highest incarnation has none above it: rather than begin again at zero,
// which would break the order of all that was said before, it stays.
func TestIncarnationDoesNotWrap(t *testing.T) {
	s := newSubject(t, 3, paper())
	s.news(0, 1, suspect(0, math.MaxUint32-1))
	require.Equal(t, uint32(math.MaxUint32), s.Incarnation())

	out := s.news(0, 1, suspect(0, math.MaxUint32))

	assert.Equal(t, uint32(math.MaxUint32), s.Incarnation())
	assert.Empty(t, out.Events)
}

// The order of precedence, each pair of states with each order of incarnations.
// Reference: section 4.2.
func TestPrecedence(t *testing.T) {
	const U, A, S, F, L = swim.Unknown, swim.Alive, swim.Suspect, swim.Faulty, swim.Left
	for _, c := range []struct {
		news, held         swim.State
		older, same, newer bool // news of an older, the same, a newer incarnation overrides
	}{
		{A, A, false, false, true},
		{A, S, false, false, true},
		{A, F, false, false, false},
		{A, L, false, false, false},
		{S, A, false, true, true},
		{S, S, false, false, true},
		{S, F, false, false, false},
		{S, L, false, false, false},
		{F, A, true, true, true},
		{F, S, true, true, true},
		{F, F, false, false, false},
		{F, L, false, false, false},
		{L, A, true, true, true},
		{L, S, true, true, true},
		{L, F, false, false, false},
		{L, L, false, false, false},
		// Of a member never heard of, whatever says something is news;
		{A, U, true, true, true},
		{S, U, true, true, true},
		{F, U, true, true, true},
		{L, U, true, true, true},
		// what says nothing never is.
		{U, U, false, false, false},
		{U, A, false, false, false},
		{U, S, false, false, false},
		{U, F, false, false, false},
		{U, L, false, false, false},
		{L + 1, U, false, false, false},
		{L + 1, A, false, false, false},
	} {
		for i, want := range []bool{c.older, c.same, c.newer} {
			news := swim.Update{Member: 1, Incarnation: uint32(4 + i), State: c.news}
			held := swim.Entry{Incarnation: 5, State: c.held}
			assert.Equal(t, want, swim.PaperOrder.Overrides(news, held), "%v %d over %v %d", news.State, news.Incarnation, held.State, held.Incarnation)
		}
	}
}

// The list follows the order of precedence, whatever the order of arrival.
// Reference: section 4.2.
func TestListFollowsPrecedence(t *testing.T) {
	for _, c := range []struct {
		name  string
		heard []swim.Update
		want  swim.Entry
	}{
		{"suspicion", []swim.Update{suspect(3, 0)}, swim.Entry{State: swim.Suspect}},
		{"refuted", []swim.Update{suspect(3, 0), alive(3, 1)}, swim.Entry{State: swim.Alive, Incarnation: 1}},
		{"refutation overtakes suspicion", []swim.Update{alive(3, 1), suspect(3, 0)}, swim.Entry{State: swim.Alive, Incarnation: 1}},
		{"suspected again", []swim.Update{alive(3, 1), suspect(3, 1)}, swim.Entry{State: swim.Suspect, Incarnation: 1}},
		{"alive of the same incarnation comes late", []swim.Update{suspect(3, 0), alive(3, 0)}, swim.Entry{State: swim.Suspect}},
		{"confirmed", []swim.Update{faulty(3, 0), alive(3, 7)}, swim.Entry{State: swim.Faulty}},
		{"confirmed of an old incarnation", []swim.Update{alive(3, 2), faulty(3, 0)}, swim.Entry{State: swim.Faulty, Incarnation: 2}},
		{"left", []swim.Update{left(3, 0), suspect(3, 0), faulty(3, 0)}, swim.Entry{State: swim.Left}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSubject(t, 5, paper())
			s.news(0, 1, c.heard...)
			assert.Equal(t, c.want, s.Lookup(3))
		})
	}
}

// A suspect that stays one for the time-out is declared faulty and the word is
// spread; the time-out is 3·⌈ln(n+1)⌉ protocol periods, 9, 12 and 15 with steps
// at 20 and 54 members.
// Reference: section 4.2, section 5 and figure 3(c).
func TestSuspicionTimeout(t *testing.T) {
	for _, c := range []struct{ n, periods int }{{7, 9}, {8, 9}, {19, 9}, {20, 12}, {53, 12}, {54, 15}, {56, 15}} {
		t.Run(fmt.Sprintf("n=%d", c.n), func(t *testing.T) {
			s := newSubject(t, c.n, paper())
			expiry := rtt/2 + time.Duration(c.periods)*T
			require.Equal(t, expiry-rtt/2, paper().SuspicionTimeout(c.n))
			ping := s.period(0)
			s.ack(0, ping)
			s.news(rtt/2, ping.To, suspect(1, 0))
			for period := time.Duration(1); period <= time.Duration(c.periods); period++ {
				ping := s.period(period * T)
				if ping.To == 1 { // nothing of it; the others answer
					continue
				}
				s.ack(period*T, ping)
			}
			s.tick(expiry - 1)
			require.Equal(t, swim.Suspect, s.state(1))

			out := s.tick(expiry)

			assert.Equal(t, []swim.EventKind{swim.Confirmed}, kinds(out))
			assert.Equal(t, swim.Faulty, s.state(1))
			assert.Equal(t, c.n-1, s.GroupSize())
			assert.Contains(t, s.news(expiry, 2).Sends[0].Message.Updates, swim.Update{Member: 1, From: 0, State: swim.Faulty})
		})
	}
}

// A suspicion of a newer incarnation is a new suspicion with its own time; a
// second one of the same incarnation is not.
// Reference: section 4.2.
func TestNewSuspicionHasItsOwnTime(t *testing.T) {
	timeout := paper().SuspicionTimeout(3) // 6 T
	for _, c := range []struct {
		second swim.Update
		expiry time.Duration
	}{
		{suspect(2, 0), timeout},
		{suspect(2, 1), timeout + T/2},
	} {
		s := newSubject(t, 3, paper(func(c *swim.Config) { c.PingerClears = false }))
		s.news(0, 1, suspect(2, 0))
		s.news(T/2, 1, c.second)

		s.tick(c.expiry - 1)
		require.Equal(t, swim.Suspect, s.state(2), "%v", c.second)
		s.tick(c.expiry)
		assert.Equal(t, swim.Faulty, s.state(2), "%v", c.second)
	}
}

// A Confirm is final: a member declared faulty cannot come back under its
// name. What it does when it hears of it the paper leaves open.
// Reference: section 4.2.
func TestMemberDeclaredFaulty(t *testing.T) {
	t.Run("stops", func(t *testing.T) {
		s := newSubject(t, 5, paper())
		s.period(0)

		out := s.news(rtt/2, 1, faulty(0, 0), suspect(3, 0))

		assert.Equal(t, []swim.EventKind{swim.Excluded, swim.Stopped}, kinds(out))
		assert.Empty(t, out.Sends, "not even an ack")
		assert.True(t, s.Stopped())
		assert.Equal(t, time.Duration(math.MaxInt64), s.Deadline(), "and nothing is due any more")
		assert.Empty(t, s.tick(100*T).Sends)
		assert.Empty(t, s.news(100*T, 1).Sends)
	})
	t.Run("goes on if told so", func(t *testing.T) {
		s := newSubject(t, 5, paper(func(c *swim.Config) { c.StopWhenExcluded = false }))
		s.period(0)

		out := s.news(rtt/2, 1, faulty(0, 0))

		assert.Equal(t, []swim.EventKind{swim.Excluded}, kinds(out))
		assert.Len(t, out.Sends, 1)
		assert.False(t, s.Stopped())
	})
}

// Without suspicion the first failed probe is final.
// Reference: section 5, SWIM+Inf. beside SWIM+Inf.+Susp.
func TestWithoutSuspicionFailedProbeIsFinal(t *testing.T) {
	s := newSubject(t, 5, paper(func(c *swim.Config) { c.Suspicion = false }))
	ping := s.period(0)
	s.tick(rtt)

	out := s.tick(T)

	assert.Equal(t, []swim.EventKind{swim.ProbeFailed, swim.Confirmed}, kinds(out))
	assert.Contains(t, sends(out, swim.Ping)[0].Message.Updates, swim.Update{Member: ping.To, From: 0, State: swim.Faulty})
}

// ---- Section 4.3: round-robin probe target selection

// Each pass takes every member once; the order is drawn anew after each.
// Reference: section 4.3.
func TestRoundRobinTakesEverybodyOnceAPass(t *testing.T) {
	const n, passes = 9, 20
	s := newSubject(t, n, paper())

	orders := map[string]bool{}
	for pass := range passes {
		var order []swim.ID
		for turn := range n - 1 {
			at := time.Duration(pass*(n-1)+turn) * T
			ping := s.period(at)
			s.ack(at+rtt/2, ping)
			order = append(order, ping.To)
		}
		assert.ElementsMatch(t, []swim.ID{1, 2, 3, 4, 5, 6, 7, 8}, order)
		orders[fmt.Sprint(order)] = true
	}

	assert.Len(t, orders, passes, "of 40,320 orders, twenty different ones")
}

// A newcomer is inserted at a place that is chosen uniformly at random.
// Reference: section 4.3.
func TestNewcomerIsInsertedAtRandomPlace(t *testing.T) {
	const n, trials = 6, 6000
	turns := make([]int, n) // at which turn of its first pass the newcomer came
	for trial := range uint64(trials) {
		rng := rand.New(rand.NewPCG(trial, 0))
		table := swim.NewDenseTableOf(0, n, rng)
		table.Store(n, swim.Entry{State: swim.Alive}, rng)
		for turn := range n {
			if id, _ := table.Next(rng); id == n {
				turns[turn]++
			}
		}
	}
	for turn, got := range turns {
		assert.InDelta(t, trials/n, got, 150, "turn %d", turn) // 5 sd
	}
}

// Two selections of the same member are at most 2n−1 periods apart, n being the
// size of the list, whenever others join. Where members depart as well, n counts
// all who were on the list in between.
// Reference: section 4.3.
func TestSuccessiveSelectionsAreAtMost2nMinus1Apart(t *testing.T) {
	for _, departures := range []bool{false, true} {
		t.Run(fmt.Sprintf("departures=%t", departures), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
				n := rapid.IntRange(2, 12).Draw(t, "members")
				table := swim.NewDenseTableOf(0, n, rng)
				type wait struct{ periods, n int }
				waits := map[swim.ID]*wait{}
				for id := swim.ID(1); id < swim.ID(n); id++ {
					waits[id] = &wait{n: table.Live()}
				}
				next := swim.ID(n)
				for _, what := range rapid.SliceOfN(rapid.IntRange(0, 9), 1, 200).Draw(t, "events") {
					switch {
					case what == 9: // a newcomer
						table.Store(next, swim.Entry{State: swim.Alive}, rng)
						for _, w := range waits {
							w.n++
						}
						waits[next] = &wait{n: table.Live()}
						next++
					case what == 8 && departures && table.Live() > 1:
						gone, _ := table.Pick(rng)
						table.Store(gone, swim.Entry{State: swim.Left}, rng)
						delete(waits, gone)
					default:
						id, ok := table.Next(rng)
						if !ok || waits[id] == nil {
							t.Fatalf("selected %d, %t: not on the list", id, ok)
						}
						for who, w := range waits {
							w.periods++
							if w.periods > 2*w.n-1 {
								t.Fatalf("member %d waited %d periods on a list of %d", who, w.periods, w.n)
							}
						}
						*waits[id] = wait{n: table.Live()}
					}
				}
			})
		})
	}
}

// The bound is reached: last in one pass and first in the next are 1 apart, first and
// then last 2n−1.
// Reference: section 4.3.
func TestBoundIsTight(t *testing.T) {
	const size = 3 // of the list
	rng := rand.New(rand.NewPCG(1, 1))
	table := swim.NewDenseTableOf(0, size+1, rng)
	last, apart := map[swim.ID]int{}, map[int]bool{}
	for period := range 1000 {
		id, _ := table.Next(rng)
		if before, ok := last[id]; ok {
			apart[period-before] = true
		}
		last[id] = period
	}
	assert.Equal(t, map[int]bool{1: true, 2: true, 3: true, 4: true, 5: true}, apart)
}

// ---- Section 5: the constants of the prototype

// Reference: section 5.
func TestPaperConstants(t *testing.T) {
	cfg := swim.Paper()
	require.NoError(t, cfg.Validate())
	assert.Equal(t, 2*time.Second, cfg.ProtocolPeriod)
	assert.Equal(t, 1, cfg.PingReqMembers)
	assert.Equal(t, 6, cfg.MaxUpdates)
	assert.Equal(t, swim.RoundRobin, cfg.Selection)
	assert.Equal(t, swim.Infection, cfg.Dissemination)
	assert.True(t, cfg.Suspicion)
	assert.True(t, cfg.Balanced)
	assert.True(t, cfg.PingerClears)
	assert.GreaterOrEqual(t, cfg.ProtocolPeriod, 3*cfg.PingTimeout, "T' is at least three round trips (section 3.1)")
	for n := 1; n <= 56; n++ {
		want := 3 * math.Ceil(math.Log(float64(n+1)))
		assert.Equal(t, int(want), cfg.RetransmitLimit(n), "n=%d", n)
		assert.Equal(t, time.Duration(want)*2*time.Second, cfg.SuspicionTimeout(n), "n=%d", n)
	}
}

// ---- Joining and leaving

// A newcomer asks a member that it knows, and has the list in one round trip. The
// others hear of it by infection.
// Reference: section 3.2 leaves the way in to the implementation; a known
// contact is one that it names.
func TestNewcomerIsMadeKnownToEverybody(t *testing.T) {
	for _, how := range []swim.Dissemination{swim.Infection, swim.Multicast} {
		c := newCluster(paper(func(c *swim.Config) { c.Dissemination = how }), 8, T/10, rtt/10, 1)
		c.Run(T)

		newcomer := c.Join(3)
		c.Run(2 * rtt / 10)
		assert.Equal(t, 9, newcomer.GroupSize(), "the newcomer has the list")
		assert.Equal(t, 9, c.Members[3].GroupSize(), "its contact has the newcomer")

		c.Run(9 * T)
		for _, m := range c.Members {
			assert.Equal(t, 9, m.GroupSize(), "member %d", m.ID())
		}
	}
}

// A newcomer's first request may be lost. It asks again each protocol period,
// probes nobody until it is answered, and begins as soon as it is.
func TestNewcomerAsksUntilAnswered(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	s := subject{swim.NewNode(0, paper(), swim.NewDenseTable(), rng), t}
	var out swim.Output
	s.Join(0, 1, &out)
	request := []swim.Send{{To: 1, Message: swim.Message{Kind: swim.Join, Target: 0, Updates: []swim.Update{alive(0, 0)}}}}
	require.Equal(t, request, out.Sends)
	assert.Equal(t, request, s.tick(T).Sends)
	assert.Equal(t, request, s.tick(2*T).Sends)

	s.hear(2*T+rtt, 1, swim.Message{Kind: swim.Welcome, Target: 0, Updates: []swim.Update{alive(1, 0), alive(2, 3)}})

	assert.Equal(t, 2*T+rtt, s.Deadline())
	assert.Equal(t, swim.Ping, s.tick(2*T + rtt).Sends[0].Message.Kind)
	assert.Equal(t, swim.Entry{State: swim.Alive, Incarnation: 3}, s.Lookup(2))
}

// A suspect on the list that a newcomer is given has the time of the whole group,
// not of the part of it that was read before.
func TestNewcomerGivesSuspectsTheirFullTime(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	s := subject{swim.NewNode(0, paper(), swim.NewDenseTable(), rng), t}
	var out swim.Output
	s.Join(0, 1, &out)
	list := []swim.Update{alive(1, 0), suspect(2, 0)}
	for id := swim.ID(3); id < 20; id++ {
		list = append(list, alive(id, 0))
	}
	s.hear(rtt, 1, swim.Message{Kind: swim.Welcome, Target: 0, Updates: list})

	expiry := rtt + 12*T // 20 members
	for at := s.Deadline(); at < expiry; at = s.Deadline() {
		for _, ping := range sends(s.tick(at), swim.Ping) {
			if ping.To != 2 {
				s.ack(at, ping)
			}
		}
	}
	assert.Equal(t, swim.Suspect, s.state(2))
	s.tick(expiry)
	assert.Equal(t, swim.Faulty, s.state(2))
}

// Nobody comes back under a handle that was declared faulty or said goodbye.
// Reference: section 4.2.
func TestFormerMemberIsTurnedAway(t *testing.T) {
	for _, end := range []swim.Update{faulty(2, 0), left(2, 0)} {
		c := newCluster(paper(), 2, 0, rtt/10, 1)
		for _, m := range c.Members {
			c.Tell(m.ID(), 1-m.ID(), swim.Message{Kind: swim.News, Updates: []swim.Update{end}})
		}

		returned := c.Join(0) // gets handle 2
		c.Run(5 * T)

		assert.True(t, returned.Stopped(), "%v", end)
		assert.Equal(t, 1, returned.Saw(swim.Excluded, 2), "%v", end)
		assert.Equal(t, end.State, c.Members[0].Lookup(2).State)
		assert.Equal(t, 2, c.Members[0].GroupSize())
	}
}

// One that is told not to stop when excluded goes on asking; it does not begin a
// protocol with nobody on its list.
func TestFormerMemberThatDoesNotStopKeepsAsking(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	s := subject{swim.NewNode(0, paper(func(c *swim.Config) { c.StopWhenExcluded = false }), swim.NewDenseTable(), rng), t}
	var out swim.Output
	s.Join(0, 1, &out)

	out = s.hear(rtt, 1, swim.Message{Kind: swim.Welcome, Target: 0, Updates: []swim.Update{faulty(0, 0)}})

	assert.Equal(t, []swim.EventKind{swim.Excluded}, kinds(out))
	assert.Equal(t, T, s.Deadline())
	assert.Len(t, sends(s.tick(T), swim.Join), 1)
}

// A contact that is about to leave does not put itself on the newcomer's list.
func TestLeavingContact(t *testing.T) {
	s := newSubject(t, 3, paper())
	var out swim.Output
	s.Leave(0, &out)

	out = s.hear(0, 3, swim.Message{Kind: swim.Join, Target: 3, Updates: []swim.Update{alive(3, 0)}})

	welcome := sends(out, swim.Welcome)
	require.Len(t, welcome, 1)
	assert.Equal(t, swim.Left, welcome[0].Message.Updates[0].State)
}

// A member that leaves of its own will says so, and the word spreads like that of
// a failure; nobody takes it for one.
// Reference: section 3.2.
func TestVoluntaryLeave(t *testing.T) {
	for _, how := range []swim.Dissemination{swim.Infection, swim.Multicast} {
		c := newCluster(paper(func(c *swim.Config) { c.Dissemination = how }), 8, T/10, rtt/10, 1)
		c.Run(T)

		c.Leave(5)
		c.Run(20 * T)

		assert.True(t, c.Members[5].Stopped())
		assert.Equal(t, 1, c.Members[5].Saw(swim.Stopped, 5))
		for _, m := range c.Members {
			if m.ID() == 5 {
				continue
			}
			assert.Equal(t, swim.Left, m.Lookup(5).State, "member %d", m.ID())
			assert.Equal(t, 1, m.Saw(swim.Departed, 5))
			assert.Zero(t, m.Saw(swim.ProbeFailed, 5)+m.Saw(swim.Suspected, 5)+m.Saw(swim.Confirmed, 5))
		}
	}
}

// The last copy of a goodbye may leave on a ping, with nobody left to answer.
func TestLeaverStopsThoughNobodyAnswers(t *testing.T) {
	s := newSubject(t, 2, paper())
	var out swim.Output
	s.Leave(0, &out)
	require.False(t, s.Stopped())

	for period := range time.Duration(6) { // 3·⌈ln 3⌉ messages
		require.False(t, s.Stopped())
		s.tick(period * T)
	}

	assert.True(t, s.Stopped())
}

func TestLeaveOfTheLastMemberIsAtOnce(t *testing.T) {
	s := newSubject(t, 1, paper())
	var out swim.Output
	s.Leave(0, &out)
	assert.True(t, s.Stopped())
	assert.Empty(t, out.Sends)
}

// ---- The machine

// A member that was held up does what it missed once and not once for each period, and
// gives the next target its whole period.
func TestLateTick(t *testing.T) {
	s := newSubject(t, 5, paper())
	first := s.period(0)

	out := s.tick(7*T + T/2)

	assert.Len(t, sends(out, swim.PingReq), 1)
	assert.Equal(t, []swim.EventKind{swim.ProbeFailed, swim.Suspected}, kinds(out))
	assert.Equal(t, first.To, out.Events[0].Member)
	assert.Len(t, sends(out, swim.Ping), 1)
	s.ack(7*T+T/2, sends(out, swim.Ping)[0])
	assert.Equal(t, 8*T+T/2, s.Deadline())
}

func TestEarlyTickDoesNothing(t *testing.T) {
	s := newSubject(t, 5, paper())
	assert.Empty(t, s.tick(-1))
	s.period(0)
	assert.Empty(t, s.tick(rtt-1))
}

// A ping-req of Nobody would be a ping to everybody, one of the helper itself
// needs no ping at all.
func TestOddPingReqs(t *testing.T) {
	s := newSubject(t, 3, paper())
	assert.Empty(t, s.hear(0, 1, swim.Message{Kind: swim.PingReq, Seq: 5, Target: swim.Nobody}).Sends)
	assert.Equal(t, []swim.Send{{To: 1, Message: swim.Message{Kind: swim.Ack, Seq: 5, Target: 0}}},
		s.hear(0, 1, swim.Message{Kind: swim.PingReq, Seq: 5, Target: 0}).Sends)
}
