package lab

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/swimlab/swimlab/experiments/trial"
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
	for _, check := range []func() error{d.validateTrials, d.validateNames, d.validateProfiles, d.validateFigures, d.validatePictures, d.validateTables, d.validateValues, d.validateClaims} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (d *Definition) validateTrials() error {
	for _, profile := range Profiles {
		n, ok := d.Trials[string(profile)]
		if !ok {
			return d.doc.blame("trials."+string(profile), "missing; want the number of seeds")
		}
		if n < 1 {
			return d.doc.blame("trials."+string(profile), "%d is not valid; want 1 or more", n)
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
				return d.doc.blame(path+".sweep."+written, "the sweep has no axis %s%s", written, didYouMean(written, d.doc.keys("sweep")))
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
	return d.doc.wrap(&trial.KeyError{Key: key, Err: fmt.Errorf("%q is not known%s", value, didYouMean(value, known)), Want: "one of " + strings.Join(known, ", ")})
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
	seen := map[string]bool{}
	for i, f := range d.Figures {
		at := func(key string) string { return fmt.Sprintf("figures.%d.%s", i, key) }
		if !isID(f.Name) || seen[f.Name] {
			return d.doc.blame(at("name"), "%q is not valid; want a name of its own: lower-case words", f.Name)
		}
		seen[f.Name] = true
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
			return d.doc.blame(at("band"), "%v is not valid; want two quantiles, such as [0.05, 0.95]", f.Band)
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
	}
	for k, r := range f.Reference {
		key := at(fmt.Sprintf("reference.%d.", k))
		if r.Label == "" || r.Y == "" {
			return d.doc.blame(key+"label", "a reference wants a label and y, an expression in x")
		}
		if err := d.oneOf(key+"draw", r.Draw, "line", "step", "points"); err != nil {
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
		} {
			if err != nil {
				return err
			}
		}
		for n, point := range p.Points {
			if len(point) != len(p.Points[0]) || len(point) != 2 && len(point) != 4 {
				return d.doc.blame(fmt.Sprintf("%spoints.%d", key, n), "%v is not valid; want [x, y] or [x, y, low, high], the same in all points", point)
			}
		}
	}
	return nil
}

func (d *Definition) validateTables() error {
	seen := map[string]bool{}
	for i, t := range d.Tables {
		at := func(key string) string { return fmt.Sprintf("tables.%d.%s", i, key) }
		if !isID(t.Name) || seen[t.Name] {
			return d.doc.blame(at("name"), "%q is not valid; want a name of its own: lower-case words", t.Name)
		}
		seen[t.Name] = true
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
			for n, row := range c.Published {
				if len(row) != len(t.Rows)+1 {
					return d.doc.blame(fmt.Sprintf("%spublished.%d", key, n), "%v is not valid; want %d levels of %s and a number", row, len(t.Rows), strings.Join(t.Rows, ", "))
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

func (d *Definition) validateValues() error {
	for i, v := range d.Values {
		key := fmt.Sprintf("values.%d.", i)
		if !isID(v.ID) || d.idTaken(v.ID, i, -1) {
			return d.doc.blame(key+"id", "%q is not valid; want an id of its own: lower-case words", v.ID)
		}
		if err := d.tryNumbers(v.Value); err != nil {
			return d.doc.blame(key+"value", "%v", err)
		}
	}
	return nil
}

// idTaken says whether another value or claim, which share one space of ids in
// the paper, has the id.
func (d *Definition) idTaken(id string, value, claim int) bool {
	for i, v := range d.Values {
		if i != value && v.ID == id {
			return true
		}
	}
	for i, c := range d.Claims {
		if i != claim && c.ID == id {
			return true
		}
	}
	return false
}

func (d *Definition) validateClaims() error {
	for i, c := range d.Claims {
		at := func(key string) string { return fmt.Sprintf("claims.%d.%s", i, key) }
		switch {
		case !isID(c.ID) || d.idTaken(c.ID, -1, i):
			return d.doc.blame(at("id"), "%q is not valid; want an id of its own: lower-case words", c.ID)
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
