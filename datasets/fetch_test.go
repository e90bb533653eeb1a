package datasets

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// origin serves files by their path and counts what was asked for.
type origin struct {
	mu    sync.Mutex
	files map[string]string
	asked map[string]int
	hold  chan struct{} // answers for absent files wait for it to close
}

func (o *origin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	o.asked[r.URL.Path]++
	text, ok := o.files[r.URL.Path]
	o.mu.Unlock()
	if !ok {
		<-o.hold
		http.NotFound(w, r)
		return
	}
	w.Write([]byte(text))
}

// twoSlices is a set of two files, its origin, and a store that may fetch it.
func twoSlices(t *testing.T) (Dataset, *origin, string, *Store) {
	t.Helper()
	o := &origin{hold: make(chan struct{}), asked: map[string]int{}, files: map[string]string{
		"/data/Frame 1/f_1": "0 1\n2 0\n",
		"/data/Frame 2/f_2": "0 3\n4 0\n",
	}}
	server := httptest.NewServer(o)
	t.Cleanup(server.Close)
	set := Dataset{
		Name: "two", Title: "Two slices", Kind: KindFetched, Licence: "none", Unit: Millisecond, Quantity: RTT,
		Format: FormatFrames, Shape: Shape{Nodes: 2, Frames: 2},
		Origin: Origin{URL: server.URL, Files: []OriginPath{{Local: "raw/f_*", Remote: "data/Frame */f_*"}}},
		sums: []fileSum{
			{"raw/f_1", sha256Hex([]byte("0 1\n2 0\n"))},
			{"raw/f_2", sha256Hex([]byte("0 3\n4 0\n"))},
		},
	}
	return set, o, server.URL, NewStore(filepath.Join(t.TempDir(), "cache"))
}

func names(t *testing.T, dir string) (found []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		found = append(found, e.Name())
	}
	return found
}

func TestAFetchedSetIsWholeAndChecked(t *testing.T) {
	set, _, _, s := twoSlices(t)
	var seen []int
	require.NoError(t, s.fetch(t.Context(), set, FetchOptions{Progress: func(done, total int) {
		assert.Equal(t, 2, total)
		seen = append(seen, done)
	}}))
	assert.Equal(t, []int{1, 2}, seen)
	assert.Equal(t, []string{"two"}, names(t, s.cache), "no staging directory is left")
	assert.Equal(t, []string{"SHA256SUMS", "raw"}, names(t, filepath.Join(s.cache, "two")))

	dir, sums, err := s.find(set)
	require.NoError(t, err)
	frames, err := newFrames(set, dir, sums)
	require.NoError(t, err)
	m, err := frames.Median()
	require.NoError(t, err)
	v, _ := m.RTT(1, 0)
	assert.Equal(t, 3*ms, v)
}

func TestAnInterruptedFetchGoesOnWhereItStopped(t *testing.T) {
	set, o, _, s := twoSlices(t)
	second := o.files["/data/Frame 2/f_2"]
	delete(o.files, "/data/Frame 2/f_2")
	err := s.fetch(t.Context(), set, FetchOptions{Progress: func(int, int) { close(o.hold) }})
	require.ErrorContains(t, err, "/data/Frame%202/f_2: the server answers 404 Not Found; want 200 OK")
	assert.NoDirExists(t, filepath.Join(s.cache, "two"), "a set is there whole or not at all")

	o.files["/data/Frame 2/f_2"] = second
	require.NoError(t, s.fetch(t.Context(), set, FetchOptions{}))
	assert.Equal(t, 1, o.asked["/data/Frame 1/f_1"], "what had arrived is not asked for again")
	assert.Equal(t, 2, o.asked["/data/Frame 2/f_2"])
}

func TestFetchingAgainRepairsOnlyWhatIsBroken(t *testing.T) {
	set, o, _, s := twoSlices(t)
	require.NoError(t, s.fetch(t.Context(), set, FetchOptions{}))
	write(t, s.cache, "two/raw/f_2", "cut")
	require.NoError(t, s.fetch(t.Context(), set, FetchOptions{}))
	assert.Equal(t, 1, o.asked["/data/Frame 1/f_1"])
	assert.Equal(t, 2, o.asked["/data/Frame 2/f_2"])
	data, err := os.ReadFile(filepath.Join(s.cache, "two", "raw", "f_2"))
	require.NoError(t, err)
	assert.Equal(t, "0 3\n4 0\n", string(data))
}

func TestAFileThatIsNotThePublishedOneIsNotKept(t *testing.T) {
	set, o, url, s := twoSlices(t)
	o.files["/data/Frame 1/f_1"] = "0 9\n9 0\n"
	err := s.fetch(t.Context(), set, FetchOptions{BaseURL: url + "/"})
	var wrong *ChecksumError
	require.ErrorAs(t, err, &wrong)
	assert.Equal(t, url+"/data/Frame%201/f_1", wrong.File)
	assert.NoFileExists(t, filepath.Join(s.cache, ".fetch-two", "raw", "f_1"))
}

func TestAFetchEndsWithItsContext(t *testing.T) {
	set, _, _, s := twoSlices(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.ErrorIs(t, s.fetch(ctx, set, FetchOptions{}), context.Canceled)
	assert.NoDirExists(t, filepath.Join(s.cache, "two"))
}

func TestOnlyFetchedSetsAreFetched(t *testing.T) {
	s := NewStore(t.TempDir())
	for name, want := range map[string]string{
		"king1740":           "dataset king1740 is imported and cannot be fetched; want a set of kind fetched",
		"synthetic-internet": "dataset synthetic-internet is synthetic and cannot be fetched; want a set of kind fetched",
		"seattle99:4":        `dataset "seattle99:4" cannot be fetched in part; want seattle99`,
	} {
		assert.EqualError(t, s.Fetch(t.Context(), name, FetchOptions{}), want)
	}
	assert.ErrorContains(t, NewStore("").Fetch(t.Context(), "aws2025", FetchOptions{}), "no cache directory")
}
