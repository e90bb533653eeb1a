package embedding

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/optimize"
)

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
