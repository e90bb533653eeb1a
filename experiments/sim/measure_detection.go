package sim

import (
	"time"

	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/swim"
)

// Detection: how long a crash goes unnoticed, and how long until everybody has
// acted on it (SWIM §3.1 and §5, Figure 3(a)).
func init() {
	defineAll(attachDetection,
		trial.Measure{Name: "first_detection", Unit: "periods", Doc: "From each crash to the end of the first protocol period in which some member's probe of it failed."},
		trial.Measure{Name: "first_detection_s", Unit: "s", Doc: "The same in seconds."},
		trial.Measure{Name: "removal", Unit: "periods", Doc: "From each crash to the moment when the last running member that had it on its list has confirmed it; only for crashes that all have."},
		trial.Measure{Name: "undetected", Unit: "1", Doc: "Crashes that nobody had noticed by the end of the trial."},
	)
}

// crashWatch follows every crash of a trial.
type crashWatch struct {
	order   []uint32
	crashes map[uint32]*crashStory
}

type crashStory struct {
	id        uint32
	at        time.Duration
	detected  time.Duration // never until somebody's probe failed
	confirmed map[uint32]time.Duration
}

func watchCrashes(c *Cluster) *crashWatch {
	w := &crashWatch{crashes: map[uint32]*crashStory{}}
	c.hooks.onCrash = append(c.hooks.onCrash, func(now time.Duration, id uint32) {
		w.order = append(w.order, id)
		w.crashes[id] = &crashStory{id: id, at: now, detected: never, confirmed: map[uint32]time.Duration{}}
	})
	c.hooks.onEvent = append(c.hooks.onEvent, func(now time.Duration, by uint32, e swim.Event) {
		story := w.crashes[uint32(e.Member)]
		if story == nil {
			return
		}
		switch e.Kind {
		case swim.ProbeFailed:
			story.detected = min(story.detected, now)
		case swim.Confirmed:
			story.confirmed[by] = now
		}
	})
	return w
}

// removed is when the last running member took the crashed one off its list;
// false if one has not. Those that joined later and never had it on theirs have
// nothing to take off.
func (s *crashStory) removed(c *Cluster) (time.Duration, bool) {
	last := s.at
	for id := range c.members {
		if !c.isRunning(uint32(id)) {
			continue
		}
		if at, ok := s.confirmed[uint32(id)]; ok {
			last = max(last, at)
		} else if c.members[id].node.Lookup(swim.ID(s.id)).State.InGroup() {
			return 0, false
		}
	}
	return last, true
}

func attachDetection(c *Cluster) func() map[string][]float64 {
	w := watchCrashes(c)
	return func() map[string][]float64 {
		r := map[string][]float64{}
		missed := 0.0
		for _, id := range w.order {
			story := w.crashes[id]
			if story.detected == never {
				missed++
				continue
			}
			d := float64(story.detected - story.at)
			r["first_detection"] = append(r["first_detection"], c.periods(d))
			r["first_detection_s"] = append(r["first_detection_s"], d/1e9)
			if at, ok := story.removed(c); ok {
				r["removal"] = append(r["removal"], c.periods(float64(at-story.at)))
			}
		}
		r["undetected"] = []float64{missed}
		return r
	}
}

// stopWhenDone ends the trial early, as the scenario asks, once every crash of
// the schedule has happened and come to its end.
func (c *Cluster) stopWhenDone() {
	when := c.scenario.Run.StopWhen
	if when == "" {
		return
	}
	w := watchCrashes(c)
	c.hooks.onEvent = append(c.hooks.onEvent, func(_ time.Duration, _ uint32, e swim.Event) {
		ends := e.Kind == swim.ProbeFailed || e.Kind == swim.Confirmed || e.Kind == swim.Stopped
		if !ends || c.crashesToCome > 0 || len(w.order) == 0 {
			return
		}
		for _, id := range w.order {
			story := w.crashes[id]
			if story.detected == never {
				return
			}
			if when == "removed" {
				if _, ok := story.removed(c); !ok {
					return
				}
			}
		}
		c.over = true
	})
}
