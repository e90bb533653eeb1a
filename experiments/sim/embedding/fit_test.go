package embedding

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLandmarksRecoverWhatTheSpaceHoldsExactly(t *testing.T) {
	for _, height := range []bool{false, true} {
		for _, choice := range []string{"medians", "random"} {
			for _, objective := range []string{"absolute", "relative"} {
				world := scattered(60, map[bool]float64{false: 0, true: 40}[height])
				s := spec(map[string]any{"method": "landmarks", "height": height, "landmark_choice": choice, "objective": objective, "landmarks": 15}, measureMedian, measureP95)
				obs := observe(t, s, world.open)
				assert.Less(t, one(t, obs, measureMedian), 1e-4, "height %v, %s landmarks, %s", height, choice, objective)
				assert.Less(t, one(t, obs, measureP95), 1e-3, "height %v, %s landmarks, %s", height, choice, objective)
			}
		}
	}
}

func TestDirectOptimisationIsAFloorOfItsObjective(t *testing.T) {
	world := scattered(80, 40)
	best := one(t, observe(t, spec(map[string]any{"method": "direct", "height": false}, "rms_error_ms"), world.open), "rms_error_ms")
	assert.Greater(t, best, 1.0, "a plane cannot hold access links")
	for _, system := range []map[string]any{
		{"method": "vivaldi", "height": false}, {"method": "landmarks", "height": false, "objective": "absolute"},
		{"method": "direct", "height": false, "objective": "relative"},
	} {
		assert.Greater(t, one(t, observe(t, spec(system, "rms_error_ms"), world.open), "rms_error_ms"), best)
	}
	exact := observe(t, spec(map[string]any{"method": "direct", "height": true}, measureMedian), world.open)
	assert.Less(t, one(t, exact, measureMedian), 1e-4, "a plane with heights can")
}

func TestFitsAreRepeatable(t *testing.T) {
	world := scattered(40, 40)
	for _, method := range []string{"landmarks", "direct"} {
		s := spec(map[string]any{"method": method}, measureMedian, "places", "height_ms")
		first, err := json.Marshal(observe(t, s, world.open))
		require.NoError(t, err)
		again, err := json.Marshal(observe(t, s, world.open))
		require.NoError(t, err)
		assert.Equal(t, string(first), string(again))
	}
}

// The gradient against differences of the objective.
func TestTheGradientIsThatOfTheObjective(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	o := objective{dims: 2, height: true, terms: []term{
		{a: 0, b: 3, rtt: 0.05, weight: 1}, {a: 3, b: 6, rtt: 0.02, weight: 400}, {a: 6, b: -1, anchor: []float64{0.1, 0.2, 0.01}, rtt: 0.1, weight: 2},
	}}
	x := make([]float64, 9)
	for i := range x {
		x[i] = rng.Float64()
	}
	grad := make([]float64, 9)
	o.value(x, grad)
	for i := range x {
		const h = 1e-6
		up, down := slices.Clone(x), slices.Clone(x)
		up[i] += h
		down[i] -= h
		assert.InDelta(t, (o.value(up, nil)-o.value(down, nil))/(2*h), grad[i], 1e-4*math.Max(1, math.Abs(grad[i])))
	}
}

func TestLandmarksStandInTheMiddleOfClusters(t *testing.T) {
	// Three groups on a line, at 0, 100 and 200 ms, of five nodes 1 ms apart.
	world := make(table, 15)
	at := func(i int) float64 { return float64(i/5)*100 + float64(i%5) }
	for i := range world {
		world[i] = make([]time.Duration, 15)
		for j := range world[i] {
			if i != j {
				world[i][j] = fromMs(math.Abs(at(i) - at(j)))
			}
		}
	}
	everyone := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}
	for first := range 15 {
		assert.Equal(t, []int{2, 7, 12}, ready(t, world).medians(everyone, 3, first))
	}
}

func TestScalingFindsTheDirectionsThatThereAre(t *testing.T) {
	shares := observe(t, spec(nil, "direction_share"), scattered(60, 0).open).Series["direction_share"]
	assert.Equal(t, 1.0, shares.Y[0])
	assert.Greater(t, shares.Y[1], 0.5, "a square has two directions")
	for _, y := range shares.Y[2:] {
		assert.InDelta(t, 0, y, 1e-6, "and no third")
	}
	points := ready(t, scattered(60, 0)).scale().points(2)
	world := scattered(60, 0)
	for i := range world {
		for j := range i {
			assert.InDelta(t, inMs(world[i][j]), math.Hypot(points[i][0]-points[j][0], points[i][1]-points[j][1]), 1e-4)
		}
	}
}

func TestTriangleRatiosCountTriples(t *testing.T) {
	ms := time.Millisecond
	// 0-1-2 is a straight line; with 3 every triple but one is fine: 0-3 is
	// 100 ms where the way by 1 takes 40.
	world := table{
		{0, 10 * ms, 20 * ms, 100 * ms},
		{10 * ms, 0, 10 * ms, 30 * ms},
		{20 * ms, 10 * ms, 0, 90 * ms},
		{100 * ms, 30 * ms, 90 * ms, 0},
	}
	obs := observe(t, spec(map[string]any{"neighbours": 2}, "triangle_ratio_cdf", "triangle_violations", "triangle_violations_notable"), world.open)
	curve := obs.Series["triangle_ratio_cdf"]
	at := func(x float64) float64 { return curve.Y[int(math.Round((x-0.5)*100))] }
	assert.Equal(t, 0.0, at(0.9))
	assert.Equal(t, 0.5, at(1), "0-1-2 is exactly straight, 0-2-3 has 100 against 110")
	assert.Equal(t, 0.5, at(2.24))
	assert.Equal(t, 0.75, at(2.25), "1-2-3: 90 against 40")
	assert.Equal(t, 1.0, at(2.5), "0-1-3: 100 against 40")
	assert.Equal(t, 0.5, one(t, obs, "triangle_violations"))
	assert.Equal(t, 0.5, one(t, obs, "triangle_violations_notable"))
}
