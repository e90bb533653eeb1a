package sim

import (
	"maps"
	"slices"
	"time"

	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/swim"
)

// Detection of members under an anomaly (Lifeguard §V, Tables V and VII): a member
// whose messages are held back for long enough has failed for all practical
// purposes, and the group should notice.
func init() {
	defineAll(attachAnomalyDetection,
		trial.Measure{Name: "anomaly_detection", Unit: "s", Doc: "For each member whose messages are held back: from the beginning of that to the first Confirm of it at a healthy member; only those that are confirmed."},
		trial.Measure{Name: "anomaly_dissemination", Unit: "s", Doc: "From the same beginning to the moment when the last healthy member has confirmed it; only those that all confirm."},
		trial.Measure{Name: "anomaly_detected", Unit: "1", Doc: "The share of the members whose messages are held back that some healthy member confirms."},
	)
}

func attachAnomalyDetection(c *Cluster) func() map[string][]float64 {
	type story struct {
		began time.Duration
		by    map[uint32]time.Duration
	}
	var order []uint32
	stories := map[uint32]*story{}
	c.hooks.onHeld = append(c.hooks.onHeld, func(now time.Duration, id uint32) {
		if stories[id] == nil {
			stories[id] = &story{began: now, by: map[uint32]time.Duration{}}
			order = append(order, id)
		}
	})
	c.hooks.onEvent = append(c.hooks.onEvent, func(now time.Duration, by uint32, e swim.Event) {
		s := stories[uint32(e.Member)]
		if s == nil || e.Kind != swim.Confirmed || c.members[by].tainted {
			return
		}
		if _, before := s.by[by]; !before {
			s.by[by] = now
		}
	})
	return func() map[string][]float64 {
		r := map[string][]float64{}
		detected := 0.0
		for _, id := range order {
			s := stories[id]
			if len(s.by) == 0 {
				continue
			}
			detected++
			first := slices.Min(slices.Collect(maps.Values(s.by)))
			r["anomaly_detection"] = append(r["anomaly_detection"], (first - s.began).Seconds())
			if last, all := c.lastOfTheHealthy(s.by); all {
				r["anomaly_dissemination"] = append(r["anomaly_dissemination"], (last - s.began).Seconds())
			}
		}
		if len(order) > 0 {
			r["anomaly_detected"] = []float64{detected / float64(len(order))}
		}
		return r
	}
}

// lastOfTheHealthy is the latest of the times at which the healthy members did
// something; false if one of them has not.
func (c *Cluster) lastOfTheHealthy(did map[uint32]time.Duration) (last time.Duration, all bool) {
	for id := range c.members {
		if !c.isHealthy(uint32(id)) {
			continue
		}
		at, is := did[uint32(id)]
		if !is {
			return 0, false
		}
		last = max(last, at)
	}
	return last, true
}
