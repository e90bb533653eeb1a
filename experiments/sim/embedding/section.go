package embedding

import (
	"errors"
	"fmt"
	"time"

	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/vivaldi"
)

// system is the section "system" of a definition. Constants that the chosen
// method, space and time step never read may be given all the same, so that one
// definition can sweep over them.
type system struct {
	Protocol      string        `key:"protocol"`
	Method        string        `key:"method"`         // vivaldi, landmarks, direct
	Space         string        `key:"space"`          // euclidean, sphere
	Dimensions    int           `key:"dimensions"`     // euclidean
	Height        bool          `key:"height"`         //
	Radius        time.Duration `key:"radius"`         // sphere
	TimeStep      string        `key:"time_step"`      // adaptive, constant
	Cc            float64       `key:"cc"`             // adaptive
	Ce            float64       `key:"ce"`             //
	Delta         float64       `key:"delta"`          // constant
	UnitVector    string        `key:"unit_vector"`    // full_norm, euclidean_norm; with height
	InitialError  float64       `key:"initial_error"`  // relative: 1 is 100 %
	ErrorCap      float64       `key:"error_cap"`      // relative
	InitialHeight time.Duration `key:"initial_height"` // with height
	HeightFloor   time.Duration `key:"height_floor"`   // with height
	policy        `key:",squash"`
	optimisation  `key:",squash"`
}

// policy is the keys of "system" that say whom a node samples.
type policy struct {
	Neighbours      int           `key:"neighbours"`       // of each node; with near_far, the far ones
	NeighbourChoice string        `key:"neighbour_choice"` // random, near_half, near_far
	NearWithin      time.Duration `key:"near_within"`      // near_far: who is near, by round trip
	FarShare        float64       `key:"far_share"`        // near_far: the chance that a sample is of a far one
}

// Names of policies.
const (
	nearHalf = "near_half"
	nearFar  = "near_far"
)

// optimisation are the keys of "system" that the methods landmarks and direct read.
type optimisation struct {
	Objective      string `key:"objective"`       // absolute, relative
	Starts         int    `key:"starts"`          // of which the best is kept
	Landmarks      int    `key:"landmarks"`       // landmarks
	LandmarkChoice string `key:"landmark_choice"` // landmarks: medians, random
}

// network is the section "network": a dataset, or one of the topologies.
type network struct {
	Dataset     string             `key:"dataset"`
	Asymmetric  string             `key:"asymmetric"` // mean, directed; of a dataset
	Grid        *gridConfig        `key:"grid"`
	TransitStub *transitStubConfig `key:"transit_stub"`
}

// run is the section "run": how long, in rounds, in samples of each node (so that
// sweeps over the number of neighbours compare like with like), or in time.
type run struct {
	Rounds   *int           `key:"rounds"`
	Samples  *int           `key:"samples"`  // rounds follow: as many as hold so many samples
	Duration *time.Duration `key:"duration"` // in whole seconds: each node takes one sample a second
	Every    *time.Duration `key:"every"`    // how often curves over time look; with duration
}

// plan is a Spec, decoded and checked as far as that goes without its dataset.
type plan struct {
	config vivaldi.Config
	method string
	policy
	optimisation
	network  network
	schedule []event
	rounds   int // 0 when it runs for a time
	seconds  int
	every    int // seconds
}

// maxRounds keeps a slip of the keyboard from running for days.
const maxRounds = 1_000_000

func decode(spec trial.Spec) (plan, error) {
	paper := vivaldi.Paper(vivaldi.Euclidean(2))
	sys := system{
		Method:        "vivaldi",
		Space:         "euclidean",
		Dimensions:    2,
		Height:        true,
		TimeStep:      "adaptive",
		Cc:            paper.Cc,
		Ce:            paper.Ce,
		Delta:         paper.Delta,
		UnitVector:    "full_norm",
		InitialError:  paper.InitialError,
		ErrorCap:      paper.ErrorCap,
		InitialHeight: paper.InitialHeight,
		HeightFloor:   paper.HeightFloor,
		policy:        policy{Neighbours: 32, NeighbourChoice: "random"},
		optimisation:  optimisation{Objective: "absolute", Starts: 4, Landmarks: 20, LandmarkChoice: "medians"},
	}
	net := network{}
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
	p := plan{method: sys.Method, policy: sys.policy, optimisation: sys.optimisation}
	var err error
	if p.config, err = sys.config(paper); err != nil {
		return plan{}, err
	}
	if err := sys.policy.check(); err != nil {
		return plan{}, err
	}
	if err := sys.checkMethod(); err != nil {
		return plan{}, err
	}
	if p.network, err = net.checked(); err != nil {
		return plan{}, err
	}
	if err := p.setLength(length, sys.Neighbours); err != nil {
		return plan{}, err
	}
	p.schedule, err = p.decodeSchedule(spec.Faults)
	return p, err
}

// inTime says that nodes sample by the clock, one neighbour a second.
func (p plan) inTime() bool { return p.seconds > 0 }

// dataset is the name of the recorded round trips, "" for a topology.
func (p plan) dataset() string { return p.network.Dataset }

func (c policy) check() error {
	switch c.NeighbourChoice {
	case "random", nearHalf:
	case nearFar:
		if c.NearWithin <= 0 {
			return &trial.KeyError{Key: "system.near_within", Got: c.NearWithin, Want: "with neighbour_choice near_far the round trip within which a peer is near"}
		}
		if !(c.FarShare >= 0 && c.FarShare <= 1) {
			return &trial.KeyError{Key: "system.far_share", Got: c.FarShare, Want: "0 to 1"}
		}
	default:
		return &trial.KeyError{Key: "system.neighbour_choice", Got: c.NeighbourChoice, Want: "random, near_half or near_far"}
	}
	if c.Neighbours < 1 {
		return &trial.KeyError{Key: "system.neighbours", Got: c.Neighbours, Want: "1 or more"}
	}
	return nil
}

// checkMethod checks what the methods beside Vivaldi itself read.
func (s system) checkMethod() error {
	switch s.Method {
	case "vivaldi":
		return nil
	case "landmarks", "direct":
	default:
		return &trial.KeyError{Key: "system.method", Got: s.Method, Want: "vivaldi, landmarks or direct"}
	}
	switch {
	case s.Space != "euclidean":
		return &trial.KeyError{Key: "system.space", Got: s.Space, Want: "euclidean with method " + s.Method}
	case s.Objective != "absolute" && s.Objective != "relative":
		return &trial.KeyError{Key: "system.objective", Got: s.Objective, Want: "absolute or relative"}
	case s.Starts < 1:
		return &trial.KeyError{Key: "system.starts", Got: s.Starts, Want: "1 or more"}
	case s.Method == "direct":
		return nil
	case s.Landmarks <= s.Dimensions+1:
		return &trial.KeyError{Key: "system.landmarks", Got: s.Landmarks, Want: fmt.Sprintf("more than %d, or they would not fix a place", s.Dimensions+1)}
	case s.LandmarkChoice != "medians" && s.LandmarkChoice != "random":
		return &trial.KeyError{Key: "system.landmark_choice", Got: s.LandmarkChoice, Want: "medians or random"}
	}
	return nil
}

func (n network) checked() (network, error) {
	const want = "one of dataset, grid and transit_stub"
	switch {
	case n.Dataset == "" && n.Grid == nil && n.TransitStub == nil:
		return n, &trial.KeyError{Key: "network.dataset", Want: "the name of a dataset, or grid or transit_stub beside it"}
	case n.Grid != nil && n.TransitStub != nil, n.Dataset != "" && (n.Grid != nil || n.TransitStub != nil):
		return n, &trial.KeyError{Key: "network", Err: errors.New("more than one of them is given"), Want: want}
	case n.Dataset == "" && n.Asymmetric != "":
		return n, &trial.KeyError{Key: "network.asymmetric", Err: errors.New("a topology is symmetric"), Want: "it with a dataset alone"}
	case n.Asymmetric == "":
		n.Asymmetric = "mean"
	}
	if n.Asymmetric != "mean" && n.Asymmetric != "directed" {
		return n, &trial.KeyError{Key: "network.asymmetric", Got: n.Asymmetric, Want: "mean or directed"}
	}
	if n.Grid != nil {
		return n, n.Grid.check()
	}
	if n.TransitStub != nil {
		return n, n.TransitStub.check()
	}
	return n, nil
}

// defaultRounds is long past the convergence of every dataset in the manifest.
const defaultRounds = 200

// setLength sets how long the trial runs: rounds, or seconds.
func (p *plan) setLength(r run, neighbours int) error {
	given := 0
	for _, is := range []bool{r.Rounds != nil, r.Samples != nil, r.Duration != nil} {
		if is {
			given++
		}
	}
	byRounds := r.Duration == nil
	switch {
	case given > 1:
		return &trial.KeyError{Key: "run", Err: errors.New("more than one of rounds, samples and duration is given"), Want: "one of them"}
	case r.Rounds != nil && (*r.Rounds < 1 || *r.Rounds > maxRounds):
		return &trial.KeyError{Key: "run.rounds", Got: *r.Rounds, Want: "1 to 1000000"}
	case r.Samples != nil && (*r.Samples < 1 || *r.Samples > maxRounds):
		return &trial.KeyError{Key: "run.samples", Got: *r.Samples, Want: "1 to 1000000"}
	case r.Every != nil && byRounds:
		return &trial.KeyError{Key: "run.every", Err: errors.New("rounds have no time"), Want: "it with run.duration alone"}
	case byRounds && p.NeighbourChoice == nearFar:
		return &trial.KeyError{Key: "system.neighbour_choice", Err: errors.New("a round samples every neighbour, near or far"), Want: "near_far with run.duration alone"}
	case r.Samples != nil:
		p.rounds = (*r.Samples + neighbours - 1) / neighbours
		return nil
	case r.Rounds != nil:
		p.rounds = *r.Rounds
		return nil
	case byRounds:
		p.rounds = defaultRounds
		return nil
	}
	if !wholeSeconds(*r.Duration) || *r.Duration > maxRounds*time.Second {
		return &trial.KeyError{Key: "run.duration", Got: *r.Duration, Want: "whole seconds, 1s to 1000000s: a node takes one sample a second"}
	}
	p.seconds = int(*r.Duration / time.Second)
	p.every = max(1, p.seconds/100)
	if r.Every != nil {
		if !wholeSeconds(*r.Every) {
			return &trial.KeyError{Key: "run.every", Got: *r.Every, Want: "whole seconds, 1s or more"}
		}
		p.every = int(*r.Every / time.Second)
	}
	return nil
}

// wholeSeconds says whether d is a positive number of seconds.
func wholeSeconds(d time.Duration) bool { return d > 0 && d%time.Second == 0 }

// given is s for a message, or nothing where s was not given.
func given(s string) any {
	if s == "" {
		return nil
	}
	return s
}
