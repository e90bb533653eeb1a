package embedding

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/experiments/trial"
)

// plainMeasures are those of any trial of Vivaldi.
func plainMeasures() []string {
	var names []string
	for _, m := range measures {
		if m.need != newcomers {
			names = append(names, m.Name)
		}
	}
	return names
}

// Points of a plane are embedded in a plane, and points behind access links in a
// plane with heights, with next to no error.
func TestWhatFitsTheSpaceIsEmbeddedWithoutError(t *testing.T) {
	for _, tc := range []struct {
		name   string
		world  table
		height bool
		within float64
	}{
		{"a plane in a plane", scattered(100, 0), false, 1e-4},
		{"access links in a plane with heights", scattered(100, 40), true, 0.005},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := spec(map[string]any{"height": tc.height}, measureMedian, measureP95, measureUnseen)
			obs := observe(t, s, tc.world.open)
			assert.Less(t, one(t, obs, measureMedian), tc.within)
			assert.Less(t, one(t, obs, measureUnseen), tc.within, "pairs that never met are predicted as well")
			assert.Less(t, one(t, obs, measureP95), 10*tc.within)
		})
	}
}

func TestHeightsTakeWhatAPlaneCannot(t *testing.T) {
	world := scattered(100, 40)
	flat := observe(t, spec(map[string]any{"height": false}, measureMedian), world.open)
	high := observe(t, spec(map[string]any{"height": true}, measureMedian), world.open)
	assert.Greater(t, one(t, flat, measureMedian), 10*one(t, high, measureMedian))
}

// An independent plain implementation of the paper's formulas gave these medians
// for a plane with heights, 32 random neighbours and 200 rounds, and found
// heights to beat the plane on both recordings.
func TestRecordedInternetsComeOutAsInAnIndependentImplementation(t *testing.T) {
	for name, median := range map[string]float64{"planetlab490": 0.081, "wondernetwork242": 0.087} {
		t.Run(name, func(t *testing.T) {
			world := recorded(t, name)
			for seed := range uint64(3) {
				high := spec(map[string]any{"dimensions": 2, "height": true, "neighbours": 32}, measureMedian)
				high.Seed = seed
				flat := spec(map[string]any{"dimensions": 2, "height": false, "neighbours": 32}, measureMedian)
				flat.Seed = seed
				withHeight, without := one(t, observe(t, high, world.open), measureMedian), one(t, observe(t, flat, world.open), measureMedian)
				t.Logf("seed %d: 2D+height %.2f %%, 2D %.2f %%", seed, 100*withHeight, 100*without)
				assert.InDelta(t, median, withHeight, 0.01)
				assert.Less(t, withHeight, without, "heights beat the plane")
			}
		})
	}
}

func TestTheSameSpecGivesTheSameBytes(t *testing.T) {
	world := scattered(60, 20)
	s := spec(map[string]any{"neighbours": 8}, plainMeasures()...)
	s.Run["rounds"] = 30
	first, err := json.Marshal(observe(t, s, world.open))
	require.NoError(t, err)
	again, err := json.Marshal(observe(t, s, world.open))
	require.NoError(t, err)
	assert.Equal(t, string(first), string(again))

	s.Seed = 2
	other, err := json.Marshal(observe(t, s, world.open))
	require.NoError(t, err)
	assert.NotEqual(t, string(first), string(other), "another seed is another trial")
}

// A measure must not depend on which others are taken beside it.
func TestAMeasureStandsAlone(t *testing.T) {
	world := scattered(40, 20)
	system := map[string]any{"neighbours": 8}
	all := observe(t, spec(system, plainMeasures()...), world.open)
	for _, m := range Measures() {
		if !slices.Contains(plainMeasures(), m.Name) {
			continue
		}
		alone := observe(t, spec(system, m.Name), world.open)
		if m.Map {
			assert.Equal(t, map[string][]trial.Place{m.Name: all.Maps[m.Name]}, alone.Maps)
			continue
		}
		if m.Series {
			assert.Equal(t, map[string]trial.Series{m.Name: all.Series[m.Name]}, alone.Series)
			assert.Empty(t, alone.Samples)
		} else {
			assert.Equal(t, map[string][]float64{m.Name: all.Samples[m.Name]}, alone.Samples)
			assert.Empty(t, alone.Series)
		}
	}
}

func TestEveryNodeSamplesEachNeighbourOnceARound(t *testing.T) {
	s := spec(map[string]any{"neighbours": 7}, measureOverTime)
	s.Run["rounds"] = 20
	obs := observe(t, s, scattered(30, 20).open)
	assert.EqualValues(t, 30*7*20, obs.Events)

	curve := obs.Series[measureOverTime]
	assert.Equal(t, []float64{7, 14, 21, 28, 35, 42, 49, 56, 70, 84, 105, 126, 140}, curve.X)
	assert.Less(t, curve.Y[len(curve.Y)-1], curve.Y[0]/2, "the error falls")
}

func TestBothDirectionsOfAPairCanBeKeptApart(t *testing.T) {
	world := table{
		{0, 10 * time.Millisecond, 40 * time.Millisecond},
		{30 * time.Millisecond, 0, 0},
		{40 * time.Millisecond, 0, 0},
	}
	system := map[string]any{"neighbours": 2, "dimensions": 3}
	mean := spec(system, measureP90)
	obs := observe(t, mean, world.open)
	assert.Less(t, one(t, obs, measureP90), 0.001, "20 ms there and 20 ms back")
	assert.EqualValues(t, 200*(2+1+1), obs.Events, "nodes without enough peers sample those they have")

	// Each node follows its own direction, so the first two come to rest between
	// 10 and 30 ms, wrong for both.
	directed := spec(system, measureP90)
	directed.Network["asymmetric"] = "directed"
	obs = observe(t, directed, world.open)
	assert.Greater(t, one(t, obs, measureP90), 0.25, "no distance is 10 ms there and 30 ms back")
}

func TestACancelledTrialStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Run(ctx, spec(map[string]any{"neighbours": 3}), scattered(10, 0).open)
	assert.ErrorIs(t, err, context.Canceled)
}

func TestDatasetNamesLoadsNothing(t *testing.T) {
	assert.Equal(t, []string{"test"}, DatasetNames(spec(nil)))
	assert.Empty(t, DatasetNames(trial.Spec{}))
	assert.Empty(t, DatasetNames(trial.Spec{Network: map[string]any{"dataset": 3}}))
}

// A wrong definition gets one line that names the key, what it holds and what
// would be right, before anything runs and when it runs.
func TestWrongDefinitionsAreRefusedByKey(t *testing.T) {
	world := scattered(10, 10)
	set := func(section func(*trial.Spec) map[string]any, key string, value any) func(*trial.Spec) {
		return func(s *trial.Spec) { section(s)[key] = value }
	}
	system := func(s *trial.Spec) map[string]any { return s.System }
	network := func(s *trial.Spec) map[string]any { return s.Network }
	length := func(s *trial.Spec) map[string]any { return s.Run }
	for _, tc := range []struct {
		spoil func(*trial.Spec)
		says  string
	}{
		{set(system, "protocol", "swim"), "system.protocol: swim is not valid; want vivaldi"},
		{set(system, "dimension", 2), "system.dimension: unknown key; want one of cc, ce, delta, dimensions, error_cap, far_share, height, height_floor, initial_error, initial_height, landmark_choice, landmarks, method, near_within, neighbour_choice, neighbours, objective, protocol, radius, space, starts, time_step, unit_vector"},
		{set(system, "dimensions", 0), "system.dimensions: 0 is not valid; want 1 to 16 dimensions"},
		{set(system, "time_step", "fast"), "system.time_step: fast is not valid; want adaptive or constant"},
		{set(system, "unit_vector", "x"), "system.unit_vector: x is not valid; want full_norm or euclidean_norm"},
		{set(system, "cc", -0.25), "system.cc: -0.25 is not valid; want a number over 0 and at most 1"},
		{set(system, "ce", 2), "system.ce: 2 is not valid; want a number over 0 and at most 1"},
		{set(system, "initial_error", 3), "system.initial_error: 3 is not valid; want a number over 0 and at most the error cap, 1.5"},
		{set(system, "error_cap", 0), "system.error_cap: 0 is not valid; want a finite number over 0"},
		{set(system, "height_floor", 10), `system.height_floor: 10 is not valid; want a duration with its unit, such as "200ms" or "2s"`},
		{set(system, "height_floor", "2ms"), "system.initial_height: 1ms is not valid; want from the height floor, 2ms, to the longest round trip, 10s"},
		{set(system, "neighbours", 10), "system.neighbours: 10 is not valid; want 1 to 9, the other nodes of test"},
		{set(system, "neighbours", 0), "system.neighbours: 0 is not valid; want 1 or more"},
		{set(system, "neighbour_choice", "near"), "system.neighbour_choice: near is not valid; want random, near_half or near_far"},
		{set(network, "dataset", ""), "network.dataset: missing; want the name of a dataset, or grid or transit_stub beside it"},
		{set(network, "asymmetric", "no"), "network.asymmetric: no is not valid; want mean or directed"},
		{set(network, "latency", "5ms"), "network.latency: unknown key; want one of asymmetric, dataset, grid, transit_stub"},
		{set(length, "rounds", 0), "run.rounds: 0 is not valid; want 1 to 1000000"},
		{set(length, "duration", "1500ms"), "run.duration: 1.5s is not valid; want whole seconds, 1s to 1000000s: a node takes one sample a second"},
		{set(length, "every", "2s"), "run.every: rounds have no time; want it with run.duration alone"},
		{func(s *trial.Spec) { s.Run["rounds"], s.Run["samples"] = 3, 3 }, "run: more than one of rounds, samples and duration is given; want one of them"},
		{set(system, "method", "magic"), "system.method: magic is not valid; want vivaldi, landmarks or direct"},
		{set(system, "space", "sphere"), "system.radius: 0s is not valid; want a radius over 0s, and half the way round at most MaxDistance, 1m40s"},
		{set(system, "space", "torus"), "system.space: torus is not valid; want euclidean or sphere"},
		{func(s *trial.Spec) { s.System["method"], s.System["landmarks"] = "landmarks", 3 }, "system.landmarks: 3 is not valid; want more than 3, or they would not fix a place"},
		{func(s *trial.Spec) { s.System["method"], s.System["landmarks"] = "landmarks", 10 }, "system.landmarks: 10 is not valid; want fewer than the 10 nodes of test"},
		{func(s *trial.Spec) { s.System["method"], s.System["landmark_choice"] = "landmarks", "best" }, "system.landmark_choice: best is not valid; want medians or random"},
		{func(s *trial.Spec) { s.System["method"], s.System["objective"] = "direct", "worst" }, "system.objective: worst is not valid; want absolute or relative"},
		{func(s *trial.Spec) { s.System["method"], s.Measure = "direct", []string{measureOverTime} }, "measure.0: error_over_time is of nodes that take samples; want system.method vivaldi"},
		{set(system, "neighbour_choice", "near_far"), "system.near_within: 0s is not valid; want with neighbour_choice near_far the round trip within which a peer is near"},
		{func(s *trial.Spec) { s.System["neighbour_choice"], s.System["near_within"] = "near_far", "50ms" }, "system.neighbour_choice: a round samples every neighbour, near or far; want near_far with run.duration alone"},
		{func(s *trial.Spec) {
			s.System["neighbour_choice"], s.System["near_within"], s.Run["duration"] = "near_far", "1ms", "9s"
		}, "system.near_within: 1ms is not valid; want a round trip that parts every node's peers; node 0 has all on one side"},
		{set(network, "grid", map[string]any{"nodes": 9, "spacing": "5ms"}), "network: more than one of them is given; want one of dataset, grid and transit_stub"},
		{func(s *trial.Spec) { s.Network = map[string]any{"grid": map[string]any{"nodes": 1, "spacing": "5ms"}} }, "network.grid.nodes: 1 is not valid; want 2 to 4096"},
		{func(s *trial.Spec) { s.Network = map[string]any{"grid": map[string]any{"nodes": 9}} }, "network.grid.spacing: 0s is not valid; want more than 0s"},
		{func(s *trial.Spec) { s.Network = map[string]any{"transit_stub": map[string]any{"stub": 0}} }, `network.transit_stub.stub: 0 is not valid; want a duration with its unit, such as "200ms" or "2s"`},
		{func(s *trial.Spec) { s.Network = map[string]any{"transit_stub": map[string]any{"hosts": 0}} }, "network.transit_stub.hosts: 0 is not valid; want 1 or more"},
		{func(s *trial.Spec) { s.Faults = []any{map[string]any{"crash": 1}} }, "faults.0.crash: unknown key; want one of at, join, slow"},
		{func(s *trial.Spec) { s.Faults = []any{joining("3s", 2)} }, "faults.0: nothing happens without time; want run.duration and method vivaldi with a schedule"},
		{func(s *trial.Spec) { s.Run["duration"], s.Faults = "9s", []any{joining("9s", 2)} }, "faults.0.at: 9s is not valid; want whole seconds before the end, 9s"},
		{func(s *trial.Spec) { s.Run["duration"], s.Faults = "9s", []any{joining("3s", 9)} }, "faults: 9 nodes join; want at most 8: two of the 10 of test are there before"},
		{func(s *trial.Spec) { s.Run["duration"], s.Faults = "9s", []any{joining("3s", 2), joining("5s", 2)} }, "faults.1.join.nodes: 2 is not valid; want 1 or more, in one entry of the schedule"},
		{func(s *trial.Spec) { s.Run["duration"], s.Faults = "9s", []any{slowing("3s", 0, 10)} }, "faults.0.slow: the network has no stub domains; want network.transit_stub"},
		{func(s *trial.Spec) {
			s.Network, s.Run["duration"], s.Faults = map[string]any{"transit_stub": map[string]any{}}, "9s", []any{slowing("3s", 12, 10)}
		}, "faults.0.slow.stub: 12 is not valid; want 0 to 11"},
		{func(s *trial.Spec) { s.Measure = []string{"old_error_over_time_ms"} }, "measure.0: old_error_over_time_ms is of nodes that join later; want an entry with join in faults"},
		{func(s *trial.Spec) { s.Measure = []string{measureMedian, "speed"} }, "measure.1: speed is not a measure of vivaldi; want one of direction_share, error_over_time, error_over_time_ms, height_ms, height_ms_africa, height_ms_asia, height_ms_eurasia, height_ms_europe, height_ms_north_america, height_ms_oceania, height_ms_south_america, median_absolute_error_ms, median_relative_error, movement_ms, new_error_over_time_ms, node_median_absolute_error_ms, old_displacement_over_time_ms, old_error_over_time_ms, p90_relative_error, p95_relative_error, places, relative_error_cdf, rms_error_ms, triangle_ratio_cdf, triangle_violations, triangle_violations_notable, unseen_median_relative_error"},
	} {
		t.Run(tc.says, func(t *testing.T) {
			s := spec(map[string]any{"neighbours": 3}, measureMedian)
			tc.spoil(&s)
			err := Check(s, world.open)
			var blamed *trial.KeyError
			require.ErrorAs(t, err, &blamed)
			assert.EqualError(t, err, tc.says)
			_, err = Run(t.Context(), s, world.open)
			assert.EqualError(t, err, tc.says)
		})
	}
}

func TestWrongDatasetsAreRefusedByCell(t *testing.T) {
	ms := time.Millisecond
	for _, tc := range []struct {
		name string
		open Open
		says string
	}{
		{"not to be had", func(string) (RTTs, error) { return nil, errors.New("no dataset test") }, "network.dataset: no dataset test"},
		{"alone", table{{0}}.open, "network.dataset: test has 1 nodes; want a dataset of at least 2"},
		{"negative", table{{0, 5 * ms}, {-ms, 0}}.open, "network.dataset: test has a round trip of -1ms from node 1 to node 0; want more than 0s and at most 10s, or a missing cell"},
		{"wrong unit", table{{0, 5 * time.Hour}, {ms, 0}}.open, "network.dataset: test has a round trip of 5h0m0s from node 0 to node 1; want more than 0s and at most 10s, or a missing cell"},
		{"lonely node", table{{0, ms, 0}, {ms, 0, 0}, {0, 0, 0}}.open, "network.dataset: node 2 of test has no measured peer; want at least one"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			assert.EqualError(t, Check(spec(map[string]any{"neighbours": 1}), tc.open), tc.says)
		})
	}
}

// PlanetLab's size: 490 nodes, 32 neighbours, 200 rounds.
func BenchmarkTrial(b *testing.B) {
	world := scattered(490, 40)
	s := spec(nil, plainMeasures()...)
	for b.Loop() {
		obs := observe(b, s, world.open)
		b.ReportMetric(float64(obs.Events), "samples/op")
	}
}

// A thousand nodes by the second; the unit that matters is samples a second.
func BenchmarkSeconds(b *testing.B) {
	s := timed("100s", grid(1000), nil, measureMedian)
	start, samples := time.Now(), uint64(0)
	for b.Loop() {
		samples += observe(b, s, nothing).Events
	}
	b.ReportMetric(float64(samples)/time.Since(start).Seconds(), "samples/s")
}

// The same without what stands around the updates.
func BenchmarkUpdates(b *testing.B) {
	s := timed("1000000s", grid(1000), nil)
	p, _, m, err := prepare(s, nothing)
	require.NoError(b, err)
	w, err := newWorld(p, m, 1)
	require.NoError(b, err)
	for b.Loop() {
		require.NoError(b, w.step())
	}
	b.ReportMetric(float64(w.samples)/b.Elapsed().Seconds(), "samples/s")
}
