package vivaldi

import (
	"fmt"
	"math"
	"time"
)

// TimeStep is the rule for δ, how far along the spring one sample moves a node.
type TimeStep uint8

const (
	// Adaptive makes δ = c_c·w, larger the less a node trusts its own coordinate
	// beside its peer's (figure 3).
	Adaptive TimeStep = iota
	// Constant keeps δ the same for every sample (figure 2). The
	// error estimate is still kept, so that the two rules can be compared; it
	// moves nothing.
	Constant
)

func (t TimeStep) String() string {
	switch t {
	case Adaptive:
		return "adaptive"
	case Constant:
		return "constant"
	}
	return fmt.Sprintf("TimeStep(%d)", uint8(t))
}

// UnitVector is what the force is scaled by in a space with heights, where the
// difference of two coordinates is [x−y, h+g].
type UnitVector uint8

const (
	// FullNorm divides by ‖x−y‖+h+g, the norm of the height vector, as the
	// paper's arithmetic says (section 5.4): the step as a whole, Euclidean part
	// and height together, has the length of the force.
	FullNorm UnitVector = iota
	// EuclideanNorm divides by ‖x−y‖ alone, as HashiCorp's Serf does: the
	// Euclidean part of the step already has the length of the force, and the
	// height's comes on top, so one sample corrects more than δ says, the more
	// the closer the two nodes are on the plane.
	EuclideanNorm
)

func (u UnitVector) String() string {
	switch u {
	case FullNorm:
		return "full_norm"
	case EuclideanNorm:
		return "euclidean_norm"
	}
	return fmt.Sprintf("UnitVector(%d)", uint8(u))
}

// Config holds the constants of the algorithm under the paper's names. Start
// from [Paper] and change what is under study.
type Config struct {
	// Space is the geometry of the coordinates.
	Space Space
	// TimeStep chooses between a constant and an adaptive δ.
	TimeStep TimeStep
	// Cc is c_c, the largest share of a spring's error that one sample corrects
	// when the time step is adaptive, over 0 and at most 1. Larger values
	// converge sooner and then swing more around the best place.
	Cc float64
	// Ce is c_e, the largest weight of one sample in the error estimate, over 0
	// and at most 1. Larger values follow changes sooner and trust luck more.
	Ce float64
	// Delta is δ when the time step is constant, over 0 and at most 1.
	Delta float64
	// InitialError is the error estimate of a node without samples, as a
	// relative error, over 0 and at most ErrorCap.
	InitialError float64
	// ErrorCap is the largest error estimate a node admits to. Without one, a
	// few samples of very short round trips can make a node believe itself so
	// wrong that it follows anybody.
	ErrorCap float64
	// InitialHeight is the height of a node without samples, at least HeightFloor.
	InitialHeight time.Duration
	// HeightFloor keeps heights positive, as the paper demands. It adds twice
	// itself to every prediction, so it should be small beside real round trips.
	HeightFloor time.Duration
	// UnitVector chooses how the force is shared between plane and height.
	UnitVector UnitVector
	// MinRTT is the shortest round trip believed: a shorter one counts as this
	// long. Against a clock too coarse for its network, whose round trips of a
	// nanosecond would make every prediction look infinitely wrong. 0s for none.
	MinRTT time.Duration
	// MaxRTT is the longest round trip taken for a measurement. A longer one is
	// a stalled process or a broken clock, and is refused.
	MaxRTT time.Duration
	// MaxDistance is the longest prediction taken seriously: a peer whose
	// coordinate lies farther away, from the node or from the origin, is broken or
	// lying, and is refused. This bounds the node's own coordinate as well: no
	// force comes from farther out, so none can drag a node along for ever.
	MaxDistance time.Duration
	// MaxStep is the farthest that one sample moves a node, 0s for no bound. A
	// peer within MaxDistance can still claim a place and a round trip that are
	// seconds apart, and so fling a node across the whole group at once.
	MaxStep time.Duration
	// PeerErrorFloor is the least relative error a peer is credited with, from 0
	// up. A peer that claims 0 would otherwise get the whole weight of every
	// sample, and no measured round trip is as exact as that.
	PeerErrorFloor float64
}

// Paper is the paper's algorithm: adaptive time step, c_c = 0.25.
//
// The paper leaves open where the estimate and the height start and how they are
// bounded. Here the error estimate starts at 1, a prediction wrong by as much as
// the round trip itself, and is capped at 1.5, heights start at 1 ms, and their
// floor is 10 µs. c_e = 0.25 and the bounds are those of the deployed
// implementation; none of them moves the final error by more than its spread
// between seeds.
func Paper(space Space) Config {
	return Config{
		Space:         space,
		TimeStep:      Adaptive,
		Cc:            0.25,
		Ce:            0.25,
		Delta:         0.01,
		InitialError:  1,
		ErrorCap:      1.5,
		InitialHeight: time.Millisecond,
		HeightFloor:   10 * time.Microsecond,
		UnitVector:    FullNorm,
		MaxRTT:        10 * time.Second,
		MaxDistance:   100 * time.Second,
	}
}

// Validate says whether nodes can run with c. Its error is a *[ConfigError]. A
// constant that the chosen space and rules never read is not looked at.
func (c Config) Validate() error {
	share := func(x float64) bool { return x > 0 && x <= 1 }
	const wantShare = "a number over 0 and at most 1"
	switch {
	case c.Space.dimensions < 1 || c.Space.dimensions > MaxDimensions:
		return &ConfigError{"Space", c.Space, fmt.Sprintf("1 to %d dimensions", MaxDimensions)}
	case c.Space.sphere && !(c.Space.radius > 0 && c.Space.radius*math.Pi <= seconds(c.MaxDistance)):
		return &ConfigError{"Space", c.Space, fmt.Sprintf("a radius over 0s, and half the way round at most MaxDistance, %v", c.MaxDistance)}
	case c.TimeStep > Constant:
		return &ConfigError{"TimeStep", c.TimeStep, "adaptive or constant"}
	case c.TimeStep == Adaptive && !share(c.Cc):
		return &ConfigError{"Cc", c.Cc, wantShare}
	case c.TimeStep == Constant && !share(c.Delta):
		return &ConfigError{"Delta", c.Delta, wantShare}
	case !share(c.Ce):
		return &ConfigError{"Ce", c.Ce, wantShare}
	case !(c.ErrorCap > 0 && c.ErrorCap <= math.MaxFloat64):
		return &ConfigError{"ErrorCap", c.ErrorCap, "a finite number over 0"}
	case !(c.InitialError > 0 && c.InitialError <= c.ErrorCap):
		return &ConfigError{"InitialError", c.InitialError, fmt.Sprintf("a number over 0 and at most the error cap, %v", c.ErrorCap)}
	case !(c.PeerErrorFloor >= 0 && c.PeerErrorFloor <= c.ErrorCap):
		return &ConfigError{"PeerErrorFloor", c.PeerErrorFloor, fmt.Sprintf("a number from 0 to the error cap, %v", c.ErrorCap)}
	case c.MaxRTT <= 0:
		return &ConfigError{"MaxRTT", c.MaxRTT, "a duration over 0s"}
	case c.MinRTT < 0 || c.MinRTT > c.MaxRTT:
		return &ConfigError{"MinRTT", c.MinRTT, fmt.Sprintf("from 0s to the longest round trip, %v", c.MaxRTT)}
	case c.MaxStep < 0:
		return &ConfigError{"MaxStep", c.MaxStep, "a duration over 0s, or 0s for no bound"}
	case c.MaxDistance < c.MaxRTT:
		return &ConfigError{"MaxDistance", c.MaxDistance, fmt.Sprintf("at least the longest round trip, %v", c.MaxRTT)}
	}
	if !c.Space.height {
		return nil
	}
	switch {
	case c.HeightFloor <= 0 || c.HeightFloor > c.MaxRTT:
		return &ConfigError{"HeightFloor", c.HeightFloor, fmt.Sprintf("over 0s and at most the longest round trip, %v", c.MaxRTT)}
	case c.InitialHeight < c.HeightFloor || c.InitialHeight > c.MaxRTT:
		return &ConfigError{"InitialHeight", c.InitialHeight, fmt.Sprintf("from the height floor, %v, to the longest round trip, %v", c.HeightFloor, c.MaxRTT)}
	case c.UnitVector > EuclideanNorm:
		return &ConfigError{"UnitVector", c.UnitVector, "full_norm or euclidean_norm"}
	}
	return nil
}
