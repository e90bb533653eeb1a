package datasets

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"go.yaml.in/yaml/v3"
)

// ErrExists says that a recording would take another's place.
var ErrExists = errors.New("is there already")

// WriteRecording writes a set of kind recording into parent, whole or not at all:
// afterwards a [Store] finds it there by its name. raw are the files of its
// format; beside are others that are kept with it, such as events. What is there
// already is not replaced.
func WriteRecording(parent string, set Dataset, raw, beside map[string][]byte) error {
	if set.Kind != KindRecording {
		return fmt.Errorf("dataset %s is %s; want a recording", set.Name, set.Kind)
	}
	if err := CheckRecording(parent, set); err != nil {
		return err
	}
	var files []rawFile
	var sums []fileSum
	for _, name := range sortedNames(raw) {
		files = append(files, rawFile{name, raw[name]})
		sums = append(sums, fileSum{path: "raw/" + name, sha256: sha256Hex(raw[name])})
	}
	if _, err := set.parse(files); err != nil {
		return err
	}
	entry, err := yaml.Marshal(set)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return err
	}
	staging, err := os.MkdirTemp(parent, ".recording-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(staging)
	err = errors.Join(
		os.Chmod(staging, 0o755),
		writeFile(filepath.Join(staging, sumsFile), formatSums(sums)),
		writeFile(filepath.Join(staging, ownManifest), entry),
	)
	for _, name := range sortedNames(raw) {
		err = errors.Join(err, writeFile(filepath.Join(staging, "raw", name), raw[name]))
	}
	for _, name := range sortedNames(beside) {
		err = errors.Join(err, writeFile(filepath.Join(staging, name), beside[name]))
	}
	if err != nil {
		return err
	}
	return os.Rename(staging, filepath.Join(parent, set.Name))
}

// CheckRecording says whether a recording could be written, before it is made. The
// set's shape may still be open.
func CheckRecording(parent string, set Dataset) error {
	if set.Shape.Nodes == 0 {
		set.Shape.Nodes = 2
	}
	if err := set.check(parent); err != nil {
		return err
	}
	known, err := Manifest()
	if err != nil {
		return err
	}
	if slices.ContainsFunc(known, func(d Dataset) bool { return d.Name == set.Name }) {
		return fmt.Errorf("dataset %s is in the manifest; want a name of its own", set.Name)
	}
	dir := filepath.Join(parent, set.Name)
	if _, err := os.Lstat(dir); err == nil {
		return fmt.Errorf("%s %w; want another name or folder", dir, ErrExists)
	}
	return nil
}

func sortedNames(files map[string][]byte) []string {
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
