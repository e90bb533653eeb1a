package vivaldi

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// drawSpace draws any space.
func drawSpace(t *rapid.T) Space {
	space := Euclidean(rapid.IntRange(1, MaxDimensions).Draw(t, "dimensions"))
	if rapid.Bool().Draw(t, "height") {
		space = space.WithHeight()
	}
	return space
}

// drawConfig draws any valid config.
func drawConfig(t *rapid.T) Config {
	share := rapid.Float64Range(0.001, 1)
	c := Paper(drawSpace(t))
	c.TimeStep = rapid.SampledFrom([]TimeStep{Adaptive, Constant}).Draw(t, "time step")
	c.UnitVector = rapid.SampledFrom([]UnitVector{FullNorm, EuclideanNorm}).Draw(t, "unit vector")
	c.Cc, c.Ce, c.Delta = share.Draw(t, "cc"), share.Draw(t, "ce"), share.Draw(t, "delta")
	c.InitialError = share.Draw(t, "initial error")
	return c
}

// drawPeer draws a coordinate a sane peer could be at.
func drawPeer(t *rapid.T, space Space) Coordinate {
	c := Coordinate{Dimensions: space.Dimensions()}
	for i := range c.point() {
		c.Vec[i] = rapid.Float64Range(-2, 2).Draw(t, "component")
	}
	if space.HasHeight() {
		c.Height = rapid.Float64Range(1e-5, 0.5).Draw(t, "height")
	}
	return c
}

func drawRTT(t *rapid.T) time.Duration {
	return time.Duration(rapid.Int64Range(1, int64(10*time.Second)).Draw(t, "rtt"))
}

func drawEstimate(t *rapid.T) float64 {
	return rapid.SampledFrom([]float64{0, 1e-300, 0.1, 1, 1.5, 1e6, math.MaxFloat64}).Draw(t, "estimate")
}

func newNode(t *rapid.T, config Config) *Node {
	node, err := NewNode(config, rand.New(rand.NewPCG(1, 2)))
	require.NoError(t, err)
	return node
}

// Whatever sane samples come, the node stays within its bounds.
func TestProperty_ANodeStaysFiniteAboveItsFloorAndUnderItsCap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		config := drawConfig(t)
		node := newNode(t, config)
		for range rapid.IntRange(1, 20).Draw(t, "samples") {
			peer := drawPeer(t, config.Space)
			if rapid.IntRange(0, 4).Draw(t, "coincide") == 0 {
				peer = node.Coordinate()
			}
			require.NoError(t, node.Update(&peer, drawEstimate(t), drawRTT(t)))
		}
		place := node.Coordinate()
		for i, v := range place.Vec {
			require.False(t, math.IsNaN(v) || math.IsInf(v, 0), "component %d of %v", i, place)
			require.False(t, i >= place.Dimensions && v != 0, "a component outside the space: %v", place)
		}
		if config.Space.HasHeight() {
			require.GreaterOrEqual(t, place.Height, seconds(config.HeightFloor))
			require.LessOrEqual(t, place.Height, seconds(config.MaxRTT))
		} else {
			require.Zero(t, place.Height)
		}
		require.GreaterOrEqual(t, node.ErrorEstimate(), 0.0)
		require.LessOrEqual(t, node.ErrorEstimate(), config.ErrorCap)
	})
}

// A lie or a fault in one place of a sample refuses it, and nothing changes.
func TestProperty_NonsenseIsRefusedAndChangesNothing(t *testing.T) {
	absurd := rapid.SampledFrom([]float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e3, -1e3, 1e200, math.MaxFloat64})
	rapid.Check(t, func(t *rapid.T) {
		config := drawConfig(t)
		node := newNode(t, config)
		for range rapid.IntRange(0, 5).Draw(t, "sane samples before") {
			peer := drawPeer(t, config.Space)
			require.NoError(t, node.Update(&peer, 0.5, drawRTT(t)))
		}

		peer, estimate, rtt, want := drawPeer(t, config.Space), drawEstimate(t), drawRTT(t), error(nil)
		switch rapid.SampledFrom([]string{"rtt", "component", "height", "estimate", "dimensions"}).Draw(t, "nonsense in") {
		case "rtt":
			rtt = time.Duration(rapid.SampledFrom([]int64{0, -1, math.MinInt64, int64(config.MaxRTT) + 1, math.MaxInt64}).Draw(t, "bad rtt"))
			want = ErrRTT
		case "component":
			peer.Vec[rapid.IntRange(0, peer.Dimensions-1).Draw(t, "which")] = absurd.Draw(t, "bad component")
			want = ErrCoordinate
		case "height":
			peer.Height = rapid.SampledFrom([]float64{math.NaN(), math.Inf(1), math.Inf(-1), -1e-9, 1e3}).Draw(t, "bad height")
			want = ErrCoordinate
		case "estimate":
			estimate = rapid.SampledFrom([]float64{math.NaN(), math.Inf(1), math.Inf(-1), -1e-9}).Draw(t, "bad estimate")
			want = ErrErrorEstimate
		case "dimensions":
			peer.Dimensions = rapid.SampledFrom([]int{-1, 0, peer.Dimensions + 1, MaxDimensions + 1, math.MaxInt}).Draw(t, "bad dimensions")
			want = ErrCoordinate
		}

		place, own := node.Coordinate(), node.ErrorEstimate()
		require.ErrorIs(t, node.Update(&peer, estimate, rtt), want)
		require.Equal(t, place, node.Coordinate())
		require.Equal(t, own, node.ErrorEstimate())

		if want == ErrRTT {
			return // Restore has no round trip
		}
		require.ErrorIs(t, node.Restore(peer, estimate), want)
		require.Equal(t, place, node.Coordinate())
		require.Equal(t, own, node.ErrorEstimate())
	})
}

// vector is the paper's arithmetic of height vectors as it is written there,
// slow and plain: the second opinion on the kernel.
type vector struct {
	x []float64
	h float64
}

func (a vector) minus(b vector) vector {
	d := vector{make([]float64, len(a.x)), a.h + b.h}
	for i := range d.x {
		d.x[i] = a.x[i] - b.x[i]
	}
	return d
}

func (a vector) times(k float64) vector {
	p := vector{make([]float64, len(a.x)), k * a.h}
	for i := range p.x {
		p.x[i] = k * a.x[i]
	}
	return p
}

func (a vector) norm() float64 {
	var squares float64
	for _, v := range a.x {
		squares += v * v
	}
	return math.Sqrt(squares) + a.h
}

// figure3 is one adaptive update in the paper's own steps.
func figure3(c Config, xi vector, ei float64, xj vector, ej, rtt float64) (vector, float64) {
	w := ei / (ei + ej)
	es := math.Abs(xi.minus(xj).norm()-rtt) / rtt
	alpha := c.Ce * w
	ei = es*alpha + ei*(1-alpha)
	delta := c.Cc * w
	u := xi.minus(xj).times(1 / xi.minus(xj).norm())
	step := u.times(delta * (rtt - xi.minus(xj).norm()))
	next := vector{make([]float64, len(xi.x)), xi.h + step.h}
	for i := range next.x {
		next.x[i] = xi.x[i] + step.x[i]
	}
	next.h = max(next.h, seconds(c.HeightFloor))
	return next, min(ei, c.ErrorCap)
}

// The kernel is the paper's arithmetic, only faster.
func TestProperty_TheKernelAgreesWithFigure3WrittenOutPlainly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		config := Paper(Euclidean(rapid.IntRange(1, MaxDimensions).Draw(t, "dimensions")).WithHeight())
		own, peer := drawPeer(t, config.Space), drawPeer(t, config.Space)
		if span(own.point(), peer.point()) < 1e-3 {
			t.Skip("a random direction is not for comparing")
		}
		ei := rapid.Float64Range(0.01, 1.5).Draw(t, "own estimate")
		ej := rapid.Float64Range(0, 1.5).Draw(t, "peer's estimate")
		rtt := drawRTT(t)

		node := newNode(t, config)
		require.NoError(t, node.Restore(own, ei))
		require.NoError(t, node.Update(&peer, ej, rtt))

		want, wantError := figure3(config, vector{own.point(), own.Height}, ei, vector{peer.point(), peer.Height}, ej, seconds(rtt))
		got := node.Coordinate()
		require.InDelta(t, want.h, got.Height, 1e-9*(1+want.h))
		require.InDelta(t, wantError, node.ErrorEstimate(), 1e-9)
		for i := range want.x {
			require.InDelta(t, want.x[i], got.Vec[i], 1e-9*(1+math.Abs(want.x[i])))
		}
	})
}

// A simulated node and a live one are the same thing: the same samples take them
// to the same coordinate, bit for bit.
func TestProperty_ACloudIsManyNodes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		config := drawConfig(t)
		const n = 4
		shared := rand.New(rand.NewPCG(9, 9)) // nodes and cloud draw in the same order
		nodes := make([]*Node, n)
		for i := range nodes {
			var err error
			nodes[i], err = NewNode(config, shared)
			require.NoError(t, err)
		}
		cloud, err := NewCloud(config, n, rand.New(rand.NewPCG(9, 9)))
		require.NoError(t, err)
		require.Equal(t, n, cloud.Len())

		for range rapid.IntRange(1, 30).Draw(t, "samples") {
			i := rapid.IntRange(0, n-1).Draw(t, "i")
			j := (i + rapid.IntRange(1, n-1).Draw(t, "offset")) % n
			rtt := drawRTT(t)
			peer := nodes[j].Coordinate()
			require.NoError(t, nodes[i].Update(&peer, nodes[j].ErrorEstimate(), rtt))
			require.NoError(t, cloud.Update(i, j, rtt))
		}
		for i, node := range nodes {
			require.Equal(t, node.Coordinate(), cloud.Coordinate(i))
			require.Equal(t, node.ErrorEstimate(), cloud.ErrorEstimate(i))
			for j, other := range nodes {
				there := other.Coordinate()
				require.Equal(t, node.Distance(&there), cloud.Distance(i, j))
			}
		}
	})
}

// The same samples give the same bits on every architecture. The sum was taken on
// amd64, whose base level has no fused multiply-add; a compiler that fuses
// elsewhere, or a kernel that lets it, gives another. Changing the arithmetic on
// purpose changes it too, and then every recorded result with it.
func TestTheSameBitsOnEveryArchitecture(t *testing.T) {
	rng := rand.New(rand.NewPCG(10, 10))
	const n = 50
	cloud, err := NewCloud(Paper(Euclidean(5).WithHeight()), n, rng)
	require.NoError(t, err)
	for range 20_000 {
		i := rng.IntN(n)
		j := (i + 1 + rng.IntN(n-1)) % n
		require.NoError(t, cloud.Update(i, j, ms+time.Duration(rng.Int64N(int64(300*ms)))))
	}
	sum := fnv.New64a()
	for _, v := range cloud.state {
		var b [8]byte
		binary.LittleEndian.PutUint64(b[:], math.Float64bits(v))
		sum.Write(b[:])
	}
	require.Equal(t, "ad20553b1f0b0dc1", strconv.FormatUint(sum.Sum64(), 16))
}
