package embedding

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/swimlab/swimlab/experiments/trial"
)

// neighbour is a peer that a node samples, with the round trip it will measure:
// beside each other, because the matrix is too large for the cache.
type neighbour struct {
	node int32
	rtt  time.Duration
}

// chooseNeighbours draws every node's fixed neighbours among the peers it has a
// round trip to: k of them, or all if there are fewer. With near_half, k/2 are
// the nearest by round-trip time and the rest are drawn from the others, as in
// the simulator of the paper's authors. With near_far, all peers within a round
// trip are near ones, and k are drawn from the others.
func chooseNeighbours(m *matrix, c policy, rng *rand.Rand) (chosen, near [][]neighbour) {
	chosen, near = make([][]neighbour, m.n), make([][]neighbour, m.n)
	peers := make([]neighbour, 0, m.n)
	for i := range m.n {
		peers = peers[:0]
		for j := range m.n {
			if rtt := m.at(i, j); rtt != 0 {
				peers = append(peers, neighbour{int32(j), rtt})
			}
		}
		fixed := 0
		switch c.NeighbourChoice {
		case nearHalf:
			sortByRTT(peers)
			fixed = min(c.Neighbours, len(peers)) / 2
		case nearFar:
			sortByRTT(peers)
			within, _ := slices.BinarySearchFunc(peers, c.NearWithin+1, func(n neighbour, limit time.Duration) int {
				return cmp.Compare(n.rtt, limit)
			})
			near[i] = slices.Clone(peers[:within])
			peers = slices.Delete(peers, 0, within)
		}
		size := min(c.Neighbours, len(peers))
		// The first steps of a Fisher-Yates shuffle draw the rest evenly.
		for s := fixed; s < size; s++ {
			t := s + rng.IntN(len(peers)-s)
			peers[s], peers[t] = peers[t], peers[s]
		}
		chosen[i] = slices.Clone(peers[:size])
	}
	return chosen, near
}

func sortByRTT(peers []neighbour) {
	slices.SortFunc(peers, func(a, b neighbour) int {
		return cmp.Or(cmp.Compare(a.rtt, b.rtt), cmp.Compare(a.node, b.node))
	})
}

// checkNear says whether with near_far every node has a peer of each kind that
// it may have to sample.
func (p policy) checkNear(m *matrix) error {
	if p.NeighbourChoice != nearFar {
		return nil
	}
	for i := range m.n {
		near, far := false, false
		for j := range m.n {
			if rtt := m.at(i, j); rtt != 0 {
				near = near || rtt <= p.NearWithin
				far = far || rtt > p.NearWithin
			}
		}
		if !near && p.FarShare < 1 || !far && p.FarShare > 0 {
			return &trial.KeyError{Key: "system.near_within", Got: p.NearWithin, Want: fmt.Sprintf("a round trip that parts every node's peers; node %d has all on one side", i)}
		}
	}
	return nil
}
