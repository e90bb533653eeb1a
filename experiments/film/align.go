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

// cloud is n points of d coordinates each, one after the other, of which some may
// not be there.
type cloud struct {
	points []float64
	n, d   int
	there  []bool // nil when all are
}

func newCloud(n, d int) cloud { return cloud{points: make([]float64, n*d), n: n, d: d} }

func (c cloud) at(i int) []float64 { return c.points[i*c.d : (i+1)*c.d] }

func (c cloud) has(i int) bool { return c.there == nil || c.there[i] }

// present lists who is there, and in all of the others too.
func (c cloud) present(others ...cloud) []int {
	var list []int
	for i := range c.n {
		in := c.has(i)
		for _, o := range others {
			in = in && o.has(i)
		}
		if in {
			list = append(list, i)
		}
	}
	return list
}

// centroid is the mean place of some points.
func (c cloud) centroid(of []int) []float64 {
	mean := make([]float64, c.d)
	for _, i := range of {
		for k, x := range c.at(i) {
			mean[k] += x / float64(len(of))
		}
	}
	return mean
}

// move shifts every point.
func (c cloud) move(by []float64, sign float64) {
	for i := range c.n {
		for k, x := range by {
			c.points[i*c.d+k] += sign * x
		}
	}
}

// centre moves the centroid of those that are there to the origin.
func (c cloud) centre() { c.move(c.centroid(c.present()), -1) }

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

// onto is the rotation about the origin that brings some points of a nearest to
// those of b in the sense of least squares (W. Kabsch, "A solution for the best
// rotation to relate two sets of vectors", Acta Crystallographica A32, 1976; the
// orthogonal Procrustes problem). With mirrors allowed it may be a reflection.
func onto(a, b cloud, of []int, mirrors bool) *mat.Dense {
	product := mat.NewDense(a.d, a.d, nil)
	for _, i := range of {
		for k, x := range a.at(i) {
			for l, y := range b.at(i) {
				product.Set(k, l, product.At(k, l)+x*y)
			}
		}
	}
	var svd mat.SVD
	turn := mat.NewDense(a.d, a.d, nil)
	if !svd.Factorize(product, mat.SVDFull) {
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
	covariance, present := mat.NewSymDense(c.d, nil), c.present()
	for k := range c.d {
		for l := k; l < c.d; l++ {
			var sum float64
			for _, i := range present {
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
		for _, i := range present {
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
// lie as they do on a map: west left, north up. onMap is false where a node's place
// there is not known.
func (c cloud) orient(onMap func(i int) (x, y float64, ok bool)) bool {
	known := c.located(onMap)
	if c.d < 2 || len(known) < 3 {
		return false
	}
	here, there := newCloud(len(known), 2), newCloud(len(known), 2)
	for k, i := range known {
		copy(here.at(k), c.at(i)[:2])
		there.at(k)[0], there.at(k)[1], _ = onMap(i)
	}
	here.centre()
	there.centre()
	turn := mat.NewDense(c.d, c.d, nil)
	for k := range c.d {
		turn.Set(k, k, 1)
	}
	plane := onto(here, there, here.present(), true)
	for k := range 2 {
		for l := range 2 {
			turn.Set(k, l, plane.At(k, l))
		}
	}
	c.turn(turn)
	return true
}

// orientGlobe turns a sphere, and mirrors it if need be, so that its nodes lie as
// on the Earth: the north pole on the third axis, the meridian of Greenwich on the
// first.
func (c cloud) orientGlobe(onEarth func(i int) (longitude, latitude float64, ok bool)) bool {
	known := c.located(onEarth)
	if len(known) < 3 {
		return false
	}
	earth := newCloud(c.n, 3)
	for _, i := range known {
		longitude, latitude, _ := onEarth(i)
		sinE, cosE := math.Sincos(longitude * math.Pi / 180)
		sinN, cosN := math.Sincos(latitude * math.Pi / 180)
		copy(earth.at(i), []float64{cosN * cosE, cosN * sinE, sinN})
	}
	c.turn(onto(c, earth, known, true))
	return true
}

// located lists the nodes that are there and whose place on a map is known.
func (c cloud) located(onMap func(i int) (x, y float64, ok bool)) []int {
	var known []int
	for _, i := range c.present() {
		if _, _, ok := onMap(i); ok {
			known = append(known, i)
		}
	}
	return known
}

// steady aligns frames, each to the one after it and from the last backwards, by
// the nodes that both have, so that between two of them nothing moves that need
// not. A sphere stays where it is and can only turn.
func steady(frames []cloud, sphere bool) {
	for k, later := range slices.Backward(frames) {
		if k == 0 {
			return
		}
		frame := frames[k-1]
		both := frame.present(later)
		if sphere {
			frame.turn(onto(frame, later, both, false))
			continue
		}
		to := later.centroid(both)
		frame.move(frame.centroid(both), -1)
		later.move(to, -1)
		frame.turn(onto(frame, later, both, false))
		later.move(to, 1)
		frame.move(to, 1)
	}
}
