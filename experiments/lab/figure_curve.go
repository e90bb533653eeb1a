package lab

import (
	"math"
	"slices"
	"sort"

	"gonum.org/v1/gonum/stat"

	"github.com/swimlab/swimlab/internal/figure"
)

// curvePoints is how many places a curve is averaged at when its trials do not
// share their x.
const curvePoints = 200

func (f FigureSpec) bandEnds() (low, high float64) {
	if f.Band == nil {
		return 0.05, 0.95
	}
	return f.Band[0], f.Band[1]
}

// drawCurves averages the curves of all trials on a common grid.
func (s *sketch) drawCurves() error {
	for _, l := range s.lines() {
		var curves []seededCurve
		for _, c := range l.cells {
			for t, seen := range s.Results.cells[c].trials {
				curves = append(curves, seededCurve{seen.Series[l.line.Value].X, seen.Series[l.line.Value].Y, t})
			}
		}
		series := figure.Series{Name: l.label, Key: l.style, Role: figure.Measured, Kind: figure.Line}
		low, high := s.spec.bandEnds()
		for _, x := range grid(curves) {
			values, seeds := make([]float64, 0, len(curves)), make([]int, 0, len(curves))
			for _, c := range curves {
				if y, ok := c.at(x); ok {
					values, seeds = append(values, y), append(seeds, c.seed)
				}
			}
			if len(values) == 0 {
				continue
			}
			centre := s.centre(values)
			series.X, series.Y = append(series.X, x), append(series.Y, centre)
			switch {
			case s.spec.shows("band"):
				ordered := slices.Sorted(slices.Values(values))
				series.Low = append(series.Low, stat.Quantile(low, stat.Empirical, ordered, nil))
				series.High = append(series.High, stat.Quantile(high, stat.Empirical, ordered, nil))
			case s.spec.shows("interval") && s.Plan.Trials > 1:
				i := s.interval(values, seeds)
				series.Low, series.High = append(series.Low, i.Low), append(series.High, i.High)
			}
		}
		s.series = append(s.series, series)
	}
	return nil
}

// centre is the figure's statistic of the trials' values at one x; the spread
// of a single value is 0.
func (s *sketch) centre(values []float64) float64 {
	switch s.spec.statistic() {
	case "median":
		return stat.Quantile(0.5, stat.Empirical, slices.Sorted(slices.Values(values)), nil)
	case "min":
		return slices.Min(values)
	case "max":
		return slices.Max(values)
	case "sd":
		if len(values) < 2 {
			return 0
		}
		return stat.StdDev(values, nil)
	}
	return stat.Mean(values, nil)
}

// interval is the bootstrap interval of the centre of values that come from
// these seeds. A curve has hundreds of places, so each gets few resamples.
func (s *sketch) interval(values []float64, seeds []int) Interval {
	bySeed := make([][]float64, s.Plan.Trials)
	for i, v := range values {
		bySeed[seeds[i]] = append(bySeed[seeds[i]], v)
	}
	centres := make([]float64, 0, leastResamples)
	drawn := make([]float64, 0, 2*len(values))
	for _, counts := range resamplesOf(s.Plan.Trials)[:leastResamples] {
		drawn = drawn[:0]
		for t, times := range counts {
			for range times {
				drawn = append(drawn, bySeed[t]...)
			}
		}
		if len(drawn) > 0 {
			centres = append(centres, s.centre(drawn))
		}
	}
	slices.Sort(centres)
	return Interval{
		stat.Quantile((1-Confidence)/2, stat.LinInterp, centres, nil),
		stat.Quantile((1+Confidence)/2, stat.LinInterp, centres, nil),
	}
}

// seededCurve is one trial's curve.
type seededCurve struct {
	x, y []float64
	seed int
}

// at is the value of the last point at or before x; before the first point the
// curve has none.
func (c seededCurve) at(x float64) (float64, bool) {
	i := sort.Search(len(c.x), func(i int) bool { return c.x[i] > x })
	if i == 0 {
		return 0, false
	}
	return c.y[i-1], true
}

// grid is the x that all curves share, or evenly spaced ones over their range.
func grid(curves []seededCurve) []float64 {
	low, high, shared := math.Inf(1), math.Inf(-1), true
	for _, c := range curves {
		shared = shared && slices.Equal(c.x, curves[0].x)
		if len(c.x) > 0 {
			low, high = min(low, c.x[0]), max(high, c.x[len(c.x)-1])
		}
	}
	if shared && len(curves) > 0 {
		return slices.Compact(slices.Clone(curves[0].x))
	}
	if low > high {
		return nil
	}
	xs := make([]float64, 0, curvePoints+1)
	for i := range curvePoints + 1 {
		xs = append(xs, low+(high-low)*float64(i)/curvePoints)
	}
	return slices.Compact(xs)
}
