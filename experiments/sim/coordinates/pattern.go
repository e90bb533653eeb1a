package coordinates

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// A pattern says which peer a node samples next. They are what a failure
// detector or an overlay may do:
//
//	random       any peer, drawn anew each time (SWIM section 3.1)
//	round_robin  every peer in a shuffled order, shuffled anew after each pass
//	             (SWIM section 4.3)
//	sweep        every peer in the order of their numbers, the same circle for
//	             all: as many peers as round_robin, and nothing random
//	fixed        a few neighbours, drawn once
//	ring         the two neighbours on a ring of all
//	tree         parent and children in a binary tree of all
//
// Numbers mean nothing in sweep, ring and tree: who stands where is drawn first.
type pattern interface {
	next(i int) (peer int)
	// peersOf lists whom each node may ever sample.
	peersOf() [][]int
}

var patterns = []string{"random", "round_robin", "sweep", "fixed", "ring", "tree"}

func newPattern(name string, neighbours int, h *hosts, rng *rand.Rand) (pattern, error) {
	peers := make([][]int, h.n)
	for i := range peers {
		peers[i] = h.peers(i)
	}
	shuffled := true
	switch name {
	case "random":
		if err := nobodyAlone(peers); err != nil {
			return nil, err
		}
		return &drawn{peers, rng}, nil
	case "round_robin":
		for _, list := range peers {
			shuffle(rng, list)
		}
	case "fixed":
		for i, list := range peers {
			shuffle(rng, list)
			peers[i] = list[:min(neighbours, len(list))]
		}
	case "sweep":
		order := rng.Perm(h.n)
		for place, i := range order {
			peers[i] = peers[i][:0]
			for step := 1; step < h.n; step++ {
				if j := order[(place+step)%h.n]; h.at(i, j) > 0 {
					peers[i] = append(peers[i], j)
				}
			}
		}
		shuffled = false
	case "ring":
		peers = onRing(h, rng.Perm(h.n))
	case "tree":
		peers = inTree(h, rng.Perm(h.n))
	}
	if err := nobodyAlone(peers); err != nil {
		return nil, err
	}
	return &listed{peers: peers, at: make([]int, h.n), shuffled: shuffled, rng: rng}, nil
}

func nobodyAlone(peers [][]int) error {
	for i, list := range peers {
		if len(list) == 0 {
			return fmt.Errorf("host %d has a round trip to none of its neighbours", i)
		}
	}
	return nil
}

// onRing links each node to the next on the ring that it has a round trip to, in
// either direction.
func onRing(h *hosts, ring []int) [][]int {
	peers := make([][]int, h.n)
	for place, i := range ring {
		for _, way := range []int{1, h.n - 1} {
			for step := 1; step < h.n; step++ {
				j := ring[(place+step*way)%h.n]
				if h.at(i, j) > 0 {
					if !slices.Contains(peers[i], j) {
						peers[i] = append(peers[i], j)
					}
					break
				}
			}
		}
	}
	return peers
}

// inTree links each node to its parent in a complete binary tree, or to the
// nearest ancestor that it has a round trip to; and these to it.
func inTree(h *hosts, order []int) [][]int {
	peers := make([][]int, h.n)
	for place := 1; place < h.n; place++ {
		for up := (place - 1) / 2; ; up = (up - 1) / 2 {
			i, j := order[place], order[up]
			if h.at(i, j) > 0 {
				peers[i], peers[j] = append(peers[i], j), append(peers[j], i)
				break
			}
			if up == 0 {
				break
			}
		}
	}
	return peers
}

// drawn is the pattern random.
type drawn struct {
	peers [][]int
	rng   *rand.Rand
}

func (d *drawn) next(i int) int { return d.peers[i][d.rng.IntN(len(d.peers[i]))] }

func (d *drawn) peersOf() [][]int { return d.peers }

// listed goes through a list for each node, over and over.
type listed struct {
	peers    [][]int
	at       []int // how far each node is in its list
	shuffled bool  // anew after each pass
	rng      *rand.Rand
}

func (l *listed) next(i int) int {
	if l.at[i] == len(l.peers[i]) {
		l.at[i] = 0
		if l.shuffled {
			shuffle(l.rng, l.peers[i])
		}
	}
	l.at[i]++
	return l.peers[i][l.at[i]-1]
}

func (l *listed) peersOf() [][]int { return l.peers }

func shuffle[T any](rng *rand.Rand, s []T) {
	rng.Shuffle(len(s), func(i, j int) { s[i], s[j] = s[j], s[i] })
}
