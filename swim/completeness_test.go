package swim_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/swimlab/swimlab/swim"
)

// Strong completeness, the failure detector's one promise that holds in any network:
// every crash is in the end declared by every member that has not crashed, however
// news spreads and whether or not it spreads at all. With round-robin selection it
// takes each of them 2n−1 periods at most to come upon the crashed member itself,
// a period for the probe, and the time-out of a suspicion. What the crashed member
// said before may come late and end a suspicion: it gets another.
// Reference: sections 3.1 and 4.3.
func TestEveryCrashIsDeclaredByEverybody(t *testing.T) {
	declared := 0
	rapid.Check(t, func(t *rapid.T) {
		cfg := drawConfig(t)
		cfg.Selection = swim.RoundRobin
		n, seed := rapid.IntRange(2, 9).Draw(t, "members"), rapid.Uint64().Draw(t, "seed")
		g := newCluster(cfg, n, T/11, rtt/10, seed)
		// Not drawn by rapid, which prefers small numbers and so little trouble.
		crashed := g.Trouble(rand.New(rand.NewPCG(seed, math.MaxUint64)))

		g.Run(2 * (time.Duration(2*n)*T + cfg.SuspicionTimeout(n)))

		missing, of := g.Undeclared(crashed)
		require.Empty(t, missing)
		declared += of
	})
	many := 100
	if testing.Short() { // a fifth of the schedules
		many = 10
	}
	assert.Greater(t, declared, many, "the schedules bring about what they are for")
}

// A member that hears nobody empties its list: that too is completeness.
func TestTheIsolatedEmptiesItsList(t *testing.T) {
	for _, preset := range []func() swim.Config{swim.Paper, swim.Deployed, swim.Fixed} {
		cfg := preset()
		g := newCluster(cfg, 8, cfg.ProtocolPeriod/11, rtt/10, 5)
		g.Block(3)

		g.Run(16*cfg.ProtocolPeriod + cfg.SuspicionTimeout(8))

		assert.Equal(t, 1, g.Members[3].GroupSize(), "%+v", cfg)
	}
}
