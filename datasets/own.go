package datasets

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Files beside a set's raw directory.
const (
	sumsFile    = "SHA256SUMS"   // checksums of the raw files, where the manifest pins none
	ownManifest = "dataset.yaml" // the entry of a set that the manifest does not know
)

// ImportOptions describe a file that is not of a set in the manifest.
type ImportOptions struct {
	Title    string
	Licence  string
	Unit     Unit
	Quantity Quantity
	Missing  []float64 // numbers that stand for "not measured"
}

// Import reads a matrix from a text file (n lines of n numbers) into the store's
// cache under a name. For a set of the manifest, such as king1740, unit,
// quantity and shape are known and o must be zero; for a set of one's own, o
// must give unit and quantity. Nothing is written unless the file parses.
func (s *Store) Import(name, file string, o ImportOptions) error {
	if s.cache == "" {
		return errors.New("no cache directory is known to import to; want HOME or XDG_CACHE_HOME to be set")
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	known, err := Manifest()
	if err != nil {
		return err
	}
	var set Dataset
	own := true
	for _, d := range known {
		if d.Name == name {
			set, own = d, false
		}
	}
	switch {
	case own:
		set = o.entry(name, filepath.Base(file), data)
		if err := set.check(file); err != nil {
			return err
		}
	case set.Kind != KindImported:
		return fmt.Errorf("dataset %s is %s and is not imported; want a set of kind imported or a new name", name, set.Kind)
	case o.Unit != 0 && o.Unit != set.Unit:
		return fmt.Errorf("dataset %s: unit: %q is not valid; want %s, as in the manifest", name, o.Unit, set.Unit)
	case o.Quantity != 0 && o.Quantity != set.Quantity:
		return fmt.Errorf("dataset %s: quantity: %q is not valid; want %s, as in the manifest", name, o.Quantity, set.Quantity)
	}
	if _, err := set.parse([]rawFile{{file, data}}); err != nil {
		return err
	}
	return s.write(set, data, own)
}

// entry describes a file of one's own. The first line tells the number of nodes.
func (o ImportOptions) entry(name, title string, data []byte) Dataset {
	if o.Title == "" {
		o.Title = "Imported from " + title
	}
	if o.Licence == "" {
		o.Licence = "not stated"
	}
	first, _, _ := strings.Cut(string(data), "\n")
	return Dataset{
		Name: name, Title: o.Title, Kind: KindImported, Licence: o.Licence,
		Unit: o.Unit, Quantity: o.Quantity, Missing: o.Missing, Format: FormatTable,
		Shape: Shape{Nodes: len(strings.FieldsFunc(first, isSeparator)), Directed: true},
	}
}

func (s *Store) write(set Dataset, data []byte, own bool) error {
	if err := os.MkdirAll(s.cache, 0o755); err != nil {
		return err
	}
	staging, err := os.MkdirTemp(s.cache, ".import-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(staging)
	sum := fileSum{path: "raw/matrix", sha256: sha256Hex(data)}
	err = errors.Join(
		os.Chmod(staging, 0o755),
		writeFile(filepath.Join(staging, "raw", "matrix"), data),
		writeFile(filepath.Join(staging, sumsFile), formatSums([]fileSum{sum})),
	)
	if own && err == nil {
		var entry []byte
		if entry, err = yaml.Marshal(set); err == nil {
			err = writeFile(filepath.Join(staging, ownManifest), entry)
		}
	}
	if err != nil {
		return err
	}
	if err := replaceDir(staging, filepath.Join(s.cache, set.Name)); err != nil {
		return err
	}
	s.forget(set.Name)
	return nil
}

// ownSet reads the entry of a set that the manifest does not know, or an error
// that is [os.ErrNotExist].
func (s *Store) ownSet(name string) (Dataset, error) {
	if !nameForm.MatchString(name) {
		return Dataset{}, os.ErrNotExist
	}
	for _, dir := range s.places() {
		file := filepath.Join(dir, name, ownManifest)
		data, err := os.ReadFile(file)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return Dataset{}, err
		}
		var set Dataset
		if err := strictYAML(file, data, &set); err != nil {
			return Dataset{}, err
		}
		if err := set.check(file); err != nil {
			return Dataset{}, err
		}
		if set.Name != name {
			return Dataset{}, fmt.Errorf("%s: name: %q is not valid; want %q, as its folder", file, set.Name, name)
		}
		if set.Kind != KindImported && set.Kind != KindRecording {
			return Dataset{}, fmt.Errorf("%s: kind: %q is not valid; want imported or recording", file, set.Kind)
		}
		return set, nil
	}
	return Dataset{}, os.ErrNotExist
}

// readSums lists the raw files of a set whose checksums lie beside them. Lines
// for files elsewhere are left out.
func readSums(dir string) ([]fileSum, error) {
	file := filepath.Join(dir, sumsFile)
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	sums, err := parseSums(file, text)
	if err != nil {
		return nil, err
	}
	sums = slices.DeleteFunc(sums, func(f fileSum) bool { return !strings.HasPrefix(f.path, "raw/") })
	if len(sums) == 0 {
		return nil, &ParseError{File: file, Got: "no file below raw/", Want: "a line for each raw file"}
	}
	return sums, nil
}
