package embedding

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/swimlab/swimlab/experiments/trial"
)

// Names of the measures.
const (
	measureMedian       = "median_relative_error"
	measureP90          = "p90_relative_error"
	measureP95          = "p95_relative_error"
	measureUnseen       = "unseen_median_relative_error"
	measureMedianMs     = "median_absolute_error_ms"
	measureNodeMedianMs = "node_median_absolute_error_ms"
	measureCDF          = "relative_error_cdf"
	measureOverTime     = "error_over_time"
)

// The grid of relative_error_cdf: 0, 0.005, … 2.
const (
	cdfSteps   = 400
	cdfPerUnit = 200
)

// Measures lists what a trial can observe, sorted by name. Errors are taken after
// the last round, over every pair the dataset has a round trip for; quantiles
// interpolate linearly between order statistics.
func Measures() []trial.Measure {
	return []trial.Measure{
		{Name: measureOverTime, Unit: "1", Series: true, Doc: "Median relative error over all measured pairs, against the samples a node has taken so far, at rounds spaced by a quarter of those done and at the last."},
		{Name: measureMedianMs, Unit: "ms", Doc: "Median over all measured pairs of |predicted-measured|."},
		{Name: measureMedian, Unit: "1", Doc: "Median over all measured pairs of |predicted-measured|/measured."},
		{Name: measureNodeMedianMs, Unit: "ms", Doc: "Median over nodes of the node's own median of |predicted-measured| to every peer it has a round trip to."},
		{Name: measureP90, Unit: "1", Doc: "90th percentile over all measured pairs of |predicted-measured|/measured."},
		{Name: measureP95, Unit: "1", Doc: "95th percentile over all measured pairs of |predicted-measured|/measured."},
		{Name: measureCDF, Unit: "1", Series: true, Doc: "Share of all measured pairs whose relative error is at most x, for x from 0 to 2 in steps of 0.005."},
		{Name: measureUnseen, Unit: "1", Doc: "Median relative error over the measured pairs that neither node ever probed; empty where every pair was probed."},
	}
}

// choice is the measures a trial was asked for.
type choice struct {
	names    []string
	overTime bool
}

func chooseMeasures(names []string) (choice, error) {
	var known []string
	for _, m := range Measures() {
		known = append(known, m.Name)
	}
	for i, name := range names {
		if !slices.Contains(known, name) {
			return choice{}, &trial.KeyError{Key: fmt.Sprintf("measure.%d", i), Err: errors.New(name + " is not a measure of vivaldi"), Want: "one of " + strings.Join(known, ", ")}
		}
	}
	return choice{names: names, overTime: slices.Contains(names, measureOverTime)}, nil
}

func (w *world) observe(wanted choice, overTime trial.Series) trial.Observations {
	obs := trial.Observations{Samples: map[string][]float64{}, Events: w.samples}
	var sorted []float64
	errs := func() []float64 {
		if sorted == nil {
			sorted = w.relativeErrors(everyPair)
			slices.Sort(sorted)
		}
		return sorted
	}
	series := func(name string, s trial.Series) {
		if obs.Series == nil {
			obs.Series = map[string]trial.Series{}
		}
		obs.Series[name] = s
	}
	for _, name := range wanted.names {
		switch name {
		case measureMedian:
			obs.Samples[name] = []float64{quantile(errs(), 0.5)}
		case measureP90:
			obs.Samples[name] = []float64{quantile(errs(), 0.9)}
		case measureP95:
			obs.Samples[name] = []float64{quantile(errs(), 0.95)}
		case measureUnseen:
			obs.Samples[name] = []float64{}
			if unseen := w.relativeErrors(w.unseen()); len(unseen) > 0 {
				obs.Samples[name] = []float64{medianInPlace(unseen)}
			}
		case measureMedianMs:
			obs.Samples[name] = []float64{w.medianAbsoluteError()}
		case measureNodeMedianMs:
			obs.Samples[name] = []float64{w.nodeMedianAbsoluteError()}
		case measureCDF:
			series(name, cdf(errs()))
		case measureOverTime:
			series(name, overTime)
		}
	}
	return obs
}

func everyPair(int, int) bool { return true }

// unseen says whether a pair was probed by neither of its nodes.
func (w *world) unseen() func(i, j int) bool {
	n := w.matrix.n
	probed := make([]bool, n*n)
	for i, neighbours := range w.neighbours {
		for _, peer := range neighbours {
			probed[i*n+int(peer.node)] = true
			probed[int(peer.node)*n+i] = true
		}
	}
	return func(i, j int) bool { return !probed[i*n+j] }
}

// relativeErrors are |predicted−measured|/measured of the measured pairs to keep.
func (w *world) relativeErrors(keep func(i, j int) bool) []float64 {
	errs := make([]float64, 0, w.matrix.n*w.matrix.n/2)
	w.matrix.pairs(func(i, j int, rtt time.Duration) {
		if keep(i, j) {
			errs = append(errs, float64(w.missedBy(i, j, rtt))/float64(rtt))
		}
	})
	return errs
}

// medianAbsoluteError is in milliseconds.
func (w *world) medianAbsoluteError() float64 {
	var errs []float64
	w.matrix.pairs(func(i, j int, rtt time.Duration) {
		errs = append(errs, inMs(w.missedBy(i, j, rtt)))
	})
	return medianInPlace(errs)
}

// nodeMedianAbsoluteError is in milliseconds. The authors' simulator reports a
// node's error as this median.
func (w *world) nodeMedianAbsoluteError() float64 {
	medians := make([]float64, w.matrix.n)
	errs := make([]float64, 0, w.matrix.n)
	for i := range medians {
		errs = errs[:0]
		for j := range w.matrix.n {
			if rtt := w.matrix.at(i, j); rtt != 0 {
				errs = append(errs, inMs(w.missedBy(i, j, rtt)))
			}
		}
		medians[i] = medianInPlace(errs)
	}
	return medianInPlace(medians)
}

// missedBy is |predicted−measured|.
func (w *world) missedBy(i, j int, rtt time.Duration) time.Duration {
	return (w.cloud.Distance(i, j) - rtt).Abs()
}

func inMs(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func cdf(sorted []float64) trial.Series {
	s := trial.Series{X: make([]float64, cdfSteps+1), Y: make([]float64, cdfSteps+1)}
	at := 0
	for i := range s.X {
		x := float64(i) / cdfPerUnit
		for at < len(sorted) && sorted[at] <= x {
			at++
		}
		s.X[i], s.Y[i] = x, float64(at)/float64(len(sorted))
	}
	return s
}
