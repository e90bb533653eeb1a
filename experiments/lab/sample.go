package lab

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// sample is the values of one measure in some cells of a sweep: what an
// expression's names stand for. It holds no values itself; statistics ask it
// for one of its reduced forms, which are computed once and kept with the
// results.
type sample struct {
	eval    *evaluation
	measure string
	cells   []int
	steps   []step         // what is done to each trial's values, in order
	key     string         // identifies measure, cells and steps among the results' forms
	made    map[string]any // what was made of it, see once
}

// once returns what build gives, built at the first call with this name. The
// bootstrap evaluates an expression again for every resample; all that differs
// then is the weights, never which cells a sample has or what its values are.
func once[T any](s *sample, name string, build func() (T, error)) (T, error) {
	if kept, ok := s.made[name]; ok {
		return kept.(T), nil
	}
	fresh, err := build()
	if err == nil {
		if s.made == nil {
			s.made = map[string]any{}
		}
		s.made[name] = fresh
	}
	return fresh, err
}

// step turns one trial's observation into other values.
type step struct {
	name    string
	curve   func(x, y []float64) []float64 // a curve's first step
	pointed func(v float64) float64        // applied to each value
	truth   bool                           // gives only 0 and 1
}

func newSample(e *evaluation, measure string, cells []int) *sample {
	s := &sample{eval: e, measure: measure, cells: cells}
	s.setKey()
	return s
}

func (s *sample) setKey() {
	var b strings.Builder
	b.WriteString(s.measure)
	for _, i := range s.cells {
		b.WriteByte(' ')
		b.WriteString(strconv.Itoa(i))
	}
	for _, t := range s.steps {
		b.WriteByte('|')
		b.WriteString(t.name)
	}
	s.key = b.String()
}

// with returns the sample with one more step.
func (s *sample) with(t step) *sample {
	c, _ := once(s, "step "+t.name, func() (*sample, error) {
		return &sample{
			eval: s.eval, measure: s.measure, cells: s.cells,
			steps: append(slices.Clone(s.steps), t), key: s.key + "|" + t.name,
		}, nil
	})
	return c
}

// in returns the sample in fewer cells.
func (s *sample) in(cells []int) *sample {
	c := &sample{eval: s.eval, measure: s.measure, cells: cells, steps: s.steps}
	c.setKey()
	return c
}

// isCurve says that the sample is of curves still, not of values.
func (s *sample) isCurve() bool { return s.eval.results.Plan.Curves[s.measure] && len(s.steps) == 0 }

// isTruth says that the values are 1 for true and 0 for false.
func (s *sample) isTruth() bool { return len(s.steps) > 0 && s.steps[len(s.steps)-1].truth }

// values of one trial.
func (s *sample) values(cell, trial int) []float64 {
	seen := s.eval.results.cells[cell].trials[trial]
	values := seen.Samples[s.measure]
	for i, t := range s.steps {
		if t.curve != nil {
			curve := seen.Series[s.measure]
			values = t.curve(curve.X, curve.Y)
			continue
		}
		if i == 0 || s.steps[i-1].curve == nil {
			values = slices.Clone(values)
		}
		for j, v := range values {
			values[j] = t.pointed(v)
		}
	}
	return values
}

// usable returns the error that keeps a statistic from being taken.
func (s *sample) usable() error {
	if s.isCurve() {
		return fmt.Errorf("%s is a curve; take its value with at(%s, x), or where it reaches y with crossing(%s, y)", s.measure, s.measure, s.measure)
	}
	return s.eval.results.need(s.cells)
}

// form returns a reduced form of the sample, computed once for all samples with
// the same key.
func form[T any](s *sample, kind string, compute func() T) (T, error) {
	return once(s, kind, func() (T, error) {
		var none T
		if err := s.usable(); err != nil {
			return none, err
		}
		r := s.eval.results
		key := kind + " " + s.key
		r.mu.Lock()
		defer r.mu.Unlock()
		if kept, ok := r.forms[key]; ok {
			return kept.(T), nil
		}
		fresh := compute()
		r.forms[key] = fresh
		return fresh, nil
	})
}

// moments are the sums of one seed's values over all cells, about a centre that
// is the same for all seeds, so that squares do not cancel.
type moments struct {
	n, sum, squares []float64 // by seed
	centre          float64
}

func (s *sample) moments() (moments, error) {
	return form(s, "moments", func() moments {
		seeds := s.eval.results.Plan.Trials
		m := moments{make([]float64, seeds), make([]float64, seeds), make([]float64, seeds), 0}
		total, n := 0.0, 0.0
		for _, c := range s.cells {
			for t := range seeds {
				for _, v := range s.values(c, t) {
					total += v
					n++
				}
			}
		}
		if n > 0 {
			m.centre = total / n
		}
		for _, c := range s.cells {
			for t := range seeds {
				for _, v := range s.values(c, t) {
					d := v - m.centre
					m.n[t]++
					m.sum[t] += d
					m.squares[t] += d * d
				}
			}
		}
		return m
	})
}

// sorted is all values in order, each with the seed it came from.
type sorted struct {
	value []float64
	seed  []int32
}

func (s sorted) Len() int           { return len(s.value) }
func (s sorted) Less(i, j int) bool { return s.value[i] < s.value[j] }
func (s sorted) Swap(i, j int) {
	s.value[i], s.value[j] = s.value[j], s.value[i]
	s.seed[i], s.seed[j] = s.seed[j], s.seed[i]
}

func (s *sample) sorted() (sorted, error) {
	return form(s, "sorted", func() sorted {
		var all sorted
		for _, c := range s.cells {
			for t := range s.eval.results.Plan.Trials {
				for _, v := range s.values(c, t) {
					all.value = append(all.value, v)
					all.seed = append(all.seed, int32(t))
				}
			}
		}
		sort.Stable(all)
		return all
	})
}

// products are the sums that a straight line through (x, value) needs, by seed;
// x is the cell's level on one axis.
type products struct{ n, x, y, xx, xy []float64 }

func (s *sample) products(axis string) (products, error) {
	return once(s, "products "+axis, func() (products, error) {
		xs, err := s.abscissas(axis)
		if err != nil {
			return products{}, err
		}
		return form(s, "sums over "+axis, func() products {
			seeds := s.eval.results.Plan.Trials
			p := products{make([]float64, seeds), make([]float64, seeds), make([]float64, seeds), make([]float64, seeds), make([]float64, seeds)}
			for i, c := range s.cells {
				x := xs[i]
				for t := range seeds {
					for _, y := range s.values(c, t) {
						p.n[t]++
						p.x[t] += x
						p.y[t] += y
						p.xx[t] += x * x
						p.xy[t] += x * y
					}
				}
			}
			return p
		})
	})
}

// abscissas are the cells' levels on an axis, centred, so that squares do not
// cancel.
func (s *sample) abscissas(axis string) ([]float64, error) {
	plan := s.eval.results.Plan
	at, ok := plan.axis(axis)
	if !ok {
		return nil, plan.noAxis(axis)
	}
	xs := make([]float64, len(s.cells))
	mean := 0.0
	for i, c := range s.cells {
		level := plan.Cells[c].Levels[at]
		if xs[i], ok = level.Number(); !ok {
			return nil, fmt.Errorf("axis %s has the level %s, which is no number", axis, level.Name)
		}
		mean += xs[i] / float64(len(s.cells))
	}
	for i := range xs {
		xs[i] -= mean
	}
	return xs, nil
}

// perTrial is the mean of each trial's values, by cell and seed; NaN where a
// trial has none.
func (s *sample) perTrial() ([][]float64, error) {
	return form(s, "per trial", func() [][]float64 {
		means := make([][]float64, len(s.cells))
		for i, c := range s.cells {
			for t := range s.eval.results.Plan.Trials {
				sum, values := 0.0, s.values(c, t)
				for _, v := range values {
					sum += v
				}
				mean := math.NaN()
				if len(values) > 0 {
					mean = sum / float64(len(values))
				}
				means[i] = append(means[i], mean)
			}
		}
		return means
	})
}

func (p *Plan) noAxis(name string) error {
	known := make([]string, len(p.Axes))
	for i, a := range p.Axes {
		known[i] = a.Name
	}
	if len(known) == 0 {
		return fmt.Errorf("there is no axis %s; this experiment sweeps nothing", name)
	}
	return fmt.Errorf("there is no axis %s%s; want one of %s", name, didYouMean(name, known), strings.Join(known, ", "))
}
