package lifeguard_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/swimlab/swimlab/lifeguard"
	"github.com/swimlab/swimlab/swim"
)

// A member that hears nobody for a while doubts itself first: it probes less often and
// waits longer.
func Example() {
	cfg, rng := swim.Deployed(), rand.New(rand.NewPCG(1, 1))
	node := swim.NewNode(0, cfg, swim.NewDenseTableOf(0, 8, rng), rng)
	policy := lifeguard.New(cfg, lifeguard.Paper())
	node.Adapt(policy)
	node.Start(0)

	var out swim.Output
	for failed := 0; failed < 3; { // nobody answers
		out.Reset()
		node.Tick(node.Deadline(), &out)
		for _, e := range out.Events {
			if e.Kind == swim.ProbeFailed {
				failed++
				period, timeout := policy.Probe()
				fmt.Println("score", policy.Health().Score(), "period", period, "ping time-out", timeout)
			}
		}
	}
	// Output:
	// score 2 period 3s ping time-out 1.5s
	// score 4 period 5s ping time-out 2.5s
	// score 6 period 7s ping time-out 3.5s
}
