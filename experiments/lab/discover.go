package lab

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// FindRoot goes up from dir to the folder that holds this repository.
func FindRoot(dir string) (string, error) {
	start, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for at := start; ; at = filepath.Dir(at) {
		if isRoot(at) {
			return at, nil
		}
		if filepath.Dir(at) == at {
			return "", fmt.Errorf("%s is not inside the swimlab repository; go there, or name it with --root", start)
		}
	}
}

func isRoot(dir string) bool {
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return false
	}
	first, _, _ := strings.Cut(string(mod), "\n")
	return strings.TrimSpace(first) == "module github.com/swimlab/swimlab"
}

var versionSuffix = regexp.MustCompile(`^(.+)\.v([1-9][0-9]*)$`)

// Discover reads every definition below root: experiments/<paper>/<name>.yaml,
// and beside it, as <name>.v<version>.yaml, the versions it replaced. They come
// sorted by id, newest version first. All broken definitions are reported, not
// the first alone.
func (l *Lab) Discover() ([]*Definition, error) {
	files, err := fs.Glob(os.DirFS(l.root), "experiments/*/*.yaml")
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no definition in %s; want experiments/<paper>/<name>.yaml", l.root)
	}
	curves := map[string]bool{}
	for _, world := range l.worlds {
		for _, protocol := range world.Protocols() {
			for _, m := range world.Measures(protocol) {
				curves[m.Name] = curves[m.Name] || m.Series
			}
		}
	}
	var definitions []*Definition
	var broken []error
	for _, file := range files {
		d, err := readDefinition(l.root, file, curves)
		if err == nil {
			err = d.checkName()
		}
		if err != nil {
			broken = append(broken, err)
			continue
		}
		definitions = append(definitions, d)
	}
	broken = append(broken, l.lowered(definitions)...)
	if len(broken) > 0 {
		return nil, errors.Join(broken...)
	}
	slices.SortFunc(definitions, func(a, b *Definition) int {
		if c := strings.Compare(a.ID, b.ID); c != 0 {
			return c
		}
		return b.Version - a.Version
	})
	return definitions, nil
}

// lowered blames the definitions whose version is lower than that of which the
// lock holds results: a version only rises. A lock that cannot be read is for
// those who need it to complain of.
func (l *Lab) lowered(definitions []*Definition) (wrong []error) {
	lock, err := ReadLock(l.root)
	if err != nil {
		return nil
	}
	for _, d := range Current(definitions) {
		if entry, known := lock.Experiment(d.ID); known && d.Version < entry.Version {
			wrong = append(wrong, d.doc.blame("version", "%d is lower than the %d that %s records; want that, or a higher one for a new meaning", d.Version, entry.Version, LockFile))
		}
	}
	return wrong
}

// checkName compares id and version with the file's name.
func (d *Definition) checkName() error {
	name := strings.TrimSuffix(strings.TrimPrefix(d.File(), "experiments/"), ".yaml")
	if m := versionSuffix.FindStringSubmatch(name); m != nil {
		name = m[1]
		d.old = true
		if version, _ := strconv.Atoi(m[2]); version != d.Version {
			return d.doc.blame("version", "%d does not fit the file's name; want %d", d.Version, version)
		}
	}
	if d.ID != name {
		return d.doc.blame("id", "%s does not fit the file's name; want %s", d.ID, name)
	}
	return nil
}

// Current leaves out the superseded versions.
func Current(definitions []*Definition) []*Definition {
	return slices.DeleteFunc(slices.Clone(definitions), func(d *Definition) bool { return d.old })
}

// Find returns the definition with an address such as "swim2002/fig3a" or
// "swim2002/fig3a@1".
func Find(definitions []*Definition, address string) (*Definition, error) {
	id, version, versioned := strings.Cut(address, "@")
	known := make([]string, 0, len(definitions))
	for _, d := range definitions {
		if d.ID == id && (versioned && strconv.Itoa(d.Version) == version || !versioned && !d.old) {
			return d, nil
		}
		known = append(known, d.Address())
	}
	return nil, errors.New(fmt.Sprintf("experiment %q is not known", address) + meantAddress(address, known) + "; `repro list` names them all")
}

// meantAddress guesses the address that somebody meant who mistyped it, or who
// gave the definition's file.
func meantAddress(address string, known []string) string {
	name := strings.TrimSuffix(address, ".yaml")
	if _, below, found := strings.Cut(name, "experiments/"); found {
		name = below
	}
	return didYouMean(name, known)
}

// Match returns the definitions that a name stands for: the current ones of a
// folder for "swim2002/...", of all folders for "...", and otherwise the one with
// that address.
func Match(definitions []*Definition, name string) ([]*Definition, error) {
	prefix, is := strings.CutSuffix(name, "...")
	current := Current(definitions)
	if !is {
		folder := strings.TrimSuffix(name, "/") + "/"
		if slices.ContainsFunc(current, func(d *Definition) bool { return strings.HasPrefix(d.ID, folder) }) {
			return nil, fmt.Errorf("%q is a folder of experiments; want %s... for all of them, or one (`repro list` names them)", name, folder)
		}
		d, err := Find(definitions, name)
		return []*Definition{d}, err
	}
	var found []*Definition
	for _, d := range current {
		if strings.HasPrefix(d.ID, prefix) {
			found = append(found, d)
		}
	}
	if len(found) == 0 || prefix != "" && !strings.HasSuffix(prefix, "/") {
		var folders []string
		for _, d := range current {
			folder, _, _ := strings.Cut(d.ID, "/")
			if folder += "/..."; !slices.Contains(folders, folder) {
				folders = append(folders, folder)
			}
		}
		return nil, fmt.Errorf("no experiment is meant by %q%s; want one of %s", name, didYouMean(name, folders), strings.Join(folders, ", "))
	}
	return found, nil
}
