package vivaldi

import (
	"fmt"
	"math"
	"time"
)

// MaxFilterWindow is the longest history a [Filter] keeps of one peer.
const MaxFilterWindow = 64

// FilterConfig is the latency filter's: it replaces a measured round trip by a
// low percentile of the last few to the same peer, because single measurements
// are off by up to three orders of magnitude (Ledlie, Pietzuch, Seltzer, "Stable
// and Accurate Network Coordinates", ICDCS 2006). The zero value is no filter.
type FilterConfig struct {
	// Window is h, how many of a peer's last round trips count, up to
	// [MaxFilterWindow]; 0 and 1 are no filter. Longer ones are steadier and
	// follow a real change later.
	Window int
	// Percentile is p, from 0, the least of the window, to 100, the greatest; 50
	// is the moving median. Of n round trips in ascending order it takes number
	// ⌈n·p/100⌉, counted from 1, the nearest rank: MP(4, 25) is the least of four.
	Percentile float64
	// Peers is how many peers are remembered, at least 1: the memory is bounded
	// by it. The peer heard of longest ago is forgotten for a new one.
	Peers int
	// MaxAge is how long a peer's silence may last: after a longer one its window
	// starts anew, 0s for never. Old round trips say little of today's route.
	MaxAge time.Duration
}

// MovingPercentile is MP(h, p) for so many peers.
func MovingPercentile(window int, percentile float64, peers int) FilterConfig {
	return FilterConfig{Window: window, Percentile: percentile, Peers: peers}
}

// MovingMedian is the median of the last so many round trips.
func MovingMedian(window, peers int) FilterConfig { return MovingPercentile(window, 50, peers) }

// Validate says whether a filter can run with c. Its error is a *[ConfigError].
func (c FilterConfig) Validate() error {
	switch {
	case c.Window < 0 || c.Window > MaxFilterWindow:
		return &ConfigError{"Filter.Window", c.Window, fmt.Sprintf("0 to %d", MaxFilterWindow)}
	case c.Window <= 1:
		return nil
	case !(c.Percentile >= 0 && c.Percentile <= 100):
		return &ConfigError{"Filter.Percentile", c.Percentile, "a number from 0 to 100"}
	case c.Peers < 1 || c.Peers > MaxPeers:
		return &ConfigError{"Filter.Peers", c.Peers, fmt.Sprintf("1 to %d", MaxPeers)}
	case c.MaxAge < 0:
		return &ConfigError{"Filter.MaxAge", c.MaxAge, "a duration over 0s, or 0s for no limit"}
	}
	return nil
}

// Filter is the latency filter of one member. A peer that it remembers costs no
// allocation.
type Filter[ID comparable] struct {
	config  FilterConfig
	peers   recent[ID]
	windows []window        // one a slot
	samples []time.Duration // Window to a slot, each a ring
}

type window struct{ length, next int32 }

// NewFilter returns a filter that knows no peer yet.
func NewFilter[ID comparable](config FilterConfig) (*Filter[ID], error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	f := &Filter[ID]{config: config}
	if config.Window > 1 {
		f.peers = newRecent[ID](config.Peers)
		f.windows = make([]window, config.Peers)
		f.samples = make([]time.Duration, config.Peers*config.Window)
	}
	return f, nil
}

// Add takes a round trip to a peer, measured now by the member's own clock, and
// returns what to make of it.
func (f *Filter[ID]) Add(now time.Duration, peer ID, rtt time.Duration) time.Duration {
	size := f.config.Window
	if size <= 1 {
		return rtt
	}
	slot, fresh := f.peers.hear(peer, now, f.config.MaxAge)
	w := &f.windows[slot]
	if fresh {
		*w = window{}
	}
	ring := f.samples[int(slot)*size : (int(slot)+1)*size]
	ring[w.next] = rtt
	w.next = (w.next + 1) % int32(size)
	w.length = min(w.length+1, int32(size))

	// Insertion sort: windows are short. Until the ring is full its first length
	// places hold the samples; then all do.
	var sorted [MaxFilterWindow]time.Duration
	n := int(w.length)
	for i, sample := range ring[:n] {
		j := i
		for ; j > 0 && sorted[j-1] > sample; j-- {
			sorted[j] = sorted[j-1]
		}
		sorted[j] = sample
	}
	rank := int(math.Ceil(float64(n) * f.config.Percentile / 100))
	return sorted[max(rank, 1)-1]
}

// Forget drops what is known of a peer, as when it has left the group.
func (f *Filter[ID]) Forget(peer ID) { f.peers.forget(peer) }
