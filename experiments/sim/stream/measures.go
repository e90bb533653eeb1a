package stream

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/swimlab/swimlab/datasets"
	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/vivaldi"
)

// measure is one thing that a trial can observe.
type measure struct {
	trial.Measure
	matrix bool // of the matrix alone
	values func(*world) []float64
	series func(*world) trial.Series
}

// measures are sorted by name. All but those of the matrix are of the trial's
// second half, unless they say otherwise.
var measures = []measure{
	{Measure: trial.Measure{Name: "centroid_drift_ms", Unit: "ms", Doc: "How far the members' centroid has moved from half-time to the end, heights left out."},
		values: func(w *world) []float64 { return []float64{1e3 * w.tally.drift(w)} }},
	{Measure: trial.Measure{Name: "changes", Unit: "per frame", Doc: "How often an application coordinate changes in a frame, on average over members and frames."},
		values: func(w *world) []float64 { return w.tally.perFrame(w, float64(w.tally.changes)) }},
	{Measure: trial.Measure{Name: "detour_20_share", Unit: "1", Doc: "Share of pairs that some third node connects in at most 80 % of the direct round trip: rpl ≤ 0.8."}, matrix: true,
		values: func(w *world) []float64 { return []float64{w.statistics().Detour20} }},
	{Measure: trial.Measure{Name: "detour_share", Unit: "1", Doc: "Share of pairs that some third node connects faster than they reach each other: rpl < 1."}, matrix: true,
		values: func(w *world) []float64 { return []float64{w.statistics().ShorterDetour} }},
	{Measure: trial.Measure{Name: "displacement_ms", Unit: "ms", Doc: "How far each member that was not replaced lies at the end from where it lay at half-time, heights left out; a group that turns as a whole shows here and not in centroid_drift_ms."},
		values: func(w *world) []float64 { return w.tally.displacements(w) }},
	{Measure: trial.Measure{Name: "error_over_time", Unit: "1", Series: true, Doc: "Median relative error of the predictions of each stretch of a hundredth of the trial, against frames, the whole trial."},
		series: func(w *world) trial.Series { return w.tally.errorCurve }},
	{Measure: trial.Measure{Name: "frame_movement_ms", Unit: "ms per frame", Doc: "How far an application coordinate lies at a frame's end from where it lay at its beginning (the change of its height added), on average over members and frames."},
		values: func(w *world) []float64 { return w.tally.perFrame(w, 1e3*w.tally.between) }},
	{Measure: trial.Measure{Name: "instability_ms", Unit: "ms per frame", Doc: "How far an application coordinate moves in a frame, every change's length added up (that of its height too), on average over members and frames."},
		values: func(w *world) []float64 { return w.tally.perFrame(w, 1e3*w.tally.moved) }},
	{Measure: trial.Measure{Name: "median_relative_error", Unit: "1", Doc: "Median of |predicted-measured|/measured over the samples, each predicted from application coordinates before it is learnt."},
		values: func(w *world) []float64 { return quantileOf(w.tally.errors, 0.5) }},
	{Measure: trial.Measure{Name: "p95_relative_error", Unit: "1", Doc: "95th percentile of |predicted-measured|/measured over the samples, each predicted from application coordinates before it is learnt."},
		values: func(w *world) []float64 { return quantileOf(w.tally.errors, 0.95) }},
	{Measure: trial.Measure{Name: "pair_median_relative_error", Unit: "1", Doc: "At the end: median over all measured pairs of the last frame of |predicted-measured|/measured."},
		values: func(w *world) []float64 { return quantileOf(w.pairErrors(), 0.5) }},
	{Measure: trial.Measure{Name: "refused", Unit: "1", Doc: "Share of the samples that members refuse, the whole trial."},
		values: func(w *world) []float64 {
			if w.tally.offered > 0 {
				return []float64{float64(w.tally.refusals) / float64(w.tally.offered)}
			}
			return []float64{}
		}},
}

// Measures lists what a trial can observe, sorted by name.
func Measures() []trial.Measure {
	list := make([]trial.Measure, len(measures))
	for i, m := range measures {
		list[i] = m.Measure
	}
	return list
}

func find(name string) (measure, bool) {
	at := slices.IndexFunc(measures, func(m measure) bool { return m.Name == name })
	if at < 0 {
		return measure{}, false
	}
	return measures[at], true
}

func checkMeasures(names []string, p plan) error {
	for i, name := range names {
		m, ok := find(name)
		key := fmt.Sprintf("measure.%d", i)
		switch {
		case !ok:
			var known []string
			for _, m := range measures {
				known = append(known, m.Name)
			}
			return &trial.KeyError{Key: key, Err: errors.New(name + " is not a measure of " + Protocol), Want: "one of " + strings.Join(known, ", ")}
		case p.Passes == 0 && !m.matrix:
			return &trial.KeyError{Key: key, Err: errors.New(name + " is of members that take samples"), Want: "run.passes of 1 or more"}
		}
	}
	return nil
}

func (w *world) observe(names []string) (trial.Observations, error) {
	o := trial.Observations{Samples: map[string][]float64{}, Events: w.tally.offered - w.tally.refusals, Virtual: time.Duration(w.done) * time.Second}
	for _, name := range names {
		m, _ := find(name)
		if m.series != nil {
			if o.Series == nil {
				o.Series = map[string]trial.Series{}
			}
			o.Series[name] = m.series(w)
			continue
		}
		o.Samples[name] = m.values(w)
	}
	return o, nil
}

// statistics are those of the first frame.
func (w *world) statistics() datasets.Statistics {
	m, err := matrixOf(w.frames[0])
	if err != nil {
		panic(err) // load refuses what this would
	}
	return datasets.Summarize(m)
}

func (w *world) pairErrors() []float64 {
	last := w.frames[(w.done-1)%len(w.frames)]
	var errs []float64
	for i := range w.members {
		for j := range i {
			rtt, ok := last.RTT(i, j)
			if !ok {
				continue
			}
			from, to := w.members[i].ApplicationCoordinate(), w.members[j].ApplicationCoordinate()
			if predicted := vivaldi.Distance(&from, &to); predicted != vivaldi.Unknown {
				errs = append(errs, relative(predicted, rtt))
			}
		}
	}
	return errs
}

func relative(predicted, measured time.Duration) float64 {
	return math.Abs(float64(predicted-measured)) / float64(measured)
}

// tally gathers what the measures want, from half-time on.
type tally struct {
	errors   []float64 // relative
	moved    float64   // seconds
	changes  uint64
	offered  uint64 // samples
	refusals uint64 // of them

	between float64              // seconds, from frame to frame
	last    []vivaldi.Coordinate // application coordinates when the frame began
	begun   bool
	half    []vivaldi.Coordinate // where members were at half-time
	gone    []bool               // replaced since

	stretch    []float64 // errors since the curve's last point
	errorCurve trial.Series
}

// begin notes where everybody is at half-time, and when a frame begins.
func (t *tally) begin(w *world) {
	t.last = t.last[:0]
	for _, m := range w.members {
		t.last = append(t.last, m.ApplicationCoordinate())
	}
	if t.begun {
		return
	}
	t.begun = true
	t.half, t.gone = make([]vivaldi.Coordinate, len(w.members)), make([]bool, len(w.members))
	for i, m := range w.members {
		t.half[i] = m.Coordinate()
	}
}

func (t *tally) replaced(i int) {
	if t.gone != nil {
		t.gone[i] = true
	}
}

func (t *tally) sampled(w *world, i int, before vivaldi.Coordinate, predicted, rtt time.Duration) {
	e := relative(predicted, rtt)
	known := predicted != vivaldi.Unknown
	if known {
		t.stretch = append(t.stretch, e)
	}
	if !t.begun {
		return
	}
	if known {
		t.errors = append(t.errors, e)
	}
	if after := w.members[i].ApplicationCoordinate(); after != before && before.Known() {
		t.changes++
		t.moved += shift(before, after)
	}
}

// shift is how far a coordinate has moved, the change of its height added.
func shift(before, after vivaldi.Coordinate) float64 {
	return across(before, after) + math.Abs(before.Height-after.Height)
}

// end ends a frame.
func (t *tally) end(w *world) {
	for i, before := range t.last {
		if after := w.members[i].ApplicationCoordinate(); before.Known() && after.Known() {
			t.between += shift(before, after)
		}
	}
	every := max(w.total()/100, 1)
	if w.done%every != 0 || len(t.stretch) == 0 {
		return
	}
	t.errorCurve.X = append(t.errorCurve.X, float64(w.done))
	t.errorCurve.Y = append(t.errorCurve.Y, quantileOf(t.stretch, 0.5)[0])
	t.stretch = t.stretch[:0]
}

func (t *tally) perFrame(w *world, sum float64) []float64 {
	frames := w.total() - w.total()/2
	return []float64{sum / float64(frames*len(w.members))}
}

// drift is how far the centroid has moved, in seconds.
func (t *tally) drift(w *world) float64 {
	var now, then vivaldi.Coordinate
	now.Dimensions, then.Dimensions = w.config.Space.Dimensions(), w.config.Space.Dimensions()
	n := float64(len(w.members))
	for i, m := range w.members {
		place := m.Coordinate()
		for d := range now.Dimensions {
			now.Vec[d] += place.Vec[d] / n
			then.Vec[d] += t.half[i].Vec[d] / n
		}
	}
	return across(now, then)
}

func (t *tally) displacements(w *world) []float64 {
	far := []float64{}
	for i, m := range w.members {
		if !t.gone[i] {
			far = append(far, 1e3*across(m.Coordinate(), t.half[i]))
		}
	}
	return far
}

// across is how far apart two places are, in seconds, heights left out.
func across(a, b vivaldi.Coordinate) float64 {
	var sum float64
	for d := range a.Dimensions {
		x := a.Vec[d] - b.Vec[d]
		sum += float64(x * x)
	}
	return math.Sqrt(sum)
}

// quantileOf is the q-quantile by linear interpolation between order statistics,
// as a list; empty of nothing. It sorts values.
func quantileOf(values []float64, q float64) []float64 {
	if len(values) == 0 {
		return []float64{}
	}
	slices.Sort(values)
	at := float64(len(values)-1) * q
	low := int(at)
	high := min(low+1, len(values)-1)
	return []float64{values[low] + float64((at-float64(low))*(values[high]-values[low]))}
}
