package lab

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"

	"github.com/swimlab/swimlab/experiments/trial"
)

// Results is what the trials of one plan observed, as far as they have run.
type Results struct {
	Plan  *Plan
	cells []cellResults // one for each of the plan's cells

	mu    sync.Mutex
	forms map[string]any // reduced samples, see form
}

// cellResults holds the trials of one cell: trials[i] is number i+1.
type cellResults struct {
	trials []trial.Observations
	absent string // why the cell cannot be judged; "" when all its trials are here
}

// NotRun says that a number cannot be had because trials it needs are not in
// the store.
type NotRun struct{ Reason string }

func (e *NotRun) Error() string { return e.Reason }

// Load reads what the store holds of a plan. It runs nothing.
func (l *Lab) Load(p *Plan) (*Results, error) {
	r := &Results{Plan: p, cells: make([]cellResults, len(p.Cells)), forms: map[string]any{}}
	for i, c := range p.Cells {
		if len(c.Missing) > 0 {
			r.cells[i].absent = c.missing()
			continue
		}
		stored, err := l.stored(p, c)
		if err != nil {
			return nil, err
		}
		trials := make([]trial.Observations, 0, p.Trials)
		for number := 1; number <= p.Trials; number++ {
			if seen, ok := stored[number]; ok {
				trials = append(trials, seen)
			}
		}
		if len(trials) < p.Trials && c.isRecorded() {
			r.cells[i].absent = p.notRecorded(c)
			continue
		}
		if len(trials) < p.Trials {
			r.cells[i].absent = fmt.Sprintf("%d of %d trials of %s have run; `repro run %s` runs the rest", len(trials), p.Trials, p.Name(c), p.asked())
			continue
		}
		r.cells[i].trials = trials
	}
	return r, nil
}

// need returns a *NotRun if one of the cells cannot be judged.
func (r *Results) need(cells []int) error {
	for _, i := range cells {
		if why := r.cells[i].absent; why != "" {
			return &NotRun{why}
		}
	}
	return nil
}

// all lists the indexes of all cells.
func (r *Results) all() []int {
	all := make([]int, len(r.cells))
	for i := range all {
		all[i] = i
	}
	return all
}

// axis finds an axis of the plan by name.
func (p *Plan) axis(name string) (at int, ok bool) {
	for i, a := range p.Axes {
		if a.Name == name {
			return i, true
		}
	}
	return 0, false
}

// match lists those of cells whose levels have one of the wanted names on every
// axis that the filter names.
func (p *Plan) match(cells []int, filter map[string][]string) []int {
	var kept []int
next:
	for _, i := range cells {
		for name, wanted := range filter {
			at, _ := p.axis(name)
			found := false
			for _, w := range wanted {
				found = found || p.Cells[i].Levels[at].Name == w
			}
			if !found {
				continue next
			}
		}
		kept = append(kept, i)
	}
	return kept
}

// asNotRun says whether err is one of trials that are not here, and why.
func asNotRun(err error) (why string, absent bool) {
	var notRun *NotRun
	if errors.As(err, &notRun) {
		return notRun.Reason, true
	}
	return "", false
}

func isNoValue(err error) bool {
	var none noValue
	return errors.As(err, &none)
}

// digest names the results of some cells: the hash of their keys, of how many
// trials each has, and of what was recorded where that does not follow.
func (r *Results) digest(cells []int) string {
	h := sha256.New()
	for _, i := range cells {
		fmt.Fprintf(h, "%s %d\n", r.Plan.Cells[i].Key, r.Plan.Trials)
		if r.Plan.Cells[i].isRecorded() {
			fmt.Fprintln(h, r.Plan.Cells[i].code)
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// asked is how one asks `repro run` for the plan's trials: its address, and the
// profile unless that is the usual one.
func (p *Plan) asked() string {
	if p.Profile == Standard {
		return p.Definition.Address()
	}
	return p.Definition.Address() + " --profile " + string(p.Profile)
}

// lacks says that the plan has no cell that a filter wants, and why: the profile
// leaves them out, or the user did for this call.
func (p *Plan) lacks(wanted map[string][]string) string {
	if p.Overridden {
		return "this call, with its --set or --world, has no cell with " + describeFilter(wanted)
	}
	return fmt.Sprintf("profile %s has no cell with %s", p.Profile, describeFilter(wanted))
}
