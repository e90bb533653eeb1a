package live_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The word that a member has left gets out though it is asked to leave again meanwhile, as by
// a second signal, and no call returns before. Serf's members would else take it for one that
// has been about to leave and has failed.
func TestAMemberAskedAgainToLeaveStillSaysSo(t *testing.T) {
	for _, after := range []time.Duration{0, 100 * time.Millisecond, 200 * time.Millisecond, time.Second} {
		inWorld(t, 5, nil, func(w *world) {
			time.Sleep(time.Minute) // the news of their joining is out
			const calls = 3
			left := make(chan error, calls)
			for range calls {
				go func() { left <- w.members[4].Leave(w.Context()) }()
				time.Sleep(after)
			}
			for range calls {
				require.NoError(w, <-left)
			}
			for _, m := range w.members[:4] {
				w.believes(m, "m4", "left", repaired)
			}
		})
	}
}
