package vivaldi

import (
	"fmt"
	"math"
	"time"
)

// Reason is why a sample was refused.
type Reason uint8

const (
	// ZeroRTT is a round trip that took no time: a clock too coarse.
	ZeroRTT Reason = iota
	// NegativeRTT is a round trip that ended before it began: a clock set back.
	NegativeRTT
	// LongRTT is a round trip over MaxRTT: a process that was stopped meanwhile.
	LongRTT
	// OtherSpace is a coordinate of another space than the node's.
	OtherSpace
	// NotFinite is a coordinate with a NaN or an infinity in it.
	NotFinite
	// NegativeHeight is a coordinate below the plane.
	NegativeHeight
	// TooFar is a coordinate beyond MaxDistance, an adjustment beyond MaxRTT, or a
	// vector that does not lie on the sphere.
	TooFar
	// BadEstimate is an error estimate that is negative, NaN or infinite.
	BadEstimate
	// Outlier is a sample that stands out from those before it; see [OutlierConfig].
	Outlier

	reasons
)

func (r Reason) String() string {
	names := [reasons]string{"zero_rtt", "negative_rtt", "long_rtt", "other_space", "not_finite", "negative_height", "too_far", "bad_estimate", "outlier"}
	if r < reasons {
		return names[r]
	}
	return fmt.Sprintf("Reason(%d)", uint8(r))
}

// Refusals counts refused samples by reason: refusals[vivaldi.ZeroRTT] is how
// many round trips took no time.
type Refusals [reasons]uint64

// Total is how many samples were refused for any reason.
func (r Refusals) Total() uint64 {
	var sum uint64
	for _, n := range r {
		sum += n
	}
	return sum
}

// blame finds the first thing wrong with a sample that was refused.
func (k *kernel) blame(peer *Coordinate, peerError float64, rtt time.Duration) Reason {
	finite := func(x float64) bool { return math.Abs(x) <= math.MaxFloat64 }
	switch {
	case rtt == 0:
		return ZeroRTT
	case rtt < 0:
		return NegativeRTT
	case rtt > k.maxRTT:
		return LongRTT
	case !k.admit(peer):
		return OtherSpace
	case !finite(peer.Height), !finite(peer.Adjustment):
		return NotFinite
	}
	for _, v := range peer.point() {
		if !finite(v) {
			return NotFinite
		}
	}
	switch {
	case peer.Height < 0:
		return NegativeHeight
	case !(peerError >= 0 && peerError <= maxEstimate):
		return BadEstimate
	}
	return TooFar
}

// refusal is the error for a reason.
func (k *kernel) refusal(r Reason, peer *Coordinate, peerError float64, rtt time.Duration) error {
	switch r {
	case ZeroRTT, NegativeRTT, LongRTT:
		return rttError(rtt, k.maxRTT)
	case OtherSpace:
		return spaceError(peer, k.space)
	case BadEstimate:
		return estimateError(peerError)
	}
	return placeError(peer, duration(k.maxDistance))
}
