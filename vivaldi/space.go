package vivaldi

import (
	"math"
	"math/rand/v2"
	"strconv"
	"time"
)

// MaxDimensions is how many dimensions a space may have, its height not counted.
const MaxDimensions = 16

// Space is the geometry that coordinates live in: a Euclidean space or a sphere,
// with or without a height above it.
//
// The height models a node's access link, which every packet crosses whomever it
// is for, while the Euclidean part models the core of the Internet (section 5.4):
//
//	[x, h] − [y, g] = [x−y, h+g]
//	‖[x, h]‖        = ‖x‖ + h
//	α·[x, h]        = [αx, αh]
//
// so a path goes down one access link, through the core, and up the other.
//
// It is a concrete type rather than an interface because its two questions, how
// far and which way, are asked once an update.
type Space struct {
	dimensions int
	height     bool
	sphere     bool
	radius     float64 // of the sphere, in seconds a radian
}

// Euclidean is the Euclidean space of so many dimensions, 1 to [MaxDimensions].
// [Config.Validate] refuses any other number.
func Euclidean(dimensions int) Space { return Space{dimensions: dimensions} }

// Sphere is the surface of a sphere (section 5.3). Its radius has the unit of a
// round trip: two nodes a radian apart are one radius of round-trip time apart,
// and no two are farther apart than π radii. A coordinate is a vector of three
// components, as long as the radius; a sample rotates it along the great circle
// through the peer.
func Sphere(radius time.Duration) Space {
	return Space{dimensions: 3, sphere: true, radius: seconds(radius)}
}

// WithHeight is the same space with a height above it.
func (s Space) WithHeight() Space {
	s.height = true
	return s
}

// Dimensions is the number of a coordinate's components, the height not counted:
// 3 on a sphere.
func (s Space) Dimensions() int { return s.dimensions }

// HasHeight says whether coordinates have a height.
func (s Space) HasHeight() bool { return s.height }

// Radius is the sphere's radius, 0 for a Euclidean space.
func (s Space) Radius() time.Duration { return duration(s.radius) }

// String names the space as figures do: "3D", "2D+height", "sphere of 50ms".
func (s Space) String() string {
	name := strconv.Itoa(s.dimensions) + "D"
	if s.sphere {
		name = "sphere of " + s.Radius().String()
	}
	if s.height {
		name += "+height"
	}
	return name
}

// start puts x, all zeros, where nodes start: at the origin, or at the sphere's
// pole.
func (s *Space) start(x []float64) {
	if s.sphere {
		x[2] = s.radius
	}
}

// span is how far x and y are apart, heights not counted.
func (s *Space) span(x, y []float64) float64 {
	if s.sphere {
		return arc(x, y, s.radius)
	}
	return span(x, y)
}

// span is the Euclidean distance between x and y, in their unit. The conversion
// of the product keeps it from being fused with the sum.
func span(x, y []float64) float64 {
	y = y[:len(x)]
	var sum float64
	for i, xi := range x {
		d := xi - y[i]
		sum += float64(d * d)
	}
	return math.Sqrt(sum)
}

// push moves x along x−y: x += scale·(x−y).
func push(x, y []float64, scale float64) {
	y = y[:len(x)]
	for i, xi := range x {
		x[i] = xi + float64(scale*(xi-y[i]))
	}
}

// pushAnywhere moves x by length in a direction drawn evenly from all there are.
func pushAnywhere(x []float64, length float64, rng *rand.Rand) {
	var direction, origin [MaxDimensions]float64
	u := direction[:len(x)]
	var norm float64
	for norm == 0 {
		for i := range u {
			u[i] = rng.NormFloat64()
		}
		norm = span(u, origin[:])
	}
	for i := range x {
		x[i] += float64(length * (u[i] / norm))
	}
}
