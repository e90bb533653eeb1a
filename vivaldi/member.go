package vivaldi

import (
	"math/rand/v2"
	"time"
)

// MemberConfig is the algorithm and what later papers and deployments put around
// it. Every part is off in its zero value, and each works with or without the
// others. Start from [Serf] or [Recommended], or from a bare
// MemberConfig{Config: Paper(space)}.
type MemberConfig struct {
	Config
	Filter     FilterConfig
	Outliers   OutlierConfig
	Decay      DecayConfig
	Adjustment AdjustmentConfig
	Gravity    GravityConfig
	Updates    UpdateFilterConfig
	// WholeNanoseconds rounds a predicted distance down to a nanosecond before
	// the error is taken, as Serf does. It is good for agreeing with Serf to the
	// last digits, and for nothing else.
	WholeNanoseconds bool
}

// Validate says whether members can run with c. Its error is a *[ConfigError].
func (c MemberConfig) Validate() error {
	for _, err := range []error{
		c.Config.Validate(),
		c.Filter.Validate(),
		c.Outliers.Validate(),
		c.Decay.Validate(),
		c.Adjustment.Validate(),
		c.Gravity.Validate(c.Space),
		c.Updates.Validate(),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

// Member is the coordinate of one live member with everything its config asks
// for around it:
//
//	raw sample ─▶ refuse nonsense ─▶ Filter ─▶ refuse Outliers ─▶ kernel ─▶ Adjustment ─▶ Gravity ─▶ Updates ─▶ application
//	                     │                            │            │ ▲                                   coordinate
//	                     └────────▶ Refusals ◀────────┘      Decay ┘ └ all recent neighbours
//
// ID is what tells peers apart, a name or a number. A Member is not safe for
// concurrent use, and has no clock: the caller says when.
type Member[ID comparable] struct {
	node       Node
	config     MemberConfig
	filter     *Filter[ID]
	outliers   outliers
	neighbours neighbours[ID]
	adjustment *Adjustment
	updates    *UpdateFilter
	// The nearest neighbour known, for the update filter.
	nearestID ID
	nearest   Coordinate
}

// NewMember returns a member at the origin. rng is drawn from only to part two
// members that lie on one point. The error is a *[ConfigError] when config is to
// blame.
func NewMember[ID comparable](config MemberConfig, rng *rand.Rand) (*Member[ID], error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	node, err := NewNode(config.Config, rng)
	if err != nil {
		return nil, err
	}
	m := &Member[ID]{node: *node, config: config, neighbours: newNeighbours[ID](config.Decay), outliers: newOutliers(config.Outliers)}
	if m.filter, err = NewFilter[ID](config.Filter); err != nil {
		return nil, err
	}
	if m.adjustment, err = NewAdjustment(config.Adjustment); err != nil {
		return nil, err
	}
	if m.updates, err = NewUpdateFilter(config.Updates, config.Space); err != nil {
		return nil, err
	}
	return m, nil
}

// Update takes one sample: at the time now of the member's own clock, a round
// trip of rtt to the peer from, which said in its reply where it is and how far
// it trusts that.
//
// A sample that cannot be true is refused with an error that wraps [ErrRTT],
// [ErrCoordinate] or [ErrErrorEstimate]; it is counted and changes nothing, not
// even the filter's memory. One that stands out, if outliers are refused, is
// refused with [ErrOutlier] and counted: the filter has heard of it by then, and
// nothing else has.
func (m *Member[ID]) Update(now time.Duration, from ID, place *Coordinate, estimate float64, rtt time.Duration) error {
	n := &m.node
	k := &n.kernel
	if rtt <= 0 || rtt > k.maxRTT || !k.accepts(&n.place, place, estimate) {
		return n.refuse(place, estimate, rtt)
	}
	rtt = max(m.filter.Add(now, from, rtt), k.minRTT)
	if m.config.Outliers.Multiple > 0 {
		if off := (rtt - m.Distance(place)).Abs(); m.outliers.standsOut(off) {
			n.refusals[Outlier]++
			return &outlierError{off, m.config.Outliers}
		}
	}
	sample := neighbour{place: *place, estimate: estimate, rtt: seconds(rtt)}
	if m.config.Decay.on() {
		m.neighbours.add(now, from, &sample)
		m.pullByAll(now, &sample)
	} else {
		m.pullBy(&sample)
	}

	across, heights, _ := m.measure(&sample)
	if m.config.Adjustment.Window > 0 {
		n.place.Adjustment = min(max(m.adjustment.Add(sample.rtt-(across+heights)), -k.heightTop), k.heightTop)
	}
	m.fall()
	m.noteNearest(from, place, across+heights)
	m.updates.Add(&n.place, &m.nearest)
	return nil
}

// accepts says whether a node can take a sample of a peer there.
func (k *kernel) accepts(own, peer *Coordinate, estimate float64) bool {
	d := k.space.dimensions
	return k.admit(peer) && k.within(peer) &&
		k.space.span(own.Vec[:d], peer.Vec[:d])+(own.Height+peer.Height) <= k.maxDistance &&
		estimate >= 0 && estimate <= maxEstimate
}

// measure is how far the member is from a neighbour, in the plane, in the heights
// and as its springs feel it.
func (m *Member[ID]) measure(s *neighbour) (across, heights, felt float64) {
	own := &m.node.place
	d := own.Dimensions
	across = m.node.kernel.space.span(own.Vec[:d], s.place.Vec[:d])
	heights = own.Height + s.place.Height
	return across, heights, m.felt(across+heights, own.Adjustment+s.place.Adjustment)
}

// felt is a distance as the springs feel it.
func (m *Member[ID]) felt(distance, adjustment float64) float64 {
	if m.config.Adjustment.InSpring {
		distance = adjusted(distance, adjustment)
	}
	if m.config.WholeNanoseconds {
		distance = time.Duration(distance * 1e9).Seconds()
	}
	return distance
}

// pullBy lets one sample move the member, as [Node.Update] does.
func (m *Member[ID]) pullBy(s *neighbour) {
	n := &m.node
	k := &n.kernel
	across, heights, dist := m.measure(s)
	w, estimate := k.weigh(n.estimate, s.estimate, dist, s.rtt)
	d := n.place.Dimensions
	n.place.Height = k.move(n.place.Vec[:d], n.place.Height, s.place.Vec[:d], across, heights, k.step(w)*(s.rtt-dist))
	n.estimate = estimate
}

// pullByAll lets the sample at hand speak for the error estimate, and all recent
// neighbours, one after the other, move the member by their shares.
func (m *Member[ID]) pullByAll(now time.Duration, latest *neighbour) {
	n := &m.node
	k := &n.kernel
	_, _, dist := m.measure(latest)
	own := n.estimate
	_, n.estimate = k.weigh(own, latest.estimate, dist, latest.rtt)

	oldest, sum, count := m.neighbours.weigh(now)
	d := n.place.Dimensions
	for slot, age := range m.neighbours.peers.all(now, m.config.Decay.MaxAge) {
		share := 1 / float64(count)
		if sum > 0 {
			share = seconds(oldest-age) / sum
		}
		s := &m.neighbours.samples[slot]
		across, heights, dist := m.measure(s)
		force := float64(share*k.step(k.balance(own, s.estimate))) * (s.rtt - dist)
		n.place.Height = k.move(n.place.Vec[:d], n.place.Height, s.place.Vec[:d], across, heights, force)
	}
}

// fall lets gravity pull the member towards the origin, which as a coordinate
// has a height too, the floor.
func (m *Member[ID]) fall() {
	if m.config.Gravity.Rho == 0 {
		return
	}
	n := &m.node
	k := &n.kernel
	origin := neighbour{place: Coordinate{Height: k.heightFloor}}
	across, heights, dist := m.measure(&origin)
	if across < coincident {
		return // there already
	}
	d := n.place.Dimensions
	// Never past the origin.
	pull := min(m.config.Gravity.pull(dist), across+float64(k.inNorm*heights))
	n.place.Height = k.move(n.place.Vec[:d], n.place.Height, origin.place.Vec[:d], across, heights, -pull)
}

func (m *Member[ID]) noteNearest(id ID, place *Coordinate, distance float64) {
	if m.config.Updates.Rule != Relative {
		return
	}
	if id != m.nearestID && m.nearest.Known() {
		d := m.node.place.Dimensions
		best := m.node.kernel.space.span(m.node.place.Vec[:d], m.nearest.Vec[:d]) + m.node.place.Height + m.nearest.Height
		if distance >= best {
			return
		}
	}
	m.nearestID, m.nearest = id, *place
}

// Forget drops what is remembered of a peer, as when it has left the group. What
// its samples have done to the coordinate stays done.
func (m *Member[ID]) Forget(peer ID) {
	m.filter.Forget(peer)
	m.neighbours.peers.forget(peer)
	if peer == m.nearestID {
		m.nearest = Coordinate{}
	}
}

// Coordinate is the system coordinate: where the member is after its last
// sample, and what its replies should carry.
func (m *Member[ID]) Coordinate() Coordinate { return m.node.place }

// ApplicationCoordinate is the one for applications, which the update filter
// keeps steady; unknown before the first sample.
func (m *Member[ID]) ApplicationCoordinate() Coordinate { return m.updates.Shown() }

// ApplicationChanges is how often the application coordinate has changed.
func (m *Member[ID]) ApplicationChanges() uint64 { return m.updates.Changes() }

// ErrorEstimate is e_i, the relative error the member expects of its predictions.
func (m *Member[ID]) ErrorEstimate() float64 { return m.node.estimate }

// Refusals is how many samples were refused so far, by reason.
func (m *Member[ID]) Refusals() Refusals { return m.node.refusals }

// Distance is the predicted round-trip time to a member at peer, adjustments
// included.
func (m *Member[ID]) Distance(peer *Coordinate) time.Duration { return m.node.place.Distance(*peer) }

// Config is what the member runs with.
func (m *Member[ID]) Config() MemberConfig { return m.config }

// Restore puts the member where it was before a restart; see [Node.Restore].
// What it remembered of its peers is not part of a coordinate and stays.
func (m *Member[ID]) Restore(place Coordinate, errorEstimate float64) error {
	if err := m.node.Restore(place, errorEstimate); err != nil {
		return err
	}
	m.outliers.reset()
	m.adjustment.Reset()
	m.updates.Reset()
	return nil
}
