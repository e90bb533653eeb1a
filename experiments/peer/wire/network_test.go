package wire

import (
	"bytes"
	"errors"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/memberlist"
)

// network connects members in memory and writes down what they say.
type network struct {
	mu        sync.Mutex
	members   map[string]*transport
	datagrams [][]byte
	streams   []*end
}

// transport is one member's network card; it implements [memberlist.Transport].
type transport struct {
	net     *network
	addr    *net.UDPAddr
	packets chan *memberlist.Packet
	accepts chan net.Conn
	// deaf drops datagrams that come in, and closed refuses streams either way.
	deaf, closed bool
}

func (n *network) join(addr string) *transport {
	udp, err := net.ResolveUDPAddr("udp", addr)
	if err != nil {
		panic(err)
	}
	t := &transport{net: n, addr: udp, packets: make(chan *memberlist.Packet, 1024), accepts: make(chan net.Conn, 64)}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.members[addr] = t
	return t
}

// set makes a member deaf and closed, or not.
func (t *transport) set(deaf, closed bool) {
	t.net.mu.Lock()
	defer t.net.mu.Unlock()
	t.deaf, t.closed = deaf, closed
}

func (t *transport) FinalAdvertiseAddr(string, int) (net.IP, int, error) {
	return t.addr.IP, t.addr.Port, nil
}

func (t *transport) WriteTo(b []byte, addr string) (time.Time, error) {
	t.net.mu.Lock()
	defer t.net.mu.Unlock()
	now := time.Now()
	t.net.datagrams = append(t.net.datagrams, slices.Clone(b))
	if to := t.net.members[addr]; to != nil && !to.deaf {
		to.packets <- &memberlist.Packet{Buf: slices.Clone(b), From: t.addr, Timestamp: now}
	}
	return now, nil
}

func (t *transport) DialTimeout(addr string, _ time.Duration) (net.Conn, error) {
	t.net.mu.Lock()
	defer t.net.mu.Unlock()
	to := t.net.members[addr]
	if to == nil || to.closed || t.closed {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	}
	a, b := net.Pipe()
	opener, other := &end{Conn: a, local: t.addr, remote: to.addr, opener: true}, &end{Conn: b, local: to.addr, remote: t.addr}
	t.net.streams = append(t.net.streams, opener, other)
	to.accepts <- other
	return opener, nil
}

func (t *transport) PacketCh() <-chan *memberlist.Packet { return t.packets }
func (t *transport) StreamCh() <-chan net.Conn           { return t.accepts }
func (t *transport) Shutdown() error                     { return nil }

// end is one end of a stream; it writes down what is written to it.
type end struct {
	net.Conn
	local, remote *net.UDPAddr
	opener        bool
	mu            sync.Mutex
	written       bytes.Buffer
}

func (e *end) Write(b []byte) (int, error) {
	n, err := e.Conn.Write(b)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.written.Write(b[:n])
	return n, err
}

func (e *end) LocalAddr() net.Addr  { return &net.TCPAddr{IP: e.local.IP, Port: e.local.Port} }
func (e *end) RemoteAddr() net.Addr { return &net.TCPAddr{IP: e.remote.IP, Port: e.remote.Port} }
