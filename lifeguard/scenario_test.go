package lifeguard_test

import (
	"fmt"
	"testing"

	"github.com/swimlab/swimlab/internal/stage"
	"github.com/swimlab/swimlab/lifeguard"
	"github.com/swimlab/swimlab/swim"
)

// The stories in testdata; their vocabulary is that of [stage.Play]. The policies
// are the two presets and, by name, the paper's components one by one.
func TestScenarios(t *testing.T) {
	stage.Play(t, func(name string, cfg swim.Config) (func() swim.Policy, error) {
		c := lifeguard.Paper()
		switch name {
		case "paper":
		case "deployed":
			c = lifeguard.Deployed()
		case "lha-probe":
			c.LHASuspicion, c.Buddy = false, false
		case "lha-suspicion":
			c.LHAProbe, c.Buddy = false, false
		case "buddy":
			c.LHAProbe, c.LHASuspicion = false, false
		default:
			return nil, fmt.Errorf("want paper, deployed, lha-probe, lha-suspicion or buddy")
		}
		return func() swim.Policy { return lifeguard.New(cfg, c) }, nil
	})
}
