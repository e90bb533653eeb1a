package lab

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// reasons are the different reasons for which cells of the dice experiment
// would run, after something has changed.
func reasons(t *testing.T, root string, change func(*Config)) []string {
	t.Helper()
	l := newLab(t, root, change)
	definitions, err := l.Discover()
	require.NoError(t, err)
	p, err := l.Plan(definitions[0])
	require.NoError(t, err)
	lock, err := ReadLock(root)
	require.NoError(t, err)
	why, err := l.Why(p, lock)
	require.NoError(t, err)
	var found []string
	for _, c := range why.Cells {
		if len(found) == 0 || found[len(found)-1] != c.Reason {
			found = append(found, c.Reason)
		}
	}
	return found
}

func TestWhySaysWhatChanged(t *testing.T) {
	l, _, _ := published(t)
	edit := func(old, text string) {
		path := filepath.Join(l.root, "experiments/dice/wait.yaml")
		before, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Contains(t, string(before), old)
		require.NoError(t, os.WriteFile(path, []byte(strings.Replace(string(before), old, text, 1)), 0o644))
	}
	assert.Equal(t, []string{"cached"}, reasons(t, l.root, nil))
	assert.Equal(t, []string{"recorded in the lock, but its results are not in this store"}, reasons(t, l.root, func(c *Config) { c.Results = t.TempDir() }))
	assert.Equal(t, []string{"the code that it runs has changed"}, reasons(t, l.root, func(c *Config) {
		code := diceCode()
		code["dice/more.go"] = &fstest.MapFile{Data: []byte("package dice\n")}
		c.Sources = code
	}))
	assert.Equal(t, []string{"40 of its 80 trials are cached; a run was interrupted or asked for fewer"}, reasons(t, l.root, func(c *Config) { c.Profile = Full }))
	edit("title: How", "title: Just how")
	assert.Equal(t, []string{"cached"}, reasons(t, l.root, nil), "words rerun nothing")
	edit("[2, 4, 6]\n", "[2, 4, 6, 8]\n")
	assert.Equal(t, []string{"cached", "never run: the lock does not know the cell"}, reasons(t, l.root, nil))
	edit("{throws: 12}", "{throws: 13}")
	assert.Equal(t, "the definition's parameters or measures have changed, without a new version", reasons(t, l.root, nil)[0])
	edit("version: 1", "version: 2")
	assert.Equal(t, "the definition's version went from 1 to 2", reasons(t, l.root, nil)[0])
	require.NoError(t, os.Remove(filepath.Join(l.root, filepath.FromSlash(LockFile))))
	assert.Equal(t, []string{"never run: the lock does not know the experiment"}, reasons(t, l.root, nil))
}

func TestWhySeesAChangedDataset(t *testing.T) {
	root := newRepository(t, map[string]string{"dice/data.yaml": dataDefinition})
	l := newLab(t, root, func(c *Config) { c.Datasets = somewhere{"one"} })
	definitions, err := l.Discover()
	require.NoError(t, err)
	p, err := l.Plan(definitions[0])
	require.NoError(t, err)
	runAll(t, l, p)
	outcomes, err := l.Evaluate([]*Plan{p})
	require.NoError(t, err)
	require.NoError(t, l.Publish(definitions, outcomes))
	assert.Equal(t, []string{
		"the dataset here has changed",
		"needs the dataset there, which is not here; `repro datasets list` says how to get it",
	}, reasons(t, root, func(c *Config) { c.Datasets = somewhere{"two"} }))
}

func TestAFigureLeadsToItsExperiment(t *testing.T) {
	_, p := diceLab(t, nil)
	for name, found := range map[string]bool{
		"dice-wait": true, "dice-wait.svg": true, "paper/figures/dice-wait-total-4.pdf": true, "dice-wait-waits": true,
		"dice": false, "dice-wait-other": false, "": false,
	} {
		_, ok := FindArtifact([]*Definition{p.Definition}, name)
		assert.Equal(t, found, ok, name)
	}
}
