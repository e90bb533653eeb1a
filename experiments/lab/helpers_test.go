package lab

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/experiments/lab/toy"
	"github.com/swimlab/swimlab/experiments/trial"
)

// diceDefinition is the definition that most tests start from.
const diceDefinition = `id: dice/wait
version: 1
title: How long until the highest face shows
source: {paper: pascal1654, section: 1}
question: Does a die with more sides take longer?
method: |
  Each player throws until the highest face shows.
  The throws are counted.
worlds: [toy]
system: {protocol: dice, players: 4}
run: {throws: 12}
sweep:
  sides: [2, 4, 6]
  variant:
    - {name: fair, label: fair dice, style: swim, set: {system.loaded: false}}
    - {name: loaded, label: loaded dice, style: lifeguard, set: {system.loaded: true}}
trials: {smoke: 2, standard: 40, full: 80}
profiles:
  smoke: {sweep: {sides: [2, 4]}, set: {run.throws: 5}}
measure: [wait, sixes, total]
figures:
  - name: wait
    title: Throws until the highest face
    x: sides
    y: wait
    show: [trials, interval]
    y_axis: {label: throws, unit: throws}
    reference: [{label: mean of the geometric distribution, y: x}]
    published: [{label: Pascal, known: read, source: letter to Fermat, points: [[2, 2], [6, 6]]}]
  - {name: total, kind: curve, y: total, facet: sides, show: [band]}
  - {name: waits, kind: cdf, y: wait, where: {variant: fair}}
tables:
  - name: wait
    title: Throws until the highest face
    rows: [variant, sides]
    columns:
      - {label: throws, value: mean(wait), unit: throws, digits: 2, interval: true}
      - {label: expected, value: sides}
      - {label: Pascal, known: read, published: [[fair, 2, 2.0], [fair, 6, 6.0]]}
values:
  - {id: longest, value: max(wait), unit: throws}
claims:
  - id: mean_of_six
    statement: A six takes six throws on average
    location: section 1
    published: 6
    known: read
    measured: 'mean(where(wait, {sides: 6, variant: "fair"}))'
    kind: relative
    tolerance: 25%
    unit: throws
  - id: longer
    statement: More sides take longer
    location: section 1
    published: longer
    known: read
    measured: 'slope(where(wait, {variant: "fair"}), "sides")'
    kind: trend
    trend: rising
  - id: loaded_never_waits
    statement: A loaded die never waits
    location: section 1
    published: 1
    known: analytic
    measured: 'max(where(wait, {variant: "loaded"}))'
    kind: exact
`

// diceCode stands for the code that the toy world runs.
func diceCode() fstest.MapFS {
	return fstest.MapFS{
		"go.mod":         {Data: []byte("module example.org/dice\n\nrequire example.org/die v1.2.3\n")},
		"dice/dice.go":   {Data: []byte("package dice\n\nimport \"example.org/die\"\n\nfunc Throw() int { return die.Throw() }\n")},
		"swim/swim.go":   {Data: []byte("package swim\n")},
		"dice/x_test.go": {Data: []byte("package dice\n")},
	}
}

// newRepository makes a repository with definitions by their path below
// experiments/.
func newRepository(t testing.TB, definitions map[string]string) string {
	t.Helper()
	root := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(root, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	write("go.mod", "module github.com/swimlab/swimlab\n")
	for name, text := range definitions {
		write("experiments/"+name, text)
	}
	return root
}

// newLab sets up a lab over a repository with the toy world.
func newLab(t testing.TB, root string, change func(*Config)) *Lab {
	t.Helper()
	c := Config{Root: root, Worlds: []trial.World{toy.World{}}, Sources: diceCode(), Profile: Standard, Workers: 2}
	if change != nil {
		change(&c)
	}
	l, err := New(c)
	require.NoError(t, err)
	return l
}

// diceLab is a lab with the dice experiment alone, and its plan.
func diceLab(t *testing.T, change func(*Config)) (*Lab, *Plan) {
	t.Helper()
	l := newLab(t, newRepository(t, map[string]string{"dice/wait.yaml": diceDefinition}), change)
	definitions, err := l.Discover()
	require.NoError(t, err)
	p, err := l.Plan(definitions[0])
	require.NoError(t, err)
	return l, p
}

// silent is a Progress that counts.
type silent struct{ total, cached int }

func (s *silent) Begin(_ string, total, cached int) { s.total += total; s.cached += cached }
func (s *silent) Advance(string)                    {}

func runAll(t *testing.T, l *Lab, plans ...*Plan) *silent {
	t.Helper()
	watch := &silent{}
	require.NoError(t, l.Run(context.Background(), plans, watch))
	return watch
}
