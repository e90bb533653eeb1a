package lab

import (
	"errors"
	"fmt"
	"math"

	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"
)

// evaluation is one place where expressions are worth something: results,
// restricted to some cells. Its names are the measures (samples), and the axes:
// a list of their levels, or in a figure's point and a table's row the one
// level that holds there.
type evaluation struct {
	results *Results
	cells   []int
	names   map[string]any
	weights []float64 // how often each seed counts; nil for once each
	cost    int       // values looked at, for the bootstrap's budget
}

// evaluate restricts results to cells. fixed are the axes that have one level
// there.
func (r *Results) evaluate(cells []int, fixed map[string]Level) *evaluation {
	e := &evaluation{results: r, cells: cells, names: map[string]any{}}
	for _, name := range r.Plan.Definition.Measure {
		e.names[name] = newSample(e, name, cells)
	}
	for at, axis := range r.Plan.Axes {
		level, ok := fixed[axis.Name]
		if ok {
			e.names[axis.Name] = level.Name
			if x, numeric := level.Number(); numeric {
				e.names[axis.Name] = x
			}
			continue
		}
		e.names[axis.Name] = r.levelsIn(at, cells)
	}
	return e
}

// levelsIn lists an axis's levels that occur in cells; levels without a number
// count from 0.
func (r *Results) levelsIn(at int, cells []int) list {
	var l list
	for i, level := range r.Plan.Axes[at].Levels {
		for _, c := range cells {
			if r.Plan.Cells[c].Levels[at].Name == level.Name {
				x, numeric := level.Number()
				if !numeric {
					x = float64(i)
				}
				l.values = append(l.values, x)
				l.labels = append(l.labels, r.Plan.Axes[at].Name+"="+level.Name)
				break
			}
		}
	}
	return l
}

func (e *evaluation) weight(trial int) float64 {
	if e.weights == nil {
		return 1
	}
	return e.weights[trial]
}

// run evaluates a compiled expression and returns what it gives: float64, list,
// bool or *sample.
func (e *evaluation) run(x *expression) (any, error) {
	value, err := vm.Run(x.program, e.names)
	if err != nil {
		var positioned *file.Error
		if errors.As(err, &positioned) && positioned.Prev != nil {
			err = positioned.Prev
		} else if positioned != nil {
			err = errors.New(positioned.Message)
		}
		return nil, err
	}
	return normal(value)
}

// numbers evaluates to one number or several.
func (e *evaluation) numbers(x *expression) (list, error) {
	value, err := e.run(x)
	if err != nil {
		return list{}, err
	}
	switch v := value.(type) {
	case float64:
		return list{values: []float64{v}}, finite(v)
	case list:
		return v, finite(v.values...)
	}
	return list{}, fmt.Errorf("%s gives %s; want a number or a list of numbers", x.source, describe(value))
}

// Estimate is a measured value with its interval.
type Estimate struct {
	Value    float64
	Interval *Interval // nil when there is none
}

// estimates evaluates an expression and its bootstrap intervals.
func (e *evaluation) estimates(x *expression) ([]Estimate, list, error) {
	values, err := e.numbers(x)
	if err != nil {
		return nil, list{}, err
	}
	found, err := e.intervals(func() ([]float64, error) {
		l, err := e.numbers(x)
		return l.values, err
	})
	if err != nil {
		return nil, list{}, err
	}
	estimates := make([]Estimate, len(values.values))
	for i, v := range values.values {
		estimates[i].Value = v
		if found != nil {
			estimates[i].Interval = &found[i]
		}
	}
	return estimates, values, nil
}

// share evaluates a condition for each seed alone and returns the share of
// seeds that fulfil it.
func (e *evaluation) share(x *expression) (Estimate, error) {
	seeds := e.results.Plan.Trials
	holds := make([]float64, seeds)
	e.weights = make([]float64, seeds)
	for t := range seeds {
		e.weights[t] = 1
		value, err := e.run(x)
		e.weights[t] = 0
		if err != nil {
			e.weights = nil
			return Estimate{}, fmt.Errorf("seed %d: %w", t+1, err)
		}
		if truth, _ := value.(bool); truth {
			holds[t] = 1
		}
	}
	e.weights = nil
	share := func() ([]float64, error) {
		sum, n := 0.0, 0.0
		for t, h := range holds {
			sum += e.weight(t) * h
			n += e.weight(t)
		}
		return []float64{sum / n}, nil
	}
	value, _ := share()
	found, err := e.intervals(share)
	if err != nil || found == nil {
		return Estimate{Value: value[0]}, err
	}
	return Estimate{value[0], &found[0]}, nil
}

func finite(values ...float64) error {
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return noValue(fmt.Sprintf("the expression gives %v, which is no number to judge", v))
		}
	}
	return nil
}
