package lab

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/experiments/lab/toy"
	"github.com/swimlab/swimlab/experiments/trial"
)

// taped is a world of dice that no seed governs: no trial comes out twice.
type taped struct {
	toy.World
	trials  *atomic.Int64 // run until now
	failing *atomic.Int64 // the trial at which it fails; 0 for none
	alone   bool
	now     *atomic.Int64 // trials that run at this moment
	beside  *atomic.Int64 // the most of them there ever were
}

func newTaped() taped {
	return taped{trials: &atomic.Int64{}, failing: &atomic.Int64{}, now: &atomic.Int64{}, beside: &atomic.Int64{}}
}

func (w taped) Name() string { return "table" }
func (w taped) With() string { return "dice on a table" }
func (w taped) Alone() bool  { return w.alone }

func (w taped) Run(ctx context.Context, spec trial.Spec) (trial.Observations, error) {
	n := w.trials.Add(1)
	w.beside.Store(max(w.beside.Load(), w.now.Add(1)))
	defer w.now.Add(-1)
	if n == w.failing.Load() {
		return trial.Observations{}, errors.New("the table fell over")
	}
	spec.Seed = uint64(n)
	return w.World.Run(ctx, spec)
}

// sideBySide throws the dice in both worlds.
var sideBySide = strings.NewReplacer(
	"worlds: [toy]", "worlds: [toy, table]",
	"sweep:\n  sides: [2, 4, 6]", "sweep:\n  world: [toy, table]\n  sides: [2, 4, 6]",
	`{sides: 6, variant: "fair"}`, `{sides: 6, variant: "fair", world: table}`,
	"rows: [variant, sides]", "rows: [world, variant, sides]",
	"[[fair, 2, 2.0], [fair, 6, 6.0]]", "[[toy, fair, 2, 2.0], [table, fair, 6, 6.0]]",
).Replace(diceDefinition)

const tape = "experiments/dice/recorded/wait.table.jsonl"

// sideLab is a lab over the definition in both worlds, and its plan.
func sideLab(t *testing.T, root string, w taped, change func(*Config)) (*Lab, *Plan) {
	t.Helper()
	l, p, err := trySideLab(t, root, w, change)
	require.NoError(t, err)
	return l, p
}

func trySideLab(t *testing.T, root string, w taped, change func(*Config)) (*Lab, *Plan, error) {
	t.Helper()
	l := newLab(t, root, func(c *Config) {
		c.Worlds = append(c.Worlds, w)
		if change != nil {
			change(c)
		}
	})
	definitions, err := l.Discover()
	require.NoError(t, err)
	p, err := l.Plan(definitions[0])
	return l, p, err
}

func recording(c *Config) { c.Record = true }

// recordedRepository is a repository whose recording has been made.
func recordedRepository(t *testing.T) (root string, w taped) {
	t.Helper()
	root, w = newRepository(t, map[string]string{"dice/wait.yaml": sideBySide}), newTaped()
	l, p := sideLab(t, root, w, recording)
	require.NoError(t, l.Record(context.Background(), []*Plan{p}, &silent{}))
	return root, w
}

func TestUnaskedNothingRunsThatCannotBeRepeated(t *testing.T) {
	w := newTaped()
	l, p := sideLab(t, newRepository(t, map[string]string{"dice/wait.yaml": sideBySide}), w, nil)
	watch := runAll(t, l, p)
	assert.Equal(t, 6*40, watch.total, "the other world's trials")
	assert.Zero(t, w.trials.Load())
	outcomes, err := l.Evaluate([]*Plan{p})
	require.NoError(t, err)
	c := outcomes[0].Claims[0]
	assert.Equal(t, NotRunVerdict, c.Verdict)
	assert.Contains(t, c.Reason, "is not recorded in world table; `repro run dice/wait --record` measures it")
	why, err := l.Why(p, nil)
	require.NoError(t, err)
	assert.Zero(t, why.Pending())
}

func TestEveryCloneDrawsTheSameFromARecording(t *testing.T) {
	root, w := recordedRepository(t)
	recorded := w.trials.Load()
	assert.EqualValues(t, 6*40, recorded, "the repeatable world's trials are not recorded")
	tapeBytes, err := os.ReadFile(filepath.Join(root, tape))
	require.NoError(t, err)

	draw := func(root string, workers int) (csv string, o *Outcome) {
		l, p := sideLab(t, root, w, func(c *Config) { c.Workers = workers })
		runAll(t, l, p)
		outcomes, err := l.Evaluate([]*Plan{p})
		require.NoError(t, err)
		files, err := outcomes[0].artifacts()
		require.NoError(t, err)
		for _, f := range files {
			csv += f.path + string(f.data)
		}
		return csv, outcomes[0]
	}
	here, o := draw(root, 1)
	clone := newRepository(t, map[string]string{"dice/wait.yaml": sideBySide, "dice/recorded/wait.table.jsonl": string(tapeBytes)})
	there, _ := draw(clone, 4)
	assert.Equal(t, here, there)
	assert.Equal(t, recorded, w.trials.Load(), "drawing ran nothing")
	assert.Equal(t, Reproduced, o.Claims[0].Verdict, "%s", o.Claims[0].Reason)
	assert.Contains(t, here, "table: recorded on 20", "the captions say so")
	assert.Contains(t, here, "with dice on a table, on ")
}

func TestRecordingAgainReplacesARecording(t *testing.T) {
	root, w := recordedRepository(t)
	before, err := os.ReadFile(filepath.Join(root, tape))
	require.NoError(t, err)
	l, p := sideLab(t, root, w, recording)

	w.failing.Store(w.trials.Load() + 100)
	assert.ErrorContains(t, l.Record(context.Background(), []*Plan{p}, &silent{}), "the table fell over")
	now, err := os.ReadFile(filepath.Join(root, tape))
	require.NoError(t, err)
	assert.Equal(t, string(before), string(now), "a recording that fails leaves the old one")

	run := w.trials.Load()
	require.NoError(t, l.Record(context.Background(), []*Plan{p}, &silent{}))
	assert.Less(t, w.trials.Load()-run, int64(6*40), "it went on where it had stopped")
	now, err = os.ReadFile(filepath.Join(root, tape))
	require.NoError(t, err)
	assert.NotEqual(t, string(before), string(now))
	run = w.trials.Load()
	require.NoError(t, l.Record(context.Background(), []*Plan{p}, &silent{}))
	assert.EqualValues(t, 6*40, w.trials.Load()-run, "what is complete is measured anew")
}

// What a recording was made of and what the definition says must be the same.
func TestARecordingOfSomethingElseIsRefusedByName(t *testing.T) {
	root, w := recordedRepository(t)
	for _, c := range []struct{ replace, with, message string }{
		{"players: 4", "players: 5", tape + ": world=table sides=2 variant=fair was recorded with system.players 4, and the definition says 5; `repro run dice/wait --record` measures again"},
		{"players: 4", "players: 4, slow: 0s", "was recorded with no system.slow, and the definition says 0s"},
		{"  sides: [2, 4, 6]\n  variant", "  sides: [2, 4, 6, 8]\n  variant", tape + ": world=table sides=8 variant=fair is not in it"},
		{"standard: 40", "standard: 41", tape + ": world=table sides=2 variant=fair has 40 trials, and the definition asks for 41"},
		{"measure: [wait, sixes, total]", "measure: [wait, total]", "was recorded with measure.1 sixes, and the definition says total"},
	} {
		require.Contains(t, sideBySide, c.replace)
		changed := strings.Replace(sideBySide, c.replace, c.with, 1)
		require.NoError(t, os.WriteFile(filepath.Join(root, "experiments/dice/wait.yaml"), []byte(changed), 0o644))
		_, _, err := trySideLab(t, root, w, nil)
		assert.ErrorContains(t, err, c.message)
		_, _, err = trySideLab(t, root, w, recording)
		assert.NoError(t, err, "measuring again is the way out")
	}
}

func TestADamagedRecordingIsRefusedByItsLine(t *testing.T) {
	root, w := recordedRepository(t)
	path := filepath.Join(root, tape)
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	for _, c := range []struct{ replace, with, message string }{
		{`{"trial":2,"samples":{"sixes":[`, `{"trial":2,"samples":{"sixes":[7`, tape + ":4: the line is torn, altered or out of order"},
		{`# {"cell":`, `# {"cells":`, tape + ":2: json: unknown field"},
		{`"date":`, `"dated":`, tape + ":1: json: unknown field"},
	} {
		require.Contains(t, string(whole), c.replace)
		require.NoError(t, os.WriteFile(path, []byte(strings.Replace(string(whole), c.replace, c.with, 1)), 0o644))
		_, _, err := trySideLab(t, root, w, nil)
		assert.ErrorContains(t, err, c.message)
	}
}

// A smaller profile takes of the recording what it needs, and what differs there
// is not recorded, which is no mistake.
func TestASmokeRunTakesWhatIsRecorded(t *testing.T) {
	root, w := recordedRepository(t)
	_, p := sideLab(t, root, w, func(c *Config) { c.Profile = Smoke })
	for _, c := range p.Cells {
		assert.Equal(t, c.isRecorded(), c.code == "", "run.throws is another in the profile smoke")
	}
	definition := strings.Replace(sideBySide, ", set: {run.throws: 5}", "", 1)
	require.NoError(t, os.WriteFile(filepath.Join(root, "experiments/dice/wait.yaml"), []byte(definition), 0o644))
	l, p := sideLab(t, root, w, func(c *Config) { c.Profile = Smoke })
	runAll(t, l, p)
	r, err := l.Load(p)
	require.NoError(t, err)
	assert.NoError(t, r.need(r.all()))
}

func TestARecordingIsOfTheDefinitionAsItStands(t *testing.T) {
	root, w := newRepository(t, map[string]string{"dice/wait.yaml": sideBySide}), newTaped()
	for message, change := range map[string]func(*Config){
		"want the profile standard or full, and no --set": func(c *Config) { c.Overrides = []Override{{Key: "trials", Value: "2"}} },
		"dice/wait: a recording is of the definition":     func(c *Config) { c.Profile = Smoke },
		"its trials in toy come out the same every time":  func(c *Config) { c.World = "toy" },
	} {
		l, p := sideLab(t, root, w, func(c *Config) { c.Record = true; change(c) })
		assert.ErrorContains(t, l.Record(context.Background(), []*Plan{p}, &silent{}), message)
	}
	assert.Zero(t, w.trials.Load())
}

// Choosing such a world is consent to run it; the results stay out of paper/.
func TestTheWorldThatWasChosenRuns(t *testing.T) {
	root, w := newRepository(t, map[string]string{"dice/wait.yaml": sideBySide}), newTaped()
	table := func(c *Config) { c.World = "table"; c.Overrides = []Override{{Key: "trials", Value: "3"}} }
	l, p := sideLab(t, root, w, table)
	assert.Len(t, p.Cells, 6, "the other world's cells are left out")
	assert.True(t, p.Overridden)
	runAll(t, l, p)
	assert.EqualValues(t, 6*3, w.trials.Load())
	r, err := l.Load(p)
	require.NoError(t, err)
	assert.NoError(t, r.need(r.all()))
	runAll(t, l, p)
	assert.EqualValues(t, 6*3, w.trials.Load(), "once")

	_, _, err = trySideLab(t, root, w, func(c *Config) { c.World = "tables" })
	assert.ErrorContains(t, err, "--world tables: dice/wait does not run there (did you mean table?); want one of toy, table")
	_, _, err = trySideLab(t, root, w, func(c *Config) { c.Overrides = []Override{{Key: "system.world", Value: "x"}} })
	assert.ErrorContains(t, err, "system.world: unknown key")
}

func TestAWorldOfTheSweepMustBeListed(t *testing.T) {
	definition := strings.Replace(sideBySide, "worlds: [toy, table]", "worlds: [toy]", 1)
	_, _, err := trySideLab(t, newRepository(t, map[string]string{"dice/wait.yaml": definition}), newTaped(), nil)
	assert.ErrorContains(t, err, `experiments/dice/wait.yaml:13: sweep.world: world: "table" is not valid; want one of the definition's worlds, toy`)
}

// A bundle may set the world with what only that world needs.
func TestABundleMaySetTheWorld(t *testing.T) {
	definition := strings.NewReplacer(
		"{name: fair, label: fair dice, style: swim, set: {system.loaded: false}}", "{name: fair, label: fair dice, style: swim, set: {world: table, system.loaded: false}}",
		"worlds: [toy]", "worlds: [toy, table]").Replace(diceDefinition)
	_, p := sideLab(t, newRepository(t, map[string]string{"dice/wait.yaml": definition}), newTaped(), nil)
	assert.Equal(t, "table", p.Cells[0].World.Name())
	assert.Equal(t, "toy", p.Cells[1].World.Name())
	assert.Equal(t, []string{"table", "toy"}, p.worlds())
}

func TestATrialThatNeedsTheMachineHasIt(t *testing.T) {
	for _, alone := range []bool{true, false} {
		w := newTaped()
		w.alone = alone
		definition := strings.Replace(sideBySide, "players: 4", "players: 4, slow: 2ms", 1)
		l, p := sideLab(t, newRepository(t, map[string]string{"dice/wait.yaml": definition}), w, func(c *Config) { c.Record = true; c.Workers = 4 })
		p.Trials = 2
		require.NoError(t, l.Record(context.Background(), []*Plan{p}, &silent{}))
		assert.Equal(t, alone, w.beside.Load() == 1)
	}
}

// The lock follows the recording: a new one is a change, the same one is none.
func TestTheLockNamesWhatWasRecorded(t *testing.T) {
	root, w := recordedRepository(t)
	entry := func() (LockedExperiment, string) {
		l, p := sideLab(t, root, w, nil)
		runAll(t, l, p)
		outcomes, err := l.Evaluate([]*Plan{p})
		require.NoError(t, err)
		lock := &Lock{Format: lockFormat}
		lock.update(outcomes[0], nil)
		why, err := l.Why(p, lock)
		require.NoError(t, err)
		return lock.Experiments[0], why.Cells[6].Reason
	}
	first, reason := entry()
	assert.Contains(t, reason, "recorded on 20")
	again, _ := entry()
	assert.Equal(t, first, again)
	assert.Equal(t, "recorded ", first.Cells[6].Code[:9])
	l, p := sideLab(t, root, w, recording)
	require.NoError(t, l.Record(context.Background(), []*Plan{p}, &silent{}))
	other, _ := entry()
	assert.Equal(t, first.Cells[6].Key, other.Cells[6].Key)
	assert.NotEqual(t, first.Cells[6].Code, other.Cells[6].Code)
}
