package vivaldi

import (
	"math"
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

// Reset forgets every sample: the node is at the origin again.
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
// said in its reply where it is and how far it trusts that.
//
// A sample that cannot be true is refused with an error that wraps [ErrRTT],
// [ErrCoordinate] or [ErrErrorEstimate], and changes nothing.
func (n *Node) Update(peer *Coordinate, peerError float64, rtt time.Duration) error {
	k := &n.kernel
	if rtt <= 0 || rtt > k.maxRTT {
		return rttError(rtt, k.maxRTT)
	}
	if !k.admit(peer) {
		return spaceError(*peer, k.space)
	}
	d := k.space.dimensions
	h, e, v := k.update(n.place.Vec[:d], n.place.Height, n.estimate, peer.Vec[:d], peer.Height, peerError, seconds(rtt))
	if v != accepted {
		return n.refuse(v, *peer, peerError)
	}
	n.place.Height, n.estimate = h, e
	return nil
}

func (n *Node) refuse(v verdict, peer Coordinate, peerError float64) error {
	if v == badEstimate {
		return estimateError(peerError)
	}
	return placeError(peer, duration(n.kernel.maxDistance))
}

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
	if !k.admit(&place) {
		return spaceError(place, k.space)
	}
	var origin [MaxDimensions]float64
	reach := span(place.Vec[:place.Dimensions], origin[:]) + place.Height
	if !(place.Height >= 0 && reach <= k.maxDistance) {
		return placeError(place, duration(k.maxDistance))
	}
	if !(errorEstimate >= 0 && errorEstimate <= math.MaxFloat64) {
		return estimateError(errorEstimate)
	}
	copy(n.place.Vec[:], place.Vec[:place.Dimensions])
	n.place.Height = max(place.Height, k.heightFloor)
	n.estimate = min(errorEstimate, k.errorCap)
	return nil
}
