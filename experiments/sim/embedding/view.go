package embedding

import (
	"math"
	"slices"
	"time"

	"github.com/swimlab/swimlab/experiments/sim/quantile"
	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/vivaldi"
)

// geometry is an embedding: where every node is, and what that predicts.
type geometry interface {
	Coordinate(i int) vivaldi.Coordinate
	Distance(i, j int) time.Duration
}

// view is an embedding at one instant beside the round trips it should predict.
type view struct {
	matrix   *matrix
	geometry geometry
	joined   []bool // who is there; nil for all
	old      []bool // who was there from the start; nil for all
	before   []vivaldi.Coordinate
	fixed    [][]neighbour
	near     [][]neighbour
	movement float64 // ms

	predicted []time.Duration // every pair's, once somebody wants them; row by row
	sorted    []float64       // relative errors, likewise
}

// predict fills the table of predictions, in which every measure looks.
func (v *view) predict() {
	n := v.matrix.n
	if v.predicted != nil {
		return
	}
	v.predicted = make([]time.Duration, n*n)
	for i := range n {
		for j := range i {
			d := v.geometry.Distance(i, j)
			v.predicted[i*n+j], v.predicted[j*n+i] = d, d
		}
	}
}

func (w *world) view() *view {
	v := &view{matrix: w.matrix, geometry: w.cloud, joined: w.joined, old: w.old, before: w.before, fixed: w.fixed, near: w.near}
	if w.moves > 0 {
		v.movement = 1e3 * w.moved / float64(w.moves)
	}
	return v
}

// relativeErrors are |predicted−measured|/measured of the measured pairs, and of
// them only those to keep, unless keep is nil.
func (v *view) relativeErrors(keep func(i, j int) bool) []float64 {
	errs := make([]float64, 0, v.matrix.n*v.matrix.n/2)
	v.matrix.pairs(v.joined, func(i, j int, rtt time.Duration) {
		if keep == nil || keep(i, j) {
			errs = append(errs, float64(v.missedBy(i, j, rtt))/float64(rtt))
		}
	})
	return errs
}

// missedBy is |predicted−measured|.
func (v *view) missedBy(i, j int, rtt time.Duration) time.Duration {
	v.predict()
	return (v.predicted[i*v.matrix.n+j] - rtt).Abs()
}

func (v *view) medianRelativeError() float64 {
	if v.sorted != nil {
		return quantile.Of(v.sorted, 0.5)
	}
	return quantile.Median(v.relativeErrors(nil))
}

func (v *view) sortedErrors() []float64 {
	if v.sorted == nil {
		v.sorted = v.relativeErrors(nil)
		slices.Sort(v.sorted)
	}
	return v.sorted
}

// unseenError is over the pairs that neither node probes.
func (v *view) unseenError() []float64 {
	n := v.matrix.n
	probed := make([]bool, n*n)
	for _, sets := range [][][]neighbour{v.fixed, v.near} {
		for i, neighbours := range sets {
			for _, peer := range neighbours {
				probed[i*n+int(peer.node)] = true
				probed[int(peer.node)*n+i] = true
			}
		}
	}
	unseen := v.relativeErrors(func(i, j int) bool { return !probed[i*n+j] })
	if len(unseen) == 0 {
		return []float64{}
	}
	return []float64{quantile.Median(unseen)}
}

// medianAbsoluteError is in milliseconds.
func (v *view) medianAbsoluteError() float64 {
	var errs []float64
	v.matrix.pairs(v.joined, func(i, j int, rtt time.Duration) {
		errs = append(errs, inMs(v.missedBy(i, j, rtt)))
	})
	return quantile.Median(errs)
}

// rmsError is in milliseconds.
func (v *view) rmsError() float64 {
	var sum, n float64
	v.matrix.pairs(v.joined, func(i, j int, rtt time.Duration) {
		e := inMs(v.missedBy(i, j, rtt))
		sum += e * e
		n++
	})
	return math.Sqrt(sum / n)
}

// nodeMedianAbsoluteError is in milliseconds. The authors' simulator reports a
// node's error as this median.
func (v *view) nodeMedianAbsoluteError() float64 { return v.medianOfNodes(v.joined, v.joined) }

func (v *view) oldError() float64 { return v.medianOfNodes(v.old, v.old) }

func (v *view) newError() float64 {
	fresh := make([]bool, len(v.old))
	for i, old := range v.old {
		fresh[i] = !old
	}
	return v.medianOfNodes(fresh, v.joined)
}

// medianOfNodes is the median over some nodes of each one's median error to some
// peers, in ms; nil stands for all.
func (v *view) medianOfNodes(of, to []bool) float64 {
	var medians []float64
	errs := make([]float64, 0, v.matrix.n)
	for i := range v.matrix.n {
		if of != nil && !of[i] {
			continue
		}
		if errs = v.nodeErrors(errs[:0], i, to); len(errs) > 0 {
			medians = append(medians, quantile.Median(errs))
		}
	}
	if len(medians) == 0 {
		return 0
	}
	return quantile.Median(medians)
}

// nodeErrors appends a node's errors to some peers, in ms.
func (v *view) nodeErrors(errs []float64, i int, to []bool) []float64 {
	for j := range v.matrix.n {
		if rtt := v.matrix.at(i, j); rtt != 0 && (to == nil || to[j]) {
			errs = append(errs, inMs(v.missedBy(i, j, rtt)))
		}
	}
	return errs
}

// oldDisplacement is in milliseconds.
func (v *view) oldDisplacement() float64 {
	var moved []float64
	for i, old := range v.old {
		if old {
			moved = append(moved, 1e3*shift(v.before[i], v.geometry.Coordinate(i)))
		}
	}
	return quantile.Median(moved)
}

// shift is how far a node went from one place to another, in seconds: across the
// space and up or down.
func shift(from, to vivaldi.Coordinate) float64 {
	var sum float64
	for d := range from.Vec {
		step := to.Vec[d] - from.Vec[d]
		sum += float64(step * step)
	}
	return math.Sqrt(sum) + math.Abs(to.Height-from.Height)
}

func (v *view) heights() []float64 {
	heights := make([]float64, v.matrix.n)
	for i := range heights {
		heights[i] = 1e3 * v.geometry.Coordinate(i).Height
	}
	return heights
}

func (v *view) heightsIn(region string) []float64 {
	heights := []float64{}
	for i, s := range v.matrix.sites {
		if s.group == region {
			heights = append(heights, 1e3*v.geometry.Coordinate(i).Height)
		}
	}
	return heights
}

// The grid of relative_error_cdf: 0, 0.005, … 2.
const (
	cdfSteps   = 400
	cdfPerUnit = 200
)

func cdf(sorted []float64) trial.Series {
	s := trial.Series{X: make([]float64, cdfSteps+1), Y: make([]float64, cdfSteps+1)}
	at := 0
	for i := range s.X {
		x := float64(i) / cdfPerUnit
		for at < len(sorted) && sorted[at] <= x {
			at++
		}
		s.X[i], s.Y[i] = x, float64(at)/float64(len(sorted))
	}
	return s
}
