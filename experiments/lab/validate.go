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
	for _, check := range []func() error{d.validateMeasures, d.validateTrials, d.validateNames, d.validateProfiles, d.validateFigures, d.validatePictures, d.validateTables, d.validateNumbers} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// validateMeasures finds slips of the worlds' measures before figures and claims do,
// which name them by their right names. Any other mistake is for the world to tell.
func (d *Definition) validateMeasures() error {
	known := slices.Sorted(maps.Keys(d.curves))
	for i, name := range d.Measure {
		if near := Nearest(name, known); !slices.Contains(known, name) && near != "" {
			return d.doc.blame(fmt.Sprintf("measure.%d", i), "%s can be measured in no world (did you mean %s?); `repro measures` lists what can", name, near)
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
