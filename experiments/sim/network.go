package sim

import (
	"math/rand/v2"
	"slices"
	"time"
)

// Network says how messages travel: the `network` section of a definition.
type Network struct {
	// Latency is the one-way delay of a message.
	Latency Distribution `key:"latency"`
	// Dataset, instead of Latency, names recorded round trips; a message takes
	// half the round trip that its sender recorded to its receiver. Each
	// trial places its members on hosts of the dataset drawn at random.
	Dataset string `key:"dataset"`
	// Jitter is added to every message's delay, drawn anew for each.
	Jitter Distribution `key:"jitter"`
	// Loss is the share of messages lost at the receiver, each independently,
	// and each receiver of a multicast by itself.
	Loss Fraction `key:"loss"`
	// Duplicate is the share of messages that arrive twice, the copy with a
	// delay of its own.
	Duplicate Fraction `key:"duplicate"`
	// Reorder is the share of messages held back by a further ReorderDelay, so
	// that later ones overtake them.
	Reorder      Fraction     `key:"reorder"`
	ReorderDelay Distribution `key:"reorder_delay"`
}

// RTTs is a matrix of recorded round-trip times; datasets.Matrix is one.
type RTTs interface {
	// Len is the number of hosts.
	Len() int
	// RTT is the full round trip as measured from host i to host j; false if
	// it was not measured.
	RTT(i, j int) (time.Duration, bool)
}

// links is the network at work: who can reach whom, and how fast.
type links struct {
	Network
	rng  *rand.Rand
	rtts RTTs
	host []int // the dataset's host that each member runs on; nil without a dataset

	rules []*rule // the schedule's present interferences, oldest first
}

// rule is an interference of the schedule with messages from one set of members
// to another; nil stands for everybody.
type rule struct {
	from, to memberSet
	cut      bool // lose what crosses the border of from, either way, instead
	loss     float64
	why      string // for the trace: what became of a message lost by it
}

func (r *rule) applies(from, to uint32) bool {
	if r.cut {
		return r.from[from] != r.from[to]
	}
	return (r.from == nil || r.from[from]) && (r.to == nil || r.to[to])
}

// delay draws how long one message takes. If it does not arrive, lost says why.
func (l *links) delay(from, to uint32) (d time.Duration, lost string) {
	if l.Loss > 0 && l.rng.Float64() < float64(l.Loss) {
		return 0, "lost on the way"
	}
	for _, r := range l.rules {
		if r.applies(from, to) && (r.loss >= 1 || l.rng.Float64() < r.loss) {
			return 0, r.why
		}
	}
	return l.travel(from, to), ""
}

// travel draws the delay of a message that arrives.
func (l *links) travel(from, to uint32) time.Duration {
	var d time.Duration
	if l.rtts == nil {
		d = l.Latency.Sample(l.rng)
	} else {
		d = l.oneWay(l.host[from], l.host[to])
	}
	if !l.Jitter.Zero() {
		d += l.Jitter.Sample(l.rng)
	}
	if l.Reorder > 0 && l.rng.Float64() < float64(l.Reorder) {
		d += l.ReorderDelay.Sample(l.rng)
	}
	return d
}

// oneWay is half the recorded round trip, that of the other direction where
// this one was not recorded, and the worst recorded from i where neither was: a
// pair that could not be measured was hardly a good one.
func (l *links) oneWay(i, j int) time.Duration {
	if rtt, ok := l.rtts.RTT(i, j); ok {
		return rtt / 2
	}
	if rtt, ok := l.rtts.RTT(j, i); ok {
		return rtt / 2
	}
	var worst time.Duration
	for k := range l.rtts.Len() {
		if rtt, ok := l.rtts.RTT(i, k); ok {
			worst = max(worst, rtt)
		}
	}
	return worst / 2
}

// roundTrip is the recorded way there and back between two members.
func (l *links) roundTrip(a, b uint32) time.Duration {
	return l.oneWay(l.host[a], l.host[b]) + l.oneWay(l.host[b], l.host[a])
}

func (l *links) addRule(r *rule) { l.rules = append(l.rules, r) }

func (l *links) dropRule(r *rule) {
	l.rules = slices.DeleteFunc(l.rules, func(x *rule) bool { return x == r })
}
