package live_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/swim/live"
	"github.com/swimlab/swimlab/swim/live/wire"
)

// However short the time between two blocks, what waited goes in it.
func TestWhatWaitedGoesBetweenTwoBlocks(t *testing.T) {
	inWorld(t, 2, nil, func(w *world) {
		blocked := w.members[1]
		blocked.Block()
		time.Sleep(100 * time.Millisecond)
		before := w.members[0].Traffic().PacketsIn
		time.Sleep(3 * time.Second)
		require.Equal(w, before, w.members[0].Traffic().PacketsIn, "nothing comes out of a blocked member")
		blocked.Unblock()
		blocked.Block()
		time.Sleep(100 * time.Millisecond)
		after := w.members[0].Traffic().PacketsIn
		assert.Greater(w, after, before)
		time.Sleep(3 * time.Second)
		assert.Equal(w, after, w.members[0].Traffic().PacketsIn, "and then nothing again")
		blocked.Unblock()
		w.settled(2)
	})
}

// A ping that waited during a block is judged as it is sent: its ack comes too late.
func TestAfterABlockTheFailureDetectorDoesNotWaitForAcks(t *testing.T) {
	inWorld(t, 2, nil, func(w *world) {
		blocked := w.members[1]
		blocked.Block()
		time.Sleep(5 * time.Second)
		events := blocked.Subscribe(100)
		blocked.Unblock()
		time.Sleep(100 * time.Millisecond)
		var failed bool
		for e := range drain(events) {
			failed = failed || e.Kind == live.ProbeFailed
		}
		assert.True(w, failed)
		w.settled(2)
	})
}

// A block holds up what a member sends, not what is on its way.
func TestWhatIsOnItsWayArrivesDuringABlock(t *testing.T) {
	inWorld(t, 1, nil, func(w *world) {
		stranger := w.net.Listen()
		got := make(chan struct{})
		go func() {
			defer close(got)
			_, _, _ = stranger.ReadPacket(make([]byte, 1500))
		}()
		m := w.members[0]
		m.SetFaults(live.Faults{Delay: 200 * time.Millisecond})
		require.NoError(w, stranger.WritePacket((&wire.Ping{SeqNo: 1, Node: []byte(m.Name())}).Append(nil), m.Addr()))
		time.Sleep(50 * time.Millisecond) // the ack is on its way
		m.Block()
		select {
		case <-got:
		case <-time.After(time.Second):
			w.Error("the ack waits for the block's end")
		}
		require.NoError(w, stranger.Close())
		<-got
	})
}
