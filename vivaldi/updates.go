package vivaldi

import (
	"fmt"
	"math"
	"time"
)

// MaxUpdateWindow is the longest window of an [UpdateFilter].
const MaxUpdateWindow = 256

// UpdateRule decides when an application is told of a new coordinate.
type UpdateRule uint8

const (
	// Always tells it of every one.
	Always UpdateRule = iota
	// Relative tells it when the centroid of the last coordinates has moved by
	// more than ε_r of the way to the nearest neighbour: a move matters when it
	// may change who is nearest.
	Relative
	// Energy tells it when the last coordinates and those since the last change
	// come from two distributions, as measured by their energy distance.
	Energy
)

func (r UpdateRule) String() string {
	switch r {
	case Always:
		return "always"
	case Relative:
		return "relative"
	case Energy:
		return "energy"
	}
	return fmt.Sprintf("UpdateRule(%d)", uint8(r))
}

// UpdateFilterConfig is the application-level update filter's (Ledlie, Pietzuch,
// Seltzer, ICDCS 2006). The system coordinate moves with every sample; what an
// application is shown, and may have to tell others or store, need not. The zero
// value shows every coordinate.
type UpdateFilterConfig struct {
	Rule UpdateRule
	// Window is how many coordinates each of the two windows holds, 2 to
	// [MaxUpdateWindow]: the first after a change, and the last.
	Window int
	// EpsilonR is ε_r of the rule Relative, over 0.
	EpsilonR float64
	// Tau is τ of the rule Energy, over 0s.
	Tau time.Duration
}

// RelativeUpdates is RELATIVE with this ε_r and window.
func RelativeUpdates(epsilonR float64, window int) UpdateFilterConfig {
	return UpdateFilterConfig{Rule: Relative, Window: window, EpsilonR: epsilonR}
}

// EnergyUpdates is ENERGY with this τ and window.
func EnergyUpdates(tau time.Duration, window int) UpdateFilterConfig {
	return UpdateFilterConfig{Rule: Energy, Window: window, Tau: tau}
}

// Validate says whether a member can run with c. Its error is a *[ConfigError].
func (c UpdateFilterConfig) Validate() error {
	switch {
	case c.Rule > Energy:
		return &ConfigError{"Updates.Rule", c.Rule, "always, relative or energy"}
	case c.Rule == Always:
		return nil
	case c.Window < 2 || c.Window > MaxUpdateWindow:
		return &ConfigError{"Updates.Window", c.Window, fmt.Sprintf("2 to %d", MaxUpdateWindow)}
	case c.Rule == Relative && !(c.EpsilonR > 0 && c.EpsilonR <= math.MaxFloat64):
		return &ConfigError{"Updates.EpsilonR", c.EpsilonR, "a finite number over 0"}
	case c.Rule == Energy && c.Tau <= 0:
		return &ConfigError{"Updates.Tau", c.Tau, "a duration over 0s"}
	}
	return nil
}

// UpdateFilter turns a member's system coordinates into the one an application
// is shown.
//
// It keeps two windows: the coordinates that the one shown is the centroid of,
// which stay, and the last Window, which slide on. Once they differ by the rule,
// the centroid of the last is shown, and they are the ones that stay. Were the
// windows begun anew instead, coordinates that are on their way when the rule
// fires would arrive unseen. Before the first window is full every coordinate is
// shown: a member that has just joined has nothing yet to be steady about.
type UpdateFilter struct {
	config UpdateFilterConfig
	space  Space
	stride int
	first  []float64 // Window points of stride components, the height the last
	last   []float64 // a ring
	length int       // of last, until it is full for the first time
	next   int
	slid   int // how often last has slid since the sums were taken anew
	// Sums of the distances within and between the windows, for Energy.
	within1, within2, between float64
	shown                     Coordinate
	changes                   uint64
}

// NewUpdateFilter returns a filter that has shown nothing yet.
func NewUpdateFilter(config UpdateFilterConfig, space Space) (*UpdateFilter, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	f := &UpdateFilter{config: config, space: space, stride: space.dimensions + 1}
	if config.Rule != Always {
		f.first = make([]float64, config.Window*f.stride)
		f.last = make([]float64, config.Window*f.stride)
	}
	return f, nil
}

// Shown is the application coordinate: the zero one, an unknown place, before
// the first sample.
func (f *UpdateFilter) Shown() Coordinate { return f.shown }

// Changes is how often the application coordinate has changed.
func (f *UpdateFilter) Changes() uint64 { return f.changes }

// Reset begins anew; the coordinate shown last stays until the next.
func (f *UpdateFilter) Reset() { f.length, f.next = 0, 0 }

// Add takes the member's system coordinate after a sample, and the coordinate of
// the nearest neighbour it knows, or an unknown one. It returns whether the
// application coordinate has changed.
func (f *UpdateFilter) Add(place, nearest *Coordinate) bool {
	if f.config.Rule == Always {
		return f.show(place)
	}
	if f.length < f.config.Window {
		f.put(f.last, f.length, place)
		f.length++
		if f.length < f.config.Window {
			return f.show(place)
		}
	} else {
		f.slide(place)
		if !f.differ(nearest) {
			return false
		}
	}
	copy(f.first, f.last)
	f.sum()
	centre := f.centroid(f.first)
	centre.Adjustment = place.Adjustment
	return f.show(&centre)
}

func (f *UpdateFilter) show(place *Coordinate) bool {
	if f.shown == *place {
		return false
	}
	f.shown = *place
	f.changes++
	return true
}

// differ is the rule.
func (f *UpdateFilter) differ(nearest *Coordinate) bool {
	if f.config.Rule == Energy {
		return f.energy() > seconds(f.config.Tau)
	}
	if !nearest.Known() {
		return false
	}
	before, after := f.centroid(f.first), f.centroid(f.last)
	d := f.space.dimensions
	moved := f.space.span(before.Vec[:d], after.Vec[:d]) + math.Abs(before.Height-after.Height)
	away := f.space.span(before.Vec[:d], nearest.Vec[:d]) + before.Height + nearest.Height
	return moved > float64(f.config.EpsilonR*away)
}

// energy is the energy distance of the two windows of n points each, in seconds:
//
//	n·n/(n+n) · (2/n² Σ‖a−b‖ − 1/n² Σ‖a−a'‖ − 1/n² Σ‖b−b'‖)
func (f *UpdateFilter) energy() float64 {
	// within1 and within2 count every pair once, the formula counts it twice.
	n := float64(f.config.Window)
	return (f.between - f.within1 - f.within2) / n
}

// slide puts a point into the last window in place of its oldest, and brings the
// sums up to date; every Window steps they are taken anew, lest rounding gather.
func (f *UpdateFilter) slide(place *Coordinate) {
	slot := f.next
	f.next = (f.next + 1) % f.config.Window
	if f.config.Rule != Energy {
		f.put(f.last, slot, place)
		return
	}
	if f.slid++; f.slid >= f.config.Window {
		f.put(f.last, slot, place)
		f.sum()
		return
	}
	old := f.point(f.last, slot)
	f.between -= f.total(f.first, old, -1)
	f.within2 -= f.total(f.last, old, slot)
	f.put(f.last, slot, place)
	f.between += f.total(f.first, old, -1)
	f.within2 += f.total(f.last, old, slot)
}

// sum takes all three sums anew.
func (f *UpdateFilter) sum() {
	f.slid = 0
	if f.config.Rule != Energy {
		return
	}
	f.within1, f.within2, f.between = 0, 0, 0
	for i := range f.config.Window {
		a, b := f.point(f.first, i), f.point(f.last, i)
		f.within1 += f.total(f.first, a, i) / 2
		f.within2 += f.total(f.last, b, i) / 2
		f.between += f.total(f.first, b, -1)
	}
}

// total is the sum of p's distances to a window's points, all but one.
func (f *UpdateFilter) total(window, p []float64, but int) float64 {
	var sum float64
	for i := range f.config.Window {
		if i != but {
			sum += f.apart(window[i*f.stride:(i+1)*f.stride], p)
		}
	}
	return sum
}

// apart is how far a coordinate is from where it was. That is no round trip, so
// the heights are taken from each other.
func (f *UpdateFilter) apart(p, q []float64) float64 {
	d := f.space.dimensions
	return f.space.span(p[:d], q[:d]) + math.Abs(p[d]-q[d])
}

func (f *UpdateFilter) point(window []float64, i int) []float64 {
	return window[i*f.stride : (i+1)*f.stride]
}

func (f *UpdateFilter) put(window []float64, i int, place *Coordinate) {
	p := f.point(window, i)
	d := f.space.dimensions
	copy(p[:d], place.Vec[:d])
	p[d] = place.Height
}

// centroid is the mean of a window's points, on a sphere brought back to it.
func (f *UpdateFilter) centroid(window []float64) Coordinate {
	d := f.space.dimensions
	c := Coordinate{Dimensions: d, Radius: f.space.radius}
	for i := range f.config.Window {
		p := f.point(window, i)
		for j, v := range p[:d] {
			c.Vec[j] += v
		}
		c.Height += p[d]
	}
	n := float64(f.config.Window)
	for j := range d {
		c.Vec[j] /= n
	}
	c.Height /= n
	if f.space.sphere {
		norm := math.Sqrt(dot(c.Vec[:], c.Vec[:]))
		if norm == 0 {
			copy(c.Vec[:d], f.point(window, 0)) // spread evenly all round: any will do
			return c
		}
		for j := range d {
			c.Vec[j] *= f.space.radius / norm
		}
	}
	return c
}
