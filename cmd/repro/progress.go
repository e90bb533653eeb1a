package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/jedib0t/go-pretty/v6/progress"
)

// watcher shows how a run goes: bars with the time left on a terminal, plain
// lines elsewhere. It implements lab.Progress.
type watcher struct {
	out  io.Writer
	bars progress.Writer // nil when out is no terminal

	mu     sync.Mutex
	ran    map[string]*tally
	behind int       // trials of experiments that have yet to begin
	ended  time.Time // when the last trial did, or the run began
	told   time.Time // when the last line was written
}

// tellEvery is how long a run without a terminal may say nothing, trials that take
// longer aside.
const tellEvery = 30 * time.Second

// tally counts one experiment's trials.
type tally struct {
	total, done int
	began       time.Time
	tracker     *progress.Tracker
}

func newProgress(out io.Writer) *watcher {
	w := &watcher{out: out, ran: map[string]*tally{}}
	if !isTerminal(out) {
		return w
	}
	w.bars = progress.NewWriter()
	w.bars.SetOutputWriter(out)
	w.bars.SetStyle(progress.StyleBlocks)
	w.bars.Style().Visibility.Speed = false
	w.bars.Style().Visibility.Value = true
	w.bars.Style().Visibility.ETA = true
	w.bars.Style().Visibility.ETAOverall = true
	w.bars.Style().Visibility.TrackerOverall = true
	w.bars.Style().Options.TimeInProgressPrecision = 100 * time.Millisecond
	w.bars.Style().Options.TimeDonePrecision = 100 * time.Millisecond
	w.bars.SetTrackerPosition(progress.PositionRight)
	w.bars.SetUpdateFrequency(200 * time.Millisecond)
	w.bars.SetMessageLength(34)
	go w.bars.Render()
	return w
}

// Begin implements lab.Progress.
func (w *watcher) Begin(experiment string, total, cached int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if total == cached {
		return // nothing to watch
	}
	t := &tally{total: total - cached, began: time.Now()}
	w.ran[experiment] = t
	w.behind += t.total
	w.ended, w.told = t.began, t.began
	if w.bars == nil {
		fmt.Fprintf(w.out, "%s: %s to run, %d cached\n", experiment, trials(total-cached), cached)
		return
	}
	t.tracker = &progress.Tracker{Message: experiment, Total: int64(t.total), DeferStart: true}
	w.bars.AppendTracker(t.tracker)
}

// Advance implements lab.Progress.
func (w *watcher) Advance(experiment string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := w.ran[experiment]
	now := time.Now()
	if t.done == 0 {
		t.began = w.ended
		w.behind -= t.total
	}
	t.done++
	w.ended = now
	switch {
	case t.tracker != nil:
		if t.done == 1 {
			t.tracker.Start()
		}
		t.tracker.Increment(1)
	case t.done == t.total:
		w.told = now
		fmt.Fprintf(w.out, "%s: done in %s\n", experiment, now.Sub(t.began).Round(10*time.Millisecond))
	case now.Sub(w.told) >= tellEvery:
		w.told = now
		fmt.Fprintf(w.out, "%s: %s\n", experiment, t.outlook(now, w.behind))
	}
}

// outlook says how far an experiment is and when it will end if it goes on as it
// has. behind is how many trials of other experiments follow; what those take
// cannot be told from it.
func (t *tally) outlook(now time.Time, behind int) string {
	spent := now.Sub(t.began)
	left := time.Duration(float64(spent) / float64(t.done) * float64(t.total-t.done))
	text := fmt.Sprintf("%d of %d trials in %s, %s left at this pace", t.done, t.total, spent.Round(time.Second), left.Round(time.Second))
	if behind > 0 {
		text += fmt.Sprintf("; then %d trials of other experiments", behind)
	}
	return text
}

// stop ends the display.
func (w *watcher) stop() {
	if w.bars == nil {
		return
	}
	time.Sleep(250 * time.Millisecond) // let the bars reach their end
	w.bars.Stop()
	for w.bars.IsRenderInProgress() {
		time.Sleep(10 * time.Millisecond)
	}
}

// isTerminal says whether a person watches w.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb" && os.Getenv("TERM") != ""
}

func trials(n int) string {
	if n == 1 {
		return "1 trial"
	}
	return fmt.Sprintf("%d trials", n)
}
