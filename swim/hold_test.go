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

// A call for help waits likewise, and is made at the release.
func TestHeldCallForHelp(t *testing.T) {
	s := newSubject(t, 5, paper())
	s.period(0)
	s.Hold()
	require.Empty(t, s.tick(rtt).Sends)
	require.Empty(t, s.tick(T).Events, "with it the judgement")

	out := s.release(T / 2)

	assert.Len(t, sends(out, swim.PingReq), 1)
	assert.Empty(t, out.Events)
	assert.Equal(t, T, s.Deadline())
}

// Gossip, push/pull and nacks wait, and what was missed is made up for once.
func TestHeldGossipPushPullAndNack(t *testing.T) {
	p := atEase()
	p.nackAfter = rtt / 2
	s := newAdapted(t, 5, paper(forever, gossips(2), pushPull), p)
	s.live(9 * T)
	s.news(9*T, 1, suspect(3, 0))
	s.Hold()
	relayed := s.hear(9*T+1, 2, swim.Message{Kind: swim.PingReq, Seq: 7, Target: 4, Nack: true})
	require.Len(t, sends(relayed, swim.Ping), 1, "what it answers is the caller's to keep back")
	during := append(s.tick(20*T).Sends, s.tick(25*T).Sends...)

	out := s.release(30 * T)

	for _, kind := range []swim.Kind{swim.News, swim.Sync, swim.Nack} {
		for _, m := range during {
			assert.NotEqual(t, kind, m.Message.Kind)
		}
	}
	assert.Len(t, sends(out, swim.News), 2, "one round of two")
	assert.Len(t, sends(out, swim.Sync), 1)
	assert.Len(t, sends(out, swim.Nack), 1)
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
		assert.Empty(t, out.Sends)
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

// Gossip waits also where it falls on the instant at which a period begins.
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
	assert.Empty(t, sends(out, swim.News))
}
