package sim

import (
	"time"

	"github.com/swimlab/swimlab/experiments/trial"
)

// Selection: who is picked as a ping target, and how long one has to wait for it
// (SWIM §3.1 and §4.3).
func init() {
	defineAll(attachProbeGap,
		trial.Measure{Name: "probe_gap_max", Unit: "periods", Doc: "The most protocol periods of one member between two successive selections of the same target."},
		trial.Measure{Name: "probe_gap_share", Unit: "1", Doc: "The largest such gap as a share of the bound 2n−1, n being the length of the member's list at the second selection."},
	)
	defineAll(attachChosen, trial.Measure{Name: "chosen", Unit: "1", Doc: "The share of members and protocol periods, after the warm-up, in which some member picked the member as its ping target; crashed ones that are still on lists are members too."})
}

// onProbe calls f when a member begins a probe.
func (c *Cluster) onProbe(f func(now time.Duration, prober, target uint32)) {
	c.hooks.onSent = append(c.hooks.onSent, func(now time.Duration, to uint32, s *slot) {
		if s.beginsProbe() {
			f(now, s.from, to)
		}
	})
}

func attachProbeGap(c *Cluster) func() map[string][]float64 {
	n := len(c.members)
	count := make([]int32, n)  // probes begun by each member
	last := make([][]int32, n) // the count at the last selection of each target; 0 if none
	var gap, share float64
	c.onProbe(func(_ time.Duration, prober, target uint32) {
		count[prober]++
		if last[prober] == nil {
			last[prober] = make([]int32, n)
		}
		at := &last[prober][target]
		if *at > 0 {
			g := float64(count[prober] - *at)
			list := float64(c.members[prober].node.GroupSize() - 1)
			gap, share = max(gap, g), max(share, g/(2*list-1))
		}
		*at = count[prober]
	})
	return func() map[string][]float64 {
		return map[string][]float64{"probe_gap_max": {gap}, "probe_gap_share": {share}}
	}
}

func attachChosen(c *Cluster) func() map[string][]float64 {
	chosen := make([]bool, len(c.members))
	times, memberPeriods := 0.0, 0.0
	c.onProbe(func(now time.Duration, _, target uint32) {
		if now >= c.scenario.Run.Warmup {
			chosen[target] = true
		}
	})
	c.everyPeriod(func([]uint32) {
		for id, is := range chosen {
			if c.members[id].node == nil {
				continue // has yet to join
			}
			memberPeriods++
			if is {
				times++
			}
		}
		clear(chosen)
	})
	return func() map[string][]float64 {
		if memberPeriods == 0 {
			return nil
		}
		return map[string][]float64{"chosen": {times / memberPeriods}}
	}
}
