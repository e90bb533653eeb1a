package lab

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"

	"gonum.org/v1/gonum/stat"
)

// Confidence is the level of every interval.
const Confidence = 0.95

const (
	mostResamples  = 1000
	leastResamples = 200
	// resampleBudget bounds the values that one interval looks at, about 20 ms.
	resampleBudget = 20_000_000
)

// resamples holds, for each number of seeds, how often each seed counts in each
// resample. They are the same in every experiment and every run.
var resamples sync.Map // int -> [][]uint8

// resamplesOf draws seeds with replacement. What is drawn is a seed, not a value:
// the values of one trial hang together, and with common random numbers so do
// the trials of one seed in all cells (a cluster bootstrap; Davison and
// Hinkley, Bootstrap Methods and their Application, section 3.8).
func resamplesOf(seeds int) [][]uint8 {
	if kept, ok := resamples.Load(seeds); ok {
		return kept.([][]uint8)
	}
	random := rand.New(rand.NewPCG(0x5357494d, uint64(seeds)))
	drawn := make([][]uint8, mostResamples)
	for i := range drawn {
		drawn[i] = make([]uint8, seeds)
		for range seeds {
			drawn[i][random.IntN(seeds)]++
		}
	}
	kept, _ := resamples.LoadOrStore(seeds, drawn)
	return kept.([][]uint8)
}

// Interval is a percentile bootstrap interval at [Confidence].
type Interval struct{ Low, High float64 }

// intervals evaluates again and again under resampled seeds and returns one
// interval for each number that evaluate gives. It returns nil when there is
// only one seed, or when most resamples have no value.
func (e *evaluation) intervals(evaluate func() ([]float64, error)) ([]Interval, error) {
	seeds := e.results.Plan.Trials
	if seeds < 2 {
		return nil, nil
	}
	e.cost = 0
	first, err := evaluate()
	if err != nil {
		return nil, err
	}
	rounds := min(max(resampleBudget/max(e.cost, 1), leastResamples), mostResamples)
	drawn := make([][]float64, len(first))
	e.weights = make([]float64, seeds)
	defer func() { e.weights = nil }()
	for _, counts := range resamplesOf(seeds)[:rounds] {
		for t, n := range counts {
			e.weights[t] = float64(n)
		}
		values, err := evaluate()
		if err != nil {
			continue // a resample without any value of a rare measure
		}
		for i, v := range values {
			if i < len(drawn) && !math.IsNaN(v) && !math.IsInf(v, 0) {
				drawn[i] = append(drawn[i], v)
			}
		}
	}
	found := make([]Interval, len(first))
	for i, values := range drawn {
		if len(values) < rounds/2 {
			return nil, nil
		}
		slices.Sort(values)
		found[i] = Interval{
			stat.Quantile((1-Confidence)/2, stat.LinInterp, values, nil),
			stat.Quantile((1+Confidence)/2, stat.LinInterp, values, nil),
		}
	}
	return found, nil
}
