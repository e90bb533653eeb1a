package lab

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// LockFile is where the lock stands in the repository.
const LockFile = "paper/repro.lock"

// lockFormat changes when older readers would misread the file.
const lockFormat = 1

// Lock records what the committed figures, tables, values and verdicts were
// made from. It is written by the standard profile alone.
type Lock struct {
	Format      int                `yaml:"format"`
	Experiments []LockedExperiment `yaml:"experiments"`
}

// LockedExperiment is one experiment of the lock.
type LockedExperiment struct {
	ID        string            `yaml:"id"`
	Version   int               `yaml:"version"`
	Trials    int               `yaml:"trials"`
	Datasets  map[string]string `yaml:"datasets,omitempty"`
	Cells     []LockedCell      `yaml:"cells"`
	Artifacts []LockedArtifact  `yaml:"artifacts,omitempty"`
	Claims    []LockedClaim     `yaml:"claims,omitempty"`
	Values    []LockedValue     `yaml:"values,omitempty"`
}

// LockedCell names the results of one cell.
type LockedCell struct {
	Cell string `yaml:"cell"`
	Key  Key    `yaml:"key"`
	Code string `yaml:"code"`
}

// LockedArtifact is one committed file: the digest of the results' keys that it
// was drawn from, and its checksum.
type LockedArtifact struct {
	Path   string `yaml:"path"`
	Keys   string `yaml:"keys"`
	SHA256 string `yaml:"sha256"`
}

// LockedClaim is a claim's outcome.
type LockedClaim struct {
	ID        string  `yaml:"id"`
	Verdict   Verdict `yaml:"verdict"`
	Published any     `yaml:"published,flow,omitempty"`
	Measured  any     `yaml:"measured,flow,omitempty"`
	Low       any     `yaml:"low,flow,omitempty"`
	High      any     `yaml:"high,flow,omitempty"`
	Reason    string  `yaml:"reason"`
}

// LockedValue is a value for prose.
type LockedValue struct {
	ID       string `yaml:"id"`
	Measured any    `yaml:"measured,flow"`
	Low      any    `yaml:"low,flow,omitempty"`
	High     any    `yaml:"high,flow,omitempty"`
}

// ReadLock reads the repository's lock; without one it is empty.
func ReadLock(root string) (*Lock, error) {
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(LockFile)))
	if errors.Is(err, fs.ErrNotExist) {
		return &Lock{Format: lockFormat}, nil
	}
	if err != nil {
		return nil, err
	}
	return ParseLock(LockFile, text)
}

// ParseLock reads a lock; name is for messages.
func ParseLock(name string, text []byte) (*Lock, error) {
	lock := &Lock{}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(lock); err != nil {
		return nil, fmt.Errorf("%s: %s; want a file that repro wrote", name, strings.ReplaceAll(err.Error(), "\n", " "))
	}
	if lock.Format != lockFormat {
		return nil, fmt.Errorf("%s: format %d is not known; want %d", name, lock.Format, lockFormat)
	}
	for _, e := range lock.Experiments {
		for i, c := range e.Claims {
			e.Claims[i].Published, e.Claims[i].Measured = plainNumbers(c.Published), plainNumbers(c.Measured)
			e.Claims[i].Low, e.Claims[i].High = plainNumbers(c.Low), plainNumbers(c.High)
		}
		for i, v := range e.Values {
			e.Values[i].Measured, e.Values[i].Low, e.Values[i].High = plainNumbers(v.Measured), plainNumbers(v.Low), plainNumbers(v.High)
		}
	}
	return lock, nil
}

// plainNumbers undoes what YAML makes of numbers without a fraction.
func plainNumbers(v any) any {
	switch v := v.(type) {
	case int:
		return float64(v)
	case []any:
		numbers := make([]float64, len(v))
		for i, item := range v {
			numbers[i], _ = plainNumbers(item).(float64)
		}
		return numbers
	}
	return v
}

// text is the lock as it stands in its file.
func (l *Lock) text() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("# What the committed figures, tables and verdicts were made from.\n# Written by `repro all`; do not edit.\n")
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(l); err != nil {
		return nil, err
	}
	return b.Bytes(), enc.Close()
}

// Experiment finds an experiment's entry.
func (l *Lock) Experiment(id string) (LockedExperiment, bool) {
	for _, e := range l.Experiments {
		if e.ID == id {
			return e, true
		}
	}
	return LockedExperiment{}, false
}

// Verdicts lists the recorded verdicts by the claims' full ids.
func (l *Lock) Verdicts() map[string]Verdict {
	verdicts := map[string]Verdict{}
	for _, e := range l.Experiments {
		for _, c := range e.Claims {
			verdicts[e.ID+"."+c.ID] = c.Verdict
		}
	}
	return verdicts
}

// update replaces an experiment's entry by its outcome. What could not be had
// this time, because a dataset is absent, keeps its record.
func (l *Lock) update(o *Outcome, artifacts []LockedArtifact) {
	d := o.Plan.Definition
	old, _ := l.Experiment(d.ID)
	entry := LockedExperiment{ID: d.ID, Version: d.Version, Trials: o.Plan.Trials}
	for _, c := range o.Plan.Cells {
		name := o.Plan.Name(c)
		if len(c.Missing) > 0 || c.isRecorded() && c.code == "" {
			if at := slices.IndexFunc(old.Cells, func(k LockedCell) bool { return k.Cell == name }); at >= 0 {
				entry.Cells = append(entry.Cells, old.Cells[at])
			}
			continue
		}
		entry.Cells = append(entry.Cells, LockedCell{name, c.Key, c.code})
		entry.add(c.Spec.Datasets)
	}
	if len(o.Plan.Missing()) > 0 {
		entry.add(old.Datasets)
	}
	entry.Artifacts = keepMissing(old.Artifacts, artifacts, o.Missing)
	for _, c := range o.Claims {
		id := c.spec.ID
		locked := LockedClaim{id, c.Verdict, c.Published, c.Measured, c.Low, c.High, c.Reason}
		at := slices.IndexFunc(old.Claims, func(k LockedClaim) bool { return k.ID == id })
		if c.Verdict == NotRunVerdict && at >= 0 {
			locked = old.Claims[at]
		}
		entry.Claims = append(entry.Claims, locked)
	}
	for _, spec := range d.Values {
		fresh := slices.IndexFunc(o.Numbers, func(n Number) bool { return n.spec.ID == spec.ID })
		kept := slices.IndexFunc(old.Values, func(k LockedValue) bool { return k.ID == spec.ID })
		switch {
		case fresh >= 0:
			n := o.Numbers[fresh]
			entry.Values = append(entry.Values, LockedValue{spec.ID, n.Measured, n.Low, n.High})
		case kept >= 0:
			entry.Values = append(entry.Values, old.Values[kept])
		}
	}
	l.Experiments = slices.DeleteFunc(l.Experiments, func(e LockedExperiment) bool { return e.ID == d.ID })
	l.Experiments = append(l.Experiments, entry)
	slices.SortFunc(l.Experiments, func(a, b LockedExperiment) int { return strings.Compare(a.ID, b.ID) })
}

// add records datasets' checksums; those already there stay.
func (e *LockedExperiment) add(datasets map[string]string) {
	for name, sum := range datasets {
		if e.Datasets == nil {
			e.Datasets = map[string]string{}
		}
		if _, known := e.Datasets[name]; !known {
			e.Datasets[name] = sum
		}
	}
}

// keepMissing adds to the fresh artifacts those recorded ones that could not be
// drawn this time.
func keepMissing(old, fresh []LockedArtifact, missing map[string]string) []LockedArtifact {
	all := slices.Clone(fresh)
	for _, a := range old {
		if _, absent := missing[artifactOf(a.Path)]; absent {
			all = append(all, a)
		}
	}
	slices.SortFunc(all, func(a, b LockedArtifact) int { return strings.Compare(a.Path, b.Path) })
	return all
}

// artifactOf is the name of the figure or table that a file belongs to.
func artifactOf(path string) string {
	base := path[strings.LastIndexByte(path, '/')+1:]
	return strings.TrimSuffix(base, filepath.Ext(base))
}
