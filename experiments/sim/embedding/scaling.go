package embedding

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/swimlab/swimlab/experiments/trial"
)

// scaling is the classical multidimensional scaling of the round trips
// (Torgerson 1952): the principal components of points whose distances they
// would be. Its eigenvalues say what each direction holds; where round trips are
// no Euclidean distances, some are negative.
type scaling struct {
	eigenvalues []float64 // ms², by falling magnitude
	vectors     *mat.Dense
	order       []int // columns of vectors, in the order of eigenvalues
}

func (m *matrix) scale() scaling {
	n := m.n
	squares := m.completed()
	means := make([]float64, n)
	all := 0.0
	for i := range n {
		for j := range n {
			d := squares[i*n+j]
			squares[i*n+j] = d * d
			means[i] += d * d / float64(n)
		}
		all += means[i] / float64(n)
	}
	centred := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			centred.SetSym(i, j, -0.5*(squares[i*n+j]-means[i]-means[j]+all))
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(centred, true) {
		panic("embedding: the eigenvalues of a finite symmetric matrix did not converge")
	}
	values := eigen.Values(nil)
	s := scaling{vectors: new(mat.Dense), order: make([]int, n)}
	eigen.VectorsTo(s.vectors)
	for i := range s.order {
		s.order[i] = i
	}
	slices.SortStableFunc(s.order, func(a, b int) int { return cmp.Compare(math.Abs(values[b]), math.Abs(values[a])) })
	for _, at := range s.order {
		s.eigenvalues = append(s.eigenvalues, values[at])
	}
	return s
}

// completed is the matrix in ms, both directions of a pair their mean. A pair that
// was never measured gets its shortest detour through a third node.
func (m *matrix) completed() []float64 {
	n := m.n
	ms := make([]float64, n*n)
	for i := range n {
		for j := range n {
			if i != j {
				ms[i*n+j] = inMs(m.mean(i, j))
			}
		}
	}
	full := slices.Clone(ms)
	for i := range n {
		for j := range n {
			if i == j || ms[i*n+j] != 0 {
				continue
			}
			best := math.Inf(1)
			for k := range n {
				if a, b := ms[i*n+k], ms[k*n+j]; a != 0 && b != 0 {
					best = min(best, a+b)
				}
			}
			if math.IsInf(best, 1) {
				best = 0
			}
			full[i*n+j] = best
		}
	}
	return full
}

// shares are the first eigenvalues over the largest.
func (s scaling) shares(count int) trial.Series {
	var out trial.Series
	for i, v := range s.eigenvalues[:min(count, len(s.eigenvalues))] {
		out.X, out.Y = append(out.X, float64(i+1)), append(out.Y, v/s.eigenvalues[0])
	}
	return out
}

// points places the nodes in so many dimensions, in ms: the principal components
// with the largest positive eigenvalues. A component is zero where there is none.
// Each component's sign is such that its largest entry is positive.
func (s scaling) points(dimensions int) [][]float64 {
	n, _ := s.vectors.Dims()
	points := make([][]float64, n)
	for i := range points {
		points[i] = make([]float64, dimensions)
	}
	d := 0
	for k, value := range s.eigenvalues {
		if d == dimensions || value <= 0 {
			if d == dimensions {
				break
			}
			continue
		}
		column := mat.Col(nil, s.order[k], s.vectors)
		largest := slices.MaxFunc(column, func(a, b float64) int { return cmp.Compare(math.Abs(a), math.Abs(b)) })
		for i, v := range column {
			points[i][d] = math.Copysign(1, largest) * v * math.Sqrt(value)
		}
		d++
	}
	return points
}
