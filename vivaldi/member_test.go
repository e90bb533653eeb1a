package vivaldi

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// everything is a member's config with every part on.
func everything(space Space) MemberConfig {
	c := MemberConfig{
		Config:     Paper(space),
		Filter:     MovingPercentile(4, 25, 8),
		Outliers:   RefuseOutliers(100, 16),
		Decay:      DecayConfig{Neighbours: 6, MaxAge: time.Minute},
		Adjustment: AdjustmentConfig{Window: 20, InSpring: true},
		Gravity:    GravityConfig{Rho: 256 * ms, Unit: ms},
		Updates:    EnergyUpdates(8*ms, 8),
	}
	if space.sphere {
		c.Gravity = GravityConfig{}
	}
	return c
}

func newMember(t require.TestingT, config MemberConfig) *Member[int] {
	m, err := NewMember[int](config, rand.New(rand.NewPCG(1, 2)))
	require.NoError(t, err)
	return m
}

// A member with no part on is a node.
func TestAMemberWithoutPartsIsANode(t *testing.T) {
	for _, space := range []Space{Euclidean(3), Euclidean(2).WithHeight(), Sphere(40 * ms)} {
		config := Paper(space)
		rng := rand.New(rand.NewPCG(3, 3))
		member := newMember(t, MemberConfig{Config: config})
		node, err := NewNode(config, rand.New(rand.NewPCG(1, 2)))
		require.NoError(t, err)
		for i := range 500 {
			peer := somewhere(rng, space)
			rtt := ms + time.Duration(rng.Int64N(int64(200*ms)))
			require.NoError(t, member.Update(time.Duration(i)*time.Second, i%7, &peer, 0.3, rtt))
			require.NoError(t, node.Update(&peer, 0.3, rtt))
		}
		assert.Equal(t, node.Coordinate(), member.Coordinate(), "%v", space)
		assert.Equal(t, node.Coordinate(), member.ApplicationCoordinate(), "%v", space)
		assert.Equal(t, node.ErrorEstimate(), member.ErrorEstimate(), "%v", space)
	}
}

// somewhere draws a coordinate of any space.
func somewhere(rng *rand.Rand, space Space) Coordinate {
	if !space.sphere {
		return scatter(rng, space)
	}
	c := Coordinate{Dimensions: 3, Radius: space.radius}
	space.start(c.Vec[:])
	rotate(c.Vec[:], c.Vec[:], space.radius*3*rng.Float64(), space.radius, rng)
	if space.height {
		c.Height = 0.001 + 0.019*rng.Float64()
	}
	return c
}

func TestAMembersUpdateAllocatesNothing(t *testing.T) {
	for name, config := range map[string]MemberConfig{
		"everything":    everything(Euclidean(3).WithHeight()),
		"on a sphere":   everything(Sphere(50 * ms)),
		"serf":          Serf(),
		"recommended":   Recommended(),
		"relative rule": {Config: Paper(Euclidean(2)), Updates: RelativeUpdates(0.3, 16)},
	} {
		rng := rand.New(rand.NewPCG(4, 4))
		m := newMember(t, config)
		peers := make([]Coordinate, 6)
		for i := range peers {
			peers[i] = somewhere(rng, config.Space)
		}
		i := 0
		update := func() {
			i++
			if err := m.Update(time.Duration(i)*time.Second, i%6, &peers[i%6], 0.3, time.Duration(20+rng.IntN(100))*ms); err != nil {
				t.Fatal(err)
			}
		}
		for range 100 {
			update()
		}
		assert.Zero(t, testing.AllocsPerRun(1000, update), name)
	}
}

// Whatever comes, sane, absurd or no number at all, a member's coordinates stay
// finite and within bounds: of every preset, in every space, with every part on.
func TestProperty_NoInputMakesACoordinateNonFiniteOrUnbounded(t *testing.T) {
	configs := []MemberConfig{Serf(), Recommended()}
	for _, space := range []Space{Euclidean(1), Euclidean(2), Euclidean(5).WithHeight(), Euclidean(MaxDimensions).WithHeight(), Sphere(30 * ms), Sphere(3 * time.Second).WithHeight()} {
		configs = append(configs, MemberConfig{Config: Paper(space)}, everything(space))
		flung := everything(space)
		flung.Outliers = RefuseOutliers(1, 4)
		flung.UnitVector, flung.Cc, flung.Ce, flung.Adjustment.InSpring = EuclideanNorm, 1, 1, false
		configs = append(configs, flung)
	}
	number := rapid.OneOf(
		rapid.SampledFrom([]float64{0, 1, -1, 1e-300, 0.1, 99, -99, 1e3, 1e9, -1e9, 1e200, -1e200, math.MaxFloat64, math.NaN(), math.Inf(1), math.Inf(-1)}),
		rapid.Float64Range(-120, 120),
	)
	rapid.Check(t, func(t *rapid.T) {
		config := rapid.SampledFrom(configs).Draw(t, "config")
		m := newMember(t, config)
		for i := range rapid.IntRange(1, 60).Draw(t, "samples") {
			peer := m.Coordinate()
			switch rapid.IntRange(0, 3).Draw(t, "peer") {
			case 1: // as far out as is let through, on and on in one direction
				peer.Vec[0] += rapid.Float64Range(-120, 120).Draw(t, "far")
			case 2:
				for d := range peer.point() {
					peer.Vec[d] = number.Draw(t, "component")
				}
			case 3:
				peer.Height, peer.Adjustment = number.Draw(t, "height"), number.Draw(t, "adjustment")
			}
			estimate := number.Draw(t, "estimate")
			rtt := time.Duration(rapid.Int64().Draw(t, "rtt"))
			if rapid.Bool().Draw(t, "sane rtt") {
				rtt = time.Duration(rapid.Int64Range(1, int64(config.MaxRTT)).Draw(t, "rtt"))
			}
			before, refused := m.Coordinate(), m.Refusals().Total()
			err := m.Update(time.Duration(rapid.Int64().Draw(t, "now")), i%3, &peer, estimate, rtt)
			if err != nil {
				require.Equal(t, before, m.Coordinate(), "a refused sample changes nothing")
				require.Equal(t, refused+1, m.Refusals().Total(), "and is counted")
			}
			requireSound(t, config, m.Coordinate())
			if app := m.ApplicationCoordinate(); app.Known() {
				requireSound(t, config, app)
			}
			require.True(t, m.ErrorEstimate() >= 0 && m.ErrorEstimate() <= config.ErrorCap)
		}
	})
}

func requireSound(t *rapid.T, config MemberConfig, c Coordinate) {
	// Peers lie within MaxDistance of the origin and of the member. None pushes it
	// farther off than its round trip, and what pulls it past the peer is heights
	// and adjustments, of either of the two no longer than a round trip.
	bound := 2*seconds(config.MaxDistance) + 4*seconds(config.MaxRTT)
	for i, v := range c.Vec {
		require.True(t, math.Abs(v) <= bound, "component %d of %v", i, c)
	}
	require.True(t, c.Height >= 0 && c.Height <= seconds(config.MaxRTT), "height of %v", c)
	require.True(t, math.Abs(c.Adjustment) <= seconds(config.MaxRTT), "adjustment of %v", c)
	if config.Space.sphere {
		require.InEpsilon(t, config.Space.radius, math.Sqrt(dot(c.Vec[:], c.Vec[:])), 1e-6, "on the sphere")
	}
}

func TestRefusalsAreCountedByReason(t *testing.T) {
	m := newMember(t, Serf())
	sane := Coordinate{Dimensions: 8, Height: 0.001}
	with := func(change func(*Coordinate)) *Coordinate { c := sane; change(&c); return &c }
	for _, tc := range []struct {
		want     Reason
		peer     *Coordinate
		estimate float64
		rtt      time.Duration
	}{
		{ZeroRTT, &sane, 1, 0},
		{NegativeRTT, &sane, 1, -ms},
		{LongRTT, &sane, 1, 11 * time.Second},
		{OtherSpace, with(func(c *Coordinate) { c.Dimensions = 3 }), 1, ms},
		{OtherSpace, with(func(c *Coordinate) { c.Radius = 1 }), 1, ms},
		{NotFinite, with(func(c *Coordinate) { c.Vec[3] = math.NaN() }), 1, ms},
		{NotFinite, with(func(c *Coordinate) { c.Height = math.Inf(1) }), 1, ms},
		{NotFinite, with(func(c *Coordinate) { c.Adjustment = math.NaN() }), 1, ms},
		{NegativeHeight, with(func(c *Coordinate) { c.Height = -1 }), 1, ms},
		{TooFar, with(func(c *Coordinate) { c.Height = 1e6 }), 1, ms},
		{TooFar, with(func(c *Coordinate) { c.Vec[0] = 1e9 }), 1, ms},
		{TooFar, with(func(c *Coordinate) { c.Adjustment = -1e9 }), 1, ms},
		{BadEstimate, &sane, math.NaN(), ms},
		{BadEstimate, &sane, -1, ms},
	} {
		before := m.Refusals()
		require.Error(t, m.Update(0, 1, tc.peer, tc.estimate, tc.rtt))
		after := m.Refusals()
		assert.Equal(t, before[tc.want]+1, after[tc.want], "%v", tc.want)
		assert.Equal(t, before.Total()+1, after.Total())
	}
	assert.Equal(t, "zero_rtt", ZeroRTT.String())
}

// errorAmong is the median relative error of thirty members of the config after
// a thousand samples each, every tenth of which is of a liar that claims to be
// there and sure of it.
func errorAmong(t *testing.T, config MemberConfig, lie *Coordinate) (err float64, refused uint64) {
	rng := rand.New(rand.NewPCG(5, 5))
	const n = 30
	var members [n]*Member[int]
	var truth [n]Coordinate
	for i := range members {
		members[i] = newMember(t, config)
		truth[i] = scatter(rng, config.Space)
	}
	for step := range 30_000 {
		i, now := rng.IntN(n), time.Duration(step)*ms
		j := (i + 1 + rng.IntN(n-1)) % n
		if step%10 == 0 {
			if lie != nil && members[i].Update(now, n, lie, 0, 50*ms) != nil {
				refused++
			}
			continue
		}
		place := members[j].Coordinate()
		if err := members[i].Update(now, j, &place, members[j].ErrorEstimate(), truth[i].Distance(truth[j])); !errors.Is(err, ErrOutlier) {
			require.NoError(t, err)
		}
	}
	var errs []float64
	for i := range members {
		for j := range i {
			place := members[j].Coordinate()
			real := seconds(truth[i].Distance(truth[j]))
			errs = append(errs, math.Abs(seconds(members[i].Distance(&place))-real)/real)
		}
	}
	return medianOf(errs), refused
}

// In deployments one member with NaN in its coordinate made all of them NaN. Here
// what no member can be at leaves the others as if it had never been said.
func TestOneBadPeerDoesNotInfectTheOthers(t *testing.T) {
	config := Recommended()
	honest, _ := errorAmong(t, config, nil)
	for name, lie := range map[string]Coordinate{
		"not a number": {Vec: [MaxDimensions]float64{math.NaN()}},
		"far":          {Vec: [MaxDimensions]float64{1e9}},
		"high":         {Height: 1e6},
	} {
		lie.Dimensions = config.Space.dimensions
		lie.Height = max(lie.Height, 0.001)
		err, refused := errorAmong(t, config, &lie)
		assert.Equal(t, honest, err, name)
		assert.EqualValues(t, 3000, refused, name)
	}
}

// A liar within all bounds is believed. The bounds on trust and on a step keep its
// harm to a fraction of what it is without them, and the refusal of outliers takes
// nearly all of the rest.
func TestTheGuardsBoundTheHarmOfALiarWithinBounds(t *testing.T) {
	config := Recommended()
	lie := at(1, 9_000, 0, 0)
	lie.Dimensions = config.Space.dimensions
	honest, _ := errorAmong(t, config, nil)
	refusing, refused := errorAmong(t, config, &lie)
	config.Outliers = OutlierConfig{}
	bounded, _ := errorAmong(t, config, &lie)
	config.MaxStep, config.PeerErrorFloor, config.MaxDistance = 0, 0, 100*time.Second
	bare, _ := errorAmong(t, config, &lie)
	t.Logf("%d refused; median relative error: %.4f without liar; %.4f with outliers refused, %.3f with bounds alone, %.3f without guards", refused, honest, refusing, bounded, bare)
	assert.Less(t, bounded, bare/3)
	assert.Less(t, refusing, bounded/10)
	assert.Greater(t, refused, uint64(2800), "of 3000 lies, all but those before a member's window is full")
}

// A peer whose claims are all within what is believed can still pull; MaxStep
// bounds how far one sample does, PeerErrorFloor how much it is trusted.
func TestAStepAndATrustAreBounded(t *testing.T) {
	config := Paper(Euclidean(1))
	config.MaxStep = 50 * ms
	node := nodeAt(t, config, 0, 1, 0)
	sample(t, node, at(0, 90_000), 0, ms)
	assertAt(t, at(0, 50), node.Coordinate())

	config = Paper(Euclidean(1))
	config.PeerErrorFloor = 0.1
	node = nodeAt(t, config, 0, 0.1, 40)
	sample(t, node, at(0, 0), 0, 80*ms)
	assertAt(t, at(0, 40+0.25*0.5*40), node.Coordinate())
}
