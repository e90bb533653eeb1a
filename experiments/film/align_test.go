package film

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"gonum.org/v1/gonum/mat"
)

func randomCloud(n, d int) cloud {
	rng := rand.New(rand.NewPCG(1, 2))
	c := newCloud(n, d)
	for i := range c.points {
		c.points[i] = rng.NormFloat64() * float64(1+i%d)
	}
	c.centre()
	return c
}

func copyOf(c cloud) cloud { return cloud{points: append([]float64(nil), c.points...), n: c.n, d: c.d} }

func distances(c cloud) []float64 {
	var all []float64
	for i := range c.n {
		for j := range i {
			var sum float64
			for k := range c.d {
				sum += (c.at(i)[k] - c.at(j)[k]) * (c.at(i)[k] - c.at(j)[k])
			}
			all = append(all, math.Sqrt(sum))
		}
	}
	return all
}

func TestAKnownRotationIsUndone(t *testing.T) {
	for _, angle := range []float64{0, 0.3, 1.7, math.Pi, -2.9} {
		want := randomCloud(40, 3)
		got := copyOf(want)
		sin, cos := math.Sincos(angle)
		got.turn(mat.NewDense(3, 3, []float64{cos, sin, 0, -sin, cos, 0, 0, 0, 1}))
		got.turn(onto(got, want, got.present(), false))
		assert.InDeltaSlice(t, want.points, got.points, 1e-9)
	}
}

func TestAMirrorImageIsUndoneOnlyWhereMirrorsAreAllowed(t *testing.T) {
	want := randomCloud(40, 2)
	got := copyOf(want)
	mirror := mat.NewDense(2, 2, []float64{-1, 0, 0, 1})
	got.turn(mirror)
	assert.InDelta(t, 1, mat.Det(onto(got, want, got.present(), false)), 1e-9, "a rotation")
	got.turn(onto(got, want, got.present(), true))
	assert.InDeltaSlice(t, want.points, got.points, 1e-9)
}

func TestNoDistanceChangesByTurning(t *testing.T) {
	c := randomCloud(30, 8)
	before := distances(c)
	shares := c.principal()
	assert.InDeltaSlice(t, before, distances(c), 1e-9)
	assert.IsDecreasing(t, shares)
	c.orient(func(i int) (float64, float64, bool) { return float64(i), float64(i % 7), i != 3 })
	assert.InDeltaSlice(t, before, distances(c), 1e-9)
}

func TestPointsThatAllCoincideAreLeftWhereTheyAre(t *testing.T) {
	c := newCloud(5, 2)
	c.principal()
	c.turn(onto(c, randomCloud(5, 2), c.present(), false))
	assert.Equal(t, make([]float64, 10), c.points)
}
