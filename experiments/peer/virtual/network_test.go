package virtual

import (
	"io"
	"math/rand/v2"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/memberlist"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/experiments/sim"
)

// pair is a network of two within virtual time.
func pair(t *testing.T, p Peer, f func(a, b *endpoint)) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(sim.Network{Latency: sim.Uniform(100*time.Microsecond, 500*time.Microsecond)}, rand.New(rand.NewPCG(1, 1)))
		n.onSent = func(int, int) {}
		a, b := n.attach(p), n.attach(p)
		f(a, b)
		a.gate.remove()
		b.gate.remove()
		time.Sleep(time.Minute)
	})
}

// As the kernel does, a socket takes what fits its buffer and loses the rest.
func TestABlockedMembersSocketFillsUp(t *testing.T) {
	pair(t, Peer{ReceiveBuffer: receiveBuffer}, func(a, b *endpoint) {
		b.gate.close()
		for range 1000 {
			_, err := a.WriteToAddress(make([]byte, 100), memberlist.Address{Addr: b.address()})
			require.NoError(t, err)
		}
		time.Sleep(time.Second)
		const small = 768 // bytes that Linux accounts for a datagram of 100
		assert.Equal(t, small, accounted(100))
		assert.Equal(t, 2304, accounted(1400))
		fits := (receiveBuffer+small-1)/small + 1 // and the one that has been received and stands
		assert.Equal(t, 1000-fits, b.dropped)
		b.gate.open()
		for range fits {
			<-b.PacketCh()
		}
	})
}

// A sender goes on at the release, or as much later as it takes to resume; one that
// did not have to stand takes no time.
func TestASenderStandsWhileItIsBlocked(t *testing.T) {
	const resume = 10 * time.Microsecond
	pair(t, Peer{ResumeTime: resume}, func(a, b *endpoint) {
		start := time.Now()
		_, err := a.WriteTo([]byte("at once"), b.address())
		require.NoError(t, err)
		assert.Zero(t, time.Since(start))
		a.gate.close()
		time.AfterFunc(3*time.Second, a.gate.open)
		_, err = a.WriteTo([]byte("late"), b.address())
		require.NoError(t, err)
		assert.Equal(t, 3*time.Second+resume, time.Since(start))
	})
	pair(t, Peer{}, func(a, b *endpoint) {
		a.gate.close()
		time.AfterFunc(3*time.Second, a.gate.open)
		start := time.Now()
		_, err := a.WriteTo([]byte("late"), b.address())
		require.NoError(t, err)
		assert.Equal(t, 3*time.Second, time.Since(start))
		p := <-b.PacketCh()
		assert.Equal(t, "late", string(p.Buf))
		assert.Greater(t, time.Since(start), 3*time.Second)
	})
}

// However the latencies fall, a stream's bytes arrive in order and its end last,
// and a member that is blocked finds them when the block is over.
func TestAStreamKeepsItsOrder(t *testing.T) {
	pair(t, Peer{}, func(a, b *endpoint) {
		for range 50 {
			b.gate.close()
			time.AfterFunc(2*time.Second, b.gate.open)
			there, err := a.DialAddressTimeout(memberlist.Address{Addr: b.address()}, time.Second)
			require.NoError(t, err, "the kernel of a blocked member takes the connection")
			sent := ""
			for _, word := range []string{"one ", "two ", "three ", "four"} {
				_, err := there.Write([]byte(word))
				require.NoError(t, err)
				sent += word
			}
			require.NoError(t, there.Close())
			here := <-b.StreamCh()
			received, err := io.ReadAll(here)
			require.NoError(t, err)
			assert.Equal(t, sent, string(received))
			require.NoError(t, here.Close())
		}
	})
}

func TestNobodyIsThereAfterACrash(t *testing.T) {
	pair(t, Peer{}, func(a, b *endpoint) {
		require.NoError(t, b.Shutdown())
		start := time.Now()
		_, err := a.DialTimeout(b.address(), 2*time.Second)
		var problem net.Error
		require.ErrorAs(t, err, &problem)
		assert.True(t, problem.Timeout())
		assert.Equal(t, 2*time.Second, time.Since(start))
		_, err = a.WriteTo([]byte("hello?"), b.address())
		assert.NoError(t, err, "a datagram is sent into the void")
	})
}

func TestAReaderGivesUpAtItsDeadline(t *testing.T) {
	pair(t, Peer{}, func(a, b *endpoint) {
		s, err := a.DialTimeout(b.address(), time.Second)
		require.NoError(t, err)
		<-b.StreamCh()
		start := time.Now()
		require.NoError(t, s.SetDeadline(start.Add(10*time.Second)))
		_, err = s.Read(make([]byte, 1))
		assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
		assert.Equal(t, 10*time.Second, time.Since(start))
	})
}
