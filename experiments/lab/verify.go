package lab

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Verification compares what is committed with what the results give.
type Verification struct {
	// Same lists the files that are byte for byte what they should be.
	Same []string `json:"same"`
	// Different says of each other file what is wrong with it.
	Different []FileProblem `json:"different"`
	// Skipped says of figures, tables and claims that could not be checked
	// here why not.
	Skipped []FileProblem `json:"skipped"`
}

// FileProblem is a file, or another checked thing, with what is to be said of it.
type FileProblem struct {
	Name    string `json:"name"`
	Problem string `json:"problem"`
}

// Verify redraws everything that outcomes allow and compares it with the files
// in paper/ and README.md. It writes nothing.
func (l *Lab) Verify(definitions []*Definition, outcomes []*Outcome) (*Verification, error) {
	files, after, err := l.publication(definitions, outcomes)
	if err != nil {
		return nil, err
	}
	v := &Verification{Same: []string{}, Different: []FileProblem{}, Skipped: []FileProblem{}}
	expected := map[string]bool{}
	for _, f := range files {
		expected[f.path] = true
		if strings.HasSuffix(f.path, ".pdf") {
			continue // not committed
		}
		if err := v.compare(l.root, f); err != nil {
			return nil, err
		}
	}
	for _, o := range outcomes {
		for _, name := range slices.Sorted(maps.Keys(o.Missing)) {
			v.Skipped = append(v.Skipped, FileProblem{name, o.Missing[name]})
		}
		for _, c := range o.Claims {
			if c.Verdict == NotRunVerdict {
				v.Skipped = append(v.Skipped, FileProblem{"claim " + c.ID, c.Reason})
			}
		}
	}
	return v, v.checkRecorded(l.root, after, expected)
}

func (v *Verification) compare(root string, f artifact) error {
	committed, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(f.path)))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		v.Different = append(v.Different, FileProblem{f.path, "is missing"})
	case err != nil:
		return err
	case !bytes.Equal(committed, f.data):
		v.Different = append(v.Different, FileProblem{f.path, "differs from what the results give, first at line " + firstDifference(committed, f.data)})
	default:
		v.Same = append(v.Same, f.path)
	}
	return nil
}

// checkRecorded holds files that could not be redrawn against their recorded
// checksum, and finds files that nobody asks for.
func (v *Verification) checkRecorded(root string, lock *Lock, redrawn map[string]bool) error {
	recorded := map[string]bool{}
	for _, e := range lock.Experiments {
		for _, a := range e.Artifacts {
			recorded[a.Path] = true
			if redrawn[a.Path] {
				continue
			}
			data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(a.Path)))
			if err != nil || sha(data) != a.SHA256 {
				v.Different = append(v.Different, FileProblem{a.Path, "is not the file that the lock records"})
			}
		}
	}
	for _, folder := range []string{"paper/figures", "paper/tables"} {
		entries, err := os.ReadDir(filepath.Join(root, filepath.FromSlash(folder)))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		for _, entry := range entries {
			path := folder + "/" + entry.Name()
			if !entry.IsDir() && !recorded[path] && !strings.HasSuffix(path, ".pdf") && !strings.HasPrefix(entry.Name(), ".") {
				v.Different = append(v.Different, FileProblem{path, "is not asked for by any definition"})
			}
		}
	}
	return nil
}

func firstDifference(a, b []byte) string {
	line := 1
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			break
		}
		if a[i] == '\n' {
			line++
		}
	}
	return formatNumber(float64(line), new(int))
}
