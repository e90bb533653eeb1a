package embedding

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"
)

// neighbour is a peer that a node samples, with the round trip it will measure:
// beside each other, because the matrix is too large for the cache.
type neighbour struct {
	node int32
	rtt  time.Duration
}

// chooseNeighbours draws every node's fixed neighbours among the peers it has a
// round trip to: k of them, or all if there are fewer. With nearHalf, k/2 are the
// nearest by round-trip time and the rest are drawn from the others, as in the
// simulator of the paper's authors.
func chooseNeighbours(m *matrix, k int, nearHalf bool, rng *rand.Rand) [][]neighbour {
	chosen := make([][]neighbour, m.n)
	peers := make([]neighbour, 0, m.n)
	for i := range m.n {
		peers = peers[:0]
		for j := range m.n {
			if rtt := m.at(i, j); rtt != 0 {
				peers = append(peers, neighbour{int32(j), rtt})
			}
		}
		size := min(k, len(peers))
		near := 0
		if nearHalf {
			near = size / 2
			slices.SortFunc(peers, func(a, b neighbour) int {
				return cmp.Or(cmp.Compare(a.rtt, b.rtt), cmp.Compare(a.node, b.node))
			})
		}
		// The first steps of a Fisher-Yates shuffle draw the rest evenly.
		for s := near; s < size; s++ {
			t := s + rng.IntN(len(peers)-s)
			peers[s], peers[t] = peers[t], peers[s]
		}
		chosen[i] = slices.Clone(peers[:size])
	}
	return chosen
}
