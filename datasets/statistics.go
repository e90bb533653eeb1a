package datasets

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// Statistics summarises a matrix. The same matrix always gives the same numbers.
//
// Quantiles of RTTs are over the measured ordered pairs. The rest is over the
// [Matrix.Symmetric] matrix: a triangle-inequality violation (TIV) is a triple of
// nodes whose longest side exceeds the sum of the other two, by more than rounding.
type Statistics struct {
	Nodes           int     `json:"nodes"`
	MissingDirected float64 `json:"missing_directed"` // share of the ordered pairs
	MissingPairs    float64 `json:"missing_pairs"`    // share of the pairs missing in both directions

	Min    time.Duration `json:"rtt_min_ns"`
	P05    time.Duration `json:"rtt_p05_ns"`
	Median time.Duration `json:"rtt_median_ns"`
	Mean   time.Duration `json:"rtt_mean_ns"`
	P95    time.Duration `json:"rtt_p95_ns"`
	Max    time.Duration `json:"rtt_max_ns"`

	// Asymmetry of a pair is the difference of its directions over their mean.
	AsymmetryMedian     float64 `json:"asymmetry_median"`
	AsymmetryP95        float64 `json:"asymmetry_p95"`
	AsymmetryOver10Perc float64 `json:"asymmetry_over_10_percent"` // share of pairs

	Triples int64 `json:"triples"` // complete triples looked at
	// TIV is the share of triples that violate the triangle inequality, and
	// TIVNotable of those that do by more than 5 % and 1 ms.
	TIV        float64 `json:"tiv"`
	TIVNotable float64 `json:"tiv_notable"`
	// ShorterDetour is the share of pairs with a quicker way through some third
	// node; Detour20 and Detour2x of those where it takes at most 80 % and
	// half of the direct time.
	ShorterDetour float64 `json:"shorter_detour"`
	Detour20      float64 `json:"detour_20_percent_faster"`
	Detour2x      float64 `json:"detour_2x_faster"`
}

// Summarize computes a matrix's statistics. Up to about 600 nodes every triple
// is looked at; above, all triples on a fixed random choice of pairs.
func Summarize(m *Matrix) Statistics {
	s := Statistics{Nodes: m.n}
	var rtts []time.Duration
	var asymmetries []float64
	var sum float64
	pairs, missingPairs, over := 0, 0, 0
	for i := range m.n {
		for j := range i {
			a, b := m.rtt[i*m.n+j], m.rtt[j*m.n+i]
			pairs++
			for _, v := range []time.Duration{a, b} {
				if v > 0 {
					rtts = append(rtts, v)
					sum += float64(v)
				}
			}
			switch {
			case a == 0 && b == 0:
				missingPairs++
			case a > 0 && b > 0:
				x := 2 * float64((a - b).Abs()) / float64(a+b)
				asymmetries = append(asymmetries, x)
				if x > 0.1 {
					over++
				}
			}
		}
	}
	s.MissingDirected = share(2*pairs-len(rtts), 2*pairs)
	s.MissingPairs = share(missingPairs, pairs)
	if len(rtts) > 0 {
		slices.Sort(rtts)
		s.Min, s.Max = rtts[0], rtts[len(rtts)-1]
		s.P05, s.Median, s.P95 = quantile(rtts, 0.05), quantile(rtts, 0.5), quantile(rtts, 0.95)
		s.Mean = time.Duration(sum / float64(len(rtts)))
	}
	if len(asymmetries) > 0 {
		slices.Sort(asymmetries)
		s.AsymmetryMedian, s.AsymmetryP95 = quantile(asymmetries, 0.5), quantile(asymmetries, 0.95)
		s.AsymmetryOver10Perc = share(over, len(asymmetries))
	}
	s.triangles(m.Symmetric())
	return s
}

// rounding is by how much a detour must be quicker to count: sums of two rounded
// times may fall short of the third by a nanosecond or two.
const rounding = 3 * time.Nanosecond

// triangleBudget bounds the (pair, third node) combinations looked at.
const triangleBudget = 110_000_000

// triangles looks at every pair (or a fixed choice) with every third node. A
// violated triple is found on exactly one of its three sides, so counting
// combinations counts triples three times over and violations once.
func (s *Statistics) triangles(m *Matrix) {
	n := m.n
	pairs := n * (n - 1) / 2
	wanted := 1.0
	if n > 0 && pairs > triangleBudget/n {
		wanted = float64(triangleBudget/n) / float64(pairs)
	}
	choice := rand.New(rand.NewPCG(1, 2)) // any fixed seed: the choice must only be blind to the data
	var combinations, violations, notable int64
	looked, shorter, faster20, faster2 := 0, 0, 0, 0
	for i := range n {
		from := m.rtt[i*n : (i+1)*n]
		for j := range i {
			direct := from[j]
			if direct == 0 || (wanted < 1 && choice.Float64() >= wanted) {
				continue
			}
			to := m.rtt[j*n : (j+1)*n]
			best := time.Duration(math.MaxInt64)
			for k := range n {
				if from[k] == 0 || to[k] == 0 {
					continue
				}
				combinations++
				detour := from[k] + to[k]
				best = min(best, detour)
				if detour+rounding < direct {
					violations++
					if direct-detour > time.Millisecond && direct-detour > detour/20 {
						notable++
					}
				}
			}
			looked++
			if best < direct-rounding {
				shorter++
			}
			if best <= direct/5*4 {
				faster20++
			}
			if best <= direct/2 {
				faster2++
			}
		}
	}
	s.Triples = combinations / 3
	if combinations > 0 {
		s.TIV = 3 * float64(violations) / float64(combinations)
		s.TIVNotable = 3 * float64(notable) / float64(combinations)
	}
	s.ShorterDetour, s.Detour20, s.Detour2x = share(shorter, looked), share(faster20, looked), share(faster2, looked)
}

func share(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

// quantile interpolates linearly between the two values next to p·(n−1).
func quantile[T time.Duration | float64](sorted []T, p float64) T {
	at := p * float64(len(sorted)-1)
	low := int(at)
	high := min(low+1, len(sorted)-1)
	return sorted[low] + T((at-float64(low))*float64(sorted[high]-sorted[low]))
}
