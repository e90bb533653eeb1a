package live_test

import (
	"net"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/swim/live"
)

// loopback6 is an address of ::1's, where all members are at one address and differ by
// their ports.
func loopback6(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		t.Skipf("there is no ::1 here, so nothing to be a member over IPv6 at: %v", err)
	}
	require.NoError(t, l.Close())
	return net.JoinHostPort("::1", strconv.Itoa(freePortAt(t, net.IPv6loopback)))
}

func TestAMemberLivesAmongSerfAgentsOverIPv6(t *testing.T) {
	p := program(t, "SERF", "serf")
	s0 := serfAt(t, p, "s0", loopback6(t), nil)
	s1 := serfAt(t, p, "s1", loopback6(t), s0)

	cfg := live.LAN("ours")
	cfg.Bind = "[::1]:0"
	m, err := live.Start(cfg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, m.Shutdown()) })
	require.True(t, m.Addr().Addr().Is6())
	n, err := m.Join(within(t, repaired), s0.gossip)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	for _, s := range []*agent{s0, s1} {
		s.sees("ours", "alive", repaired)
		assert.Equal(t, m.Addr().String(), s.members()["ours"].Addr)
		believes(t, m, s.name, "alive", repaired)
	}
	peer, _ := m.Lookup("s1")
	assert.Equal(t, s1.gossip, peer.Addr.String())

	s1.reaches()
	s0.gets([]string{"s0", "s1", "ours"}, nil, "-relay-factor=2", "load")

	// Each has measured the other by then, and Serf knows where we are.
	require.Eventually(t, func() bool {
		rtt, err := s1.rtt("ours", "s0")
		return err == nil && rtt > 0 && rtt < time.Second
	}, repaired, 200*time.Millisecond)
	require.Eventually(t, func() bool {
		rtt, err := m.RTT("s0", "s1")
		return err == nil && rtt > 0 && rtt < time.Second
	}, repaired, 200*time.Millisecond)

	// A stopped agent is probed through the other: indirect pings bear addresses.
	s1.signal(syscall.SIGSTOP)
	believes(t, m, "s1", "failed", silent(cfg, 3))
	s1.signal(syscall.SIGCONT)
	believes(t, m, "s1", "alive", repaired)

	require.NoError(t, m.Leave(within(t, repaired)))
	s0.sees("ours", "left", repaired)
	s1.sees("ours", "left", repaired)
}
