package sim

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/experiments/closedform"
	"github.com/swimlab/swimlab/swim"
)

// detector is the model of SWIM's analysis (§3.1): the failure detector alone,
// with random targets, and lists that never change.
const detector = `
system: {protocol: swim, protocol_period: 1s, selection: random, dissemination: none, suspicion_mult: 10000}
network: {latency: 1ms}
`

func mean(xs []float64) float64 {
	sum := 0.0
	for _, x := range xs {
		sum += x
	}
	return sum / float64(len(xs))
}

// over runs one trial a seed and strings their samples together.
func over(t *testing.T, seeds uint64, measure string, sections ...string) []float64 {
	t.Helper()
	var all []float64
	for seed := range seeds {
		spec := specOf(t, seed, append(sections, "measure: ["+measure+"]")...)
		all = append(all, mustRun(t, spec).Samples[measure]...)
	}
	return all
}

func TestAQuietGroupSendsTwoMessagesAMemberAndPeriod(t *testing.T) {
	o := mustRun(t, specOf(t, 1, lan, `
system: {members: 16}
run: {warmup: 2s, duration: 102s}
measure: [sent_mean, sent_sd, sent_below_5, received_mean, messages_per_probe, messages_per_probe_max]`))
	assert.InDelta(t, 2.0, o.Samples["sent_mean"][0], 0.002, "a ping, and an ack for each ping that reaches it")
	assert.InDelta(t, 2.0, o.Samples["received_mean"][0], 0.002)
	assert.Equal(t, []float64{2}, o.Samples["messages_per_probe"])
	assert.Equal(t, []float64{2}, o.Samples["messages_per_probe_max"])
	assert.InDelta(t, 1, o.Samples["sent_sd"][0], 0.25, "how often a member is pinged is nearly Poisson, spread 1; round-robin makes it a little more even")
	assert.Greater(t, o.Samples["sent_below_5"][0], 0.9)
}

// Two members ping each other every second and nothing else: every bin is known.
func TestLoadIsCountedInWholePeriodsOfMembersThatRanThroughThem(t *testing.T) {
	load := func(sections ...string) map[string][]float64 {
		spec := specOf(t, 1, append([]string{lan, `system: {members: 2, phases: synchronised}`}, sections...)...)
		spec.Measure = []string{"sent_mean", "sent_sd", "received_mean"}
		return mustRun(t, spec).Samples
	}
	steady := map[string][]float64{"sent_mean": {2}, "sent_sd": {0}, "received_mean": {2}}
	assert.Equal(t, steady, load())
	assert.Equal(t, steady, load(`run: {warmup: 5s}`), "the bin at the end of the warm-up is whole")
	assert.Equal(t, steady, load(`run: {duration: 20500ms}`), "the half period at the end counts for nothing")
	assert.Equal(t, map[string][]float64{"sent_mean": {}, "sent_sd": {}, "received_mean": {}}, load(`run: {duration: 900ms}`), "no whole period")
	crash := load(`run: {duration: 4s}`, `faults: [{at: 1500ms, crash: {ids: [1]}}]`)
	assert.Equal(t, []float64{(2 + 2 + 2 + 1 + 1) / 5.0}, crash["sent_mean"],
		"two each in the first second; in the second 1 crashes after its ack, and does not count; then 0 pings in vain")
}

func TestAProbeCostsAtMostTwoAndFourForEachHelper(t *testing.T) {
	for k, text := range []string{`{ping_req_members: 0}`, `{ping_req_members: 1}`, `{ping_req_members: 2}`, `{ping_req_members: 3}`} {
		o := mustRun(t, specOf(t, 1, detector, `
run: {warmup: 1s, duration: 201s}
network: {loss: 20%}
measure: [messages_per_probe, messages_per_probe_max]`, `system: {members: 16}`, `system: `+text))
		bound := closedform.ProbeMessages(float64(k))
		assert.LessOrEqual(t, o.Samples["messages_per_probe_max"][0], bound, "k = %d", k)
		if k > 0 {
			// The bound is reached where the ack alone, or a helper's ack, is lost.
			assert.Equal(t, bound, o.Samples["messages_per_probe_max"][0], "k = %d", k)
		}
		const q = 0.8
		each := 1 + q + (1-q*q)*float64(k)*(1+q+q*q+q*q*q) // ping, ack; ping-req, ping, ack, ack passed on
		assert.InEpsilon(t, each, o.Samples["messages_per_probe"][0], 0.03, "k = %d", k)
	}
}

// A probe that began before the warm-up is not counted from its helper's ping on.
func TestProbesThatBeganBeforeTheWarmUpAreNotCounted(t *testing.T) {
	o := mustRun(t, specOf(t, 1, detector, `
system: {members: 3, phases: synchronised, ping_timeout: 100ms}
run: {warmup: 1050ms, duration: 3200ms} # and none that begins in the last two periods
faults: [{at: 900ms, loss: {ids: [0, 1, 2], rate: 100%, for: 100500us}}]
measure: [messages_per_probe, messages_per_probe_max, refutations, false_detections]`))
	assert.Empty(t, o.Samples["messages_per_probe"], "the probes of second 1 ask helpers at 1.1 s")
	assert.Empty(t, o.Samples["messages_per_probe_max"])
	assert.Equal(t, []float64{0}, o.Samples["false_detections"], "who save them")
}

// With everybody in step, the periods from a crash to the first failed probe are
// geometric (§3.1): 1/(1−(1−1/n)^(n−1)) on average, one of them at least.
func TestFirstDetectionOfSynchronisedMembersIsGeometric(t *testing.T) {
	detected := over(t, 600, "first_detection", detector, `
system: {members: 16, phases: synchronised}
run: {duration: 60s, stop_when: detected}
faults: [{at: 4999ms, crash: {members: 1}}]`)
	require.Len(t, detected, 600)
	for _, d := range detected {
		rounds := d - 0.001 // the crash is 1 ms before the rounds begin
		require.InDelta(t, math.Round(rounds), rounds, 1e-9)
		require.GreaterOrEqual(t, math.Round(rounds), 1.0)
	}
	// The first round in which somebody picks it ends one period after it began.
	// 15 members pick among 15 others each.
	const p = 1 - 0.3553 // 1−(14/15)^15
	assert.InEpsilon(t, 1/p, mean(detected)-0.001, 0.08)
	assert.InEpsilon(t, closedform.DetectionTimeIn(16, 1), mean(detected)-0.001, 0.1, "the paper picks among n")
}

// With members out of step detection ends a period after the first of the
// running picks it, and picks are a Poisson stream of about one a period.
func TestFirstDetectionOutOfStepTakesAboutTwoPeriods(t *testing.T) {
	detected := over(t, 600, "first_detection", detector, `
system: {members: 16}
run: {duration: 60s, stop_when: detected}
faults: [{at: {uniform: [5s, 6s]}, crash: {members: 1}}]`)
	assert.InEpsilon(t, 2-1.0/16, mean(detected), 0.07)
	for _, d := range detected {
		require.GreaterOrEqual(t, d, 1.0)
	}
}

func TestNothingIsDetectedWhereNobodyIsLeftToDetectIt(t *testing.T) {
	o := mustRun(t, specOf(t, 1, lan, `
faults: [{at: 5s, crash: {members: 8}}]
measure: [first_detection, first_detection_s, removal, undetected]`))
	assert.Equal(t, map[string][]float64{"first_detection": {}, "first_detection_s": {}, "removal": {}, "undetected": {8}}, o.Samples)
}

// Detection, suspicion and removal of one crash, checked against the events.
func TestTheMeasuresOfACrashAreTheTimesOfItsEvents(t *testing.T) {
	spec := specOf(t, 4, lan, `
system: {protocol_period: 2s}
run: {duration: 100s}
faults: [{at: 11s, crash: {ids: [3]}}]
measure: [first_detection, first_detection_s, removal, suspicion_time, undetected, infection_latency, infection_median, infection_max, infection_missed]`)
	k := play(t, spec)
	var firstFailed, lastConfirmed time.Duration
	var learnt []float64
	for _, h := range k.events {
		switch h.Kind {
		case swim.ProbeFailed:
			if firstFailed == 0 {
				firstFailed = h.at
			}
		case swim.Suspected:
			learnt = append(learnt, float64(h.at-firstFailed)/2e9)
		case swim.Confirmed:
			lastConfirmed = h.at
		}
	}
	require.Len(t, learnt, 7)
	o := mustRun(t, spec).Samples
	assert.Equal(t, []float64{float64(firstFailed-11*time.Second) / 2e9}, o["first_detection"])
	assert.Equal(t, []float64{(firstFailed - 11*time.Second).Seconds()}, o["first_detection_s"])
	assert.InDelta(t, float64(lastConfirmed-11*time.Second)/2e9, o["removal"][0], 1e-12)
	assert.Equal(t, []float64{0}, o["undetected"])
	for _, periods := range o["suspicion_time"] {
		assert.Equal(t, 9.0, periods, "3·⌈ln(8+1)⌉")
	}
	assert.InDeltaSlice(t, learnt[1:], o["infection_latency"], 1e-12)
	assert.InDelta(t, (learnt[3]+learnt[4])/2, o["infection_median"][0], 1e-9, "of six: the mean of the third and the fourth")
	assert.InDelta(t, learnt[6], o["infection_max"][0], 1e-12)
	assert.Equal(t, []float64{0}, o["infection_missed"])
}

// A member that joined after a crash has nothing to remove, and nothing to hear.
func TestWhoJoinsAfterACrashDoesNotHoldUpItsRemoval(t *testing.T) {
	o := mustRun(t, specOf(t, 1, lan, `
run: {duration: 60s, stop_when: removed}
faults: [{at: 50s, join: {members: 2}}, {at: 5s, crash: {members: 1}}, {at: 55s, crash: {members: 0}}]
measure: [removal, infection_missed, infection_max]`))
	require.Len(t, o.Samples["removal"], 1)
	assert.Less(t, o.Samples["removal"][0], 20.0)
	assert.Equal(t, []float64{0}, o.Samples["infection_missed"])
	assert.Len(t, o.Samples["infection_max"], 1)
}

func TestNewsThatHasNotReachedEverybodyHasNoLastOne(t *testing.T) {
	o := mustRun(t, specOf(t, 1, lan, `
run: {duration: 6s}
faults: [{at: 5500ms, leave: {members: 1}}]
measure: [infection_latency, infection_missed, infection_max]`))
	missed := o.Samples["infection_missed"][0]
	require.Positive(t, missed)
	assert.Equal(t, 7.0, missed+float64(len(o.Samples["infection_latency"])))
	assert.Empty(t, o.Samples["infection_max"])
}

func TestATrialStopsOnceWhatItWaitsForHasCome(t *testing.T) {
	crash := `{at: 5s, crash: {members: 1}}`
	ends := func(sections ...string) time.Duration {
		return mustRun(t, specOf(t, 1, append([]string{lan, `run: {duration: 100s}`}, sections...)...)).Virtual
	}
	detected := ends(`run: {stop_when: detected}`, `faults: [`+crash+`]`)
	removed := ends(`run: {stop_when: removed}`, `faults: [`+crash+`]`)
	assert.Less(t, detected, 10*time.Second)
	assert.Greater(t, removed, 14*time.Second)
	assert.Less(t, removed, 30*time.Second)
	assert.Equal(t, 100*time.Second, ends(`faults: [`+crash+`]`))
	assert.Greater(t, ends(`run: {stop_when: detected}`, `faults: [`+crash+`, {at: 50s, crash: {members: 1}}]`), 50*time.Second, "it waits for the second crash too")
	assert.Equal(t, 100*time.Second, ends(`run: {stop_when: detected}`, `network: {loss: 30%}`, `faults: [{at: 5s, crash: {fraction: 0%}}]`), "false alarms end nothing where nobody crashed")
}

// News of a leave spreads as Bailey's epidemic does (§4.1), of which the paper
// takes β = 2 − 1/n contacts a period: one ping sent and one received.
func TestNewsSpreadsLikeAnEpidemic(t *testing.T) {
	const n, trials = 64, 60
	curve := make([]float64, 13)
	for seed := range uint64(trials) {
		o := mustRun(t, specOf(t, seed, `
system: {protocol: swim, members: 64, protocol_period: 1s, selection: random}
network: {latency: 1ms}
run: {duration: 22s}
faults: [{at: {uniform: [5s, 6s]}, leave: {members: 1}}]
measure: [infected]`))
		s := o.Series["infected"]
		require.Equal(t, 0.25, s.X[1])
		require.Equal(t, 12.0, s.X[48])
		for period := range curve {
			curve[period] += s.Y[4*period] / trials
		}
	}
	assert.InDelta(t, 1, curve[0], 0.1)
	assert.InDelta(t, n, curve[12], 0.01)
	// The half-way time is what the closed form gives, within half a period.
	half := 0
	for curve[half] < n/2 {
		half++
	}
	crossing := float64(half-1) + (n/2-curve[half-1])/(curve[half]-curve[half-1])
	assert.InDelta(t, closedform.InfectionTime(n), crossing, 0.5)
	for period := 1; period < len(curve); period++ {
		assert.GreaterOrEqual(t, curve[period], curve[period-1])
	}
}

// §3.1 without its factor e/(e−1): a member is picked once a period on average,
// and each time the direct probe fails with 1−q² and each helper's with 1−q⁴.
func TestFalseDetectionsAreTheProductOfWhatMustFail(t *testing.T) {
	const q = 0.8
	for k, text := range []string{`{ping_req_members: 0}`, `{ping_req_members: 1}`, `{ping_req_members: 2}`} {
		o := mustRun(t, specOf(t, 1, detector, `
system: {members: 32}
network: {loss: 20%}
run: {warmup: 2s, duration: 602s}
measure: [false_detections, falsely_detected]`, `system: `+text))
		each := (1 - q*q) * math.Pow(1-math.Pow(q, 4), float64(k))
		assert.InEpsilon(t, each, o.Samples["false_detections"][0], 0.04, "k = %d", k)
		atLeastOnce := 1 - math.Pow(1-each/31, 31)
		assert.InEpsilon(t, atLeastOnce, o.Samples["falsely_detected"][0], 0.04, "k = %d", k)
	}
}

// As in Lifeguard's evaluation, only members that no fault has touched can be
// falsely accused; but anybody can accuse them, and slow members do.
func TestFalsePositivesAreTheConfirmsOfHealthyMembers(t *testing.T) {
	spec := specOf(t, 2, lan, `
system: {stop_when_excluded: false, suspicion_mult: 1}
network: {loss: 25%}
run: {duration: 60s}
faults:
  - {at: 5s, slow: {ids: [3], blocked: 6s, normal: 10ms, for: 40s}}
  - {at: 6s, crash: {ids: [4]}}
  - {at: 7s, pause: {ids: [5], for: 3s}}
measure: [false_positives, false_positives_at_healthy, false_suspicions, refutations, standing_end]`)
	k := play(t, spec)
	touched := func(id uint32, at time.Duration) bool {
		since, is := map[uint32]time.Duration{3: 5 * time.Second, 4: 6 * time.Second, 5: 7 * time.Second}[id]
		return is && at >= since
	}
	var confirms, ofTouched, atHealthy, suspicions, refutations float64
	accused := map[swim.ID]bool{}
	for _, h := range k.events {
		if h.Kind == swim.Confirmed {
			accused[h.Member] = true
		}
		switch {
		case h.Kind == swim.Refuted:
			refutations++
		case touched(uint32(h.Member), h.at):
			if h.Kind == swim.Confirmed {
				ofTouched++
			}
		case h.Kind == swim.Suspected:
			suspicions++
		case h.Kind == swim.Confirmed:
			confirms++
			if !touched(h.by, h.at) {
				atHealthy++
			}
		}
	}
	require.Positive(t, atHealthy)
	require.Greater(t, confirms, atHealthy, "and some at touched members")
	require.Positive(t, ofTouched, "which do not count")
	require.Greater(t, suspicions, confirms)
	require.Positive(t, refutations)
	standing := 0.0
	for id := range swim.ID(8) {
		if id != 4 && !accused[id] {
			standing++
		}
	}
	assert.Equal(t, map[string][]float64{
		"false_positives": {confirms}, "false_positives_at_healthy": {atHealthy},
		"false_suspicions": {suspicions}, "refutations": {refutations},
		"standing_end": {standing},
	}, mustRun(t, spec).Samples)
}

func TestRoundRobinKeepsTheBoundAndRandomTargetsDoNot(t *testing.T) {
	gap := func(selection string) (periods, share float64) {
		o := mustRun(t, specOf(t, 1, lan, `
system: {members: 10, selection: `+selection+`}
run: {duration: 1000s}
measure: [probe_gap_max, probe_gap_share]`))
		return o.Samples["probe_gap_max"][0], o.Samples["probe_gap_share"][0]
	}
	bound := closedform.ProbeBound(9) // the list holds nine others
	periods, share := gap("round_robin")
	assert.Equal(t, bound, periods, "first of one pass and last of the next comes up in 100 passes")
	assert.Equal(t, 1.0, share)
	periods, share = gap("random")
	assert.Greater(t, periods, bound)
	assert.Equal(t, periods/bound, share)
}

func TestHowOftenAMemberIsChosen(t *testing.T) {
	chosen := over(t, 4, "chosen", detector, `
system: {members: 16, phases: synchronised}
run: {warmup: 1s, duration: 501s}`)
	assert.InEpsilon(t, 1-math.Pow(1-1.0/15, 15), mean(chosen), 0.01)
}

// Members that have yet to join cannot be chosen, and do not count.
func TestMembersYetToJoinAreNotCountedAsNeverChosen(t *testing.T) {
	measure := `measure: [chosen]`
	without := mustRun(t, specOf(t, 1, lan, `system: {members: 2}`, `faults: [{at: 20s, join: {members: 1}}]`, measure)).Samples["chosen"]
	with := mustRun(t, specOf(t, 1, lan, `system: {members: 2}`, `faults: [{at: 20s, join: {members: 10, every: 60s}}]`, measure)).Samples["chosen"]
	assert.NotEmpty(t, without)
	assert.Equal(t, without, with, "nine of them would come after the end")
}

func TestGroupSizesOverTime(t *testing.T) {
	spec := specOf(t, 1, lan, `
system: {members: 4, phases: synchronised}
run: {duration: 40s}
faults: [{at: 5500ms, join: {members: 1}}, {at: 20s, crash: {ids: [2]}}]
measure: [group_size, group_size_end, group_size_first, group_size_first_end, standing, standing_end]`)
	o := mustRun(t, spec)
	first := o.Series["group_size_first"]
	require.Len(t, first.X, 41)
	assert.Equal(t, []float64{0, 1, 2}, first.X[:3])
	at := func(name string, second int) float64 { return o.Series[name].Y[second] }
	assert.Equal(t, 4.0, at("group_size_first", 5))
	assert.Equal(t, 5.0, at("group_size_first", 6))
	assert.Equal(t, 5.0, at("group_size", 15))
	assert.Equal(t, 5.0, at("standing", 19))
	assert.Equal(t, 4.0, at("standing", 21), "who crashed stands no longer, whoever knows")
	assert.Equal(t, 5.0, at("group_size_first", 21), "but is still on the lists")
	assert.Equal(t, map[string][]float64{"group_size_end": {4}, "group_size_first_end": {4}, "standing_end": {4}}, o.Samples)
}

func TestACancelledTrialStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := NewWorld(nil).Run(ctx, specOf(t, 1, lan, `run: {duration: 200000h}`))
	assert.ErrorIs(t, err, context.Canceled)
}
