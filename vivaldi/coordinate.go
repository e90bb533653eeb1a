package vivaldi

import (
	"math"
	"strings"
	"time"
)

// Coordinate is a node's place in a [Space], a plain value that can be copied,
// compared and sent. The zero Coordinate, without dimensions, is an unknown place.
type Coordinate struct {
	// Vec is the place on the plane, in three or more dimensions, or on the
	// sphere, in seconds. Only the first Dimensions components count; the others
	// are zero.
	Vec [MaxDimensions]float64
	// Dimensions is how many components of Vec the space has.
	Dimensions int
	// Radius is the sphere's, in seconds a radian; zero in a Euclidean space.
	Radius float64
	// Height is the height above the Euclidean part, in seconds: positive in a
	// space with heights, zero in one without.
	Height float64
	// Adjustment is what the node adds to every prediction, in seconds, because
	// its place alone predicts too short or too long; see [AdjustmentConfig].
	Adjustment float64
}

// Distance is the predicted round-trip time between the nodes at c and d, to the
// nanosecond: ‖c−d‖ and both adjustments, unless those leave nothing over zero. The two are meant
// to be of one space; a component that one of them lacks counts as zero.
func (c Coordinate) Distance(d Coordinate) time.Duration {
	n := max(len(c.point()), len(d.point()))
	var across float64
	if c.Radius != 0 {
		across = arc(c.Vec[:], d.Vec[:], c.Radius)
	} else {
		across = span(c.Vec[:n], d.Vec[:n])
	}
	return duration(adjusted(across+(c.Height+d.Height), c.Adjustment+d.Adjustment))
}

// adjusted is a prediction with both nodes' adjustments in it. Adjustments may be
// negative, a round trip may not: then the prediction stays as it was.
func adjusted(distance, adjustment float64) float64 {
	if sum := distance + adjustment; sum > 0 {
		return sum
	}
	return distance
}

// Known says whether c is a place at all.
func (c *Coordinate) Known() bool { return c.Dimensions > 0 }

// point is the part of Vec that counts, whatever a stranger put in Dimensions.
func (c *Coordinate) point() []float64 { return c.Vec[:min(max(c.Dimensions, 0), MaxDimensions)] }

// String writes the coordinate in milliseconds: "(12.5 -3.0)+1.2ms".
func (c Coordinate) String() string {
	var b strings.Builder
	b.WriteByte('(')
	for i, v := range c.point() {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(milliseconds(v))
	}
	b.WriteByte(')')
	if c.Height != 0 {
		b.WriteByte('+')
		b.WriteString(milliseconds(c.Height))
	}
	b.WriteString("ms")
	return b.String()
}

// seconds is d as the arithmetic wants it.
func seconds(d time.Duration) float64 { return float64(d) / 1e9 }

// duration is s seconds to the nearest nanosecond. What no Duration can hold,
// and what is no number, counts as infinitely far.
func duration(s float64) time.Duration {
	ns := math.Round(s * 1e9)
	if !(ns < math.MaxInt64) {
		return math.MaxInt64
	}
	return time.Duration(ns)
}
