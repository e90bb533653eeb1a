package live

import (
	"net/netip"
	"time"
)

// Faults are what experiments do to a member's traffic, in the shell: neither root
// nor a traffic shaper is needed. Streams are left alone but by CutStreams.
type Faults struct {
	// LossOut and LossIn are the share of datagrams lost on their way out and in,
	// 0 to 1.
	LossOut, LossIn float64
	// Delay holds every outgoing datagram back for so long, and for up to Jitter
	// more. Delays reorder.
	Delay, Jitter time.Duration
	// Cut says with whom no datagram is exchanged, in either direction; nil is
	// nobody. It is called under the member's lock: it must not call the member.
	Cut func(netip.AddrPort) bool
	// CutStreams has no stream be opened to those either: who tries waits in vain.
	CutStreams bool
}

// faults is Faults at work.
type faults struct {
	Faults
	active  bool // there is something to do for each datagram
	blocked bool
	delayed []parcel // in the order of time
	outbox  []parcel // what it wanted to send while blocked
	bytes   int      // of both
}

// parcel is a datagram that waits.
type parcel struct {
	at     time.Duration
	to     netip.AddrPort
	packet []byte
}

// maxHeldBytes bounds what waits: more is lost, as it is where a network is full.
const maxHeldBytes = 4 << 20

// SetFaults has the member's traffic suffer from now on. The zero Faults ends it;
// what is delayed still goes.
func (m *Member) SetFaults(f Faults) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.faults.Faults = f
	m.faults.activate()
}

func (f *faults) activate() {
	f.active = f.blocked || f.LossOut > 0 || f.LossIn > 0 || f.Delay > 0 || f.Jitter > 0 || f.Cut != nil
}

// Block holds up all that the member sends and reads, as a blocked system call
// would, while its timers go on: the anomaly that Lifeguard's authors injected
// (see [swim.Node.Hold]). Unblock ends it: at one instant what waited is sent and the
// tasks of the protocol go on, and then what came is read. A ping that waited is thus
// judged before its ack can come, and news is read after it was judged without, as in
// the simulator and for the reasons in swim/DEPLOYED.md.
func (m *Member) Block() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.faults.blocked = true
	m.faults.activate()
	m.node.Hold()
}

// Unblock ends a Block.
func (m *Member) Unblock() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.faults.blocked || m.isEnd {
		return
	}
	f := &m.faults
	f.blocked = false
	f.activate()
	now := m.input()
	for _, p := range f.outbox {
		f.bytes -= len(p.packet)
		if !f.active || !f.take(m, p.packet, p.to, now) {
			m.write(p.packet, p.to)
		}
	}
	f.outbox = nil
	m.node.Release(now, &m.out)
	m.settle(now)
	m.unblocked.Broadcast()
}

// waitWhileBlocked has a goroutine that wants to send wait.
func (m *Member) waitWhileBlocked() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for m.faults.blocked && !m.isEnd {
		m.unblocked.Wait()
	}
}

// cutOff says whether no stream can be opened to an address.
func (m *Member) cutOff(to netip.AddrPort) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.faults.CutStreams && m.faults.Cut != nil && m.faults.Cut(to)
}

// take says whether an outgoing datagram was lost, or is kept for later.
func (f *faults) take(m *Member, packet []byte, to netip.AddrPort, now time.Duration) bool {
	switch {
	case f.blocked:
		f.keep(&f.outbox, parcel{to: to, packet: packet})
		return true
	case f.Cut != nil && f.Cut(to), f.LossOut > 0 && m.rng.Float64() < f.LossOut:
		m.stats.lost++
		return true
	case f.Delay > 0 || f.Jitter > 0:
		at := now + f.Delay
		if f.Jitter > 0 {
			at += time.Duration(m.rng.Int64N(int64(f.Jitter)))
		}
		f.keep(&f.delayed, parcel{at, to, packet})
		return true
	}
	return false
}

// keep has a copy of a datagram wait, behind those that are due no later.
func (f *faults) keep(queue *[]parcel, p parcel) {
	if f.bytes+len(p.packet) > maxHeldBytes {
		return
	}
	p.packet = append([]byte(nil), p.packet...)
	f.bytes += len(p.packet)
	q := append(*queue, p)
	for i := len(q) - 1; i > 0 && q[i-1].at > q[i].at; i-- {
		q[i-1], q[i] = q[i], q[i-1]
	}
	*queue = q
}

// loses says whether an incoming datagram is lost.
func (f *faults) loses(m *Member, from netip.AddrPort) bool {
	if f.Cut != nil && f.Cut(from) || f.LossIn > 0 && m.rng.Float64() < f.LossIn {
		m.stats.lost++
		return true
	}
	return false
}

// deadline is when a delayed datagram is due.
func (f *faults) deadline() time.Duration {
	if len(f.delayed) == 0 {
		return never
	}
	return f.delayed[0].at
}

// release sends what is due, also during a block: it is on its way.
func (f *faults) release(m *Member, now time.Duration) {
	for len(f.delayed) > 0 && f.delayed[0].at <= now {
		p := f.delayed[0]
		f.delayed = f.delayed[1:]
		f.bytes -= len(p.packet)
		m.write(p.packet, p.to)
	}
}
