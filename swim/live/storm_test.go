package live_test

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// All members of a group start and join the first at the same moment, in one
// process: the worst there is to be had on one machine. memberlist's storm of
// false suspicions feeds on itself there, since every suspicion is news for all, and
// to pass it on makes everybody later still.
func TestManyJoinAtOnceAndNobodyIsSuspectedFalsely(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds of all processors")
	}
	n := 128
	if os.Getenv("SWIMLAB_STORM") != "" {
		n = 512
	}
	used := cpu()
	members, took := group(t, n, nil)
	time.Sleep(10 * time.Second) // a false suspicion would now be confirmed
	var suspected, failed, refuted, late uint64
	for _, m := range members {
		s := m.Status()
		suspected += s.Suspected
		failed += s.Failed
		refuted += s.Refuted
		late += s.Late
		assert.Equal(t, n, m.GroupSize())
	}
	t.Logf("%d members: converged in %v with %v of processor; %d suspicions, %d failed, %d refuted, %d late wake-ups",
		n, took.Round(time.Millisecond), (cpu() - used).Round(time.Millisecond), suspected, failed, refuted, late)
	assert.Zero(t, failed, "declared faulty")
}
