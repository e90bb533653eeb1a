package lab

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/swimlab/swimlab/datasets"
	"github.com/swimlab/swimlab/experiments/trial"
)

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
