package coordinates

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/swimlab/swimlab/experiments/sim/preset"
	"github.com/swimlab/swimlab/experiments/trial"
)

// system is the section "system" of a definition.
type system struct {
	Protocol string         `key:"protocol"`
	Vivaldi  preset.Vivaldi `key:",squash"`

	// Pattern is the order in which a node meets its peers, see pattern.go.
	Pattern string `key:"pattern"`
	// Neighbours is how many a node has in the pattern fixed.
	Neighbours int `key:"neighbours"`

	// Services is how many instances of a service a client chooses between;
	// Requests is how often each node does, each time between others.
	Services int `key:"services"`
	Requests int `key:"requests"`

	// DataCentres, over 0, has so many hosts of the dataset be data centres with
	// so many Servers each, and the servers be the nodes.
	DataCentres int `key:"data_centres"`
	Servers     int `key:"servers"`

	Attack Attack `key:"attack"`
	Guards Guards `key:"guards"`
}

// network is the section "network".
type network struct {
	Dataset string `key:"dataset"`
}

// run is the section "run": how many samples every node takes, and after how many
// of them an attack begins.
type run struct {
	Samples     int `key:"samples"`
	AttackAfter int `key:"attack_after"`
}

// plan is a Spec, decoded and checked as far as that goes without its dataset.
type plan struct {
	system  system
	network network
	run     run
	measure []string
	seed    uint64
}

const (
	maxSamples = 1_000_000 // a slip of the keyboard should not run for days
	maxNodes   = 4096      // the largest synthetic dataset
)

func decode(spec trial.Spec) (*plan, error) {
	base, err := preset.VivaldiOf("system", spec.System)
	if err != nil {
		return nil, err
	}
	p := &plan{
		system: system{
			Vivaldi: base, Pattern: "round_robin", Neighbours: 32, Requests: 4, Servers: 3,
			Attack: Attack{Kind: "none", Reach: time.Second, Delay: 500 * time.Millisecond, ClaimedError: 0.01},
			Guards: guardsOf(base.Config()),
		},
		run:     run{Samples: 500},
		measure: spec.Measure,
		seed:    spec.Seed,
	}
	if err := trial.Decode("system", spec.System, &p.system); err != nil {
		return nil, err
	}
	if err := trial.Decode("network", spec.Network, &p.network); err != nil {
		return nil, err
	}
	if err := trial.Decode("run", spec.Run, &p.run); err != nil {
		return nil, err
	}
	if len(spec.Faults) > 0 {
		return nil, &trial.KeyError{Key: "faults", Err: errors.New("a recorded matrix has no faults"), Want: "none; liars are system.attack"}
	}
	return p, p.check()
}

func (p *plan) check() error {
	s := &p.system
	if s.Protocol != "coordinates" {
		return &trial.KeyError{Key: "system.protocol", Got: s.Protocol, Want: "coordinates"}
	}
	if p.network.Dataset == "" {
		return &trial.KeyError{Key: "network.dataset", Want: "the name of a dataset"}
	}
	if err := s.Vivaldi.Check("system"); err != nil {
		return err
	}
	if !slices.Contains(patterns, s.Pattern) {
		return &trial.KeyError{Key: "system.pattern", Got: s.Pattern, Want: "one of " + strings.Join(patterns, ", ")}
	}
	for _, number := range []struct {
		key                string
		got, least, atMost int
	}{
		{"system.neighbours", s.Neighbours, 1, maxNodes},
		{"system.services", s.Services, 0, maxNodes},
		{"system.requests", s.Requests, 1, 1000},
		{"system.data_centres", s.DataCentres, 0, maxNodes},
		{"system.servers", s.Servers, 1, 100},
		{"run.samples", p.run.Samples, 1, maxSamples},
		{"run.attack_after", p.run.AttackAfter, 0, p.run.Samples - 1},
	} {
		if number.got < number.least || number.got > number.atMost {
			return &trial.KeyError{Key: number.key, Got: number.got, Want: fmt.Sprintf("a whole number from %d to %d", number.least, number.atMost)}
		}
	}
	switch {
	case s.DataCentres > 0 && (s.DataCentres < 3 || s.DataCentres*s.Servers > maxNodes):
		return &trial.KeyError{Key: "system.data_centres", Got: s.DataCentres, Want: fmt.Sprintf("at least 3, or there is no choice, and at most %d servers in all", maxNodes)}
	case s.Services == 1:
		return &trial.KeyError{Key: "system.services", Got: s.Services, Want: "at least 2, or there is no choice; or 0"}
	case s.DataCentres > 0 && s.Services > 0:
		return &trial.KeyError{Key: "system.services", Err: errors.New("both services and data_centres are given"), Want: "one of them"}
	}
	if err := s.Attack.check(); err != nil {
		return err
	}
	if err := s.Guards.check(s.Vivaldi.Config()); err != nil {
		return err
	}
	for i, name := range p.measure {
		if err := p.checkMeasure(fmt.Sprintf("measure.%d", i), name); err != nil {
			return err
		}
	}
	return nil
}

// checkMeasure says whether the plan has what a measure looks at.
func (p *plan) checkMeasure(key, name string) error {
	m, known := measures[name]
	switch {
	case !known:
		return &trial.KeyError{Key: key, Err: errors.New(name + " is not a measure of coordinates"), Want: "one of " + strings.Join(measureNames(), ", ")}
	case m.of == ofServices && p.system.Services == 0:
		return &trial.KeyError{Key: key, Err: errors.New(name + " is about services"), Want: "system.services"}
	case m.of == ofDataCentres && p.system.DataCentres == 0:
		return &trial.KeyError{Key: key, Err: errors.New(name + " is about data centres"), Want: "system.data_centres"}
	}
	return nil
}

// positive refuses a duration that is not.
func positive(key string, d time.Duration) error {
	if d <= 0 {
		return &trial.KeyError{Key: key, Got: d, Want: `a duration over 0s, such as "500ms"`}
	}
	return nil
}
