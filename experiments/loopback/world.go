package loopback

import (
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/swimlab/swimlab/experiments/trial"
)

// World is the world "loopback". Its trials do not come out the same again.
type World struct {
	// Command starts a process that calls [Serve]; empty is this program as
	// "member".
	Command []string
	// Simulation has the measures' units and meanings.
	Simulation trial.World
}

var _ trial.Recorded = (*World)(nil)

// Name implements [trial.World].
func (w *World) Name() string { return "loopback" }

// With implements [trial.Recorded].
func (w *World) With() string { return "swim/live, a process a member, on 127.0.0.1, in real time" }

// Alone implements [trial.Recorded]: processes feel whatever else runs.
func (w *World) Alone() bool { return true }

// Protocols implements [trial.World].
func (w *World) Protocols() []string { return []string{"swim"} }

// Measures implements [trial.World].
func (w *World) Measures(protocol string) []trial.Measure {
	if protocol != "swim" {
		return nil
	}
	names := measures()
	return slices.DeleteFunc(slices.Clone(w.Simulation.Measures(protocol)), func(m trial.Measure) bool { return !slices.Contains(names, m.Name) })
}

// DatasetNames implements [trial.World].
func (w *World) DatasetNames(trial.Spec) []string { return nil }

// Check implements [trial.World].
func (w *World) Check(spec trial.Spec) error {
	_, err := newScenario(spec)
	return err
}

// Run implements [trial.World].
func (w *World) Run(ctx context.Context, spec trial.Spec) (trial.Observations, error) {
	s, err := newScenario(spec)
	if err != nil {
		return trial.Observations{}, err
	}
	for i, f := range s.Faults {
		if f.CPU == nil {
			continue
		}
		if _, _, quota := constants(f.CPU); !quota {
			continue
		}
		if err := quotasAvailable(); err != nil {
			return trial.Observations{}, &trial.KeyError{Key: fmt.Sprintf("faults.%d.cpu_exhaustion", i), Err: err, Want: "a control group for the processor that may be written to, or random times of running and stalling"}
		}
	}
	g, err := newGroup(s)
	if err != nil {
		return trial.Observations{}, err
	}
	command := w.Command
	if len(command) == 0 {
		if command, err = Itself(); err != nil {
			return trial.Observations{}, err
		}
	}
	return g.run(ctx, command)
}

// Itself is the command that starts this program as a member.
func Itself() ([]string, error) {
	path, err := os.Executable()
	return []string{path, "member"}, err
}
