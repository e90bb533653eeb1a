package lab

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/swimlab/swimlab/experiments/trial"
)

// Plan is one experiment resolved for a profile: the cells of its sweep and how
// many trials each gets.
type Plan struct {
	Definition *Definition
	Profile    Profile
	World      trial.World // where its cells run, unless the sweep says otherwise
	Axes       []Axis
	Cells      []Cell
	// Trials is how many trials each cell gets, with seeds 1 to Trials.
	//
	// Trial i has the same seed in every cell: common random numbers, so that
	// two variants meet the same luck and their difference shows sooner. The
	// statistics keep a seed's trials together for the same reason.
	Trials int
	// Overridden is true when the user changed parameters or the world for this call.
	Overridden bool
	// Units gives each measure's unit, Curves those that are series.
	Units  map[string]string
	Curves map[string]bool

	overrides  []Override            // with the parameter's path as Key
	recordings map[string]*Recording // by world
}

// Missing names the datasets that keep cells from running.
func (p *Plan) Missing() []string {
	var names []string
	for _, c := range p.Cells {
		names = append(names, c.Missing...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Plan resolves a definition for the lab's profile and overrides and checks
// every cell with its world, so that nothing runs before all of it can.
func (l *Lab) Plan(d *Definition) (*Plan, error) {
	p, err := l.Outline(d)
	if err != nil {
		return nil, err
	}
	if err := l.finish(p); err != nil {
		return nil, err
	}
	if err := p.checkUnits(); err != nil {
		return nil, err
	}
	if err := l.checkOtherProfiles(p); err != nil {
		return nil, err
	}
	return p, l.readRecordings(p)
}

// Outline is a plan whose cells nobody has checked, for those who choose among
// them: it opens no dataset. Its cells have no keys.
func (l *Lab) Outline(d *Definition) (*Plan, error) {
	p := &Plan{Definition: d, Profile: l.profile, Trials: d.Trials[string(l.profile)], Axes: slices.Clone(d.axes), Units: map[string]string{}, Curves: map[string]bool{}}
	var err error
	if p.World, err = l.worldOf(d); err != nil {
		return nil, err
	}
	change := d.Profiles[string(l.profile)]
	if err := p.applyProfile(change); err != nil {
		return nil, err
	}
	if l.world != "" {
		p.narrowToWorld()
	}
	sets, err := p.applyOverrides(l.overrides)
	if err != nil {
		return nil, err
	}
	if _, draws := p.World.(trial.SpaceTimer); len(d.Pictures) > 0 && !draws {
		return nil, d.doc.blame("pictures", "world %s draws no space-time pictures", p.World.Name())
	}
	base := trial.Spec{
		Experiment: d.ID, World: p.World.Name(), Measure: d.Measure,
		System: copySection(d.System), Network: copySection(d.Network), Run: copySection(d.Run),
	}
	if d.Faults != nil {
		base.Faults = deepCopy(d.Faults).([]any)
	}
	for _, path := range slices.Sorted(maps.Keys(change.Set)) {
		if err := setPath(&base, path, change.Set[path]); err != nil {
			return nil, d.doc.blame("profiles."+string(l.profile)+".set."+path, "%v", err)
		}
	}
	for _, set := range sets {
		if err := setPath(&base, set.path, set.value); err != nil {
			return nil, fmt.Errorf("--set %s: %w", set.path, err)
		}
	}
	if err := p.multiply(base); err != nil {
		return nil, err
	}
	return p, l.placeCells(p)
}

// applyProfile replaces the values of the axes that the profile changes.
func (p *Plan) applyProfile(change ProfileChange) error {
	d := p.Definition
	for i, axis := range p.Axes {
		written := strings.TrimPrefix(axis.path, "sweep.")
		value, ok := change.Sweep[written]
		if !ok {
			continue
		}
		path := "profiles." + string(p.Profile) + ".sweep." + written
		if axis.Key != "" {
			changed, err := d.readAxis(written, value)
			if err != nil {
				return d.doc.blame(path, "%v is not valid; want a list of values", value)
			}
			p.Axes[i].Levels = changed.Levels
			continue
		}
		var kept []Level
		list, _ := value.([]any)
		for _, item := range list {
			name, _ := item.(string)
			level, ok := axis.level(name)
			if !ok {
				return d.doc.blame(path, "%v is no bundle of %s; want one of %s", item, axis.Name, strings.Join(axis.names(), ", "))
			}
			kept = append(kept, level)
		}
		if len(kept) == 0 {
			return d.doc.blame(path, "%v is not valid; want a list of names of %s", value, axis.Name)
		}
		p.Axes[i].Levels = kept
	}
	return nil
}

type pathValue struct {
	path  string
	value any
}

// applyOverrides narrows axes and sets the number of trials; what sets
// parameters is returned.
func (p *Plan) applyOverrides(overrides []Override) ([]pathValue, error) {
	var sets []pathValue
	for i, o := range overrides {
		p.Overridden = true
		if slices.ContainsFunc(overrides[:i], func(before Override) bool { return before.Key == o.Key }) {
			return nil, fmt.Errorf("--set %s is given twice; want it once, with all levels of an axis as in members=8,16", o.Key)
		}
		at := slices.IndexFunc(p.Axes, func(a Axis) bool { return a.Name == o.Key || a.Key == o.Key })
		if at >= 0 {
			axis, err := o.narrow(p.Axes[at])
			if err != nil {
				return nil, err
			}
			p.Axes[at] = axis
			if axis.Key != "" {
				p.overrides = append(p.overrides, Override{axis.Key, o.Value})
			}
			continue
		}
		value, err := o.plain(o.Value)
		if err != nil {
			return nil, err
		}
		if o.Key == "trials" {
			trials, ok := value.(int)
			if !ok || trials < 1 {
				return nil, fmt.Errorf("--set trials=%s is not valid; want a whole number from 1", o.Value)
			}
			p.Trials = trials
			continue
		}
		if o.Key == "world" {
			return nil, errors.New("--set world=" + o.Value + ": want --world " + o.Value)
		}
		if err := checkSectionPath("--set "+o.Key, o.Key); err != nil {
			known := []string{"trials"}
			for _, a := range p.Axes {
				known = append(known, a.Name)
			}
			return nil, errors.New(fmt.Sprintf("--set %s: %s has no such axis", o.Key, p.Definition.ID) + didYouMean(o.Key, known) +
				"; want one of " + strings.Join(known, ", ") + ", or a path such as system.protocol")
		}
		p.overrides = append(p.overrides, o)
		sets = append(sets, pathValue{o.Key, value})
	}
	return sets, nil
}

// multiply makes the cells; the first axis varies slowest.
func (p *Plan) multiply(base trial.Spec) error {
	total := 1
	for _, axis := range p.Axes {
		total *= len(axis.Levels)
	}
	p.Cells = make([]Cell, total)
	for i := range p.Cells {
		levels := make([]Level, len(p.Axes))
		for rest, a := i, len(p.Axes)-1; a >= 0; a-- {
			n := len(p.Axes[a].Levels)
			levels[a], rest = p.Axes[a].Levels[rest%n], rest/n
		}
		spec := base
		spec.System, spec.Network, spec.Run = copySection(base.System), copySection(base.Network), copySection(base.Run)
		if base.Faults != nil {
			spec.Faults = deepCopy(base.Faults).([]any)
		}
		for a, level := range levels {
			for _, path := range slices.Sorted(maps.Keys(level.Set)) {
				if err := setPath(&spec, path, level.Set[path]); err != nil {
					if p.Axes[a].Key == "" {
						return p.Definition.doc.blame(level.path+".set."+path, "%v", err)
					}
					return p.Definition.doc.blame(p.Axes[a].path, "%s: %v", level.Name, err)
				}
			}
		}
		p.Cells[i] = Cell{Levels: levels, Spec: spec}
	}
	return nil
}
