package vivaldi

import (
	"math/rand/v2"
	"time"
)

// Node is the coordinate of one live member and the algorithm that keeps it.
// It is not safe for concurrent use.
type Node struct {
	kernel   kernel
	place    Coordinate
	estimate float64
	start    Config
	refusals Refusals
}

// NewNode returns a node at the origin. rng is drawn from only to part two nodes
// that lie on one point; the same source and samples give the same coordinates.
// The error is a *[ConfigError] when config is to blame.
func NewNode(config Config, rng *rand.Rand) (*Node, error) {
	k, err := newKernel(config, rng)
	if err != nil {
		return nil, err
	}
	n := &Node{kernel: k, start: config}
	n.Reset()
	return n, nil
}

// Reset forgets every sample: the node is at the origin again. What was refused
// stays counted.
func (n *Node) Reset() {
	space := n.start.Space
	n.place = Coordinate{Dimensions: space.dimensions, Radius: space.radius}
	space.start(n.place.Vec[:])
	if space.height {
		n.place.Height = seconds(n.start.InitialHeight)
	}
	n.estimate = n.start.InitialError
}

// Update takes one sample: a round trip of rtt, the whole of it, to a peer that
// said in its reply where it is and how far it trusts that. Adjustments are left
// out of account; they belong to a [Member].
//
// A sample that cannot be true is refused with an error that wraps [ErrRTT],
// [ErrCoordinate] or [ErrErrorEstimate]; it is counted and changes nothing.
func (n *Node) Update(peer *Coordinate, peerError float64, rtt time.Duration) error {
	k := &n.kernel
	if rtt <= 0 || rtt > k.maxRTT || !k.admit(peer) || !k.within(peer) {
		return n.refuse(peer, peerError, rtt)
	}
	d := k.space.dimensions
	h, e, v := k.update(n.place.Vec[:d], n.place.Height, n.estimate, peer.Vec[:d], peer.Height, peerError, seconds(max(rtt, k.minRTT)))
	if v != accepted {
		return n.refuse(peer, peerError, rtt)
	}
	n.place.Height, n.estimate = h, e
	return nil
}

// refuse counts a sample that is refused and says why.
func (n *Node) refuse(peer *Coordinate, peerError float64, rtt time.Duration) error {
	reason := n.kernel.blame(peer, peerError, rtt)
	n.refusals[reason]++
	return n.kernel.refusal(reason, peer, peerError, rtt)
}

// Refusals is how many samples were refused so far, by reason.
func (n *Node) Refusals() Refusals { return n.refusals }

// Coordinate is where the node is.
func (n *Node) Coordinate() Coordinate { return n.place }

// ErrorEstimate is e_i, the relative error the node expects of its predictions:
// 0.1 is ten percent.
func (n *Node) ErrorEstimate() float64 { return n.estimate }

// Distance is the predicted round-trip time to a node at peer.
func (n *Node) Distance(peer *Coordinate) time.Duration { return n.place.Distance(*peer) }

// Restore puts the node where it was before a restart. Heights and estimates are
// brought within the node's own bounds; what no node can have been at is refused
// and changes nothing.
func (n *Node) Restore(place Coordinate, errorEstimate float64) error {
	k := &n.kernel
	switch {
	case !k.admit(&place):
		return spaceError(&place, k.space)
	case !k.within(&place):
		return placeError(&place, duration(k.maxDistance))
	case !(errorEstimate >= 0 && errorEstimate <= maxEstimate):
		return estimateError(errorEstimate)
	}
	copy(n.place.Vec[:], place.Vec[:place.Dimensions])
	n.place.Height = min(max(place.Height, k.heightFloor), k.heightTop)
	n.place.Adjustment = place.Adjustment
	n.estimate = min(errorEstimate, k.errorCap)
	return nil
}
