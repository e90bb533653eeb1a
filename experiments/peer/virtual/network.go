package virtual

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"time"

	"github.com/hashicorp/memberlist"

	"github.com/swimlab/swimlab/experiments/sim"
)

// port is the same at every member; they differ in their addresses.
const port = 7946

// network carries the datagrams and streams of a group in memory.
type network struct {
	sim.Network
	endpoints []*endpoint
	byAddress map[string]*endpoint
	onSent    func(from, bytes int)

	mu     sync.Mutex
	rng    *rand.Rand
	inside map[*endpoint]int // how many partitions a member is cut off by
}

func newNetwork(section sim.Network, rng *rand.Rand) *network {
	return &network{Network: section, rng: rng, byAddress: map[string]*endpoint{}, inside: map[*endpoint]int{}}
}

// draw samples a distribution.
func (n *network) draw(d sim.Distribution) time.Duration {
	n.mu.Lock()
	defer n.mu.Unlock()
	return d.Sample(n.rng)
}

// chance is true with a probability.
func (n *network) chance(p sim.Fraction) bool {
	if p == 0 {
		return false
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.rng.Float64() < float64(p)
}

// latency draws the time that a message is on its way.
func (n *network) latency() time.Duration { return n.draw(n.Latency) + n.draw(n.Jitter) }

// reaches says whether no partition lies between two members.
func (n *network) reaches(a, b *endpoint) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return (n.inside[a] > 0) == (n.inside[b] > 0)
}

func (n *network) cut(e *endpoint, by int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.inside[e] += by
}

// instant is the time that reading a datagram takes at least in virtual time, which
// passes only when everybody waits, so that each datagram is wholly handled before the
// next is read. Without it, of a backlog all pings are answered before the first suspicion
// is looked at, because the library hands those to another goroutine, which does not
// get its turn: no ack would then bear the refutation, as some do on real processors.
// With it no refutation overtakes a suspicion in a backlog, as many do there, where
// the handling goroutine takes them first: in real time memberlist has a third of the
// false positives under Lifeguard (agreement/loopback-slow-members).
const instant = time.Nanosecond

// endpoint is a member's interface to the network: the transport of its
// memberlist.
type endpoint struct {
	net  *network
	id   int
	ip   net.IP
	gate *gate

	packets chan *memberlist.Packet
	streams chan net.Conn

	mu       sync.Mutex
	waiting  []*memberlist.Packet // arrived and not read: the socket's buffer
	held     int                  // their size as the kernel accounts for it
	room     int                  // how much that may be; 0 is any
	readTime time.Duration        // what reading a datagram takes; 0 is nothing, in real time
	resume   time.Duration        // how late a task goes on that was held up in a send
	accepts  []*stream            // connections that are established and not accepted
	arrived  chan struct{}        // closed, and made anew, when something joins them
	dropped  int                  // datagrams that found no room
}

var _ memberlist.NodeAwareTransport = (*endpoint)(nil)

// attach makes the endpoint of the next member.
func (n *network) attach(p Peer) *endpoint {
	id := len(n.endpoints)
	e := &endpoint{
		net: n, id: id, ip: net.IPv4(10, byte(id>>16), byte(id>>8), byte(id)).To4(), gate: newGate(), room: p.ReceiveBuffer, readTime: p.leastReadTime(), resume: p.ResumeTime,
		packets: make(chan *memberlist.Packet), streams: make(chan net.Conn), arrived: make(chan struct{}),
	}
	n.endpoints = append(n.endpoints, e)
	n.byAddress[e.address()] = e
	go e.readPackets()
	go e.acceptStreams()
	return e
}

func (e *endpoint) address() string { return fmt.Sprintf("%s:%d", e.ip, port) }

func (e *endpoint) count(bytes int) {
	if !e.gate.isRemoved() {
		e.net.onSent(e.id, bytes)
	}
}

// FinalAdvertiseAddr implements [memberlist.Transport].
func (e *endpoint) FinalAdvertiseAddr(string, int) (net.IP, int, error) { return e.ip, port, nil }

// WriteTo implements [memberlist.Transport].
func (e *endpoint) WriteTo(b []byte, addr string) (time.Time, error) {
	return e.WriteToAddress(b, memberlist.Address{Addr: addr})
}

// WriteToAddress implements [memberlist.NodeAwareTransport].
func (e *endpoint) WriteToAddress(b []byte, to memberlist.Address) (time.Time, error) {
	e.count(len(b))
	wanted := time.Now()
	if !e.gate.pass() {
		return time.Time{}, net.ErrClosed
	}
	if e.resume > 0 && time.Since(wanted) > 0 {
		time.Sleep(e.resume)
	}
	now := time.Now()
	there, known := e.net.byAddress[to.Addr]
	if !known || !e.net.reaches(e, there) || e.net.chance(e.net.Loss) {
		return now, nil
	}
	copies := 1
	if e.net.chance(e.net.Duplicate) {
		copies = 2
	}
	for range copies {
		time.AfterFunc(e.net.latency(), func() { there.arrive(b, e) })
	}
	return now, nil
}

// arrive puts a datagram into the socket's buffer, if there is room.
func (e *endpoint) arrive(b []byte, from *endpoint) {
	if e.gate.isRemoved() {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.room > 0 && e.held >= e.room { // the kernel refuses what comes after the limit is passed
		e.dropped++
		return
	}
	e.held += accounted(len(b))
	e.waiting = append(e.waiting, &memberlist.Packet{Buf: b, From: &net.UDPAddr{IP: from.ip, Port: port}, Timestamp: time.Now()})
	e.wake()
}

// accounted is what Linux counts against a socket's buffer for a datagram: its
// bookkeeping, and the block of memory that holds headers, payload and more
// bookkeeping.
func accounted(payload int) int {
	const skb, headers, shared = 256, 64, 320
	return skb + 1<<bits.Len(uint(payload+headers+shared-1))
}

func (e *endpoint) wake() {
	close(e.arrived)
	e.arrived = make(chan struct{})
}

// lockWhen waits until there is something, and leaves the endpoint locked; it is
// false, and the endpoint not locked, once the member has been removed.
func (e *endpoint) lockWhen(something func() bool) bool {
	for {
		e.mu.Lock()
		if something() {
			return true
		}
		arrived := e.arrived
		e.mu.Unlock()
		select {
		case <-arrived:
		case <-e.gate.removed:
			return false
		}
	}
}

// readPackets is the loop that reads the socket: one datagram after the other,
// each received first and held at the gate then, if the gate is shut.
func (e *endpoint) readPackets() {
	for {
		if !e.lockWhen(func() bool { return len(e.waiting) > 0 }) {
			return
		}
		p := e.waiting[0]
		e.waiting[0] = nil
		e.waiting = e.waiting[1:]
		e.held -= accounted(len(p.Buf))
		e.mu.Unlock()
		if !e.gate.pass() {
			return
		}
		if e.readTime > 0 {
			time.Sleep(e.readTime)
		}
		select {
		case e.packets <- p:
		case <-e.gate.removed:
			return
		}
	}
}

// acceptStreams is the loop that accepts connections.
func (e *endpoint) acceptStreams() {
	for {
		if !e.lockWhen(func() bool { return len(e.accepts) > 0 }) {
			return
		}
		s := e.accepts[0]
		e.accepts = e.accepts[1:]
		e.mu.Unlock()
		if !e.gate.pass() {
			return
		}
		select {
		case e.streams <- s:
		case <-e.gate.removed:
			return
		}
	}
}

// PacketCh implements [memberlist.Transport].
func (e *endpoint) PacketCh() <-chan *memberlist.Packet { return e.packets }

// StreamCh implements [memberlist.Transport].
func (e *endpoint) StreamCh() <-chan net.Conn { return e.streams }

// DialTimeout implements [memberlist.Transport].
func (e *endpoint) DialTimeout(addr string, timeout time.Duration) (net.Conn, error) {
	return e.DialAddressTimeout(memberlist.Address{Addr: addr}, timeout)
}

// DialAddressTimeout implements [memberlist.NodeAwareTransport]. The kernel of a
// member that is held back still takes the connection; that of a crashed one, a
// machine that is gone, answers nothing.
func (e *endpoint) DialAddressTimeout(to memberlist.Address, timeout time.Duration) (net.Conn, error) {
	if !e.gate.pass() {
		return nil, net.ErrClosed
	}
	failed := func() (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: os.ErrDeadlineExceeded}
	}
	roundTrip := e.net.latency() + e.net.latency()
	if timeout < roundTrip {
		time.Sleep(max(timeout, 0))
		return failed()
	}
	there, known := e.net.byAddress[to.Addr]
	if !known || there.gate.isRemoved() || !e.net.reaches(e, there) {
		time.Sleep(timeout)
		return failed()
	}
	time.Sleep(roundTrip)
	here, beyond := connect(e, there)
	there.mu.Lock()
	there.accepts = append(there.accepts, beyond)
	there.wake()
	there.mu.Unlock()
	return here, nil
}

// Shutdown implements [memberlist.Transport].
func (e *endpoint) Shutdown() error {
	e.gate.remove()
	return nil
}
