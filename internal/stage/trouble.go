package stage

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/swimlab/swimlab/swim"
)

// Trouble lets some members crash, one at least and never all, each some periods after
// the last, while links lose messages: a number of them each, so that from some time
// on what is sent arrives. It returns who has crashed.
func (c *Cluster) Trouble(rng *rand.Rand) (crashed map[swim.ID]bool) {
	n := len(c.Members)
	for range rng.IntN(12) {
		c.Drop(swim.ID(rng.IntN(n)), swim.ID(rng.IntN(n)), 0, rng.IntN(30))
	}
	crashed = map[swim.ID]bool{}
	for range 1 + rng.IntN(n-1) {
		c.Run(time.Duration(rng.Int64N(int64(4 * c.setting.Config.ProtocolPeriod))))
		id := swim.ID(rng.IntN(n))
		c.Crash(id)
		crashed[id] = true
	}
	return crashed
}

// Undeclared lists who does not hold whom of the crashed for faulty, of those whose
// protocol runs; and returns how many declarations there should be in all.
func (c *Cluster) Undeclared(crashed map[swim.ID]bool) (missing []string, of int) {
	for _, m := range c.Members {
		if m.crashed || m.Stopped() {
			continue
		}
		for id := range swim.ID(len(c.Members)) {
			if !crashed[id] {
				continue
			}
			of++
			if e := m.Lookup(id); e.State != swim.Faulty {
				missing = append(missing, fmt.Sprintf("%d holds %d for %v", m.ID(), id, e.State))
			}
		}
	}
	return missing, of
}
