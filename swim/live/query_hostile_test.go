package live_test

import (
	"net/netip"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/swim/live"
	"github.com/swimlab/swimlab/swim/live/wire"
)

// What strangers may want with queries, events and relays.

func TestAnswersAndRelaysGoToMembersOnly(t *testing.T) {
	inWorld(t, 3, nil, func(w *world) {
		victim, stranger := w.asker("victim", wire.Options{}), w.asker("stranger", wire.Options{})
		defer victim.end()
		defer stranger.end()
		m := w.members[0]
		id := uint32(0)
		for _, name := range []string{"q", "_serf_ping", "_serf_conflict", "_serf_list-keys"} {
			for _, source := range []string{"", "victim", "m0", "m1"} {
				id++
				q := victim.query(id, name)
				q.SourceNode, q.RelayFactor, q.Flags = []byte(source), 3, wire.SerfAck // all the group hears of it
				q.Payload = []byte("m1")
				stranger.send(m, wire.AppendUser(nil, q.Append(nil)))
			}
		}
		ack := (&wire.SerfQueryResponse{LTime: 1, ID: 1, From: []byte("m2"), Flags: wire.SerfAck}).Append(nil)
		for _, name := range []string{"", "victim", "m0", "m1"} {
			stranger.send(m, wire.AppendUser(nil, (&wire.SerfRelay{To: victim.host.Addr(), Name: []byte(name), Message: ack}).Append(nil)))
		}
		time.Sleep(5 * time.Second)
		victim.mu.Lock()
		assert.Zero(w, victim.packets, "the victim was written to")
		victim.mu.Unlock()
		assert.GreaterOrEqual(w, m.Status().Refused["unknown_member"], uint64(20))
		for _, each := range w.members {
			assert.Equal(w, 3, each.GroupSize())
		}
	})
}

func TestOnlyAnswersAreRelayed(t *testing.T) {
	inWorld(t, 3, nil, func(w *world) {
		a, stranger := w.asker("asker", wire.Options{}), w.asker("stranger", wire.Options{})
		defer a.end()
		defer stranger.end()
		a.joins()
		m := w.members[0]
		relay := func(message []byte) [][]byte {
			a.take()
			r := wire.SerfRelay{To: a.host.Addr(), Name: []byte("asker"), Message: message}
			stranger.send(m, wire.AppendUser(nil, r.Append(nil)))
			time.Sleep(moment)
			return a.take()
		}
		answer := func(from string, payload []byte) []byte {
			return (&wire.SerfQueryResponse{LTime: 1, ID: 1, From: []byte(from), Payload: payload}).Append(nil)
		}
		good := answer("m2", []byte("0.5"))
		assert.Equal(w, [][]byte{good}, relay(good))
		for name, message := range map[string][]byte{
			"nothing":                    nil,
			"an answer of nobody's":      answer("nobody", nil),
			"an answer that is too long": answer("m2", make([]byte, 1100)),
			"half an answer":             good[:len(good)-2],
			"a relay":                    (&wire.SerfRelay{To: a.host.Addr(), Name: []byte("asker"), Message: good}).Append(nil),
			"a query":                    a.query(1, "q").Append(nil),
			"an event":                   (&wire.SerfUserEvent{LTime: 1, Name: []byte("deploy")}).Append(nil),
			"an intent to leave":         (&wire.SerfLeave{LTime: 1 << 40, Node: []byte("m2")}).Append(nil),
		} {
			assert.Empty(w, relay(message), name)
		}
		before := m.Traffic().PacketsOut
		stranger.send(m, wire.AppendUser(nil, (&wire.SerfRelay{To: m.Addr(), Name: []byte("m0"), Message: good}).Append(nil)))
		time.Sleep(moment)
		assert.LessOrEqual(w, m.Traffic().PacketsOut-before, uint64(5), "nor does it write to itself")
	})
}

// In the name of a member, a stranger can have it written to: so often in a second, and
// no more.
func TestAFloodOfQueriesAndRelaysIsBounded(t *testing.T) {
	const queries, relays, events, seconds = 10, 15, 20, 20
	inWorld(t, 2, func(c *live.Config) {
		c.Limits.Queries, c.Limits.Relays, c.Limits.Events = queries, relays, events
	}, func(w *world) {
		a, stranger := w.asker("asker", wire.Options{}), w.asker("stranger", wire.Options{})
		defer a.end()
		defer stranger.end()
		a.joins()
		m := w.members[0]
		heardEvents := m.Subscribe(100000)
		before, routines := heap(), runtime.NumGoroutine()
		ack := (&wire.SerfQueryResponse{LTime: 1, ID: 1, From: []byte("m1"), Flags: wire.SerfAck}).Append(nil)
		flood := func(send func(id uint32)) int {
			time.Sleep(30 * time.Second) // what waits to be passed on is
			a.take()
			for id := range uint32(1000 * seconds) {
				send(id)
				time.Sleep(time.Millisecond)
			}
			time.Sleep(moment)
			return len(a.take())
		}
		n := flood(func(id uint32) {
			q := a.query(id, "q")
			q.LTime, q.Payload = uint64(id), make([]byte, 900)
			q.Flags = wire.SerfAck
			stranger.send(m, wire.AppendUser(nil, q.Append(nil)))
		})
		// The other member hears of them and acks them, too.
		assert.Less(w, n, 2*queries*(seconds+2))
		assert.Greater(w, n, queries*(seconds-2), "and yet they are answered")

		n = flood(func(uint32) {
			r := wire.SerfRelay{To: a.host.Addr(), Name: []byte("asker"), Message: ack}
			stranger.send(m, wire.AppendUser(nil, r.Append(nil)))
		})
		assert.Less(w, n, relays*(seconds+2))

		flood(func(id uint32) {
			e := wire.SerfUserEvent{LTime: uint64(id), Name: []byte("made up"), Payload: make([]byte, 900)}
			stranger.send(m, wire.AppendUser(nil, e.Append(nil)))
		})
		told := 0
		for e := range drain(heardEvents) {
			if e.Kind == live.UserMessage {
				told++
			}
		}
		assert.Less(w, told, events*(seconds+2))
		assert.Greater(w, told, events*(seconds-2))

		assert.Less(w, heap()-before, int64(4<<20), "memory")
		assert.LessOrEqual(w, runtime.NumGoroutine(), routines+8)
		w.settled(3)
		for _, each := range w.members {
			assert.Equal(w, "alive", statusOf(each, "asker"))
		}
	})
}

// A forged intent to leave is put right by whom it is about, at any time that it may bear.
func TestForgedIntentsArePutRight(t *testing.T) {
	inWorld(t, 3, nil, func(w *world) {
		stranger := w.asker("stranger", wire.Options{})
		defer stranger.end()
		forge := func(at uint64) {
			stranger.send(w.members[0], wire.AppendUser(nil, (&wire.SerfLeave{LTime: at, Node: []byte("m1")}).Append(nil)))
		}
		for _, at := range []uint64{7, 1000, 1<<32 - 1, 1<<62 - 1, 1<<63 - 1, 1 << 63, 1<<64 - 1} {
			forge(at)
			time.Sleep(5 * time.Second)
			for _, m := range w.members {
				assert.Equal(w, "alive", statusOf(m, "m1"), "%s of m1, by an intent of time %d", m.Name(), at)
			}
		}

		// A forged list moves the clock far on: the others hear of it by theirs, and all goes on.
		conn, err := stranger.host.Dial(w.Context(), w.members[0].Addr())
		require.NoError(w, err)
		state := (&wire.SerfPushPull{LTime: 1 << 62, EventLTime: 1 << 62, QueryLTime: 1 << 62}).Append(nil)
		_, err = conn.Write(append((&wire.PushPullHeader{UserStateLen: len(state)}).Append(nil), state...))
		require.NoError(w, err)
		_, _ = conn.Read(make([]byte, 1<<16))
		require.NoError(w, conn.Close())
		time.Sleep(5 * time.Minute)
		forge(1<<62 + 1000)
		time.Sleep(5 * time.Second)
		for _, m := range w.members {
			assert.Equal(w, "alive", statusOf(m, "m1"))
		}
		require.NoError(w, w.members[1].Leave(w.Context()))
		w.believes(w.members[2], "m1", "left", time.Minute)
	})
}

// The same at a real socket: nobody but members hears of a member.
func TestAStrangersQueriesAreNotAnsweredToAThirdParty(t *testing.T) {
	ann, bob := pair(t, nil)
	s, victim := stranger(t), stranger(t)
	send := func(m interface{ Append([]byte) []byte }) {
		_, err := s.WriteToUDPAddrPort(wire.AppendUser(nil, m.Append(nil)), ann.Addr())
		require.NoError(t, err)
	}
	ack := (&wire.SerfQueryResponse{From: []byte("bob"), Flags: wire.SerfAck}).Append(nil)
	for _, name := range []string{"", "bob", "victim"} {
		send(&wire.SerfQuery{ID: uint32(len(name)), Asker: addrOf(victim), SourceNode: []byte(name), Flags: wire.SerfAck, Timeout: time.Second, RelayFactor: 1})
		send(&wire.SerfRelay{To: addrOf(victim), Name: []byte(name), Message: ack})
	}
	send(&wire.SerfQuery{ID: 99, Asker: netip.AddrPort{}, Flags: wire.SerfAck})
	require.Eventually(t, func() bool { return ann.Status().Refused["unknown_member"] == 7 }, repaired, 10*time.Millisecond)
	assert.Nil(t, heard(t, victim, 2*time.Second), "the victim was written to")
	requireWell(t, ann, bob)
}
