package sim

import (
	"sort"
	"strings"

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

// defineAll defines several measures that one observer yields; it is attached
// to a cluster once for each that is asked for.
func defineAll(attach func(c *Cluster) func() map[string][]float64, list ...trial.Measure) {
	for _, m := range list {
		define(measure{m, func(c *Cluster) func(*trial.Observations) {
			result := attach(c)
			return func(o *trial.Observations) { o.Samples[m.Name] = finite(result()[m.Name]) }
		}})
	}
}

// finite makes an empty result a present one.
func finite(xs []float64) []float64 {
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
