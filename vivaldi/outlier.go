package vivaldi

import (
	"fmt"
	"slices"
	"time"
)

// MaxOutlierWindow is the longest memory of springs that an [OutlierConfig] may
// ask for.
const MaxOutlierWindow = 10_000

// OutlierConfig is the refusal of outliers: a sample whose spring is off by many
// times what the member's springs usually are off by moves nothing. It is our own,
// against peers that lie about where they are or hold their replies back
// (attacks2006), and local: nothing is asked of anybody. The zero value refuses
// none.
//
// A member that is itself at a wrong place finds all its springs off. Its median
// grows with what is refused, and after half a window it can move again. What
// stays refused is a peer that disagrees with most others; an honest one whose
// round trips the space cannot hold is such a peer, too.
type OutlierConfig struct {
	// Multiple is how many times the median a spring may be off by; 0 refuses
	// none.
	Multiple float64
	// Window is of how many of the last samples, refused ones among them, the
	// median is taken, up to [MaxOutlierWindow]. Until so many were seen nothing is
	// refused.
	Window int
}

// RefuseOutliers refuses what is off by so many times the median of the last so
// many samples.
func RefuseOutliers(multiple float64, window int) OutlierConfig {
	return OutlierConfig{Multiple: multiple, Window: window}
}

// Validate says whether a member can run with c. Its error is a *[ConfigError].
func (c OutlierConfig) Validate() error {
	switch {
	case !(c.Multiple >= 0 && c.Multiple <= 1e6):
		return &ConfigError{"Outliers.Multiple", c.Multiple, "a multiple of the median, such as 5, or 0"}
	case c.Multiple > 0 && (c.Window < 1 || c.Window > MaxOutlierWindow):
		return &ConfigError{"Outliers.Window", c.Window, fmt.Sprintf("1 to %d", MaxOutlierWindow)}
	}
	return nil
}

// outliers is a member's memory of how far off its last springs were.
type outliers struct {
	config OutlierConfig
	off    []time.Duration // of the last samples, a ring
	next   int
	sorted []time.Duration // the same
}

func newOutliers(config OutlierConfig) outliers {
	o := outliers{config: config}
	if config.Multiple > 0 {
		o.off = make([]time.Duration, 0, config.Window)
		o.sorted = make([]time.Duration, 0, config.Window)
	}
	return o
}

// standsOut says whether a spring that is off by so much is an outlier, and
// remembers it.
func (o *outliers) standsOut(off time.Duration) bool {
	out := false
	if len(o.off) < o.config.Window {
		o.off = append(o.off, off)
	} else {
		out = float64(off) > o.config.Multiple*float64(o.sorted[len(o.sorted)/2])
		at, _ := slices.BinarySearch(o.sorted, o.off[o.next])
		o.sorted = slices.Delete(o.sorted, at, at+1)
		o.off[o.next] = off
		o.next = (o.next + 1) % o.config.Window
	}
	at, _ := slices.BinarySearch(o.sorted, off)
	o.sorted = slices.Insert(o.sorted, at, off)
	return out
}

// reset forgets all springs, as when the member is put somewhere else.
func (o *outliers) reset() { o.off, o.sorted, o.next = o.off[:0], o.sorted[:0], 0 }
