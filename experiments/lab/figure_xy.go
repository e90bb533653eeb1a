package lab

import (
	"math"

	"github.com/swimlab/swimlab/internal/figure"
)

// shownTrials is how many trials at one point are drawn as points of their own:
// enough to show the spread, few enough to stay a figure.
const shownTrials = 30

// drawXY draws each line over the levels of the x axis.
func (s *sketch) drawXY() error {
	at, ok := s.Plan.axis(s.spec.X)
	if !ok {
		return s.Plan.noAxis(s.spec.X)
	}
	for _, l := range s.lines() {
		x, err := compile(l.line.expression(s.spec), s.Plan.Definition.names())
		if err != nil {
			return err
		}
		curve := figure.Series{Name: l.label, Key: l.style, Role: figure.Measured, Kind: figure.Line}
		if s.ticks() != nil {
			curve.Kind = figure.Bars
		}
		if s.spec.shows("interval") && s.Plan.Trials > 1 {
			curve.Low, curve.High = []float64{}, []float64{}
		}
		trials := figure.Series{Name: l.label + ", single trials", Key: l.style, Role: figure.Measured, Kind: figure.Points}
		for i, level := range s.Plan.Axes[at].Levels {
			cells := s.Plan.match(l.cells, map[string][]string{s.spec.X: {level.Name}})
			if len(cells) == 0 {
				continue
			}
			l.fixed[s.spec.X] = level
			e := s.evaluate(cells, l.fixed)
			if err := s.addPoint(&curve, e, x, s.abscissa(level, i)); err != nil {
				return err
			}
			if s.spec.shows("trials") && isName(l.line.Value) {
				if err := addTrials(&trials, e, l.line.Value, s.abscissa(level, i)); err != nil {
					return err
				}
			}
		}
		if len(trials.X) > 0 {
			s.series = append(s.series, trials)
		}
		s.series = append(s.series, curve)
	}
	return nil
}

// addPoint adds the value at x; a point without a value is left out.
func (s *sketch) addPoint(curve *figure.Series, e *evaluation, value *expression, x float64) error {
	var estimate Estimate
	if curve.Low != nil {
		estimates, _, err := e.estimates(value)
		if isNoValue(err) {
			return nil
		}
		if err != nil {
			return err
		}
		estimate = estimates[0]
	} else {
		values, err := e.numbers(value)
		if isNoValue(err) {
			return nil
		}
		if err != nil {
			return err
		}
		estimate.Value = values.values[0]
	}
	curve.X, curve.Y = append(curve.X, x), append(curve.Y, estimate.Value)
	if curve.Low != nil {
		if estimate.Interval == nil {
			estimate.Interval = &Interval{estimate.Value, estimate.Value}
		}
		curve.Low, curve.High = append(curve.Low, estimate.Interval.Low), append(curve.High, estimate.Interval.High)
	}
	return nil
}

// addTrials adds the mean of each of the first trials.
func addTrials(points *figure.Series, e *evaluation, measure string, x float64) error {
	means, err := e.names[measure].(*sample).perTrial()
	if err != nil {
		return err
	}
	for _, cell := range means {
		for _, v := range cell[:min(shownTrials, len(cell))] {
			if !math.IsNaN(v) {
				points.X, points.Y = append(points.X, x), append(points.Y, v)
			}
		}
	}
	return nil
}
