package coordinates

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/vivaldi"
)

// Attack is the section "system.attack": how many nodes lie, and to what end.
// Disorder, repulsion and isolation are the ends that the abstracts of Kaafar,
// Mathy, Turletti, Dabbous (LSAD 2006, CoNEXT 2006) name; how each liar goes about
// it, and the lure, are ours:
//
//	disorder   a place drawn anew for each reply, and a reply delayed at random
//	repulsion  each liar wants all others at a far place of its own: it claims to
//	           stand behind the node that asks, seen from there, and delays its
//	           reply by what pushes the node all the way
//	lure       each liar claims, always, to be at a far place of its own, and
//	           delays nothing: springs pull all others there
//	isolation  the liars agree on one far place and claim to be there to one
//	           victim; to everybody else they are honest
//
// A liar can claim any place and any error estimate, and knows where the node that
// asks stands. It can delay its reply, so that the round trip is measured longer
// than it is, and never shorter.
type Attack struct {
	Kind string `key:"kind"`
	// Share of the nodes that lie.
	Share float64 `key:"share"`
	// Reach is how far from the origin the places lie that liars claim or want
	// others at.
	Reach time.Duration `key:"reach"`
	// Delay is the longest by which a liar delays a reply. A failure detector does
	// not wait for longer than its time-out, so more is in vain.
	Delay time.Duration `key:"delay"`
	// ClaimedError is the error estimate that liars claim. The smaller, the more
	// they are believed.
	ClaimedError float64 `key:"claimed_error"`
}

func (a Attack) check() error {
	switch a.Kind {
	case "none", "disorder", "repulsion", "lure", "isolation":
	default:
		return &trial.KeyError{Key: "system.attack.kind", Got: a.Kind, Want: "none, disorder, repulsion, lure or isolation"}
	}
	if !(a.Share >= 0 && a.Share <= 0.9) {
		return &trial.KeyError{Key: "system.attack.share", Got: a.Share, Want: "0 to 0.9"}
	}
	if err := positive("system.attack.reach", a.Reach); err != nil {
		return err
	}
	if a.Delay < 0 {
		return &trial.KeyError{Key: "system.attack.delay", Got: a.Delay, Want: "0s or more"}
	}
	if !(a.ClaimedError >= 0 && a.ClaimedError <= math.MaxFloat64) {
		return &trial.KeyError{Key: "system.attack.claimed_error", Got: a.ClaimedError, Want: "a finite number, 0 or more"}
	}
	return nil
}

// reply is what a node learns from one sample: what its peer says of itself, and
// the round trip as measured.
type reply struct {
	place    vivaldi.Coordinate
	estimate float64
	rtt      time.Duration
}

// liars is an attack under way.
type liars struct {
	Attack
	config vivaldi.Config
	is     []bool
	victim int                  // of an isolation, an honest node
	wanted []vivaldi.Coordinate // where each liar wants others to be
	rng    *rand.Rand
}

func newLiars(a Attack, config vivaldi.Config, n int, rng *rand.Rand) *liars {
	l := &liars{Attack: a, config: config, is: make([]bool, n), wanted: make([]vivaldi.Coordinate, n), rng: rng}
	order := rng.Perm(n)
	l.victim = order[0]
	count := int(math.Round(a.Share * float64(n)))
	if a.Kind == "none" {
		count = 0
	}
	agreed := l.farPlace()
	for _, i := range order[1 : 1+count] {
		l.is[i] = true
		l.wanted[i] = l.farPlace()
		if a.Kind == "isolation" {
			l.wanted[i] = agreed
		}
	}
	return l
}

// lie turns the honest reply of a liar into another. at is where the node that
// asks stands, and estimate its error estimate.
func (l *liars) lie(from, to int, at vivaldi.Coordinate, estimate float64, honest reply) reply {
	switch {
	case l.Kind == "disorder":
		return reply{l.anyPlace(), l.ClaimedError, honest.rtt + time.Duration(l.rng.Float64()*float64(l.Delay))}
	case l.Kind == "repulsion":
		return l.push(at, l.wanted[from], estimate, honest)
	case l.Kind == "lure", l.Kind == "isolation" && to == l.victim:
		return reply{l.wanted[from], l.ClaimedError, honest.rtt}
	}
	return honest
}

// behind is how far behind its victim, in seconds, a liar claims to stand: a push
// goes into the victim's height by the share that heights have in the distance, so
// it should not be close, and leave room for a round trip that is longer.
const behind = 0.1

// push has the node at a place move towards another: a spring that is longer than
// it should be pushes away from its other end.
func (l *liars) push(at, wanted vivaldi.Coordinate, estimate float64, honest reply) reply {
	direction, far := between(at, wanted)
	fake := vivaldi.Coordinate{Dimensions: at.Dimensions}
	for d := range at.Dimensions {
		fake.Vec[d] = at.Vec[d] - behind*direction[d]
	}
	if l.config.Space.HasHeight() {
		fake.Height = l.config.HeightFloor.Seconds()
	}
	// One sample moves the node by delta times what the round trip exceeds the
	// distance by; ask for no more than the whole way.
	delta := l.config.Cc
	if sum := estimate + l.ClaimedError; sum > 0 {
		delta *= estimate / sum
	}
	excess := l.Delay
	if delta > 0 {
		excess = min(excess, seconds(far/delta))
	}
	ask := seconds(behind+at.Height+fake.Height) + excess
	return reply{fake, l.ClaimedError, min(max(ask, honest.rtt), honest.rtt+l.Delay)}
}

// anyPlace is drawn evenly from a cube around the origin.
func (l *liars) anyPlace() vivaldi.Coordinate {
	c := vivaldi.Coordinate{Dimensions: l.config.Space.Dimensions()}
	for d := range c.Dimensions {
		c.Vec[d] = l.Reach.Seconds() * (2*l.rng.Float64() - 1)
	}
	if l.config.Space.HasHeight() {
		c.Height = l.config.HeightFloor.Seconds()
	}
	return c
}

// farPlace lies Reach away from the origin, in a direction drawn evenly.
func (l *liars) farPlace() vivaldi.Coordinate {
	c := vivaldi.Coordinate{Dimensions: l.config.Space.Dimensions()}
	for d := range c.Dimensions {
		c.Vec[d] = l.rng.NormFloat64()
	}
	direction, _ := between(vivaldi.Coordinate{Dimensions: c.Dimensions}, c)
	for d := range c.Dimensions {
		c.Vec[d] = l.Reach.Seconds() * direction[d]
	}
	if l.config.Space.HasHeight() {
		c.Height = l.config.HeightFloor.Seconds()
	}
	return c
}

// between is the direction from one place to another, and how far that is in
// seconds, heights apart. Places that coincide have no direction; it is 0.
func between(from, to vivaldi.Coordinate) (direction [vivaldi.MaxDimensions]float64, far float64) {
	for d := range from.Dimensions {
		direction[d] = to.Vec[d] - from.Vec[d]
		far += float64(direction[d] * direction[d])
	}
	if far = math.Sqrt(far); far > 0 {
		for d := range from.Dimensions {
			direction[d] /= far
		}
	}
	return direction, far
}

// moved is how far apart two places of a node are, height included, in ms.
func moved(from, to vivaldi.Coordinate) float64 {
	_, far := between(from, to)
	return 1e3 * (far + math.Abs(to.Height-from.Height))
}

// seconds is s seconds, or the longest Duration if that is less.
func seconds(s float64) time.Duration {
	if !(s < float64(math.MaxInt64)/1e9) {
		return math.MaxInt64
	}
	return time.Duration(s * 1e9)
}
