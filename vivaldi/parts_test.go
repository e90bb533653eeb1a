package vivaldi

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func medianOf(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

func newFilter(t require.TestingT, c FilterConfig) *Filter[int] {
	f, err := NewFilter[int](c)
	require.NoError(t, err)
	return f
}

// MP(4, 25) is the least of the last four (ICDCS 2006): a spike never shows, and
// a route that has become longer shows after four samples.
func TestTheLatencyFilterTakesALowPercentileOfAShortHistory(t *testing.T) {
	f := newFilter(t, MovingPercentile(4, 25, 10))
	var got []time.Duration
	for _, rtt := range []int{80, 900, 85, 82, 81, 120, 121, 122, 123} {
		got = append(got, f.Add(0, 1, time.Duration(rtt)*ms)/ms)
	}
	assert.Equal(t, []time.Duration{80, 80, 80, 80, 81, 81, 81, 81, 120}, got)
}

func TestTheMovingMedianIsTheMiddleOfTheWindow(t *testing.T) {
	f := newFilter(t, MovingMedian(3, 10))
	var got []time.Duration
	for _, rtt := range []int{80, 900, 85, 82, 81} {
		got = append(got, f.Add(0, 1, time.Duration(rtt)*ms)/ms)
	}
	assert.Equal(t, []time.Duration{80, 80, 85, 85, 82}, got)
}

// The filter is a sorted window, whatever the order in which peers come and go;
// the plain version keeps everything and sorts.
func TestProperty_TheFilterAgreesWithSortingEachPeersWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := MovingPercentile(rapid.IntRange(2, 9).Draw(t, "h"), float64(rapid.IntRange(0, 100).Draw(t, "p")), rapid.IntRange(1, 4).Draw(t, "peers"))
		f := newFilter(t, c)
		history := map[int][]time.Duration{}
		var order []int // peers remembered, heard of longest ago first
		for range rapid.IntRange(1, 80).Draw(t, "steps") {
			peer := rapid.IntRange(0, 6).Draw(t, "peer")
			order = slices.DeleteFunc(order, func(id int) bool { return id == peer })
			if rapid.IntRange(0, 9).Draw(t, "forget") == 0 {
				f.Forget(peer)
				delete(history, peer)
				continue
			}
			if _, known := history[peer]; !known && len(order) == c.Peers {
				delete(history, order[0])
				order = order[1:]
			}
			order = append(order, peer)
			rtt := time.Duration(rapid.IntRange(1, 100).Draw(t, "rtt"))
			window := append(history[peer], rtt)
			window = window[max(0, len(window)-c.Window):]
			history[peer] = window
			sorted := slices.Sorted(slices.Values(window))
			rank := max(1, (len(sorted)*int(c.Percentile)+99)/100)
			require.Equal(t, sorted[rank-1], f.Add(0, peer, rtt))
		}
	})
}

func TestTheFilterForgetsThePeerHeardOfLongestAgoAndTheLongSilent(t *testing.T) {
	f := newFilter(t, FilterConfig{Window: 2, Percentile: 0, Peers: 2, MaxAge: time.Minute})
	f.Add(0, 1, 10)
	f.Add(0, 2, 10)
	assert.EqualValues(t, 10, f.Add(30*time.Second, 1, 20), "remembered")
	f.Add(30*time.Second, 3, 10) // takes the place of 2
	assert.EqualValues(t, 20, f.Add(40*time.Second, 2, 20), "forgotten for 3")
	f.Add(40*time.Second, 3, 10)
	assert.EqualValues(t, 30, f.Add(101*time.Second, 3, 30), "silent for over a minute")
}

// Lee et al.: half of the mean shortfall. Serf divides by the whole window from
// the first sample on.
func TestTheAdjustmentIsHalfTheMeanShortfall(t *testing.T) {
	lee, err := NewAdjustment(AdjustmentConfig{Window: 4})
	require.NoError(t, err)
	serf, err := NewAdjustment(AdjustmentConfig{Window: 4, WholeWindow: true})
	require.NoError(t, err)
	for i, want := range [][2]float64{{4, 1}, {3, 1.5}, {3, 2.25}, {3, 3}, {2, 2}} {
		short := []float64{8, 4, 6, 6, 0}[i]
		assert.Equal(t, want, [2]float64{lee.Add(short), serf.Add(short)}, "sample %d", i+1)
	}
}

// Two members, one of which predicts 20 ms too short to all: the adjustment makes
// the predictions right, and never negative.
func TestAnAdjustmentIsAddedToEveryPrediction(t *testing.T) {
	a, b := at(0, 0), at(0, 50)
	a.Adjustment, b.Adjustment = 0.02, -0.005
	assert.Equal(t, 65*ms, a.Distance(b))
	b.Adjustment = -0.2
	assert.Equal(t, 50*ms, a.Distance(b), "nothing over zero would be left")
}

// NSDI 2007, section 7.2, by hand: 100 ms from the origin with ρ = 256 ms the pull
// is (100/256)² = 0.1526 ms; in seconds with ρ = 150 s it is 0.444 µs.
func TestGravityPullsByTheSquareOfTheDistanceOverRho(t *testing.T) {
	for _, tc := range []struct {
		gravity GravityConfig
		pull    float64 // ms
	}{
		{GravityConfig{256 * ms, ms}, 0.152587890625},
		{GravityConfig{150 * time.Second, time.Second}, 0.000444444444},
		{GravityConfig{ms, time.Second}, 100}, // never past the origin
	} {
		m := newMember(t, MemberConfig{Config: Paper(Euclidean(2)), Gravity: tc.gravity})
		require.NoError(t, m.Restore(at(0, 60, 80), 0.3))
		peer := at(0, 0, 0)
		require.NoError(t, m.Update(0, 1, &peer, 0.3, 100*ms)) // a spring at rest
		left := (100 - tc.pull) / 100
		assertAt(t, at(0, 60*left, 80*left), m.Coordinate())
	}
	assert.Error(t, MemberConfig{Config: Paper(Sphere(40 * ms)), Gravity: GravityConfig{256 * ms, ms}}.Validate())
}

// NSDI 2007, section 4.2, by hand: of samples 0, 1 and 4 s old, with a_max = 4,
// the shares are 4/7, 3/7 and 0.
func TestNeighbourDecayWeighsByFreshness(t *testing.T) {
	m := newMember(t, MemberConfig{Config: Paper(Euclidean(1)), Decay: DecayConfig{Neighbours: 3}})
	for id, when := range []int{0, 3, 4} {
		m.neighbours.add(time.Duration(when)*time.Second, id, &neighbour{place: at(0, float64(id)), estimate: 1, rtt: 1})
	}
	oldest, fresher, count := m.neighbours.weigh(4 * time.Second)
	assert.Equal(t, 4*time.Second, oldest)
	assert.Equal(t, 7.0, fresher)
	assert.Equal(t, 3, count)
}

// One bad sample among three fresh neighbours drags a member less with decay.
func TestNeighbourDecaySteadiesAMember(t *testing.T) {
	dragged := func(decay DecayConfig) float64 {
		m := newMember(t, MemberConfig{Config: constant(Euclidean(2), 0.25), Decay: decay})
		require.NoError(t, m.Restore(at(0, 0, 0), 0.3))
		corners := []Coordinate{at(0, 50, 0), at(0, 0, 50), at(0, -50, 0)}
		for i := range 30 {
			require.NoError(t, m.Update(time.Duration(i)*time.Second, i%3, &corners[i%3], 0.3, 50*ms))
		}
		before := m.Coordinate()
		require.NoError(t, m.Update(30*time.Second, 0, &corners[0], 0.3, 500*ms))
		after := m.Coordinate()
		return seconds(after.Distance(before))
	}
	assert.Less(t, dragged(DecayConfig{Neighbours: 3}), 0.8*dragged(DecayConfig{}))
}

func newUpdates(t require.TestingT, c UpdateFilterConfig, space Space) *UpdateFilter {
	f, err := NewUpdateFilter(c, space)
	require.NoError(t, err)
	return f
}

// What an application is shown predicts as the member's own coordinate does: an adjustment is
// no place, of which there could be a centroid, and is the present one.
func TestAnApplicationIsShownTheAdjustment(t *testing.T) {
	const window = 4
	for _, config := range []UpdateFilterConfig{{Rule: Always}, RelativeUpdates(0.3, window), EnergyUpdates(20*ms, window)} {
		f := newUpdates(t, config, Euclidean(2))
		nearest, place := at(0, 40, 0), at(0, 0, 0)
		for i := range window {
			place.Adjustment = seconds(time.Duration(i+1) * ms)
			f.Add(&place, &nearest)
		}
		shown := f.Shown()
		assert.Equal(t, seconds(window*ms), shown.Adjustment, "%v", config.Rule)
	}
}

// ICDCS 2006: RELATIVE fires when the centroid has moved more than ε_r of the way
// to the nearest neighbour, ENERGY when the windows' energy distance exceeds τ.
// Jitter about one place is not shown; a move to another is.
func TestAnApplicationIsShownMovesAndNotJitter(t *testing.T) {
	for _, config := range []UpdateFilterConfig{RelativeUpdates(0.3, 16), EnergyUpdates(20*ms, 16)} {
		f := newUpdates(t, config, Euclidean(2))
		rng := rand.New(rand.NewPCG(1, 1))
		nearest := at(0, 40, 0)
		jitter := func(x float64) bool {
			c := at(0, x+rng.NormFloat64(), rng.NormFloat64())
			return f.Add(&c, &nearest)
		}
		for range 16 {
			jitter(0)
		}
		settled := f.Changes()
		for range 300 {
			require.False(t, jitter(0), "%v: jitter", config.Rule)
		}
		changed := 0
		for range 60 {
			if jitter(-60) {
				changed++
			}
		}
		assert.Positive(t, changed, "%v: a move", config.Rule)
		assert.Less(t, f.Changes()-settled, uint64(15), "%v", config.Rule)
		shown, there := f.Shown(), at(0, -60, 0)
		assert.Less(t, shown.Distance(there), 20*ms, "%v", config.Rule)
	}
}

// The sliding sums are the energy distance written out.
func TestProperty_TheEnergyIsTheEnergyDistanceOfTheWindows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const n = 5
		f := newUpdates(t, EnergyUpdates(time.Hour, n), Euclidean(2).WithHeight())
		var all []Coordinate
		for range rapid.IntRange(n, 40).Draw(t, "points") {
			c := drawPeer(t, f.space)
			all = append(all, c)
			f.Add(&c, &Coordinate{})
		}
		apart := func(a, b Coordinate) float64 {
			return span(a.Vec[:2], b.Vec[:2]) + math.Abs(a.Height-b.Height)
		}
		mean := func(a, b []Coordinate) float64 {
			var sum float64
			for _, x := range a {
				for _, y := range b {
					sum += apart(x, y)
				}
			}
			return sum / (n * n)
		}
		first, last := all[:n], all[len(all)-n:]
		want := n * n / (2.0 * n) * (2*mean(first, last) - mean(first, first) - mean(last, last))
		require.InDelta(t, want, f.energy(), 1e-9)
	})
}

func TestPartsBlameTheirFields(t *testing.T) {
	for field, spoil := range map[string]func(*MemberConfig){
		"Cc":                func(c *MemberConfig) { c.Cc = 0 },
		"MinRTT":            func(c *MemberConfig) { c.MinRTT = -1 },
		"MaxStep":           func(c *MemberConfig) { c.MaxStep = -1 },
		"PeerErrorFloor":    func(c *MemberConfig) { c.PeerErrorFloor = math.NaN() },
		"Filter.Window":     func(c *MemberConfig) { c.Filter.Window = 65 },
		"Filter.Percentile": func(c *MemberConfig) { c.Filter.Percentile = 101 },
		"Filter.Peers":      func(c *MemberConfig) { c.Filter.Peers = 0 },
		"Filter.MaxAge":     func(c *MemberConfig) { c.Filter.MaxAge = -1 },
		"Outliers.Multiple": func(c *MemberConfig) { c.Outliers.Multiple = math.NaN() },
		"Outliers.Window":   func(c *MemberConfig) { c.Outliers.Window = 0 },
		"Decay.Neighbours":  func(c *MemberConfig) { c.Decay.Neighbours = -1 },
		"Decay.MaxAge":      func(c *MemberConfig) { c.Decay.MaxAge = -1 },
		"Adjustment.Window": func(c *MemberConfig) { c.Adjustment.Window = -1 },
		"Gravity.Rho":       func(c *MemberConfig) { c.Gravity.Rho = -1 },
		"Gravity.Unit":      func(c *MemberConfig) { c.Gravity.Unit = 0 },
		"Updates.Rule":      func(c *MemberConfig) { c.Updates.Rule = 9 },
		"Updates.Window":    func(c *MemberConfig) { c.Updates.Window = 1 },
		"Updates.Tau":       func(c *MemberConfig) { c.Updates.Tau = 0 },
		"Updates.EpsilonR":  func(c *MemberConfig) { c.Updates = RelativeUpdates(math.NaN(), 8) },
	} {
		config := everything(Euclidean(2).WithHeight())
		spoil(&config)
		_, err := NewMember[int](config, rand.New(rand.NewPCG(1, 1)))
		var blamed *ConfigError
		require.ErrorAs(t, err, &blamed, field)
		assert.Equal(t, field, blamed.Field)
	}
	assert.NoError(t, Serf().Validate())
	assert.NoError(t, Recommended().Validate())
}

// Members rank by predicted distance; those in no known place come last, and
// equals keep their order.
func TestRankingByDistance(t *testing.T) {
	from := at(1, 0, 0)
	members := []Located[string]{
		{"unknown", Coordinate{}},
		{"far", at(1, 90, 0)},
		{"near", at(1, 10, 0)},
		{"other space", at(0, 1)},
		{"as near", at(1, 0, 10)},
	}
	var names []string
	for _, r := range Rank(from, members) {
		names = append(names, r.ID)
	}
	assert.Equal(t, []string{"near", "as near", "far", "unknown", "other space"}, names)
	assert.Equal(t, []Ranked[string]{{"near", 12 * ms}}, Nearest(from, members, 1))
	assert.Len(t, Nearest(from, members, 9), 3, "without the unknown")
	assert.Empty(t, Nearest(Coordinate{}, members, 2))
	assert.Empty(t, Nearest(from, members, -1))
}

// Consul's rule: a data centre is as far as the upper median of its servers.
func TestDataCentresRankByTheirMedianDistance(t *testing.T) {
	from := at(0, 0)
	ranked := RankGroups(from, []Group[string]{
		{"nobody known", []Coordinate{{}, {}}},
		{"one near, two far", []Coordinate{at(0, 1), at(0, 80), at(0, 90)}},
		{"two of four", []Coordinate{at(0, 10), at(0, 20), {}}},
	})
	assert.Equal(t, []Ranked[string]{{"two of four", 20 * ms}, {"one near, two far", 80 * ms}, {"nobody known", Unknown}}, ranked)
}
