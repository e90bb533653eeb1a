package lab

import (
	"fmt"
	"slices"
	"strings"

	"github.com/swimlab/swimlab/experiments/trial"
)

// worldOf picks the world the experiment runs in: the one asked for, or else the
// first it lists.
func (l *Lab) worldOf(d *Definition) (trial.World, error) {
	for i, name := range d.Worlds {
		if _, known := l.worldNamed(name); !known {
			names := l.worldNames()
			return nil, d.doc.blame(fmt.Sprintf("worlds.%d", i), "world %q is not known%s; want one of %s", name, didYouMean(name, names), strings.Join(names, ", "))
		}
	}
	chosen := d.Worlds[0]
	if l.world != "" {
		if !slices.Contains(d.Worlds, l.world) {
			return nil, fmt.Errorf("--world %s: %s does not run there%s; want one of %s", l.world, d.Address(), didYouMean(l.world, d.Worlds), strings.Join(d.Worlds, ", "))
		}
		chosen = l.world
	}
	world, _ := l.worldNamed(chosen)
	return world, nil
}

func (l *Lab) worldNamed(name string) (trial.World, bool) {
	at := slices.Index(l.worldNames(), name)
	if at < 0 {
		return nil, false
	}
	return l.worlds[at], true
}

func (l *Lab) worldNames() []string {
	names := make([]string, len(l.worlds))
	for i, w := range l.worlds {
		names[i] = w.Name()
	}
	return names
}

// narrowToWorld leaves of axes that set the world only the levels in the plan's.
func (p *Plan) narrowToWorld() {
	p.Overridden = p.Overridden || p.World.Name() != p.Definition.Worlds[0]
	for i, axis := range p.Axes {
		elsewhere := func(l Level) bool { world, sets := l.Set["world"]; return sets && world != p.World.Name() }
		if !slices.ContainsFunc(axis.Levels, elsewhere) {
			continue
		}
		p.Overridden = true
		p.Axes[i].Levels = slices.DeleteFunc(slices.Clone(axis.Levels), elsewhere)
	}
}

// placeCells gives each cell the world that its sweep puts it in.
func (l *Lab) placeCells(p *Plan) error {
	if len(p.Cells) == 0 {
		return fmt.Errorf("--world %s: no cell of %s is there", p.World.Name(), p.Definition.Address())
	}
	for i := range p.Cells {
		c := &p.Cells[i]
		if !slices.Contains(p.Definition.Worlds, c.Spec.World) {
			return p.cellError(*c, &trial.KeyError{Key: "world", Got: fmt.Sprintf("%q", c.Spec.World), Want: "one of the definition's worlds, " + strings.Join(p.Definition.Worlds, ", ")})
		}
		c.World, _ = l.worldNamed(c.Spec.World)
	}
	return nil
}

// isRecorded says that the cell's world cannot be repeated.
func (c Cell) isRecorded() bool {
	_, is := c.World.(trial.Recorded)
	return is
}

// needsMachine says that a trial of the cell must run alone.
func (c Cell) needsMachine() bool {
	world, is := c.World.(trial.Recorded)
	return is && world.Alone()
}

// mayRun says whether this lab runs trials of the cell. Those that cannot be
// repeated take the user's consent, and while recording nothing else runs.
func (l *Lab) mayRun(c Cell) bool {
	switch {
	case l.record:
		return c.isRecorded()
	case c.isRecorded():
		return l.world != ""
	}
	return true
}
