package figure

import "math"

// Marker is the shape that stands for one point.
type Marker string

// The markers, each of about the same area at the same size.
const (
	Circle           Marker = "circle"
	Square           Marker = "square"
	Triangle         Marker = "triangle"
	InvertedTriangle Marker = "inverted-triangle"
	Diamond          Marker = "diamond"
	Pentagon         Marker = "pentagon"
)

// corners returns the marker's outline around the origin, y upwards, for a
// circle of radius 1; nil for the circle itself.
func (m Marker) corners() [][2]float64 {
	switch m {
	case Square:
		return polygon(4, 45, 1.2)
	case Triangle:
		return polygon(3, 90, 1.4)
	case InvertedTriangle:
		return polygon(3, 270, 1.4)
	case Diamond:
		return polygon(4, 90, 1.35)
	case Pentagon:
		return polygon(5, 90, 1.2)
	}
	return nil
}

// polygon is a regular polygon whose first corner lies at angle degrees.
func polygon(corners int, angle, radius float64) [][2]float64 {
	points := make([][2]float64, corners)
	for i := range points {
		sin, cos := math.Sincos((angle + 360*float64(i)/float64(corners)) * math.Pi / 180)
		points[i] = [2]float64{radius * cos, radius * sin}
	}
	return points
}
