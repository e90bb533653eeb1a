package datasets

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// Four nodes, worked out by hand. Node 3 is a shortcut between 0 and 1, and the
// pair 2-3 is missing.
func TestStatisticsOfFourNodes(t *testing.T) {
	s := Summarize(rows(t,
		[]int{0, 100, 50, 20},
		[]int{100, 0, 60, 25},
		[]int{50, 60, 0, 0},
		[]int{20, 30, 0, 0},
	))
	assert.Equal(t, 4, s.Nodes)
	assert.InDelta(t, 2.0/12, s.MissingDirected, 1e-12)
	assert.InDelta(t, 1.0/6, s.MissingPairs, 1e-12)

	assert.Equal(t, 20*ms, s.Min)
	assert.Equal(t, 20*ms, s.P05)
	assert.Equal(t, 50*ms, s.Median, "20 20 25 30 50 50 60 60 100 100")
	assert.Equal(t, 51500*time.Microsecond, s.Mean)
	assert.Equal(t, 100*ms, s.P95)
	assert.Equal(t, 100*ms, s.Max)

	assert.Zero(t, s.AsymmetryMedian)
	assert.InDelta(t, 1.0/5, s.AsymmetryOver10Perc, 1e-12, "25 and 30 differ by 18 % of their mean")
	assert.InDelta(t, 0.8*10/55, s.AsymmetryP95, 1e-12)

	assert.EqualValues(t, 2, s.Triples, "0-1-2 and 0-1-3; the others lack a side")
	assert.InDelta(t, 0.5, s.TIV, 1e-12, "100 > 20 + 27.5")
	assert.InDelta(t, 0.5, s.TIVNotable, 1e-12)
	assert.InDelta(t, 1.0/5, s.ShorterDetour, 1e-12)
	assert.InDelta(t, 1.0/5, s.Detour20, 1e-12)
	assert.InDelta(t, 1.0/5, s.Detour2x, 1e-12, "47.5 is less than half of 100")
}

func TestASmallViolationIsNotNotable(t *testing.T) {
	s := Summarize(rows(t,
		[]int{0, 104, 50},
		[]int{104, 0, 50},
		[]int{50, 50, 0},
	))
	assert.EqualValues(t, 1, s.TIV)
	assert.Zero(t, s.TIVNotable, "4 % is below the 5 % that count")
	assert.InDelta(t, 1.0/3, s.ShorterDetour, 1e-12)
	assert.Zero(t, s.Detour20)
}

func TestAboveTheBudgetPairsAreSampledTheSameWayEachTime(t *testing.T) {
	m, err := FromFunc(700, func(i, j int) time.Duration {
		if (i+j)%10 == 0 {
			return 25 * ms
		}
		return 10 * ms
	})
	assert.NoError(t, err)
	s := Summarize(m)
	// A side of 25 between two of 10: three sides to be long, 0.1·0.9² each.
	assert.InDelta(t, 0.243, s.TIV, 0.01)
	assert.Less(t, s.Triples, int64(700*699*698/6), "not every triple was looked at")
	assert.Equal(t, s, Summarize(m))
}

func TestAnEmptyMatrixHasNoStatistics(t *testing.T) {
	s := Summarize(rows(t, []int{0, 0}, []int{0, 0}))
	assert.Equal(t, Statistics{Nodes: 2, MissingDirected: 1, MissingPairs: 1}, s)
}
