package figure

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/swimlab/swimlab/internal/number"
	"github.com/swimlab/swimlab/internal/provenance"
)

// Validate reports the first thing that would make the figure wrong or
// unreadable. One value that is not finite would silently empty the whole
// interactive chart, so each is looked at; the error names figure, series and
// index.
func (f Figure) Validate() error {
	own := len(f.Series)
	f = f.withDefaults()
	if err := provenance.CheckID(f.ID); err != nil {
		return fmt.Errorf("figure: %w", err)
	}
	fail := func(format string, args ...any) error {
		return fmt.Errorf("figure %s: %s", f.ID, fmt.Sprintf(format, args...))
	}
	for _, text := range []struct{ name, value string }{
		{"title", f.Title}, {"x label", f.X.Label}, {"x unit", f.X.Unit}, {"y label", f.Y.Label}, {"y unit", f.Y.Unit}, {"watermark", f.Watermark},
	} {
		if err := provenance.CheckLine(text.value); err != nil {
			return fail("%s %q %v", text.name, text.value, err)
		}
	}
	if !utf8.ValidString(f.Caption) {
		return fail("caption is not valid UTF-8")
	}
	for _, field := range f.Provenance.Fields() {
		if err := provenance.CheckLine(field.Value); err != nil {
			return fail("provenance %s %q %v", field.Name, field.Value, err)
		}
	}
	for _, axis := range []struct {
		name string
		Axis
	}{{"x", f.X}, {"y", f.Y}} {
		if err := axis.check(); err != nil {
			return fail("%s axis: %v", axis.name, err)
		}
	}
	if f.Map != nil {
		if own > 0 {
			return fail("has a map and %d series beside it; want one or the other", own)
		}
		if err := f.Map.check(); err != nil {
			return fail("%v", err)
		}
	}
	points := 0
	for i, s := range f.Series {
		if err := f.checkSeries(s); err != nil {
			return fail("series %d (%q): %v", i, s.Label(), err)
		}
		points += len(s.X)
	}
	if points == 0 {
		return fail("has no points to draw")
	}
	return nil
}

func (a Axis) check() error {
	if a.Scale != Linear && a.Scale != Log {
		return fmt.Errorf("scale %q is not valid; want linear or log", a.Scale)
	}
	bounds := []struct {
		name  string
		value *float64
	}{{"min", a.Min}, {"max", a.Max}}
	for _, b := range bounds {
		if b.value == nil {
			continue
		}
		if err := a.checkValue(*b.value); err != nil {
			return fmt.Errorf("%s %v", b.name, err)
		}
	}
	if a.Min != nil && a.Max != nil && *a.Min >= *a.Max {
		return fmt.Errorf("min %s is not below max %s", number.Exact(*a.Min), number.Exact(*a.Max))
	}
	for i, t := range a.Ticks {
		if err := a.checkValue(t.Value); err != nil {
			return fmt.Errorf("ticks[%d] %v", i, err)
		}
		if err := provenance.CheckLine(t.Label); err != nil {
			return fmt.Errorf("ticks[%d] label %q %v", i, t.Label, err)
		}
	}
	return nil
}

// checkValue says whether v has a place on the axis.
func (a Axis) checkValue(v float64) error {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return fmt.Errorf("is %v; want a finite number", v)
	}
	if a.Scale == Log && v <= 0 {
		return fmt.Errorf("is %s; want a positive number on a log axis", number.Exact(v))
	}
	return nil
}

func (f Figure) checkSeries(s Series) error {
	if err := provenance.CheckLine(s.Name); err != nil {
		return fmt.Errorf("name %v", err)
	}
	if err := provenance.CheckLine(s.Key); err != nil {
		return fmt.Errorf("key %q %v", s.Key, err)
	}
	if strings.HasPrefix(s.Label(), "#") {
		return fmt.Errorf(`name begins with "#", which begins a comment in the data file`)
	}
	switch s.Role {
	case Measured, Analytic, Published, Reference:
	default:
		return fmt.Errorf("role %q is not valid; want measured, analytic, published or reference", s.Role)
	}
	switch s.Kind {
	case Line, Points, Step, Bars:
	default:
		return fmt.Errorf("kind %q is not valid; want line, points, step or bars", s.Kind)
	}
	if len(s.X) != len(s.Y) {
		return fmt.Errorf("%d x values but %d y values; want as many", len(s.X), len(s.Y))
	}
	if (s.Low == nil) != (s.High == nil) {
		return fmt.Errorf("has only one of low and high; want both or none")
	}
	if s.hasInterval() && (len(s.Low) != len(s.Y) || len(s.High) != len(s.Y)) {
		return fmt.Errorf("%d y values but %d low and %d high; want as many", len(s.Y), len(s.Low), len(s.High))
	}
	if s.Label() == "" {
		return fmt.Errorf("has neither a name nor a key")
	}
	for i := range s.X {
		if err := f.checkPoint(s, i); err != nil {
			return err
		}
	}
	return nil
}

func (f Figure) checkPoint(s Series, i int) error {
	if err := f.X.checkValue(s.X[i]); err != nil {
		return fmt.Errorf("x[%d] %v", i, err)
	}
	if err := f.Y.checkValue(s.Y[i]); err != nil {
		return fmt.Errorf("y[%d] %v", i, err)
	}
	if s.hasInterval() {
		if err := f.Y.checkValue(s.Low[i]); err != nil {
			return fmt.Errorf("low[%d] %v", i, err)
		}
		if err := f.Y.checkValue(s.High[i]); err != nil {
			return fmt.Errorf("high[%d] %v", i, err)
		}
		if s.Low[i] > s.High[i] {
			return fmt.Errorf("low[%d] %s is above high[%d] %s", i, number.Exact(s.Low[i]), i, number.Exact(s.High[i]))
		}
	}
	inOrder := s.Kind == Step || (s.Kind == Line && s.hasInterval())
	if inOrder && i > 0 && s.X[i] < s.X[i-1] {
		return fmt.Errorf("x[%d] %s comes after x[%d] %s; want x not decreasing in a step or a band", i, number.Exact(s.X[i]), i-1, number.Exact(s.X[i-1]))
	}
	return nil
}
