package main

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/datasets"
	"github.com/swimlab/swimlab/experiments/loopback"
	"github.com/swimlab/swimlab/swim/live"
)

// Three members, of which two hold the third for failed.
func threeMembers() *clusterView {
	v := newClusterView(3)
	all := map[string]string{memberName(0): "alive", memberName(1): "alive", memberName(2): "alive"}
	for i := range 3 {
		v.rows[i].addr = fmt.Sprintf("127.0.0.%d:1", i+1)
		v.hear(i, loopback.Report{Status: &loopback.Status{At: 1e9, Known: 3, Changed: all, Memory: 2e6, RTT: 250 * time.Microsecond}})
	}
	for i := range 2 {
		v.hear(i, loopback.Report{Status: &loopback.Status{
			At: 2e9, Known: 2, Changed: map[string]string{memberName(2): "failed"}, Memory: 2e6, CPU: 20 * time.Millisecond, Health: i, Suspected: 1,
		}})
	}
	return v
}

func TestAMemberIsWhatMostHoldItFor(t *testing.T) {
	v := threeMembers()
	assert.Equal(t, "failed", v.majority(memberName(2)))
	assert.Equal(t, "alive", v.majority(memberName(0)))
	assert.Equal(t, "unknown", v.majority("nobody"))
	assert.Equal(t, "2 alive, 1 failed; worst health score 1; 2 suspicions, 0 false positives; CPU 4.0 %, memory 6 MB in all", v.summary())
}

func TestTheClustersTableShowsTroubleFirst(t *testing.T) {
	lines := strings.Split(threeMembers().table(allColumns), "\n")
	require.Len(t, lines, 8)
	assert.Contains(t, lines[1], "coordinate error (%)")
	assert.Regexp(t, `member-02 +│ 127\.0\.0\.3:1 +│ failed .* 0\.25 `, lines[3])
	assert.Regexp(t, `member-00 .* alive .* 2\.0 │ +2\.0 │`, lines[4])
}

func TestATableIsCutToItsTerminal(t *testing.T) {
	shown := fit("top\nhead\nline\na row\nb row\nc row\nbottom\n", "3 alive", 4, 8)
	assert.Equal(t, "top\nhead\nline\na ro\nb ro\n… an\n3 al\n", shown)
	assert.Contains(t, fit("top\nhead\nline\na\nb\nc\nbottom\n", "3 alive", 40, 8), "… and 1 more\n3 alive\n")
	assert.Equal(t, "top\na\nbottom\n1 alive\n", fit("top\na\nbottom\n", "1 alive", 40, 20))

	narrow := threeMembers().table(fewestColumns)
	assert.Equal(t, 36, widthOf(narrow))
	assert.NotContains(t, narrow, "health")
	assert.Contains(t, fitted(threeMembers(), "3 alive", io.Discard), "memory (MB)", "elsewhere there is room")
}

func TestStrangersDoNotSteerTheTerminal(t *testing.T) {
	assert.Equal(t, "\uFFFD[2Jname\uFFFD", printable("\x1b[2Jname\n"))
}

func TestARecordingIsADataset(t *testing.T) {
	dir := t.TempDir()
	r := newRecording(dir+"/office", "127.0.0.1:7946", "CC0-1.0", joining{family: "serf", forLong: time.Minute})
	r.self, r.began, r.lasted = "me", time.Unix(0, 0), time.Minute
	r.rtts = map[string][]time.Duration{"b": {time.Millisecond, 3 * time.Millisecond}, "a": {500 * time.Microsecond}}
	r.peers["a"] = live.Peer{Name: "a", Tags: map[string]string{"dc": "east"}}
	for _, pair := range [][2]string{{"me", "a"}, {"a", "me"}} {
		r.estimated[pair] = 700 * time.Microsecond
	}
	written, err := r.write()
	require.NoError(t, err)
	assert.Equal(t, []string{dir + "/office", dir + "/office-estimated"}, written)

	store := datasets.NewStore(t.TempDir(), dir)
	m, err := store.Verify("office")
	require.NoError(t, err)
	rtt, ok := m.RTT(0, 2)
	assert.True(t, ok)
	assert.Equal(t, 2*time.Millisecond, rtt, "the median of what was measured, members by name")
	_, ok = m.RTT(2, 1)
	assert.False(t, ok, "what others measured is not known")
	m, err = store.Verify("office-estimated")
	require.NoError(t, err)
	rtt, _ = m.RTT(0, 1)
	assert.Equal(t, 700*time.Microsecond, rtt)
}

func TestNothingMeasuredIsNothingWritten(t *testing.T) {
	r := newRecording(t.TempDir()+"/office", "127.0.0.1:7946", "CC0-1.0", joining{})
	r.self = "me"
	_, err := r.write()
	assert.ErrorContains(t, err, "no round trip was measured")
	assert.NoDirExists(t, r.parent+"/office")
}
