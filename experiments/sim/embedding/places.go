package embedding

import (
	"gonum.org/v1/gonum/mat"

	"github.com/swimlab/swimlab/experiments/trial"
)

// places are the nodes that are there, on a map.
func (v *view) places() []trial.Place {
	all := v.allPlaces(v.matrix.targets())
	if v.joined == nil {
		return all
	}
	there := all[:0]
	for i, p := range all {
		if v.joined[i] {
			there = append(there, p)
		}
	}
	return there
}

// allPlaces are the coordinates of all nodes in ms, turned, mirrored and shifted,
// never stretched, to lie over the map of targets as well as they can.
func (v *view) allPlaces(targets [][]float64) []trial.Place {
	points := make([][]float64, v.matrix.n)
	places := make([]trial.Place, v.matrix.n)
	var known []int
	for i := range points {
		c := v.geometry.Coordinate(i)
		points[i] = make([]float64, max(c.Dimensions, 2))
		for d := range points[i] {
			points[i][d] = 1e3 * c.Vec[d]
		}
		places[i] = trial.Place{Name: v.matrix.sites[i].name, Group: v.group(i), Height: 1e3 * c.Height}
		if targets[i] != nil && (v.joined == nil || v.joined[i]) {
			known = append(known, i)
		}
	}
	for i, at := range turn(points, targets, known) {
		places[i].X, places[i].Y = at[0], at[1]
	}
	return places
}

// group is what a node's colour says.
func (v *view) group(i int) string {
	switch {
	case v.old == nil:
		return v.matrix.sites[i].group
	case v.old[i]:
		return "stable"
	}
	return "newcomer"
}

// targets are the nodes' places on a map; nil where nobody knows. A network without
// any gets those of classical scaling.
func (m *matrix) targets() [][]float64 {
	targets := make([][]float64, m.n)
	found := 0
	for i, s := range m.sites {
		if s.known {
			targets[i] = []float64{s.x, s.y}
			found++
		}
	}
	if found < 3 {
		return m.scale().points(2)
	}
	return targets
}

// turn lays points over targets by an orthogonal Procrustes transformation
// (Schönemann 1966): of all ways to turn, mirror and shift them into the plane,
// that whose directions agree best with those of the targets, whatever their scale.
func turn(points, targets [][]float64, known []int) [][]float64 {
	dims := len(points[0])
	from, to := centre(points, known, dims), centre(targets, known, 2)
	cross := mat.NewDense(dims, 2, nil)
	for _, i := range known {
		for a := range dims {
			for b := range 2 {
				cross.Set(a, b, cross.At(a, b)+(points[i][a]-from[a])*(targets[i][b]-to[b]))
			}
		}
	}
	// The rotation that makes the trace of its product with cross largest.
	var svd mat.SVD
	rotation := mat.NewDense(dims, 2, nil)
	if svd.Factorize(cross, mat.SVDThin) {
		var u, w mat.Dense
		svd.UTo(&u)
		svd.VTo(&w)
		rotation.Mul(&u, w.T())
	}
	out := make([][]float64, len(points))
	for i, p := range points {
		out[i] = make([]float64, 2)
		for b := range 2 {
			for a := range dims {
				out[i][b] += (p[a] - from[a]) * rotation.At(a, b)
			}
		}
	}
	return out
}

func centre(points [][]float64, of []int, dims int) []float64 {
	sum := make([]float64, dims)
	for _, i := range of {
		for d := range sum {
			sum[d] += points[i][d] / float64(len(of))
		}
	}
	return sum
}
