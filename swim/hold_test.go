package swim_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/swim"
)

// release ends a hold.
func (s subject) release(at time.Duration) swim.Output {
	var out swim.Output
	s.Release(at, &out)
	return out
}

// A ping that begins while its sender is held waits; no helper is called while it does, and
// once it is out it is waited for as long as any other.
func TestHeldPingIsWaitedForFromItsRelease(t *testing.T) {
	s := newSubject(t, 5, paper())
	s.Hold()
	s.period(0) // the caller keeps it back
	require.Empty(t, s.tick(T/2).Sends)

	require.Empty(t, s.release(T/2).Sends)

	assert.Equal(t, T/2+rtt, s.Deadline())
	assert.Len(t, sends(s.tick(T/2+rtt), swim.PingReq), 1)
	assert.Equal(t, T, s.Deadline(), "its period has been running meanwhile")
	assert.Contains(t, kinds(s.tick(T)), swim.ProbeFailed)
}

func TestHeldPingThatIsAckedInTime(t *testing.T) {
	s := newSubject(t, 5, paper())
	s.Hold()
	ping := s.period(0)
	s.release(T / 2)

	s.ack(T/2+rtt/2, ping)

	assert.Equal(t, T, s.Deadline())
	assert.Empty(t, s.tick(T).Events)
}

// Released after its period's end, the failure detector calls for help and looks at
// the clock then: the probe has failed, and the helpers' nacks are missed.
func TestHeldBeyondThePeriod(t *testing.T) {
	for _, release := range []time.Duration{T - rtt/2, T, 7 * T / 2} {
		p := atEase()
		p.nackAfter = rtt / 2
		s := newAdapted(t, 5, paper(func(c *swim.Config) { c.PingReqMembers = 3 }), p)
		s.Hold()
		ping := s.period(0)
		require.Empty(t, s.tick(release).Sends, "nothing goes on meanwhile")

		out := s.release(release)
		if release < T {
			require.Empty(t, out.Sends)
			out = s.tick(T)
		}

		assert.Len(t, sends(out, swim.PingReq), 3)
		assert.Equal(t, []swim.EventKind{swim.ProbeFailed, swim.Suspected}, kinds(out))
		assert.Equal(t, ping.To, out.Events[0].Member)
		assert.Equal(t, []swim.ProbeResult{{Helpers: 3}}, p.ended)
		assert.Len(t, sends(out, swim.Ping), 1, "and the next probe begins")
		assert.Equal(t, max(release, T)+rtt, s.Deadline(), "which has all its time")
	}
}

// A call for help waits at its first helper, and the others are asked at the
// release, with the news of then; with it waits the judgement.
func TestHeldCallForHelp(t *testing.T) {
	for _, release := range []time.Duration{T / 2, T, 3 * T} {
		cfg := paper(selfOnly, func(c *swim.Config) { c.PingReqMembers, c.StreamFallback = 3, true })
		s := newSubject(t, 6, cfg)
		ping := s.period(0)
		s.Hold()
		held := s.tick(rtt)
		require.Len(t, held.Sends, 1)
		require.Equal(t, swim.PingReq, held.Sends[0].Message.Kind)
		require.Empty(t, held.Sends[0].Message.Updates)
		require.Empty(t, s.tick(release))
		other := 1 + ping.To%5
		s.news(release, other, suspect(other%5+1, 0))

		out := s.release(release)

		asked := sends(out, swim.PingReq)
		require.Len(t, asked, 2)
		for _, m := range asked {
			assert.NotEqual(t, held.Sends[0].To, m.To)
			assert.Len(t, m.Message.Updates, 1)
		}
		assert.Contains(t, out.Sends, swim.Send{To: ping.To, Message: swim.Message{Kind: swim.Ping, Seq: ping.Message.Seq, Target: ping.To, Stream: true}})
		if release < T {
			assert.Empty(t, out.Events)
			assert.Equal(t, T, s.Deadline())
		} else {
			assert.Equal(t, swim.ProbeFailed, out.Events[0].Kind)
		}
	}
}

// What was still to be asked of helpers is forgotten with the probe.
func TestHeldCallForHelpAndThenAPing(t *testing.T) {
	s := newSubject(t, 6, paper(func(c *swim.Config) { c.PingReqMembers = 3 }))
	s.period(0)
	s.Hold()
	s.tick(rtt)
	ping := sends(s.release(T), swim.Ping)[0]
	s.Hold()
	s.ack(T, ping)
	s.period(2 * T)

	assert.Empty(t, s.release(2*T+rtt/2))
}

// Nacks go into the Output while the member is held, for the caller to keep back.
// Push/pull waits and is made up for once.
func TestHeldPushPullAndNack(t *testing.T) {
	p := atEase()
	p.nackAfter = rtt / 2
	s := newAdapted(t, 5, paper(pushPull), p)
	s.live(9 * T)
	s.Hold()
	relayed := s.hear(9*T+1, 2, swim.Message{Kind: swim.PingReq, Seq: 7, Target: 4, Nack: true})
	require.Len(t, sends(relayed, swim.Ping), 1, "what it answers is the caller's to keep back")
	during := swim.Output{Sends: append(s.tick(20*T).Sends, s.tick(25*T).Sends...)}

	out := s.release(30 * T)

	assert.Len(t, sends(during, swim.Nack), 1)
	assert.Empty(t, sends(during, swim.Sync))
	assert.Len(t, sends(out, swim.Sync), 1)
	assert.Empty(t, sends(out, swim.Nack))
}

// A round of gossip waits at its first message, which bears the news of when it
// was written. At the release it is finished with the news of then, and a round
// that came due meanwhile follows at once: one, however many were due. The rounds
// after it are in step with those before the hold.
// Reference: memberlist state.go, gossip and triggerFunc; a Go ticker keeps one tick.
func TestHeldGossip(t *testing.T) {
	const due = T / 5
	for _, c := range []struct {
		release time.Duration
		told    int // at the release
	}{
		{due / 2, 2},
		{due, 2 + 3},
		{7*due + 1, 2 + 3},
	} {
		s := newSubject(t, 9, paper(forever, selfOnly, gossips(3), func(c *swim.Config) { c.GossipInterval = due }))
		s.ack(0, s.period(0))
		s.news(0, 1, suspect(3, 0))
		phase := s.Deadline()
		require.Less(t, phase, due)
		s.Hold()
		held := s.tick(phase)
		require.Len(t, held.Sends, 1)
		require.Equal(t, swim.News, held.Sends[0].Message.Kind)
		require.Len(t, held.Sends[0].Message.Updates, 1)
		require.Empty(t, sends(s.tick(phase+c.release), swim.News), "nothing goes on meanwhile")
		s.news(phase+c.release, 1, suspect(4, 0))

		out := s.release(phase + c.release)

		news := sends(out, swim.News)
		require.Len(t, news, c.told)
		for i, m := range news {
			require.Len(t, m.Message.Updates, 2)
			if i < 2 {
				assert.NotEqual(t, held.Sends[0].To, m.To, "a round tells nobody twice")
			}
		}
		next := phase + (c.release/due+1)*due
		assert.Empty(t, sends(s.tick(next-1), swim.News))
		assert.Len(t, sends(s.tick(next), swim.News), 3)
	}
}

// Without news gossip has nothing to wait with.
func TestHeldGossipWithoutNews(t *testing.T) {
	s := newSubject(t, 9, paper(forever, selfOnly, gossips(3)))
	s.ack(0, s.period(0))
	s.Hold()
	require.Empty(t, s.tick(T/2))
	s.news(T/2, 1, suspect(3, 0))

	assert.Empty(t, s.release(T/2))
}

// Those that were stuck go on in the order in which they got stuck: what the failed
// probe says is gossiped at once only if the probe was the first.
func TestHeldTasksGoOnInTheirOrder(t *testing.T) {
	for _, probeFirst := range []bool{true, false} {
		s := newSubject(t, 9, paper(forever, selfOnly, gossips(3), func(c *swim.Config) { c.GossipInterval = rtt / 2 }))
		ping := s.period(0)
		other := ping.To%8 + 1
		if probeFirst {
			s.Hold()
			s.tick(rtt)
			s.news(rtt, other, suspect(other%8+1, 0))
		} else {
			s.news(0, other, suspect(other%8+1, 0))
			s.Hold()
			s.tick(rtt - 1)
		}
		for s.Deadline() < T {
			s.tick(s.Deadline())
		}
		s.tick(T)

		for _, m := range sends(s.release(2*T), swim.News) {
			accuses := false
			for _, u := range m.Message.Updates {
				accuses = accuses || u.Member == ping.To && u.State == swim.Suspect
			}
			assert.Equal(t, probeFirst, accuses)
		}
	}
}

// A suspicion's time runs out all the same, also where it coincides with what waits.
func TestHeldSuspicionsEnd(t *testing.T) {
	for _, expiry := range []time.Duration{rtt, T / 2} {
		p := atEase()
		p.suspicion = []time.Duration{expiry}
		s := newAdapted(t, 5, paper(selfOnly), p)
		ping := s.period(0)
		s.news(0, ping.To, suspect(3-ping.To%3, 0))
		s.Hold()

		out := s.tick(expiry)

		assert.Equal(t, []swim.EventKind{swim.Confirmed}, kinds(out), "%v", expiry)
		assert.Len(t, sends(out, swim.PingReq), 1, "kept back")
		assert.Empty(t, s.tick(3*T).Sends)
	}
}

// A member that wants to send nothing while it is held does not notice.
func TestHoldThatNothingMeets(t *testing.T) {
	s := newSubject(t, 5, paper())
	s.ack(0, s.period(0))
	s.Hold()
	require.Empty(t, s.tick(T/2))

	assert.Empty(t, s.release(T/2))
	assert.Len(t, s.tick(T).Sends, 1)
}

// Holds do not nest, and a release without a hold is a Tick.
func TestHoldsDoNotNest(t *testing.T) {
	s := newSubject(t, 5, paper())
	s.Hold()
	s.Hold()
	s.period(0)
	s.release(rtt)
	assert.Len(t, sends(s.tick(2*rtt), swim.PingReq), 1)

	assert.Equal(t, swim.Ping, s.release(T).Sends[0].Message.Kind)
}

// Gossip and a probe that fall on the same instant wait each with a message.
func TestHeldGossipAtTheInstantOfAPeriod(t *testing.T) {
	cfg := paper(forever, gossips(2))
	probe := newSubject(t, 5, cfg)
	probe.news(0, 1, suspect(3, 0))
	phase := ofKind(probe.live(T), swim.News)[0].at
	p := atEase()
	p.period, p.timeout = phase, phase/2
	s := newAdapted(t, 5, cfg, p)
	s.news(0, 1, suspect(3, 0))
	s.ack(0, s.period(0))
	s.Hold()

	out := s.tick(phase)

	assert.Len(t, sends(out, swim.Ping), 1)
	assert.Len(t, sends(out, swim.News), 1)
}
