package sim

import (
	"sort"
	"strings"
	"sync"

	"github.com/swimlab/swimlab/experiments/trial"
)

// measure is one observation of a trial. attach makes it listen to a cluster and
// returns what writes its results down when the trial is over. Adding a measure
// is adding a file like those beside this one.
type measure struct {
	trial.Measure
	attach func(c *Cluster) func(*trial.Observations)
}

// measures is filled by the files that define them, by name.
var measures = map[string]measure{}

func define(m measure) {
	if _, twice := measures[m.Name]; twice {
		panic("sim: measure " + m.Name + " is defined twice")
	}
	measures[m.Name] = m
}

// observer yields the values of several measures, by name. It is attached to a
// cluster once, however many of them are asked for.
type observer struct {
	attach func(c *Cluster) func() map[string][]float64
}

func defineAll(attach func(c *Cluster) func() map[string][]float64, list ...trial.Measure) {
	shared := &observer{attach}
	for _, m := range list {
		define(measure{m, func(c *Cluster) func(*trial.Observations) {
			results := c.observe(shared)
			return func(o *trial.Observations) { o.Samples[m.Name] = present(results()[m.Name]) }
		}})
	}
}

func (c *Cluster) observe(o *observer) func() map[string][]float64 {
	if results, is := c.results[o]; is {
		return results
	}
	if c.results == nil {
		c.results = map[*observer]func() map[string][]float64{}
	}
	c.results[o] = sync.OnceValue(o.attach(c))
	return c.results[o]
}

// present makes an empty result of an absent one: looked for, and not seen.
func present(xs []float64) []float64 {
	if xs == nil {
		return []float64{}
	}
	return xs
}

func measureNames() string {
	names := make([]string, 0, len(measures))
	for name := range measures {
		names = append(names, name)
	}
	sort.Strings(names)
	return strings.Join(names, ", ")
}

// periods turns a span of virtual time into protocol periods.
func (c *Cluster) periods(ns float64) float64 { return ns / float64(c.config.ProtocolPeriod) }
