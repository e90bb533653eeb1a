package sim

import (
	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/lifeguard"
	"github.com/swimlab/swimlab/swim"
)

// ReadScenario decodes and checks a Spec as the simulator does, for worlds that
// take the same sections.
func ReadScenario(spec trial.Spec) (*Scenario, error) { return newScenario(spec) }

// Configs are the configurations of a member's protocol and Lifeguard.
func (s System) Configs() (swim.Config, lifeguard.Config) { return s.config(), s.Lifeguard.config() }
