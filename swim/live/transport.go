package live

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
)

// Transport is a member's way to the others: datagrams that may be lost, and
// streams. [Listen] is the real one; [Network] is one in memory, for tests.
type Transport interface {
	// ReadPacket waits for a datagram and puts as much of it into p as fits.
	ReadPacket(p []byte) (n int, from netip.AddrPort, err error)
	// WritePacket sends a datagram. It must not keep p, and must not wait for long.
	WritePacket(p []byte, to netip.AddrPort) error
	// Dial opens a stream.
	Dial(ctx context.Context, to netip.AddrPort) (net.Conn, error)
	// Accept waits for a stream.
	Accept() (net.Conn, error)
	// Addr is where the others' datagrams and streams come in.
	Addr() netip.AddrPort
	// Close ends all waiting.
	Close() error
}

type sockets struct {
	udp *net.UDPConn
	tcp *net.TCPListener
}

// Listen opens the sockets at an address: one for datagrams, one for streams,
// with the same port.
func Listen(address string) (Transport, error) {
	at, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("live: bind address %q is not valid: %w; want ip:port", address, err)
	}
	// A free port for streams need not be free for datagrams.
	const tries = 16
	for range tries {
		var t *sockets
		if t, err = listen(at); err == nil {
			return t, nil
		}
		if at.Port != 0 {
			break
		}
	}
	return nil, fmt.Errorf("live: binding %s: %w", address, err)
}

func listen(at *net.TCPAddr) (*sockets, error) {
	tcp, err := net.ListenTCP("tcp", at)
	if err != nil {
		return nil, err
	}
	port := tcp.Addr().(*net.TCPAddr).Port
	udp, err := net.ListenUDP("udp", &net.UDPAddr{IP: at.IP, Port: port, Zone: at.Zone})
	if err != nil {
		return nil, errors.Join(err, tcp.Close())
	}
	// As memberlist asks for: room for what comes while the process does not run.
	_ = udp.SetReadBuffer(2 << 20) // the system may grant less
	return &sockets{udp, tcp}, nil
}

func (t *sockets) ReadPacket(p []byte) (int, netip.AddrPort, error) {
	n, from, err := t.udp.ReadFromUDPAddrPort(p)
	return n, unmap(from), err
}

func (t *sockets) WritePacket(p []byte, to netip.AddrPort) error {
	_, err := t.udp.WriteToUDPAddrPort(p, to)
	return err
}

func (t *sockets) Dial(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, "tcp", to.String())
}

func (t *sockets) Accept() (net.Conn, error) { return t.tcp.Accept() }

func (t *sockets) Addr() netip.AddrPort {
	return unmap(t.udp.LocalAddr().(*net.UDPAddr).AddrPort())
}

func (t *sockets) Close() error { return errors.Join(t.udp.Close(), t.tcp.Close()) }

// unmap gives an IPv4 address in its short form, so that equal ones are equal.
func unmap(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}
