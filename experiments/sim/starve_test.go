package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/swim"
)

// starved is a trial in which member 1, from 5 s to 15 s, stalls for 200 ms and
// runs for 1 s by turns, and then takes 30 ms a message. It is sent more than it
// can handle: a ping, an ack and the ping-reqs of others in each period.
const starved = `
system: {members: 20, protocol_period: 80ms, ping_timeout: 20ms, ping_req_members: 3, suspicion_mult: 1000}
run: {duration: 20s}
faults: [{at: 5s, cpu_exhaustion: {ids: [1], run: 1s, stall: 200ms, for: 10s, per_message: 30ms}}]`

// ranUntil is how long the starved member has run since 5 s.
func ranUntil(t time.Duration) time.Duration {
	const cycle, stall = 1200 * time.Millisecond, 200 * time.Millisecond
	t -= 5 * time.Second
	return t/cycle*(cycle-stall) + max(t%cycle-stall, 0)
}

func TestAStarvedMemberHandlesOneMessageAfterTheOther(t *testing.T) {
	k := newChronicle(t, specOf(t, 1, lan, starved))
	var reads []time.Duration
	atOnce := 0
	k.hooks.onReceived = append(k.hooks.onReceived, func(now time.Duration, by uint32, _ *slot) {
		switch {
		case by != 1 || now < 5*time.Second:
		case now < 15*time.Second:
			reads = append(reads, now)
		case now < 15*time.Second+time.Microsecond:
			atOnce++
		}
	})
	timers := 0
	k.hooks.onSent = append(k.hooks.onSent, func(now time.Duration, _ uint32, s *slot) {
		if s.from == 1 && s.beginsProbe() && now > 5*time.Second && now < 15*time.Second {
			timers++
		}
	})
	backlog := 0
	k.at(14999*time.Millisecond, func() { backlog = len(k.members[1].inbox) })
	require.NoError(t, k.run(t.Context()))

	interrupted := 0
	for i := 1; i < len(reads); i++ {
		assert.GreaterOrEqual(t, ranUntil(reads[i])-ranUntil(reads[i-1]), 30*time.Millisecond, "message %d, read at %v", i, reads[i])
		if reads[i]-reads[i-1] == 230*time.Millisecond {
			interrupted++ // by a stall; what had been done before it is not lost
		}
	}
	assert.InDelta(t, float64(ranUntil(15*time.Second)/(30*time.Millisecond)), len(reads), 5, "it is never idle")
	assert.Positive(t, interrupted)
	assert.Greater(t, timers, 90, "its periods do not wait for messages")
	require.Greater(t, backlog, 100)
	assert.GreaterOrEqual(t, atOnce, backlog-1, "with the processor back, what is left takes next to no time")
	assert.Empty(t, k.members[1].inbox)
	assert.Nil(t, k.members[1].labour)
}

func TestAFullBufferLosesDatagramsAndNoStreams(t *testing.T) {
	const fault = `
system: {preset: deployed, push_pull_interval: 100ms, protocol_period: 80ms, ping_timeout: 20ms}
faults: [{at: 5s, cpu_exhaustion: {ids: [1], run: 1s, stall: 200ms, for: 10s, per_message: 30ms, backlog: 7}}]`
	k := newChronicle(t, specOf(t, 1, lan, starved, fault))
	streams := 0
	k.hooks.onWaiting = append(k.hooks.onWaiting, func(_ time.Duration, at uint32, s *slot) {
		if s.message.Stream {
			streams++
		} else {
			assert.Less(t, len(k.members[at].inbox), 7)
		}
	})
	k.hooks.onLost = append(k.hooks.onLost, func(_ time.Duration, to uint32, s *slot, why string) {
		if why == "lost in a full buffer" {
			assert.False(t, s.message.Stream)
			assert.Equal(t, uint32(1), to)
			assert.GreaterOrEqual(t, len(k.members[to].inbox), 7)
		}
	})
	require.NoError(t, k.run(t.Context()))
	assert.Positive(t, k.count("lost in a full buffer"))
	assert.Greater(t, streams, 7)
}

// Starving for the processor makes a member take others for dead, its own
// slowness for theirs: what Lifeguard's Figure 1 shows.
func TestAStarvedMemberAccusesTheHealthy(t *testing.T) {
	k := play(t, specOf(t, 1, lan, starved))
	accusers := map[uint32]bool{}
	for _, h := range k.events {
		if h.Kind == swim.Suspected && h.Member != 1 && h.By == swim.ID(h.by) {
			accusers[h.by] = true
		}
	}
	assert.True(t, accusers[1])
}

// Two faults may starve a member at a time: the harder one counts while it lasts.
func TestOfTwoFaultsThatStarveAMemberTheHarderCounts(t *testing.T) {
	k := newChronicle(t, specOf(t, 1, lan, `
faults:
  - {at: 5s, cpu_exhaustion: {ids: [1], run: 9s, stall: 1ns, for: 8s, per_message: 5ms}}
  - {at: 6s, cpu_exhaustion: {ids: [1], run: 9s, stall: 1ns, for: 2s, per_message: 30ms}}`))
	var cost []time.Duration
	for _, at := range []time.Duration{4, 5, 6, 8, 13} {
		k.at(at*time.Second+time.Millisecond, func() { cost = append(cost, k.members[1].perMessage()) })
	}
	require.NoError(t, k.run(t.Context()))
	assert.Equal(t, []time.Duration{0, 5e6, 30e6, 5e6, 0}, cost)
}

func TestAStarvedMemberThatCrashesReadsNoMore(t *testing.T) {
	k := play(t, specOf(t, 1, lan, starved, `
faults:
  - {at: 5s, cpu_exhaustion: {ids: [1], run: 1s, stall: 200ms, for: 10s, per_message: 30ms}}
  - {at: 8s, crash: {ids: [1]}}`))
	assert.Positive(t, k.count("not read before the crash"))
	assert.Equal(t, []string{"5s: 1 is short of processor time", "8s: 1 crashes"}, k.faults)
}
