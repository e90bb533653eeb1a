package peer

// HashiCorp Serf's coordinate client against package vivaldi.
//
// What Serf adds to the algorithm, and how it is switched off here:
//
//   - a median filter over each peer's last 3 round trips; a window of 1 is none
//   - an adjustment term over the last 20 samples; a window of 0 is none
//   - gravity towards the origin; with an infinite rho the pull is zero
//
// What remains differs from the paper in one thing that vivaldi.Deployed copies,
// the norm that the force is divided by (vivaldi.EuclideanNorm), and in two it
// does not:
//
//   - Serf rounds the predicted distance down to a nanosecond before it takes the
//     error, so each of its steps may be off by a nanosecond of force
//   - Serf takes a round trip under a microsecond for one; we take it as it is

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/hashicorp/serf/coordinate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/vivaldi"
)

// algorithmAlone is Serf's configuration without what it adds to Vivaldi.
func algorithmAlone() *coordinate.Config {
	c := coordinate.DefaultConfig()
	c.LatencyFilterSize = 1
	c.AdjustmentWindowSize = 0
	c.GravityRho = math.Inf(1)
	return c
}

// member is one member in both implementations.
type member struct {
	ours *vivaldi.Node
	serf *coordinate.Client
}

// memberAt starts a member at a random place, because Serf draws the direction
// in which coincident nodes part from a source that cannot be seeded.
func memberAt(t testing.TB, serfs *coordinate.Config, rng *rand.Rand) member {
	t.Helper()
	ours, err := vivaldi.NewNode(vivaldi.Serf().Config, rng)
	require.NoError(t, err)
	serf, err := coordinate.NewClient(serfs)
	require.NoError(t, err)
	place := scatter(rng)
	estimate := 0.1 + rng.Float64()
	require.NoError(t, ours.Restore(place, estimate))
	require.NoError(t, serf.SetCoordinate(serfsOf(place, estimate)))
	return member{ours, serf}
}

// scatter draws a coordinate from a cube of 100 ms with heights up to 20 ms.
func scatter(rng *rand.Rand) vivaldi.Coordinate {
	c := vivaldi.Coordinate{Dimensions: 8, Height: 0.001 + 0.019*rng.Float64()}
	for i := range c.Dimensions {
		c.Vec[i] = 0.1 * rng.Float64()
	}
	return c
}

func serfsOf(c vivaldi.Coordinate, estimate float64) *coordinate.Coordinate {
	return &coordinate.Coordinate{Vec: append([]float64(nil), c.Vec[:c.Dimensions]...), Height: c.Height, Error: estimate}
}

// assertSame compares the two within so many seconds. The error estimate, being
// relative to round trips of some 10 ms or more, may differ by 100 times as much.
func assertSame(t *testing.T, m member, within float64) {
	t.Helper()
	ours, serfs := m.ours.Coordinate(), m.serf.GetCoordinate()
	for i, v := range serfs.Vec {
		require.InDelta(t, v, ours.Vec[i], within, "component %d", i)
	}
	require.InDelta(t, serfs.Height, ours.Height, within, "height")
	require.InDelta(t, serfs.Error, m.ours.ErrorEstimate(), within*100, "error estimate")
}

// A single sample gives the same coordinate, to the nanosecond Serf rounds by.
func TestOneSampleMovesBothAlike(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 2000 {
		m := memberAt(t, algorithmAlone(), rng)
		place, estimate := scatter(rng), rng.Float64()
		rtt := time.Millisecond + time.Duration(rng.Int64N(int64(500*time.Millisecond)))
		require.NoError(t, m.ours.Update(&place, estimate, rtt))
		_, err := m.serf.Update("peer", serfsOf(place, estimate), rtt)
		require.NoError(t, err)
		assertSame(t, m, 1e-9)
	}
}

// Twenty members measure one another 20,000 times, each implementation
// following its own coordinates; the rounding does not add up.
func TestAGroupSettlesOnTheSameCoordinates(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	const n = 20
	var members [n]member
	var truth [n]vivaldi.Coordinate
	for i := range members {
		members[i] = memberAt(t, algorithmAlone(), rng)
		truth[i] = scatter(rng)
	}
	moved := members[0].ours.Coordinate()
	for range 20_000 {
		i := rng.IntN(n)
		j := (i + 1 + rng.IntN(n-1)) % n
		rtt := time.Duration(float64(truth[i].Distance(truth[j])) * (0.9 + 0.2*rng.Float64()))
		place := members[j].ours.Coordinate()
		require.NoError(t, members[i].ours.Update(&place, members[j].ours.ErrorEstimate(), rtt))
		_, err := members[i].serf.Update(fmt.Sprint(j), members[j].serf.GetCoordinate(), rtt)
		require.NoError(t, err)
	}
	for _, m := range members {
		assertSame(t, m, 1e-6)
	}
	assert.Greater(t, members[0].ours.Distance(&moved), 10*time.Millisecond, "they did move")
}

// The paper's unit vector is another algorithm: the comparison above can fail.
func TestThePapersUnitVectorIsNotSerfs(t *testing.T) {
	config := vivaldi.Serf().Config
	config.UnitVector = vivaldi.FullNorm
	rng := rand.New(rand.NewPCG(3, 3))
	ours, err := vivaldi.NewNode(config, rng)
	require.NoError(t, err)
	serf, err := coordinate.NewClient(algorithmAlone())
	require.NoError(t, err)
	start, place := scatter(rng), scatter(rng)
	require.NoError(t, ours.Restore(start, 0.5))
	require.NoError(t, serf.SetCoordinate(serfsOf(start, 0.5)))
	require.NoError(t, ours.Update(&place, 0.5, 400*time.Millisecond))
	_, err = serf.Update("peer", serfsOf(place, 0.5), 400*time.Millisecond)
	require.NoError(t, err)
	assert.Greater(t, math.Abs(ours.Coordinate().Height-serf.GetCoordinate().Height), 1e-4)
}
