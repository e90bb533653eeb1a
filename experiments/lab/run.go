package lab

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/swimlab/swimlab/experiments/trial"
)

// Progress hears how a run goes. Its methods are called from many goroutines.
type Progress interface {
	// Begin announces an experiment: how many trials it has and how many of
	// them are in the cache already.
	Begin(experiment string, total, cached int)
	// Advance reports one finished trial.
	Advance(experiment string)
}

// TrialError says which trial failed. The same seed fails again.
type TrialError struct {
	Experiment string
	Cell       string
	Trial      int
	Err        error
}

func (e *TrialError) Error() string {
	return fmt.Sprintf("%s, %s, seed %d: %v", e.Experiment, e.Cell, e.Trial, e.Err)
}

func (e *TrialError) Unwrap() error { return e.Err }

// job is one trial to run.
type job struct {
	plan   *Plan
	cell   int
	number int
}

// Run runs the trials of the plans that the store does not hold, on all the
// lab's workers. The first failure, or the end of ctx, stops it; what has
// finished by then is kept.
func (l *Lab) Run(ctx context.Context, plans []*Plan, progress Progress) error {
	jobs, left, err := l.pending(plans, progress)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	group, running := errgroup.WithContext(ctx)
	queue := make(chan job)
	group.Go(func() error {
		defer close(queue)
		for _, j := range jobs {
			select {
			case queue <- j:
			case <-running.Done():
				return running.Err()
			}
		}
		return nil
	})
	for range l.workers {
		group.Go(func() error {
			for j := range queue {
				if err := running.Err(); err != nil {
					return err
				}
				if err := l.runOne(running, j); err != nil {
					return err
				}
				progress.Advance(j.plan.Definition.Address())
				cell := j.plan.Cells[j.cell]
				mu.Lock()
				left[cell.Key]--
				settled := left[cell.Key] == 0
				mu.Unlock()
				if settled {
					if err := l.store.Settle(cell); err != nil {
						return err
					}
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return l.runPictures(ctx, plans)
}

// pending lists the trials to run, in the order of experiments, seeds and
// cells, and how many each cell still needs. A cell that two experiments share
// is run once. With every cell's first trial before any second one, the pace of
// the first trials is that of them all, though cells differ a hundredfold: the
// time left can be told.
func (l *Lab) pending(plans []*Plan, progress Progress) ([]job, map[Key]int, error) {
	var jobs []job
	left := map[Key]int{}
	queued := map[Key]int{} // how many trials of a cell an earlier plan asks for
	for _, p := range plans {
		total, cached := 0, 0
		var own []job
		for i, c := range p.Cells {
			if len(c.Missing) > 0 || !l.mayRun(c) || !l.record && c.code != "" && c.isRecorded() {
				continue
			}
			finished, settled, err := l.store.Finished(c.Key)
			if err == nil && !settled {
				err = l.store.Settle(c)
			}
			if err != nil {
				return nil, nil, err
			}
			total += p.Trials
			for number := 1; number <= p.Trials; number++ {
				if finished[number] || number <= queued[c.Key] {
					cached++
					continue
				}
				own = append(own, job{p, i, number})
				left[c.Key]++
			}
			queued[c.Key] = max(queued[c.Key], p.Trials)
		}
		slices.SortStableFunc(own, func(a, b job) int { return cmp.Compare(a.number, b.number) })
		progress.Begin(p.Definition.Address(), total, cached)
		jobs = append(jobs, own...)
	}
	return jobs, left, nil
}

func (l *Lab) runOne(ctx context.Context, j job) error {
	cell := j.plan.Cells[j.cell]
	if cell.needsMachine() {
		l.machine.Lock()
		defer l.machine.Unlock()
	} else {
		l.machine.RLock()
		defer l.machine.RUnlock()
	}
	seen, err := runTrial(ctx, cell.World, cell.trial(j.number))
	if err == nil {
		err = checkObservations(cell.Spec.Measure, j.plan.Curves, seen)
	}
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return &TrialError{j.plan.Definition.Address(), j.plan.Name(cell), j.number, err}
	}
	return l.store.Append(cell, j.number, seen)
}

// runTrial turns a panic of the world into an error with its place.
func runTrial(ctx context.Context, world trial.World, spec trial.Spec) (seen trial.Observations, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, strings.TrimSpace(string(debug.Stack())))
		}
	}()
	return world.Run(ctx, spec)
}

// checkObservations holds a world to its promises before a result is kept.
func checkObservations(measures []string, curves map[string]bool, seen trial.Observations) error {
	finite := func(name string, values []float64) error {
		for _, v := range values {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("measure %s gave %v; want a finite number", name, v)
			}
		}
		return nil
	}
	for _, name := range measures {
		if places, isMap := seen.Maps[name]; isMap {
			for _, at := range places {
				if err := finite(name, []float64{at.X, at.Y, at.Height}); err != nil {
					return err
				}
			}
			continue
		}
		if curves[name] {
			s, ok := seen.Series[name]
			if !ok || len(s.X) != len(s.Y) {
				return fmt.Errorf("measure %s gave no curve, or one with %d x and %d y", name, len(s.X), len(s.Y))
			}
			if err := finite(name, s.X); err != nil {
				return err
			}
			if err := finite(name, s.Y); err != nil {
				return err
			}
			continue
		}
		values, ok := seen.Samples[name]
		if !ok {
			return fmt.Errorf("measure %s was not observed; want an empty list when nothing happened", name)
		}
		if err := finite(name, values); err != nil {
			return err
		}
	}
	return nil
}
