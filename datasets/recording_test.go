package datasets

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var office = Dataset{
	Name: "office", Title: "Our office", Kind: KindRecording, Licence: "CC0-1.0", Unit: Millisecond, Quantity: RTT,
	Format: FormatTable, Shape: Shape{Nodes: 2, Directed: true}, Missing: []float64{0},
}

func TestARecordingIsFoundWhereItWasWritten(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, WriteRecording(dir, office, map[string][]byte{"matrix": []byte("0 1.5\n0 0\n")}, map[string][]byte{"events.jsonl": []byte("{}\n")}))
	m, err := NewStore(t.TempDir(), dir).Verify("office")
	require.NoError(t, err)
	v, measured := m.RTT(0, 1)
	assert.True(t, measured)
	assert.Equal(t, 3*ms/2, v)
	_, measured = m.RTT(1, 0)
	assert.False(t, measured, "nobody measured the way back")
	assert.FileExists(t, filepath.Join(dir, "office", "events.jsonl"))
	assert.ErrorIs(t, WriteRecording(dir, office, nil, nil), ErrExists)
}

func TestARecordingThatCouldNotBeReadIsNotWritten(t *testing.T) {
	dir := t.TempDir()
	assert.Error(t, WriteRecording(dir, office, map[string][]byte{"matrix": []byte("0 1\n")}, nil))
	taken := office
	taken.Name = "king1740"
	assert.ErrorContains(t, WriteRecording(dir, taken, nil, nil), "is in the manifest")
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, left)
}
