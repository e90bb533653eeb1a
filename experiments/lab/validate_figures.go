package lab

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/swimlab/swimlab/internal/figure"
)

func (d *Definition) validateFigures() error {
	names := owners{}
	for i, f := range d.Figures {
		at := func(key string) string { return fmt.Sprintf("figures.%d.%s", i, key) }
		if err := d.ownName(names, at("name"), f.Name); err != nil {
			return err
		}
		if len(f.Y) == 0 {
			return d.doc.blame(at("y"), "missing; want a measure or a list of them")
		}
		if f.kind() == "xy" && f.X == "" {
			return d.doc.blame(at("x"), "missing; want an axis of the sweep")
		}
		for _, err := range []error{
			d.oneOf(at("kind"), f.Kind, "xy", "curve", "cdf", "histogram", "map"),
			d.oneOf(at("x_axis.scale"), f.XAxis.Scale, "linear", "log"),
			d.oneOf(at("y_axis.scale"), f.YAxis.Scale, "linear", "log"),
			d.oneOf(at("statistic"), f.Statistic, "mean", "median", "min", "max", "sd"),
			d.needAxis(at("x"), f.X), d.needAxis(at("facet"), f.Facet), d.needFilter(at("where"), f.Where),
			d.axisFits(at("x_axis"), f.XAxis), d.axisFits(at("y_axis"), f.YAxis),
		} {
			if err != nil {
				return err
			}
		}
		for _, show := range f.Show {
			if err := d.oneOf(at("show"), show, "trials", "interval", "band"); err != nil {
				return err
			}
		}
		for _, name := range f.Series {
			if err := d.needAxis(at("series"), name); err != nil {
				return err
			}
		}
		if f.Band != nil && (len(f.Band) != 2 || f.Band[0] < 0 || f.Band[0] >= f.Band[1] || f.Band[1] > 1) {
			text, _ := inYAML(f.Band)
			return d.doc.blame(at("band"), "%s is not valid; want two quantiles, the lower first, such as [0.05, 0.95]", text)
		}
		if err := d.axesFit(f, at); err != nil {
			return err
		}
		if f.Bins < 0 || f.Bins > 1000 {
			return d.doc.blame(at("bins"), "%d is not valid; want 1 to 1000", f.Bins)
		}
		if f.kind() == "map" && len(f.Y) != 1 {
			return d.doc.blame(at("y"), "%d lines; want one measure that is a map", len(f.Y))
		}
		if f.Labels != nil && f.kind() != "map" {
			return d.doc.blame(at("labels"), "kind %s has no places; want kind map", f.kind())
		}
		for _, axis := range slices.Sorted(maps.Keys(f.Levels)) {
			if err := d.needAxis(at("levels."+axis), axis); err != nil {
				return err
			}
			if !strings.Contains(f.Levels[axis], "{}") {
				return d.doc.blame(at("levels."+axis), "%q has no place for the value; want {} in it", f.Levels[axis])
			}
		}
		if err := d.validateLines(f, at); err != nil {
			return err
		}
	}
	return nil
}

// validateLines checks what a figure draws: measured lines, closed forms and
// published points.
func (d *Definition) validateLines(f FigureSpec, at func(string) string) error {
	for k, line := range f.Y {
		if line.Value == "" {
			return d.doc.blame(at(fmt.Sprintf("y.%d", k)), "no value; want a measure or an expression")
		}
		if err := d.tryLine(f, line); err != nil {
			return d.doc.blame(at(fmt.Sprintf("y.%d.value", k)), "%v", err)
		}
		if err := d.styleFits(at(fmt.Sprintf("y.%d.style", k)), line.Style); err != nil {
			return err
		}
	}
	for k, r := range f.Reference {
		key := at(fmt.Sprintf("reference.%d.", k))
		if r.Label == "" || r.Y == "" {
			return d.doc.blame(key+"label", "a reference wants a label and y, an expression in x")
		}
		if err := d.oneOf(key+"draw", r.Draw, "line", "step", "points"); err != nil {
			return err
		}
		if err := d.styleFits(key+"style", r.Style); err != nil {
			return err
		}
		if err := d.needAxis(key+"for", r.For); err != nil {
			return err
		}
		if _, err := compile(r.Y, append(d.names(), "x")); err != nil {
			return d.doc.blame(key+"y", "%v", err)
		}
	}
	for k, p := range f.Published {
		key := at(fmt.Sprintf("published.%d.", k))
		if p.Label == "" || p.Known == "" || len(p.Points) == 0 {
			return d.doc.blame(key+"label", "published points want label, known and points")
		}
		for _, err := range []error{
			d.oneOf(key+"draw", p.Draw, "line", "step", "points"),
			d.oneOf(key+"known", p.Known, knowledge...),
			d.needFilter(key+"where", p.Where),
			d.styleFits(key+"style", p.Style),
		} {
			if err != nil {
				return err
			}
		}
		for n, point := range p.Points {
			if len(point) != len(p.Points[0]) || len(point) != 2 && len(point) != 4 {
				text, _ := inYAML(point)
				return d.doc.blame(fmt.Sprintf("%spoints.%d", key, n), "%s is not valid; want [x, y] or [x, y, low, high], the same in all points", text)
			}
		}
	}
	return nil
}

// styleFits blames a style that is one slip away from a registered one. Any other
// name that the registry does not hold is a look of its own.
func (d *Definition) styleFits(key, style string) error {
	known := figure.Keys()
	if style == "" || slices.Contains(known, style) {
		return nil
	}
	letters := func(s string) string { return strings.Trim(s, "0123456789") }
	for _, k := range known {
		if editDistance(style, k) == 1 && letters(style) != letters(k) {
			return d.doc.blame(key, "%q is not registered (did you mean %s?); want one of internal/figure/registry.go, or a name farther from it", style, k)
		}
	}
	return nil
}

// axisFits blames bounds that no axis can have.
func (d *Definition) axisFits(key string, a AxisSpec) error {
	for _, bound := range []struct {
		name  string
		value *float64
	}{{"min", a.Min}, {"max", a.Max}} {
		if a.Scale == "log" && bound.value != nil && *bound.value <= 0 {
			return d.doc.blame(key+"."+bound.name, "%v is not valid on a logarithmic axis; want a number above 0", *bound.value)
		}
	}
	if a.Min != nil && a.Max != nil && *a.Min >= *a.Max {
		return d.doc.blame(key+".min", "%v is not valid; want less than max, %v", *a.Min, *a.Max)
	}
	return nil
}

// axesFit blames an axis of the sweep that a figure uses twice, and a logarithmic
// scale for names.
func (d *Definition) axesFit(f FigureSpec, at func(string) string) error {
	used := map[string]string{}
	use := func(key, axis string) error {
		if before, twice := used[axis]; twice && axis != "" {
			return d.doc.blame(at(key), "%s is the figure's %s already; want each axis once", axis, before)
		}
		used[axis] = key
		return nil
	}
	if err := errors.Join(use("x", f.X), use("facet", f.Facet)); err != nil {
		return err
	}
	for _, axis := range f.Series {
		if err := use("series", axis); err != nil {
			return err
		}
	}
	i := slices.IndexFunc(d.axes, func(a Axis) bool { return a.Name == f.X })
	if f.kind() == "xy" && f.XAxis.Scale == "log" && i >= 0 {
		for _, level := range d.axes[i].Levels {
			if _, is := level.Number(); !is {
				return d.doc.blame(at("x_axis.scale"), "log is not valid: %s has the level %s, which is no number; want linear", f.X, level.Name)
			}
		}
	}
	return nil
}
