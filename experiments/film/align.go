package film

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// A Vivaldi coordinate means nothing by itself; only distances do. So the whole
// cloud is free to drift and to turn, and does, because every sample pushes one
// node alone. Shown as it is, a picture would drift and spin for no reason that a
// distance could tell. What is shown is therefore moved back, rigidly, which
// changes no distance at all.

// cloud is n points of d coordinates each, one after the other.
type cloud struct {
	points []float64
	n, d   int
}

func newCloud(n, d int) cloud { return cloud{make([]float64, n*d), n, d} }

func (c cloud) at(i int) []float64 { return c.points[i*c.d : (i+1)*c.d] }

// centre moves the centroid to the origin.
func (c cloud) centre() {
	for k := range c.d {
		var sum float64
		for i := range c.n {
			sum += c.points[i*c.d+k]
		}
		mean := sum / float64(c.n)
		for i := range c.n {
			c.points[i*c.d+k] -= mean
		}
	}
}

// turn multiplies every point, as a row, by a d×d matrix.
func (c cloud) turn(by *mat.Dense) {
	row := make([]float64, c.d)
	for i := range c.n {
		p := c.at(i)
		for k := range row {
			row[k] = 0
			for l, x := range p {
				row[k] += x * by.At(l, k)
			}
		}
		copy(p, row)
	}
}

// onto is the rotation that brings a nearest to b in the sense of least squares,
// both centred (W. Kabsch, "A solution for the best rotation to relate two sets of
// vectors", Acta Crystallographica A32, 1976; the orthogonal Procrustes problem).
// With mirrors allowed it may be a reflection.
func onto(a, b cloud, mirrors bool) *mat.Dense {
	var product mat.Dense
	product.Mul(mat.NewDense(a.n, a.d, a.points).T(), mat.NewDense(b.n, b.d, b.points))
	var svd mat.SVD
	turn := mat.NewDense(a.d, a.d, nil)
	if !svd.Factorize(&product, mat.SVDFull) {
		for k := range a.d {
			turn.Set(k, k, 1)
		}
		return turn
	}
	var u, v mat.Dense
	svd.UTo(&u)
	svd.VTo(&v)
	turn.Mul(&u, v.T())
	if !mirrors && mat.Det(turn) < 0 {
		for k := range a.d { // the direction that costs least is turned over
			u.Set(k, a.d-1, -u.At(k, a.d-1))
		}
		turn.Mul(&u, v.T())
	}
	return turn
}

// principal turns a centred cloud so that its first coordinate varies most, its
// second most of what is left, and so on, and returns each one's share of the
// variance. An axis points to where its farthest node is.
func (c cloud) principal() []float64 {
	covariance := mat.NewSymDense(c.d, nil)
	for k := range c.d {
		for l := k; l < c.d; l++ {
			var sum float64
			for i := range c.n {
				sum += c.points[i*c.d+k] * c.points[i*c.d+l]
			}
			covariance.SetSym(k, l, sum)
		}
	}
	shares := make([]float64, c.d)
	var eigen mat.EigenSym
	if !eigen.Factorize(covariance, true) {
		return shares
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	values := eigen.Values(nil) // ascending
	turn := mat.NewDense(c.d, c.d, nil)
	total := 0.0
	for k := range c.d {
		for l := range c.d {
			turn.Set(l, k, vectors.At(l, c.d-1-k))
		}
		shares[k] = max(values[c.d-1-k], 0)
		total += shares[k]
	}
	c.turn(turn)
	for k := range c.d {
		if total > 0 {
			shares[k] /= total
		}
		var farthest float64
		for i := range c.n {
			if x := c.points[i*c.d+k]; math.Abs(x) > math.Abs(farthest) {
				farthest = x
			}
		}
		if farthest < 0 {
			for i := range c.n {
				c.points[i*c.d+k] = -c.points[i*c.d+k]
			}
		}
	}
	return shares
}

// orient turns, and mirrors if need be, the first two coordinates so that nodes
// lie as they do on a map: west left, north up. place is false where a node's is
// not known.
func (c cloud) orient(place func(i int) (longitude, latitude float64, ok bool)) bool {
	var known []int
	for i := range c.n {
		if _, _, ok := place(i); ok {
			known = append(known, i)
		}
	}
	if c.d < 2 || len(known) < 3 {
		return false
	}
	here, there := newCloud(len(known), 2), newCloud(len(known), 2)
	for k, i := range known {
		copy(here.at(k), c.at(i)[:2])
		longitude, latitude, _ := place(i)
		there.at(k)[0], there.at(k)[1] = longitude, latitude
	}
	here.centre()
	there.centre()
	turn := mat.NewDense(c.d, c.d, nil)
	for k := range c.d {
		turn.Set(k, k, 1)
	}
	plane := onto(here, there, true)
	for k := range 2 {
		for l := range 2 {
			turn.Set(k, l, plane.At(k, l))
		}
	}
	c.turn(turn)
	return true
}

// steady aligns frames, each to the one after it and from the last backwards, so
// that between two of them nothing moves that need not.
func steady(frames []cloud) {
	for k, later := range slices.Backward(frames) {
		if k == 0 {
			return
		}
		frame := frames[k-1]
		frame.centre()
		frame.turn(onto(frame, later, false))
	}
}
