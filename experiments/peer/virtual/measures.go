package virtual

import (
	"math"
	"slices"

	"github.com/swimlab/swimlab/experiments/observed"
	"github.com/swimlab/swimlab/experiments/trial"
)

// observe fills in what the trial was asked for.
func (g *group) observe() trial.Observations {
	g.mu.Lock()
	defer g.mu.Unlock()
	o := trial.Observations{Samples: g.record.Samples(g.Measure), Virtual: g.now()}
	mean, sd := g.sentPerPeriod()
	for name, values := range map[string][]float64{"sent_mean": mean, "sent_sd": sd} {
		if slices.Contains(g.Measure, name) {
			o.Samples[name] = append([]float64{}, values...) // empty and not absent
		}
	}
	return o
}

// sentPerPeriod is the mean and the standard deviation of the messages sent, over
// the members that ran from the warm-up to the end and the whole protocol periods
// after the warm-up.
func (g *group) sentPerPeriod() (mean, sd []float64) {
	whole := min(int((g.now()-g.Run.Warmup)/g.System.ProtocolPeriod), len(g.sentIn[0]))
	var n, sum, squares float64
	for id, periods := range g.sentIn {
		if f := g.record.Fates[id]; f.Gone != observed.Never || f.Came > g.Run.Warmup {
			continue
		}
		for _, x := range periods[:max(whole, 0)] {
			n++
			sum += x
			squares += x * x
		}
	}
	if n == 0 {
		return nil, nil
	}
	average := sum / n
	return []float64{average}, []float64{math.Sqrt(max(squares-n*average*average, 0) / max(n-1, 1))}
}
