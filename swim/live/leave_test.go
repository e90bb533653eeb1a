package live_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/swim/live/wire"
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

// Of what is said of a member's coming and going the latest by Serf's clock counts, in
// whichever order it arrives, and of two of the same time the first.
func TestTheLatestIntentCounts(t *testing.T) {
	inWorld(t, 3, nil, func(w *world) {
		told, about := w.members[0], w.members[1]
		about.Block() // it does not contradict
		defer about.Unblock()
		teller := w.net.Listen()
		defer func() { require.NoError(w, teller.Close()) }()
		say := func(intent []byte) string {
			require.NoError(w, teller.WritePacket(wire.AppendUser(nil, intent), told.Addr()))
			time.Sleep(2 * time.Millisecond)
			return statusOf(told, about.Name())
		}
		leave := func(at uint64) string {
			return say((&wire.SerfLeave{LTime: at, Node: []byte(about.Name())}).Append(nil))
		}
		join := func(at uint64) string {
			return say((&wire.SerfJoin{LTime: at, Node: []byte(about.Name())}).Append(nil))
		}
		assert.Equal(w, "leaving", leave(5000))
		assert.Equal(w, "leaving", join(4999))
		assert.Equal(w, "leaving", join(5000))
		assert.Equal(w, "alive", join(5001))
		assert.Equal(w, "alive", leave(5000))
		assert.Equal(w, "alive", leave(5001))
		assert.Equal(w, "leaving", leave(5002))
	})
}
