package lab

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/swimlab/swimlab/internal/figure"
	"github.com/swimlab/swimlab/internal/table"
)

// artifact is one file below paper/.
type artifact struct {
	path   string // from the repository's root, with slashes
	data   []byte
	keys   string // digest of the results it was drawn from
	locked bool   // committed, and so recorded in the lock
}

// artifacts renders those of an outcome's figures, pictures and tables that are whole.
func (o *Outcome) artifacts() ([]artifact, error) {
	var all []artifact
	for _, d := range o.Figures {
		files, err := figureFiles(d.What)
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			all = append(all, artifact{"paper/figures/" + d.Name + f.ending, f.data, o.results.digest(d.Cells), f.ending != ".pdf"})
		}
	}
	for _, d := range o.Pictures {
		all = append(all,
			artifact{"paper/figures/" + d.Name + ".svg", d.What.SVG, d.What.Provenance.Key, true},
			artifact{"paper/figures/" + d.Name + ".txt", []byte(strings.Join(d.What.Story, "\n") + "\n"), d.What.Provenance.Key, true})
	}
	for _, d := range o.Tables {
		if d.Partial {
			continue
		}
		files, err := tableFiles(d.What)
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			all = append(all, artifact{"paper/tables/" + d.Name + f.ending, f.data, o.results.digest(d.Cells), true})
		}
	}
	return all, nil
}

type rendered struct {
	ending string
	data   []byte
}

func figureFiles(f figure.Figure) ([]rendered, error) {
	var files []rendered
	for _, form := range []struct {
		ending string
		render func() ([]byte, error)
	}{{".svg", f.SVG}, {".pdf", f.PDF}, {".csv", f.CSV}} {
		data, err := form.render()
		if err != nil {
			return nil, fmt.Errorf("%s%s: %w", f.ID, form.ending, err)
		}
		files = append(files, rendered{form.ending, data})
	}
	return files, nil
}

func tableFiles(t table.Table) ([]rendered, error) {
	var files []rendered
	for _, form := range []struct {
		ending string
		render func() (string, error)
	}{{".txt", t.Text}, {".md", t.Markdown}, {".csv", t.CSV}, {".html", t.HTML}, {".tex", t.LaTeX}, {".typ", t.Typst}} {
		text, err := form.render()
		if err != nil {
			return nil, fmt.Errorf("%s%s: %w", t.ID, form.ending, err)
		}
		files = append(files, rendered{form.ending, []byte(text)})
	}
	return files, nil
}

// publication is what paper/ and README.md should hold after outcomes of the
// standard profile: the files, and the lock that goes with them. definitions
// are all current ones; experiments without an outcome keep what is recorded.
func (l *Lab) publication(definitions []*Definition, outcomes []*Outcome) (files []artifact, lock *Lock, err error) {
	if lock, err = ReadLock(l.root); err != nil {
		return nil, nil, err
	}
	for _, o := range outcomes {
		if o.Plan.Profile != Standard || o.Plan.Overridden || o.Plan.Definition.old {
			return nil, nil, fmt.Errorf("%s: only the standard profile without --set is published", o.Plan.Definition.Address())
		}
		drawn, err := o.artifacts()
		if err != nil {
			return nil, nil, err
		}
		files = append(files, drawn...)
		lock.update(o, lockedArtifacts(drawn))
	}
	lock.keepOnly(definitions)
	shared, err := l.sharedFiles(lock, definitions)
	return append(files, shared...), lock, err
}

// Publish writes paper/ and the count of claims in README.md from outcomes of the
// standard profile. Files of figures and tables that no definition asks for
// any more are removed.
func (l *Lab) Publish(definitions []*Definition, outcomes []*Outcome) error {
	before, err := ReadLock(l.root)
	if err != nil {
		return err
	}
	files, after, err := l.publication(definitions, outcomes)
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := writeFile(filepath.Join(l.root, filepath.FromSlash(f.path)), f.data); err != nil {
			return err
		}
	}
	kept := after.paths()
	for _, path := range before.paths() {
		if !slices.Contains(kept, path) {
			l.removeArtifact(path)
		}
	}
	return nil
}

// removeArtifact deletes a file that no definition asks for any more, and the
// PDF beside it.
func (l *Lab) removeArtifact(path string) {
	full := filepath.Join(l.root, filepath.FromSlash(path))
	os.Remove(full)
	if base, isFigure := strings.CutSuffix(full, ".svg"); isFigure {
		os.Remove(base + ".pdf")
	}
}

func lockedArtifacts(files []artifact) []LockedArtifact {
	var locked []LockedArtifact
	for _, f := range files {
		if f.locked {
			locked = append(locked, LockedArtifact{f.path, f.keys, sha(f.data)})
		}
	}
	return locked
}

func sha(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// paths lists every recorded file.
func (l *Lock) paths() []string {
	var paths []string
	for _, e := range l.Experiments {
		for _, a := range e.Artifacts {
			paths = append(paths, a.Path)
		}
	}
	return paths
}

// keepOnly drops experiments that no definition describes any more.
func (l *Lock) keepOnly(definitions []*Definition) {
	l.Experiments = slices.DeleteFunc(l.Experiments, func(e LockedExperiment) bool {
		return !slices.ContainsFunc(definitions, func(d *Definition) bool { return d.ID == e.ID })
	})
}

// sharedFiles are those that follow from the lock as a whole.
func (l *Lab) sharedFiles(lock *Lock, definitions []*Definition) ([]artifact, error) {
	claims, values := lock.recorded(definitions)
	values = append(values, totals(claims, len(lock.Experiments))...)
	text, err := lock.text()
	if err != nil {
		return nil, err
	}
	asJSON, err := valuesJSON(values)
	if err != nil {
		return nil, err
	}
	files := []artifact{
		{path: "paper/values.json", data: asJSON},
		{path: "paper/values.typ", data: valuesTypst(values)},
	}
	everyClaim, err := claimsFile(claims)
	if err != nil {
		return nil, err
	}
	files = append(files, artifact{path: "paper/claims.md", data: everyClaim})
	readme, ok, err := l.readme(claims)
	if err != nil {
		return nil, err
	}
	if ok {
		files = append(files, artifact{path: "README.md", data: readme})
	}
	// The lock comes last: whoever finds it finds what it speaks of.
	return append(files, artifact{path: LockFile, data: text}), nil
}

// recorded puts the lock's outcomes into the definitions' claims and values.
func (l *Lock) recorded(definitions []*Definition) ([]Claim, []Value) {
	var claims []Claim
	var values []Value
	for _, d := range Current(definitions) {
		entry, ok := l.Experiment(d.ID)
		if !ok {
			continue
		}
		for _, spec := range d.Claims {
			at := slices.IndexFunc(entry.Claims, func(k LockedClaim) bool { return k.ID == spec.ID })
			if at < 0 {
				continue
			}
			c := d.claim(spec)
			k := entry.Claims[at]
			c.Published, c.Measured, c.Low, c.High, c.Verdict, c.Reason = k.Published, k.Measured, k.Low, k.High, k.Verdict, k.Reason
			claims = append(claims, c)
			values = append(values, c.value())
		}
		for _, spec := range d.Values {
			at := slices.IndexFunc(entry.Values, func(k LockedValue) bool { return k.ID == spec.ID })
			if at >= 0 {
				k := entry.Values[at]
				values = append(values, Number{d.ID + "." + spec.ID, k.Measured, k.Low, k.High, spec}.value())
			}
		}
		values = append(values, Value{ID: d.ID + ".trials", Measured: fmt.Sprint(entry.Trials)})
	}
	return claims, values
}
