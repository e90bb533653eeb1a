package lab

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/experiments/trial"
)

// wideSweep is as large as the largest sweep there is, and asks of it what that
// one does: ratios of sums over thousands of cells, each with its interval.
var wideSweep = strings.NewReplacer("sides: [2, 4, 6]", `sides: [1, 2, 3, 4, 5, 6, 7, 8, 9]
  players: [1, 2, 3, 4, 5, 6, 7, 8, 9]
  run.throws: [1, 2, 3, 4, 5, 6, 7, 8]`,
	"    - {name: loaded, label: loaded dice, style: lifeguard, set: {system.loaded: true}}", `
    - {name: loaded, label: loaded dice, style: lifeguard, set: {system.loaded: true}}
    - {name: third, style: buddy, set: {system.slow: 1ms}}
    - {name: fourth, style: lha-probe, set: {system.slow: 2ms}}
    - {name: fifth, style: lha-suspicion, set: {system.slow: 3ms}}`,
	"x: sides\n", "x: sides\n    series: [variant]\n", "facet: sides", "series: [variant]", "standard: 40", "standard: 10",
	"rows: [variant, sides]", "rows: [variant]",
	"value: mean(wait), unit: throws, digits: 2, interval: true", "value: 'sum(wait) / sum(instead(wait, {variant: fair}))', interval: true",
	", value: sides}", ", value: mean(sixes), interval: true}", "[[fair, 2, 2.0], [fair, 6, 6.0]]", "[[fair, 2.0]]",
).Replace(diceDefinition)

// BenchmarkEvaluate judges the claims and draws the figures and tables of 3,240
// cells with 10 trials each.
func BenchmarkEvaluate(b *testing.B) {
	l := newLab(b, newRepository(b, map[string]string{"dice/wait.yaml": wideSweep}), nil)
	definitions, err := l.Discover()
	require.NoError(b, err)
	p, err := l.Plan(definitions[0])
	require.NoError(b, err)
	random := rand.New(rand.NewPCG(1, 1))
	cells := make([]cellResults, len(p.Cells))
	for i := range cells {
		for range p.Trials {
			cells[i].trials = append(cells[i].trials, trial.Observations{
				Samples: map[string][]float64{"wait": {float64(random.IntN(100))}, "sixes": {float64(random.IntN(10))}},
				Series:  map[string]trial.Series{"total": {X: []float64{1, 2, 3}, Y: []float64{1, 3, 4}}},
			})
		}
	}
	require.Len(b, cells, 3240)
	b.ReportAllocs()
	for b.Loop() {
		r := &Results{Plan: p, cells: cells, forms: map[string]any{}}
		_, err := r.Judge()
		require.NoError(b, err)
		_, missing, err := r.Figures()
		require.NoError(b, err)
		require.Empty(b, missing)
		_, missing, err = r.Tables()
		require.NoError(b, err)
		require.Empty(b, missing)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(p.Cells)*p.Trials), "ns/trial")
}
