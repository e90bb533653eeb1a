package live

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/swim/live/wire"
)

// A member that is woken late reads for the whole of its time before it looks at what is
// due, however much comes meanwhile.
func TestAMemberThatWakesLateReadsFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var net Network
		peer := net.Listen()
		cfg := LAN("sleeper")
		cfg.Transport, cfg.Seed = net.Listen(), 1
		m, err := Start(cfg)
		require.NoError(t, err)
		events := m.Subscribe(16)

		env, err := wire.NewEnvelope(wire.Options{})
		require.NoError(t, err)
		type packet struct {
			at   time.Time
			what wire.Type
		}
		var got []packet
		done := make(chan struct{})
		go func() {
			defer close(done)
			reader, buf := env.NewPacketReader(), make([]byte, wire.MaxPacket)
			for {
				n, _, err := peer.ReadPacket(buf)
				if err != nil {
					return
				}
				_ = reader.Read(buf[:n], func(is wire.Type, _ []byte) {
					if is == wire.TypePing || is == wire.TypeAck {
						got = append(got, packet{time.Now(), is})
					}
				})
			}
		}()
		say := func(message []byte) { require.NoError(t, peer.WritePacket(message, m.Addr())) }
		say((&wire.Alive{Incarnation: 1, Node: []byte("peer"), Addr: peer.Addr(), Vsn: wire.SerfVersions.Bytes()}).Append(nil))
		synctest.Wait()

		// It sleeps through what is due, as a stopped process does.
		m.mu.Lock()
		m.timer.Stop()
		m.mu.Unlock()
		time.Sleep(5 * time.Second)
		got = nil
		m.wake()
		woken := time.Now()
		ping := (&wire.Ping{SeqNo: 1, Node: []byte("sleeper"), Source: peer.Addr(), SourceNode: []byte("peer")}).Append(nil)
		for range 5 {
			say(ping)
			time.Sleep(10 * time.Millisecond)
		}
		time.Sleep(cfg.Lateness.Drain)
		require.NoError(t, peer.Close())
		<-done

		var acks int
		for _, p := range got {
			if p.what == wire.TypeAck {
				acks++
				continue
			}
			assert.Equal(t, cfg.Lateness.Drain, p.at.Sub(woken), "what was due waits for the end of the reading")
		}
		assert.Equal(t, 5, acks, "it reads and answers")
		assert.Len(t, got, 5+1)
		assert.Equal(t, uint64(1), m.Status().Late)
		require.NoError(t, m.Shutdown())
		var late int
		for e := range events.C {
			if e.Kind == Late {
				late++
			}
		}
		assert.Equal(t, 1, late)
	})
}

// What was overdue at a late wake-up may be settled by what is then read. The next wake-up is
// as late as any other if it is.
func TestAMemberThatHadNothingLeftToDoAfterReadingNoticesThatItIsLateAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var net Network
		peer := net.Listen()
		cfg := LAN("sleeper")
		cfg.Transport, cfg.Seed = net.Listen(), 1
		cfg.FirstDoubt = 7 // periods are long: one outlasts the reading
		m, err := Start(cfg)
		require.NoError(t, err)
		env, err := wire.NewEnvelope(wire.Options{})
		require.NoError(t, err)

		pings := make(chan uint32, 16)
		go func() {
			defer close(pings)
			reader, buf := env.NewPacketReader(), make([]byte, wire.MaxPacket)
			for {
				n, _, err := peer.ReadPacket(buf)
				if err != nil {
					return
				}
				_ = reader.Read(buf[:n], func(is wire.Type, body []byte) {
					var ping wire.Ping
					if is == wire.TypePing && ping.Decode(body) == nil {
						pings <- ping.SeqNo
					}
				})
			}
		}()
		say := func(message []byte) { require.NoError(t, peer.WritePacket(message, m.Addr())) }
		ack := func(seq uint32) { say((&wire.Ack{SeqNo: seq}).Append(nil)) }
		oversleep := func(d time.Duration) {
			m.mu.Lock()
			m.timer.Stop()
			m.mu.Unlock()
			time.Sleep(d)
			m.wake()
		}
		say((&wire.Alive{Incarnation: 1, Node: []byte("peer"), Addr: peer.Addr(), Vsn: wire.SerfVersions.Bytes()}).Append(nil))
		ack(<-pings)

		second := <-pings // all news has been told by now: there is nothing to do but to judge the probe
		oversleep(cfg.Protocol.PingTimeout + cfg.Lateness.After + time.Millisecond)
		assert.Equal(t, uint64(1), m.Status().Late, "the call for help was due")
		ack(second)
		synctest.Wait()
		oversleep(time.Minute)
		assert.Equal(t, uint64(2), m.Status().Late, "the next period was due")

		require.NoError(t, peer.Close())
		require.NoError(t, m.Shutdown())
		for range pings { // until its goroutine has ended
		}
	})
}
