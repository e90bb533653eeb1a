package lab

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/perf/benchmath"
)

// Change is one measured number in two locks.
type Change struct {
	ID   string `json:"id"`
	A    Side   `json:"a"`
	B    Side   `json:"b"`
	Unit string `json:"unit,omitempty"`
	// Ratio is B over A; nil where A is 0 or there is no number.
	Ratio *float64 `json:"ratio"`
	// P is the p-value of a Mann-Whitney rank test between the seeds of A and
	// those of B, where both are in the store.
	P *float64 `json:"p"`
	// Moved says that the two intervals do not meet, or that one of the two has
	// none and the numbers differ.
	Moved bool   `json:"moved"`
	Note  string `json:"note"`
}

// Side is what one lock has of a number.
type Side struct {
	Measured any     `json:"measured"`
	Low      any     `json:"low"`
	High     any     `json:"high"`
	Verdict  Verdict `json:"verdict,omitempty"`
}

// Text is the number with its interval.
func (s Side) Text() string {
	_, text := Claim{Measured: s.Measured, Low: s.Low, High: s.High}.Texts()
	return text
}

// LockAt reads the lock of a git revision, of a folder that looks like the
// repository, or of a file.
func (l *Lab) LockAt(name string) (*Lock, error) {
	if info, err := os.Stat(name); err == nil {
		path := name
		if info.IsDir() {
			path = filepath.Join(name, filepath.FromSlash(LockFile))
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("%s has no %s", name, LockFile)
		}
		return ParseLock(path, text)
	}
	if strings.HasPrefix(name, "-") {
		return nil, fmt.Errorf("%q is neither a file nor a git revision", name)
	}
	var out, problem bytes.Buffer
	show := exec.Command("git", "-C", l.root, "show", name+":"+LockFile)
	show.Stdout, show.Stderr = &out, &problem
	if err := show.Run(); err != nil {
		first, _, _ := strings.Cut(strings.TrimSpace(problem.String()), "\n")
		return nil, fmt.Errorf("%q is neither a file nor a git revision with %s (git: %s)", name, LockFile, strings.TrimPrefix(first, "fatal: "))
	}
	return ParseLock(name+":"+LockFile, out.Bytes())
}

// Diff compares the numbers of two locks, those of B's experiments in order.
func (l *Lab) Diff(a, b *Lock, definitions []*Definition) []Change {
	var changes []Change
	for _, after := range b.Experiments {
		before, ok := a.Experiment(after.ID)
		if !ok {
			changes = append(changes, Change{ID: after.ID, Note: "new experiment"})
			continue
		}
		compare := l.comparer(before, after, definitions)
		for _, c := range after.Claims {
			for _, old := range before.Claims {
				if old.ID == c.ID {
					changes = append(changes, compare(c.ID, Side{old.Measured, old.Low, old.High, old.Verdict}, Side{c.Measured, c.Low, c.High, c.Verdict}))
				}
			}
		}
		for _, v := range after.Values {
			for _, old := range before.Values {
				if old.ID == v.ID {
					changes = append(changes, compare(v.ID, Side{Measured: old.Measured, Low: old.Low, High: old.High}, Side{Measured: v.Measured, Low: v.Low, High: v.High}))
				}
			}
		}
	}
	for _, before := range a.Experiments {
		if _, ok := b.Experiment(before.ID); !ok {
			changes = append(changes, Change{ID: before.ID, Note: "experiment is gone"})
		}
	}
	return changes
}

// comparer compares the numbers of one experiment.
func (l *Lab) comparer(before, after LockedExperiment, definitions []*Definition) func(id string, a, b Side) Change {
	var old, fresh *Results
	expressions, units := map[string]string{}, map[string]string{}
	if d, err := Find(definitions, after.ID); err == nil {
		for _, c := range d.Claims {
			expressions[c.ID], units[c.ID] = c.Measured, c.Unit
		}
		for _, v := range d.Values {
			expressions[v.ID], units[v.ID] = v.Value, v.Unit
		}
		old, fresh = l.recordedResults(d, before), l.recordedResults(d, after)
	}
	return func(id string, a, b Side) Change {
		c := Change{ID: after.ID + "." + id, A: a, B: b, Unit: units[id], Moved: moved(a, b)}
		x, isNumber := a.Measured.(float64)
		y, _ := b.Measured.(float64)
		if isNumber && x != 0 {
			ratio := y / x
			c.Ratio = &ratio
		}
		if old != nil && fresh != nil && isNumber {
			c.P = rankTest(old.seedBySeed(expressions[id]), fresh.seedBySeed(expressions[id]))
		}
		if a.Verdict != b.Verdict {
			c.Note = verdictText(a.Verdict) + " before, " + verdictText(b.Verdict) + " now"
		}
		return c
	}
}

// moved says whether two measurements are further apart than their intervals
// explain.
func moved(a, b Side) bool {
	as, bs := numbersOf(a.Measured), numbersOf(b.Measured)
	if len(as) != len(bs) || as == nil {
		return fmt.Sprint(a.Measured) != fmt.Sprint(b.Measured)
	}
	aLow, aHigh, bLow, bHigh := numbersOf(a.Low), numbersOf(a.High), numbersOf(b.Low), numbersOf(b.High)
	bounded := len(aLow) == len(as) && len(aHigh) == len(as) && len(bLow) == len(as) && len(bHigh) == len(as)
	for i := range as {
		if bounded && (aHigh[i] < bLow[i] || bHigh[i] < aLow[i]) || !bounded && as[i] != bs[i] {
			return true
		}
	}
	return false
}

func numbersOf(v any) []float64 {
	switch v := v.(type) {
	case float64:
		return []float64{v}
	case []float64:
		return v
	}
	return nil
}

// recordedResults loads the results that a lock's entry names, under today's
// definition; nil where the definition no longer has those cells.
func (l *Lab) recordedResults(d *Definition, entry LockedExperiment) *Results {
	p, err := l.Plan(d)
	if err != nil {
		return nil
	}
	p.Trials = entry.Trials
	for i, c := range p.Cells {
		p.Cells[i].Key, p.Cells[i].Missing = "", []string{p.Name(c)}
		for _, k := range entry.Cells {
			if k.Cell == p.Name(c) && (!c.isRecorded() || k.Code == c.code) {
				p.Cells[i].Key, p.Cells[i].Missing = k.Key, nil
			}
		}
	}
	r, err := l.Load(p)
	if err != nil {
		return nil
	}
	return r
}

// seedBySeed evaluates an expression for each seed alone; nil when it cannot.
func (r *Results) seedBySeed(source string) []float64 {
	x, err := compile(source, r.Plan.Definition.names())
	if err != nil {
		return nil
	}
	e := r.evaluate(r.all(), nil)
	e.weights = make([]float64, r.Plan.Trials)
	var values []float64
	for t := range e.weights {
		e.weights[t] = 1
		value, err := e.numbers(x)
		e.weights[t] = 0
		if _, absent := asNotRun(err); absent {
			return nil
		}
		if err == nil && len(value.values) == 1 {
			values = append(values, value.values[0])
		}
	}
	return values
}

// rankTest is the p-value of the Mann-Whitney U test.
func rankTest(a, b []float64) *float64 {
	if len(a) < 2 || len(b) < 2 {
		return nil
	}
	thresholds := benchmath.DefaultThresholds
	p := benchmath.AssumeNothing.Compare(benchmath.NewSample(a, &thresholds), benchmath.NewSample(b, &thresholds)).P
	if math.IsNaN(p) {
		return nil
	}
	return &p
}
