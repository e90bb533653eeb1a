package coordinates

import (
	"math"
	"time"
)

// choices is what came of all requests: for each the true round trip to the
// instance chosen, by each policy, and to the one that is nearest.
type choices struct {
	best, coordinates, random, roundRobin []time.Duration
}

// request lets every node look for the nearest of some services, each time k
// other nodes drawn anew. Three policies choose: by the coordinates; at random;
// and round-robin, the instances by turns whoever asks.
func (w *world) request() choices {
	var c choices
	rng := stream(w.seed, streamRequests)
	turn := 0
	for i := range w.hosts.n {
		peers := w.hosts.peers(i)
		k := min(w.system.Services, len(peers))
		for range w.system.Requests {
			shuffle(rng, peers)
			services := peers[:k]
			nearest, chosen := services[0], services[0]
			for _, j := range services[1:] {
				if w.hosts.at(i, j) < w.hosts.at(i, nearest) {
					nearest = j
				}
				if w.distance(i, j) < w.distance(i, chosen) {
					chosen = j
				}
			}
			c.best = append(c.best, w.hosts.at(i, nearest))
			c.coordinates = append(c.coordinates, w.hosts.at(i, chosen))
			c.random = append(c.random, w.hosts.at(i, services[rng.IntN(k)]))
			c.roundRobin = append(c.roundRobin, w.hosts.at(i, services[turn%k]))
			turn++
		}
	}
	return c
}

// stretch is the round trip to whom a policy chose over that to the nearest.
func (c *choices) stretch(chosen []time.Duration) []float64 {
	out := make([]float64, len(chosen))
	for i := range out {
		out[i] = float64(chosen[i]) / float64(c.best[i])
	}
	return out
}

// regret is how much longer the round trip is than that to the nearest, in ms.
func (c *choices) regret(chosen []time.Duration) []float64 {
	out := make([]float64, len(chosen))
	for i := range out {
		out[i] = inMs(chosen[i] - c.best[i])
	}
	return out
}

// right is the share of requests for which the nearest was chosen.
func (c *choices) right(chosen []time.Duration) float64 {
	n := 0
	for i := range chosen {
		if chosen[i] == c.best[i] {
			n++
		}
	}
	return float64(n) / float64(len(chosen))
}

func inMs(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// mean of values, in their order.
func mean(xs []float64) float64 {
	sum := 0.0
	for _, x := range xs {
		sum += x
	}
	return sum / math.Max(1, float64(len(xs)))
}
