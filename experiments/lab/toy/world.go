// Package toy is a world of dice, for tests of the machinery around worlds: its
// trials take microseconds and their distributions are known exactly.
package toy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/swimlab/swimlab/experiments/trial"
)

// World throws dice. It implements trial.World and trial.Tracer.
type World struct{}

var _ trial.Tracer = World{}

// Name implements trial.World.
func (World) Name() string { return "toy" }

// Protocols implements trial.World.
func (World) Protocols() []string { return []string{"dice"} }

// Measures implements trial.World.
func (World) Measures(string) []trial.Measure {
	return []trial.Measure{
		{Name: "seats", Unit: "cm", Doc: "where each player sits, one beside the other, as high as the throws of the wait", Map: true},
		{Name: "sixes", Unit: "1", Doc: "throws that showed the highest face, one value a trial; never observed with fewer than two sides"},
		{Name: "total", Unit: "points", Doc: "sum of all throws so far, after each throw", Series: true},
		{Name: "wait", Unit: "throws", Doc: "throws until the highest face shows, one value a throw of a player"},
	}
}

// DatasetNames implements trial.World.
func (World) DatasetNames(spec trial.Spec) []string {
	if name, ok := spec.Network["dataset"].(string); ok {
		return []string{name}
	}
	return nil
}

type system struct {
	Protocol string        `key:"protocol"`
	Sides    int           `key:"sides"`   // of the dice
	Players  int           `key:"players"` // how many throw, 1 by default
	Loaded   bool          `key:"loaded"`  // the dice show the highest face always
	Slow     time.Duration `key:"slow"`    // how long a trial takes
	Broken   string        `key:"broken"`  // "error", "panic" or "infinite"
}

type run struct {
	Throws int `key:"throws"`
}

func decode(spec trial.Spec) (system, run, error) {
	s, r := system{Players: 1}, run{Throws: 10}
	if err := trial.Decode("system", spec.System, &s); err != nil {
		return s, r, err
	}
	if err := trial.Decode("run", spec.Run, &r); err != nil {
		return s, r, err
	}
	switch {
	case s.Sides < 1:
		return s, r, &trial.KeyError{Key: "system.sides", Got: s.Sides, Want: "1 or more"}
	case s.Players < 1:
		return s, r, &trial.KeyError{Key: "system.players", Got: s.Players, Want: "1 or more"}
	case r.Throws < 1:
		return s, r, &trial.KeyError{Key: "run.throws", Got: r.Throws, Want: "1 or more"}
	}
	return s, r, nil
}

// Check implements trial.World.
func (World) Check(spec trial.Spec) error {
	_, _, err := decode(spec)
	return err
}

// Run implements trial.World.
func (World) Run(ctx context.Context, spec trial.Spec) (trial.Observations, error) {
	s, r, err := decode(spec)
	if err != nil {
		return trial.Observations{}, err
	}
	if s.Slow > 0 {
		select {
		case <-time.After(s.Slow):
		case <-ctx.Done():
			return trial.Observations{}, ctx.Err()
		}
	}
	switch s.Broken {
	case "error":
		return trial.Observations{}, errors.New("the dice fell off the table")
	case "panic":
		panic("the dice fell off the table")
	}
	seen := trial.Observations{Samples: map[string][]float64{}, Series: map[string]trial.Series{}}
	random := rand.New(rand.NewPCG(spec.Seed, 1))
	throw := func() int {
		if s.Loaded {
			return s.Sides
		}
		return 1 + random.IntN(s.Sides)
	}
	waits, sixes, total := []float64{}, 0.0, trial.Series{}
	for range s.Players {
		n := 1
		for throw() != s.Sides {
			n++
		}
		waits = append(waits, float64(n))
	}
	sum := 0
	for i := range r.Throws {
		face := throw()
		sum += face
		if face == s.Sides {
			sixes++
		}
		total.X, total.Y = append(total.X, float64(i+1)), append(total.Y, float64(sum))
	}
	if s.Broken == "infinite" {
		total.Y[0] = math.Inf(1)
	}
	seen.Samples["wait"], seen.Samples["sixes"] = waits, []float64{}
	if s.Sides > 1 {
		seen.Samples["sixes"] = []float64{sixes}
	}
	seen.Series["total"] = total
	if slices.Contains(spec.Measure, "seats") {
		seen.Maps = map[string][]trial.Place{"seats": nil}
		for i, n := range waits {
			seen.Maps["seats"] = append(seen.Maps["seats"], trial.Place{Name: fmt.Sprint("player ", i), Group: "players", X: float64(10 * i), Height: n})
		}
	}
	for name := range seen.Samples {
		if !slices.Contains(spec.Measure, name) {
			delete(seen.Samples, name)
		}
	}
	if !slices.Contains(spec.Measure, "total") {
		seen.Series = nil
	}
	return seen, nil
}

// Trace implements trial.Tracer.
func (w World) Trace(ctx context.Context, spec trial.Spec, _ trial.TraceOptions, out io.Writer) error {
	seen, err := w.Run(ctx, spec)
	if err != nil {
		return err
	}
	for i, n := range seen.Samples["wait"] {
		fmt.Fprintf(out, "player %d threw %g times\n", i, n)
	}
	return nil
}
