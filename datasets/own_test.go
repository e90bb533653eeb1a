package datasets

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestImportedMatrixIsFoundByItsName(t *testing.T) {
	dir := t.TempDir()
	file := write(t, dir, "lab.txt", "0 1.5\n2 0\n")
	s := NewStore(filepath.Join(dir, "cache"))
	require.NoError(t, s.Import("lab", file, ImportOptions{Title: "Our lab", Unit: Millisecond, Quantity: RTT}))

	again := NewStore(filepath.Join(dir, "cache")) // as another process sees it
	set, err := again.Dataset("lab")
	require.NoError(t, err)
	assert.Equal(t, "Our lab", set.Title)
	assert.Equal(t, Millisecond, set.Unit)
	m, err := again.Verify("lab")
	require.NoError(t, err)
	v, _ := m.RTT(1, 0)
	assert.Equal(t, 2*ms, v)
}

func TestImportingAgainReplacesWhatWasOpened(t *testing.T) {
	dir := t.TempDir()
	s := NewStore(filepath.Join(dir, "cache"))
	o := ImportOptions{Unit: Millisecond, Quantity: RTT}
	require.NoError(t, s.Import("lab", write(t, dir, "a", "0 1\n1 0\n"), o))
	before, err := s.Open("lab")
	require.NoError(t, err)
	digest, err := s.Digest("lab")
	require.NoError(t, err)

	require.NoError(t, s.Import("lab", write(t, dir, "b", "0 5\n5 0\n"), o))
	after, err := s.Open("lab")
	require.NoError(t, err)
	assert.NotEqual(t, before.SHA256(), after.SHA256())
	changed, err := s.Digest("lab")
	require.NoError(t, err)
	assert.NotEqual(t, digest, changed)
}

func TestKingIsImportedInMicrosecondsOfRoundTrip(t *testing.T) {
	const n = 1740
	var b strings.Builder
	for i := range n {
		for j := range n {
			fmt.Fprintf(&b, "%d ", 1000*(i+j))
		}
		b.WriteString("\n")
	}
	dir := t.TempDir()
	file := write(t, dir, "matrix", b.String())
	s := NewStore(filepath.Join(dir, "cache"))

	err := s.Import("king1740", file, ImportOptions{Unit: Millisecond})
	assert.EqualError(t, err, `dataset king1740: unit: "ms" is not valid; want us, as in the manifest`)
	err = s.Import("king1740", file, ImportOptions{Quantity: OneWay})
	assert.EqualError(t, err, `dataset king1740: quantity: "one_way" is not valid; want rtt, as in the manifest`)

	require.NoError(t, s.Import("king1740", file, ImportOptions{}))
	m, err := s.Open("king1740")
	require.NoError(t, err)
	assert.Equal(t, n, m.Len())
	v, _ := m.RTT(100, 59)
	assert.Equal(t, 159*ms, v)
}

func TestABadFileIsNotImportedAndLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	cache := filepath.Join(dir, "cache")
	s := NewStore(cache)
	ms := ImportOptions{Unit: Millisecond, Quantity: RTT}
	for _, c := range []struct {
		name, text string
		o          ImportOptions
		want       string
	}{
		{"lab", "0 1\n", ms, "/f: ends after 1 line; want 2 lines of 2 numbers"},
		{"lab", "0 NaN\n1 0\n", ms, `/f:1: number 2: "NaN"; want a positive number of ms`},
		{"lab", "", ms, `/f: lab: shape.nodes: "0" is not valid; want at least 2`},
		{"lab", "0 1\n1 0\n", ImportOptions{Quantity: RTT}, `/f: lab: unit: "no unit" is not valid; want us, ms or s`},
		{"lab", "0 1\n1 0\n", ImportOptions{Unit: Second}, `/f: lab: quantity: "no quantity" is not valid; want rtt or one_way`},
		{"../lab", "0 1\n1 0\n", ms, `/f: ../lab: name: "../lab" is not valid; want lower-case letters, digits, - and _`},
		{"king1740", "0 1\n1 0\n", ImportOptions{}, "/f:1: 2 numbers; want 1740, one for each node"},
		{"aws2025", "0 1\n1 0\n", ms, "dataset aws2025 is fetched and is not imported; want a set of kind imported or a new name"},
	} {
		err := s.Import(c.name, write(t, dir, "f", c.text), c.o)
		require.ErrorContains(t, err, c.want)
		assert.NotContains(t, err.Error(), "\n")
	}
	assert.NoDirExists(t, cache)

	assert.ErrorIs(t, s.Import("lab", filepath.Join(dir, "nowhere"), ms), os.ErrNotExist)
	assert.ErrorContains(t, NewStore("").Import("lab", "f", ms), "no cache directory")
}

func TestAnUnwritableCacheIsOneClearError(t *testing.T) {
	dir := t.TempDir()
	blocked := write(t, dir, "blocked", "a file where the cache should be")
	err := NewStore(blocked).Import("lab", write(t, dir, "f", "0 1\n1 0\n"), ImportOptions{Unit: Millisecond, Quantity: RTT})
	require.ErrorContains(t, err, blocked)
	assert.NotContains(t, err.Error(), "\n")
}
