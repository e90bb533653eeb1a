package external

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/swimlab/swimlab/experiments/trial"
)

// World is a world whose trials another program runs. The lab cannot know when the
// program changes, so what it observes is recorded.
type World struct {
	// Called is how definitions call it, such as "memberlist".
	Called string
	// Runs says in one line what it runs, with the version.
	Runs string
	// Observes lists the measures of each protocol. They are stated here and not
	// asked of the program, so that recordings are drawn where it is not.
	Observes map[string][]trial.Measure
	// Program is the path of the program; it may build it first.
	Program func(context.Context) (string, error)
	// Arguments are passed to it.
	Arguments []string
	// Undisturbed says that a trial must run alone on the machine.
	Undisturbed bool
}

var _ trial.Recorded = (*World)(nil)

// Name implements [trial.World].
func (w *World) Name() string { return w.Called }

// With implements [trial.Recorded].
func (w *World) With() string { return w.Runs }

// Alone implements [trial.Recorded].
func (w *World) Alone() bool { return w.Undisturbed }

// Protocols implements [trial.World].
func (w *World) Protocols() []string {
	var names []string
	for name := range w.Observes {
		names = append(names, name)
	}
	return names
}

// Measures implements [trial.World].
func (w *World) Measures(protocol string) []trial.Measure { return w.Observes[protocol] }

// DatasetNames implements [trial.World]. A program brings its own data.
func (w *World) DatasetNames(trial.Spec) []string { return nil }

// Check implements [trial.World].
func (w *World) Check(spec trial.Spec) error {
	_, err := w.ask(context.Background(), request{Check: &spec})
	return err
}

// Run implements [trial.World].
func (w *World) Run(ctx context.Context, spec trial.Spec) (trial.Observations, error) {
	a, err := w.ask(ctx, request{Run: &spec})
	if err == nil && a.Observations == nil {
		err = fmt.Errorf("world %s: the answer to a run holds no observations", w.Called)
	}
	if err != nil {
		return trial.Observations{}, err
	}
	return *a.Observations, nil
}

// ask starts the program for one request. Whatever it leaves behind goes with its
// process, and ending ctx ends it.
func (w *World) ask(ctx context.Context, r request) (answer, error) {
	program, err := w.Program(ctx)
	if err != nil {
		return answer{}, fmt.Errorf("world %s: %w", w.Called, err)
	}
	line, err := json.Marshal(r)
	if err != nil {
		return answer{}, err
	}
	var out, problems bytes.Buffer
	cmd := exec.CommandContext(ctx, program, w.Arguments...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(append(line, '\n')), &out, &problems
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return answer{}, ctx.Err()
		}
		return answer{}, fmt.Errorf("world %s: %s: %w%s", w.Called, filepath.Base(program), err, firstLines(problems.String()))
	}
	var a answer
	if err := json.NewDecoder(&out).Decode(&a); err != nil {
		return answer{}, fmt.Errorf("world %s: the answer of %s is not one line of JSON: %w%s", w.Called, filepath.Base(program), err, firstLines(problems.String()))
	}
	if a.Error != nil {
		return answer{}, a.Error.err()
	}
	return a, nil
}

// firstLines is the beginning of what a program had to say about its failure.
func firstLines(text string) string {
	const enough = 12
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if len(lines) > enough {
		lines = append(lines[:enough], "…")
	}
	if lines[0] == "" {
		return ""
	}
	return ":\n" + strings.Join(lines, "\n")
}

// GoProgram returns a [World.Program] that is built with the go command when it is
// first asked for: package pkg of the module in folder module, into the file at
// path.
func GoProgram(module, pkg, path string) func(context.Context) (string, error) {
	built := make(chan error, 1)
	built <- errNotBuilt
	return func(ctx context.Context) (string, error) {
		err := <-built
		defer func() { built <- err }()
		if !errors.Is(err, errNotBuilt) {
			return path, err
		}
		cmd := exec.CommandContext(ctx, "go", "build", "-o", path, pkg)
		cmd.Dir = module
		if text, failed := cmd.CombinedOutput(); failed != nil {
			if ctx.Err() != nil {
				return path, ctx.Err() // not its fault: another may try again
			}
			err = fmt.Errorf("%s in %s cannot be built: %w; want the go command and its modules (`go mod download` there)%s", pkg, module, failed, firstLines(string(text)))
			return path, err
		}
		err = nil
		return path, nil
	}
}

var errNotBuilt = errors.New("not built yet")
