package peer

// HashiCorp Serf's coordinate client against package vivaldi.
//
// What Serf adds to the algorithm, vivaldi.Serf has as parts of a Member, and the
// two are compared with everything on. The algorithm alone is compared as well,
// with Serf's additions switched off:
//
//   - a median filter over each peer's last 3 round trips; a window of 1 is none
//   - an adjustment term over the last 20 samples; a window of 0 is none
//   - gravity towards the origin; with an infinite rho the pull is zero
//
// There vivaldi.Node differs in that Serf rounds the predicted distance down to a
// nanosecond before it takes the error, so each of its steps may be off by a
// nanosecond of force. A Member rounds likewise.

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

// With everything that Serf adds, latency filter, adjustment and gravity, twenty
// members measure one another 20,000 times, each implementation following its own
// coordinates, and end at the same ones to 1e-12 s.
func TestAGroupWithEverythingOnSettlesOnSerfsCoordinates(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	const n = 20
	var ours [n]*vivaldi.Member[string]
	var serfs [n]*coordinate.Client
	var truth [n]vivaldi.Coordinate
	for i := range n {
		var err error
		ours[i], err = vivaldi.NewMember[string](vivaldi.Serf(), rng)
		require.NoError(t, err)
		serfs[i], err = coordinate.NewClient(coordinate.DefaultConfig())
		require.NoError(t, err)
		place, estimate := scatter(rng), 0.1+rng.Float64()
		require.NoError(t, ours[i].Restore(place, estimate))
		require.NoError(t, serfs[i].SetCoordinate(serfsOf(place, estimate)))
		truth[i] = scatter(rng)
	}
	for step := range 20_000 {
		i := rng.IntN(n)
		j := (i + 1 + rng.IntN(n-1)) % n
		rtt := time.Duration(float64(truth[i].Distance(truth[j])) * (0.9 + 0.2*rng.Float64()))
		if rng.IntN(50) == 0 {
			rtt *= 5 // for the filter
		}
		place := ours[j].Coordinate()
		require.NoError(t, ours[i].Update(time.Duration(step)*time.Millisecond, fmt.Sprint(j), &place, ours[j].ErrorEstimate(), rtt))
		_, err := serfs[i].Update(fmt.Sprint(j), serfs[j].GetCoordinate(), rtt)
		require.NoError(t, err)
	}
	const within = 1e-12
	for i := range n {
		ours, estimate, serfs := ours[i].Coordinate(), ours[i].ErrorEstimate(), serfs[i].GetCoordinate()
		for d, v := range serfs.Vec {
			require.InDelta(t, v, ours.Vec[d], within, "component %d of member %d", d, i)
		}
		require.InDelta(t, serfs.Height, ours.Height, within, "height of member %d", i)
		require.InDelta(t, serfs.Adjustment, ours.Adjustment, within, "adjustment of member %d", i)
		require.InDelta(t, serfs.Error, estimate, within*100, "error estimate of member %d", i)
		require.NotZero(t, ours.Adjustment)
	}
}

// The comparison above can fail: each of Serf's additions moves the coordinates by
// more than it allows.
func TestEachOfSerfsPartsMatters(t *testing.T) {
	for name, without := range map[string]func(*vivaldi.MemberConfig){
		"filter":     func(c *vivaldi.MemberConfig) { c.Filter.Window = 0 },
		"adjustment": func(c *vivaldi.MemberConfig) { c.Adjustment.Window = 0 },
		"in spring":  func(c *vivaldi.MemberConfig) { c.Adjustment.InSpring = false },
		"gravity":    func(c *vivaldi.MemberConfig) { c.Gravity.Rho = 0 },
		"rounding":   func(c *vivaldi.MemberConfig) { c.WholeNanoseconds = false },
	} {
		run := func(config vivaldi.MemberConfig) vivaldi.Coordinate {
			rng := rand.New(rand.NewPCG(6, 6))
			m, err := vivaldi.NewMember[int](config, rng)
			require.NoError(t, err)
			require.NoError(t, m.Restore(scatter(rng), 0.5))
			for i := range 100 {
				place := scatter(rng)
				require.NoError(t, m.Update(time.Duration(i)*time.Second, i%10, &place, 0.3, time.Duration(20+rng.IntN(200))*time.Millisecond))
			}
			return m.Coordinate()
		}
		config := vivaldi.Serf()
		without(&config)
		with, less := run(vivaldi.Serf()), run(config)
		apart := math.Abs(with.Height - less.Height)
		for d := range with.Dimensions {
			apart = max(apart, math.Abs(with.Vec[d]-less.Vec[d]))
		}
		assert.Greater(t, apart, 1e-11, name)
	}
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
