package sim

import (
	"time"

	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/lifeguard"
	"github.com/swimlab/swimlab/swim"
)

// ReadScenario decodes and checks a Spec as the simulator does, for worlds that
// take the same sections.
func ReadScenario(spec trial.Spec) (*Scenario, error) { return newScenario(spec) }

// Configs are the configurations of a member's protocol and Lifeguard.
func (s System) Configs() (swim.Config, lifeguard.Config) { return s.config(), s.Lifeguard.config() }

// Span is a constant or uniform distribution's least value and width; false of any
// other.
func (d Distribution) Span() (least, width time.Duration, ok bool) {
	switch d.kind {
	case constant:
		return time.Duration(d.a), 0, true
	case uniform:
		return time.Duration(d.a), time.Duration(d.b - d.a), true
	}
	return 0, 0, false
}
