package sim

import (
	"time"

	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/swim"
)

// Accuracy: healthy members accused (SWIM §3.1's P_M; Lifeguard's FP and FP−).
func init() {
	defineAll(attachFalseDetections,
		trial.Measure{Name: "false_detections", Unit: "1", Doc: "Failed probes of running members, per running member and protocol period after the warm-up."},
		trial.Measure{Name: "falsely_detected", Unit: "1", Doc: "The share of running members and protocol periods in which at least one probe of the member failed."},
	)
	defineAll(attachFalsePositives,
		trial.Measure{Name: "false_positives", Unit: "events", Doc: "Confirms, at all members, of members that are running and that no fault of the schedule has touched."},
		trial.Measure{Name: "false_positives_at_healthy", Unit: "events", Doc: "Those of them at members that no fault of the schedule has touched."},
		trial.Measure{Name: "false_suspicions", Unit: "events", Doc: "Suspicions, at all members, of such members."},
		trial.Measure{Name: "refutations", Unit: "events", Doc: "Times a member raised its incarnation against a suspicion of itself."},
	)
	defineAll(attachSuspicionTime, trial.Measure{Name: "suspicion_time", Unit: "periods", Doc: "From the moment when a member began to suspect another, by its own probe or on hearsay, to its Confirm, where its own time-out brought that about."})
}

func attachFalseDetections(c *Cluster) func() map[string][]float64 {
	accused := make([]float64, len(c.members)) // times in this period
	detections, accusedPeriods, memberPeriods := 0.0, 0.0, 0.0
	c.hooks.onEvent = append(c.hooks.onEvent, func(now time.Duration, _ uint32, e swim.Event) {
		if e.Kind == swim.ProbeFailed && now >= c.scenario.Run.Warmup && c.isRunning(uint32(e.Member)) {
			accused[e.Member]++
		}
	})
	c.everyPeriod(func(ran []uint32) {
		for _, id := range ran {
			memberPeriods++
			detections += accused[id]
			if accused[id] > 0 {
				accusedPeriods++
			}
		}
		clear(accused)
	})
	return func() map[string][]float64 {
		if memberPeriods == 0 {
			return nil
		}
		return map[string][]float64{"false_detections": {detections / memberPeriods}, "falsely_detected": {accusedPeriods / memberPeriods}}
	}
}

func attachFalsePositives(c *Cluster) func() map[string][]float64 {
	var all, atHealthy, suspected, refuted float64
	c.hooks.onEvent = append(c.hooks.onEvent, func(_ time.Duration, by uint32, e swim.Event) {
		switch {
		case e.Kind == swim.Refuted:
			refuted++
		case !c.isHealthy(uint32(e.Member)):
		case e.Kind == swim.Suspected:
			suspected++
		case e.Kind == swim.Confirmed:
			all++
			if !c.members[by].tainted {
				atHealthy++
			}
		}
	})
	return func() map[string][]float64 {
		return map[string][]float64{
			"false_positives": {all}, "false_positives_at_healthy": {atHealthy},
			"false_suspicions": {suspected}, "refutations": {refuted},
		}
	}
}

func attachSuspicionTime(c *Cluster) func() map[string][]float64 {
	type pair struct{ by, about uint32 }
	since := map[pair]time.Duration{}
	var times []float64
	c.hooks.onEvent = append(c.hooks.onEvent, func(now time.Duration, by uint32, e swim.Event) {
		p := pair{by, uint32(e.Member)}
		switch {
		case e.Kind == swim.Suspected:
			since[p] = now
		case e.Kind == swim.Confirmed && uint32(e.By) == by:
			if at, ok := since[p]; ok {
				times = append(times, c.periods(float64(now-at)))
			}
			delete(since, p)
		case e.Kind == swim.Cleared || e.Kind == swim.Confirmed:
			delete(since, p)
		}
	})
	return func() map[string][]float64 { return map[string][]float64{"suspicion_time": times} }
}
