package lab

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// Explanation says what would run for an experiment, and why.
type Explanation struct {
	Experiment string            `json:"experiment"`
	Version    int               `json:"version"`
	Cells      []CellExplanation `json:"cells"`
}

// CellExplanation is one cell's part of it.
type CellExplanation struct {
	Cell    string `json:"cell"`
	Key     Key    `json:"key"`
	Cached  int    `json:"cached"`
	Pending int    `json:"pending"`
	Reason  string `json:"reason"`
}

// Pending is how many trials would run.
func (e Explanation) Pending() int {
	n := 0
	for _, c := range e.Cells {
		n += c.Pending
	}
	return n
}

// Why compares a plan with the store and with what the lock records; without a
// lock every cell that is not cached counts as never run.
func (l *Lab) Why(p *Plan, lock *Lock) (Explanation, error) {
	x := Explanation{Experiment: p.Definition.Address(), Version: p.Definition.Version}
	var entry LockedExperiment
	recorded := false
	if lock != nil {
		entry, recorded = lock.Experiment(p.Definition.ID)
	}
	for _, c := range p.Cells {
		cell := CellExplanation{Cell: p.Name(c), Key: c.Key, Pending: p.Trials}
		if len(c.Missing) > 0 {
			cell.Pending, cell.Reason = 0, c.missing()
			x.Cells = append(x.Cells, cell)
			continue
		}
		if c.isRecorded() && (c.code != "" || !l.mayRun(c)) {
			cell.Pending, cell.Reason = 0, p.notRecorded(c)
			if c.code != "" {
				cell.Cached, cell.Reason = p.Trials, p.recordings[c.Spec.World].String()
			}
			x.Cells = append(x.Cells, cell)
			continue
		}
		finished, _, err := l.store.Finished(c.Key)
		if err != nil {
			return x, err
		}
		for number := 1; number <= p.Trials; number++ {
			if finished[number] {
				cell.Cached++
				cell.Pending--
			}
		}
		switch {
		case cell.Pending == 0:
			cell.Reason = "cached"
		case cell.Cached > 0:
			cell.Reason = fmt.Sprintf("%d of its %d trials are cached; a run was interrupted or asked for fewer", cell.Cached, p.Trials)
		case !recorded:
			cell.Reason = "never run: the lock does not know the experiment"
		default:
			cell.Reason = changed(p, c, entry)
		}
		x.Cells = append(x.Cells, cell)
	}
	return x, nil
}

// changed says in what a cell differs from what the lock records.
func changed(p *Plan, c Cell, entry LockedExperiment) string {
	at := slices.IndexFunc(entry.Cells, func(k LockedCell) bool { return k.Cell == p.Name(c) })
	if at < 0 {
		return "never run: the lock does not know the cell"
	}
	old := entry.Cells[at]
	if old.Key == c.Key {
		return "recorded in the lock, but its results are not in this store"
	}
	var reasons []string
	if entry.Version != p.Definition.Version {
		reasons = append(reasons, fmt.Sprintf("the definition's version went from %d to %d", entry.Version, p.Definition.Version))
	}
	if old.Code != c.code {
		reasons = append(reasons, "the code that it runs has changed")
	}
	for _, name := range slices.Sorted(mapKeys(c.Spec.Datasets)) {
		if sum, known := entry.Datasets[name]; known && sum != c.Spec.Datasets[name] {
			reasons = append(reasons, "the dataset "+name+" has changed")
		}
	}
	if len(reasons) == 0 {
		reasons = append(reasons, "the definition's parameters or measures have changed, without a new version")
	}
	return strings.Join(reasons, "; ")
}

// FindArtifact returns the definition that draws a figure or fills a table, by
// the name of its files ("swim2002-fig3a") or a path to one of them.
func FindArtifact(definitions []*Definition, name string) (*Definition, bool) {
	base := strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))
	if filepath.Ext(name) == "" {
		base = filepath.Base(name)
	}
	for _, d := range definitions {
		r := &Results{Plan: &Plan{Definition: d}}
		for _, f := range d.Figures {
			own := r.artifactName(f.Name, nil)
			if base == own || f.Facet != "" && strings.HasPrefix(base, own+"-") {
				return d, true
			}
		}
		for _, s := range d.Pictures {
			if base == r.artifactName(s.Name, nil) {
				return d, true
			}
		}
		for _, t := range d.Tables {
			if base == r.artifactName(t.Name, nil) {
				return d, true
			}
		}
	}
	return nil, false
}
