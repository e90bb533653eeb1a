//go:build linux

package loopback_test

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/swim/live/wire"
	"github.com/swimlab/swimlab/swim/live/wire/wiretest"
)

// The storm: what nobody honest sends, from sockets of strangers, at members chosen at
// random. What it sends follows from the seed, but for whom it is about and when it
// arrives.

// madeUpNames is how many members are claimed to be that are not.
const madeUpNames = 90

// target is a member as the storm knows it.
type target struct {
	name, addr  string
	incarnation uint32
}

type storm struct {
	t         *testing.T
	packets   [][]byte // that memberlist once wrote
	streams   [][]byte
	bombs     [][]byte
	strangers []*net.UDPConn
	// bystander stands in packets as somebody to be pinged or answered; lured is
	// where members are said to be that are not, or are elsewhere.
	bystander, lured *net.UDPConn
	ends             chan struct{}
	work             sync.WaitGroup

	mu      sync.Mutex
	targets []target
	lists   [][]byte // that members gave, to be replayed
	madeUp  int
	counts  map[string]int
}

func newStorm(t *testing.T, targets func() []target) *storm {
	s := &storm{
		t: t, packets: golden(t, "udp"), streams: golden(t, "tcp"), bombs: bombs(t), ends: make(chan struct{}),
		targets: targets(), counts: map[string]int{},
	}
	for range 4 {
		s.strangers = append(s.strangers, bystanding(t))
	}
	s.bystander, s.lured = bystanding(t), bystanding(t)
	s.listen("bystander heard", s.bystander)
	s.listen("lured heard", s.lured)
	for _, c := range s.strangers {
		s.listen("strangers heard", c)
	}
	t.Cleanup(s.stop)
	for i := range 2 {
		rng := rand.New(rand.NewPCG(soakSeed, uint64(100+i)))
		s.every(8*time.Millisecond, func() { s.packet(rng) })
	}
	for i := range 4 {
		rng := rand.New(rand.NewPCG(soakSeed, uint64(200+i)))
		s.every(100*time.Millisecond, func() { s.stream(rng) })
	}
	return s
}

// bystanding is a socket at an address of its own.
func bystanding(t *testing.T) *net.UDPConn {
	c, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func (s *storm) listen(as string, c *net.UDPConn) {
	s.count(as, 0)
	go func() {
		b := make([]byte, wire.MaxPacket)
		for {
			n, err := c.Read(b)
			if err != nil {
				return
			}
			s.count(as, 1)
			s.count(as+", bytes", n)
		}
	}()
}

// every does something until the storm ends.
func (s *storm) every(d time.Duration, f func()) {
	s.work.Go(func() {
		ticks := time.NewTicker(d)
		defer ticks.Stop()
		for {
			select {
			case <-ticks.C:
				f()
			case <-s.ends:
				return
			}
		}
	})
}

func (s *storm) count(what string, n int) {
	s.mu.Lock()
	s.counts[what] += n
	s.mu.Unlock()
}

// counted is what has been counted so far.
func (s *storm) counted() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.counts)
}

// aim says who there is now.
func (s *storm) aim(targets []target) {
	s.mu.Lock()
	s.targets = targets
	s.mu.Unlock()
}

// stop ends the storm, and waits until it has.
func (s *storm) stop() {
	s.mu.Lock()
	select {
	case <-s.ends:
	default:
		close(s.ends)
	}
	s.mu.Unlock()
	s.work.Wait()
}

func (s *storm) any(rng *rand.Rand) target {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.targets[rng.IntN(len(s.targets))]
}

// packet sends one hostile datagram.
func (s *storm) packet(rng *rand.Rand) {
	what, b := s.invent(rng)
	to := netip.MustParseAddrPort(s.any(rng).addr)
	if to.Port() == 0 {
		return // it has yet to be started
	}
	for range 1 + rng.IntN(3) { // replays, too
		if _, err := s.strangers[rng.IntN(len(s.strangers))].WriteToUDPAddrPort(b, to); err == nil {
			s.count(what, 1)
		}
	}
}

// invent makes up a datagram, and says of which kind it is.
func (s *storm) invent(rng *rand.Rand) (what string, b []byte) {
	about := s.any(rng)
	name, later := []byte(about.name), about.incarnation+uint32(rng.IntN(3))
	from := []byte("nobody")
	if rng.IntN(2) == 0 {
		from = []byte(s.any(rng).name)
	}
	third, elsewhere := s.bystander.LocalAddr().(*net.UDPAddr).AddrPort(), s.lured.LocalAddr().(*net.UDPAddr).AddrPort()
	switch rng.IntN(14) {
	case 0, 1, 2:
		return "mangled", mangled(rng, s.packets[rng.IntN(len(s.packets))])
	case 3:
		b := make([]byte, rng.IntN(1500))
		for i := range b {
			b[i] = byte(rng.Uint32())
		}
		return "noise", b
	case 4:
		return "bombs", s.bombs[rng.IntN(len(s.bombs))]
	case 5, 6:
		return "forged suspicions", (&wire.Suspect{Incarnation: later, Node: name, From: from}).Append(nil)
	case 7:
		return "forged deaths", (&wire.Dead{Incarnation: later, Node: name, From: from}).Append(nil)
	case 8:
		return "forged goodbyes", (&wire.Dead{Incarnation: later, Node: name, From: name}).Append(nil)
	case 9:
		addr := netip.MustParseAddrPort(about.addr)
		if rng.IntN(2) == 0 {
			addr = elsewhere
		}
		return "forged lives", (&wire.Alive{Incarnation: later, Node: name, Addr: addr, Meta: []byte("forged"), Vsn: wire.SerfVersions.Bytes()}).Append(nil)
	case 10:
		return "forged intents", wire.AppendUser(nil, (&wire.SerfLeave{LTime: uint64(rng.IntN(1 << 20)), Node: name}).Append(nil))
	case 11:
		if rng.IntN(8) > 0 {
			return "old news", (&wire.Alive{Incarnation: 1, Node: name, Addr: elsewhere, Vsn: wire.SerfVersions.Bytes()}).Append(nil)
		}
		return s.newcomer(rng)
	default:
		return "third parties", s.thirdParty(rng, name, from, third)
	}
}

// newcomer claims a member that is not: at a closed port, or where it lures others to.
func (s *storm) newcomer(rng *rand.Rand) (string, []byte) {
	s.mu.Lock()
	s.madeUp = min(s.madeUp+1, madeUpNames)
	i := s.madeUp
	s.mu.Unlock()
	addr := netip.MustParseAddrPort("127.0.0.1:9")
	if i%3 == 0 {
		addr = s.lured.LocalAddr().(*net.UDPAddr).AddrPort()
	}
	return "made-up members", (&wire.Alive{
		Incarnation: 1 + rng.Uint32N(5), Node: fmt.Appendf(nil, "made-up-%d", i), Addr: addr, Meta: make([]byte, rng.IntN(200)), Vsn: wire.SerfVersions.Bytes(),
	}).Append(nil)
}

// thirdParty asks a member to write to the bystander.
func (s *storm) thirdParty(rng *rand.Rand, name, from []byte, at netip.AddrPort) []byte {
	seq := rng.Uint32()
	switch rng.IntN(4) {
	case 0:
		return (&wire.IndirectPing{SeqNo: seq, Target: at, Node: name, Nack: true, Source: at, SourceNode: from}).Append(nil)
	case 1:
		return (&wire.IndirectPing{SeqNo: seq, Target: at, Node: []byte("bystander"), Nack: true}).Append(nil)
	case 2: // the ping itself is answered where the stranger is
		return (&wire.Ping{SeqNo: seq, Node: name, Source: netip.AddrPortFrom(netip.MustParseAddr("127.200.0.1"), at.Port()), SourceNode: from}).Append(nil)
	}
	return wire.AppendUser(nil, append([]byte{byte(wire.SerfTypeRelay), 0x82}, "\xa8DestAddr\xa0\xa8DestName\xa0"...))
}

// stream opens one hostile stream.
func (s *storm) stream(rng *rand.Rand) {
	d := net.Dialer{Timeout: time.Second}
	c, err := d.DialContext(s.t.Context(), "tcp", s.any(rng).addr)
	if err != nil {
		return // it is down
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(2 * time.Second))
	say := func(what string, b []byte) {
		s.count(what, 1)
		_, _ = c.Write(b)
		_ = c.(*net.TCPConn).CloseWrite()
		_, _ = c.Read(make([]byte, 1<<16))
	}
	switch rng.IntN(8) {
	case 0, 1:
		say("mangled streams", mangled(rng, s.streams[rng.IntN(len(s.streams))]))
	case 2:
		b := make([]byte, rng.IntN(1<<16))
		for i := range b {
			b[i] = byte(rng.Uint32())
		}
		say("noisy streams", b)
	case 3:
		say("huge counts", (&wire.PushPullHeader{Nodes: math.MaxInt32 >> rng.IntN(16), UserStateLen: math.MaxInt32 >> rng.IntN(16)}).Append(nil))
	case 4:
		s.count("silent streams", 1)
		wait(s.ends, time.Duration(rng.IntN(1500))*time.Millisecond)
	case 5: // a byte at a time
		s.count("slow streams", 1)
		for _, b := range (&wire.PushPullHeader{Nodes: 2}).Append(nil) {
			if _, err := c.Write([]byte{b}); err != nil || !wait(s.ends, 50*time.Millisecond) {
				return
			}
		}
	case 6: // hear a list, to be told again when it is old
		s.count("lists heard", 1)
		_, _ = c.Write((&wire.PushPullHeader{}).Append(nil))
		b := make([]byte, 1<<16)
		n := 0
		for n < len(b) {
			k, err := c.Read(b[n:])
			n += k
			if err != nil {
				break
			}
		}
		if n > 0 {
			s.mu.Lock()
			if len(s.lists) < 32 {
				s.lists = append(s.lists, bytes.Clone(b[:n]))
			}
			s.mu.Unlock()
		}
	case 7:
		s.mu.Lock()
		var old []byte
		if n := len(s.lists); n > 0 {
			old = s.lists[rng.IntN(n)]
		}
		s.mu.Unlock()
		if rng.IntN(2) == 0 {
			old = mangled(rng, append(bytes.Clone(old), 0))
		}
		say("old lists", old)
	}
}

// wait waits so long, and says whether the storm goes on.
func wait(ends <-chan struct{}, d time.Duration) bool {
	select {
	case <-ends:
		return false
	case <-time.After(d):
		return true
	}
}

// verdict is whether strangers had members write to others: never to somebody whose
// address merely stood in a packet, and to somebody who was said to be a member for
// as long as members of that name are held for alive and the dead are told.
func (s *storm) verdict() {
	before := s.counted()
	time.Sleep(20 * soakPeriod)
	counts := s.counted()
	assert.Equal(s.t, before["lured heard"], counts["lured heard"], "nobody is said to be there any more")
	s.t.Logf("storm in all: %v", counts)
	// Three or four datagrams for each claim were seen; one by each member is the bound.
	claims := counts["made-up members"] + counts["forged lives"] + counts["old news"]
	assert.LessOrEqual(s.t, counts["lured heard"], soakMembers*claims, "datagrams to where %d claims said a member is", claims)
	assert.Zero(s.t, counts["bystander heard"], "datagrams to somebody whose address merely stood in packets")
	sent := 0
	for _, what := range []string{"mangled", "third parties"} {
		sent += counts[what]
	}
	assert.LessOrEqual(s.t, counts["strangers heard"], sent, "answers to strangers")
}

// golden are packets or streams that memberlist once wrote.
func golden(t *testing.T, transport string) [][]byte {
	return wiretest.Recorded(t, "../../swim/live/wire/testdata/golden", transport)
}

// mangled spoils what was said up to four times, or leaves it as it was.
func mangled(rng *rand.Rand, b []byte) []byte { return wiretest.Mangle(rng, b, rng.IntN(5)) }

// bombs are datagrams that expand to far more than they are, in one step and in
// several.
func bombs(t *testing.T) (all [][]byte) {
	const room = 60 << 10
	env, err := wire.NewEnvelope(wire.Options{Compress: true})
	require.NoError(t, err)
	b := wire.AppendUser(nil, make([]byte, 59<<10))
	for range 4 {
		w, err := env.NewPacketWriter(room)
		require.NoError(t, err)
		require.True(t, w.Add(b))
		packed, err := w.Seal(false)
		require.NoError(t, err)
		all = append(all, bytes.Clone(packed))
		b = all[len(all)-1]
	}
	// A compound that says it has 255 parts of 65,535 bytes, and has none.
	return append(all, append([]byte{byte(wire.TypeCompound), 255}, bytes.Repeat([]byte{255}, 510)...))
}
