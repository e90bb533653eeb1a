package live_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/swimlab/swimlab/swim/live"
)

// Three members on loopback. The same, with the address of any Serf agent, joins
// Serf's.
func Example() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	var members []*live.Member
	for _, name := range []string{"ada", "bob", "cyd"} {
		cfg := live.LAN(name)
		cfg.Bind = "127.0.0.1:0"
		cfg.Tags = map[string]string{"role": "db"}
		m, err := live.Start(cfg)
		if err != nil {
			log.Fatal(err)
		}
		defer func() { _ = m.Shutdown() }()
		members = append(members, m)
	}
	events := members[0].Subscribe(16)
	for _, m := range members[1:] {
		if _, err := m.Join(ctx, members[0].Addr().String()); err != nil {
			log.Fatal(err)
		}
		e := <-events.C
		fmt.Println(e.Kind, e.Member)
	}
	if err := members[1].Leave(ctx); err != nil {
		log.Fatal(err)
	}
	for e := range events.C {
		if e.Kind == live.Left {
			break
		}
	}
	found, err := members[0].Find(live.Query{Tags: map[string]string{"role": "db"}, Healthy: true})
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range found {
		fmt.Println(p.Name, p.Status())
	}
	// Output:
	// joined bob
	// joined cyd
	// ada alive
	// cyd alive
}
