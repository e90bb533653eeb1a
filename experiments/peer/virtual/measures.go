package virtual

import (
	"math"
	"slices"
	"time"

	"github.com/swimlab/swimlab/experiments/trial"
)

// measure fills in one observation; its name, and what it counts, are those of
// the simulator's measure.
type measure struct {
	name    string
	observe func(g *group) []float64
}

var measures = []measure{
	{"anomaly_detected", func(g *group) []float64 { return g.anomalies().detected }},
	{"anomaly_detection", func(g *group) []float64 { return g.anomalies().first }},
	{"anomaly_dissemination", func(g *group) []float64 { return g.anomalies().last }},
	{"bytes_sent", func(g *group) []float64 { return []float64{g.record.bytes} }},
	{"false_positives", func(g *group) []float64 {
		return g.countOf(func(e event) bool { return e.kind == confirmed && e.innocent })
	}},
	{"false_positives_at_healthy", func(g *group) []float64 {
		return g.countOf(func(e event) bool { return e.kind == confirmed && e.innocent && !e.byTouched })
	}},
	{"first_detection", func(g *group) []float64 { return g.periods(g.detections()) }},
	{"first_detection_s", func(g *group) []float64 { return seconds(g.detections()) }},
	{"health_score", func(g *group) []float64 { return g.record.healthy.mean() }},
	{"health_score_distressed", func(g *group) []float64 { return g.record.ill.mean() }},
	{"infection_latency", func(g *group) []float64 { return g.periods(g.spread().latencies) }},
	{"infection_max", func(g *group) []float64 { return g.periods(g.spread().most) }},
	{"infection_median", func(g *group) []float64 { return g.periods(g.spread().medians) }},
	{"infection_missed", func(g *group) []float64 { return g.spread().missed }},
	{"messages_sent", func(g *group) []float64 { return []float64{g.record.messages} }},
	{"probe_failures", func(g *group) []float64 {
		return g.countOf(func(e event) bool { return e.kind == probeFailed && e.innocent && e.at >= g.Run.Warmup })
	}},
	{"probe_failures_at_healthy", func(g *group) []float64 {
		return g.countOf(func(e event) bool {
			return e.kind == probeFailed && e.innocent && !e.byTouched && e.at >= g.Run.Warmup
		})
	}},
	{"refutations", func(g *group) []float64 { return []float64{g.record.refutes} }},
	{"removal", func(g *group) []float64 { return g.periods(g.removals()) }},
	{"sent_mean", func(g *group) []float64 { mean, _ := g.perPeriod(g.record.sent); return mean }},
	{"sent_sd", func(g *group) []float64 { _, sd := g.perPeriod(g.record.sent); return sd }},
	{"undetected", func(g *group) []float64 { return []float64{float64(len(g.crashes) - len(g.detections()))} }},
}

// MeasureNames lists what can be observed, in order.
func MeasureNames() []string {
	names := make([]string, len(measures))
	for i, m := range measures {
		names[i] = m.name
	}
	return names
}

// observe fills in what the trial was asked for.
func (g *group) observe() trial.Observations {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.record.mu.Lock()
	defer g.record.mu.Unlock()
	o := trial.Observations{Samples: map[string][]float64{}, Virtual: g.now()}
	for _, m := range measures {
		if slices.Contains(g.Measure, m.name) {
			o.Samples[m.name] = append([]float64{}, m.observe(g)...) // empty and not absent
		}
	}
	return o
}

func (g *group) countOf(is func(event) bool) []float64 {
	n := 0.0
	for _, e := range g.record.events {
		if is(e) {
			n++
		}
	}
	return []float64{n}
}

func (g *group) periods(ds []time.Duration) []float64 {
	xs := make([]float64, len(ds))
	for i, d := range ds {
		xs[i] = float64(d) / float64(g.System.ProtocolPeriod)
	}
	return xs
}

func seconds(ds []time.Duration) []float64 {
	xs := make([]float64, len(ds))
	for i, d := range ds {
		xs[i] = d.Seconds()
	}
	return xs
}

func (t *tally) mean() []float64 {
	if t.n == 0 {
		return nil
	}
	return []float64{t.sum / t.n}
}

// detections are, for each crash that was detected, the times from it to the end
// of the first probe that failed.
func (g *group) detections() []time.Duration {
	var times []time.Duration
	for _, c := range g.crashes {
		for _, e := range g.record.events {
			if e.kind == probeFailed && e.about == c.id && e.at >= c.at {
				times = append(times, e.at-c.at)
				break
			}
		}
	}
	return times
}

// removals are the times from each crash that was detected to its last Confirm,
// where all members have confirmed it.
func (g *group) removals() []time.Duration {
	var times []time.Duration
	for _, c := range g.crashes {
		if at, all := g.removed(c); all && c.detected {
			times = append(times, at-c.at)
		}
	}
	return times
}

// removed is when the last running member took a crashed one off its list; false
// if one has not.
func (g *group) removed(c *crash) (last time.Duration, all bool) {
	confirmedAt := map[int]time.Duration{}
	for _, e := range g.record.events {
		switch {
		case e.about != c.id || e.at < c.at:
		case e.kind == confirmed:
			confirmedAt[e.by] = e.at
		case e.kind == returned:
			delete(confirmedAt, e.by)
		}
	}
	for _, m := range g.members {
		if !m.up {
			continue
		}
		at, is := confirmedAt[m.id]
		if !is {
			return 0, false
		}
		last = max(last, at)
	}
	return last, true
}

// spreading is how news of leaves spread.
type spreading struct {
	latencies, medians, most []time.Duration
	missed                   []float64
}

// spread follows each goodbye: from it to each member's hearing of it.
func (g *group) spread() spreading {
	var s spreading
	for _, n := range g.goodbyes {
		heard := map[int]bool{}
		var all []time.Duration
		for _, e := range g.record.events {
			if e.kind == departed && e.about == n.id && !heard[e.by] {
				heard[e.by] = true
				all = append(all, e.at-n.at)
			}
		}
		slices.Sort(all)
		missed := 0.0
		for _, m := range g.members {
			if m.up && m.id != n.id && !heard[m.id] {
				missed++
			}
		}
		s.latencies = append(s.latencies, all...)
		s.missed = append(s.missed, missed)
		if len(all) == 0 {
			continue
		}
		s.medians = append(s.medians, (all[(len(all)-1)/2]+all[len(all)/2])/2)
		if missed == 0 {
			s.most = append(s.most, all[len(all)-1])
		}
	}
	return s
}

// noticed is what the healthy members made of those whose messages were held back.
type noticed struct {
	first, last []float64 // seconds
	detected    []float64 // one share
}

func (g *group) anomalies() noticed {
	var r noticed
	detected := 0.0
	for _, h := range g.held {
		first := map[int]time.Duration{}
		for _, e := range g.record.events {
			if e.kind != confirmed || e.about != h.id || e.byTouched {
				continue
			}
			if _, before := first[e.by]; !before {
				first[e.by] = e.at
			}
		}
		if len(first) == 0 {
			continue
		}
		detected++
		earliest, latest, all := time.Duration(math.MaxInt64), time.Duration(0), true
		for _, at := range first {
			earliest = min(earliest, at)
		}
		for _, m := range g.members {
			if !m.up || m.tainted {
				continue
			}
			at, is := first[m.id]
			all = all && is
			latest = max(latest, at)
		}
		r.first = append(r.first, (earliest - h.at).Seconds())
		if all {
			r.last = append(r.last, (latest - h.at).Seconds())
		}
	}
	if len(g.held) > 0 {
		r.detected = []float64{detected / float64(len(g.held))}
	}
	return r
}

// perPeriod is the mean and the standard deviation of counts over the members that
// ran to the end and the whole protocol periods after the warm-up.
func (g *group) perPeriod(counts [][]float64) (mean, sd []float64) {
	whole := min(int((g.now()-g.Run.Warmup)/g.System.ProtocolPeriod), len(counts[0]))
	var n, sum, squares float64
	for _, m := range g.members {
		if !m.up {
			continue
		}
		for _, x := range counts[m.id][:max(whole, 0)] {
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
