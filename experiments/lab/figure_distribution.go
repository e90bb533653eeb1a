package lab

import (
	"fmt"
	"math"

	"github.com/swimlab/swimlab/internal/figure"
)

const (
	// distributionPoints bounds the points of a drawn distribution function.
	distributionPoints = 400
	defaultBins        = 30
)

// pooled returns the values of a line in order.
func (s *sketch) pooled(l lineCells) (sorted, error) {
	x, err := compile(l.line.Value, s.Plan.Definition.names())
	if err != nil {
		return sorted{}, err
	}
	value, err := s.evaluate(l.cells, l.fixed).run(x)
	if err != nil {
		return sorted{}, err
	}
	all, ok := value.(*sample)
	if !ok {
		return sorted{}, fmt.Errorf("%s gives %s; want a measure", l.line.Value, describe(value))
	}
	return all.sorted()
}

// drawDistributions draws the share of values at or below each x.
func (s *sketch) drawDistributions() error {
	for _, l := range s.lines() {
		all, err := s.pooled(l)
		if err != nil {
			return err
		}
		series := figure.Series{Name: l.label, Key: l.style, Role: figure.Measured, Kind: figure.Step, Cumulative: true}
		n := len(all.value)
		stride := max(1, n/distributionPoints)
		for i := range n {
			last := i == n-1 || all.value[i+1] != all.value[i]
			if last && (i == n-1 || len(series.X) == 0 || float64(i+1)/float64(n)-series.Y[len(series.Y)-1] >= float64(stride)/float64(n)) {
				series.X, series.Y = append(series.X, all.value[i]), append(series.Y, float64(i+1)/float64(n))
			}
		}
		s.series = append(s.series, series)
	}
	return nil
}

// drawHistograms draws the share of values in each of evenly wide bins, which
// all lines share.
func (s *sketch) drawHistograms() error {
	low, high := math.Inf(1), math.Inf(-1)
	lines := s.lines()
	values := make([]sorted, len(lines))
	for i, l := range lines {
		all, err := s.pooled(l)
		if err != nil {
			return err
		}
		if n := len(all.value); n > 0 {
			low, high = min(low, all.value[0]), max(high, all.value[n-1])
		}
		values[i] = all
	}
	bins := s.spec.Bins
	if bins <= 0 {
		bins = defaultBins
	}
	width := (high - low) / float64(bins)
	if width <= 0 || math.IsInf(width, 0) {
		width = 1
	}
	for i, l := range lines {
		series := figure.Series{Name: l.label, Key: l.style, Role: figure.Measured, Kind: figure.Bars}
		counts := make([]float64, bins)
		for _, v := range values[i].value {
			counts[min(int((v-low)/width), bins-1)]++
		}
		for b, count := range counts {
			if len(values[i].value) == 0 {
				break
			}
			series.X = append(series.X, low+(float64(b)+0.5)*width)
			series.Y = append(series.Y, count/float64(len(values[i].value)))
		}
		s.series = append(s.series, series)
	}
	return nil
}
