package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/swim"
)

// anomalous is a group as in Lifeguard's evaluation, smaller: two members are
// blocked from 10 s to 40 s.
const anomalous = `
system: {protocol: swim, preset: deployed, members: 24, suspicion_mult: 3, lifeguard: {lha_probe: true, lha_suspicion: true, buddy: true}}
network: {latency: {uniform: [100us, 500us]}}
faults: [{at: 10s, slow: {ids: [4, 9], blocked: 30s, normal: 10s, for: 30s}}]
run: {warmup: 5s, duration: 60s}
`

func TestTheDetectionOfAnAnomalyIsTimedFromItsBeginning(t *testing.T) {
	spec := specOf(t, 1, anomalous, `measure: [anomaly_detection, anomaly_dissemination, anomaly_detected]`)
	k := play(t, spec)
	var detection, dissemination []float64
	for _, slow := range []swim.ID{4, 9} {
		first, last, by := never, time.Duration(0), map[uint32]bool{}
		for _, h := range k.events {
			if h.Kind == swim.Confirmed && h.Member == slow && h.by != 4 && h.by != 9 && !by[h.by] {
				first, last = min(first, h.at), max(last, h.at)
				by[h.by] = true
			}
		}
		require.Len(t, by, 22, "all the healthy find %d out", slow)
		detection = append(detection, (first - 10*time.Second).Seconds())
		dissemination = append(dissemination, (last - 10*time.Second).Seconds())
	}
	assert.Equal(t, map[string][]float64{
		"anomaly_detection": detection, "anomaly_dissemination": dissemination, "anomaly_detected": {1},
	}, mustRun(t, spec).Samples)
}

func TestAnAnomalyThatIsOverBeforeAnybodyCaresIsNotDetected(t *testing.T) {
	spec := specOf(t, 1, anomalous, `
faults: [{at: 10s, slow: {ids: [4, 9], blocked: 200ms, normal: 10s, for: 200ms}}, {at: 20s, slow: {ids: [7], blocked: 30s, normal: 10s, for: 30s}}]
measure: [anomaly_detection, anomaly_dissemination, anomaly_detected]`)
	o := mustRun(t, spec)
	assert.Len(t, o.Samples["anomaly_detection"], 1)
	assert.Equal(t, []float64{1.0 / 3}, o.Samples["anomaly_detected"])
}

func TestSlowMembersKnowThatTheyAreSlow(t *testing.T) {
	measure := `measure: [health_score, health_score_distressed, probe_failures, probe_failures_at_healthy]`
	of := func(sections ...string) map[string][]float64 {
		return mustRun(t, specOf(t, 1, append([]string{anomalous, measure}, sections...)...)).Samples
	}
	slow := of(`faults: [{at: 10s, slow: {ids: [4, 9], blocked: 2s, normal: 10ms, for: 50s}}]`)
	assert.Less(t, slow["health_score"][0], 0.5)
	assert.Greater(t, slow["health_score_distressed"][0], 1.0)
	assert.LessOrEqual(t, slow["health_score_distressed"][0], 7.0, "of at most S")
	assert.Positive(t, slow["probe_failures"][0])
	assert.Less(t, slow["probe_failures_at_healthy"][0], slow["probe_failures"][0])

	calm := of(`faults: []`)
	assert.Equal(t, map[string][]float64{
		"health_score": {0}, "health_score_distressed": {}, "probe_failures": {0}, "probe_failures_at_healthy": {0},
	}, calm)

	without := of(`system: {lifeguard: {lha_probe: false}}`)
	assert.Empty(t, without["health_score"])
	assert.NotNil(t, without["health_score"])
}

func TestProbeFailuresCountTheHealthyAlone(t *testing.T) {
	spec := specOf(t, 1, anomalous, `
system: {stream_fallback: false, ping_req_members: 1, lifeguard: {lha_probe: false, lha_suspicion: false, buddy: false}}
network: {loss: 20%}
measure: [probe_failures, probe_failures_at_healthy]`)
	k := play(t, spec)
	isSlow := func(id uint32, at time.Duration) bool { return (id == 4 || id == 9) && at >= 10*time.Second }
	all, atHealthy := 0.0, 0.0
	for _, h := range k.events {
		if h.Kind == swim.ProbeFailed && h.at >= 5*time.Second && !isSlow(uint32(h.Member), h.at) {
			all++
			if !isSlow(h.by, h.at) {
				atHealthy++
			}
		}
	}
	require.Positive(t, atHealthy)
	require.Greater(t, all, atHealthy)
	assert.Equal(t, map[string][]float64{"probe_failures": {all}, "probe_failures_at_healthy": {atHealthy}}, mustRun(t, spec).Samples)
}

func TestTrafficIsWhatAllSendAfterTheWarmup(t *testing.T) {
	wire := `system: {wire: {codec: memberlist, name_bytes: 8, meta_bytes: 150, payload_bytes: 130}}`
	spec := specOf(t, 1, anomalous, wire, `measure: [messages_sent, bytes_sent]`)
	k := newChronicle(t, spec)
	sizes := newMemberlistSizes(k.scenario.System.Wire)
	messages, bytes := 0.0, 0.0
	k.hooks.onSent = append(k.hooks.onSent, func(now time.Duration, _ uint32, s *slot) {
		if now >= 5*time.Second {
			messages++
			bytes += float64(sizes.bytes(&s.message))
		}
	})
	require.NoError(t, k.run(t.Context()))
	assert.Equal(t, map[string][]float64{"messages_sent": {messages}, "bytes_sent": {bytes}}, mustRun(t, spec).Samples)
	assert.Greater(t, bytes/messages, 80.0, "an empty ping of this group is as long as that")

	uncoded := mustRun(t, specOf(t, 1, anomalous, `measure: [messages_sent, bytes_sent]`)).Samples
	assert.Len(t, uncoded["messages_sent"], 1)
	assert.Empty(t, uncoded["bytes_sent"])
}

// Turning every component off is plain SWIM, event for event, and so is a
// Lifeguard that has nothing to scale.
func TestWithoutItsComponentsLifeguardIsPlainSWIM(t *testing.T) {
	opts := trial.TraceOptions{Messages: true}
	off := mustTrace(t, specOf(t, 1, anomalous, `system: {lifeguard: {lha_probe: false, lha_suspicion: false, buddy: false, s: 3, k: 1, beta: 9}}`), opts)
	plain := specOf(t, 1, anomalous)
	delete(plain.System, "lifeguard")
	assert.True(t, off == mustTrace(t, plain, opts))
	idle := mustTrace(t, specOf(t, 1, anomalous, `system: {lifeguard: {lha_probe: false, lha_suspicion: true, buddy: false, beta: 1, k_from_alpha: false, k: 0}}`), opts)
	assert.True(t, off == idle, "β = 1 and K = 0 leave every time-out as it is")
}
