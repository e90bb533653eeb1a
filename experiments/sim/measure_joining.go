package sim

import (
	"math"
	"slices"
	"time"

	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/swim"
)

// Joining: how the news of a newcomer spreads among those that were there before.
// A restarted process is a newcomer, too.
func init() {
	defineAll(attachJoining,
		trial.Measure{Name: "join_latency", Unit: "s", Doc: "For each newcomer and each member that was there before and stays: from the newcomer's start to this member's listing it."},
		trial.Measure{Name: "join_complete", Unit: "s", Doc: "From a newcomer's start until the last member that was there before and stays lists it; only for newcomers that all of them have listed."},
		trial.Measure{Name: "join_missed", Unit: "members", Doc: "How many members that were there before and stay have never listed a newcomer by the end of the trial, a value for each newcomer."},
		trial.Measure{Name: "group_incomplete", Unit: "1", Doc: "Whether some member has missed a newcomer, as join_missed counts them: 1 or 0, a value for a trial with newcomers."},
	)
	define(measure{trial.Measure{Name: "joins_open", Unit: "1", Series: true, Doc: "The share of newcomers that some member which was there before and stays has yet to list, over seconds since the newcomer's start, up to 100 s. The trial must last as long."}, attachJoinsOpen})
}

// joins_open is read from 0.1 s to 100 s, at so many places for each factor of ten.
const joinsOpenFrom, joinsOpenTo, joinsOpenPlaces = 0.1, 100.0, 20

// arrival is a newcomer, and when those that were there before listed it.
type arrival struct {
	since  time.Duration
	before []uint32
	listed map[uint32]time.Duration
}

// watchArrivals follows every newcomer.
func watchArrivals(c *Cluster) func() []*arrival {
	var order []*arrival
	of := map[uint32]*arrival{}
	c.hooks.onJoin = append(c.hooks.onJoin, func(now time.Duration, id uint32) {
		a := &arrival{since: now, listed: map[uint32]time.Duration{}}
		a.before = slices.DeleteFunc(c.running(), func(other uint32) bool { return other == id })
		of[id], order = a, append(order, a)
	})
	c.hooks.onEvent = append(c.hooks.onEvent, func(now time.Duration, by uint32, e swim.Event) {
		if e.Kind != swim.Joined {
			return
		}
		if a := of[uint32(e.Member)]; a != nil {
			if _, lists := a.listed[by]; !lists {
				a.listed[by] = now
			}
		}
	})
	return func() []*arrival { return order }
}

// latencies are those of the members that stay, in order, in seconds, and how many
// more of them have never listed the newcomer.
func (a *arrival) latencies(c *Cluster) (listed []float64, missed int) {
	for _, id := range a.before {
		if !c.isRunning(id) {
			continue
		}
		if at, is := a.listed[id]; is {
			listed = append(listed, (at - a.since).Seconds())
		} else {
			missed++
		}
	}
	slices.Sort(listed)
	return listed, missed
}

func attachJoining(c *Cluster) func() map[string][]float64 {
	list := watchArrivals(c)
	return func() map[string][]float64 {
		r := map[string][]float64{}
		incomplete := 0.0
		for _, a := range list() {
			listed, missed := a.latencies(c)
			if missed > 0 {
				incomplete = 1
			}
			r["group_incomplete"] = []float64{incomplete}
			r["join_latency"] = append(r["join_latency"], listed...)
			r["join_missed"] = append(r["join_missed"], float64(missed))
			if missed == 0 && len(listed) > 0 {
				r["join_complete"] = append(r["join_complete"], listed[len(listed)-1])
			}
		}
		return r
	}
}

func attachJoinsOpen(c *Cluster) func(*trial.Observations) {
	list := watchArrivals(c)
	return func(o *trial.Observations) {
		s := trial.Series{X: []float64{}, Y: []float64{}}
		var last []float64 // when each newcomer was listed by the last
		for _, a := range list() {
			switch listed, missed := a.latencies(c); {
			case missed > 0:
				last = append(last, math.Inf(1))
			case len(listed) > 0:
				last = append(last, listed[len(listed)-1])
			}
		}
		for k := 0; len(last) > 0; k++ {
			x := math.Round(1e3*joinsOpenFrom*math.Pow(10, float64(k)/joinsOpenPlaces)) / 1e3
			if x > joinsOpenTo {
				break
			}
			open := 0.0
			for _, at := range last {
				if at > x {
					open++
				}
			}
			s.X, s.Y = append(s.X, x), append(s.Y, open/float64(len(last)))
		}
		o.Series["joins_open"] = s
	}
}
