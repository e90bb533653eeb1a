package lab

import (
	"fmt"
	"math"
)

// A statistic reduces a sample to one number under the evaluation's weights:
// how often each seed counts. With all weights 1 it is the plain statistic; the
// bootstrap calls it again with other weights.
type statistic func(s *sample, args []float64) (float64, error)

// statistics by their names in expressions. args lists what follows the sample.
var statistics = map[string]struct {
	args []string
	of   statistic
}{
	"mean":     {nil, mean},
	"median":   {nil, func(s *sample, _ []float64) (float64, error) { return quantile(s, []float64{0.5}) }},
	"quantile": {[]string{"q"}, quantile},
	"min":      {nil, func(s *sample, _ []float64) (float64, error) { return quantile(s, []float64{0}) }},
	"max":      {nil, func(s *sample, _ []float64) (float64, error) { return quantile(s, []float64{1}) }},
	"sd":       {nil, deviation},
	"sum":      {nil, total},
	"count":    {nil, count},
	"fraction": {nil, fraction},
	"trials":   {nil, trials},
}

// noValue says why a statistic of what was observed has no value.
type noValue string

func (e noValue) Error() string { return string(e) }

func never(s *sample) error { return noValue(s.measure + " was never observed") }

// tally adds up the moments under the weights.
func tally(s *sample) (n, sum, squares, centre float64, err error) {
	m, err := s.moments()
	if err != nil {
		return 0, 0, 0, 0, err
	}
	for t := range m.n {
		w := s.eval.weight(t)
		n += w * m.n[t]
		sum += w * m.sum[t]
		squares += w * m.squares[t]
	}
	s.eval.cost += len(m.n)
	return n, sum, squares, m.centre, nil
}

func mean(s *sample, _ []float64) (float64, error) {
	n, sum, _, centre, err := tally(s)
	if err == nil && n == 0 {
		err = never(s)
	}
	return centre + sum/n, err
}

// deviation is the sample standard deviation, with n-1 below.
func deviation(s *sample, _ []float64) (float64, error) {
	n, sum, squares, _, err := tally(s)
	if err == nil && n < 2 {
		err = noValue(s.measure + " was observed less than twice, so it has no spread")
	}
	return math.Sqrt(max(0, squares-sum*sum/n) / (n - 1)), err
}

func total(s *sample, _ []float64) (float64, error) {
	n, sum, _, centre, err := tally(s)
	return n*centre + sum, err
}

// count is the number of values; of a condition, the number that fulfil it.
func count(s *sample, _ []float64) (float64, error) {
	if s.isTruth() {
		return total(s, nil)
	}
	n, _, _, _, err := tally(s)
	return n, err
}

func fraction(s *sample, _ []float64) (float64, error) {
	if !s.isTruth() {
		return 0, fmt.Errorf("fraction wants a condition, such as %s < 5", s.measure)
	}
	return mean(s, nil)
}

// trials is how many trials the sample comes from.
func trials(s *sample, _ []float64) (float64, error) {
	n := 0.0
	for t := range s.eval.results.Plan.Trials {
		n += s.eval.weight(t)
	}
	return n * float64(len(s.cells)), s.eval.results.need(s.cells)
}

// quantile interpolates between order statistics at (n-1)q, Hyndman and Fan's
// type 7, of the values repeated as often as their seed counts.
func quantile(s *sample, args []float64) (float64, error) {
	q := args[0]
	if q < 0 || q > 1 || math.IsNaN(q) {
		return 0, fmt.Errorf("quantile %v is not valid; want a number from 0 to 1", q)
	}
	all, err := s.sorted()
	if err != nil {
		return 0, err
	}
	if len(all.value) == 0 {
		return 0, never(s)
	}
	if s.eval.weights == nil {
		s.eval.cost += len(all.value)
		at := q * float64(len(all.value)-1)
		low := int(at)
		high := min(low+1, len(all.value)-1)
		return all.value[low] + (at-float64(low))*(all.value[high]-all.value[low]), nil
	}
	n := 0.0
	for _, t := range all.seed {
		n += s.eval.weights[t]
	}
	if n == 0 {
		return 0, never(s)
	}
	at := q * (n - 1)
	below, rank := math.NaN(), 0.0
	for i, t := range all.seed {
		rank += s.eval.weights[t] // values up to here, the last has rank rank-1
		if math.IsNaN(below) && rank > math.Floor(at) {
			below = all.value[i]
		}
		if rank > math.Floor(at)+1 || rank >= n {
			share := at - math.Floor(at)
			return below + share*(all.value[i]-below), nil
		}
	}
	return below, nil
}

// slope of the least-squares line of the values over an axis.
func slope(s *sample, axis string) (float64, error) {
	p, err := s.products(axis)
	if err != nil {
		return 0, err
	}
	var n, x, y, xx, xy float64
	for t := range p.n {
		w := s.eval.weight(t)
		n += w * p.n[t]
		x += w * p.x[t]
		y += w * p.y[t]
		xx += w * p.xx[t]
		xy += w * p.xy[t]
	}
	s.eval.cost += len(p.n)
	spread := n*xx - x*x
	if spread <= 0 {
		return 0, noValue(fmt.Sprintf("%s was observed at one %s only, so it has no slope", s.measure, axis))
	}
	rise := n*xy - x*y
	if math.Abs(rise) <= 1e-12*math.Sqrt(spread)*(math.Abs(n*y)+1) {
		rise = 0 // what rounding leaves of equal values
	}
	return rise / spread, nil
}
