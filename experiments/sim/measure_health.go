package sim

import (
	"time"

	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/swim"
)

// Local health: what members think of themselves (Lifeguard §IV-A), and the
// failed probes that they judge by.
func init() {
	defineAll(attachHealth,
		trial.Measure{Name: "health_score", Unit: "1", Doc: "The local health score, 0 for good health: the mean over running members that no fault has touched and over the seconds after the warm-up; nothing without LHA-Probe."},
		trial.Measure{Name: "health_score_distressed", Unit: "1", Doc: "The same of running members that a fault has touched."},
	)
	defineAll(attachProbeFailures,
		trial.Measure{Name: "probe_failures", Unit: "events", Doc: "Failed probes, by any member, of running members that no fault has touched, after the warm-up."},
		trial.Measure{Name: "probe_failures_at_healthy", Unit: "events", Doc: "Those of them by members that no fault has touched."},
	)
}

// healthStep is how often members are asked for their health.
const healthStep = time.Second

func attachHealth(c *Cluster) func() map[string][]float64 {
	if !c.scenario.System.Lifeguard.LHAProbe {
		return func() map[string][]float64 { return nil }
	}
	var healthy, distressed tally
	var ask func()
	ask = func() {
		for _, id := range c.running() {
			m := &c.members[id]
			score := float64(m.lifeguard.Health().Score())
			if m.tainted {
				distressed.add(score)
			} else {
				healthy.add(score)
			}
		}
		c.at(c.now+healthStep, ask)
	}
	c.at(c.scenario.Run.Warmup, ask)
	return func() map[string][]float64 {
		return map[string][]float64{"health_score": healthy.result(), "health_score_distressed": distressed.result()}
	}
}

func attachProbeFailures(c *Cluster) func() map[string][]float64 {
	all, atHealthy := 0.0, 0.0
	c.hooks.onEvent = append(c.hooks.onEvent, func(now time.Duration, by uint32, e swim.Event) {
		if e.Kind != swim.ProbeFailed || now < c.scenario.Run.Warmup || !c.isHealthy(uint32(e.Member)) {
			return
		}
		all++
		if c.isHealthy(by) {
			atHealthy++
		}
	})
	return func() map[string][]float64 {
		return map[string][]float64{"probe_failures": {all}, "probe_failures_at_healthy": {atHealthy}}
	}
}
