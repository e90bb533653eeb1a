package sim

import "github.com/swimlab/swimlab/experiments/trial"

// ReadScenario decodes and checks a Spec as the simulator does, for worlds that
// take the same sections.
func ReadScenario(spec trial.Spec) (*Scenario, error) { return newScenario(spec) }
