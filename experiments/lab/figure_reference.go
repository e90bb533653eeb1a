package lab

import (
	"fmt"
	"math"

	"github.com/swimlab/swimlab/internal/figure"
)

// referencePoints is how finely a closed form is drawn.
const referencePoints = 240

// drawReferences draws closed forms over the range of what was measured.
func (s *sketch) drawReferences() error {
	low, high := s.span()
	if low > high {
		return nil
	}
	for _, r := range s.spec.Reference {
		levels := []Level{{}}
		if r.For != "" {
			at, ok := s.Plan.axis(r.For)
			if !ok {
				return s.Plan.noAxis(r.For)
			}
			levels = s.Plan.Axes[at].Levels
			if fixed, ok := s.fixed[r.For]; ok {
				levels = []Level{fixed}
			}
		}
		for _, level := range levels {
			label := r.Label
			if len(levels) > 1 {
				label += ", " + s.levelName(r.For, level)
			}
			if at, ok := s.Plan.axis(r.For); ok && len(levels) > 1 && level.Style == "" {
				level.Style = s.Plan.Axes[at].levelStyle(level)
			}
			series, err := s.reference(r, level, s.places(r, low, high))
			if err != nil {
				return fmt.Errorf("reference %q: %w", r.Label, err)
			}
			series.Name = label
			s.series = append(s.series, series)
		}
	}
	return nil
}

// places are the x at which a closed form is evaluated: the measured ones for
// points, else finely spaced.
func (s *sketch) places(r ReferenceSpec, low, high float64) []float64 {
	var xs []float64
	if r.Draw == "points" {
		for _, series := range s.series {
			if series.Role == figure.Measured && series.Kind != figure.Points {
				return series.X
			}
		}
	}
	for i := range referencePoints + 1 {
		share := float64(i) / referencePoints
		if s.spec.XAxis.Scale == "log" {
			xs = append(xs, low*math.Pow(high/low, share))
			continue
		}
		xs = append(xs, low+(high-low)*share)
	}
	return xs
}

func (s *sketch) reference(r ReferenceSpec, level Level, xs []float64) (figure.Series, error) {
	key := r.Style
	if key == "" && level.Style != "" {
		key = level.Style
	}
	series := figure.Series{Key: key, Role: figure.Analytic, Kind: figure.Kind(r.Draw)}
	if r.Draw == "" {
		series.Kind = figure.Line
	}
	x, err := compile(r.Y, append(s.Plan.Definition.names(), "x"))
	if err != nil {
		return series, err
	}
	fixed := map[string]Level{}
	for name, l := range s.fixed {
		fixed[name] = l
	}
	if r.For != "" {
		fixed[r.For] = level
	}
	e := s.evaluate(s.cells, fixed)
	e.names["x"] = list{values: xs}
	value, err := e.run(x)
	if err != nil {
		return series, err
	}
	ys, _ := value.(list)
	if one, ok := value.(float64); ok {
		ys.values = repeat(one, len(xs))
	}
	if len(ys.values) != len(xs) {
		return series, fmt.Errorf("gives %s; want a number at each x", describe(value))
	}
	for i, y := range ys.values { // a closed form has no value outside its domain
		if !math.IsNaN(y) && !math.IsInf(y, 0) {
			series.X, series.Y = append(series.X, xs[i]), append(series.Y, y)
		}
	}
	if len(series.X) == 0 {
		return series, fmt.Errorf("%s has no value from x = %g to %g", r.Y, xs[0], xs[len(xs)-1])
	}
	return series, nil
}

// drawPublished draws the literature's points, those for this facet.
func (s *sketch) drawPublished() error {
	for _, p := range s.spec.Published {
		where, err := s.Plan.filter(p.Where)
		if err != nil {
			return err
		}
		if len(where) > 0 && len(s.Plan.match(s.cells, where)) == 0 {
			continue
		}
		series := figure.Series{Name: p.Label, Key: p.Style, Role: figure.Published, Kind: figure.Points}
		if p.Draw != "" {
			series.Kind = figure.Kind(p.Draw)
			series.Cumulative = s.spec.kind() == "cdf" && series.Kind == figure.Step
		}
		for _, point := range p.Points {
			series.X, series.Y = append(series.X, point[0]), append(series.Y, point[1])
			if len(point) == 4 {
				series.Low, series.High = append(series.Low, point[2]), append(series.High, point[3])
			}
		}
		s.series = append(s.series, series)
	}
	return nil
}
