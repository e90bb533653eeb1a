package spacetime

import (
	"math"
	"slices"
	"sort"
	"time"

	"github.com/swimlab/swimlab/experiments/trial"
)

// axis maps instants to heights, in pixels from its beginning.
type axis struct {
	instants []time.Duration // in order, each once
	heights  []float64
}

const (
	// step is between two instants at least, so that their labels do not overlap.
	step = 18.0
	// line is the height of a line of text, which marks of one member at one
	// instant are stacked in.
	line = 14.0
	// perDecade is what each tenfold of the time between two instants adds.
	perDecade = 9.0
	// fewStalls is how many of a member's stalls are worth instants of their
	// own. A member that stalls more often does so between the others.
	fewStalls = 8
	// finest is the shortest time that makes a difference.
	finest = 10 * time.Microsecond
)

// newAxis lays out all instants of a diagram at which something happens.
func newAxis(s trial.SpaceTime) axis {
	seen := map[time.Duration]bool{}
	note := func(t time.Duration) {
		if t >= s.From && t <= s.To {
			seen[t] = true
		}
	}
	note(s.From)
	note(s.To)
	for _, m := range s.Messages {
		for _, t := range []time.Duration{m.Written, m.Left, m.Arrived, m.Read} {
			note(t)
		}
	}
	stacked := map[time.Duration]int{} // most marks of one member
	type place struct {
		at     time.Duration
		member int
	}
	marks := map[place]int{}
	for _, m := range s.Marks {
		note(m.At)
		p := place{m.At, m.Member}
		marks[p]++
		stacked[m.At] = max(stacked[m.At], marks[p])
	}
	stalls := map[int]int{}
	for _, x := range s.Spans {
		if x.State == trial.Stalled {
			stalls[x.Member]++
		}
	}
	for _, x := range s.Spans {
		if x.State != trial.Stalled || stalls[x.Member] <= fewStalls {
			note(x.From)
			note(x.To)
		}
	}
	var a axis
	for t := range seen {
		a.instants = append(a.instants, t)
	}
	slices.Sort(a.instants)
	height := 0.0
	for i, t := range a.instants {
		if i > 0 {
			before := a.instants[i-1]
			gap := max(float64(t-before)/float64(finest), 1)
			height += step + perDecade*math.Log10(gap) + line*float64(max(stacked[before]-1, 0))
		}
		a.heights = append(a.heights, height)
	}
	return a
}

// height is where an instant lies; one between two of the axis lies between them
// in proportion, one beyond its ends at the end.
func (a axis) height(t time.Duration) float64 {
	i := sort.Search(len(a.instants), func(i int) bool { return a.instants[i] >= t })
	switch {
	case i == len(a.instants):
		return a.length()
	case i == 0 || a.instants[i] == t:
		return a.heights[i]
	}
	share := float64(t-a.instants[i-1]) / float64(a.instants[i]-a.instants[i-1])
	return a.heights[i-1] + share*(a.heights[i]-a.heights[i-1])
}

// length is the height of the last instant.
func (a axis) length() float64 { return a.heights[len(a.heights)-1] }
