package embedding

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"gonum.org/v1/gonum/optimize"

	"github.com/swimlab/swimlab/experiments/sim/quantile"
	"github.com/swimlab/swimlab/vivaldi"
)

// fit embeds the network by direct optimisation with all round trips at hand: of
// every pair at once, or of the landmarks first and then of each other node
// against them.
func (p plan) fit(ctx context.Context, m *matrix, rng *rand.Rand) (*layout, error) {
	f := newFitting(p, m)
	if p.method == "direct" {
		everyone := make([]int, m.n)
		for i := range everyone {
			everyone[i] = i
		}
		return f.layout, f.place(ctx, everyone, nil, p.Starts, rng)
	}
	landmarks := p.landmarks(m, rng)
	if err := f.place(ctx, landmarks, nil, p.Starts, rng); err != nil {
		return nil, err
	}
	for i := range m.n {
		if slices.Contains(landmarks, i) {
			continue
		}
		if err := f.place(ctx, []int{i}, landmarks, p.Starts, rng); err != nil {
			return nil, err
		}
	}
	return f.layout, nil
}

// layout is a finished embedding: of node i, its components and then, in a space
// with heights, its height, in seconds.
type layout struct {
	dims   int
	height bool
	at     [][]float64
}

// Coordinate implements geometry.
func (l *layout) Coordinate(i int) vivaldi.Coordinate {
	c := vivaldi.Coordinate{Dimensions: l.dims}
	copy(c.Vec[:], l.at[i][:l.dims])
	if l.height {
		c.Height = l.at[i][l.dims]
	}
	return c
}

// Distance implements geometry.
func (l *layout) Distance(i, j int) time.Duration {
	a, b := l.at[i], l.at[j]
	var sum float64
	for d := range l.dims {
		step := a[d] - b[d]
		sum += float64(step * step)
	}
	dist := math.Sqrt(sum)
	if l.height {
		dist += a[l.dims] + b[l.dims]
	}
	return time.Duration(math.Round(dist * 1e9))
}

// fitting looks for the layout with the least sum of squared errors, absolute (what
// the paper's springs minimise) or relative (the measure of GNP's authors).
type fitting struct {
	*layout
	m        *matrix
	relative bool
	typical  float64 // the median round trip, for random starts
	start    [][]float64
}

func newFitting(p plan, m *matrix) *fitting {
	f := &fitting{
		layout:   &layout{dims: p.config.Space.Dimensions(), height: p.config.Space.HasHeight(), at: make([][]float64, m.n)},
		m:        m,
		relative: p.Objective == "relative",
		start:    m.scale().points(p.config.Space.Dimensions()),
	}
	var rtts []float64
	m.pairs(nil, func(_, _ int, rtt time.Duration) { rtts = append(rtts, rtt.Seconds()) })
	f.typical = quantile.Median(rtts)
	return f
}

// term is one pair of the objective.
type term struct {
	a, b   int // positions in the vector of unknowns; b < 0 for an anchor
	anchor []float64
	rtt    float64
	weight float64
}

// place finds the places of some nodes: against each other, or each against
// anchors that are placed already. The first start is that of classical scaling,
// the others are random; the best end is kept.
func (f *fitting) place(ctx context.Context, nodes, anchors []int, starts int, rng *rand.Rand) error {
	stride := f.dims
	if f.height {
		stride++
	}
	var terms []term
	add := func(a, b int, anchor []float64, rtt time.Duration) {
		if rtt == 0 {
			return
		}
		t := term{a: a * stride, b: b * stride, anchor: anchor, rtt: rtt.Seconds(), weight: 1}
		if f.relative {
			t.weight = 1 / (t.rtt * t.rtt)
		}
		terms = append(terms, t)
	}
	for a, i := range nodes {
		for b := range a {
			add(a, b, nil, f.m.mean(i, nodes[b]))
		}
		for _, j := range anchors {
			add(a, -1, f.at[j], f.m.mean(i, j))
		}
	}
	if len(terms) == 0 {
		return fmt.Errorf("node %d has no round trip to any landmark", nodes[0])
	}
	o := objective{terms: terms, dims: f.dims, height: f.height}
	best := math.Inf(1)
	for try := range starts {
		if err := ctx.Err(); err != nil {
			return err
		}
		x, value, err := o.minimise(f.guess(nodes, stride, try, rng))
		if err != nil {
			return err
		}
		if value < best {
			best = value
			for k, i := range nodes {
				f.at[i] = slices.Clone(x[k*stride : (k+1)*stride])
				if f.height { // the unknown is its root
					f.at[i][f.dims] *= f.at[i][f.dims]
				}
			}
		}
	}
	return nil
}

// guess is where a search starts: from classical scaling, and after that from
// places at random, as wide as round trips are long.
func (f *fitting) guess(nodes []int, stride, try int, rng *rand.Rand) []float64 {
	x := make([]float64, len(nodes)*stride)
	for k, i := range nodes {
		for d := range f.dims {
			x[k*stride+d] = f.start[i][d] / 1e3
			if try > 0 {
				x[k*stride+d] = f.typical * rng.NormFloat64() / math.Sqrt2
			}
		}
		if f.height {
			x[k*stride+f.dims] = math.Sqrt(0.05 * f.typical)
		}
	}
	return x
}

// objective is Σ weight·(predicted−rtt)². Heights enter as the squares of their
// unknowns, which keeps them from being negative.
type objective struct {
	terms  []term
	dims   int
	height bool
}

// minimise runs L-BFGS from x.
func (o objective) minimise(x []float64) ([]float64, float64, error) {
	// The search asks for value and gradient of one place in two questions.
	last, lastGrad := make([]float64, len(x)), make([]float64, len(x))
	problem := optimize.Problem{
		Func: func(x []float64) float64 {
			copy(last, x)
			return o.value(x, lastGrad)
		},
		Grad: func(grad, x []float64) {
			if !slices.Equal(x, last) {
				o.value(x, grad)
				return
			}
			copy(grad, lastGrad)
		},
	}
	settings := &optimize.Settings{
		MajorIterations:   2000,
		GradientThreshold: 1e-9,
		Converger:         &optimize.FunctionConverge{Relative: 1e-7, Iterations: 20},
	}
	result, err := optimize.Minimize(problem, x, settings, &optimize.LBFGS{})
	// A search that can go no lower in the precision there is has arrived.
	if result == nil || err != nil && !errors.Is(err, optimize.ErrLinesearcherFailure) && !errors.Is(err, optimize.ErrNoProgress) {
		return nil, 0, fmt.Errorf("no embedding found: %w", err)
	}
	return result.X, result.F, nil
}

// value is the objective at x, and its gradient unless grad is nil.
func (o objective) value(x, grad []float64) float64 {
	clear(grad)
	var sum float64
	for i := range o.terms {
		t := &o.terms[i]
		pa := x[t.a : t.a+o.dims]
		pb := t.anchor
		if pb == nil {
			pb = x[t.b:]
		}
		var square float64
		for d, v := range pa {
			step := v - pb[d]
			square += float64(step * step)
		}
		across := math.Sqrt(square)
		miss := across - t.rtt
		if o.height {
			root := x[t.a+o.dims]
			miss += float64(root * root)
			if t.anchor != nil {
				miss += t.anchor[o.dims]
			} else {
				other := x[t.b+o.dims]
				miss += float64(other * other)
			}
		}
		sum += float64(t.weight * miss * miss)
		if grad == nil {
			continue
		}
		pull := 2 * t.weight * miss
		if across > 0 {
			for d, v := range pa {
				g := pull * (v - pb[d]) / across
				grad[t.a+d] += g
				if t.anchor == nil {
					grad[t.b+d] -= g
				}
			}
		}
		if o.height {
			grad[t.a+o.dims] += 2 * pull * x[t.a+o.dims]
			if t.anchor == nil {
				grad[t.b+o.dims] += 2 * pull * x[t.b+o.dims]
			}
		}
	}
	return sum
}

// landmarks chooses them among the nodes that have a round trip to at least half
// of the others: at random, or one in the middle of each of as many clusters as
// there are to be (k-medoids from starts as far apart as can be), after the
// cluster medians of GNP.
func (p plan) landmarks(m *matrix, rng *rand.Rand) []int {
	var fit []int
	for i := range m.n {
		measured := 0
		for j := range m.n {
			if m.mean(i, j) != 0 {
				measured++
			}
		}
		if 2*measured >= m.n-1 {
			fit = append(fit, i)
		}
	}
	if p.LandmarkChoice == "random" || len(fit) <= p.Landmarks {
		shuffle(rng, fit)
		chosen := fit[:min(p.Landmarks, len(fit))]
		slices.Sort(chosen)
		return chosen
	}
	return m.medians(fit, p.Landmarks, rng.IntN(len(fit)))
}

// medianRounds is more than the clusters of any dataset take to settle.
const medianRounds = 50

func (m *matrix) medians(of []int, count, first int) []int {
	// A pair without a round trip is farther apart than any other.
	apart := func(i, j int) time.Duration {
		if d := m.mean(i, j); d != 0 || i == j {
			return d
		}
		return time.Hour
	}
	nearest := func(i int, centres []int) (cluster int, d time.Duration) {
		d = math.MaxInt64
		for c, centre := range centres {
			if away := apart(i, centre); away < d {
				cluster, d = c, away
			}
		}
		return cluster, d
	}
	centres := []int{of[first]}
	for len(centres) < count {
		farthest, most := 0, time.Duration(-1)
		for _, i := range of {
			if _, d := nearest(i, centres); d > most {
				farthest, most = i, d
			}
		}
		centres = append(centres, farthest)
	}
	for range medianRounds {
		clusters := make([][]int, count)
		for _, i := range of {
			c, _ := nearest(i, centres)
			clusters[c] = append(clusters[c], i)
		}
		moved := false
		for c, members := range clusters {
			best, least := centres[c], time.Duration(math.MaxInt64)
			for _, i := range members {
				var sum time.Duration
				for _, j := range members {
					sum += apart(i, j)
				}
				if sum < least {
					best, least = i, sum
				}
			}
			moved = moved || best != centres[c]
			centres[c] = best
		}
		if !moved {
			break
		}
	}
	slices.Sort(centres)
	return centres
}
