package embedding

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/swimlab/swimlab/experiments/sim/quantile"
	"github.com/swimlab/swimlab/experiments/trial"
)

// need is what a trial must have for a measure to mean something.
type need int

const (
	anything  need = iota
	samples        // method vivaldi, whose nodes take samples
	newcomers      // nodes that join later
)

// measure is one thing that a trial can observe. It has one of the four forms.
type measure struct {
	trial.Measure
	need   need
	values func(*view) []float64
	series func(*view) trial.Series
	places func(*view) []trial.Place
	// curve is a point of a curve over time; false where it has none yet.
	curve func(*view) (float64, bool)
}

// Names that code refers to.
const (
	measureMedian       = "median_relative_error"
	measureP90          = "p90_relative_error"
	measureP95          = "p95_relative_error"
	measureUnseen       = "unseen_median_relative_error"
	measureMedianMs     = "median_absolute_error_ms"
	measureNodeMedianMs = "node_median_absolute_error_ms"
	measureCDF          = "relative_error_cdf"
	measureOverTime     = "error_over_time"
	measureMovement     = "movement_ms"
)

func value(f func(*view) float64) func(*view) []float64 {
	return func(v *view) []float64 { return []float64{f(v)} }
}

func curve(f func(*view) float64) func(*view) (float64, bool) {
	return func(v *view) (float64, bool) { return f(v), true }
}

// since is a curve that begins when the newcomers are there.
func since(f func(*view) float64) func(*view) (float64, bool) {
	return func(v *view) (float64, bool) {
		if v.before == nil {
			return 0, false
		}
		return f(v), true
	}
}

// measures are sorted by name once the regions' are among them.
var measures = []measure{
	{Measure: trial.Measure{Name: "direction_share", Unit: "1", Series: true, Doc: "What each direction of classical scaling holds of the round trips: the eigenvalues of the double-centred matrix of squared round trips over the largest, against their rank, by falling magnitude, the first 20. Negative ones no Euclidean space can hold."},
		series: func(v *view) trial.Series { return v.matrix.scale().shares(20) }},
	{Measure: trial.Measure{Name: measureOverTime, Unit: "1", Series: true, Doc: "Median relative error over all measured pairs of nodes that are there, against the samples a node has taken so far, at rounds spaced by a quarter of those done and at the last; with run.duration against seconds."},
		need: samples, curve: curve((*view).medianRelativeError)},
	{Measure: trial.Measure{Name: "error_over_time_ms", Unit: "ms", Series: true, Doc: "node_median_absolute_error_ms over time, as error_over_time."},
		need: samples, curve: curve((*view).nodeMedianAbsoluteError)},
	{Measure: trial.Measure{Name: "height_ms", Unit: "ms", Doc: "Height of each node at the end."},
		values: (*view).heights},
	{Measure: trial.Measure{Name: measureMedianMs, Unit: "ms", Doc: "Median over all measured pairs of |predicted-measured|."},
		values: value((*view).medianAbsoluteError)},
	{Measure: trial.Measure{Name: measureMedian, Unit: "1", Doc: "Median over all measured pairs of |predicted-measured|/measured."},
		values: value((*view).medianRelativeError)},
	{Measure: trial.Measure{Name: measureMovement, Unit: "ms", Doc: "Mean length of what one sample moves a node, the change of its height added, over all samples of the last tenth of the trial."},
		need: samples, values: value(func(v *view) float64 { return v.movement })},
	{Measure: trial.Measure{Name: "new_error_over_time_ms", Unit: "ms", Series: true, Doc: "From when the newcomers join: median over them of each one's median of |predicted-measured| to every peer."},
		need: newcomers, curve: since((*view).newError)},
	{Measure: trial.Measure{Name: measureNodeMedianMs, Unit: "ms", Doc: "Median over nodes of the node's own median of |predicted-measured| to every peer it has a round trip to."},
		values: value((*view).nodeMedianAbsoluteError)},
	{Measure: trial.Measure{Name: "old_displacement_over_time_ms", Unit: "ms", Series: true, Doc: "From when newcomers join: median over the other nodes of how far each lies from where it was then."},
		need: newcomers, curve: since((*view).oldDisplacement)},
	{Measure: trial.Measure{Name: "old_error_over_time_ms", Unit: "ms", Series: true, Doc: "From when newcomers join: median over the other nodes of each one's median of |predicted-measured| to the others of them."},
		need: newcomers, curve: since((*view).oldError)},
	{Measure: trial.Measure{Name: measureP90, Unit: "1", Doc: "90th percentile over all measured pairs of |predicted-measured|/measured."},
		values: value(func(v *view) float64 { return quantile.Of(v.sortedErrors(), 0.9) })},
	{Measure: trial.Measure{Name: measureP95, Unit: "1", Doc: "95th percentile over all measured pairs of |predicted-measured|/measured."},
		values: value(func(v *view) float64 { return quantile.Of(v.sortedErrors(), 0.95) })},
	{Measure: trial.Measure{Name: "places", Unit: "ms", Map: true, Doc: "Where each node lies at the end, turned to lie as its dataset's map does, or as classical scaling of the round trips where it has none, and its height."},
		places: (*view).places},
	{Measure: trial.Measure{Name: measureCDF, Unit: "1", Series: true, Doc: "Share of all measured pairs whose relative error is at most x, for x from 0 to 2 in steps of 0.005."},
		series: func(v *view) trial.Series { return cdf(v.sortedErrors()) }},
	{Measure: trial.Measure{Name: "rms_error_ms", Unit: "ms", Doc: "Root of the mean over all measured pairs of (predicted-measured)²: what the paper's springs minimise."},
		values: value((*view).rmsError)},
	{Measure: trial.Measure{Name: "triangle_ratio_cdf", Unit: "1", Series: true, Doc: "Share of all complete triples of nodes whose longest round trip is at most x times the sum of the other two, for x from 0.5 to 2.5 in steps of 0.01. Over 1 is a violation of the triangle inequality."},
		series: func(v *view) trial.Series { return v.matrix.triangleRatios() }},
	{Measure: trial.Measure{Name: "triangle_violations", Unit: "1", Doc: "Share of all complete triples of nodes that violate the triangle inequality, by more than rounding."},
		values: value(func(v *view) float64 { return v.matrix.triangles().TIV })},
	{Measure: trial.Measure{Name: "triangle_violations_notable", Unit: "1", Doc: "Share of all complete triples of nodes that violate the triangle inequality by more than 5 % of the detour and 1 ms."},
		values: value(func(v *view) float64 { return v.matrix.triangles().TIVNotable })},
	{Measure: trial.Measure{Name: measureUnseen, Unit: "1", Doc: "Median relative error over the measured pairs that neither node ever probed; empty where every pair was probed."},
		need: samples, values: (*view).unseenError},
}

// regions are those that datasets name; each has a measure of its nodes' heights.
var regions = []string{"Africa", "Asia", "Eurasia", "Europe", "North America", "Oceania", "South America"}

func init() {
	for _, region := range regions {
		measures = append(measures, measure{
			Measure: trial.Measure{Name: "height_ms_" + strings.ReplaceAll(strings.ToLower(region), " ", "_"), Unit: "ms", Doc: "Height at the end of each node in " + region + "; empty where the dataset places none there."},
			values:  func(v *view) []float64 { return v.heightsIn(region) },
		})
	}
	slices.SortFunc(measures, func(a, b measure) int { return strings.Compare(a.Name, b.Name) })
}

// Measures lists what a trial can observe, sorted by name. Unless it says
// otherwise a measure is taken at the end, over every pair the network has a round
// trip for; quantiles interpolate linearly between order statistics.
func Measures() []trial.Measure {
	list := make([]trial.Measure, len(measures))
	for i, m := range measures {
		list[i] = m.Measure
	}
	return list
}

// choice is the measures a trial was asked for.
type choice []measure

func chooseMeasures(names []string, p plan) (choice, error) {
	var chosen choice
	for i, name := range names {
		at := slices.IndexFunc(measures, func(m measure) bool { return m.Name == name })
		blame := func(why, want string) error {
			return &trial.KeyError{Key: fmt.Sprintf("measure.%d", i), Err: errors.New(name + why), Want: want}
		}
		switch {
		case at < 0:
			var known []string
			for _, m := range measures {
				known = append(known, m.Name)
			}
			return nil, blame(" is not a measure of vivaldi", "one of "+strings.Join(known, ", "))
		case measures[at].need != anything && p.method != "vivaldi":
			return nil, blame(" is of nodes that take samples", "system.method vivaldi")
		case measures[at].need == newcomers && p.newcomers() == 0:
			return nil, blame(" is of nodes that join later", "an entry with join in faults")
		}
		chosen = append(chosen, measures[at])
	}
	return chosen, nil
}

// observe takes every measure of the end.
func (v *view) observe(wanted choice) trial.Observations {
	o := trial.Observations{Samples: map[string][]float64{}}
	for _, m := range wanted {
		switch {
		case m.values != nil:
			o.Samples[m.Name] = m.values(v)
		case m.series != nil:
			addSeries(&o, m.Name, m.series(v))
		case m.places != nil:
			if o.Maps == nil {
				o.Maps = map[string][]trial.Place{}
			}
			o.Maps[m.Name] = m.places(v)
		}
	}
	return o
}

func addSeries(o *trial.Observations, name string, s trial.Series) {
	if o.Series == nil {
		o.Series = map[string]trial.Series{}
	}
	o.Series[name] = s
}

// curves are the measures over time, as far as they have come.
type curves struct {
	measures choice
	drawn    []trial.Series
}

func newCurves(wanted choice) *curves {
	c := &curves{}
	for _, m := range wanted {
		if m.curve != nil {
			c.measures = append(c.measures, m)
		}
	}
	c.drawn = make([]trial.Series, len(c.measures))
	return c
}

// look adds a point to every curve.
func (c *curves) look(w *world) {
	if len(c.measures) == 0 {
		return
	}
	v := w.view()
	for i, m := range c.measures {
		if y, ok := m.curve(v); ok {
			c.drawn[i].X, c.drawn[i].Y = append(c.drawn[i].X, w.at()), append(c.drawn[i].Y, y)
		}
	}
}

func (c *curves) write(o *trial.Observations) {
	for i, m := range c.measures {
		addSeries(o, m.Name, c.drawn[i])
	}
}
