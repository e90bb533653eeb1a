package swim_test

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/swimlab/swimlab/swim"
)

// Two members, with the caller as clock and network: member 0 probes member 1,
// which answers, then crashes.
func Example_twoMembers() {
	cfg := swim.Paper()
	nodes := make([]*swim.Node, 2)
	for id := range nodes {
		rng := rand.New(rand.NewPCG(1, uint64(id)))
		nodes[id] = swim.NewNode(swim.ID(id), cfg, swim.NewDenseTableOf(swim.ID(id), 2, rng), rng)
		nodes[id].Start(0)
	}

	var ping, ack swim.Output
	nodes[0].Tick(0, &ping)
	nodes[1].Handle(0, 0, &ping.Sends[0].Message, &ack)
	nodes[0].Handle(time.Millisecond, 1, &ack.Sends[0].Message, &ping)
	fmt.Println(ping.Sends[0].Message.Kind, "and", ack.Sends[0].Message.Kind)

	var out swim.Output
	for nodes[0].GroupSize() == 2 {
		nodes[0].Tick(nodes[0].Deadline(), &out)
	}
	for _, e := range out.Events {
		if e.Kind != swim.ProbeFailed {
			fmt.Println(e.Kind, e.Member)
		}
	}
	// Output:
	// ping and ack
	// suspected 1
	// confirmed 1
}
