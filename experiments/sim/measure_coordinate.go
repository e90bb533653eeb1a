package sim

import (
	"time"

	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/vivaldi"
)

// Coordinates: how well those that members keep predict round trips, and those of
// a dedicated Vivaldi with as many samples (system.coordinates).
func init() {
	const (
		relative = "Median over the pairs of running members of |predicted-true|/true round trip"
		absolute = "Median over running members of the member's median |predicted-true| to the others"
		double   = " of a dedicated Vivaldi with 32 fixed neighbours, in which each member takes a sample whenever it learns from a probe"
	)
	for _, kind := range []struct {
		name, of string
		nodes    func(s *surveyor) []*vivaldi.Member[uint32]
	}{
		{"coordinate", "", func(s *surveyor) []*vivaldi.Member[uint32] { return s.nodes }},
		{"dedicated", double, func(s *surveyor) []*vivaldi.Member[uint32] { return s.double().nodes }},
	} {
		for _, m := range []struct {
			name, unit, doc string
			of              func(relative, ms float64) float64
		}{
			{kind.name + "_error", "1", relative, func(relative, _ float64) float64 { return relative }},
			{kind.name + "_error_ms", "ms", absolute, func(_, ms float64) float64 { return ms }},
		} {
			look := func(c *Cluster) func() float64 {
				nodes := kind.nodes(c.surveyor)
				return func() float64 { return m.of(c.errorsOf(nodes)) }
			}
			define(measure{trial.Measure{Name: m.name, Unit: m.unit, Doc: m.doc + kind.of + ", at the end; nothing without coordinates."}, func(c *Cluster) func(*trial.Observations) {
				if c.surveyor == nil {
					return func(o *trial.Observations) { o.Samples[m.name] = []float64{} }
				}
				now := look(c)
				return func(o *trial.Observations) { o.Samples[m.name] = []float64{now()} }
			}})
			overTime := m.name + "_over_time"
			define(measure{trial.Measure{Name: overTime, Unit: m.unit, Series: true, Doc: m.doc + kind.of + ", over protocol periods, at periods spaced by a quarter of those passed; nothing without coordinates."}, func(c *Cluster) func(*trial.Observations) {
				curve := trial.Series{X: []float64{}, Y: []float64{}}
				if c.surveyor != nil {
					now := look(c)
					c.everyQuarterMore(func(periods int) {
						curve.X, curve.Y = append(curve.X, float64(periods)), append(curve.Y, now())
					})
				}
				return func(o *trial.Observations) { o.Series[overTime] = curve }
			}})
		}
	}
	defineAll(attachCoordinateSamples, trial.Measure{Name: "coordinate_samples", Unit: "samples", Doc: "Samples that a member's coordinate has learnt from: the mean over members."})
}

func attachCoordinateSamples(c *Cluster) func() map[string][]float64 {
	return func() map[string][]float64 {
		if c.surveyor == nil {
			return nil
		}
		sum := 0
		for _, n := range c.surveyor.samples {
			sum += n
		}
		return map[string][]float64{"coordinate_samples": {float64(sum) / float64(len(c.surveyor.samples))}}
	}
}

// everyQuarterMore calls f after 1, 2, 3 … protocol periods, and then each time a
// quarter more have passed.
func (c *Cluster) everyQuarterMore(f func(periods int)) {
	periods := 1
	var next func()
	next = func() {
		f(periods)
		periods = max(periods+1, periods*5/4)
		c.at(time.Duration(periods)*c.config.ProtocolPeriod, next)
	}
	c.at(c.config.ProtocolPeriod, next)
}
