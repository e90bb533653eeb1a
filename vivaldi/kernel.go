package vivaldi

import (
	"errors"
	"math"
	"math/rand/v2"
	"time"
)

// maxEstimate is the largest error estimate there can be: any finite one.
const maxEstimate = math.MaxFloat64

// coincident is how close, in seconds, two points must lie on the Euclidean part
// to count as one: a microsecond, as in the authors' simulator and in Serf. The
// direction between closer points is noise.
const coincident = 1e-6

// kernel is a Config made ready for arithmetic. All of it is constant but rng,
// which is drawn from only when two points coincide.
type kernel struct {
	delta       float64 // constant part of δ: Delta or 0
	cc          float64 // what of δ grows with w: 0 or c_c
	ce          float64
	errorCap    float64
	heightFloor float64 // seconds; 0 in a space without heights
	inNorm      float64 // how much of h+g the unit vector's norm holds: 1 or 0
	heightTop   float64 // seconds: no access link, and no adjustment, is longer than the longest round trip
	peerFloor   float64 // the least error a peer is credited with
	maxStep     float64 // seconds; +Inf for none
	maxDistance float64 // seconds
	minRTT      time.Duration
	maxRTT      time.Duration
	space       Space
	rng         *rand.Rand
}

func newKernel(c Config, rng *rand.Rand) (kernel, error) {
	if err := c.Validate(); err != nil {
		return kernel{}, err
	}
	if rng == nil {
		return kernel{}, errors.New("vivaldi: no source of randomness; want one, to part coincident nodes")
	}
	k := kernel{
		ce:          c.Ce,
		errorCap:    c.ErrorCap,
		heightTop:   seconds(c.MaxRTT),
		peerFloor:   c.PeerErrorFloor,
		maxStep:     math.Inf(1),
		maxDistance: seconds(c.MaxDistance),
		minRTT:      c.MinRTT,
		maxRTT:      c.MaxRTT,
		space:       c.Space,
		rng:         rng,
	}
	if c.TimeStep == Constant {
		k.delta = c.Delta
	} else {
		k.cc = c.Cc
	}
	if c.MaxStep > 0 {
		k.maxStep = seconds(c.MaxStep)
	}
	if c.Space.height {
		k.heightFloor = seconds(c.HeightFloor)
	}
	if c.UnitVector == FullNorm {
		k.inNorm = 1
	}
	return k, nil
}

// update moves a node at [x, h] with error estimate e after a round trip of rtt
// seconds, already checked, to a peer at [y, g] with estimate f (figure 3). It
// moves x in place and returns the new height and estimate. Unless accepted,
// nothing has changed.
//
// The peer's part of the check costs two comparisons: x is always finite, so
// a component of y that is not makes the span NaN or infinite.
func (k *kernel) update(x []float64, h, e float64, y []float64, g, f, rtt float64) (height, estimate float64, v verdict) {
	across := k.space.span(x, y)
	heights := h + g
	dist := across + heights
	if !(g >= 0 && dist <= k.maxDistance) {
		return h, e, badPlace
	}
	if !(f >= 0 && f <= maxEstimate) {
		return h, e, badEstimate
	}
	w, estimate := k.weigh(e, f, dist, rtt)
	return k.move(x, h, y, across, heights, k.step(w)*(rtt-dist)), estimate, accepted
}

// weigh gives a sample its weight and its say in the node's error estimate.
func (k *kernel) weigh(e, f, dist, rtt float64) (w, estimate float64) {
	// Sample weight balances local and remote error: (1) of figure 3. Two nodes
	// that both know their place exactly share the correction.
	w = k.balance(e, f)
	// Relative error of this sample (2), and its moving average (3).
	sampleError := math.Abs(dist-rtt) / rtt
	alpha := float64(k.ce * w)
	return w, min(float64(sampleError*alpha)+float64(e*(1-alpha)), k.errorCap)
}

func (k *kernel) balance(e, f float64) float64 {
	if sum := e + max(f, k.peerFloor); sum > 0 {
		return e / sum
	}
	return 0.5
}

// step is δ for a sample of weight w.
func (k *kernel) step(w float64) float64 { return k.delta + float64(k.cc*w) }

// move lets a force push a node at [x, h] away from [y, g], or pull it there if
// it is negative: (4) of figure 3. It moves x in place and returns the height.
func (k *kernel) move(x []float64, h float64, y []float64, across, heights, force float64) float64 {
	force = min(max(force, -k.maxStep), k.maxStep)
	if across < coincident {
		// u(0) is a random direction. Heights stay: only the plane is degenerate.
		if k.space.sphere {
			rotate(x, x, force, k.space.radius, k.rng)
		} else {
			pushAnywhere(x, force, k.rng)
		}
		return h
	}
	scale := force / (across + float64(k.inNorm*heights))
	if k.space.sphere {
		rotate(x, y, float64(scale*across), k.space.radius, k.rng)
	} else {
		push(x, y, scale)
	}
	// The floor is the paper's; the top is ours. With [EuclideanNorm] a tiny span
	// in the plane flings the height to any value, from which every later sample
	// would be refused as too distant.
	return min(max(h+float64(scale*heights), k.heightFloor), k.heightTop)
}

// admit says whether a coordinate from outside fits the space.
func (k *kernel) admit(c *Coordinate) bool {
	return c.Dimensions == k.space.dimensions && c.Radius == k.space.radius && (k.space.height || c.Height == 0)
}

// within says whether a coordinate of the space lies within reach of the origin,
// or on the sphere, and has an adjustment that a node can have: predictions are
// off by no more than the longest round trip. What is not finite never does.
func (k *kernel) within(c *Coordinate) bool {
	var origin [MaxDimensions]float64
	reach := span(c.Vec[:k.space.dimensions], origin[:])
	if k.space.sphere {
		// Writing the vector down may have rounded it.
		if !(math.Abs(reach/k.space.radius-1) <= 1e-6) {
			return false
		}
		reach = 0
	}
	return c.Height >= 0 && reach+c.Height <= k.maxDistance && math.Abs(c.Adjustment) <= k.heightTop
}
