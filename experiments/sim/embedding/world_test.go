package embedding

// What the tests embed: made-up worlds, and recorded ones where they are at hand.

import (
	"encoding/csv"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/experiments/trial"
)

// table is RTTs cell by cell; 0 is a missing one.
type table [][]time.Duration

func (t table) Len() int { return len(t) }

func (t table) RTT(i, j int) (time.Duration, bool) { return t[i][j], t[i][j] != 0 }

func (t table) open(string) (RTTs, error) { return t, nil }

// scattered is n nodes at random places of a square of 200 ms, each behind an
// access link of up to the given height, half of it paid in each direction.
func scattered(n int, height float64) table {
	rng := rand.New(rand.NewPCG(11, 12))
	x, y, h := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range n {
		x[i], y[i], h[i] = 200*rng.Float64(), 200*rng.Float64(), height*rng.Float64()
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

// recorded reads a recorded matrix, in milliseconds with a header of names and
// blanks where nothing was measured, from the folder SWIMLAB_SHARED points to.
func recorded(t *testing.T, name string) table {
	t.Helper()
	shared := os.Getenv("SWIMLAB_SHARED")
	if shared == "" {
		t.Skip("SWIMLAB_SHARED is not set: no recorded round trips to embed")
	}
	file, err := os.Open(filepath.Join(shared, "datasets", name, "derived", "rtt_ms.csv"))
	if os.IsNotExist(err) {
		t.Skipf("%v: no recorded round trips to embed", err)
	}
	require.NoError(t, err)
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	rows = rows[1:]
	m := make(table, len(rows))
	for i, row := range rows {
		require.Len(t, row, len(rows))
		m[i] = make([]time.Duration, len(rows))
		for j, cell := range row {
			if cell != "" && i != j {
				ms, err := strconv.ParseFloat(cell, 64)
				require.NoError(t, err)
				m[i][j] = time.Duration(ms * float64(time.Millisecond))
			}
		}
	}
	return m
}

func spec(system map[string]any, measure ...string) trial.Spec {
	s := trial.Spec{
		World:   "simulation",
		System:  map[string]any{"protocol": "vivaldi"},
		Network: map[string]any{"dataset": "test"},
		Run:     map[string]any{},
		Measure: measure,
		Seed:    1,
	}
	for key, value := range system {
		s.System[key] = value
	}
	return s
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
