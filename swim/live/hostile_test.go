package live_test

import (
	"bytes"
	"encoding/hex"
	"math/rand/v2"
	"net"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/swim/live"
	"github.com/swimlab/swimlab/swim/live/wire"
	"github.com/swimlab/swimlab/swim/live/wire/wiretest"
)

// What nobody honest sends, at members that must go on: it comes from a stranger's
// socket, as anybody's could.

func stranger(t *testing.T) *net.UDPConn { return socket(t, net.IPv4(127, 0, 0, 1)) }

func socket(t *testing.T, at net.IP) *net.UDPConn {
	c, err := net.ListenUDP("udp", &net.UDPAddr{IP: at})
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func addrOf(c *net.UDPConn) netip.AddrPort { return c.LocalAddr().(*net.UDPAddr).AddrPort() }

// heard is what reaches a socket within a moment.
func heard(t *testing.T, c *net.UDPConn, wait time.Duration) []byte {
	b := make([]byte, wire.MaxPacket)
	require.NoError(t, c.SetReadDeadline(time.Now().Add(wait)))
	n, _, err := c.ReadFromUDPAddrPort(b)
	if err != nil {
		return nil
	}
	return b[:n]
}

// recorded are packets or streams that memberlist once wrote.
func recorded(t *testing.T, transport string) [][]byte {
	return wiretest.Recorded(t, "wire/testdata/golden", transport)
}

// mangle spoils what was said once to four times.
func mangle(rng *rand.Rand, b []byte) []byte { return wiretest.Mangle(rng, b, 1+rng.IntN(4)) }

// pair is two members that know each other.
func pair(t *testing.T, configure func(*live.Config)) (ann, bob *live.Member) {
	start := func(name string) *live.Member {
		cfg := live.LAN(name)
		cfg.Bind = "127.0.0.1:0"
		if configure != nil {
			configure(&cfg)
		}
		m, err := live.Start(cfg)
		require.NoError(t, err)
		t.Cleanup(func() { _ = m.Shutdown() })
		return m
	}
	ann, bob = start("ann"), start("bob")
	_, err := bob.Join(t.Context(), ann.Addr().String())
	require.NoError(t, err)
	require.Eventually(t, func() bool { return ann.GroupSize() == 2 && bob.GroupSize() == 2 }, repaired, 10*time.Millisecond)
	return ann, bob
}

// heap is what is in use after a collection.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return int64(s.HeapAlloc)
}

// requireWell says that two members still see each other alive, and answer.
func requireWell(t *testing.T, ann, bob *live.Member) {
	t.Helper()
	for _, each := range [][2]*live.Member{{ann, bob}, {bob, ann}} {
		_, ok := each[0].Lookup(each[1].Name())
		require.True(t, ok)
		// A forged accusation or intent to leave stands until it is put right, or until
		// lists are exchanged; an intent no longer than thirty protocol periods.
		believes(t, each[0], each[1].Name(), "alive", repaired)
	}
	s := stranger(t)
	for range 20 { // the system drops what comes while its buffer is full of the flood
		_, err := s.WriteToUDPAddrPort((&wire.Ping{SeqNo: 7, Node: []byte(ann.Name())}).Append(nil), ann.Addr())
		require.NoError(t, err)
		if heard(t, s, time.Second) != nil {
			return
		}
	}
	t.Errorf("%s does not answer", ann.Name())
}

func TestMangledPacketsAndStreamsHarmNobody(t *testing.T) {
	// In the flood the few copies of a refutation may all be lost: lists mend that, and
	// a forged intent is believed for thirty periods. Short ones, not to wait for it.
	ann, bob := pair(t, func(c *live.Config) {
		c.Protocol.ProtocolPeriod, c.Protocol.PingTimeout = 200*time.Millisecond, 100*time.Millisecond
		c.Protocol.PushPullInterval = 2 * time.Second
	})
	rng := rand.New(rand.NewPCG(1, 1))
	routines, before := runtime.NumGoroutine(), heap()
	s := stranger(t)
	packets := recorded(t, "udp")
	for range 20000 / 50 {
		arrived := ann.Traffic().PacketsIn
		for range 50 {
			_, err := s.WriteToUDPAddrPort(mangle(rng, packets[rng.IntN(len(packets))]), ann.Addr())
			require.NoError(t, err)
		}
		for range 100 { // they are to arrive; the system drops those that it has no room for
			if ann.Traffic().PacketsIn >= arrived+50 {
				break
			}
			time.Sleep(time.Millisecond)
		}
	}
	for _, stream := range recorded(t, "tcp") {
		c, err := net.Dial("tcp", ann.Addr().String())
		require.NoError(t, err)
		_, _ = c.Write(mangle(rng, stream))
		_ = c.(*net.TCPConn).CloseWrite()
		require.NoError(t, c.SetReadDeadline(time.Now().Add(5*time.Second)))
		_, _ = c.Read(make([]byte, 1<<16))
		require.NoError(t, c.Close())
	}
	require.Greater(t, ann.Traffic().PacketsIn, uint64(10000), "most of them arrived")
	requireWell(t, ann, bob)
	require.Eventually(t, func() bool { return runtime.NumGoroutine() <= routines+8 }, repaired, 100*time.Millisecond, "goroutines")
	assert.Less(t, heap()-before, int64(8<<20), "memory")
}

func TestAStrangerCannotHaveAMemberWriteToAThirdParty(t *testing.T) {
	ann, bob := pair(t, nil)
	s, victim := stranger(t), socket(t, net.IPv4(127, 0, 0, 9))
	at := addrOf(victim)
	for _, m := range []interface{ Append([]byte) []byte }{
		&wire.Ping{SeqNo: 1, Node: []byte(ann.Name()), Source: at},
		&wire.Ping{SeqNo: 2, Node: []byte(ann.Name()), Source: at, SourceNode: []byte(bob.Name())},
		&wire.IndirectPing{SeqNo: 3, Target: at, Node: []byte("victim"), Nack: true, Source: at, SourceNode: []byte("nobody")},
		&wire.IndirectPing{SeqNo: 4, Target: at, Node: []byte(bob.Name()), Nack: true, Source: at, SourceNode: []byte(bob.Name())},
		&wire.IndirectPing{SeqNo: 5, Target: at, Node: []byte(bob.Name()), Nack: true},
	} {
		_, err := s.WriteToUDPAddrPort(m.Append(nil), ann.Addr())
		require.NoError(t, err)
	}
	relay := wire.AppendUser(nil, append([]byte{byte(wire.SerfTypeRelay), 0x82}, "\xa8DestAddr\xa0\xa8DestName\xa0"...))
	_, err := s.WriteToUDPAddrPort(relay, ann.Addr())
	require.NoError(t, err)
	assert.Nil(t, heard(t, victim, 2*time.Second), "the victim was written to")
	requireWell(t, ann, bob)
}

// A flood of names that do not exist neither fills the memory nor stops the group.
func TestMadeUpMembersNeitherFillTheListNorStopTheGroup(t *testing.T) {
	const limit = 200
	ann, bob := pair(t, func(c *live.Config) { c.Limits.Members = limit })
	s := stranger(t)
	nowhere := netip.MustParseAddrPort("127.0.0.1:9")
	for i := range 20000 {
		alive := wire.Alive{Incarnation: 1, Node: []byte("made up " + hex.EncodeToString([]byte{byte(i >> 8), byte(i)})), Addr: nowhere,
			Vsn: wire.SerfVersions.Bytes()}
		_, err := s.WriteToUDPAddrPort(alive.Append(nil), ann.Addr())
		require.NoError(t, err)
		if i%100 == 0 {
			time.Sleep(time.Millisecond)
		}
	}
	assert.LessOrEqual(t, len(ann.Members()), limit)
	requireWell(t, ann, bob)
}

// Serf's events are passed on; one that fits no datagram must not wait for ever, be it
// that it came over a stream.
func TestEventsThatFitNoDatagramAreNotKept(t *testing.T) {
	ann, bob := pair(t, nil)
	before := heap()
	for i := range 100 {
		event := append([]byte("\x03\x82\xa4Name\xa1x\xa7Payload\xdb"), 0, 4, 0, 0)
		event = append(event, bytes.Repeat([]byte{byte(i)}, 1<<18)...)
		c, err := net.Dial("tcp", ann.Addr().String())
		require.NoError(t, err)
		_, err = c.Write((&wire.UserMessage{Data: event}).Append(nil))
		require.NoError(t, err)
		require.NoError(t, c.(*net.TCPConn).CloseWrite())
		_, _ = c.Read(make([]byte, 1)) // until it is served
		require.NoError(t, c.Close())
	}
	assert.Less(t, heap()-before, int64(4<<20), "memory")

	// The word of one that leaves is out all the same: Serf's intent, then the goodbye.
	events := bob.Subscribe(64)
	require.NoError(t, ann.Leave(t.Context()))
	deadline := time.After(repaired)
	for {
		p, ok := bob.Lookup(ann.Name())
		if ok && p.Status() == "left" {
			return
		}
		select {
		case <-events.C:
		case <-time.After(20 * time.Millisecond):
		case <-deadline:
			t.Fatalf("%s is %v to %s; want left", ann.Name(), p.Status(), bob.Name())
		}
	}
}

// Suspicions end the sooner the more members say the same. The word of nobody on the list does
// not count for that, nor of one that has left: whose names anybody can use who has heard them.
func TestOnlyMembersConfirmASuspicion(t *testing.T) {
	inWorld(t, 6, nil, func(w *world) {
		time.Sleep(time.Minute)
		require.NoError(w, w.members[4].Leave(w.Context()))
		told := w.members[0]
		w.believes(told, "m4", "left", repaired)
		suspect := w.members[1]
		suspect.Block() // it does not refute
		defer suspect.Unblock()
		p, ok := told.Lookup(suspect.Name())
		require.True(w, ok)
		watch := told.Subscribe(100)
		forger := w.net.Listen()
		defer func() { require.NoError(w, forger.Close()) }()

		for _, from := range []string{"m3", "made-up", "another", "m4", "m3", "m2"} {
			accusation := wire.Suspect{Incarnation: p.Incarnation, Node: []byte(suspect.Name()), From: []byte(from)}
			require.NoError(w, forger.WritePacket(accusation.Append(nil), told.Addr()))
			time.Sleep(2 * time.Millisecond) // each arrives before the next is sent
		}

		var said []string
		for e := range drain(watch) {
			if e.Member == suspect.Name() && (e.Kind == live.Suspected || e.Kind == live.Confirmed) {
				said = append(said, e.Kind.String()+" by "+e.By)
			}
		}
		assert.Equal(w, []string{"suspected by m3", "suspicion confirmed by m2"}, said)
	})
}
