package sim

import (
	"slices"
	"time"

	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/swim"
)

// Infection: how news spreads (SWIM §4.1 and §5, Figure 3(b)). The news is of a
// crash, from the first member's conclusion on, or of a voluntary leave, from
// the goodbye on. A leave has one source; of a crash, several members may find
// out by themselves.
func init() {
	defineAll(attachInfection,
		trial.Measure{Name: "infection_latency", Unit: "periods", Doc: "For each piece of news and each member that stays: from the first member's knowing it to this member's, the first one left out."},
		trial.Measure{Name: "infection_median", Unit: "periods", Doc: "The median of infection_latency over the members, a value for each piece of news."},
		trial.Measure{Name: "infection_max", Unit: "periods", Doc: "The largest infection_latency, a value for each piece of news; only for news that reached everybody."},
		trial.Measure{Name: "infection_missed", Unit: "1", Doc: "The number of members that stay and were not reached by the end of the trial, a value for each piece of news."},
	)
	define(measure{trial.Measure{Name: "infected", Unit: "members", Series: true, Doc: "The number of members that know, over protocol periods since the first one did; the mean over the trial's news."}, attachInfectionCurve})
}

// infectionGrid is where the infection curve is read: every quarter of a period
// up to this many.
const infectionGrid, infectionStep = 12.0, 0.25

// news is what spreads: who knew when.
type news struct {
	subject uint32
	since   time.Duration
	heard   map[uint32]time.Duration // the source included
}

// watchNews follows the news of every crash and leave.
func watchNews(c *Cluster) func() []*news {
	var order []*news
	about := map[uint32]*news{}
	gone := map[uint32]bool{}
	c.hooks.onCrash = append(c.hooks.onCrash, func(_ time.Duration, id uint32) { gone[id] = true })
	c.hooks.onLeave = append(c.hooks.onLeave, func(now time.Duration, id uint32) {
		n := &news{subject: id, since: now, heard: map[uint32]time.Duration{id: now}}
		about[id], order = n, append(order, n)
	})
	c.hooks.onEvent = append(c.hooks.onEvent, func(now time.Duration, by uint32, e swim.Event) {
		subject := uint32(e.Member)
		switch e.Kind {
		case swim.Suspected, swim.Confirmed:
			if !gone[subject] {
				return
			}
		case swim.Departed:
		default:
			return
		}
		n := about[subject]
		if n == nil {
			n = &news{subject: subject, since: now, heard: map[uint32]time.Duration{}}
			about[subject], order = n, append(order, n)
		}
		if _, knows := n.heard[by]; !knows {
			n.heard[by] = now
		}
	})
	return func() []*news { return order }
}

// missing says whether a running member has yet to hear the news. One that joined
// later has nothing to hear if it got its list without the subject.
func (n *news) missing(c *Cluster, id uint32) bool {
	_, knows := n.heard[id]
	return !knows && c.members[id].node.Lookup(swim.ID(n.subject)).State == swim.Alive
}

// latencies are the times after the first, in order.
func (n *news) latencies() []time.Duration {
	all := make([]time.Duration, 0, len(n.heard))
	for _, at := range n.heard {
		all = append(all, at-n.since)
	}
	slices.Sort(all)
	return all[1:]
}

func attachInfection(c *Cluster) func() map[string][]float64 {
	list := watchNews(c)
	return func() map[string][]float64 {
		r := map[string][]float64{}
		for _, n := range list() {
			all := n.latencies()
			for _, d := range all {
				r["infection_latency"] = append(r["infection_latency"], c.periods(float64(d)))
			}
			missed := 0
			for _, id := range c.running() {
				if n.missing(c, id) {
					missed++
				}
			}
			r["infection_missed"] = append(r["infection_missed"], float64(missed))
			if len(all) == 0 {
				continue
			}
			mid := len(all) / 2
			median := float64(all[mid])
			if len(all)%2 == 0 {
				median = float64(all[mid-1]+all[mid]) / 2
			}
			r["infection_median"] = append(r["infection_median"], c.periods(median))
			if missed == 0 {
				r["infection_max"] = append(r["infection_max"], c.periods(float64(all[len(all)-1])))
			}
		}
		return r
	}
}

func attachInfectionCurve(c *Cluster) func(*trial.Observations) {
	list := watchNews(c)
	return func(o *trial.Observations) {
		s := trial.Series{X: []float64{}, Y: []float64{}}
		stories := float64(len(list()))
		var all []time.Duration
		for _, n := range list() {
			all = append(all, n.latencies()...)
		}
		slices.Sort(all)
		heard := 0
		for x := 0.0; stories > 0 && x <= infectionGrid; x += infectionStep {
			for heard < len(all) && c.periods(float64(all[heard])) <= x {
				heard++
			}
			s.X, s.Y = append(s.X, x), append(s.Y, (stories+float64(heard))/stories) // each has one source
		}
		o.Series["infected"] = s
	}
}
