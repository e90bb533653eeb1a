package embedding

import (
	"errors"
	"time"

	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/vivaldi"
)

// system is the section "system" of a definition. Constants that the chosen
// space and time step never read may be given all the same, so that one
// definition can sweep over spaces and rules.
type system struct {
	Protocol        string        `key:"protocol"`
	Dimensions      int           `key:"dimensions"`
	Height          bool          `key:"height"`
	TimeStep        string        `key:"time_step"`        // adaptive, constant
	Cc              float64       `key:"cc"`               // adaptive
	Ce              float64       `key:"ce"`               //
	Delta           float64       `key:"delta"`            // constant
	UnitVector      string        `key:"unit_vector"`      // full_norm, euclidean_norm; with height
	Neighbours      int           `key:"neighbours"`       // of each node
	NeighbourChoice string        `key:"neighbour_choice"` // random, near_half
	InitialError    float64       `key:"initial_error"`    // relative: 1 is 100 %
	ErrorCap        float64       `key:"error_cap"`        // relative
	InitialHeight   time.Duration `key:"initial_height"`   // with height
	HeightFloor     time.Duration `key:"height_floor"`     // with height
}

// network is the section "network".
type network struct {
	Dataset    string `key:"dataset"`
	Asymmetric string `key:"asymmetric"` // mean, directed
}

// run is the section "run": how long, either in rounds or, so that sweeps over
// the number of neighbours compare like with like, in samples of each node.
type run struct {
	Rounds  *int `key:"rounds"`
	Samples *int `key:"samples"` // rounds follow: as many as hold so many samples
}

// plan is a Spec, decoded and checked as far as that goes without its dataset.
type plan struct {
	config     vivaldi.Config
	neighbours int
	nearHalf   bool
	dataset    string
	directed   bool
	rounds     int
}

// maxRounds keeps a slip of the keyboard from running for days.
const maxRounds = 1_000_000

func decode(spec trial.Spec) (plan, error) {
	paper := vivaldi.Paper(vivaldi.Euclidean(2))
	sys := system{
		Dimensions:      2,
		Height:          true,
		TimeStep:        "adaptive",
		Cc:              paper.Cc,
		Ce:              paper.Ce,
		Delta:           paper.Delta,
		UnitVector:      "full_norm",
		Neighbours:      32,
		NeighbourChoice: "random",
		InitialError:    paper.InitialError,
		ErrorCap:        paper.ErrorCap,
		InitialHeight:   paper.InitialHeight,
		HeightFloor:     paper.HeightFloor,
	}
	net := network{Asymmetric: "mean"}
	var length run
	if err := trial.Decode("system", spec.System, &sys); err != nil {
		return plan{}, err
	}
	if err := trial.Decode("network", spec.Network, &net); err != nil {
		return plan{}, err
	}
	if err := trial.Decode("run", spec.Run, &length); err != nil {
		return plan{}, err
	}

	if sys.Protocol != "vivaldi" {
		return plan{}, &trial.KeyError{Key: "system.protocol", Got: given(sys.Protocol), Want: "vivaldi"}
	}
	if len(spec.Faults) > 0 {
		return plan{}, &trial.KeyError{Key: "faults", Err: errors.New("a recorded matrix has no faults"), Want: "none"}
	}
	p := plan{neighbours: sys.Neighbours, dataset: net.Dataset}
	var err error
	if p.config, err = sys.config(paper); err != nil {
		return plan{}, err
	}
	switch sys.NeighbourChoice {
	case "random":
	case "near_half":
		p.nearHalf = true
	default:
		return plan{}, &trial.KeyError{Key: "system.neighbour_choice", Got: sys.NeighbourChoice, Want: "random or near_half"}
	}
	if sys.Neighbours < 1 {
		return plan{}, &trial.KeyError{Key: "system.neighbours", Got: sys.Neighbours, Want: "1 or more"}
	}
	if net.Dataset == "" {
		return plan{}, &trial.KeyError{Key: "network.dataset", Want: "the name of a dataset"}
	}
	switch net.Asymmetric {
	case "mean":
	case "directed":
		p.directed = true
	default:
		return plan{}, &trial.KeyError{Key: "network.asymmetric", Got: net.Asymmetric, Want: "mean or directed"}
	}
	p.rounds, err = length.rounds(sys.Neighbours)
	return p, err
}

// defaultRounds is long past the convergence of every dataset in the manifest.
const defaultRounds = 200

func (r run) rounds(neighbours int) (int, error) {
	switch {
	case r.Rounds != nil && r.Samples != nil:
		return 0, &trial.KeyError{Key: "run.samples", Err: errors.New("both rounds and samples are given"), Want: "one of them"}
	case r.Rounds != nil && (*r.Rounds < 1 || *r.Rounds > maxRounds):
		return 0, &trial.KeyError{Key: "run.rounds", Got: *r.Rounds, Want: "1 to 1000000"}
	case r.Samples != nil && (*r.Samples < 1 || *r.Samples > maxRounds):
		return 0, &trial.KeyError{Key: "run.samples", Got: *r.Samples, Want: "1 to 1000000"}
	case r.Samples != nil:
		return (*r.Samples + neighbours - 1) / neighbours, nil
	case r.Rounds != nil:
		return *r.Rounds, nil
	}
	return defaultRounds, nil
}

func (s system) config(c vivaldi.Config) (vivaldi.Config, error) {
	c.Space = vivaldi.Euclidean(s.Dimensions)
	if s.Height {
		c.Space = c.Space.WithHeight()
	}
	switch s.TimeStep {
	case "adaptive":
		c.TimeStep = vivaldi.Adaptive
	case "constant":
		c.TimeStep = vivaldi.Constant
	default:
		return c, &trial.KeyError{Key: "system.time_step", Got: s.TimeStep, Want: "adaptive or constant"}
	}
	switch s.UnitVector {
	case "full_norm":
		c.UnitVector = vivaldi.FullNorm
	case "euclidean_norm":
		c.UnitVector = vivaldi.EuclideanNorm
	default:
		return c, &trial.KeyError{Key: "system.unit_vector", Got: s.UnitVector, Want: "full_norm or euclidean_norm"}
	}
	c.Cc, c.Ce, c.Delta = s.Cc, s.Ce, s.Delta
	c.InitialError, c.ErrorCap = s.InitialError, s.ErrorCap
	c.InitialHeight, c.HeightFloor = s.InitialHeight, s.HeightFloor

	var blamed *vivaldi.ConfigError
	if err := c.Validate(); errors.As(err, &blamed) {
		got := blamed.Got
		if blamed.Field == "Space" {
			got = s.Dimensions
		}
		return c, &trial.KeyError{Key: "system." + keyOf[blamed.Field], Got: got, Want: blamed.Want}
	}
	return c, nil
}

// keyOf says which key of the section sets a field of vivaldi.Config. The other
// fields are not for definitions to set.
var keyOf = map[string]string{
	"Space":         "dimensions",
	"Cc":            "cc",
	"Ce":            "ce",
	"Delta":         "delta",
	"InitialError":  "initial_error",
	"ErrorCap":      "error_cap",
	"InitialHeight": "initial_height",
	"HeightFloor":   "height_floor",
}

// given is s for a message, or nothing where s was not given.
func given(s string) any {
	if s == "" {
		return nil
	}
	return s
}
