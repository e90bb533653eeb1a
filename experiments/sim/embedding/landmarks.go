package embedding

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// landmarks chooses them among the nodes that have a round trip to at least half
// of the others: at random, or one in the middle of each of as many clusters as
// there are to be (k-medoids from starts as far apart as can be), after the
// cluster medians of GNP.
func (p plan) landmarks(m *matrix, rng *rand.Rand) []int {
	var fit []int
	for i := range m.n {
		measured := 0
		for j := range m.n {
			if m.mean(i, j) != 0 {
				measured++
			}
		}
		if 2*measured >= m.n-1 {
			fit = append(fit, i)
		}
	}
	if p.LandmarkChoice == "random" || len(fit) <= p.Landmarks {
		shuffle(rng, fit)
		chosen := fit[:min(p.Landmarks, len(fit))]
		slices.Sort(chosen)
		return chosen
	}
	return m.medians(fit, p.Landmarks, rng.IntN(len(fit)))
}

// medianRounds is more than the clusters of any dataset take to settle.
const medianRounds = 50

func (m *matrix) medians(of []int, count, first int) []int {
	// A pair without a round trip is farther apart than any other.
	apart := func(i, j int) time.Duration {
		if d := m.mean(i, j); d != 0 || i == j {
			return d
		}
		return time.Hour
	}
	nearest := func(i int, centres []int) (cluster int, d time.Duration) {
		d = math.MaxInt64
		for c, centre := range centres {
			if away := apart(i, centre); away < d {
				cluster, d = c, away
			}
		}
		return cluster, d
	}
	centres := []int{of[first]}
	for len(centres) < count {
		farthest, most := 0, time.Duration(-1)
		for _, i := range of {
			if _, d := nearest(i, centres); d > most {
				farthest, most = i, d
			}
		}
		centres = append(centres, farthest)
	}
	for range medianRounds {
		clusters := make([][]int, count)
		for _, i := range of {
			c, _ := nearest(i, centres)
			clusters[c] = append(clusters[c], i)
		}
		moved := false
		for c, members := range clusters {
			best, least := centres[c], time.Duration(math.MaxInt64)
			for _, i := range members {
				var sum time.Duration
				for _, j := range members {
					sum += apart(i, j)
				}
				if sum < least {
					best, least = i, sum
				}
			}
			moved = moved || best != centres[c]
			centres[c] = best
		}
		if !moved {
			break
		}
	}
	slices.Sort(centres)
	return centres
}
