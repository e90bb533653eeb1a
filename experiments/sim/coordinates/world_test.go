package coordinates

// What the tests play with: a made-up world that coordinates can fit.

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/experiments/trial"
)

// table is RTTs cell by cell; 0 is a missing one.
type table [][]time.Duration

func (t table) Len() int { return len(t) }

func (t table) RTT(i, j int) (time.Duration, bool) { return t[i][j], t[i][j] != 0 }

func (t table) open(string) (RTTs, error) { return t, nil }

// scattered is n hosts at random places of a square of 200 ms, each behind an
// access link of up to 10 ms.
func scattered(n int) table {
	rng := rand.New(rand.NewPCG(11, 12))
	x, y, h := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range n {
		x[i], y[i], h[i] = 200*rng.Float64(), 200*rng.Float64(), 10*rng.Float64()
	}
	t := make(table, n)
	for i := range t {
		t[i] = make([]time.Duration, n)
		for j := range t[i] {
			if i != j {
				t[i][j] = time.Duration(1e6 * (math.Hypot(x[i]-x[j], y[i]-y[j]) + h[i] + h[j]))
			}
		}
	}
	return t
}

// specOf is a trial on the dataset test; settings are dotted keys below system.
func specOf(settings map[string]any, run map[string]any, measure ...string) trial.Spec {
	system := map[string]any{"protocol": "coordinates"}
	for key, value := range settings {
		system[key] = value
	}
	return trial.Spec{World: "simulation", System: system, Network: map[string]any{"dataset": "test"}, Run: run, Measure: measure, Seed: 1}
}

func observe(t testing.TB, s trial.Spec, open Open) trial.Observations {
	t.Helper()
	require.NoError(t, Check(s, open))
	obs, err := Run(t.Context(), s, open)
	require.NoError(t, err)
	return obs
}

// one is the only value of a measure.
func one(t testing.TB, obs trial.Observations, measure string) float64 {
	t.Helper()
	require.Len(t, obs.Samples[measure], 1, measure)
	return obs.Samples[measure][0]
}

func BenchmarkTrial(b *testing.B) {
	world := scattered(256)
	s := specOf(map[string]any{"guards": map[string]any{"outlier": 5}}, map[string]any{"samples": 500}, "error_over_time", "median_relative_error")
	for b.Loop() {
		_, err := Run(b.Context(), s, world.open)
		require.NoError(b, err)
	}
}

func TestOneSeedOneResult(t *testing.T) {
	world := scattered(40)
	s := specOf(map[string]any{"services": 5, "attack": map[string]any{"kind": "disorder", "share": 0.2}, "guards": map[string]any{"outlier": 5}},
		map[string]any{"samples": 60, "attack_after": 30}, "stretch", "honest_error", "error_over_time")
	first := observe(t, s, world.open)
	assert.Equal(t, first, observe(t, s, world.open))
	s.Seed++
	assert.NotEqual(t, first, observe(t, s, world.open))
}

func TestErrorsFallAsSamplesAreTaken(t *testing.T) {
	o := observe(t, specOf(nil, map[string]any{"samples": 400}, "error_over_time", "error_ms_over_time", "median_relative_error", "node_median_absolute_error_ms"), scattered(60).open)
	for curve, last := range map[string]string{"error_over_time": "median_relative_error", "error_ms_over_time": "node_median_absolute_error_ms"} {
		s := o.Series[curve]
		require.Len(t, s.Y, len(s.X))
		assert.Equal(t, 1.0, s.X[0])
		assert.Equal(t, 400.0, s.X[len(s.X)-1])
		assert.Less(t, s.Y[len(s.Y)-1], s.Y[0]/10)
		assert.Equal(t, one(t, o, last), s.Y[len(s.Y)-1], "the curve ends where the trial does")
	}
	assert.Equal(t, uint64(60*400), o.Events)
}

// A ring tells a host of two others; where the rest is it has to guess.
func TestARingConvergesWorseThanChance(t *testing.T) {
	world := scattered(60)
	last := func(pattern string) float64 {
		return one(t, observe(t, specOf(map[string]any{"pattern": pattern}, map[string]any{"samples": 400}, "median_relative_error"), world.open), "median_relative_error")
	}
	random := last("random")
	assert.Less(t, 5*random, last("ring"))
	assert.Less(t, 5*random, last("tree"))
	assert.InDelta(t, random, last("round_robin"), 0.02)
	assert.InDelta(t, random, last("sweep"), 0.02)
}

func TestMedianOfAnEvenNumberIsBetweenTheTwo(t *testing.T) {
	assert.Equal(t, 19.0, percentile([]float64{20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, 95))
	assert.Equal(t, 4.0, percentile([]float64{4, 1, 3}, 95))
}

func TestMeasuresAreListedByName(t *testing.T) {
	var names []string
	for _, m := range Measures() {
		names = append(names, m.Name)
		assert.NotEmpty(t, m.Doc, m.Name)
		assert.NotEmpty(t, m.Unit, m.Name)
		assert.Equal(t, m.Series, measures[m.Name].values == nil, m.Name)
	}
	assert.IsIncreasing(t, names)
}
