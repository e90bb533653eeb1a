package live_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/swim/live"
	"github.com/swimlab/swimlab/swim/live/wire"
)

// Serf's users change the keys of a group that we are in: install, use, remove.
func TestSerfChangesAMembersKeys(t *testing.T) {
	const second = "JQDYbEGKRSbmb3mlmZ4b/JMgpjfrsAZnLc+aTAaVUjI=" // of 32 bytes
	p := program(t, "SERF", "serf")
	s0 := serf(t, p, "s0", nil, "-encrypt="+key)
	s1 := serf(t, p, "s1", s0, "-encrypt="+key)

	file := filepath.Join(t.TempDir(), "keyring.json")
	first, err := wire.ParseKey(key)
	require.NoError(t, err)
	ring, err := wire.NewKeyring(first)
	require.NoError(t, err)
	require.NoError(t, live.SaveKeyring(file, ring))
	cfg := live.LAN("ours")
	cfg.Keys, cfg.KeyringFile = ring, file
	m := member(t, cfg)
	_, err = m.Join(within(t, repaired), s0.gossip)
	require.NoError(t, err)
	for _, s := range []*agent{s0, s1} {
		s.sees("ours", "alive", repaired)
	}

	// keys has Serf ask all members: it fails unless each answers that it is done, within
	// seconds, which is tried again on a busy machine.
	keys := func(arg string) (out string) {
		t.Helper()
		var err error
		for range 20 {
			if out, err = s1.run("keys", arg); err == nil {
				return out
			}
		}
		require.NoError(t, err, "serf keys %s: %s", arg, out)
		return out
	}
	listed := func(text string) string {
		for line := range strings.Lines(keys("-list")) {
			if strings.Contains(line, text) {
				return strings.Join(strings.Fields(line), " ")
			}
		}
		return ""
	}
	assert.Equal(t, key+" [3/3]", listed(key))
	keys("-install=" + second)
	assert.Equal(t, second+" [3/3]", listed(second))

	require.Eventually(t, func() bool {
		out, err := s1.run("keys", "-remove="+key)
		return err != nil && strings.Contains(out, "the key that encrypts") // says one of ours
	}, repaired, time.Second, "the key that encrypts stays")

	keys("-use=" + second)
	keys("-remove=" + key)
	assert.Equal(t, second+" [3/3]", listed(second))
	assert.Empty(t, listed(key))
	want, err := wire.ParseKey(second)
	require.NoError(t, err)
	assert.Equal(t, [][]byte{want}, ring.Keys())
	kept, err := live.LoadKeyring(file)
	require.NoError(t, err)
	assert.Equal(t, [][]byte{want}, kept.Keys())
	info, err := os.Stat(file)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	// We live on with the new key, and with the old one nobody comes in.
	time.Sleep(5 * time.Second)
	s0.sees("ours", "alive", repaired)
	believes(t, m, "s1", "alive", repaired)
	cfg = live.LAN("late")
	cfg.Keys, err = wire.NewKeyring(first)
	require.NoError(t, err)
	_, err = member(t, cfg).Join(within(t, time.Second), m.Addr().String())
	require.Error(t, err)
	require.NoError(t, m.Leave(within(t, repaired)))
	s1.sees("ours", "left", repaired)
}

// A group that does not encrypt has no keys to change: each member says so.
func TestAMemberWithoutKeysSaysSo(t *testing.T) {
	p := program(t, "SERF", "serf")
	s0 := serf(t, p, "s0", nil)
	m := member(t, live.LAN("ours"))
	_, err := m.Join(within(t, repaired), s0.gossip)
	require.NoError(t, err)
	s0.sees("ours", "alive", repaired)
	out, err := s0.run("keys", "-install="+key)
	require.Error(t, err)
	assert.Contains(t, out, "this member has no keys")
	assert.NotContains(t, out, "Failed to decode")
}
