package lab

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// published runs and publishes the dice experiment in a repository with a
// README.
func published(t *testing.T) (*Lab, *Plan, []*Outcome) {
	t.Helper()
	l, p := diceLab(t, nil)
	require.NoError(t, os.WriteFile(filepath.Join(l.root, "README.md"), []byte("# Dice\n\n<!-- claims:begin -->\nold\n<!-- claims:end -->\n\nEnd.\n"), 0o644))
	runAll(t, l, p)
	outcomes, err := l.Evaluate([]*Plan{p})
	require.NoError(t, err)
	require.NoError(t, l.Publish([]*Definition{p.Definition}, outcomes))
	return l, p, outcomes
}

func read(t *testing.T, l *Lab, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(l.root, name))
	require.NoError(t, err)
	return string(text)
}

func TestPublishingWritesThePapersInputs(t *testing.T) {
	l, _, _ := published(t)
	for _, name := range []string{
		"paper/figures/dice-wait.svg", "paper/figures/dice-wait.pdf", "paper/figures/dice-wait.csv",
		"paper/figures/dice-wait-total-6.svg", "paper/tables/dice-wait.typ", "paper/tables/dice-wait.tex",
		"paper/tables/dice-wait.md", "paper/tables/dice-wait.html", "paper/tables/dice-wait.txt", "paper/values.json",
	} {
		assert.NotEmpty(t, read(t, l, name), name)
	}
	typst := read(t, l, "paper/values.typ")
	assert.Contains(t, typst, `"dice/wait.loaded_never_waits": (measured: "1", low: "1", high: "1", published: "1", unit: "", known: "analytic", verdict: "reproduced", statement: "A loaded die never waits", location: "section 1", reason: "measured 1 [1, 1] is exactly 1")`)
	assert.Contains(t, typst, `"dice/wait.trials": (measured: "40"`)
	assert.Contains(t, typst, `"all.reproduced": (measured: "3"`)
	readme := read(t, l, "README.md")
	assert.True(t, strings.HasPrefix(readme, "# Dice\n\n<!-- claims:begin -->\n\n| experiments |"), readme)
	assert.True(t, strings.HasSuffix(readme, "<!-- claims:end -->\n\nEnd.\n"))
	assert.Contains(t, readme, "| dice | 3 | 3 | 0 | 0 |")
	claims := read(t, l, "paper/claims.md")
	assert.Contains(t, claims, "| dice/wait.longer | More sides take longer | longer |")
	lock, err := ReadLock(l.root)
	require.NoError(t, err)
	entry, ok := lock.Experiment("dice/wait")
	require.True(t, ok)
	assert.Len(t, entry.Cells, 6)
	assert.Equal(t, 40, entry.Trials)
	assert.Equal(t, Reproduced, lock.Verdicts()["dice/wait.longer"])
	for _, a := range entry.Artifacts {
		assert.Equal(t, sha([]byte(read(t, l, a.Path))), a.SHA256)
		assert.False(t, strings.HasSuffix(a.Path, ".pdf"), "PDFs are not committed")
	}
}

func TestPublishingTwiceChangesNothing(t *testing.T) {
	l, p, outcomes := published(t)
	before := filesIn(t, l.root)
	require.NoError(t, l.Publish([]*Definition{p.Definition}, outcomes))
	assert.Equal(t, before, filesIn(t, l.root))
}

func TestAFigureNobodyAsksForAnyMoreIsRemoved(t *testing.T) {
	l, p, _ := published(t)
	p.Definition.Figures = p.Definition.Figures[:2]
	outcomes, err := l.Evaluate([]*Plan{p})
	require.NoError(t, err)
	require.NoError(t, l.Publish([]*Definition{p.Definition}, outcomes))
	for _, name := range []string{"svg", "csv", "pdf"} {
		assert.NoFileExists(t, filepath.Join(l.root, "paper/figures/dice-wait-waits."+name))
	}
	assert.FileExists(t, filepath.Join(l.root, "paper/figures/dice-wait.svg"))
}

func TestVerifyFindsEveryDifference(t *testing.T) {
	l, p, outcomes := published(t)
	verify := func() *Verification {
		v, err := l.Verify([]*Definition{p.Definition}, outcomes)
		require.NoError(t, err)
		return v
	}
	assert.Empty(t, verify().Different)
	assert.Empty(t, verify().Skipped)

	for _, c := range []struct {
		name   string
		break_ func(path string) error
		file   string
		says   string
	}{
		{"an edited figure", func(path string) error { return os.WriteFile(path, []byte("<svg/>\n"), 0o644) }, "paper/figures/dice-wait.svg", "differs from what the results give"},
		{"a missing table", os.Remove, "paper/tables/dice-wait.md", "is missing"},
		{"an edited number", func(path string) error { return os.WriteFile(path, []byte("#let values = ()\n"), 0o644) }, "paper/values.typ", "differs from what the results give, first at line 1"},
		{"a flattered README", func(path string) error {
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			return os.WriteFile(path, []byte(strings.Replace(string(text), "| 3 |", "| 2 |", 1)), 0o644)
		}, "README.md", "differs"},
		{"a stray figure", func(path string) error { return os.WriteFile(path, nil, 0o644) }, "paper/figures/stray.svg", "is not asked for by any definition"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(l.root, c.file)
			before, missing := os.ReadFile(path)
			require.NoError(t, c.break_(path))
			v := verify()
			require.Len(t, v.Different, 1)
			assert.Equal(t, c.file, v.Different[0].Name)
			assert.Contains(t, v.Different[0].Problem, c.says)
			if missing != nil {
				require.NoError(t, os.Remove(path))
			} else {
				require.NoError(t, os.WriteFile(path, before, 0o644))
			}
		})
	}
	assert.Empty(t, verify().Different)
}

// Who has no dataset keeps what was recorded by somebody who had it, and verify
// neither complains of it nor passes it silently.
func TestWhatCannotRunHereKeepsItsRecord(t *testing.T) {
	root := newRepository(t, map[string]string{"dice/data.yaml": dataDefinition})
	with := func(data Datasets) (*Lab, *Definition, []*Outcome) {
		l := newLab(t, root, func(c *Config) { c.Datasets = data })
		definitions, err := l.Discover()
		require.NoError(t, err)
		p, err := l.Plan(definitions[0])
		require.NoError(t, err)
		runAll(t, l, p)
		outcomes, err := l.Evaluate([]*Plan{p})
		require.NoError(t, err)
		return l, definitions[0], outcomes
	}
	rich, d, outcomes := with(everywhere{})
	require.NoError(t, rich.Publish([]*Definition{d}, outcomes))
	before := filesIn(t, filepath.Join(root, "paper"))
	require.Contains(t, before, "figures/dice-data-both.svg")

	poor, d, outcomes := with(somewhere{"one"})
	require.NoError(t, poor.Publish([]*Definition{d}, outcomes))
	assert.Equal(t, before, filesIn(t, filepath.Join(root, "paper")))
	v, err := poor.Verify([]*Definition{d}, outcomes)
	require.NoError(t, err)
	assert.Empty(t, v.Different)
	var skipped []string
	for _, s := range v.Skipped {
		skipped = append(skipped, s.Name)
	}
	assert.Equal(t, []string{"dice-data-both", "dice-data-makers", "dice-data-waits-there", "claim dice/data.theirs"}, skipped)
	require.Len(t, outcomes[0].Tables, 1, "the report shows the rows that there are")
	assert.Len(t, outcomes[0].Tables[0].What.Rows, 1)
	assert.Equal(t, []string{"Rows are missing: needs the dataset there, which is not here; `repro datasets list` says how to get it"}, outcomes[0].Tables[0].What.Notes)

	require.NoError(t, os.WriteFile(filepath.Join(root, "paper/figures/dice-data-both.svg"), []byte("x"), 0o644))
	v, err = poor.Verify([]*Definition{d}, outcomes)
	require.NoError(t, err)
	require.Len(t, v.Different, 1)
	assert.Equal(t, FileProblem{"paper/figures/dice-data-both.svg", "is not the file that the lock records"}, v.Different[0])
}

// everywhere has every dataset.
type everywhere struct{}

func (everywhere) Check(string) error              { return nil }
func (everywhere) Available(string) (bool, string) { return true, "" }
func (everywhere) Digest(string) (string, error)   { return "one", nil }

func TestALockThatReproDidNotWriteIsRefused(t *testing.T) {
	for text, message := range map[string]string{
		"format: 2\n":             "paper/repro.lock: format 2 is not known; want 1",
		"format: 1\nextra: 1\n":   "field extra not found",
		"format: one\n":           "want a file that repro wrote",
		"<<<<<<< HEAD\nformat: 1": "want a file that repro wrote",
	} {
		_, err := ParseLock(LockFile, []byte(text))
		require.Error(t, err, text)
		assert.Contains(t, err.Error(), message)
		assert.NotContains(t, err.Error(), "\n")
	}
}
