package lab

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/swimlab/swimlab/datasets"
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

// Cell is one combination of the axes' levels.
type Cell struct {
	Levels []Level    // one for each of the plan's axes
	Spec   trial.Spec // with Seed 0; see [Plan.Spec]
	World  trial.World
	Key    Key
	// Missing names datasets that are not here; the cell cannot run.
	Missing []string

	// code is the fingerprint of the code it runs. That of a cell whose world cannot
	// be repeated is of its recording, and empty without one.
	code string
}

// Key names a cell's results: the hash of everything that they depend on
// besides the seed.
type Key string

// keyOf hashes the resolved parameters, datasets' checksums included, with the
// fingerprint of the code that the trials run.
func keyOf(spec trial.Spec, fingerprint string) (Key, error) {
	canonical, err := spec.Canonical()
	if err != nil {
		return "", err
	}
	h := sha256.New()
	h.Write(canonical)
	h.Write([]byte("\n" + fingerprint))
	return Key(hex.EncodeToString(h.Sum(nil)[:16])), nil
}

// Seed turns the number of a trial, from 1, into the seed of its random
// source: the SplitMix64 finaliser (Steele, Lea, Flood 2014), which spreads
// neighbouring numbers over all 64 bits and gives no two the same.
func Seed(number int) uint64 {
	z := uint64(number) * 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// trial is the trial with the given number, from 1.
func (c Cell) trial(number int) trial.Spec {
	spec := c.Spec
	spec.Seed = Seed(number)
	return spec
}

// Name says which cell it is: "members=8 variant=basic".
func (p *Plan) Name(c Cell) string {
	parts := make([]string, len(p.Axes))
	for i, axis := range p.Axes {
		parts[i] = axis.Name + "=" + c.Levels[i].Name
	}
	if len(parts) == 0 {
		return "the only cell"
	}
	return strings.Join(parts, " ")
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

// missing says why a cell cannot run. It says the same on every machine,
// because it may be recorded; how to get the dataset here is for
// [Datasets.Available] to say.
func (c Cell) missing() string {
	return "needs the dataset " + strings.Join(c.Missing, " and the dataset ") + ", which is not here; `repro datasets list` says how to get it"
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

// checkOtherProfiles checks the cells that only another profile has, so that a
// definition which passes as smoke does not fail as standard. What the user
// changes for one call says nothing of those.
func (l *Lab) checkOtherProfiles(p *Plan) error {
	if p.Overridden || l.world != "" {
		return nil
	}
	name := func(c Cell) (string, error) {
		c.Spec.Datasets = nil
		canonical, err := c.Spec.Canonical()
		return string(canonical), err
	}
	known := map[string]bool{}
	for _, c := range p.Cells {
		spec, err := name(c)
		if err != nil {
			return p.Definition.doc.wrap(err)
		}
		known[spec] = true
	}
	for _, profile := range Profiles {
		if profile == l.profile {
			continue
		}
		other := *l
		other.profile = profile
		q, err := other.Outline(p.Definition)
		if err != nil {
			return err
		}
		for _, c := range q.Cells {
			spec, err := name(c)
			if err != nil {
				return p.Definition.doc.wrap(err)
			}
			if known[spec] {
				continue
			}
			known[spec] = true
			if _, err := l.checkMeasures(q, c); err != nil {
				return err
			}
			missing, err := l.missingOf(q, c)
			if err != nil {
				return err
			}
			if len(missing) > 0 || c.isRecorded() && !l.mayRun(c) {
				continue
			}
			if err := c.World.Check(c.Spec); err != nil {
				return q.cellError(c, err)
			}
		}
	}
	return nil
}

// checkDatasetName refuses options that a set does not take, and names that are a
// slip of another's. A name like no other may be a set of somebody's own, on
// another machine.
func (l *Lab) checkDatasetName(name string) error {
	err := l.datasets.Check(name)
	var unknown *datasets.UnknownError
	if !errors.As(err, &unknown) {
		return err
	}
	if near := didYouMean(unknown.Name, unknown.Known); near != "" {
		return fmt.Errorf("no dataset is called %q%s; want one of %s", unknown.Name, near, strings.Join(unknown.Known, ", "))
	}
	return nil
}

// datasetKey is where a trial names the dataset.
func datasetKey(spec trial.Spec, name string) string {
	for _, key := range slices.Sorted(maps.Keys(spec.Network)) {
		if spec.Network[key] == name {
			return "network." + key
		}
	}
	return "network"
}

// missingOf names the datasets that keep a cell from running. A name that no
// machine could ever resolve is an error.
func (l *Lab) missingOf(p *Plan, c Cell) (missing []string, err error) {
	names := slices.Clone(c.World.DatasetNames(c.Spec))
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if l.datasets == nil {
			return nil, fmt.Errorf("%s: needs the dataset %s and no datasets are set up", p.Definition.ID, name)
		}
		if ok, _ := l.datasets.Available(name); ok {
			continue
		}
		if err := l.checkDatasetName(name); err != nil {
			return nil, p.cellError(c, &trial.KeyError{Key: datasetKey(c.Spec, name), Err: err})
		}
		missing = append(missing, name)
	}
	return missing, nil
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

// finish checks the cells with the world and gives them their keys.
func (l *Lab) finish(p *Plan) error {
	for i := range p.Cells {
		c := &p.Cells[i]
		protocol, err := l.checkMeasures(p, *c)
		if err != nil {
			return err
		}
		if c.Missing, err = l.missingOf(p, *c); err != nil {
			return err
		}
		names := c.World.DatasetNames(c.Spec)
		if len(names) > 0 {
			c.Spec.Datasets = map[string]string{}
		}
		for _, name := range names {
			if slices.Contains(c.Missing, name) {
				continue
			}
			if c.Spec.Datasets[name], err = l.datasets.Digest(name); err != nil {
				return p.Definition.doc.wrap(err)
			}
		}
		if len(c.Missing) > 0 {
			continue
		}
		if !c.isRecorded() || l.mayRun(*c) {
			if err := c.World.Check(c.Spec); err != nil {
				return p.cellError(*c, err)
			}
		}
		ranOn := recordedCode
		if !c.isRecorded() {
			if c.code, err = l.code.Fingerprint(protocol); err != nil {
				return err
			}
			ranOn = c.code
		}
		if c.Key, err = keyOf(c.Spec, ranOn); err != nil {
			return p.Definition.doc.wrap(err)
		}
	}
	return nil
}

// checkMeasures compares the definition's protocol and measures with what the
// world offers.
func (l *Lab) checkMeasures(p *Plan, c Cell) (protocol string, err error) {
	d := p.Definition
	protocol, _ = c.Spec.System["protocol"].(string)
	protocols := c.World.Protocols()
	if !slices.Contains(protocols, protocol) {
		if protocol == "" {
			return "", d.doc.blame("system.protocol", "missing; want one of %s", strings.Join(protocols, ", "))
		}
		return "", p.cellError(c, &trial.KeyError{Key: "system.protocol",
			Err: fmt.Errorf("protocol %q is not known in world %s%s", protocol, c.World.Name(), didYouMean(protocol, protocols)), Want: "one of " + strings.Join(protocols, ", ")})
	}
	offered := map[string]trial.Measure{}
	for _, m := range c.World.Measures(protocol) {
		offered[m.Name] = m
	}
	for i, name := range d.Measure {
		m, ok := offered[name]
		if !ok {
			known := slices.Sorted(maps.Keys(offered))
			return "", d.doc.blame(fmt.Sprintf("measure.%d", i), "%s cannot be measured of %s in world %s%s; want one of %s", name, protocol, c.World.Name(), didYouMean(name, known), strings.Join(known, ", "))
		}
		if unit, known := p.Units[name]; known && (unit != m.Unit || p.Curves[name] != m.Series) {
			return "", d.doc.blame(fmt.Sprintf("measure.%d", i), "%s is in %s in one world and in %s in world %s; want one unit", name, unit, m.Unit, c.World.Name())
		}
		p.Units[name], p.Curves[name] = m.Unit, m.Series
	}
	return protocol, nil
}

// cellError blames whoever gave a cell's key its value: the user's --set, the
// axis, or the section.
func (p *Plan) cellError(c Cell, err error) error {
	var key *trial.KeyError
	if !errors.As(err, &key) {
		return p.Definition.doc.wrap(fmt.Errorf("%s: %w", p.Name(c), err))
	}
	clear := clearer(key, given(c.Spec, key.Key))
	err = clear
	sets := func(path string) bool { return key.Key == path || strings.HasPrefix(key.Key, path+".") }
	for _, o := range p.overrides {
		if sets(o.Key) {
			return fmt.Errorf("--set %s=%s: %s: %w", o.Key, o.Value, p.Definition.ID, err)
		}
	}
	for i, axis := range p.Axes {
		for path := range c.Levels[i].Set {
			if sets(path) && axis.Key == "" {
				return p.blameSetter(c.Levels[i].path+".set."+path, path, clear)
			}
			if sets(path) {
				return p.blameSetter(axis.path, path, clear)
			}
		}
	}
	for path := range p.Definition.Profiles[string(p.Profile)].Set {
		if sets(path) {
			return p.blameSetter("profiles."+string(p.Profile)+".set."+path, path, clear)
		}
	}
	return p.Definition.doc.wrap(err)
}

// blameSetter blames the place of the definition that set path for what was wrong
// with a key there.
func (p *Plan) blameSetter(place, path string, key *trial.KeyError) error {
	n, _ := p.Definition.doc.find(place)
	at := &FileError{File: p.Definition.File(), Line: n.Line, Err: fmt.Errorf("%s: %w", place, key)}
	if strings.HasSuffix(place, ".set."+path) { // the place names the key already
		named := *key
		named.Key = place + strings.TrimPrefix(key.Key, path)
		at.Err = &named
	}
	return at
}
