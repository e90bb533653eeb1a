package report

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// markFile lies in each report, so that a folder that is none is never
// replaced by one.
const markFile = ".swimlab-report"

// folder is a report being built beside the place where it belongs.
type folder struct{ place, build string }

// newFolder begins a folder that will take the place of dir.
func newFolder(dir string) (_ folder, err error) {
	place, err := filepath.Abs(dir)
	if err != nil {
		return folder{}, err
	}
	if target, err := filepath.EvalSymlinks(place); err == nil {
		place = target // a link to the report keeps pointing to it
	}
	if err := replaceable(place); err != nil {
		return folder{}, err
	}
	if err := os.MkdirAll(filepath.Dir(place), 0o755); err != nil {
		return folder{}, err
	}
	build, err := os.MkdirTemp(filepath.Dir(place), ".report-*")
	if err != nil {
		return folder{}, err
	}
	f := folder{place, build}
	if err := errors.Join(os.Chmod(build, 0o755), f.write(markFile, []byte("swimlab writes this folder anew with each report.\n"))); err != nil {
		return folder{}, errors.Join(err, f.abandon())
	}
	return f, nil
}

// replaceable refuses whatever holds anything but a report.
func replaceable(place string) error {
	entries, err := os.ReadDir(place)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(place, markFile)); err != nil {
		return errors.New("the folder holds other files and no earlier report; want a new or an empty folder")
	}
	return nil
}

// write writes one file of the report; name uses slashes.
func (f folder) write(name string, content []byte) error {
	file := filepath.Join(f.build, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, content, 0o644)
}

// install puts the built report in its place. The old report moves aside
// first, and back again should the new one not arrive.
func (f folder) install() error {
	aside := f.build + ".old"
	old := true
	if err := os.Rename(f.place, aside); errors.Is(err, fs.ErrNotExist) {
		old = false
	} else if err != nil {
		return err
	}
	if err := os.Rename(f.build, f.place); err != nil {
		if old {
			return errors.Join(err, os.Rename(aside, f.place))
		}
		return err
	}
	if err := os.RemoveAll(aside); err != nil {
		return fmt.Errorf("the new report is in place, the old one cannot be removed: %w", err)
	}
	return nil
}

// abandon removes what was built so far.
func (f folder) abandon() error { return os.RemoveAll(f.build) }
