package lab

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDiffShowsWhatMoved(t *testing.T) {
	l, p, _ := published(t)
	before, err := l.LockAt(l.root)
	require.NoError(t, err)

	// The same experiment, where a fair die has become a loaded one.
	path := filepath.Join(l.root, "experiments/dice/wait.yaml")
	loaded := strings.Replace(diceDefinition, "{system.loaded: false}", "{system.loaded: true}", 1)
	require.NoError(t, os.WriteFile(path, []byte(loaded), 0o644))
	definitions, err := l.Discover()
	require.NoError(t, err)
	q, err := l.Plan(definitions[0])
	require.NoError(t, err)
	runAll(t, l, q)
	outcomes, err := l.Evaluate([]*Plan{q})
	require.NoError(t, err)
	require.NoError(t, l.Publish(definitions, outcomes))
	after, err := l.LockAt(filepath.Join(l.root, LockFile))
	require.NoError(t, err)

	changes := map[string]Change{}
	for _, c := range l.Diff(before, after, definitions) {
		changes[c.ID] = c
	}
	six := changes["dice/wait.mean_of_six"]
	assert.True(t, six.Moved)
	assert.Less(t, *six.Ratio, 0.3)
	assert.Less(t, *six.P, 1e-6, "forty seeds against forty seeds")
	assert.Equal(t, "reproduced before, not reproduced now", six.Note)
	assert.False(t, changes["dice/wait.loaded_never_waits"].Moved)
	assert.True(t, changes["dice/wait.longest"].Moved)

	for _, c := range l.Diff(before, before, []*Definition{p.Definition}) {
		assert.False(t, c.Moved, c.ID)
	}
	assert.Equal(t, []Change{{ID: "dice/wait", Note: "new experiment"}}, l.Diff(&Lock{}, before, nil))
	assert.Equal(t, []Change{{ID: "dice/wait", Note: "experiment is gone"}}, l.Diff(before, &Lock{}, nil))
}

func TestMovedMeansBeyondBothIntervals(t *testing.T) {
	side := func(measured, low, high any) Side { return Side{Measured: measured, Low: low, High: high} }
	assert.False(t, moved(side(1.0, 0.5, 1.5), side(1.4, 1.3, 1.9)), "the intervals meet")
	assert.True(t, moved(side(1.0, 0.5, 1.5), side(2.0, 1.6, 2.4)))
	assert.True(t, moved(side(1.0, nil, nil), side(1.1, nil, nil)), "without intervals every difference counts")
	assert.False(t, moved(side(true, nil, nil), side(true, nil, nil)))
	assert.True(t, moved(side(true, nil, nil), side(false, nil, nil)))
	assert.True(t, moved(side([]float64{1, 2}, []float64{0, 1}, []float64{2, 3}), side([]float64{1, 9}, []float64{0, 8}, []float64{2, 10})), "one of a list")
	assert.True(t, moved(side([]float64{1, 2}, nil, nil), side(1.0, nil, nil)))
}

func TestALockIsFoundByRevisionFolderOrFile(t *testing.T) {
	l, _, _ := published(t)
	for _, name := range []string{"no-such-revision", "-n", t.TempDir()} {
		_, err := l.LockAt(name)
		require.Error(t, err, name)
		assert.NotContains(t, err.Error(), "\n")
	}
}
