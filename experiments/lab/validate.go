package lab

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/internal/figure"
)

var idForm = regexp.MustCompile(`^[a-z][a-z0-9]*([-_][a-z0-9]+)*$`)

// isID says whether text can name a claim, a value, a figure or a table. The id
// trials is the paper's for the number of trials.
func isID(text string) bool { return idForm.MatchString(text) && text != "trials" }

// knowledge lists how a published value can be known.
var knowledge = []string{"read", "digitised", "derived", "analytic", "remembered"}

// validate checks what a definition says of itself, without any world.
func (d *Definition) validate() error {
	required := []struct{ key, value, want string }{
		{"id", d.ID, "the folder and file it stands in, such as swim2002/fig3a"},
		{"title", d.Title, "one line"},
		{"question", d.Question, "the question that the experiment answers"},
		{"method", d.Method, "what is measured and how, and where it differs from the source"},
		{"source.paper", d.Source.Paper, "the paper's short name, such as swim2002"},
	}
	for _, r := range required {
		if r.value == "" {
			return d.doc.blame(r.key, "missing; want %s", r.want)
		}
	}
	switch {
	case d.Version < 1:
		return d.doc.blame("version", "%d is not valid; want 1 or more", d.Version)
	case len(d.Worlds) == 0:
		return d.doc.blame("worlds", "missing; want a list such as [simulation]")
	case len(d.System) == 0:
		return d.doc.blame("system", "missing; want at least a protocol")
	case len(d.Measure) == 0:
		return d.doc.blame("measure", "missing; want a list of measures")
	}
	for _, check := range []func() error{d.validateTrials, d.validateNames, d.validateProfiles, d.validateFigures, d.validatePictures, d.validateTables, d.validateNumbers} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// maxTrials bounds the seeds of a cell; a definition that asks for more is surely a
// slip.
const maxTrials = 1_000_000

func (d *Definition) validateTrials() error {
	for _, profile := range Profiles {
		n, ok := d.Trials[string(profile)]
		if !ok {
			return d.doc.blame("trials."+string(profile), "missing; want the number of seeds")
		}
		if n < 1 || n > maxTrials {
			return d.doc.blame("trials."+string(profile), "%d is not valid; want 1 to %d seeds", n, maxTrials)
		}
	}
	for name := range d.Trials {
		if _, err := ParseProfile(name); err != nil {
			return d.doc.blame("trials."+name, "%v", err)
		}
	}
	return nil
}

// validateNames keeps measures and axes apart, because expressions call both by
// bare names.
func (d *Definition) validateNames() error {
	taken := map[string]string{"x": "a figure's abscissa"}
	for _, name := range syntax {
		taken[name] = "a function"
	}
	for i, name := range d.Measure {
		if what, ok := taken[name]; ok {
			return d.doc.blame(fmt.Sprintf("measure.%d", i), "%s is already the name of %s", name, what)
		}
		taken[name] = "a measure"
	}
	for _, axis := range d.axes {
		if what, ok := taken[axis.Name]; ok {
			return d.doc.blame(axis.path, "%s is already the name of %s", axis.Name, what)
		}
		taken[axis.Name] = "an axis"
		for _, level := range axis.Levels {
			if err := d.styleFits(level.path+".style", level.Style); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *Definition) validateProfiles() error {
	for name, change := range d.Profiles {
		path := "profiles." + name
		if _, err := ParseProfile(name); err != nil {
			return d.doc.blame(path, "%v", err)
		}
		for written := range change.Sweep {
			if _, ok := d.Sweep[written]; !ok {
				return d.doc.blame(path+".sweep."+written, "the sweep has no axis %s%s; want one of %s", written, didYouMean(written, d.doc.keys("sweep")), strings.Join(d.doc.keys("sweep"), ", "))
			}
		}
		for target := range change.Set {
			if err := checkSectionPath(path+".set."+target, target); err != nil {
				return d.doc.wrap(err)
			}
		}
		if err := (&Plan{Definition: d, Profile: Profile(name), Axes: slices.Clone(d.axes)}).applyProfile(change); err != nil {
			return err
		}
	}
	return nil
}

// oneOf blames a key whose value is not in the list; empty is the default.
func (d *Definition) oneOf(key, value string, known ...string) error {
	if value == "" || slices.Contains(known, value) {
		return nil
	}
	near := didYouMean(value, known)
	if word := foreignWords[value]; near == "" && slices.Contains(known, word) {
		near = " (did you mean " + word + "?)"
	}
	return d.doc.wrap(&trial.KeyError{Key: key, Err: fmt.Errorf("%q is not known%s", value, near), Want: "one of " + strings.Join(known, ", ")})
}

// needAxis blames a key that names an axis that is not there.
func (d *Definition) needAxis(key, name string) error {
	p := &Plan{Axes: d.axes}
	if _, ok := p.axis(name); name != "" && !ok {
		return d.doc.blame(key, "%v", p.noAxis(name))
	}
	return nil
}

// needFilter blames a where section that names no cell of the sweep.
func (d *Definition) needFilter(key string, where map[string]any) error {
	p := &Plan{Definition: d, Axes: d.axes}
	if _, err := p.filter(where); err != nil {
		return d.doc.blame(key, "%v", err)
	}
	return nil
}

// names is what expressions of this definition may refer to.
func (d *Definition) names() []string {
	names := slices.Clone(d.Measure)
	for _, a := range d.axes {
		names = append(names, a.Name)
	}
	return names
}

// levelNames lists an axis's levels in any profile.
func (d *Definition) levelNames(axis Axis) []string {
	names := axis.names()
	for _, a := range d.axes {
		if a.Name == axis.Name {
			names = append(names, a.names()...)
		}
	}
	for _, profile := range Profiles {
		p := &Plan{Definition: d, Profile: profile, Axes: slices.Clone(d.axes)}
		if p.applyProfile(d.Profiles[string(profile)]) != nil {
			continue
		}
		for _, a := range p.Axes {
			if a.Name == axis.Name {
				names = append(names, a.names()...)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

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

func (d *Definition) validateTables() error {
	names := owners{}
	for i, t := range d.Tables {
		at := func(key string) string { return fmt.Sprintf("tables.%d.%s", i, key) }
		if err := d.ownName(names, at("name"), t.Name); err != nil {
			return err
		}
		if len(t.Columns) == 0 {
			return d.doc.blame(at("columns"), "missing; want at least one")
		}
		for _, name := range t.Rows {
			if err := d.needAxis(at("rows"), name); err != nil {
				return err
			}
		}
		if err := d.needFilter(at("where"), t.Where); err != nil {
			return err
		}
		for k, c := range t.Columns {
			key := at(fmt.Sprintf("columns.%d.", k))
			switch {
			case c.Label == "":
				return d.doc.blame(key+"label", "missing; want the column's head")
			case (c.Value == "") == (c.Published == nil):
				return d.doc.blame(key+"value", "want either value or published")
			case c.Published != nil && c.Known == "":
				return d.doc.blame(key+"known", "missing; want one of %s", strings.Join(knowledge, ", "))
			}
			if err := d.oneOf(key+"known", c.Known, knowledge...); err != nil {
				return err
			}
			if err := d.digitsFit(key+"digits", c.Digits); err != nil {
				return err
			}
			for n, row := range c.Published {
				if err := d.validateRow(t, row); err != nil {
					return d.doc.blame(fmt.Sprintf("%spublished.%d", key, n), "%v", err)
				}
			}
			if c.Value != "" {
				if err := d.tryColumn(t, c); err != nil {
					return d.doc.blame(key+"value", "%v", err)
				}
			}
		}
	}
	return nil
}

// validateRow checks one published row of a table: a level of each axis, then a
// number.
func (d *Definition) validateRow(t TableSpec, row []any) error {
	if len(row) != len(t.Rows)+1 {
		text, _ := inYAML(row)
		return fmt.Errorf("%s is not valid; want %d levels, of %s, and a number", text, len(t.Rows), strings.Join(t.Rows, ", "))
	}
	for i, name := range t.Rows {
		at := slices.IndexFunc(d.axes, func(a Axis) bool { return a.Name == name })
		level, _ := scalarText(row[i])
		if known := d.levelNames(d.axes[at]); !slices.Contains(known, level) {
			return fmt.Errorf("%s has no level %v%s; want one of %s", name, row[i], didYouMean(level, known), strings.Join(known, ", "))
		}
	}
	switch v := row[len(t.Rows)].(type) {
	case int, float64:
		return nil
	default:
		return fmt.Errorf("%v is not valid; want a number", v)
	}
}

// validateNumbers checks values and claims, which share one space of ids in the
// paper.
func (d *Definition) validateNumbers() error {
	ids := owners{}
	if err := d.validateValues(ids); err != nil {
		return err
	}
	return d.validateClaims(ids)
}

func (d *Definition) validateValues(ids owners) error {
	for i, v := range d.Values {
		key := fmt.Sprintf("values.%d.", i)
		if err := d.ownName(ids, key+"id", v.ID); err != nil {
			return err
		}
		if err := d.digitsFit(key+"digits", v.Digits); err != nil {
			return err
		}
		if err := d.tryNumbers(v.Value); err != nil {
			return d.doc.blame(key+"value", "%v", err)
		}
	}
	return nil
}

// owners says which key has an id or name.
type owners map[string]string

// ownName blames an id or name that is none, or that another key has already.
func (d *Definition) ownName(taken owners, key, name string) error {
	switch by, is := taken[name]; {
	case name == "":
		return d.doc.blame(key, "missing; want lower-case words, such as mean-of-six")
	case !isID(name):
		return d.doc.blame(key, "%q is not valid; want lower-case words, such as mean-of-six, and not trials", name)
	case is:
		n, _ := d.doc.find(by)
		return d.doc.blame(key, "%q is not valid: %s on line %d has it; want another", name, by, n.Line)
	}
	taken[name] = key
	return nil
}

func (d *Definition) validateClaims(ids owners) error {
	for i, c := range d.Claims {
		at := func(key string) string { return fmt.Sprintf("claims.%d.%s", i, key) }
		if err := d.ownName(ids, at("id"), c.ID); err != nil {
			return err
		}
		if err := d.digitsFit(at("digits"), c.Digits); err != nil {
			return err
		}
		switch {
		case c.Statement == "":
			return d.doc.blame(at("statement"), "missing; want what the source claims")
		case c.Location == "":
			return d.doc.blame(at("location"), "missing; want the place in the source, such as section 5, figure 3(a)")
		case c.Known == "":
			return d.doc.blame(at("known"), "missing; want one of %s", strings.Join(knowledge, ", "))
		case c.Measured == "":
			return d.doc.blame(at("measured"), "missing; want an expression")
		}
		if err := d.oneOf(at("known"), c.Known, knowledge...); err != nil {
			return err
		}
		if key, err := d.checkKind(c); err != nil {
			return d.doc.blame(at(key), "%v", err)
		}
		if key, err := d.tryClaim(c); err != nil {
			return d.doc.blame(at(key), "%v", err)
		}
	}
	return nil
}

// digitsFit blames a number of decimals that no number can be printed with.
func (d *Definition) digitsFit(key string, digits *int) error {
	if digits != nil && (*digits < 0 || *digits > 12) {
		return d.doc.blame(key, "%d is not valid; want 0 to 12 decimals", *digits)
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
