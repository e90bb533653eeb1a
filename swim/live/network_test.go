package live_test

import (
	"errors"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/swim/live"
)

// Who is on the way to a host that goes meanwhile is refused, and does not wait for an answer
// that nobody is left to give.
func TestAStreamToAHostThatGoesMeanwhileIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net := live.Network{Latency: func(_, _ netip.AddrPort) time.Duration { return time.Second }}
		near := net.Listen()
		// What Go's select does where it has a choice is up to chance, each time anew.
		for range 64 {
			far := net.Listen()
			time.AfterFunc(time.Second/2, func() { assert.NoError(t, far.Close()) })
			conn, err := near.Dial(t.Context(), far.Addr())
			require.Error(t, err)
			require.Nil(t, conn)
			require.False(t, errors.Is(err, t.Context().Err()))
		}
	})
}
