package stream

import (
	"errors"
	"fmt"
	"time"

	"github.com/swimlab/swimlab/experiments/sim/preset"
	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/vivaldi"
)

// Protocol is how definitions call what this package runs.
const Protocol = "vivaldi_stream"

// system is the section "system" of a definition.
type system struct {
	Protocol   string  `key:"protocol"`
	Preset     string  `key:"preset"` // paper, serf, recommended
	Dimensions int     `key:"dimensions"`
	Height     bool    `key:"height"`
	Cc         float64 `key:"cc"`
	Ce         float64 `key:"ce"`

	FilterWindow     int     `key:"filter_window"` // h; 0 for no filter
	FilterPercentile float64 `key:"filter_percentile"`

	Outlier       float64 `key:"outlier"` // how many times the median; 0 refuses none
	OutlierWindow int     `key:"outlier_window"`

	UpdateRule   string        `key:"update_rule"` // always, relative, energy
	UpdateWindow int           `key:"update_window"`
	EpsilonR     float64       `key:"epsilon_r"` // relative
	Tau          time.Duration `key:"tau"`       // energy

	AdjustmentWindow int           `key:"adjustment_window"` // 0 for none
	GravityRho       time.Duration `key:"gravity_rho"`       // the paper's ms; 0s for none
	DecayNeighbours  int           `key:"decay_neighbours"`  // 0 for none
	DecayFrames      int           `key:"decay_frames"`      // how long a neighbour counts; 0 for ever

	Neighbours      int    `key:"neighbours"`
	NeighbourChoice string `key:"neighbour_choice"` // fixed, gossip
	Burst           int    `key:"burst"`            // gossip: samples of a peer in a row, at most
}

// network is the section "network".
type network struct {
	Dataset string `key:"dataset"`
	// Frames is how many of the dataset's slices of time are used, from the first;
	// 0 is the one static matrix, the median over the slices.
	Frames int `key:"frames"`
	// Noise is σ of the log-normal factor that every sample is multiplied with.
	Noise float64 `key:"noise"`
	// Churn is the chance that a member is replaced by a new one before a frame.
	Churn float64 `key:"churn"`
}

// run is the section "run".
type run struct {
	Passes  int `key:"passes"`  // how often the frames are gone through; 0: only the matrix is looked at
	Samples int `key:"samples"` // of each member in a frame
}

type plan struct {
	config vivaldi.MemberConfig
	system
	network
	run
}

func decode(spec trial.Spec) (plan, error) {
	p := plan{
		system:  system{OutlierWindow: 32, UpdateRule: "always", Neighbours: 32, NeighbourChoice: "fixed", Burst: 3},
		network: network{},
		run:     run{Passes: 1, Samples: 4},
	}
	// What a preset says holds unless the definition says otherwise.
	name, base, err := preset.MemberConfigOf("system", spec.System)
	if err != nil {
		return plan{}, err
	}
	p.Preset = name
	p.inherit(base)
	if err := trial.Decode("system", spec.System, &p.system); err != nil {
		return plan{}, err
	}
	if err := trial.Decode("network", spec.Network, &p.network); err != nil {
		return plan{}, err
	}
	if err := trial.Decode("run", spec.Run, &p.run); err != nil {
		return plan{}, err
	}
	if len(spec.Faults) > 0 {
		return plan{}, &trial.KeyError{Key: "faults", Err: errors.New("recorded round trips have their own faults"), Want: "none; network.churn replaces members"}
	}
	if err := p.check(); err != nil {
		return plan{}, err
	}
	p.config, err = p.member(base)
	return p, err
}

// inherit makes a preset's constants the defaults of the section's keys.
func (s *system) inherit(c vivaldi.MemberConfig) {
	s.Dimensions, s.Height = c.Space.Dimensions(), c.Space.HasHeight()
	s.Cc, s.Ce = c.Cc, c.Ce
	s.FilterWindow, s.FilterPercentile = c.Filter.Window, c.Filter.Percentile
	if c.Outliers.Multiple > 0 {
		s.Outlier, s.OutlierWindow = c.Outliers.Multiple, c.Outliers.Window
	}
	s.UpdateRule, s.UpdateWindow = c.Updates.Rule.String(), c.Updates.Window
	s.EpsilonR, s.Tau = c.Updates.EpsilonR, c.Updates.Tau
	s.AdjustmentWindow = c.Adjustment.Window
	s.GravityRho = c.Gravity.Rho
	s.DecayNeighbours = c.Decay.Neighbours
}

func (p *plan) check() error {
	bad := func(key string, got any, want string) error { return &trial.KeyError{Key: key, Got: got, Want: want} }
	switch {
	case p.Protocol != Protocol:
		return bad("system.protocol", p.Protocol, Protocol)
	case p.Neighbours < 1:
		return bad("system.neighbours", p.Neighbours, "1 or more")
	case p.NeighbourChoice != "fixed" && p.NeighbourChoice != "gossip":
		return bad("system.neighbour_choice", p.NeighbourChoice, "fixed or gossip")
	case p.Burst < 1:
		return bad("system.burst", p.Burst, "1 or more")
	case p.DecayFrames < 0:
		return bad("system.decay_frames", p.DecayFrames, "0 or more")
	case p.Dataset == "":
		return &trial.KeyError{Key: "network.dataset", Want: "the name of a dataset"}
	case p.Frames < 0 || p.Frames > 100_000:
		return bad("network.frames", p.Frames, "0 to 100000")
	case !(p.Noise >= 0 && p.Noise <= 2):
		return bad("network.noise", p.Noise, "0 to 2")
	case !(p.Churn >= 0 && p.Churn <= 1):
		return bad("network.churn", p.Churn, "0 to 1")
	case p.Passes < 0 || p.Passes > 1_000_000:
		return bad("run.passes", p.Passes, "0 to 1000000")
	case p.Samples < 1 || p.Samples > 10_000:
		return bad("run.samples", p.Samples, "1 to 10000")
	}
	return nil
}

var rules = map[string]vivaldi.UpdateRule{"always": vivaldi.Always, "relative": vivaldi.Relative, "energy": vivaldi.Energy}

// member is the preset with what the definition says.
func (p *plan) member(c vivaldi.MemberConfig) (vivaldi.MemberConfig, error) {
	c.Space = vivaldi.Euclidean(p.Dimensions)
	if p.Height {
		c.Space = c.Space.WithHeight()
	}
	c.Cc, c.Ce = p.Cc, p.Ce
	c.Filter.Window, c.Filter.Percentile = p.FilterWindow, p.FilterPercentile
	c.Filter.Peers = max(c.Filter.Peers, 1024)
	c.Outliers = vivaldi.RefuseOutliers(p.Outlier, p.OutlierWindow)
	rule, ok := rules[p.UpdateRule]
	if !ok {
		return c, &trial.KeyError{Key: "system.update_rule", Got: p.UpdateRule, Want: "always, relative or energy"}
	}
	c.Updates = vivaldi.UpdateFilterConfig{Rule: rule, Window: p.UpdateWindow, EpsilonR: p.EpsilonR, Tau: p.Tau}
	c.Adjustment.Window = p.AdjustmentWindow
	if p.GravityRho != c.Gravity.Rho {
		c.Gravity = vivaldi.GravityConfig{Rho: p.GravityRho, Unit: time.Millisecond}
	}
	c.Decay = vivaldi.DecayConfig{Neighbours: p.DecayNeighbours, MaxAge: time.Duration(p.DecayFrames) * time.Second}

	var blamed *vivaldi.ConfigError
	if err := c.Validate(); errors.As(err, &blamed) {
		key, ok := keyOf[blamed.Field]
		if !ok {
			return c, fmt.Errorf("system: %w", err)
		}
		return c, &trial.KeyError{Key: "system." + key, Got: blamed.Got, Want: blamed.Want}
	}
	return c, nil
}

// keyOf says which key of the section sets a field of vivaldi.MemberConfig.
var keyOf = map[string]string{
	"Space":             "dimensions",
	"Cc":                "cc",
	"Ce":                "ce",
	"Filter.Window":     "filter_window",
	"Filter.Percentile": "filter_percentile",
	"Outliers.Multiple": "outlier",
	"Outliers.Window":   "outlier_window",
	"Updates.Window":    "update_window",
	"Updates.EpsilonR":  "epsilon_r",
	"Updates.Tau":       "tau",
	"Adjustment.Window": "adjustment_window",
	"Gravity.Rho":       "gravity_rho",
	"Decay.Neighbours":  "decay_neighbours",
}
