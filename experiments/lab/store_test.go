package lab

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/experiments/trial"
)

func oneCell(t *testing.T) (*Store, Cell) {
	t.Helper()
	return OpenStore(t.TempDir()), Cell{Spec: trial.Spec{World: "toy", Measure: []string{"wait"}}, Key: "0123456789abcdef"}
}

func seenWait(v float64) trial.Observations {
	return trial.Observations{Samples: map[string][]float64{"wait": {v, 1.0 / 3}}}
}

func TestWhatIsStoredIsReadBackExactly(t *testing.T) {
	s, c := oneCell(t)
	require.NoError(t, s.Append(c, 3, seenWait(0.1)))
	require.NoError(t, s.Append(c, 1, trial.Observations{Samples: map[string][]float64{"wait": {}}, Series: map[string]trial.Series{"walk": {X: []float64{1}, Y: []float64{2}}}}))
	trials, err := s.Load(c.Key)
	require.NoError(t, err)
	require.Len(t, trials, 2)
	assert.Equal(t, seenWait(0.1), trials[3])
	assert.Equal(t, []float64{}, trials[1].Samples["wait"], "never observed is not absent")
	assert.Equal(t, []float64{2}, trials[1].Series["walk"].Y)
}

func TestTornAndAlteredLinesDoNotCount(t *testing.T) {
	s, c := oneCell(t)
	for number := 1; number <= 3; number++ {
		require.NoError(t, s.Append(c, number, seenWait(float64(number))))
	}
	path := s.path(c.Key)
	whole, err := os.ReadFile(path)
	require.NoError(t, err)

	require.NoError(t, os.WriteFile(path, whole[:len(whole)-9], 0o644), "a kill in the middle of a write")
	finished, settled, err := s.Finished(c.Key)
	require.NoError(t, err)
	assert.Equal(t, map[int]bool{1: true, 2: true}, finished)
	assert.False(t, settled)
	require.NoError(t, s.Append(c, 3, seenWait(3)))
	finished, _, err = s.Finished(c.Key)
	require.NoError(t, err)
	assert.Len(t, finished, 3, "the torn line does not spoil the next one")
	require.NoError(t, s.Settle(c))
	again, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(whole), string(again), "settled, nothing is left of the accident")

	altered := strings.Replace(string(whole), `"trial":2,"samples":{"wait":[2,`, `"trial":2,"samples":{"wait":[9,`, 1)
	require.NotEqual(t, string(whole), altered)
	require.NoError(t, os.WriteFile(path, []byte(altered), 0o644))
	finished, _, err = s.Finished(c.Key)
	require.NoError(t, err)
	assert.Equal(t, map[int]bool{1: true, 3: true}, finished)
}

// Whoever has written his own sets the file in order while others still write; no
// trial of theirs is lost.
func TestManyWritersShareAStore(t *testing.T) {
	s, c := oneCell(t)
	var group sync.WaitGroup
	for writer := range 8 {
		own := OpenStore(s.dir) // as another process has it
		group.Go(func() {
			for i := range 50 {
				assert.NoError(t, own.Append(c, 1+writer*50+i, seenWait(float64(i))))
				assert.NoError(t, own.Settle(c))
			}
		})
	}
	group.Wait()
	finished, settled, err := s.Finished(c.Key)
	require.NoError(t, err)
	assert.Len(t, finished, 400)
	assert.True(t, settled)
}

func TestSettledBytesDoNotDependOnTheOrder(t *testing.T) {
	texts := map[string]bool{}
	for _, order := range [][]int{{1, 2, 3}, {3, 1, 2}, {2, 3, 1}} {
		s, c := oneCell(t)
		for _, number := range order {
			require.NoError(t, s.Append(c, number, seenWait(float64(number))))
		}
		require.NoError(t, s.Settle(c))
		text, err := os.ReadFile(s.path(c.Key))
		require.NoError(t, err)
		texts[string(text)] = true
	}
	assert.Len(t, texts, 1)
}

func TestAStoreThatCannotBeWrittenSaysSo(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	_, c := oneCell(t)
	assert.Error(t, OpenStore(file).Append(c, 1, seenWait(1)))
}

// A killed run is a run whose context ended at some trial: what had finished is
// kept, and the resumed results are those of a run that was never stopped.
func TestAResumedRunGivesTheSameBytes(t *testing.T) {
	whole, p := diceLab(t, nil)
	runAll(t, whole, p)

	broken, q := diceLab(t, nil)
	ctx, cancel := context.WithCancel(context.Background())
	err := broken.Run(ctx, []*Plan{q}, &stopper{after: 100, stop: cancel})
	require.ErrorIs(t, err, context.Canceled)
	watch := runAll(t, broken, q)
	assert.GreaterOrEqual(t, watch.cached, 100)
	assert.Less(t, watch.cached, watch.total)
	assert.Equal(t, filesIn(t, whole.store.dir), filesIn(t, broken.store.dir))
}

type stopper struct {
	after int
	stop  func()
	mu    sync.Mutex
}

func (s *stopper) Begin(string, int, int) {}
func (s *stopper) Advance(string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.after--; s.after == 0 {
		s.stop()
	}
}

func filesIn(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		files[name] = string(data)
		return err
	}))
	return files
}

func TestResultsDoNotDependOnTheWorkers(t *testing.T) {
	one, p := diceLab(t, func(c *Config) { c.Workers = 1 })
	many, q := diceLab(t, func(c *Config) { c.Workers = 8 })
	runAll(t, one, p)
	runAll(t, many, q)
	assert.Equal(t, filesIn(t, one.store.dir), filesIn(t, many.store.dir))
}

func TestNothingRunsTwice(t *testing.T) {
	l, p := diceLab(t, nil)
	assert.Equal(t, &silent{total: 240}, runAll(t, l, p))
	assert.Equal(t, &silent{total: 240, cached: 240}, runAll(t, l, p))
	bigger, q := diceLab(t, func(c *Config) { c.Results, c.Profile = l.store.dir, Full })
	assert.Equal(t, &silent{total: 480, cached: 240}, runAll(t, bigger, q), "a bigger profile goes on where a smaller one ended")
}

func TestAFailedTrialIsNamed(t *testing.T) {
	for how, message := range map[string]string{
		"error":    "dice/wait, sides=2 variant=fair, seed 1: the dice fell off the table",
		"panic":    "dice/wait, sides=2 variant=fair, seed 1: panic: the dice fell off the table",
		"infinite": "dice/wait, sides=2 variant=fair, seed 1: measure total gave +Inf; want a finite number",
	} {
		l, p := diceLab(t, func(c *Config) { c.Workers = 1; c.Overrides = []Override{{"system.broken", how}} })
		err := l.Run(context.Background(), []*Plan{p}, &silent{})
		var failed *TrialError
		require.True(t, errors.As(err, &failed))
		assert.Contains(t, err.Error(), message)
	}
}
