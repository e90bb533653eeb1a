package embedding

import (
	"encoding/json"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/experiments/trial"
)

func joining(at string, nodes int) map[string]any {
	return map[string]any{"at": at, "join": map[string]any{"nodes": nodes}}
}

func slowing(at string, stub int, factor float64) map[string]any {
	return map[string]any{"at": at, "slow": map[string]any{"stub": stub, "factor": factor}}
}

// timed is a trial of so many seconds on a network of our own.
func timed(duration string, network map[string]any, system map[string]any, measure ...string) trial.Spec {
	s := spec(system, measure...)
	s.Network = network
	s.Run["duration"] = duration
	return s
}

func grid(nodes int) map[string]any {
	return map[string]any{"grid": map[string]any{"nodes": nodes, "spacing": "10ms"}}
}

func nothing(string) (RTTs, error) { panic("a topology opens no dataset") }

func prepared(t *testing.T, s trial.Spec) *world {
	t.Helper()
	p, _, m, err := prepare(s, nothing)
	require.NoError(t, err)
	w, err := newWorld(p, m, s.Seed)
	require.NoError(t, err)
	return w
}

func TestASecondIsOneSampleOfEachNode(t *testing.T) {
	s := timed("40s", grid(25), map[string]any{"neighbours": 6}, measureOverTime, "error_over_time_ms")
	s.Run["every"] = "10s"
	obs := observe(t, s, nothing)
	assert.EqualValues(t, 25*40, obs.Events)
	assert.Equal(t, 40*time.Second, obs.Virtual)
	curve := obs.Series[measureOverTime]
	assert.Equal(t, []float64{1, 10, 20, 30, 40}, curve.X)
	assert.Len(t, obs.Series["error_over_time_ms"].Y, 5)
	assert.Less(t, curve.Y[4], curve.Y[0]/3, "the error falls")
}

func TestAGridIsFlatAndEven(t *testing.T) {
	w := prepared(t, timed("1s", grid(16), map[string]any{"neighbours": 3}))
	assert.Equal(t, 10*time.Millisecond, w.matrix.at(0, 1))
	assert.Equal(t, 30*time.Millisecond, w.matrix.at(0, 12))
	assert.Equal(t, fromMs(10*math.Hypot(3, 3)), w.matrix.at(0, 15))
}

// Nobody can see a newcomer before it comes; from then on it is sampled and samples.
func TestNewcomersAreNotThereBeforeTheyJoin(t *testing.T) {
	s := timed("60s", grid(36), map[string]any{"neighbours": 12, "height": false}, "old_displacement_over_time_ms", "new_error_over_time_ms", "old_error_over_time_ms")
	s.Run["every"] = "5s"
	s.Faults = []any{joining("30s", 18)}
	w := prepared(t, s)
	for w.done < 30 {
		require.NoError(t, w.step())
	}
	assert.EqualValues(t, 18*30, w.samples, "half are there")
	assert.Len(t, w.view().places(), 18)
	origin := w.cloud.Coordinate(slices.Index(w.joined, false))
	for i, there := range w.joined {
		if !there {
			assert.Equal(t, origin, w.cloud.Coordinate(i), "a node that has not joined is where it began")
		}
	}
	for _, peers := range w.contacts {
		for _, peer := range peers {
			assert.True(t, w.joined[peer.node])
		}
	}
	require.NoError(t, w.step())
	assert.EqualValues(t, 18*30+36, w.samples)
	for i := range w.contacts {
		assert.Len(t, w.contacts[i], 12, "now everybody")
	}

	obs := observe(t, s, nothing)
	displaced := obs.Series["old_displacement_over_time_ms"]
	assert.Equal(t, []float64{35, 40, 45, 50, 55, 60}, displaced.X, "from when they join")
	fresh := obs.Series["new_error_over_time_ms"]
	assert.Less(t, fresh.Y[5], fresh.Y[0], "newcomers find their places")
}

func TestWithoutNewcomersASecondIsForEverybody(t *testing.T) {
	w := prepared(t, timed("5s", grid(16), map[string]any{"neighbours": 3}))
	require.NoError(t, w.step())
	assert.EqualValues(t, 16, w.samples)
}

func TestFarContactsAreAsOftenAsTheyShouldBe(t *testing.T) {
	for share, want := range map[float64]float64{0: 0, 0.05: 0.05, 0.5: 0.5, 1: 1} {
		w := prepared(t, timed("200s", grid(64), map[string]any{
			"neighbour_choice": "near_far", "near_within": "10ms", "far_share": share, "neighbours": 9,
		}))
		assert.Len(t, w.near[0], 2, "a corner has two neighbours on the grid")
		assert.Len(t, w.near[9], 4, "and the middle four")
		assert.Len(t, w.fixed[9], 9)
		for _, peer := range w.fixed[9] {
			assert.Greater(t, peer.rtt, 10*time.Millisecond)
		}
		far := 0
		const draws = 100_000
		for range draws {
			peer, ok := w.pick(9)
			require.True(t, ok)
			if peer.rtt > 10*time.Millisecond {
				far++
			}
		}
		assert.InDelta(t, want, float64(far)/draws, 0.01)
	}
}

func TestGridNeighboursAloneDoNotFindTheGridsShape(t *testing.T) {
	system := func(share float64) map[string]any {
		return map[string]any{"neighbour_choice": "near_far", "near_within": "10ms", "far_share": share, "neighbours": 9, "height": false}
	}
	local := observe(t, timed("300s", grid(100), system(0), measureMedian), nothing)
	mixed := observe(t, timed("300s", grid(100), system(0.2), measureMedian), nothing)
	assert.Greater(t, one(t, local, measureMedian), 3*one(t, mixed, measureMedian))
}

func transitStub(more map[string]any) map[string]any { return map[string]any{"transit_stub": more} }

func TestATransitStubNetworkIsOfShortestPaths(t *testing.T) {
	w := prepared(t, timed("5s", transitStub(map[string]any{}), nil))
	m := w.matrix
	require.Equal(t, 100, m.n)
	for i := range m.n {
		for j := range m.n {
			for k := range m.n {
				require.LessOrEqual(t, m.at(i, j), m.at(i, k)+m.at(k, j)+2*time.Nanosecond)
			}
		}
	}
	groups := map[string]int{}
	for _, s := range m.sites {
		groups[s.group]++
	}
	assert.Len(t, groups, 13)
	assert.Equal(t, 4, groups["transit"])
	assert.Equal(t, 8, groups["stub 11"])
}

// Ten times the uplink is nine uplinks more for whoever crosses it, and nothing
// for the others.
func TestASlowUplinkIsSlowForThoseBehindItWhileItLasts(t *testing.T) {
	s := timed("30s", transitStub(map[string]any{}), nil)
	s.Faults = []any{map[string]any{"at": "10s", "slow": map[string]any{"stub": 3, "factor": 10, "for": "10s"}}}
	w := prepared(t, s)
	before := slices.Clone(w.matrix.rtt)
	advance := func(to int) {
		for w.done < to {
			require.NoError(t, w.step())
		}
	}
	advance(10)
	assert.Equal(t, before, w.matrix.rtt)
	advance(11)
	uplink := w.matrix.topology.links[w.matrix.topology.uplinks[3]]
	behind := func(i int) bool { return w.matrix.sites[i].group == "stub 3" }
	for i := range w.matrix.n {
		for j := range w.matrix.n {
			was, is := before[i*w.matrix.n+j], w.matrix.at(i, j)
			if behind(i) != behind(j) {
				assert.InDelta(t, 9*uplink.ms, inMs(is-was), 1e-5)
			} else {
				assert.Equal(t, was, is)
			}
		}
	}
	for i, peers := range w.contacts {
		for _, peer := range peers {
			require.Equal(t, w.matrix.at(i, int(peer.node)), peer.rtt, "what is measured from now on")
		}
	}
	advance(21)
	assert.Equal(t, before, w.matrix.rtt, "restored")
}

func TestTimedTrialsGiveTheSameBytes(t *testing.T) {
	s := timed("80s", transitStub(map[string]any{}), map[string]any{"neighbours": 8}, append(plainMeasures(), "old_error_over_time_ms")...)
	s.Faults = []any{joining("20s", 40), slowing("50s", 1, 10)}
	first, err := json.Marshal(observe(t, s, nothing))
	require.NoError(t, err)
	again, err := json.Marshal(observe(t, s, nothing))
	require.NoError(t, err)
	assert.Equal(t, string(first), string(again))
	s.Seed = 2
	other, err := json.Marshal(observe(t, s, nothing))
	require.NoError(t, err)
	assert.NotEqual(t, string(first), string(other), "another seed is another network")
}
