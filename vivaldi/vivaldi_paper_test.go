package vivaldi

// The paper as tests, after the manner of etcd's raft_paper_test.go: each test
// retells what the paper demands and where, sets up, acts, and checks.
//
// Reference: F. Dabek, R. Cox, F. Kaashoek, R. Morris, "Vivaldi: A Decentralized
// Network Coordinate System", SIGCOMM 2004. It is retold, never quoted: the full
// text was not at hand, and sections and figures bear the numbers we remember.
// Figure 2 is the constant time step, figure 3 the adaptive one, figure 5 a
// network that newcomers join, section 5.4 the heights.

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const ms = time.Millisecond

// nodeAt is a node of the config at these milliseconds with this error estimate.
func nodeAt(t *testing.T, config Config, height float64, estimate float64, components ...float64) *Node {
	t.Helper()
	node, err := NewNode(config, rand.New(rand.NewPCG(1, 1)))
	require.NoError(t, err)
	require.NoError(t, node.Restore(at(height, components...), estimate))
	return node
}

// at is the coordinate of these milliseconds.
func at(height float64, components ...float64) Coordinate {
	c := Coordinate{Dimensions: len(components), Height: height / 1e3}
	for i, v := range components {
		c.Vec[i] = v / 1e3
	}
	return c
}

func sample(t *testing.T, node *Node, peer Coordinate, peerError float64, rtt time.Duration) {
	t.Helper()
	require.NoError(t, node.Update(&peer, peerError, rtt))
}

func assertAt(t *testing.T, want, got Coordinate) {
	t.Helper()
	require.Equal(t, want.Dimensions, got.Dimensions)
	for i := range want.Dimensions {
		assert.InDelta(t, want.Vec[i], got.Vec[i], 1e-12, "component %d of %v, want %v", i, got, want)
	}
	assert.InDelta(t, want.Height, got.Height, 1e-12, "height of %v, want %v", got, want)
}

func constant(space Space, delta float64) Config {
	c := Paper(space)
	c.TimeStep, c.Delta = Constant, delta
	return c
}

// The force on a node is the spring's displacement from rest, the measured round
// trip less the distance, along the line between the two; a node moves by δ
// times that force (figure 2).
func TestFigure2_ASampleMovesANodeByDeltaOfTheSpringsDisplacement(t *testing.T) {
	for _, tc := range []struct {
		name string
		rtt  time.Duration
		want Coordinate
	}{
		{"stretched spring pulls", 20 * ms, at(0, 30-3*0.6, 40-3*0.8)}, // 30 ms too far: 3 ms nearer
		{"spring at rest does nothing", 50 * ms, at(0, 30, 40)},
		{"pressed spring pushes", 100 * ms, at(0, 33, 44)}, // 50 ms too near: 5 ms farther
	} {
		t.Run(tc.name, func(t *testing.T) {
			node := nodeAt(t, constant(Euclidean(2), 0.1), 0, 1, 30, 40)
			sample(t, node, at(0, 0, 0), 1, tc.rtt)
			assertAt(t, tc.want, node.Coordinate())
		})
	}
}

// With a constant δ it makes no difference how sure the two nodes are (figure 2).
func TestFigure2_AConstantStepIgnoresErrorEstimates(t *testing.T) {
	for _, estimates := range [][2]float64{{0.01, 1}, {1, 0.01}, {0.5, 0.5}, {1, 0}} {
		node := nodeAt(t, constant(Euclidean(2), 0.1), 0, estimates[0], 30, 40)
		sample(t, node, at(0, 0, 0), estimates[1], 100*ms)
		assertAt(t, at(0, 33, 44), node.Coordinate())
	}
}

// One sample, step by step (figure 3), worked by hand: e_i = 0.3, e_j = 0.1,
// distance 50 ms, round trip 100 ms.
//
//	(1) w   = 0.3/(0.3+0.1)             = 0.75
//	(2) e_s = |50−100|/100              = 0.5
//	(3) α   = c_e·w = 0.25·0.75         = 0.1875
//	    e_i = 0.5·α + 0.3·(1−α)         = 0.3375
//	(4) δ   = c_c·w = 0.25·0.75         = 0.1875
//	    x_i = x_i + δ·(100−50)·u        = 9.375 ms along (0.6, 0.8)
func TestFigure3_OneSampleByHand(t *testing.T) {
	node := nodeAt(t, Paper(Euclidean(2)), 0, 0.3, 30, 40)
	sample(t, node, at(0, 0, 0), 0.1, 100*ms)
	assert.InDelta(t, 0.3375, node.ErrorEstimate(), 1e-12)
	assertAt(t, at(0, 30+9.375*0.6, 40+9.375*0.8), node.Coordinate())
}

// c_c and c_e are separate: one scales the move, the other the estimate (figure 3).
func TestFigure3_CcScalesTheMoveAndCeTheEstimate(t *testing.T) {
	config := Paper(Euclidean(1))
	config.Cc, config.Ce = 1, 0.5
	node := nodeAt(t, config, 0, 0.4, 10)
	sample(t, node, at(0, 0), 0.4, 30*ms)
	assertAt(t, at(0, 10+0.5*20), node.Coordinate())
	assert.InDelta(t, 0.25*(20.0/30)+0.75*0.4, node.ErrorEstimate(), 1e-12)
}

// A node unsure of itself moves far at the word of a sure one, and a sure one
// hardly moves at the word of an unsure one, so that newcomers do not disturb
// those that have settled (figure 3 and its discussion).
func TestFigure3_TheSurerNodeMovesLess(t *testing.T) {
	moved := func(own, peer float64) float64 {
		node := nodeAt(t, Paper(Euclidean(2)), 0, own, 30, 40)
		sample(t, node, at(0, 0, 0), peer, 100*ms)
		start := at(0, 30, 40)
		return seconds(node.Distance(&start))
	}
	newcomer, settled, equals := moved(1, 0.05), moved(0.05, 1), moved(0.2, 0.2)
	assert.InDelta(t, 0.050*0.25*1/1.05, newcomer, 1e-9)
	assert.InDelta(t, 0.050*0.25*0.05/1.05, settled, 1e-9)
	assert.InDelta(t, 0.050*0.25/2, equals, 1e-9)
}

// The error estimate is a moving average of the samples' relative errors: good
// samples bring it down, bad ones up (figure 3).
func TestFigure3_TheErrorEstimateFollowsTheSamples(t *testing.T) {
	node := nodeAt(t, Paper(Euclidean(1)), 0, 1, 50)
	for range 100 {
		sample(t, node, at(0, 0), 0.1, 50*ms)
	}
	calm := node.ErrorEstimate()
	assert.Less(t, calm, 0.02, "a hundred perfect samples")
	sample(t, node, at(0, 0), 0.1, 500*ms)
	assert.Greater(t, node.ErrorEstimate(), calm, "one that is ten times off")
}

// All nodes start at one place; u(0) is then a random direction, which lets them
// part (figure 2's discussion).
func TestFigure2_CoincidentNodesPartInARandomDirection(t *testing.T) {
	for _, space := range []Space{Euclidean(1), Euclidean(2), Euclidean(3).WithHeight(), Euclidean(MaxDimensions)} {
		t.Run(space.String(), func(t *testing.T) {
			config := Paper(space)
			seen := map[Coordinate]bool{}
			for seed := range uint64(20) {
				node, err := NewNode(config, rand.New(rand.NewPCG(seed, 0)))
				require.NoError(t, err)
				start := node.Coordinate()
				sample(t, node, start, 1, 80*ms)
				dist := seconds(start.Distance(start))
				flat := node.Coordinate()
				flat.Height, start.Height = 0, 0
				assert.InDelta(t, (0.080-dist)*0.25/2, seconds(flat.Distance(start)), 1e-9, "as far as any other pair")
				seen[flat] = true
			}
			if space.Dimensions() == 1 {
				assert.Len(t, seen, 2, "left and right")
			} else {
				assert.Len(t, seen, 20, "each seed its own direction")
			}
		})
	}
}

// The random direction comes from the source handed in: the same source, the
// same coordinate.
func TestFigure2_TheSameSourceGivesTheSameDirection(t *testing.T) {
	run := func() Coordinate {
		node, err := NewNode(Paper(Euclidean(5).WithHeight()), rand.New(rand.NewPCG(7, 7)))
		require.NoError(t, err)
		sample(t, node, node.Coordinate(), 1, 80*ms)
		return node.Coordinate()
	}
	assert.Equal(t, run(), run())
}

// [x,h] − [y,g] = [x−y, h+g] and ‖[x,h]‖ = ‖x‖ + h: a packet goes down one access
// link, through the core and up the other (section 5.4).
func TestSection54_ADistanceIsTheCorePlusBothHeights(t *testing.T) {
	assert.Equal(t, 62*ms, at(5, 30, 40).Distance(at(7, 0, 0)))
	assert.Equal(t, 62*ms, at(7, 0, 0).Distance(at(5, 30, 40)))
	assert.Equal(t, 12*ms, at(5, 30, 40).Distance(at(7, 30, 40)), "behind one router the links remain")
}

// α·[x,h] = [αx, αh], so the unit vector is the whole difference, height
// included, by its whole norm (section 5.4). By hand: difference [(30, 40), 12],
// norm 62, force 0.25·0.5·(93−62) = 3.875 ms, so 1/16 of the difference.
func TestSection54_AStepIsSharedBetweenPlaneAndHeight(t *testing.T) {
	node := nodeAt(t, Paper(Euclidean(2).WithHeight()), 5, 0.4, 30, 40)
	sample(t, node, at(7, 0, 0), 0.4, 93*ms)
	assertAt(t, at(5+12.0/16, 30+30.0/16, 40+40.0/16), node.Coordinate())
}

// Serf divides by the plane's part of the norm alone: the same sample moves a
// node by 3.875 ms in the plane and proportionally up, 62/50 as far.
func TestSection54_SerfsUnitVectorMovesFarther(t *testing.T) {
	config := Paper(Euclidean(2).WithHeight())
	config.UnitVector = EuclideanNorm
	node := nodeAt(t, config, 5, 0.4, 30, 40)
	sample(t, node, at(7, 0, 0), 0.4, 93*ms)
	share := 3.875 / 50
	assertAt(t, at(5+12*share, 30+30*share, 40+40*share), node.Coordinate())
}

// Every node keeps a positive height (section 5.4): pulls cannot take it below
// the floor.
func TestSection54_HeightsStayPositive(t *testing.T) {
	config := Paper(Euclidean(2).WithHeight())
	config.Cc = 1
	node := nodeAt(t, config, 5, 1, 30, 40)
	sample(t, node, at(90, 0, 0), 0, 1*ms)
	assert.Equal(t, seconds(config.HeightFloor), node.Coordinate().Height)
}

// A node that is too near to peers on all sides stays put in a plane, because
// their pushes cancel out; with heights it moves up, away from all of them, and
// that is why a height fits an access link (section 5.4).
func TestSection54_ANodePushedFromAllSidesMovesUp(t *testing.T) {
	square := [][2]float64{{50, 0}, {0, 50}, {-50, 0}, {0, -50}}
	settle := func(space Space, height float64) *Node {
		node := nodeAt(t, Paper(space), height, 1, 0, 0)
		for range 500 {
			for _, corner := range square {
				sample(t, node, at(height, corner[0], corner[1]), 0.1, 80*ms)
			}
		}
		return node
	}
	flat := settle(Euclidean(2), 0)
	for _, corner := range square {
		c := at(0, corner[0], corner[1])
		assert.InDelta(t, 50, flat.Distance(&c).Seconds()*1e3, 4, "pushes cancel out in the plane")
	}
	up := settle(Euclidean(2).WithHeight(), 0.01)
	for _, corner := range square {
		c := at(0.01, corner[0], corner[1])
		assert.InDelta(t, 80, up.Distance(&c).Seconds()*1e3, 1, "height takes what the plane cannot")
	}
	assert.InDelta(t, 30, up.Coordinate().Height*1e3, 1)
}

// Vivaldi seeks the coordinates with the least squared error (section 2). Where
// the round trips are distances in the very space, that error is zero, and a
// cloud that starts at one point finds it.
func TestSection2_ACloudFindsPlacesThatPredictEveryRoundTrip(t *testing.T) {
	for _, space := range []Space{Euclidean(2), Euclidean(3), Euclidean(2).WithHeight()} {
		t.Run(space.String(), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(5, 5))
			truth := make([]Coordinate, 40)
			for i := range truth {
				truth[i] = scatter(rng, space)
			}
			config := Paper(space)
			cloud, err := NewCloud(config, len(truth), rng)
			require.NoError(t, err)
			for range 200_000 {
				i, j := rng.IntN(len(truth)), rng.IntN(len(truth))
				if i != j {
					require.NoError(t, cloud.Update(i, j, truth[i].Distance(truth[j])))
				}
			}
			for i := range truth {
				for j := range i {
					real := seconds(truth[i].Distance(truth[j]))
					assert.InEpsilon(t, real, seconds(cloud.Distance(i, j)), 0.01, "%d to %d", i, j)
				}
			}
		})
	}
}

// When as many newcomers join a settled network as it has nodes, an adaptive
// step keeps the settled nodes where they are while the newcomers find their
// places; a constant step lets the newcomers drag them away (figure 5).
func TestFigure5_NewcomersDisturbSettledNodesLessWithAnAdaptiveStep(t *testing.T) {
	const side, spacing, neighbours = 8, 20.0, 16
	var grid []Coordinate
	for i := range 2 * side * side {
		grid = append(grid, at(0, spacing*float64(i%side), spacing*float64(i/side)))
	}
	// dragged is the largest median error of predictions between settled nodes
	// while the newcomers settle in.
	dragged := func(config Config) float64 {
		rng := rand.New(rand.NewPCG(6, 6))
		order := rng.Perm(len(grid))
		settled := len(grid) / 2
		real := func(i, j int) time.Duration { return grid[order[i]].Distance(grid[order[j]]) }
		cloud, err := NewCloud(config, len(grid), rng)
		require.NoError(t, err)
		round := func(nodes int) {
			for i := range nodes {
				for range neighbours {
					if j := rng.IntN(nodes); j != i {
						require.NoError(t, cloud.Update(i, j, real(i, j)))
					}
				}
			}
		}
		for range 200 {
			round(settled)
		}
		worst := 0.0
		for range 40 {
			round(len(grid))
			var errs []float64
			for i := range settled {
				for j := range i {
					errs = append(errs, math.Abs(seconds(cloud.Distance(i, j)-real(i, j))))
				}
			}
			slices.Sort(errs)
			worst = max(worst, errs[len(errs)/2])
		}
		return worst
	}
	adaptive, fixed := dragged(Paper(Euclidean(2))), dragged(constant(Euclidean(2), 0.05))
	t.Logf("largest median error between settled nodes: adaptive %.2f ms, constant %.2f ms", adaptive*1e3, fixed*1e3)
	assert.Less(t, adaptive, fixed/2)
}

// A newcomer needs samples of only a few of many nodes to predict its round
// trips to the others (abstract).
func TestAbstract_ANewcomerNeedsFewSamples(t *testing.T) {
	medianAfter := func(samples int) float64 {
		rng := rand.New(rand.NewPCG(8, 8))
		space := Euclidean(2)
		settled := make([]Coordinate, 500)
		for i := range settled {
			settled[i] = scatter(rng, space)
		}
		var errs []float64
		for range 20 {
			home := scatter(rng, space)
			node, err := NewNode(Paper(space), rng)
			require.NoError(t, err)
			for _, peer := range settled[:samples] {
				sample(t, node, peer, 0.05, home.Distance(peer))
			}
			for _, peer := range settled[samples:] {
				real := seconds(home.Distance(peer))
				errs = append(errs, math.Abs(seconds(node.Distance(&peer))-real)/real)
			}
		}
		slices.Sort(errs)
		return errs[len(errs)/2]
	}
	assert.Greater(t, medianAfter(0), 0.3)
	assert.Less(t, medianAfter(32), 0.15)
}

// On a sphere the distance is the radius times the angle, along the great circle
// (section 5.3): a quarter of the way round is π/2 radii.
func TestSection53_ADistanceOnASphereIsAlongTheGreatCircle(t *testing.T) {
	on := func(x, y, z float64) Coordinate {
		c := at(0, x, y, z)
		c.Radius = 0.05
		return c
	}
	quarter := duration(0.05 * math.Pi / 2)
	assert.Equal(t, quarter, on(50, 0, 0).Distance(on(0, 50, 0)))
	assert.Equal(t, duration(0.05*math.Pi), on(50, 0, 0).Distance(on(-50, 0, 0)))
	assert.Zero(t, on(30, 40, 0).Distance(on(30, 40, 0)))
}

// A sample rotates a node by δ·(θ − rtt/r), θ the angle predicted, towards its
// peer if it is too far and away if it is too near (section 5.3). By hand: radius
// 50 ms, a right angle between the two, δ = 0.1.
func TestSection53_ASampleRotatesANodeAlongTheGreatCircle(t *testing.T) {
	const radius, delta = 50.0, 0.1
	for _, rtt := range []float64{20, 120} {
		node, err := NewNode(constant(Sphere(radius*ms), delta), rand.New(rand.NewPCG(1, 1)))
		require.NoError(t, err)
		peer := at(0, radius, 0, 0)
		peer.Radius = radius / 1e3
		sample(t, node, peer, 1, time.Duration(rtt*1e6))
		turn := delta * (math.Pi/2 - rtt/radius) // towards the peer
		want := at(0, radius*math.Sin(turn), 0, radius*math.Cos(turn))
		got := node.Coordinate()
		got.Radius = 0
		assertAt(t, want, got)
	}
}

// Where round trips are distances on a sphere, a cloud on that sphere finds them.
func TestSection53_ACloudOnASphereFindsItsPlaces(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	space := Sphere(60 * ms)
	truth := make([]Coordinate, 40)
	for i := range truth {
		truth[i] = somewhere(rng, space)
	}
	cloud, err := NewCloud(Paper(space), len(truth), rng)
	require.NoError(t, err)
	for range 200_000 {
		i, j := rng.IntN(len(truth)), rng.IntN(len(truth))
		if i != j {
			require.NoError(t, cloud.Update(i, j, truth[i].Distance(truth[j])))
		}
	}
	var errs []float64
	for i := range truth {
		for j := range i {
			real := seconds(truth[i].Distance(truth[j]))
			errs = append(errs, math.Abs(seconds(cloud.Distance(i, j))-real)/real)
		}
	}
	assert.Less(t, medianOf(errs), 0.02)
}
