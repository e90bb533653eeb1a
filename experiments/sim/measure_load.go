package sim

import (
	"math"
	"slices"
	"time"

	"github.com/swimlab/swimlab/experiments/trial"
)

// Load: the messages a member sends and receives in one protocol period (SWIM
// §5, Figure 2). A multicast counts once for its sender and once for each
// receiver.
func init() {
	defineAll(attachLoad,
		trial.Measure{Name: "sent_mean", Unit: "messages", Doc: "Messages sent by a running member in a protocol period: the mean over members and periods after the warm-up."},
		trial.Measure{Name: "sent_sd", Unit: "messages", Doc: "Their standard deviation over members and periods."},
		trial.Measure{Name: "sent_below_5", Unit: "1", Doc: "The share of members and periods with fewer than 5 messages sent."},
		trial.Measure{Name: "received_mean", Unit: "messages", Doc: "Messages received by a running member in a protocol period: the mean over members and periods."},
		trial.Measure{Name: "received_sd", Unit: "messages", Doc: "Their standard deviation over members and periods."},
	)
	defineAll(attachProbeCost,
		trial.Measure{Name: "messages_per_probe", Unit: "messages", Doc: "All messages that one probe causes in the whole group, ping to last relayed ack: the mean over probes begun after the warm-up."},
		trial.Measure{Name: "messages_per_probe_max", Unit: "messages", Doc: "The most messages that one probe caused."},
	)
}

// tally is a running mean and spread (Welford).
type tally struct{ n, mean, m2 float64 }

func (t *tally) add(x float64) {
	t.n++
	d := x - t.mean
	t.mean += d / t.n
	t.m2 += d * (x - t.mean)
}

// result is the mean, or nothing of nothing.
func (t *tally) result() []float64 {
	if t.n == 0 {
		return nil
	}
	return []float64{t.mean}
}

func (t *tally) sd() float64 { return math.Sqrt(t.m2 / max(t.n-1, 1)) }

// everyPeriod calls f at the end of each whole protocol period from the warm-up
// on, with the members that ran all through it: a part of a period would count
// as a quiet one.
func (c *Cluster) everyPeriod(f func(ran []uint32)) {
	warm := c.scenario.Run.Warmup
	var before []uint32
	c.at(warm, func() { before = c.running() })
	var next func()
	next = func() {
		f(slices.DeleteFunc(before, func(id uint32) bool { return !c.isRunning(id) }))
		before = c.running()
		c.at(c.now+c.config.ProtocolPeriod, next)
	}
	c.at(warm+c.config.ProtocolPeriod, next)
}

func attachLoad(c *Cluster) func() map[string][]float64 {
	sent := make([]float64, len(c.members))
	received := make([]float64, len(c.members))
	warm := c.scenario.Run.Warmup
	c.hooks.onSent = append(c.hooks.onSent, func(now time.Duration, _ uint32, s *slot) {
		if now >= warm {
			sent[s.from]++
		}
	})
	c.hooks.onReceived = append(c.hooks.onReceived, func(now time.Duration, by uint32, _ *slot) {
		if now >= warm {
			received[by]++
		}
	})
	var out, in tally
	below := 0.0
	c.everyPeriod(func(ran []uint32) {
		for _, id := range ran {
			out.add(sent[id])
			in.add(received[id])
			if sent[id] < 5 {
				below++
			}
		}
		clear(sent)
		clear(received)
	})
	return func() map[string][]float64 {
		if out.n == 0 {
			return nil
		}
		return map[string][]float64{
			"sent_mean": {out.mean}, "sent_sd": {out.sd()}, "sent_below_5": {below / out.n},
			"received_mean": {in.mean}, "received_sd": {in.sd()},
		}
	}
}

func attachProbeCost(c *Cluster) func() map[string][]float64 {
	costs := map[probeID]float64{}
	last := c.scenario.Run.Duration - 2*c.config.ProtocolPeriod // let each probe come to its end
	c.hooks.onSent = append(c.hooks.onSent, func(now time.Duration, _ uint32, s *slot) {
		if _, begun := costs[s.probe]; begun || s.beginsProbe() && now >= c.scenario.Run.Warmup && now <= last {
			costs[s.probe]++
		}
	})
	return func() map[string][]float64 {
		if len(costs) == 0 {
			return nil
		}
		// Whole numbers add up to the same sum in any order.
		total, most := 0.0, 0.0
		for _, cost := range costs {
			total += cost
			most = max(most, cost)
		}
		return map[string][]float64{"messages_per_probe": {total / float64(len(costs))}, "messages_per_probe_max": {most}}
	}
}
