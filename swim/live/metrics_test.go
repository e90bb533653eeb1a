package live_test

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Prometheus's text format: each family has its help and its type once, before its samples,
// which are all together; no sample stands twice; a counter ends in _total.
func TestMetricsAreWellFormed(t *testing.T) {
	sample := regexp.MustCompile(`^([a-z_]+)(\{[a-z]+="[^"\\]*"\})? (\S+)$`)
	inWorld(t, 4, nil, func(w *world) {
		require.NoError(w, w.members[3].Leave(w.Context()))
		require.NoError(w, w.members[2].Shutdown())
		time.Sleep(time.Minute)
		var b bytes.Buffer
		require.NoError(w, w.members[0].WriteMetrics(&b))
		require.True(w, strings.HasSuffix(b.String(), "\n"))
		types, seen := map[string]string{}, map[string]bool{}
		family, help := "", ""
		for line := range strings.Lines(b.String()) {
			line = strings.TrimSuffix(line, "\n")
			if rest, ok := strings.CutPrefix(line, "# HELP "); ok {
				name, text, _ := strings.Cut(rest, " ")
				require.NotEmpty(w, text, line)
				require.NotContains(w, types, name, "a family stands once")
				help = name
				continue
			}
			if rest, ok := strings.CutPrefix(line, "# TYPE "); ok {
				name, kind, _ := strings.Cut(rest, " ")
				require.Equal(w, help, name, "its help comes before its type")
				require.Contains(w, []string{"counter", "gauge", "histogram"}, kind)
				assert.Equal(w, kind == "counter", strings.HasSuffix(name, "_total"), name)
				types[name], family = kind, name
				continue
			}
			parts := sample.FindStringSubmatch(line)
			require.NotNil(w, parts, "%q", line)
			name := parts[1]
			if types[family] == "histogram" {
				suffix := strings.TrimPrefix(name, family)
				require.Contains(w, []string{"_bucket", "_sum", "_count"}, suffix)
				require.Equal(w, suffix == "_bucket", strings.HasPrefix(parts[2], `{le="`), line)
			} else {
				require.Equal(w, family, name)
			}
			require.False(w, seen[name+parts[2]], "%q stands twice", line)
			seen[name+parts[2]] = true
			_, err := strconv.ParseFloat(parts[3], 64)
			require.NoError(w, err, line)
		}
		assert.Greater(w, len(types), 30)
		assert.True(w, seen[`swimlab_members{status="left"}`])
		assert.True(w, seen[`swimlab_detection_seconds_bucket{le="+Inf"}`])
	})
}
