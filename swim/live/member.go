package live

import (
	"context"
	crand "crypto/rand"
	"encoding/binary"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/swimlab/swimlab/lifeguard"
	"github.com/swimlab/swimlab/swim"
	"github.com/swimlab/swimlab/swim/live/wire"
	"github.com/swimlab/swimlab/vivaldi"
)

// Member is a running member of a group. Its methods may be called by many
// goroutines.
//
// It has two goroutines, one that reads datagrams and one that accepts streams, a
// timer, and a goroutine for each stream for as long as that lasts. All of them
// take mu and give the core one input at a time.
type Member struct {
	cfg       Config
	name      []byte
	advertise netip.AddrPort
	versions  []byte
	env       *wire.Envelope
	transport Transport
	log       *slog.Logger
	started   time.Time

	slots    chan struct{} // of inbound streams
	outbound chan struct{} // of outbound ones
	work     sync.WaitGroup
	closed   context.Context
	close    context.CancelFunc
	stopped  chan struct{} // closed when the core has stopped

	changing sync.Mutex // of the keys; never with mu

	mu        sync.Mutex
	unblocked sync.Cond // on mu: Block has ended
	node      *swim.Node
	policy    watcher
	rng       *rand.Rand
	out       swim.Output
	dir       directory
	vivaldi   *vivaldi.Member[swim.ID]

	timer *time.Timer
	spare *time.Timer   // not set
	armed time.Duration // for when timer is set
	isEnd bool          // Shutdown has begun
	// drainUntil is until when a member that was woken late reads what has come, and looks
	// at nothing that is due; 0 if it was not.
	drainUntil time.Duration
	leaving    bool // Leave has
	farewell   bool // and the core has been told to
	conns      map[net.Conn]struct{}

	seqBase  uint32 // what others see of the core's numbers begins anywhere
	flights  [16]flight
	flown    int
	announce time.Duration // when the present incarnation was; 0 once others have repeated it

	// Scratch for one input or output at a time.
	writer   *wire.PacketWriter
	body     []byte
	payload  []byte
	list     []byte        // this member's part in an exchange of lists, in the making
	joinEcho bool          // it repeats the asker's Join
	disputed []swim.Update // whose end the asker has not heard of
	missing  int           // lists in a row that this member was not on
	news     [1]swim.Update
	inbound  inbound

	gossip  broadcasts
	faults  faults
	clock   uint64 // Serf's logical time
	queries queries

	limits    struct{ relays, answers, conflicts bucket }
	sweepAt   time.Duration // when the gone are next looked through
	trimAt    time.Duration // when unused memory is next given back
	fullUntil time.Duration // until then no room is looked for on the list
	stats     stats
	subs      []*Subscription
}

// flight is a ping on its way, for its round trip.
type flight struct {
	seq    uint32
	target swim.ID
	at     time.Duration
}

// Start has a member begin: a group of one, until it joins others or they it.
func Start(cfg Config) (*Member, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	meta, err := cfg.meta()
	if err != nil {
		return nil, err
	}
	env, err := wire.NewEnvelope(wire.Options{
		Label: cfg.Label, Keys: cfg.Keys, AcceptPlain: cfg.AcceptPlain, SendPlain: cfg.SendPlain,
		Compress: cfg.Compress, MaxStream: cfg.Limits.StreamBytes,
	})
	if err != nil {
		return nil, err
	}
	writer, err := env.NewPacketWriter(cfg.PacketBytes)
	if err != nil {
		return nil, err
	}
	transport := cfg.Transport
	if transport == nil {
		bind := cfg.Bind
		if bind == "" {
			bind = "0.0.0.0:7946"
		}
		if transport, err = Listen(bind); err != nil {
			return nil, err
		}
	}
	m, err := newMember(cfg, transport, env, writer, meta)
	if err != nil {
		return nil, errors.Join(err, transport.Close())
	}
	m.begin()
	return m, nil
}

func newMember(cfg Config, transport Transport, env *wire.Envelope, writer *wire.PacketWriter, meta []byte) (*Member, error) {
	m := &Member{
		cfg: cfg, name: []byte(cfg.Name), versions: cfg.Family.versions().Bytes(), env: env, transport: transport,
		log: cfg.Log, writer: writer, started: time.Now(), armed: never,
		slots: make(chan struct{}, cfg.Limits.Streams), outbound: make(chan struct{}, cfg.Limits.Outbound),
		stopped: make(chan struct{}), conns: map[net.Conn]struct{}{},
		dir: directory{limit: cfg.Limits.Members},
	}
	if m.log == nil {
		m.log = slog.New(slog.DiscardHandler)
	}
	var err error
	if m.advertise, err = advertised(&cfg, transport.Addr()); err != nil {
		return nil, err
	}
	m.closed, m.close = context.WithCancel(context.Background())
	m.unblocked.L = &m.mu
	m.limits.relays, m.limits.answers, m.limits.conflicts = newBucket(cfg.Limits.Relays), newBucket(cfg.Limits.Answers), newBucket(1)
	m.gossip.limit = cfg.Limits.Broadcasts
	m.queries = newQueries(cfg.Limits)
	m.rng = rand.New(rand.NewPCG(seeds(cfg.Seed)))
	m.seqBase = m.rng.Uint32()
	if !cfg.NoCoordinates && cfg.Family.hasSerf() {
		if m.vivaldi, err = vivaldi.NewMember[swim.ID](vivaldi.Serf(), m.rng); err != nil {
			return nil, err
		}
	}

	m.dir.add(m.name)
	m.dir.at(self).is(m.advertise, cfg.Family.versions(), meta)

	// The core asks how large news is, so that datagrams are filled to the last byte.
	m.cfg.Protocol.Sizer = newSizer(m)
	m.cfg.Protocol.PacketBytes = cfg.PacketBytes - env.Overhead() - compoundBytes
	m.node = swim.NewNode(self, m.cfg.Protocol, swim.NewDenseTable(), m.rng)
	m.policy.Policy = lifeguard.New(m.cfg.Protocol, cfg.Lifeguard)
	m.policy.Doubt(cfg.FirstDoubt)
	m.node.Adapt(&m.policy)
	return m, nil
}

// begin starts the core, in an incarnation that others list, and the goroutines.
func (m *Member) begin() {
	m.inbound.visit = m.message
	m.mu.Lock()
	defer m.mu.Unlock()
	// At any phase: members that are started together do not probe together.
	m.node.Start(time.Duration(m.rng.Int64N(int64(m.cfg.Protocol.ProtocolPeriod))))
	for range uint64(m.cfg.Incarnation) + 1 {
		m.node.Announce(&m.out)
	}
	m.timer, m.spare = time.AfterFunc(time.Hour, m.wake), time.AfterFunc(time.Hour, m.wake)
	m.timer.Stop()
	m.spare.Stop()
	m.settle(m.input())
	m.work.Add(2)
	go m.readPackets()
	go m.accept()
}

// seeds are those of a generator from the configuration's one, or from anywhere.
func seeds(seed uint64) (uint64, uint64) {
	if seed != 0 {
		return seed, 0x6c697665
	}
	var b [16]byte
	_, _ = crand.Read(b[:]) // never fails
	return binary.LittleEndian.Uint64(b[:8]), binary.LittleEndian.Uint64(b[8:])
}

func advertised(cfg *Config, bound netip.AddrPort) (netip.AddrPort, error) {
	a := unmap(cfg.Advertise)
	if !cfg.Advertise.IsValid() {
		a = bound
	}
	if a.Port() == 0 {
		a = netip.AddrPortFrom(a.Addr(), bound.Port())
	}
	if !a.Addr().IsUnspecified() {
		return a, nil
	}
	ip, err := interfaceAddr(a.Addr().Is4())
	if err != nil {
		return a, err
	}
	return netip.AddrPortFrom(ip, a.Port()), nil
}

// interfaceAddr is the first private address of this machine, as memberlist takes it.
func interfaceAddr(want4 bool) (netip.Addr, error) {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return netip.Addr{}, err
	}
	for _, a := range addrs {
		if p, ok := a.(*net.IPNet); ok {
			ip, _ := netip.AddrFromSlice(p.IP)
			if ip = ip.Unmap(); ip.IsPrivate() && (ip.Is4() || !want4) {
				return ip, nil
			}
		}
	}
	return netip.Addr{}, errors.New("live: bound to every address, and none of this machine's is private; want Config.Advertise")
}

// now is the core's time.
func (m *Member) now() time.Duration { return time.Since(m.started) }

const never = time.Duration(1<<63 - 1)

// input begins an input to the core, and gives its time.
func (m *Member) input() time.Duration {
	now := m.now()
	m.node.CatchUp(now)
	return now
}

// settle does what the core wants done after an input, and sets the timer.
func (m *Member) settle(now time.Duration) {
	for i := range m.out.Sends {
		m.send(&m.out.Sends[i], now)
	}
	for i := range m.out.Events {
		m.happened(m.out.Events[i], now)
	}
	m.out.Reset()
	m.arm(now)
}

// arm sets the timer for what is due next. It is put off, too: to set a timer takes a
// small part of what it takes to wake up for nothing. One that is put off stays where it
// is in the runtime's queue and wakes the process once more all the same, while one that
// is stopped is taken out: so it is stopped, and the spare one is set.
func (m *Member) arm(now time.Duration) {
	// What is overdue waits while a member that was late reads first.
	due := max(min(m.node.Rest(), m.gossip.deadline(), m.faults.deadline()), m.drainUntil)
	if due == m.armed || m.isEnd {
		return
	}
	if due > m.armed {
		m.timer.Stop()
		m.timer, m.spare = m.spare, m.timer
	}
	m.armed = due
	if due != never {
		m.timer.Reset(due - now)
	}
}

// wake is the timer's: it gives the core what is due.
func (m *Member) wake() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.isEnd {
		return
	}
	now := m.input()
	due := m.armed
	m.armed = never
	// To be late a second time, at the end of the reading, puts nothing off.
	if late := m.cfg.Lateness; late.After > 0 && due != never && now-due > late.After && due != m.drainUntil {
		m.late(now, now-due)
		return
	}
	m.drainUntil = 0
	m.faults.release(m, now)
	m.spreadBroadcasts(now)
	m.node.Tick(now, &m.out)
	m.settle(now)
	m.forgetTheGone(now)
	m.trim(now)
}

// trim gives back, once in a while, what a burst of news has taken. There is no more of
// it for most of a member's life.
func (m *Member) trim(now time.Duration) {
	const every = 10 * time.Second
	if now < m.trimAt {
		return
	}
	m.trimAt = now + every
	if m.node.Trim() {
		m.out = swim.Output{}
		m.writer.Trim()
		m.body = nil
	}
}

// forgetTheGone forgets, once in a while, who has been gone for long.
func (m *Member) forgetTheGone(now time.Duration) {
	const every = time.Minute
	if now < m.sweepAt {
		return
	}
	m.sweepAt = now + every
	for i := range m.dir.peers {
		id := swim.ID(i)
		if p := m.dir.at(id); p != nil && id != self && now-p.since >= m.cfg.ForgetAfter && !m.node.Lookup(id).State.InGroup() {
			m.forget(id)
		}
	}
}

// late puts off what is overdue until what has come meanwhile is read, and doubts
// the member's own health.
func (m *Member) late(now, by time.Duration) {
	m.stats.late++
	m.policy.Doubt(m.cfg.Lateness.Doubt)
	m.publish(Event{Kind: Late, Member: m.cfg.Name, By: m.cfg.Name, Delay: by}, now)
	m.drainUntil = now + m.cfg.Lateness.Drain
	m.armed = m.drainUntil
	m.timer.Reset(m.cfg.Lateness.Drain)
}

// Shutdown ends the member at once; others find out by themselves, unless it has
// left before. It waits for the member's goroutines.
func (m *Member) Shutdown() error {
	m.mu.Lock()
	if m.isEnd {
		m.mu.Unlock()
		m.work.Wait()
		return nil
	}
	m.isEnd = true
	m.timer.Stop()
	m.faults.blocked = false
	m.unblocked.Broadcast()
	for c := range m.conns {
		_ = c.Close()
	}
	subs := m.subs
	m.subs = nil
	m.mu.Unlock()
	m.close()
	err := m.transport.Close()
	m.work.Wait()
	for _, s := range subs {
		close(s.c)
	}
	return err
}

// watcher is Lifeguard's policy, and remembers how the last probe ended: it is why
// its target is suspected.
type watcher struct {
	*lifeguard.Policy
	last swim.ProbeResult
}

func (w *watcher) ProbeEnded(r swim.ProbeResult) {
	w.last = r
	w.Policy.ProbeEnded(r)
}
