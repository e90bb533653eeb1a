package vivaldi

import (
	"fmt"
	"time"
)

// MaxPeers is how many peers a filter or a memory of neighbours may hold.
const MaxPeers = 1 << 20

// DecayConfig is neighbour decay's (Ledlie, Gardner, Seltzer, NSDI 2007, section
// 4.2). Where samples come by the way, with other traffic, a node hears of a peer
// once or thrice and then of another, and follows whomever it heard last. With
// decay each sample moves it by the springs of all its recent neighbours
// together, each weighted by how fresh its sample is,
//
//	share_j = (a_max − a_j) / Σ (a_max − a)
//
// where a_j is a sample's age and a_max the oldest's. The zero value is none.
type DecayConfig struct {
	// Neighbours is how many neighbours are remembered, up to [MaxPeers]; 0 and 1
	// are no decay. The one heard of longest ago is forgotten for a new one. An
	// update costs time in proportion.
	Neighbours int
	// MaxAge is the age at which a neighbour's sample no longer counts, 0s for
	// never.
	MaxAge time.Duration
}

// Validate says whether a member can run with c. Its error is a *[ConfigError].
func (c DecayConfig) Validate() error {
	switch {
	case c.Neighbours < 0 || c.Neighbours > MaxPeers:
		return &ConfigError{"Decay.Neighbours", c.Neighbours, fmt.Sprintf("0 to %d", MaxPeers)}
	case c.MaxAge < 0:
		return &ConfigError{"Decay.MaxAge", c.MaxAge, "a duration over 0s, or 0s for no limit"}
	}
	return nil
}

func (c DecayConfig) on() bool { return c.Neighbours > 1 }

// neighbours is what a member with decay remembers: the last sample of each.
type neighbours[ID comparable] struct {
	config  DecayConfig
	peers   recent[ID]
	samples []neighbour // by slot
}

type neighbour struct {
	place    Coordinate
	estimate float64
	rtt      float64 // seconds
}

func newNeighbours[ID comparable](config DecayConfig) neighbours[ID] {
	n := neighbours[ID]{config: config}
	if config.on() {
		n.peers = newRecent[ID](config.Neighbours)
		n.samples = make([]neighbour, config.Neighbours)
	}
	return n
}

// add remembers a neighbour's sample in place of its last.
func (n *neighbours[ID]) add(now time.Duration, from ID, sample *neighbour) {
	slot, _ := n.peers.hear(from, now, 0)
	n.samples[slot] = *sample
}

// weigh returns the age of the oldest sample that counts, the sum of what all
// are fresher by, in seconds, and how many there are.
func (n *neighbours[ID]) weigh(now time.Duration) (oldest time.Duration, fresher float64, count int) {
	var ages float64
	for _, age := range n.peers.all(now, n.config.MaxAge) {
		oldest = age // the last is
		ages += seconds(age)
		count++
	}
	return oldest, float64(float64(count)*seconds(oldest)) - ages, count
}
