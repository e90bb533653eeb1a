package lab

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/datasets"
	"github.com/swimlab/swimlab/experiments/trial"
)

func TestAxesMultiplyAndTheFirstVariesSlowest(t *testing.T) {
	_, p := diceLab(t, nil)
	var names []string
	for _, c := range p.Cells {
		names = append(names, p.Name(c))
	}
	assert.Equal(t, []string{
		"sides=2 variant=fair", "sides=2 variant=loaded",
		"sides=4 variant=fair", "sides=4 variant=loaded",
		"sides=6 variant=fair", "sides=6 variant=loaded",
	}, names)
	assert.Equal(t, map[string]any{"protocol": "dice", "players": 4, "sides": 4, "loaded": true}, p.Cells[3].Spec.System)
	assert.Equal(t, 40, p.Trials)
}

func TestAnOutlineHasTheCellsOfThePlanAndNoKeys(t *testing.T) {
	l, p := diceLab(t, nil)
	outline, err := l.Outline(p.Definition)
	require.NoError(t, err)
	require.Len(t, outline.Cells, len(p.Cells))
	for i, c := range outline.Cells {
		assert.Equal(t, p.Cells[i].Spec.System, c.Spec.System)
		assert.Equal(t, p.Cells[i].World, c.World)
		assert.NotEmpty(t, p.Cells[i].Key)
		assert.Empty(t, c.Key)
	}
}

func TestAProfileChangesItsPart(t *testing.T) {
	_, p := diceLab(t, func(c *Config) { c.Profile = Smoke })
	assert.Len(t, p.Cells, 4)
	assert.Equal(t, 2, p.Trials)
	assert.Equal(t, map[string]any{"throws": 5}, p.Cells[0].Spec.Run)
}

func TestTheUserSetsParametersForOneCall(t *testing.T) {
	set := func(texts ...string) func(*Config) {
		return func(c *Config) {
			for _, text := range texts {
				o, err := ParseOverride(text)
				require.NoError(t, err)
				c.Overrides = append(c.Overrides, o)
			}
		}
	}
	_, p := diceLab(t, set("sides=3,6", "variant=fair", "trials=7", "run.throws=1"))
	require.Len(t, p.Cells, 2)
	assert.Equal(t, "sides=3 variant=fair", p.Name(p.Cells[0]))
	assert.Equal(t, 7, p.Trials)
	assert.True(t, p.Overridden)
	assert.Equal(t, map[string]any{"throws": 1}, p.Cells[0].Spec.Run)
	_, p = diceLab(t, set("run.throws=null"))
	assert.Empty(t, p.Cells[0].Spec.Run, "the world's default counts")

	for text, message := range map[string]string{
		"variant=fare":         `variant has no "fare" (did you mean fair?); want one of fair, loaded`,
		"side=3":               "--set side: dice/wait has no such axis (did you mean sides?); want one of trials, sides, variant, or a path",
		"sides=-3":             "--set system.sides=-3: dice/wait: system.sides: -3 is not valid; want 1 or more",
		"system.sides=0":       "--set system.sides=0: dice/wait: system.sides: 0 is not valid; want 1 or more",
		"run.throws=many":      "--set run.throws=many: dice/wait: run.throws: many is not valid; want a whole number",
		"run.thrown=1":         "--set run.thrown=1: dice/wait: run.thrown: unknown key (did you mean throws?); want one of throws",
		"sides=4,4":            "--set sides=4,4: 4 is listed twice",
		"trials=0":             "--set trials=0 is not valid; want a whole number from 1",
		"sides=null":           "--set sides=null is not valid; want levels of the axis, as null takes away keys alone",
		"run.throw=null":       "--set run.throw: throw is not given, and null takes away; want a key that is",
		"system.a.b=null":      "--set system.a.b: a is not given, and null takes away; want a key that is",
		"system.protocol=null": "system.protocol: missing; want one of",
		"system.protocol=ludo": `--set system.protocol=ludo: dice/wait: system.protocol: protocol "ludo" is not known`,
	} {
		l := newLab(t, newRepository(t, map[string]string{"dice/wait.yaml": diceDefinition}), set(text))
		definitions, err := l.Discover()
		require.NoError(t, err)
		_, err = l.Plan(definitions[0])
		assert.ErrorContains(t, err, message)
	}
	l := newLab(t, newRepository(t, map[string]string{"dice/wait.yaml": diceDefinition}), set("sides=4", "sides=6"))
	definitions, err := l.Discover()
	require.NoError(t, err)
	_, err = l.Plan(definitions[0])
	assert.ErrorContains(t, err, "--set sides is given twice; want it once, with all levels of an axis as in members=8,16")
	_, err = ParseOverride("members")
	assert.ErrorContains(t, err, "want key=value")
}

// What a world refuses is blamed on the line that asked for it.
func TestWhatTheWorldRefusesIsBlamedOnItsLine(t *testing.T) {
	for _, c := range []struct{ replace, with, message string }{
		{"sides: [2, 4, 6]", "sides: [2, -4, 6]", "experiments/dice/wait.yaml:13: sweep.sides: system.sides: -4 is not valid; want 1 or more"},
		{"players: 4", "players: 0", "experiments/dice/wait.yaml:10: system.players: 0 is not valid; want 1 or more"},
		{"players: 4", "player: 4", "experiments/dice/wait.yaml:10: system.player: unknown key"},
		{"{throws: 12}", "{throws: 12s}", "experiments/dice/wait.yaml:11: run.throws: "},
		{"players: 4", "players: 4, slow: 20", `experiments/dice/wait.yaml:10: system.slow: 20 is not valid; want a duration with its unit`},
		{"{system.loaded: false}", "{system.loaded: 7}", "experiments/dice/wait.yaml:15: sweep.variant.0.set.system.loaded: 7 is not valid; want true or false"},
		{"[wait, sixes, total]", "[wait, sixes, total, luck]", "experiments/dice/wait.yaml:20: measure.3: luck cannot be measured of dice in world toy; want one of seats, sixes, total, wait"},
		{"worlds: [toy]", "worlds: [tay]", `experiments/dice/wait.yaml:9: worlds.0: world "tay" is not known (did you mean toy?); want one of toy`},
		{"protocol: dice, ", "", "system.protocol: missing; want one of dice"},
		{"{sides: [2, 4]}, set: {run.throws: 5}", "{sides: [2, -4]}, set: {run.throws: 5}", "experiments/dice/wait.yaml:13: sweep.sides: system.sides: -4 is not valid; want 1 or more"},
		{"{sides: [2, 4]}, set: {run.throws: 5}", "{sides: [2, 4]}, set: {run.thrws: 5}", "experiments/dice/wait.yaml:19: profiles.smoke.set.run.thrws: unknown key (did you mean throws?); want one of throws"},
		{"{sides: [2, 4]}, set: {run.throws: 5}", "{sides: [2, 4]}, set: {run.throws: 0}", "experiments/dice/wait.yaml:19: profiles.smoke.set.run.throws: 0 is not valid; want 1 or more"},
		{"{system.loaded: false}", "{faults.2.at: 3s}", "experiments/dice/wait.yaml:15: sweep.variant.0.set.faults.2.at: there is no fault 2"},
		{"{system.loaded: false}", "{run.throws.most: 3}", "experiments/dice/wait.yaml:15: sweep.variant.0.set.run.throws.most: throws holds a plain value, not a section"},
		{"players: 4", "players: [4, 5]", "experiments/dice/wait.yaml:10: system.players: [4, 5] is not valid; want a whole number"},
		{"players: 4", "players: {a: 1, b: [2]}", "experiments/dice/wait.yaml:10: system.players: {a: 1, b: [2]} is not valid; want a whole number"},
	} {
		require.Contains(t, diceDefinition, c.replace)
		l := newLab(t, newRepository(t, map[string]string{"dice/wait.yaml": strings.Replace(diceDefinition, c.replace, c.with, 1)}), nil)
		definitions, err := l.Discover()
		require.NoError(t, err, c.with)
		_, err = l.Plan(definitions[0])
		assert.ErrorContains(t, err, c.message)
	}
}

// The figures name the measure rightly; it is not they who are blamed.
func TestASlipOfAMeasureIsFoundBeforeTheFigures(t *testing.T) {
	slip := strings.Replace(diceDefinition, "[wait, sixes, total]", "[waits, sixes, total]", 1)
	_, err := newLab(t, newRepository(t, map[string]string{"dice/wait.yaml": slip}), nil).Discover()
	assert.ErrorContains(t, err, "experiments/dice/wait.yaml:20: measure.0: waits can be measured in no world (did you mean wait?); `repro measures` lists what can")
}

// misnamed holds no dataset; one like office is a slip, and planet takes no options.
type misnamed struct{ everywhere }

func (misnamed) Available(name string) (bool, string) { return false, name + " is not here" }

func (misnamed) Check(name string) error {
	switch name {
	case "offce", "remote":
		return &datasets.UnknownError{Name: name, Known: []string{"office", "planet"}}
	case "planet:x":
		return errors.New(`dataset "planet:x" is not valid; want planet`)
	}
	return nil
}

func TestADatasetThatIsNowhereIsBlamedOnItsLine(t *testing.T) {
	for name, message := range map[string]string{
		"offce":    `experiments/dice/wait.yaml:12: network.dataset: no dataset is called "offce" (did you mean office?); want one of office, planet`,
		"planet:x": `experiments/dice/wait.yaml:12: network.dataset: dataset "planet:x" is not valid; want planet`,
		"office":   "",
		"remote":   "", // of somebody's own, perhaps, on another machine
	} {
		text := strings.Replace(diceDefinition, "sweep:", "network: {dataset: \""+name+"\"}\nsweep:", 1)
		l := newLab(t, newRepository(t, map[string]string{"dice/wait.yaml": text}), func(c *Config) { c.Datasets = misnamed{} })
		definitions, err := l.Discover()
		require.NoError(t, err)
		p, err := l.Plan(definitions[0])
		if message != "" {
			assert.EqualError(t, err, message)
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, []string{name}, p.Missing())
	}
}

func TestSeedsAreCommonToAllCellsAndNeverRepeat(t *testing.T) {
	_, p := diceLab(t, nil)
	assert.Equal(t, p.Cells[0].trial(7).Seed, p.Cells[5].trial(7).Seed)
	seen := map[uint64]bool{}
	for number := 1; number <= 100_000; number++ {
		seen[Seed(number)] = true
	}
	assert.Len(t, seen, 100_000)
}

func TestTheKeyFollowsWhatTheResultsDependOn(t *testing.T) {
	spec := trial.Spec{World: "toy", System: map[string]any{"sides": 6}, Measure: []string{"wait"}, Datasets: map[string]string{"die": "a"}}
	key := func(change func(*trial.Spec), code string) Key {
		s := spec
		change(&s)
		k, err := keyOf(s, code)
		require.NoError(t, err)
		return k
	}
	same := key(func(*trial.Spec) {}, "code")
	assert.Equal(t, same, key(func(s *trial.Spec) { s.Experiment = "other/name" }, "code"), "two experiments may share trials")
	assert.NotEqual(t, same, key(func(*trial.Spec) {}, "other code"))
	assert.NotEqual(t, same, key(func(s *trial.Spec) { s.System = map[string]any{"sides": 7} }, "code"))
	assert.NotEqual(t, same, key(func(s *trial.Spec) { s.Datasets = map[string]string{"die": "b"} }, "code"))
	assert.NotEqual(t, same, key(func(s *trial.Spec) { s.Measure = nil }, "code"))
}

// somewhere is a set of recorded data of which one is here.
type somewhere struct{ digest string }

func (s somewhere) Check(string) error { return nil }
func (s somewhere) Available(name string) (bool, string) {
	return name == "here", "dataset " + name + " is absent; fetch it"
}
func (s somewhere) Digest(string) (string, error) { return s.digest, nil }

const dataDefinition = `id: dice/data
version: 1
title: Dice of two makers
source: {paper: pascal1654}
question: Does the maker matter?
method: Throw both.
worlds: [toy]
system: {protocol: dice, sides: 6}
sweep: {network.dataset: [here, there]}
trials: {smoke: 2, standard: 10, full: 20}
measure: [wait]
figures:
  - {name: waits, kind: cdf, y: wait, facet: dataset}
  - {name: both, x: dataset, y: wait}
tables:
  - {name: makers, rows: [dataset], columns: [{label: throws, value: mean(wait)}]}
claims:
  - {id: mine, statement: A six takes six throws, location: p. 1, published: 6, known: read, measured: 'mean(where(wait, {dataset: here}))', kind: relative, tolerance: 90%}
  - {id: theirs, statement: A six takes six throws, location: p. 1, published: 6, known: read, measured: 'mean(where(wait, {dataset: there}))', kind: relative, tolerance: 90%}
`

func TestAnAbsentDatasetKeepsItsCellsFromRunning(t *testing.T) {
	l := newLab(t, newRepository(t, map[string]string{"dice/data.yaml": dataDefinition}), func(c *Config) { c.Datasets = somewhere{"one"} })
	definitions, err := l.Discover()
	require.NoError(t, err)
	p, err := l.Plan(definitions[0])
	require.NoError(t, err)
	assert.Equal(t, []string{"there"}, p.Missing())
	assert.Equal(t, &silent{total: 10}, runAll(t, l, p))
	outcomes, err := l.Evaluate([]*Plan{p})
	require.NoError(t, err)
	o := outcomes[0]
	assert.Equal(t, Reproduced, o.Claims[0].Verdict)
	assert.Equal(t, NotRunVerdict, o.Claims[1].Verdict)
	const why = "needs the dataset there, which is not here; `repro datasets list` says how to get it"
	assert.Equal(t, why, o.Claims[1].Reason)
	require.Len(t, o.Figures, 1)
	assert.Equal(t, "dice-data-waits-here", o.Figures[0].Name)
	assert.Equal(t, map[string]string{"dice-data-waits-there": why, "dice-data-both": why, "dice-data-makers": why}, o.Missing)
}

func TestPlanningFiftyThousandTrialsTakesNoTime(t *testing.T) {
	var sides []string
	for i := 1; i <= 500; i++ {
		sides = append(sides, fmt.Sprint(i))
	}
	big := strings.NewReplacer("sides: [here, there]", "", "{network.dataset: [here, there]}", "{sides: ["+strings.Join(sides, ", ")+"]}",
		"standard: 10", "standard: 100", "id: dice/data", "id: dice/big", ", sides: 6", "",
		"facet: dataset", "facet: sides", "rows: [dataset]", "rows: [sides]", "x: dataset", "x: sides", "dataset: here", "sides: 1", "dataset: there", "sides: 2").Replace(dataDefinition)
	l := newLab(t, newRepository(t, map[string]string{"dice/big.yaml": big}), nil)
	definitions, err := l.Discover()
	require.NoError(t, err)
	began := time.Now()
	p, err := l.Plan(definitions[0])
	require.NoError(t, err)
	jobs, _, err := l.pending([]*Plan{p}, &silent{})
	require.NoError(t, err)
	assert.Len(t, jobs, 50_000)
	assert.Less(t, time.Since(began), time.Second)
}
