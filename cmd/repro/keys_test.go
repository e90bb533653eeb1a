package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/datasets"
	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/swim/live"
	"github.com/swimlab/swimlab/swim/live/wire"
)

const (
	goodKey  = "cg8StVXbQJ0gPvMd9o7yrg=="
	otherKey = "JQDYbEGKRSbmb3mlmZ4b/JMgpjfrsAZnLc+aTAaVUjI="
	shortKey = "c2VjcmV0cw==" // 7 bytes
	noKey    = "this is a secret!"
)

// repro runs a command in this process.
func repro(args ...string) (code int, out, problems string) {
	var o, p bytes.Buffer
	code = execute(args, &o, &p, func(string, *datasets.Store) []trial.World { return nil })
	return code, o.String(), p.String()
}

func TestKeysThatAreNoneAreRefusedAndNotPrinted(t *testing.T) {
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		return path
	}
	for _, c := range []struct {
		name string
		env  map[string]string
		args []string
		says []string
	}{
		{"not base64", nil, []string{"--key", noKey}, []string{"--key: 17 characters that are not base64", "want 16, 24 or 32 bytes in base64, as `serf keygen` prints them"}},
		{"of 7 bytes", nil, []string{"--key", shortKey}, []string{"--key: 12 characters for 7 bytes", "want 16, 24 or 32 bytes"}},
		{"of 7 bytes in the environment", map[string]string{"REPRO_KEY": shortKey}, nil, []string{"--key: 12 characters for 7 bytes"}},
		{"two ways", map[string]string{"REPRO_KEY": goodKey}, []string{"--keyring-file", "ring"}, []string{"--key and --keyring-file", "both set"}},
		{"no file", map[string]string{"REPRO_KEYRING_FILE": filepath.Join(dir, "none")}, nil, []string{"--keyring-file: ", "none: no such file"}},
		{"no list", nil, []string{"--keyring-file", file("text", goodKey)}, []string{"--keyring-file: ", "text: 24 bytes that are no list of texts in JSON"}},
		{"an empty list", nil, []string{"--keyring-file", file("empty", "[]")}, []string{"--keyring-file: ", "empty: ", "no key; want one at least"}},
		{"a bad key", nil, []string{"--keyring-file", file("bad", `["`+goodKey+`","`+shortKey+`"]`)}, []string{"--keyring-file: ", "bad: key 2: ", "7 bytes; want 16, 24 or 32"}},
		{"a bad text", nil, []string{"--keyring-file", file("worse", `["`+noKey+`"]`)}, []string{"worse: key 1: ", "want base64 of 16, 24 or 32 bytes"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for name, value := range c.env {
				t.Setenv(name, value)
			}
			for _, command := range [][]string{{"join"}, {"record", "--out", filepath.Join(dir, "office")}} {
				code, out, problems := repro(append(append(command, "127.0.0.1:1"), c.args...)...)
				assert.Equal(t, exitBadInput, code)
				for _, says := range c.says {
					assert.Contains(t, problems, says)
				}
				for _, secret := range []string{goodKey, shortKey, noKey, "secret"} {
					assert.NotContains(t, out+problems, secret)
				}
			}
		})
	}
}

func TestAGroupThatEncryptsIsJoinedByItsKey(t *testing.T) {
	key, err := wire.ParseKey(goodKey)
	require.NoError(t, err)
	cfg := live.LAN("host")
	cfg.Bind = "127.0.0.1:0"
	cfg.Keys, err = wire.NewKeyring(key)
	require.NoError(t, err)
	m, err := live.Start(cfg)
	require.NoError(t, err)
	defer func() { require.NoError(t, m.Shutdown()) }()

	at := m.Addr().String()
	code, out, problems := repro("join", at, "--key", goodKey, "--name", "guest", "--for", "300ms")
	require.Equal(t, exitOK, code, problems)
	assert.Contains(t, out, "guest is a member")
	assert.NotContains(t, out+problems, goodKey)

	ring := filepath.Join(t.TempDir(), "ring.json")
	require.NoError(t, os.WriteFile(ring, []byte(`["`+otherKey+`", "`+goodKey+`"]`), 0o600))
	other, err := wire.ParseKey(otherKey)
	require.NoError(t, err)
	require.NoError(t, cfg.Keys.Add(other))
	t.Setenv("REPRO_KEYRING_FILE", ring)
	code, out, problems = repro("join", at, "--name", "second", "--for", "300ms")
	require.Equal(t, exitOK, code, problems)
	assert.Contains(t, out, "second is a member")
}
