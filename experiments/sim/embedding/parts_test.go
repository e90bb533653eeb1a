package embedding

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/experiments/sim/quantile"
	"github.com/swimlab/swimlab/experiments/trial"
)

func TestTheCDFCountsWhatIsAtMostX(t *testing.T) {
	curve := cdf([]float64{0, 0.005, 0.5, 3})
	require.Len(t, curve.X, 401)
	assert.Equal(t, 2.0, curve.X[400])
	assert.Equal(t, []float64{0.25, 0.5}, curve.Y[:2])
	assert.Equal(t, 0.5, curve.Y[99])
	assert.Equal(t, 0.75, curve.Y[100], "x = 0.5 itself")
	assert.Equal(t, 0.75, curve.Y[400], "what is worse than 2 is off the end")
}

func ready(t *testing.T, world table) *matrix {
	t.Helper()
	p, err := decode(spec(map[string]any{"neighbours": 1}))
	require.NoError(t, err)
	m, err := p.load(world.open, 1)
	require.NoError(t, err)
	return m
}

func TestNeighboursAreMeasuredPeersEachOnce(t *testing.T) {
	world := scattered(50, 20)
	for i := range world {
		for j := range world {
			if (i+j)%7 == 0 { // never measured, in either direction
				world[i][j], world[j][i] = 0, 0
			}
		}
	}
	m := ready(t, world)
	for _, choice := range []string{"random", nearHalf} {
		chosen, _ := chooseNeighbours(m, policy{Neighbours: 20, NeighbourChoice: choice}, rand.New(rand.NewPCG(1, 1)))
		for i, peers := range chosen {
			require.Len(t, peers, 20)
			seen := map[int32]bool{}
			for _, peer := range peers {
				require.NotEqual(t, i, int(peer.node))
				require.NotZero(t, peer.rtt)
				require.Equal(t, m.at(i, int(peer.node)), peer.rtt)
				require.False(t, seen[peer.node])
				seen[peer.node] = true
			}
		}
	}
}

func TestRandomNeighboursAreDrawnEvenly(t *testing.T) {
	m := ready(t, scattered(11, 20))
	rng := rand.New(rand.NewPCG(2, 2))
	counts := make([]float64, m.n)
	const draws = 10_000
	for range draws {
		chosen, _ := chooseNeighbours(m, policy{Neighbours: 4, NeighbourChoice: "random"}, rng)
		for _, peer := range chosen[0] {
			counts[peer.node]++
		}
	}
	assert.Zero(t, counts[0])
	for _, count := range counts[1:] {
		assert.InDelta(t, 0.4*draws, count, 5*math.Sqrt(draws*0.4*0.6))
	}
}

func TestHalfOfTheNeighboursCanBeTheNearest(t *testing.T) {
	m := ready(t, scattered(50, 20))
	far := 0
	chosen, _ := chooseNeighbours(m, policy{Neighbours: 11, NeighbourChoice: nearHalf}, rand.New(rand.NewPCG(3, 3)))
	for i, peers := range chosen {
		byDistance := []time.Duration{}
		for j := range m.n {
			if i != j {
				byDistance = append(byDistance, m.at(i, j))
			}
		}
		slices.Sort(byDistance)
		for s, peer := range peers[:5] {
			require.Equal(t, byDistance[s], peer.rtt)
		}
		for _, peer := range peers[5:] {
			require.GreaterOrEqual(t, peer.rtt, byDistance[5])
			if peer.rtt > byDistance[24] {
				far++
			}
		}
	}
	assert.Greater(t, far, 100, "the other 300 are spread over all the rest")
}

// The measures against their definitions, on a world small enough to count.
func TestMeasuresAreWhatTheySay(t *testing.T) {
	world := scattered(12, 30)
	system := map[string]any{"neighbours": 2, "height": false}
	obs := observe(t, spec(system, plainMeasures()...), world.open)

	// The same trial again, this time keeping its cloud.
	p, err := decode(spec(system))
	require.NoError(t, err)
	m, err := p.load(world.open, 1)
	require.NoError(t, err)
	w, err := newWorld(p, m, 1)
	require.NoError(t, err)
	for range p.rounds {
		require.NoError(t, w.round())
	}
	var relative, absolute, unseen, nodes []float64
	for i := range 12 {
		var own []float64
		for j := range 12 {
			if i == j {
				continue
			}
			miss := math.Abs(float64(w.cloud.Distance(i, j) - world[i][j]))
			own = append(own, miss/1e6)
			if i < j {
				relative = append(relative, miss/float64(world[i][j]))
				absolute = append(absolute, miss/1e6)
				if !probes(w, i, j) && !probes(w, j, i) {
					unseen = append(unseen, miss/float64(world[i][j]))
				}
			}
		}
		nodes = append(nodes, sortedQuantile(own, 0.5))
	}
	assert.Equal(t, sortedQuantile(relative, 0.5), one(t, obs, measureMedian))
	assert.Equal(t, sortedQuantile(relative, 0.9), one(t, obs, measureP90))
	assert.Equal(t, sortedQuantile(relative, 0.95), one(t, obs, measureP95))
	assert.Equal(t, sortedQuantile(unseen, 0.5), one(t, obs, measureUnseen))
	assert.Equal(t, sortedQuantile(absolute, 0.5), one(t, obs, measureMedianMs))
	assert.Equal(t, sortedQuantile(nodes, 0.5), one(t, obs, measureNodeMedianMs))
	curve := obs.Series[measureOverTime]
	assert.Equal(t, sortedQuantile(relative, 0.5), curve.Y[len(curve.Y)-1], "the curve ends at the final error")

	everybody := observe(t, spec(map[string]any{"neighbours": 11}, measureUnseen), world.open)
	assert.Equal(t, map[string][]float64{measureUnseen: {}}, everybody.Samples, "every pair was probed")
}

func probes(w *world, i, j int) bool {
	return slices.ContainsFunc(w.fixed[i], func(n neighbour) bool { return int(n.node) == j })
}

func sortedQuantile(values []float64, q float64) float64 {
	slices.Sort(values)
	return quantile.Of(values, q)
}

func TestMeasuresAreSortedAndDescribed(t *testing.T) {
	measures := Measures()
	assert.True(t, slices.IsSortedFunc(measures, func(a, b trial.Measure) int { return cmp.Compare(a.Name, b.Name) }))
	for _, m := range measures {
		assert.NotEmpty(t, m.Doc, m.Name)
		assert.NotEmpty(t, m.Unit, m.Name)
	}
}
