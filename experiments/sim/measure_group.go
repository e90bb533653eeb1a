package sim

import (
	"time"

	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/swim"
)

// Group size over time (SWIM §5, Figure 4). The paper does not say whose view it
// plots; these are the three that one could.
func init() {
	defineGroupSize("group_size", "Members on the list, the lister included: the mean over running processes.", func(c *Cluster, _ []bool) float64 {
		running := c.running()
		if len(running) == 0 {
			return 0
		}
		total := 0
		for _, id := range running {
			total += c.members[id].node.GroupSize()
		}
		return float64(total) / float64(len(running))
	})
	defineGroupSize("group_size_first", "Members on the list of the first process, itself included; 0 once it has stopped.", func(c *Cluster, _ []bool) float64 {
		if !c.isRunning(0) {
			return 0
		}
		return float64(c.members[0].node.GroupSize())
	})
	defineGroupSize("standing", "Running processes that no other has ever declared faulty.", func(c *Cluster, accused []bool) float64 {
		n := 0
		for _, id := range c.running() {
			if !accused[id] {
				n++
			}
		}
		return float64(n)
	})
}

// groupSizeStep is how often the group is looked at.
const groupSizeStep = time.Second

// defineGroupSize defines a measure of the group at an instant as a curve over
// seconds, and its value at the end of the trial as name_end.
func defineGroupSize(name, doc string, size func(c *Cluster, accused []bool) float64) {
	watch := func(c *Cluster) func() float64 {
		accused := make([]bool, len(c.members))
		c.hooks.onEvent = append(c.hooks.onEvent, func(_ time.Duration, _ uint32, e swim.Event) {
			if e.Kind == swim.Confirmed {
				accused[e.Member] = true
			}
		})
		return func() float64 { return size(c, accused) }
	}
	define(measure{trial.Measure{Name: name, Unit: "members", Series: true, Doc: doc + " Over seconds."}, func(c *Cluster) func(*trial.Observations) {
		now := watch(c)
		var s trial.Series
		var look func()
		look = func() {
			s.X, s.Y = append(s.X, c.now.Seconds()), append(s.Y, now())
			c.at(c.now+groupSizeStep, look)
		}
		c.at(0, look)
		return func(o *trial.Observations) { o.Series[name] = s }
	}})
	define(measure{trial.Measure{Name: name + "_end", Unit: "members", Doc: doc + " At the end of the trial."}, func(c *Cluster) func(*trial.Observations) {
		now := watch(c)
		return func(o *trial.Observations) { o.Samples[name+"_end"] = []float64{now()} }
	}})
}
