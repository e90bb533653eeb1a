package lab

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"

	"github.com/gofrs/flock"

	"github.com/swimlab/swimlab/experiments/trial"
)

// Store keeps finished trials on disk: one file a cell, one line a trial.
//
//	.repro/results/3f/3f09….jsonl
//	  # {"world":"simulation","system":{…},…,"seed":0}
//	  b1946ac92492d234 {"trial":1,"samples":{…}}
//	  591785b794601e21 {"trial":2,"samples":{…}}
//
// A trial is appended in one write when it finishes, so that a killed run
// loses no finished trial. Several processes may share a store: whoever writes
// holds the lock of the file .lock in it. Each line
// begins with a checksum of the rest; a line that is torn or altered does not
// count and its trial runs again. When a cell is complete its file is replaced
// by one with the lines in the order of trials, which makes the bytes
// independent of how many workers there were.
type Store struct {
	dir string
	mu  sync.Mutex // a file's lock is the process's, whichever goroutine asks
}

// OpenStore names the folder of a store; it is made when the first trial ends.
func OpenStore(dir string) *Store { return &Store{dir: dir} }

// record is one line.
type record struct {
	Trial int `json:"trial"`
	trial.Observations
}

func (s *Store) path(key Key) string {
	return filepath.Join(s.dir, string(key[:2]), string(key)+".jsonl")
}

const checksumLength = 16

func checksum(payload []byte) []byte {
	sum := sha256.Sum256(payload)
	return hex.AppendEncode(nil, sum[:checksumLength/2])
}

// Load reads the finished trials of a cell, by number. A cell that never ran
// has none.
func (s *Store) Load(key Key) (map[int]trial.Observations, error) {
	lines, _, err := s.lines(key)
	if err != nil {
		return nil, err
	}
	trials := make(map[int]trial.Observations, len(lines))
	for number, line := range lines {
		var r record
		if err := json.Unmarshal(line[checksumLength+1:], &r); err != nil {
			return nil, fmt.Errorf("%s: trial %d: %w", s.path(key), number, err)
		}
		trials[number] = r.Observations
	}
	return trials, nil
}

// Finished lists the numbers of the finished trials of a cell without reading
// what they observed, and says whether the file is as [Store.Settle] leaves it.
func (s *Store) Finished(key Key) (finished map[int]bool, settled bool, err error) {
	lines, settled, err := s.lines(key)
	if err != nil {
		return nil, false, err
	}
	finished = make(map[int]bool, len(lines))
	for number := range lines {
		finished[number] = true
	}
	return finished, settled, nil
}

// lines reads the lines that are whole, by trial number, and says whether the
// file holds nothing else and holds them in order.
func (s *Store) lines(key Key) (lines map[int][]byte, settled bool, err error) {
	data, err := os.ReadFile(s.path(key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, true, nil
	}
	if err != nil {
		return nil, false, err
	}
	lines, settled = map[int][]byte{}, true
	last := 0
	for line := range bytes.Lines(data) {
		number, whole := trialOf(line)
		if !whole {
			settled = settled && bytes.HasPrefix(line, []byte("# "))
			continue
		}
		settled = settled && number > last
		last = number
		lines[number] = bytes.TrimSuffix(line, []byte("\n"))
	}
	return lines, settled, nil
}

// trialOf reads the number of the trial that a line holds, if the line is whole.
func trialOf(line []byte) (number int, whole bool) {
	line, ended := bytes.CutSuffix(line, []byte("\n"))
	if !ended || len(line) <= checksumLength || line[checksumLength] != ' ' {
		return 0, false
	}
	payload := line[checksumLength+1:]
	rest, found := bytes.CutPrefix(payload, []byte(`{"trial":`))
	digits, _, ends := bytes.Cut(rest, []byte(","))
	number, err := strconv.Atoi(string(digits))
	return number, found && ends && err == nil && bytes.Equal(checksum(payload), line[:checksumLength])
}

// Append adds a finished trial.
func (s *Store) Append(c Cell, number int, seen trial.Observations) error {
	payload, err := json.Marshal(record{number, seen})
	if err != nil {
		return err
	}
	line := append(append(checksum(payload), ' '), payload...)
	path := s.path(c.Key)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return s.alone(func() error {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
		if err != nil {
			return err
		}
		prefix, err := startOf(f, c)
		if err == nil {
			_, err = f.Write(slices.Concat(prefix, line, []byte("\n")))
		}
		return errors.Join(err, f.Close())
	})
}

// alone does what no other process may write during. The lock ends with its
// process, however that ends.
func (s *Store) alone(do func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	lock := flock.New(filepath.Join(s.dir, ".lock"))
	if err := lock.Lock(); err != nil {
		return fmt.Errorf("%s: cannot be locked: %w", lock.Path(), err)
	}
	return errors.Join(do(), lock.Close())
}

// startOf returns what must stand before the next line: the header in a new
// file, a line break after a torn line.
func startOf(f *os.File, c Cell) ([]byte, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() == 0 {
		return header(c)
	}
	last := make([]byte, 1)
	if _, err := f.ReadAt(last, info.Size()-1); err != nil {
		return nil, err
	}
	if last[0] != '\n' {
		return []byte("\n"), nil
	}
	return nil, nil
}

// header tells a reader what the file holds; the lab does not read it.
func header(c Cell) ([]byte, error) {
	canonical, err := c.Spec.Canonical()
	if err != nil {
		return nil, err
	}
	return slices.Concat([]byte("# "), canonical, []byte("\n")), nil
}

// Settle rewrites a cell's file in the order of trials, without torn lines.
func (s *Store) Settle(c Cell) error {
	// A file in order is found so without the lock: what others append meanwhile is
	// theirs to settle.
	if _, inOrder, err := s.lines(c.Key); err != nil || inOrder {
		return err
	}
	return s.alone(func() error {
		lines, inOrder, err := s.lines(c.Key)
		if err != nil || inOrder {
			return err
		}
		settled, err := header(c)
		if err != nil {
			return err
		}
		for _, number := range slices.Sorted(maps.Keys(lines)) {
			settled = append(append(settled, lines[number]...), '\n')
		}
		return writeFile(s.path(c.Key), settled)
	})
}
