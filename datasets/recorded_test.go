package datasets

import (
	"encoding/csv"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// recorded is the directory of the raw sets, where there is one.
func recorded(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("SWIMLAB_SHARED")
	if dir == "" {
		t.Skip("SWIMLAB_SHARED is not set: the recorded sets are not here")
	}
	return filepath.Join(dir, "datasets")
}

// The numbers come from an independent program over the same raw files. Its
// triangle statistics are of a random 400,000 triples, ours of all.
func TestRecordedSetsHaveTheirKnownStatistics(t *testing.T) {
	s := NewStore("", recorded(t))
	for _, want := range []struct {
		name                              string
		nodes                             int
		missing, missingPairs             float64
		min, p05, median, mean, p95, max  float64 // ms
		asymMedian, asymP95, asymOver10   float64
		tiv, notable, shorter, by20, by2x float64
	}{
		{"planetlab490", 490, 0, 0, 0.087, 18.84, 133.91, 145.08, 326.05, 675.2, 0, 0, 0, 0.1708, 0.0939, 0.8, 0.145, 0.01},
		{"planetlab490:1", 490, 0, 0, 0.086, 19.31, 135.01, 146.84, 324.91, 2984.1, 0, 0, 0, 0.176, 0.1013, 0.802, 0.157, 0.016},
		{"seattle99", 99, 0, 0, 10, 30, 170, 232.55, 460, 5580, 0.0513, 0.844, 0.377, 0.3273, 0.2735, 0.694, 0.394, 0.096},
		{"seattle99:1", 99, 0.0067, 0.0045, 10, 30, 210, 282.98, 680, 9160, 0.459, 1.649, 0.682, 0.4759, 0.4368, 0.743, 0.637, 0.402},
		{"wondernetwork242", 242, 0.0088, 0.0006, 0.06, 22.95, 142.85, 156.16, 330.45, 1554.3, 0.0021, 0.147, 0.065, 0.1746, 0.1004, 0.776, 0.155, 0.021},
		{"aws2025", 32, 0, 0, 7.087, 25.71, 156.01, 157.22, 293.52, 422.1, 0.0087, 0.065, 0.026, 0.076, 0.0259, 0.27, 0, 0},
	} {
		t.Run(want.name, func(t *testing.T) {
			m, err := s.Open(want.name)
			require.NoError(t, err)
			got := Summarize(m)
			in := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
			assert.Equal(t, want.nodes, got.Nodes)
			assert.InDelta(t, want.missing, got.MissingDirected, 5e-5)
			assert.InDelta(t, want.missingPairs, got.MissingPairs, 5e-5)
			assert.InEpsilon(t, want.min, in(got.Min), 1e-4)
			assert.InEpsilon(t, want.p05, in(got.P05), 0.01)
			assert.InEpsilon(t, want.median, in(got.Median), 0.001)
			assert.InEpsilon(t, want.mean, in(got.Mean), 1e-4)
			assert.InEpsilon(t, want.p95, in(got.P95), 0.002)
			assert.InEpsilon(t, want.max, in(got.Max), 1e-4)
			assert.InDelta(t, want.asymMedian, got.AsymmetryMedian, 1e-3)
			assert.InDelta(t, want.asymP95, got.AsymmetryP95, 2e-3)
			assert.InDelta(t, want.asymOver10, got.AsymmetryOver10Perc, 1e-3)
			assert.InDelta(t, want.tiv, got.TIV, 3e-3)
			assert.InDelta(t, want.notable, got.TIVNotable, 3e-3)
			assert.InDelta(t, want.shorter, got.ShorterDetour, 0.02)
			assert.InDelta(t, want.by20, got.Detour20, 0.02)
			assert.InDelta(t, want.by2x, got.Detour2x, 0.01)
		})
	}
}

// Each value of the static matrices against an independent program's.
func TestRecordedSetsEqualAnIndependentReading(t *testing.T) {
	dir := recorded(t)
	s := NewStore("", dir)
	for _, name := range []string{"planetlab490", "seattle99", "wondernetwork242", "aws2025"} {
		m, err := s.Open(name)
		require.NoError(t, err)
		f, err := os.Open(filepath.Join(dir, name, "derived", "rtt_ms.csv"))
		require.NoError(t, err)
		table, err := csv.NewReader(f).ReadAll()
		require.NoError(t, err)
		require.NoError(t, f.Close())
		require.Len(t, table, m.Len()+1)
		for i, row := range table[1:] {
			for j, text := range row {
				got, ok := m.RTT(i, j)
				if text == "" || i == j {
					require.False(t, ok, "%s %d-%d", name, i, j)
					continue
				}
				want, err := strconv.ParseFloat(text, 64)
				require.NoError(t, err)
				require.InDelta(t, want, got.Seconds()*1e3, 6e-4, "%s %d-%d", name, i, j)
			}
		}
	}
}

func TestWonderNetworkStandsWhereItsCitiesAre(t *testing.T) {
	m, err := NewStore("", recorded(t)).Open("wondernetwork242")
	require.NoError(t, err)
	known := 0
	for i := range m.Len() {
		if at, ok := m.Location(i); ok {
			known++
			assert.Equal(t, m.Name(i), at.City)
			assert.NotEmpty(t, at.Region, at.City)
		}
	}
	assert.Equal(t, 241, known, "all but Westpoort")
}

// The recorded sets, served under the paths of their origins.
func TestRecordedSetsAreFetchedFromTheirOriginsPaths(t *testing.T) {
	dir := recorded(t)
	for _, name := range []string{"aws2025", "wondernetwork242", "planetlab490"} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.ServeFile(w, r, filepath.Join(dir, name, "raw", path.Base(r.URL.Path)))
		}))
		s := NewStore(t.TempDir())
		require.NoError(t, s.Fetch(t.Context(), name, FetchOptions{BaseURL: server.URL}))
		server.Close()
		ok, why := s.Available(name)
		assert.True(t, ok, why)
	}
}
