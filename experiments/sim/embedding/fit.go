package embedding

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

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
