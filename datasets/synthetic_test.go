package datasets

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func synthetic(t *testing.T, nodes int, seed uint64) *Matrix {
	t.Helper()
	c := DefaultSynthetic()
	c.Nodes, c.Seed = nodes, seed
	m, err := Synthetic(c)
	require.NoError(t, err)
	return m
}

// The bounds hold what the recorded sets measure (planetlab490 and
// wondernetwork242: median 134 and 143 ms, 17 % TIV, 78 % of pairs with a
// shorter detour), whatever the seed.
func TestTheSyntheticInternetLooksLikeTheRecordedOnes(t *testing.T) {
	for seed := range uint64(5) {
		s := Summarize(synthetic(t, 200, seed))
		assert.Zero(t, s.MissingDirected)
		assert.InDelta(t, 140, s.Median.Seconds()*1e3, 25, "median RTT in ms, seed %d", seed)
		assert.InDelta(t, 24, s.P05.Seconds()*1e3, 8, "5th percentile in ms, seed %d", seed)
		assert.InDelta(t, 290, s.P95.Seconds()*1e3, 60, "95th percentile in ms, seed %d", seed)
		assert.InDelta(t, 0.17, s.TIV, 0.04, "share of triples, seed %d", seed)
		assert.InDelta(t, 0.095, s.TIVNotable, 0.03, "share of triples, seed %d", seed)
		assert.InDelta(t, 0.74, s.ShorterDetour, 0.08, "share of pairs, seed %d", seed)
		assert.InDelta(t, 0.002, s.AsymmetryMedian, 0.001, "seed %d", seed)
		assert.InDelta(t, 0.066, s.AsymmetryOver10Perc, 0.02, "share of pairs, seed %d", seed)
	}
}

func TestNoPacketIsFasterThanLight(t *testing.T) {
	m := synthetic(t, 200, 3)
	byName := map[string]city{}
	for _, c := range cities {
		byName[c.name] = c
	}
	for i := range m.Len() {
		for j := range m.Len() {
			if i == j {
				continue
			}
			a, _ := m.Location(i)
			b, _ := m.Location(j)
			rtt, ok := m.RTT(i, j)
			require.True(t, ok)
			vacuum := time.Duration(distance(byName[a.City], byName[b.City]) * 2 / 299_792.458 * 1e9)
			require.Greater(t, rtt, vacuum, "%s to %s", a.City, b.City)
		}
	}
}

func TestALargerInternetContainsTheSmaller(t *testing.T) {
	small, large := synthetic(t, 50, 4), synthetic(t, 80, 4)
	for i := range small.Len() {
		assert.Equal(t, small.Name(i), large.Name(i))
		for j := range small.Len() {
			a, _ := small.RTT(i, j)
			b, _ := large.RTT(i, j)
			require.Equal(t, a, b, "%d to %d", i, j)
			a, _ = small.Jitter(i, j)
			b, _ = large.Jitter(i, j)
			require.Equal(t, a, b, "jitter, %d to %d", i, j)
		}
	}
}

func TestTheSeedDecidesEverything(t *testing.T) {
	assert.Equal(t, synthetic(t, 60, 5).SHA256(), synthetic(t, 60, 5).SHA256())
	assert.NotEqual(t, synthetic(t, 60, 5).SHA256(), synthetic(t, 60, 6).SHA256())
}

func TestTheBuiltInSetsComputeToTheirPinnedDigests(t *testing.T) {
	for _, name := range []string{"synthetic-internet", "synthetic-grid"} {
		_, err := NewStore("").Verify(name)
		assert.NoError(t, err)
	}
}

func TestWithoutDetoursAndSpreadTheTriangleHolds(t *testing.T) {
	c := DefaultSynthetic()
	c.Nodes, c.DetourShare, c.StretchSpread, c.AsymmetricShare = 100, 0, 0, 0
	m, err := Synthetic(c)
	require.NoError(t, err)
	assert.Less(t, Summarize(m).TIVNotable, 0.001, "what is left is measurement noise")
}

func TestJitterIsNeverMoreThanTheRoundTrip(t *testing.T) {
	m := synthetic(t, 100, 1)
	var all []time.Duration
	for i := range m.Len() {
		for j := range i {
			rtt, _ := m.RTT(i, j)
			jitter, ok := m.Jitter(i, j)
			require.True(t, ok)
			require.Positive(t, jitter)
			require.LessOrEqual(t, jitter, rtt)
			all = append(all, jitter)
		}
	}
	slices.Sort(all)
	assert.InDelta(t, 0.7, all[len(all)/2].Seconds()*1e3, 0.1, "median in ms")
}

func TestAnImpossibleInternetIsRefused(t *testing.T) {
	for _, c := range []struct {
		change func(*SyntheticConfig)
		want   string
	}{
		{func(c *SyntheticConfig) { c.Nodes = 1 }, "synthetic Internet: nodes: 1 is not valid; want 2 to 4096"},
		{func(c *SyntheticConfig) { c.Carriers = 0 }, "synthetic Internet: carriers: 0 is not valid; want 1 or more"},
		{func(c *SyntheticConfig) { c.Stretch = 0.9 }, "synthetic Internet: stretch: 0.9 is not valid; want 1 or more"},
		{func(c *SyntheticConfig) { c.DetourShare = 1.5 }, "synthetic Internet: shares: [1.5 0.12] is not valid; want 0 to 1"},
		{func(c *SyntheticConfig) { c.DetourHubs = 17 }, "synthetic Internet: detour hubs: 17 is not valid; want 1 to 16"},
		{func(c *SyntheticConfig) { c.AccessSpread = -1 }, "synthetic Internet: spreads: -1 is not valid; want 0 to 3, standard deviations of logarithms"},
		{func(c *SyntheticConfig) { c.Equipment = 0 }, "synthetic Internet: equipment: 0s is not valid; want more than 0"},
		{func(c *SyntheticConfig) { c.Jitter = -1 }, "synthetic Internet: access and jitter: [2ms -1ns] is not valid; want 0 or more"},
	} {
		config := DefaultSynthetic()
		c.change(&config)
		_, err := Synthetic(config)
		assert.EqualError(t, err, c.want)
	}
}

func TestCitiesAreReal(t *testing.T) {
	assert.Len(t, cities, 120, "the manifest says so")
	seen := map[string]bool{}
	for _, c := range cities {
		assert.False(t, seen[c.name], "%s stands twice", c.name)
		seen[c.name] = true
		assert.Positive(t, c.weight, c.name)
	}
	for _, hub := range hubs {
		assert.True(t, seen[hub], "%s is a city of the table", hub)
	}
	london := slices.IndexFunc(cities, func(c city) bool { return c.name == "London" })
	newYork := slices.IndexFunc(cities, func(c city) bool { return c.name == "New York" })
	assert.InDelta(t, 5570, distance(cities[london], cities[newYork]), 30, "km")
}
