package coordinates

import (
	"cmp"
	"slices"
	"time"

	"github.com/swimlab/swimlab/vivaldi"
)

// failovers is what came of every server's question where to go when its own data
// centre is down: one value a server.
type failovers struct {
	regret, regretRandom, regretStatic []float64 // ms
	agreement, agreementStatic         []float64 // Kendall's tau with the true order
	right                              []float64 // 1 if the first choice is the nearest
}

// failOver ranks for each server the other data centres as Consul does: by the
// median of the distances to the servers there, the upper one of an even number.
// The true order is that of the medians of the true round trips. It is held
// against a data centre drawn at random and against a static list, the same for
// all: the dataset's order, which is alphabetical in recorded sets and which is
// what Consul falls back to when it has no coordinates.
func (w *world) failOver() failovers {
	var f failovers
	rng := stream(w.seed, streamRequests)
	centres, servers := w.system.DataCentres, w.system.Servers
	for i := range w.hosts.n {
		var others []int
		var groups []vivaldi.Group[int]
		measured := make([]time.Duration, centres)
		for c := range centres {
			var places []vivaldi.Coordinate
			var far []time.Duration
			for j := c * servers; j < (c+1)*servers; j++ {
				if rtt := w.hosts.at(i, j); rtt > 0 && c != i/servers {
					places, far = append(places, w.nodes[j].Coordinate()), append(far, rtt)
				}
			}
			if len(far) == 0 {
				continue // its own, or nobody knows how far that is
			}
			others = append(others, c)
			groups = append(groups, vivaldi.Group[int]{ID: c, Members: places})
			measured[c] = upperMedian(far)
		}
		if len(others) < 2 {
			continue
		}
		var byPrediction []int
		for _, centre := range vivaldi.RankGroups(w.nodes[i].Coordinate(), groups) {
			byPrediction = append(byPrediction, centre.ID)
		}
		best := measured[ranked(others, measured)[0]]
		regret := func(c int) float64 { return inMs(measured[c] - best) }
		f.regret = append(f.regret, regret(byPrediction[0]))
		f.regretRandom = append(f.regretRandom, regret(others[rng.IntN(len(others))]))
		f.regretStatic = append(f.regretStatic, regret(others[0]))
		f.agreement = append(f.agreement, agreement(byPrediction, measured))
		f.agreementStatic = append(f.agreementStatic, agreement(others, measured))
		right := 0.0
		if measured[byPrediction[0]] == best {
			right = 1
		}
		f.right = append(f.right, right)
	}
	return f
}

func upperMedian(values []time.Duration) time.Duration {
	slices.Sort(values)
	return values[len(values)/2]
}

// ranked is a list of data centres in the order of their round trips, and of the
// list where these are the same.
func ranked(list []int, distance []time.Duration) []int {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b int) int { return cmp.Compare(distance[a], distance[b]) })
	return list
}

// agreement is Kendall's tau between an order and that of the distances: the share
// of pairs in the right order less that of those in the wrong one.
func agreement(order []int, distance []time.Duration) float64 {
	sum := 0
	for later := range order {
		for earlier := range later {
			sum += cmp.Compare(distance[order[later]], distance[order[earlier]])
		}
	}
	return float64(sum) / float64(len(order)*(len(order)-1)/2)
}
