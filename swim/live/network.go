package live

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"
)

// Network is a network in memory, for tests of whatever is built on members. Under
// testing/synctest its time is virtual, and a test of minutes takes milliseconds.
type Network struct {
	// Latency is how long a datagram is on its way, and the opening of a stream;
	// nil is no time at all. It is called with the lock held.
	Latency func(from, to netip.AddrPort) time.Duration

	mu    sync.Mutex
	hosts map[netip.AddrPort]*host
	next  uint16
}

// host is one Transport in a Network.
type host struct {
	net     *Network
	addr    netip.AddrPort
	packets chan packet
	streams chan net.Conn
	done    chan struct{}
	close   sync.Once
}

type packet struct {
	from netip.AddrPort
	body []byte
}

// inbox is how many datagrams wait for a host before more are lost.
const inbox = 1024

// Listen gives a new host of the network's, at an address of its own.
func (n *Network) Listen() Transport {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.hosts == nil {
		n.hosts = map[netip.AddrPort]*host{}
	}
	n.next++
	h := &host{
		net: n, addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(n.next >> 8), byte(n.next)}), DefaultPort),
		packets: make(chan packet, inbox), streams: make(chan net.Conn, 128), done: make(chan struct{}),
	}
	n.hosts[h.addr] = h
	return h
}

func (n *Network) find(from, to netip.AddrPort) (h *host, latency time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if h = n.hosts[to]; h != nil && n.Latency != nil {
		latency = n.Latency(from, to)
	}
	return h, latency
}

func (h *host) ReadPacket(p []byte) (int, netip.AddrPort, error) {
	select {
	case x := <-h.packets:
		return copy(p, x.body), x.from, nil
	case <-h.done:
		return 0, netip.AddrPort{}, net.ErrClosed
	}
}

func (h *host) WritePacket(p []byte, to netip.AddrPort) error {
	other, latency := h.net.find(h.addr, to)
	if other == nil {
		return nil // as on a real network: nobody says that nobody is there
	}
	x := packet{h.addr, append([]byte(nil), p...)}
	deliver := func() {
		select {
		case other.packets <- x:
		default:
		}
	}
	if latency == 0 {
		deliver()
	} else {
		time.AfterFunc(latency, deliver)
	}
	return nil
}

var errRefused = errors.New("connection refused")

func (h *host) Dial(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	other, latency := h.net.find(h.addr, to)
	if other == nil {
		return nil, errRefused
	}
	t := time.NewTimer(latency)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	near, far := net.Pipe()
	select {
	case other.streams <- far:
		select {
		case <-other.done: // Close may have looked through its streams before this one was there
			_ = far.Close()
			return nil, errRefused
		default:
		}
		return near, nil
	case <-other.done:
		return nil, errRefused
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (h *host) Accept() (net.Conn, error) {
	select {
	case c := <-h.streams:
		return c, nil
	case <-h.done:
		return nil, net.ErrClosed
	}
}

func (h *host) Addr() netip.AddrPort { return h.addr }

// Close takes the host off the network. Streams that it has not accepted end.
func (h *host) Close() error {
	h.close.Do(func() {
		h.net.mu.Lock()
		delete(h.net.hosts, h.addr)
		h.net.mu.Unlock()
		close(h.done)
		for {
			select {
			case c := <-h.streams:
				_ = c.Close()
			default:
				return
			}
		}
	})
	return nil
}
