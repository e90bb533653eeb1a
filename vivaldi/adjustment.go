package vivaldi

import "fmt"

// MaxAdjustmentWindow is the longest window of an [Adjustment].
const MaxAdjustmentWindow = 1024

// AdjustmentConfig is the adjustment term's (Lee, Zhang, Sahu, Saha, "On
// Suitability of Euclidean Embedding of Internet Hosts", SIGMETRICS 2006): every
// node adds to its predictions half of what they fell short by, on average, over
// its last samples,
//
//	a_i = Σ (rtt − ‖x_i−x_j‖) / (2·|S|)
//
// which takes up what no number of Euclidean dimensions can. Unlike a height it
// may be negative. The zero value is no adjustment.
type AdjustmentConfig struct {
	// Window is |S|, how many of the last samples count; 0 for no adjustment.
	Window int
	// WholeWindow divides by Window even before so many samples have come, as
	// Serf does, so that the term fades in from zero. Otherwise the samples there
	// are count in full.
	WholeWindow bool
	// InSpring lets the springs feel adjusted distances, as Serf does: then the
	// place and the adjustment compete for the same error. Otherwise, as
	// published, the places are found as if there were no adjustments.
	InSpring bool
}

// Validate says whether a member can run with c. Its error is a *[ConfigError].
func (c AdjustmentConfig) Validate() error {
	if c.Window < 0 || c.Window > MaxAdjustmentWindow {
		return &ConfigError{"Adjustment.Window", c.Window, fmt.Sprintf("0 to %d", MaxAdjustmentWindow)}
	}
	return nil
}

// Adjustment is the adjustment term of one member.
type Adjustment struct {
	config  AdjustmentConfig
	samples []float64 // seconds, a ring
	length  int
	next    int
}

// NewAdjustment returns a term of zero.
func NewAdjustment(config AdjustmentConfig) (*Adjustment, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	return &Adjustment{config: config, samples: make([]float64, config.Window)}, nil
}

// Add takes by how many seconds a prediction without adjustments fell short of
// its round trip, and returns the term, in seconds.
func (a *Adjustment) Add(short float64) float64 {
	if len(a.samples) == 0 {
		return 0
	}
	a.samples[a.next] = short
	a.next = (a.next + 1) % len(a.samples)
	a.length = min(a.length+1, len(a.samples))
	// Summed anew, for a running sum would gather rounding errors for ever.
	var sum float64
	for _, s := range a.samples[:a.length] {
		sum += s
	}
	n := a.length
	if a.config.WholeWindow {
		n = len(a.samples)
	}
	return sum / (2 * float64(n))
}

// Reset forgets every sample.
func (a *Adjustment) Reset() {
	a.length, a.next = 0, 0
	clear(a.samples)
}
