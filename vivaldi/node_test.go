package vivaldi

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestUpdateAllocatesNothing(t *testing.T) {
	for _, space := range spaces {
		node, peers, rtts := settled(t, Paper(space))
		i := 0
		allocs := testing.AllocsPerRun(1000, func() {
			if err := node.Update(&peers[i], 0.2, rtts[i]); err != nil {
				t.Fatal(err)
			}
			i = (i + 1) % len(peers)
		})
		assert.Zero(t, allocs, "a node in %v", space)

		rng := rand.New(rand.NewPCG(1, 1))
		cloud, err := NewCloud(Paper(space), 50, rng)
		require.NoError(t, err)
		allocs = testing.AllocsPerRun(1000, func() {
			a := rng.IntN(50)
			b := (a + 1 + rng.IntN(49)) % 50
			if err := cloud.Update(a, b, time.Duration(20+rng.IntN(100))*ms); err != nil {
				t.Fatal(err)
			}
		})
		assert.Zero(t, allocs, "a cloud in %v, coincident starts included", space)
	}
}

func TestErrorsNameTheValueAndWhatWouldBeRight(t *testing.T) {
	node := nodeAt(t, Paper(Euclidean(2).WithHeight()), 1, 0.5, 0, 0)
	sane := at(1, 10, 10)
	far := at(1, 200_000, 10)
	flat := at(0, 10, 10, 10)
	assert.EqualError(t, node.Update(&sane, 0.5, -5*ms), "vivaldi: round-trip time refused: -5ms; want more than 0s and at most 10s")
	assert.EqualError(t, node.Update(&sane, math.NaN(), 5*ms), "vivaldi: error estimate refused: NaN; want a finite number, 0 or more")
	assert.EqualError(t, node.Update(&far, 0.5, 5*ms), "vivaldi: coordinate refused: (200000 10)+1ms; want finite components, no negative height, and a distance of at most 1m40s")
	assert.EqualError(t, node.Update(&flat, 0.5, 5*ms), "vivaldi: coordinate refused: 3 dimensions and height 0ms; want 2 dimensions and a height")

	plane := nodeAt(t, Paper(Euclidean(2)), 0, 0.5, 0, 0)
	assert.EqualError(t, plane.Update(&sane, 0.5, 5*ms), "vivaldi: coordinate refused: 2 dimensions and height 1ms; want 2 dimensions and no height")
}

// Two nodes that claim to be perfect have 0/0 for a weight; they share the
// correction instead.
func TestPerfectNodesShareTheCorrection(t *testing.T) {
	node := nodeAt(t, Paper(Euclidean(1)), 0, 0, 40)
	sample(t, node, at(0, 0), 0, 80*ms)
	assertAt(t, at(0, 40+0.25*0.5*40), node.Coordinate())
	assert.InDelta(t, 0.25*0.5*0.5, node.ErrorEstimate(), 1e-12)
}

func TestTheErrorEstimateIsCapped(t *testing.T) {
	node := nodeAt(t, Paper(Euclidean(1)), 0, 1, 500)
	sample(t, node, at(0, 0), 0.1, time.Microsecond)
	assert.Equal(t, 1.5, node.ErrorEstimate())
}

func TestRestoreBringsBackACoordinateWithinTheNodesBounds(t *testing.T) {
	config := Paper(Euclidean(2).WithHeight())
	node := nodeAt(t, config, 3, 0.2, 10, 20)
	assertAt(t, at(3, 10, 20), node.Coordinate())
	assert.Equal(t, 0.2, node.ErrorEstimate())

	require.NoError(t, node.Restore(at(0, 10, 20), 99))
	assert.Equal(t, seconds(config.HeightFloor), node.Coordinate().Height, "raised to the floor")
	assert.Equal(t, config.ErrorCap, node.ErrorEstimate(), "brought under the cap")

	adjusted := at(3, 10, 20)
	adjusted.Adjustment = seconds(-2 * ms)
	require.NoError(t, node.Restore(adjusted, 0.2))
	assert.Equal(t, adjusted.Adjustment, node.Coordinate().Adjustment, "what the node added to predictions")

	node.Reset()
	assert.Zero(t, node.Coordinate().Adjustment)
	assertAt(t, at(1, 0, 0), node.Coordinate())
	assert.Equal(t, config.InitialError, node.ErrorEstimate())
}

// Two parts of a cloud that drifted apart beyond any prediction taken seriously
// refuse each other instead of leaping together.
func TestACloudRefusesPeersThatDriftedOutOfReach(t *testing.T) {
	config := Paper(Euclidean(1))
	config.MaxDistance = config.MaxRTT
	cloud, err := NewCloud(config, 2, rand.New(rand.NewPCG(1, 1)))
	require.NoError(t, err)
	cloud.node(1)[0] = 10.001
	before := cloud.Coordinate(0)
	require.ErrorIs(t, cloud.Update(0, 1, time.Second), ErrCoordinate)
	require.ErrorIs(t, cloud.Update(0, 1, 0), ErrRTT)
	assert.Equal(t, before, cloud.Coordinate(0))
	cloud.node(1)[0] = 9.999
	require.NoError(t, cloud.Update(0, 1, time.Second))
	assert.NotEqual(t, before, cloud.Coordinate(0))
}

func TestCoordinateIsSafeInAnyHands(t *testing.T) {
	c := Coordinate{Dimensions: 99, Height: math.NaN()}
	assert.NotPanics(t, func() { _ = c.String() })
	assert.Equal(t, time.Duration(math.MaxInt64), c.Distance(Coordinate{Dimensions: -1}), "no number is infinitely far")
	assert.Equal(t, "(12.5 -3)+1.2ms", at(1.2, 12.5, -3).String())
	assert.Equal(t, "(12.5)ms", at(0, 12.5).String())
}

// With the Euclidean norm a peer that is close in the plane and far in height
// flings the node's height up. It must not end where every later sample is
// refused as too distant.
func TestAFlungHeightDoesNotShutTheNodeOut(t *testing.T) {
	config := Paper(Euclidean(2).WithHeight())
	config.UnitVector, config.Cc, config.Ce = EuclideanNorm, 1, 1
	node, err := NewNode(config, rand.New(rand.NewPCG(1, 2)))
	require.NoError(t, err)
	samples := []struct {
		x, y, height float64
		rtt          time.Duration
	}{
		{0.00012, 0.00024, 0.00024, time.Nanosecond},
		{0.00006, 0.00012, 0.5, 508653277 * time.Nanosecond},
		{0.00006, 0.00012, 0.5, 9 * time.Second},
		{1, 1, 0.5, time.Nanosecond},
	}
	highest := 0.0
	for _, s := range samples {
		peer := Coordinate{Dimensions: 2, Height: s.height}
		peer.Vec[0], peer.Vec[1] = s.x, s.y
		require.NoError(t, node.Update(&peer, 0.5, s.rtt))
		highest = max(highest, node.Coordinate().Height)
	}
	require.Equal(t, seconds(config.MaxRTT), highest, "the samples fling the height to its top")
}
