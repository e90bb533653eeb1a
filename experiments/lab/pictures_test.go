package lab

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/experiments/lab/toy"
	"github.com/swimlab/swimlab/experiments/trial"
)

// gallery is the toy world, as one whose trials can be drawn.
type gallery struct {
	toy.World
	drawn int
}

func (g *gallery) SpaceTime(_ context.Context, spec trial.Spec, members []int) (trial.SpaceTime, error) {
	g.drawn++
	return trial.SpaceTime{
		Title: "1 accuses 2", To: time.Second, Members: []trial.SpaceTimeMember{{ID: 1, Role: "accuser"}},
		Messages: []trial.SpaceTimeMessage{{From: 2, To: 1, Label: "ack", Read: trial.Never, Arrived: trial.Never, LostAt: trial.Never}},
		Story:    []string{fmt.Sprintf("With %v sides, seed %d, members %v:", spec.System["sides"], spec.Seed, members), "    1 accuses 2."},
	}, nil
}

const dicePicture = `pictures:
  - {name: quarrel, title: A quarrel, caption: Two of them., where: {sides: 4, variant: fair}, seed: 3, members: [2]}
tables:`

func withPicture(t *testing.T, old, new string) (*Lab, *Plan, *gallery) {
	t.Helper()
	text := strings.Replace(strings.Replace(diceDefinition, "\ntables:", "\n"+dicePicture, 1), old, new, 1)
	g := &gallery{}
	l := newLab(t, newRepository(t, map[string]string{"dice/wait.yaml": text}), func(c *Config) { c.Worlds = []trial.World{g} })
	definitions, err := l.Discover()
	require.NoError(t, err)
	p, err := l.Plan(definitions[0])
	require.NoError(t, err)
	return l, p, g
}

func TestAPictureIsDrawnOnceAndPublishedLikeAFigure(t *testing.T) {
	l, p, g := withPicture(t, "", "")
	outcomes, err := l.Evaluate([]*Plan{p})
	require.NoError(t, err)
	assert.Contains(t, outcomes[0].Missing["dice-wait-quarrel"], "`repro run dice/wait`", "evaluating runs nothing")
	assert.Zero(t, g.drawn)

	runAll(t, l, p)
	runAll(t, l, p)
	assert.Equal(t, 1, g.drawn)
	outcomes, err = l.Evaluate([]*Plan{p})
	require.NoError(t, err)
	require.NoError(t, l.Publish([]*Definition{p.Definition}, outcomes))
	svg := read(t, l, "paper/figures/dice-wait-quarrel.svg")
	assert.True(t, strings.Contains(svg, "<svg"))
	assert.Equal(t, fmt.Sprintf("With 4 sides, seed %d, members [2]:\n    1 accuses 2.\n", Seed(3)), read(t, l, "paper/figures/dice-wait-quarrel.txt"))

	v, err := l.Verify([]*Definition{p.Definition}, outcomes)
	require.NoError(t, err)
	assert.Empty(t, v.Different)
	assert.Contains(t, v.Same, "paper/figures/dice-wait-quarrel.svg")
	require.NoError(t, os.WriteFile(filepath.Join(l.root, "paper/figures/dice-wait-quarrel.txt"), []byte("otherwise\n"), 0o644))
	v, err = l.Verify([]*Definition{p.Definition}, outcomes)
	require.NoError(t, err)
	assert.Equal(t, []FileProblem{{"paper/figures/dice-wait-quarrel.txt", "differs from what the results give, first at line 1"}}, v.Different)

	page := Site(l.root, outcomes, Standard, "").Pages[0]
	require.Len(t, page.Pictures, 1)
	assert.Equal(t, "Two of them. sides=4 variant=fair.", page.Pictures[0].Caption)
	assert.Equal(t, "3", page.Pictures[0].Provenance.Seeds)
	d, found := FindArtifact([]*Definition{p.Definition}, "dice-wait-quarrel.svg")
	assert.True(t, found)
	assert.Equal(t, p.Definition, d)
}

func TestATornCaseIsWatchedAgain(t *testing.T) {
	l, p, g := withPicture(t, "", "")
	runAll(t, l, p)
	at, _, err := p.pictured(p.Definition.Pictures[0])
	require.NoError(t, err)
	path := l.store.casePath(p.Definition.Pictures[0].key(p.Cells[at]))
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, data[:len(data)-9], 0o644))
	runAll(t, l, p)
	assert.Equal(t, 2, g.drawn)
}

func TestAProfileMayLeaveAPicturedCellOut(t *testing.T) {
	l, p, _ := withPicture(t, "where: {sides: 4, variant: fair}", "where: {sides: 6, variant: fair}")
	l.profile = Smoke
	p, err := l.Plan(p.Definition)
	require.NoError(t, err)
	runAll(t, l, p)
	outcomes, err := l.Evaluate([]*Plan{p})
	require.NoError(t, err)
	assert.Equal(t, "profile smoke has no cell with sides=6 variant=fair", outcomes[0].Missing["dice-wait-quarrel"])
}

func TestAPictureIsOfOneTrial(t *testing.T) {
	whole := strings.Replace(diceDefinition, "\ntables:", "\n"+dicePicture, 1)
	for _, c := range []struct{ old, new, want string }{
		{"{sides: 4, variant: fair}", "{sides: 4}", "pictures.0.where: a picture is of one trial; want one level of variant, one of fair, loaded"},
		{"{sides: 4, variant: fair}", "{sides: [2, 4], variant: fair}", "pictures.0.where: a picture is of one trial; want one level of sides, one of 2, 4, 6"},
		{"{sides: 4, variant: fair}", "{sides: 5, variant: fair}", "sides has no level 5; want one of 2, 4, 6"},
		{"name: quarrel", "name: total", `pictures.0.name: "total" is not valid; want a name that no figure or other picture has`},
		{"seed: 3", "seed: -3", "pictures.0.seed: -3 is not valid; want the number of a trial, from 1"},
		{"seed: 3", "sede: 3", "pictures.0.sede"},
	} {
		l := newLab(t, newRepository(t, map[string]string{"dice/wait.yaml": strings.Replace(whole, c.old, c.new, 1)}), nil)
		_, err := l.Discover()
		assert.ErrorContains(t, err, c.want, c.new)
	}
	l := newLab(t, newRepository(t, map[string]string{"dice/wait.yaml": whole}), nil)
	definitions, err := l.Discover()
	require.NoError(t, err)
	_, err = l.Plan(definitions[0])
	assert.ErrorContains(t, err, "pictures: world toy draws no space-time pictures")
}
