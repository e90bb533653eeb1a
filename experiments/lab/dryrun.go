package lab

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/swimlab/swimlab/experiments/trial"
)

// rehearsal makes up results for a definition, so that its expressions can be
// tried before anything runs: whatever is wrong with names, levels or types
// shows now, with its line.
func (d *Definition) rehearsal() *Results {
	if d.made != nil {
		return d.made
	}
	p := &Plan{Definition: d, Profile: Standard, Trials: 2, Axes: slices.Clone(d.axes), Curves: d.curves}
	for i := range p.Axes {
		p.Axes[i].Levels = d.allLevels(p.Axes[i])
	}
	total := 1
	for _, a := range p.Axes {
		total *= len(a.Levels)
	}
	for i := range total {
		levels := make([]Level, len(p.Axes))
		for rest, a := i, len(p.Axes)-1; a >= 0; a-- {
			n := len(p.Axes[a].Levels)
			levels[a], rest = p.Axes[a].Levels[rest%n], rest/n
		}
		p.Cells = append(p.Cells, Cell{Levels: levels})
	}
	seen := trial.Observations{Samples: map[string][]float64{}, Series: map[string]trial.Series{}}
	for _, name := range d.Measure {
		seen.Samples[name] = []float64{1, 2}
		seen.Series[name] = trial.Series{X: []float64{0, 1}, Y: []float64{0, 1}}
	}
	r := &Results{Plan: p, cells: make([]cellResults, len(p.Cells)), forms: map[string]any{}}
	for i := range r.cells {
		r.cells[i].trials = []trial.Observations{seen, seen}
	}
	d.made = r
	return r
}

// allLevels are an axis's levels in any profile.
func (d *Definition) allLevels(axis Axis) []Level {
	levels := slices.Clone(axis.Levels)
	for _, profile := range Profiles {
		p := &Plan{Definition: d, Profile: profile, Axes: slices.Clone(d.axes)}
		if p.applyProfile(d.Profiles[string(profile)]) != nil {
			continue
		}
		at, _ := p.axis(axis.Name)
		for _, l := range p.Axes[at].Levels {
			if !slices.ContainsFunc(levels, func(k Level) bool { return k.Name == l.Name }) {
				levels = append(levels, l)
			}
		}
	}
	return levels
}

// excusable are failures that made-up numbers may cause and real ones not.
func excusable(err error) bool {
	var notRun *NotRun
	var none noValue
	return errors.As(err, &notRun) || errors.As(err, &none)
}

func (d *Definition) try(source string, fixed map[string]Level) (any, error) {
	x, err := compile(source, d.names())
	if err != nil {
		return nil, err
	}
	r := d.rehearsal()
	value, err := r.evaluate(r.all(), fixed).run(x)
	if err != nil && !excusable(err) {
		return nil, err
	}
	return value, nil
}

func (d *Definition) tryNumbers(source string) error {
	value, err := d.try(source, nil)
	return errors.Join(err, wantNumbers(source, value))
}

func wantNumbers(source string, value any) error {
	switch value.(type) {
	case nil, float64, list:
		return nil
	}
	return fmt.Errorf("%s gives %s; want a number or a list of numbers", source, describe(value))
}

// tryLine tries a figure's line at its first point.
func (d *Definition) tryLine(f FigureSpec, line Line) error {
	if f.kind() == "curve" || f.kind() == "map" {
		if !slices.Contains(d.Measure, line.Value) {
			return fmt.Errorf("%s is no measure of this experiment%s; want one of %s", line.Value, didYouMean(line.Value, d.Measure), strings.Join(d.Measure, ", "))
		}
		if f.kind() == "curve" && d.curves != nil && !d.curves[line.Value] {
			return fmt.Errorf("%s is no curve; want kind xy, cdf or histogram for its values", line.Value)
		}
		return nil
	}
	value, err := d.try(line.expression(f), d.firstLevels(append(slices.Clone(f.Series), f.X, f.Facet)))
	if err != nil {
		return err
	}
	if f.kind() != "xy" {
		if _, ok := value.(*sample); !ok && value != nil {
			return fmt.Errorf("%s gives %s; want a measure, whole or by where", line.Value, describe(value))
		}
		return nil
	}
	if _, ok := value.(float64); !ok && value != nil {
		return fmt.Errorf("%s gives %s; want one number at each point", line.Value, describe(value))
	}
	return nil
}

func (d *Definition) tryColumn(t TableSpec, c ColumnSpec) error {
	value, err := d.try(c.Value, d.firstLevels(t.Rows))
	if err != nil {
		return err
	}
	switch value.(type) {
	case nil, float64, string:
		return nil
	}
	return fmt.Errorf("%s gives %s; want one number in each row", c.Value, describe(value))
}

// firstLevels fixes the named axes at their first level.
func (d *Definition) firstLevels(axes []string) map[string]Level {
	fixed := map[string]Level{}
	for _, a := range d.axes {
		if slices.Contains(axes, a.Name) {
			fixed[a.Name] = a.Levels[0]
		}
	}
	return fixed
}

// tryClaim says which of a claim's keys does not work.
func (d *Definition) tryClaim(c ClaimSpec) (key string, err error) {
	value, err := d.try(c.Measured, nil)
	if err != nil {
		return "measured", err
	}
	_, isBool := value.(bool)
	_, isList := value.(list)
	switch {
	case value == nil:
	case c.Kind == "order" && isBool && c.Order != "":
		return "order", errors.New("belongs to a list of numbers, and the measured expression is a condition")
	case c.Kind == "order" && !isBool && (c.Order == "" || !isList):
		return "measured", fmt.Errorf("gives %s; want a condition, or a list with order rising or falling", describe(value))
	case c.Kind == "order" && c.Share.Given && !isBool:
		return "share", errors.New("belongs to a condition, and the measured expression is none")
	case c.Kind != "order":
		if err := wantNumbers(c.Measured, value); err != nil {
			return "measured", err
		}
	}
	if c.Expect != "" {
		if err := d.tryNumbers(c.Expect); err != nil {
			return "expect", err
		}
	}
	return "", nil
}
