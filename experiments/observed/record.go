package observed

import (
	"cmp"
	"slices"
	"time"
)

// Record is what a trial's members told, and what its schedule did to them.
type Record struct {
	// Period is the protocol period, the unit of some measures, and Warmup when
	// measures that count begin to.
	Period, Warmup time.Duration
	// Fates are the members', by number.
	Fates  []Fate
	Events []Event
	// Crashes and Holdings are in the order in which they happened.
	Crashes  []Happening
	Holdings []Happening
	// Messages and Bytes were sent from the warm-up on.
	Messages, Bytes float64
	// Healthy and Distressed are health scores of members that no fault has
	// touched, and of the others.
	Healthy, Distressed Tally
}

// Fate is what the schedule did to a member; Never is not at all.
type Fate struct {
	// Came is when the member joined: 0 if it was there from the start, Never as
	// long as it has not.
	Came time.Duration
	// Touched is when a fault was first about the member, Gone when it crashed or
	// left, Goodbye when it began to leave.
	Touched, Goodbye, Gone time.Duration
}

// Never is an instant that does not come.
const Never = time.Duration(1<<63 - 1)

// Untouched is the fate of a member that nothing happens to.
var Untouched = Fate{Touched: Never, Goodbye: Never, Gone: Never}

// Happening is a member to whom something happened, and when.
type Happening struct {
	Member int
	At     time.Duration
}

// Kind is what a member concluded.
type Kind uint8

// The conclusions.
const (
	ProbeFailed Kind = iota // a probe, helpers and stream included, came to nothing
	Failed                  // declared faulty
	Left                    // heard to have left
	Returned                // on the list again
	Refuted                 // it refuted what was said of itself
)

// Event is something that member By concluded about another.
type Event struct {
	At        time.Duration
	Kind      Kind
	By, About int
}

// Tally is a running mean.
type Tally struct{ N, Sum float64 }

// Add takes in one value.
func (t *Tally) Add(x float64) { t.N++; t.Sum += x }

func (t Tally) mean() []float64 {
	if t.N == 0 {
		return nil
	}
	return []float64{t.Sum / t.N}
}

// Sort puts the events in the order of time: members told of them at their own
// convenience.
func (r *Record) Sort() {
	slices.SortStableFunc(r.Events, func(a, b Event) int { return cmp.Compare(a.At, b.At) })
}

// innocent says that the member concerned was running and untouched by any fault.
func (r *Record) innocent(e Event) bool {
	f := r.Fates[e.About]
	return e.At < f.Touched && e.At < f.Gone
}

// atHealthy says that the one that concluded was untouched by any fault.
func (r *Record) atHealthy(e Event) bool { return e.At < r.Fates[e.By].Touched }

// Detected is when each crash was first noticed, by a probe that failed: for each
// crash a time, or Never.
func (r *Record) Detected() []time.Duration {
	times := make([]time.Duration, len(r.Crashes))
	for i, c := range r.Crashes {
		times[i] = Never
		for _, e := range r.Events {
			if e.Kind == ProbeFailed && e.About == c.Member && e.At >= c.At && e.At < times[i] {
				times[i] = e.At
			}
		}
	}
	return times
}

// arrival is a member that joined: when those that were there before listed it, in
// seconds and in order, and how many of them have not. Members that are gone in the
// end do not count.
type arrival struct {
	listed []float64
	missed int
}

// arrivals are in the order of the members' numbers.
func (r *Record) arrivals() []arrival {
	var all []arrival
	for id, f := range r.Fates {
		if f.Came == 0 || f.Came == Never {
			continue
		}
		listed := map[int]time.Duration{}
		for _, e := range r.Events {
			if _, before := listed[e.By]; !before && e.Kind == Returned && e.About == id && e.At >= f.Came {
				listed[e.By] = e.At
			}
		}
		var a arrival
		for other, o := range r.Fates {
			if other == id || o.Gone != Never || o.Came >= f.Came {
				continue
			}
			if at, is := listed[other]; is {
				a.listed = append(a.listed, (at - f.Came).Seconds())
			} else {
				a.missed++
			}
		}
		slices.Sort(a.listed)
		all = append(all, a)
	}
	return all
}

// Removed is when each crash was confirmed by the last of those still running, or
// Never. Those that joined later and never had the crashed one on their list have
// nothing to confirm.
func (r *Record) Removed() []time.Duration {
	times := make([]time.Duration, len(r.Crashes))
	for i, c := range r.Crashes {
		confirmed, listed := map[int]time.Duration{}, map[int]bool{}
		for _, e := range r.Events {
			switch {
			case e.About != c.Member || e.At < c.At:
			case e.Kind == Failed:
				confirmed[e.By] = e.At
			case e.Kind == Returned:
				delete(confirmed, e.By)
				listed[e.By] = true
			}
		}
		for id, f := range r.Fates {
			if f.Gone != Never || f.Came > c.At && !listed[id] {
				continue
			}
			at, is := confirmed[id]
			if !is {
				at = Never
			}
			times[i] = max(times[i], at)
		}
	}
	return times
}
