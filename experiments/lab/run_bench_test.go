package lab

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/experiments/lab/toy"
	"github.com/swimlab/swimlab/experiments/trial"
)

// BenchmarkTrial is what the lab itself costs a trial: running it, checking what
// it observed, and keeping it. The dice take about a microsecond of it.
func BenchmarkTrial(b *testing.B) {
	spec := trial.Spec{World: "toy", System: map[string]any{"protocol": "dice", "sides": 6, "players": 4}, Measure: []string{"wait"}}
	p := &Plan{Definition: &Definition{ID: "dice/wait"}, World: toy.World{}, Cells: []Cell{{Spec: spec, Key: "0123456789abcdef"}}}
	l := &Lab{store: OpenStore(b.TempDir())}
	number := 0
	for b.Loop() {
		number++
		require.NoError(b, l.runOne(context.Background(), job{p, 0, number}))
	}
}
