package sim

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/swimlab/swimlab/swim"
	"github.com/swimlab/swimlab/vivaldi"
)

// coordinateStream is of the random numbers that coordinates take. It lies beyond
// those of the members, so that members with coordinates and without send the same.
const (
	coordinateStream uint64 = 1<<63 + iota
	dedicatedStream
)

// surveyor keeps the members' network coordinates, in the way of HashiCorp's Serf:
// a member's acks bear its coordinate and error estimate, and a member learns from
// its own direct probes that are answered within the ping time-out. It sends
// nothing. An ack passed on by a helper, or sent over a stream, says nothing about
// the way to the target.
type surveyor struct {
	cluster *Cluster
	config  vivaldi.MemberConfig
	rng     *rand.Rand
	nodes   []*vivaldi.Member[uint32]
	probes  []directProbe
	samples []int
	doubled *dedicated // nil unless a measure asked for it
	// onSample are called when a member has learnt from a probe.
	onSample []func(id uint32)
}

// directProbe is a member's current probe.
type directProbe struct {
	id       probeID
	target   uint32
	sent     time.Duration
	answered bool
	place    vivaldi.Coordinate // what the target's ack bears
	estimate float64
}

// survey has the members keep the coordinates that the scenario asks for.
func (c *Cluster) survey() { c.surveyor = c.newSurveyor(c.scenario.System.Coordinates.Config()) }

// newSurveyor has the members keep coordinates.
func (c *Cluster) newSurveyor(config vivaldi.MemberConfig) *surveyor {
	s := &surveyor{
		cluster: c,
		config:  config,
		rng:     stream(c.scenario.Seed, coordinateStream),
		nodes:   make([]*vivaldi.Member[uint32], len(c.members)),
		probes:  make([]directProbe, len(c.members)),
		samples: make([]int, len(c.members)),
	}
	for id := range s.nodes {
		s.nodes[id] = newVivaldi(s.config, s.rng)
		s.probes[id].id = noProbe
	}
	c.hooks.onSent = append(c.hooks.onSent, s.sent)
	c.hooks.onReceived = append(c.hooks.onReceived, s.received)
	return s
}

// newVivaldi cannot fail: the scenario has been checked.
func newVivaldi(config vivaldi.MemberConfig, rng *rand.Rand) *vivaldi.Member[uint32] {
	node, err := vivaldi.NewMember[uint32](config, rng)
	if err != nil {
		panic(fmt.Sprintf("sim: coordinates that were checked: %v", err))
	}
	return node
}

func (s *surveyor) sent(now time.Duration, to uint32, m *slot) {
	if m.beginsProbe() {
		s.probes[m.from] = directProbe{id: m.probe, target: to, sent: now}
		return
	}
	if p := s.probeAnsweredBy(m, to); p != nil && !p.answered {
		p.answered = true
		p.place, p.estimate = s.nodes[m.from].Coordinate(), s.nodes[m.from].ErrorEstimate()
	}
}

func (s *surveyor) received(now time.Duration, by uint32, m *slot) {
	p := s.probeAnsweredBy(m, by)
	if p == nil {
		return
	}
	p.id = noProbe // a second ack is no second sample
	rtt := now - p.sent
	if rtt > s.cluster.config.PingTimeout || s.nodes[by].Update(now, p.target, &p.place, p.estimate, rtt) != nil {
		return
	}
	s.samples[by]++
	for _, f := range s.onSample {
		f(by)
	}
}

// probeAnsweredBy is the current probe of a member that a message answers, if the
// target itself sends it.
func (s *surveyor) probeAnsweredBy(m *slot, prober uint32) *directProbe {
	if m.message.Kind != swim.Ack || m.message.Stream {
		return nil
	}
	p := &s.probes[prober]
	if m.probe != p.id || m.from != p.target {
		return nil
	}
	return p
}

// errorsOf compares what coordinates predict with the round trips of the network,
// over the pairs of running members: the median relative error, and the median
// over members of a member's median absolute error in ms.
func (c *Cluster) errorsOf(nodes []*vivaldi.Member[uint32]) (relative, absoluteMs float64) {
	ids := c.running()
	var all []float64
	own := make([][]float64, len(ids))
	for a, i := range ids {
		for b, j := range ids[:a] {
			rtt := c.links.roundTrip(i, j)
			place := nodes[j].Coordinate()
			off := (nodes[i].Distance(&place) - rtt).Abs()
			all = append(all, float64(off)/float64(rtt))
			ms := float64(off) / float64(time.Millisecond)
			own[a], own[b] = append(own[a], ms), append(own[b], ms)
		}
	}
	if len(all) == 0 {
		return 0, 0
	}
	medians := make([]float64, len(ids))
	for a := range medians {
		medians[a] = middle(own[a])
	}
	return middle(all), middle(medians)
}

// middle is the median of values, not empty. It sorts them.
func middle(values []float64) float64 {
	slices.Sort(values)
	n := len(values)
	return float64(0.5 * (values[(n-1)/2] + values[n/2]))
}

// dedicated is a Vivaldi of its own beside the members', as the paper's evaluation
// has it: each member samples fixed neighbours drawn at random. Whenever a member
// has learnt from a probe, its double here takes one sample too, so both have the
// same number and meet the same network.
type dedicated struct {
	cluster    *Cluster
	links      links
	rng        *rand.Rand
	nodes      []*vivaldi.Member[uint32]
	neighbours [][]uint32
	at         []int
}

// dedicatedNeighbours is where the paper found little gain in more.
const dedicatedNeighbours = 32

// double is the dedicated Vivaldi, which it starts.
func (s *surveyor) double() *dedicated {
	if s.doubled != nil {
		return s.doubled
	}
	c := s.cluster
	d := &dedicated{cluster: c, links: c.links, rng: stream(c.scenario.Seed, dedicatedStream), at: make([]int, len(c.members))}
	d.links.rng = d.rng // messages must not notice
	for id := range c.members {
		d.nodes = append(d.nodes, newVivaldi(s.config, d.rng))
		var others []uint32
		for _, other := range d.rng.Perm(len(c.members)) {
			if other != id && len(others) < dedicatedNeighbours {
				others = append(others, uint32(other))
			}
		}
		d.neighbours = append(d.neighbours, others)
	}
	s.doubled = d
	s.onSample = append(s.onSample, d.sample)
	return d
}

// sample has a member's double learn from its next neighbour that runs.
func (d *dedicated) sample(id uint32) {
	list := d.neighbours[id]
	for range list {
		if d.at[id] == len(list) {
			d.at[id] = 0
			d.rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		}
		peer := list[d.at[id]]
		d.at[id]++
		if !d.cluster.isRunning(peer) {
			continue
		}
		place := d.nodes[peer].Coordinate()
		rtt := d.links.travel(id, peer) + d.links.travel(peer, id)
		// A refused sample is a sample all the same.
		_ = d.nodes[id].Update(d.cluster.now, peer, &place, d.nodes[peer].ErrorEstimate(), rtt)
		return
	}
}
