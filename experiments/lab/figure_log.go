package lab

import (
	"math"

	"github.com/swimlab/swimlab/internal/figure"
)

// fitLog makes the series fit for logarithmic axes: points that have no place
// there are left out, and an interval that reaches zero ends at the bottom of
// the figure.
func (s *sketch) fitLog() {
	logX, logY := s.spec.XAxis.Scale == "log", s.spec.YAxis.Scale == "log"
	if !logX && !logY {
		return
	}
	bottom := math.Inf(1)
	for _, series := range s.series {
		for _, values := range [][]float64{series.Y, series.Low} {
			for _, v := range values {
				if v > 0 {
					bottom = min(bottom, v)
				}
			}
		}
	}
	if m := s.spec.YAxis.Min; m != nil {
		bottom = *m
	}
	var fit []figure.Series
	for _, series := range s.series {
		kept := series
		kept.X, kept.Y, kept.Low, kept.High = nil, nil, nil, nil
		for i, x := range series.X {
			if logX && x <= 0 || logY && series.Y[i] <= 0 {
				continue
			}
			kept.X, kept.Y = append(kept.X, x), append(kept.Y, series.Y[i])
			if series.Low == nil {
				continue
			}
			low := series.Low[i]
			if logY && low <= 0 {
				low = min(bottom, series.Y[i])
			}
			kept.Low, kept.High = append(kept.Low, low), append(kept.High, series.High[i])
		}
		if len(kept.X) > 0 {
			fit = append(fit, kept)
		}
	}
	s.series = fit
}
