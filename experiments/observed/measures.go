package observed

import (
	"slices"
	"time"
)

// measures are those that can be made of a Record; each name, and what it counts,
// is the simulator's.
var measures = map[string]func(r *Record) []float64{
	"anomaly_detected":      func(r *Record) []float64 { return r.anomalies().detected },
	"anomaly_detection":     func(r *Record) []float64 { return r.anomalies().first },
	"anomaly_dissemination": func(r *Record) []float64 { return r.anomalies().last },
	"bytes_sent":            func(r *Record) []float64 { return []float64{r.Bytes} },
	"false_positives": func(r *Record) []float64 {
		return r.count(func(e Event) bool { return e.Kind == Failed && r.innocent(e) })
	},
	"false_positives_at_healthy": func(r *Record) []float64 {
		return r.count(func(e Event) bool { return e.Kind == Failed && r.innocent(e) && r.atHealthy(e) })
	},
	"first_detection":   func(r *Record) []float64 { return r.since(r.Detected(), r.Period) },
	"first_detection_s": func(r *Record) []float64 { return r.since(r.Detected(), time.Second) },
	"group_incomplete": func(r *Record) []float64 {
		arrivals := r.arrivals()
		if len(arrivals) == 0 {
			return nil
		}
		if slices.ContainsFunc(arrivals, func(a arrival) bool { return a.missed > 0 }) {
			return []float64{1}
		}
		return []float64{0}
	},
	"health_score":            func(r *Record) []float64 { return r.Healthy.mean() },
	"health_score_distressed": func(r *Record) []float64 { return r.Distressed.mean() },
	"infection_latency":       func(r *Record) []float64 { return r.goodbyes().latencies },
	"infection_max":           func(r *Record) []float64 { return r.goodbyes().most },
	"infection_median":        func(r *Record) []float64 { return r.goodbyes().medians },
	"infection_missed":        func(r *Record) []float64 { return r.goodbyes().missed },
	"join_complete": func(r *Record) []float64 {
		var xs []float64
		for _, a := range r.arrivals() {
			if a.missed == 0 && len(a.listed) > 0 {
				xs = append(xs, a.listed[len(a.listed)-1])
			}
		}
		return xs
	},
	"join_latency": func(r *Record) []float64 {
		var xs []float64
		for _, a := range r.arrivals() {
			xs = append(xs, a.listed...)
		}
		return xs
	},
	"join_missed": func(r *Record) []float64 {
		var xs []float64
		for _, a := range r.arrivals() {
			xs = append(xs, float64(a.missed))
		}
		return xs
	},
	"messages_sent": func(r *Record) []float64 { return []float64{r.Messages} },
	"probe_failures": func(r *Record) []float64 {
		return r.count(func(e Event) bool { return e.Kind == ProbeFailed && r.innocent(e) && e.At >= r.Warmup })
	},
	"probe_failures_at_healthy": func(r *Record) []float64 {
		return r.count(func(e Event) bool {
			return e.Kind == ProbeFailed && r.innocent(e) && r.atHealthy(e) && e.At >= r.Warmup
		})
	},
	"refutations": func(r *Record) []float64 { return r.count(func(e Event) bool { return e.Kind == Refuted }) },
	"removal":     func(r *Record) []float64 { return r.since(r.Removed(), r.Period) },
	"undetected": func(r *Record) []float64 {
		return []float64{float64(len(r.Crashes) - len(r.since(r.Detected(), r.Period)))}
	},
}

// Names lists what can be observed, in order.
func Names() []string {
	var names []string
	for name := range measures {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Samples are the values of the measures asked for. What never happened is empty
// and not absent.
func (r *Record) Samples(names []string) map[string][]float64 {
	samples := map[string][]float64{}
	for _, name := range names {
		if observe, is := measures[name]; is {
			samples[name] = append([]float64{}, observe(r)...)
		}
	}
	return samples
}

func (r *Record) count(is func(Event) bool) []float64 {
	n := 0.0
	for _, e := range r.Events {
		if is(e) {
			n++
		}
	}
	return []float64{n}
}

// since counts from each crash to its time, in units, for those that have one.
func (r *Record) since(times []time.Duration, unit time.Duration) []float64 {
	var xs []float64
	for i, at := range times {
		if at != Never {
			xs = append(xs, float64(at-r.Crashes[i].At)/float64(unit))
		}
	}
	return xs
}

// noticed is what the healthy members made of those whose messages were held back.
type noticed struct {
	first, last []float64 // seconds
	detected    []float64 // one share
}

func (r *Record) anomalies() noticed {
	var n noticed
	detected := 0.0
	for _, h := range r.Holdings {
		first := map[int]time.Duration{}
		for _, e := range r.Events {
			if _, before := first[e.By]; !before && e.Kind == Failed && e.About == h.Member && r.atHealthy(e) && e.At >= h.At {
				first[e.By] = e.At
			}
		}
		if len(first) == 0 {
			continue
		}
		detected++
		earliest, latest := Never, time.Duration(0)
		for id, f := range r.Fates {
			at, is := first[id]
			if is {
				earliest = min(earliest, at)
			} else {
				at = Never
			}
			if f.Touched == Never && f.Gone == Never && f.Came <= h.At {
				latest = max(latest, at)
			}
		}
		n.first = append(n.first, (earliest - h.At).Seconds())
		if latest != Never {
			n.last = append(n.last, (latest - h.At).Seconds())
		}
	}
	if len(r.Holdings) > 0 {
		n.detected = []float64{detected / float64(len(r.Holdings))}
	}
	return n
}

// spreading is how news of goodbyes spread, in protocol periods.
type spreading struct{ latencies, medians, most, missed []float64 }

func (r *Record) goodbyes() spreading {
	var s spreading
	for id, f := range r.Fates {
		if f.Goodbye == Never {
			continue
		}
		heard := map[int]bool{}
		var all []float64
		for _, e := range r.Events {
			if e.Kind == Left && e.About == id && !heard[e.By] {
				heard[e.By] = true
				all = append(all, float64(e.At-f.Goodbye)/float64(r.Period))
			}
		}
		missed := 0.0
		for other, o := range r.Fates {
			if other != id && o.Gone == Never && o.Came <= f.Goodbye && !heard[other] {
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
