package live

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/swimlab/swimlab/swim/live/wire"
)

// DefaultPort is the port of an address that has none: memberlist's.
const DefaultPort = 7946

// JoinError says why no address could be joined.
type JoinError struct {
	// Failed are the addresses in the order given.
	Failed []AddressError
}

// AddressError is what went wrong with one address, the last time it was tried.
type AddressError struct {
	Address string
	Tries   int
	Err     error
}

func (e *AddressError) Error() string {
	tries := "once"
	if e.Tries != 1 {
		tries = fmt.Sprintf("%d times", e.Tries)
	}
	return fmt.Sprintf("%s (tried %s): %v", e.Address, tries, e.Err)
}

func (e *AddressError) Unwrap() error { return e.Err }

func (e *JoinError) Error() string {
	parts := make([]string, len(e.Failed))
	for i := range e.Failed {
		parts[i] = e.Failed[i].Error()
	}
	return "live: no member could be joined: " + strings.Join(parts, "; ")
}

// Unwrap gives the errors of the addresses.
func (e *JoinError) Unwrap() []error {
	errs := make([]error, len(e.Failed))
	for i := range e.Failed {
		errs[i] = &e.Failed[i]
	}
	return errs
}

// Join has the member join the groups that it finds at addresses, "host",
// "host:port" or "ip:port", by an exchange of lists with each. It returns how many
// of them answered. Those that did not are tried again, less and less often, until
// one has answered, ctx is done, or all fail for a reason that no waiting mends: other keys
// or none, versions of another family, that the other refuses what it is told, as for
// another label, or a port that nobody can have. What went wrong with each is then a [JoinError].
//
// The member knows the group when Join returns, and not yet the group the member. Gossip
// takes less than a second, but now and then misses somebody, who learns of the
// member from the next exchange of lists (experiments/joining).
func (m *Member) Join(ctx context.Context, addresses ...string) (int, error) {
	if len(addresses) == 0 {
		return 0, nil
	}
	failed := make([]AddressError, len(addresses))
	for i, a := range addresses {
		failed[i].Address = a
	}
	const first, longest = 100 * time.Millisecond, 5 * time.Second
	for wait := first; ; wait = min(2*wait, longest) {
		joined := m.joinEach(ctx, failed)
		if joined > 0 {
			m.joined()
			return joined, nil
		}
		if !slices.ContainsFunc(failed, func(a AddressError) bool { return !isLasting(a.Err) }) {
			return 0, &JoinError{Failed: failed}
		}
		m.mu.Lock()
		pause := wait/2 + time.Duration(m.rng.Int64N(int64(wait)))
		m.mu.Unlock()
		t := time.NewTimer(pause)
		select {
		case <-t.C:
			continue
		case <-ctx.Done():
		case <-m.closed.Done():
		}
		t.Stop()
		return 0, &JoinError{Failed: failed}
	}
}

// isLasting says whether it takes another configuration, or address, to join.
func isLasting(err error) bool {
	var no refused
	var port badPort
	return errors.Is(err, wire.NotDecrypted) || errors.Is(err, wire.Incompatible) || errors.As(err, &no) || errors.As(err, &port)
}

// joinEach tries all addresses at a time, but not more than there may be streams.
func (m *Member) joinEach(ctx context.Context, all []AddressError) (joined int) {
	var wg sync.WaitGroup
	room := make(chan struct{}, m.cfg.Limits.Outbound)
	for i := range all {
		room <- struct{}{}
		wg.Go(func() {
			defer func() { <-room }()
			a := &all[i]
			a.Tries++
			a.Err = m.joinOne(ctx, a.Address)
		})
	}
	wg.Wait()
	for i := range all {
		if all[i].Err == nil {
			joined++
		}
	}
	return joined
}

// joinOne joins whoever is at one of a host's addresses.
func (m *Member) joinOne(ctx context.Context, address string) error {
	addrs, err := resolve(ctx, address)
	if err != nil {
		return err
	}
	var errs []error
	for _, to := range addrs {
		if to == m.advertise {
			errs = append(errs, errors.New("is this member itself"))
			continue
		}
		if err := m.joinAt(ctx, to); err != nil {
			errs = append(errs, err)
			continue
		}
		return nil
	}
	return errors.Join(errs...)
}

func (m *Member) joinAt(ctx context.Context, to netip.AddrPort) error {
	ctx, cancel := context.WithTimeout(ctx, m.cfg.StreamTimeout)
	defer cancel()
	m.mu.Lock()
	if m.isEnd || m.node.Stopped() {
		m.mu.Unlock()
		return net.ErrClosed
	}
	now := m.input()
	m.node.Exchange(now, stranger, &m.out)
	m.settle(now)
	list := m.takeList()
	m.mu.Unlock()
	if len(list) == 0 {
		return errors.New("this member is leaving")
	}
	return m.exchange(ctx, to, list)
}

// joined tells Serf's members, which else might go on taking this one for one that
// is about to leave, by a former life's intent.
func (m *Member) joined() {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.input()
	m.announceJoin(now)
	m.settle(now)
}

// badPort is a port that nobody can have.
type badPort string

func (p badPort) Error() string {
	return fmt.Sprintf("port %q is not valid; want 1 to 65535", string(p))
}

// resolve gives the addresses of a host, with the port.
func resolve(ctx context.Context, address string) ([]netip.AddrPort, error) {
	if a, err := netip.ParseAddrPort(address); err == nil && a.Port() != 0 {
		return []netip.AddrPort{unmap(a)}, nil
	}
	host, port := address, DefaultPort
	if h, p, err := net.SplitHostPort(address); err == nil {
		n, err := strconv.ParseUint(p, 10, 16)
		if err != nil || n == 0 {
			return nil, badPort(p)
		}
		host, port = h, int(n)
	}
	host = strings.Trim(host, "[]")
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	addrs := make([]netip.AddrPort, len(ips))
	for i, ip := range ips {
		addrs[i] = netip.AddrPortFrom(ip.Unmap(), uint16(port))
	}
	return addrs, nil
}

// Leave says goodbye: Serf's intent first, where there is Serf, and then that the
// member has left. It returns when the word has been passed on as often as any
// other news, or ctx is done. The member then answers no more; Shutdown ends it. It may
// be called again, to wait for longer.
func (m *Member) Leave(ctx context.Context) error {
	if wait := m.announceLeave(); wait != nil {
		select {
		case <-wait:
		case <-ctx.Done():
		case <-m.closed.Done():
			return net.ErrClosed
		}
	}
	m.mu.Lock()
	if !m.farewell { // asked again, the core would fall silent before the word is out
		m.farewell = true
		now := m.input()
		m.node.Leave(now, &m.out)
		m.settle(now)
	}
	m.mu.Unlock()
	select {
	case <-m.stopped:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("live: leaving: the word is not yet out: %w", ctx.Err())
	case <-m.closed.Done():
		return net.ErrClosed
	}
}

// announceAgain takes the member to its next incarnation, with which others take
// its address and metadata as they are now.
func (m *Member) announceAgain(now time.Duration) {
	m.node.Announce(&m.out)
	m.announce = now
}
