package swim_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/swimlab/swimlab/swim"
)

// host is one process of a group: the clock, the inbox and the network that a Node
// lacks.
type host struct {
	node    *swim.Node
	inbox   chan letter
	network []*host // by handle; a real one has addresses and a codec
	events  func(by swim.ID, e swim.Event)
}

type letter struct {
	from    swim.ID
	message swim.Message
}

// run is the loop around a Node, until ctx ends it.
func (h *host) run(ctx context.Context, start time.Time) {
	var out swim.Output
	timer := time.NewTimer(0)
	for {
		select {
		case <-ctx.Done():
			return
		case l := <-h.inbox:
			h.node.Handle(time.Since(start), l.from, &l.message, &out)
		case <-timer.C:
			h.node.Tick(time.Since(start), &out)
		}
		for _, s := range out.Sends {
			s.Message.Updates = slices.Clone(s.Message.Updates) // ours until Reset; a codec would encode them here
			select {
			case h.network[s.To].inbox <- letter{h.node.ID(), s.Message}:
			default: // a full inbox loses messages, as a socket does
			}
		}
		for _, e := range out.Events {
			h.events(h.node.ID(), e)
		}
		out.Reset()
		timer.Reset(h.node.Deadline() - time.Since(start))
	}
}

// A group of processes, each a loop around its Node, until one of them crashes and the
// others have found out.
func Example_eventLoop() {
	const members = 5
	cfg := swim.Paper()
	if err := cfg.Validate(); err != nil {
		fmt.Println(err)
		return
	}
	start, confirmed := time.Now(), make(chan string, 2*members)
	network := make([]*host, members)
	for id := range network {
		rng := rand.New(rand.NewPCG(1, uint64(id)))
		node := swim.NewNode(swim.ID(id), cfg, swim.NewDenseTableOf(swim.ID(id), members, rng), rng)
		node.Start(time.Duration(id) * cfg.ProtocolPeriod / members)
		network[id] = &host{node: node, inbox: make(chan letter, 64), network: network, events: func(by swim.ID, e swim.Event) {
			if e.Kind == swim.Confirmed {
				confirmed <- fmt.Sprintf("%d holds %d for faulty", by, e.Member)
			}
		}}
	}
	all, stop := context.WithCancel(context.Background())
	defer stop()
	one, crash := context.WithCancel(all)
	for id, h := range network {
		if id == 3 {
			go h.run(one, start)
		} else {
			go h.run(all, start)
		}
	}
	crash()
	for range members - 1 {
		fmt.Println(<-confirmed)
	}
}
