// Package memberlist is the world "memberlist": HashiCorp's library, unmodified, in
// virtual time. The program that runs it is built from experiments/peer, a module
// of its own; this package only knows what it can be asked.
package memberlist

import (
	"path/filepath"
	"slices"

	"github.com/swimlab/swimlab/experiments/external"
	"github.com/swimlab/swimlab/experiments/observed"
	"github.com/swimlab/swimlab/experiments/trial"
)

// Version is that of the library, as experiments/peer requires it.
const Version = "v0.7.0"

// Observed lists the simulator's measures that can be observed of the library.
func Observed() []string {
	names := append(observed.Names(), "sent_mean", "sent_sd")
	slices.Sort(names)
	return names
}

// World returns the world for the repository at root. Its measures are those of
// the simulation, by name, unit and meaning.
func World(root string, simulation trial.World) trial.World {
	names := Observed()
	measures := slices.DeleteFunc(slices.Clone(simulation.Measures("swim")), func(m trial.Measure) bool { return !slices.Contains(names, m.Name) })
	return &external.World{
		Called:   "memberlist",
		Runs:     "hashicorp/memberlist " + Version + ", unmodified, in virtual time",
		Observes: map[string][]trial.Measure{"swim": measures},
		Program:  external.GoProgram(filepath.Join(root, "experiments", "peer"), "./memberlist", filepath.Join(root, ".repro", "bin", "memberlist")),
	}
}
