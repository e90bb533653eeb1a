package lifeguard_test

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/swimlab/swimlab/lifeguard"
	"github.com/swimlab/swimlab/swim"
)

// A member of a group of 128 whom nothing reaches: are all the others dead, or is it
// slow itself? With Lifeguard it probes less and less often, waits longer, and
// suspects for longer the fewer others agree.
func Example() {
	cfg := swim.Paper()
	cfg.ProtocolPeriod, cfg.PingTimeout = time.Second, 500*time.Millisecond
	cfg.CommonLog, cfg.SuspicionMult = true, 5 // α
	rng := rand.New(rand.NewPCG(1, 1))
	node := swim.NewNode(0, cfg, swim.NewDenseTableOf(0, 128, rng), rng)
	policy := lifeguard.New(cfg, lifeguard.Paper())
	node.Adapt(policy)
	node.Start(0)

	for now := time.Duration(0); now < 20*time.Second; now = node.Deadline() {
		var out swim.Output
		node.Tick(now, &out)
		for _, e := range out.Events {
			if e.Kind == swim.ProbeFailed {
				fmt.Printf("%v: a probe failed, health score %d\n", now, policy.Health().Score())
			}
		}
	}
	for confirmations := range 4 {
		fmt.Printf("%d others agree: suspected for %v\n", confirmations, policy.SuspicionTimeout(128, confirmations).Round(10*time.Millisecond))
	}
	// Output:
	// 1s: a probe failed, health score 2
	// 4s: a probe failed, health score 4
	// 9s: a probe failed, health score 6
	// 16s: a probe failed, health score 8
	// 0 others agree: suspected for 1m3.21s
	// 1 others agree: suspected for 36.87s
	// 2 others agree: suspected for 21.47s
	// 3 others agree: suspected for 10.54s
}
