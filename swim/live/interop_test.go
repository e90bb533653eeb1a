package live_test

import (
	"context"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/swim/live"
)

// member starts one of ours on loopback.
func member(t *testing.T, cfg live.Config) *live.Member {
	t.Helper()
	cfg.Bind = "127.0.0.1:0"
	m, err := live.Start(cfg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, m.Shutdown()) })
	return m
}

func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func status(m *live.Member, name string) string {
	p, ok := m.Lookup(name)
	if !ok {
		return "unknown"
	}
	return p.Status()
}

func believes(t *testing.T, m *live.Member, name, want string, d time.Duration) {
	t.Helper()
	require.Eventually(t, func() bool { return status(m, name) == want }, d, 10*time.Millisecond,
		"%s does not hold %s for %s; it holds it for %v", m.Name(), name, want, lazily(func() any { return status(m, name) }))
}

func TestAMemberLivesAmongSerfAgents(t *testing.T) {
	p := program(t, "SERF", "serf")
	s0 := serf(t, p, "s0", nil)
	s1 := serf(t, p, "s1", s0)

	cfg := live.LAN("ours")
	cfg.Tags = map[string]string{"role": "lab"}
	m := member(t, cfg)
	n, err := m.Join(within(t, 20*time.Second), s0.gossip)
	require.NoError(t, err)
	require.Equal(t, 1, n)

	s0.sees("ours", "alive", 5*time.Second)
	s1.sees("ours", "alive", 5*time.Second)
	assert.Equal(t, map[string]string{"role": "lab"}, s1.members()["ours"].Tags)
	believes(t, m, "s0", "alive", 5*time.Second)
	believes(t, m, "s1", "alive", 5*time.Second)
	addr, err := netip.ParseAddrPort(s1.gossip)
	require.NoError(t, err)
	peer, _ := m.Lookup("s1")
	assert.Equal(t, addr, peer.Addr)
	assert.Equal(t, "s1", peer.Tags["role"])

	require.NoError(t, m.SetTags(map[string]string{"role": "other"}))
	require.Eventually(t, func() bool { return s1.members()["ours"].Tags["role"] == "other" }, 5*time.Second, 100*time.Millisecond)

	require.NoError(t, m.Leave(within(t, 10*time.Second)))
	s0.sees("ours", "left", 10*time.Second)
	s1.sees("ours", "left", 10*time.Second)
}

var _ = syscall.SIGSTOP
