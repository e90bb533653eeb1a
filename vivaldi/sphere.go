package vivaldi

import (
	"math"
	"math/rand/v2"
)

// The sine and its kin come from the standard library, whose last bit may differ
// between architectures; on a sphere, therefore, so may a coordinate's.

// arc is the length of the great circle's arc between x and y on a sphere of
// this radius. The angle comes from sine and cosine together, because either
// alone is blind near one of its ends.
func arc(x, y []float64, radius float64) float64 {
	x, y = x[:3], y[:3]
	a := float64(x[1]*y[2]) - float64(x[2]*y[1])
	b := float64(x[2]*y[0]) - float64(x[0]*y[2])
	c := float64(x[0]*y[1]) - float64(x[1]*y[0])
	sine := math.Sqrt(float64(a*a) + float64(b*b) + float64(c*c))
	return radius * math.Atan2(sine, dot(x, y))
}

// rotate moves x by length along the great circle that leads away from y. Where
// that circle is none in particular, at y and opposite to it, the direction is
// drawn evenly from all there are.
func rotate(x, y []float64, length, radius float64, rng *rand.Rand) {
	x, y = x[:3], y[:3]
	// The tangent at x away from y is what −y has across x.
	along := dot(x, y) / float64(radius*radius)
	var tangent [3]float64
	for i := range tangent {
		tangent[i] = float64(along*x[i]) - y[i]
	}
	norm := math.Sqrt(dot(tangent[:], tangent[:]))
	for norm < coincident {
		for i := range tangent {
			tangent[i] = radius * rng.NormFloat64()
		}
		along := dot(x, tangent[:]) / float64(radius*radius)
		for i := range tangent {
			tangent[i] -= float64(along * x[i])
		}
		norm = math.Sqrt(dot(tangent[:], tangent[:]))
	}
	sin, cos := math.Sincos(length / radius)
	for i := range tangent {
		x[i] = float64(x[i]*cos) + float64(tangent[i]*(radius*sin/norm))
	}
	// Rounding must not lift it off the sphere, sample by sample.
	scale := radius / math.Sqrt(dot(x, x))
	for i := range x {
		x[i] *= scale
	}
}

func dot(x, y []float64) float64 {
	return float64(x[0]*y[0]) + float64(x[1]*y[1]) + float64(x[2]*y[2])
}
