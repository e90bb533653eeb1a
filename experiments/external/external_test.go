package external_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/experiments/external"
	"github.com/swimlab/swimlab/experiments/trial"
)

// The program that the tests ask is this very one, started with an argument that
// says how it behaves.
func TestMain(m *testing.M) {
	if len(os.Args) != 2 || os.Args[1][0] == '-' {
		os.Exit(m.Run())
	}
	switch os.Args[1] {
	case "well":
		check := func(s trial.Spec) error {
			if s.System["members"] != 3.0 {
				return &trial.KeyError{Key: "system.members", Got: s.System["members"], Want: "3"}
			}
			return nil
		}
		run := func(s trial.Spec) (trial.Observations, error) {
			if s.Seed == 13 {
				return trial.Observations{}, errors.New("bad luck")
			}
			return trial.Observations{Samples: map[string][]float64{"seen": {float64(s.Seed)}, "never": {}}}, nil
		}
		if err := external.Serve(os.Stdin, os.Stdout, check, run); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	case "dies":
		fmt.Fprintln(os.Stderr, "panic: it hurts")
		os.Exit(2)
	case "talks":
		fmt.Println("Welcome!")
	case "evades":
		fmt.Println("{}")
	case "sleeps":
		time.Sleep(time.Minute)
	}
}

func world(how string) *external.World {
	return &external.World{
		Called: "theirs", Runs: "their program 1.0", Arguments: []string{how},
		Observes: map[string][]trial.Measure{"swim": {{Name: "seen", Unit: "1"}}},
		Program:  func(context.Context) (string, error) { return os.Executable() },
	}
}

var three = trial.Spec{World: "theirs", System: map[string]any{"protocol": "swim", "members": 3}, Measure: []string{"seen"}, Seed: 1 << 63}

func TestATrialGoesThereAndItsObservationsComeBack(t *testing.T) {
	w := world("well")
	require.NoError(t, w.Check(three))
	seen, err := w.Run(context.Background(), three)
	require.NoError(t, err)
	assert.Equal(t, map[string][]float64{"seen": {1 << 63}, "never": {}}, seen.Samples, "empty is not absent")
}

func TestAKeyIsBlamedAcrossTheBorder(t *testing.T) {
	spec := three
	spec.System = map[string]any{"members": 4}
	err := world("well").Check(spec)
	var key *trial.KeyError
	require.ErrorAs(t, err, &key)
	assert.Equal(t, "system.members", key.Key)
	assert.EqualError(t, err, "system.members: 4 is not valid; want 3")
	spec = three
	spec.Seed = 13
	_, err = world("well").Run(context.Background(), spec)
	assert.EqualError(t, err, "bad luck")
}

func TestAProgramThatMisbehavesIsSaidTo(t *testing.T) {
	for how, message := range map[string]string{
		"dies":   "exit status 2:\npanic: it hurts",
		"talks":  "is not one line of JSON",
		"evades": "the answer to a run holds no observations",
	} {
		_, err := world(how).Run(context.Background(), three)
		assert.ErrorContains(t, err, "world theirs: ")
		assert.ErrorContains(t, err, message)
	}
}

func TestATrialEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := world("sleeps").Run(ctx, three)
	assert.ErrorIs(t, err, context.DeadlineExceeded)
	assert.Less(t, time.Since(start), 30*time.Second)
}

func TestAProgramIsBuiltWhenItIsAskedFor(t *testing.T) {
	module, path := t.TempDir(), filepath.Join(t.TempDir(), "program")
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(module, name), []byte(text), 0o644))
	}
	write("go.mod", "module example.org/theirs\n\ngo 1.26\n")
	write("main.go", "package main\n\nfunc main() { undefined() }\n")
	program := external.GoProgram(module, ".", path)
	for range 2 {
		_, err := program(context.Background())
		assert.ErrorContains(t, err, "cannot be built")
		assert.ErrorContains(t, err, "undefined: undefined")
	}
	write("main.go", "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(`{\"observations\": {\"samples\": {\"seen\": [7]}}}`) }\n")
	w := world("")
	w.Arguments, w.Program = nil, external.GoProgram(module, ".", path)
	seen, err := w.Run(context.Background(), three)
	require.NoError(t, err)
	assert.Equal(t, []float64{7}, seen.Samples["seen"])
}
