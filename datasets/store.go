package datasets

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// Store finds sets by name. A name may carry options after colons:
//
//	synthetic-internet:512:7   512 hosts, seed 7
//	synthetic-grid:100         100 nodes
//	planetlab490:3             slice 3 of a set with slices
//
// A Store is safe for concurrent use. What it opened stays in memory.
type Store struct {
	dirs  []string // searched in order
	cache string   // written to, and searched last; may be empty

	mu      sync.Mutex
	opened  map[string]*openedSet
	present map[string]bool   // names that were found whole
	digests map[string]string // of names
}

type openedSet struct {
	mu     sync.Mutex
	matrix *Matrix
}

// EnvDir is the environment variable that names a directory of sets.
const EnvDir = "REPRO_DATASETS"

// Default returns the store of this user: the directories of $REPRO_DATASETS (a
// list, apart by the system's list separator) and then the user's cache, which
// is where it fetches and imports to.
func Default() (*Store, error) {
	var dirs []string
	for _, dir := range filepath.SplitList(os.Getenv(EnvDir)) {
		if dir == "" {
			continue
		}
		info, err := os.Stat(dir)
		if err != nil || !info.IsDir() {
			return nil, fmt.Errorf("%s: %q is not a directory; want one with a folder for each set, such as %s", EnvDir, dir, filepath.Join(dir, "planetlab490", "raw"))
		}
		dirs = append(dirs, dir)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return NewStore("", dirs...), nil // no home: still good for reading
	}
	return NewStore(filepath.Join(cache, "swimlab", "datasets"), dirs...), nil
}

// NewStore returns a store that searches dirs in order and then cache, and
// writes to cache, which need not exist yet. An empty cache makes it read-only.
func NewStore(cache string, dirs ...string) *Store {
	s := &Store{dirs: slices.Clone(dirs), cache: cache}
	s.opened, s.present, s.digests = map[string]*openedSet{}, map[string]bool{}, map[string]string{}
	return s
}

// Sets lists the sets of the manifest and then, by name, the user's own ones
// that lie in the store's directories.
func (s *Store) Sets() ([]Dataset, error) {
	known, err := Manifest()
	if err != nil {
		return nil, err
	}
	sets := slices.Clone(known)
	var own []string
	for _, dir := range s.places() {
		entries, err := os.ReadDir(dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		for _, e := range entries {
			if !nameForm.MatchString(e.Name()) {
				continue // a staging directory, say
			}
			if _, err := os.Stat(filepath.Join(dir, e.Name(), ownManifest)); err == nil && !slices.Contains(own, e.Name()) {
				own = append(own, e.Name())
			}
		}
	}
	slices.Sort(own)
	for _, name := range own {
		if slices.ContainsFunc(known, func(d Dataset) bool { return d.Name == name }) {
			continue
		}
		set, err := s.ownSet(name)
		if err != nil {
			return nil, err
		}
		sets = append(sets, set)
	}
	return sets, nil
}

// Dataset returns the entry behind a name, options ignored.
func (s *Store) Dataset(name string) (Dataset, error) {
	base, _, _ := strings.Cut(name, ":")
	known, err := Manifest()
	if err != nil {
		return Dataset{}, err
	}
	for _, d := range known {
		if d.Name == base {
			return d, nil
		}
	}
	set, err := s.ownSet(base)
	if errors.Is(err, fs.ErrNotExist) {
		unknown := &UnknownError{Name: base}
		all, err := s.Sets()
		if err != nil {
			return Dataset{}, err
		}
		for _, d := range all {
			unknown.Known = append(unknown.Known, d.Name)
		}
		return Dataset{}, unknown
	}
	return set, err
}

// Check refuses a name that no set has, and options that its set does not take.
// Whether the set is on this machine is for [Store.Available] to say.
func (s *Store) Check(name string) error {
	_, _, err := s.resolve(name)
	return err
}

// Available says whether a name could be opened now, and if not, why. It looks at
// names and files but reads none. A set that was found is not looked for again.
func (s *Store) Available(name string) (bool, string) {
	s.mu.Lock()
	present := s.present[name]
	s.mu.Unlock()
	if present {
		return true, ""
	}
	set, _, err := s.resolve(name)
	if err == nil && set.Kind != KindSynthetic {
		_, _, err = s.find(set)
	}
	if err != nil {
		return false, err.Error()
	}
	s.mu.Lock()
	s.present[name] = true
	s.mu.Unlock()
	return true, ""
}

// Open returns the named set as one static matrix. A set with slices gives the
// median over them. Raw files must have the right checksums. A set that is not
// on this machine is a [*MissingError].
func (s *Store) Open(name string) (*Matrix, error) {
	s.mu.Lock()
	o := s.opened[name]
	if o == nil {
		o = &openedSet{}
		s.opened[name] = o
	}
	s.mu.Unlock()

	o.mu.Lock()
	defer o.mu.Unlock()
	if o.matrix == nil {
		m, err := s.load(name)
		if err != nil {
			return nil, err
		}
		o.matrix = m
	}
	return o.matrix, nil
}

func (s *Store) load(name string) (*Matrix, error) {
	set, option, err := s.resolve(name)
	if err != nil {
		return nil, err
	}
	if set.Kind == KindSynthetic {
		return compute(set.Name, option)
	}
	dir, sums, err := s.find(set)
	if err != nil {
		return nil, err
	}
	if set.Format == FormatFrames {
		frames, err := newFrames(set, dir, sums)
		if err != nil {
			return nil, err
		}
		if option != nil {
			return frames.Frame(option[0])
		}
		return frames.Median()
	}
	var files []rawFile
	for _, sum := range sums {
		name, data, err := sum.read(dir)
		if err != nil {
			return nil, err
		}
		files = append(files, rawFile{name, data})
	}
	return set.parse(files)
}

// OpenFrames returns a set with slices of time.
func (s *Store) OpenFrames(name string) (*Frames, error) {
	set, err := s.Dataset(name)
	if err != nil {
		return nil, err
	}
	if set.Format != FormatFrames || set.Name != name {
		return nil, fmt.Errorf("dataset %q has no slices of time; want a set with shape.frames, such as seattle99", name)
	}
	dir, sums, err := s.find(set)
	if err != nil {
		return nil, err
	}
	return newFrames(set, dir, sums)
}

// Digest returns a hex sha256 that changes when the named set's content does.
// For a recorded set it is the digest of its raw files' checksums, which
// [Store.Open] verifies, so nothing needs to be read; a set pinned by the
// manifest need not even be on this machine. For a computed set it is the
// [Matrix.SHA256].
func (s *Store) Digest(name string) (string, error) {
	s.mu.Lock()
	digest, ok := s.digests[name]
	s.mu.Unlock()
	if ok {
		return digest, nil
	}
	digest, err := s.digest(name)
	if err == nil {
		s.mu.Lock()
		s.digests[name] = digest
		s.mu.Unlock()
	}
	return digest, err
}

func (s *Store) digest(name string) (string, error) {
	set, option, err := s.resolve(name)
	if err != nil {
		return "", err
	}
	switch {
	case set.Kind == KindSynthetic && option == nil:
		return set.SHA256, nil
	case set.Kind == KindSynthetic:
		m, err := s.Open(name)
		if err != nil {
			return "", err
		}
		return m.SHA256(), nil
	}
	sums := set.sums
	if sums == nil {
		if _, sums, err = s.find(set); err != nil {
			return "", err
		}
	}
	if option != nil {
		frames, err := newFrames(set, "", sums)
		if err != nil {
			return "", err
		}
		return frames.files[option[0]-1].sha256, nil
	}
	return sha256Hex(formatSums(sums)), nil
}

// Verify reads the named set anew, checks every checksum and value, and returns
// its matrix. A computed set is computed anew and compared with its pinned digest.
func (s *Store) Verify(name string) (*Matrix, error) {
	set, option, err := s.resolve(name)
	if err != nil {
		return nil, err
	}
	m, err := s.load(name)
	if err != nil {
		return nil, err
	}
	if set.Kind == KindSynthetic && option == nil && m.SHA256() != set.SHA256 {
		return nil, fmt.Errorf("%s: computes to %s; want %s, as in the manifest", name, m.SHA256(), set.SHA256)
	}
	return m, nil
}

// Dir is the directory that holds a recorded set's raw files.
func (s *Store) Dir(name string) (string, error) {
	set, err := s.Dataset(name)
	if err != nil {
		return "", err
	}
	if set.Kind == KindSynthetic {
		return "", fmt.Errorf("dataset %s is computed and has no directory; want a recorded one", set.Name)
	}
	dir, _, err := s.find(set)
	return dir, err
}

func (s *Store) places() []string {
	if s.cache == "" {
		return s.dirs
	}
	return append(slices.Clone(s.dirs), s.cache)
}

// find returns the first directory that holds all raw files of a set, and their
// checksums.
func (s *Store) find(set Dataset) (dir string, sums []fileSum, err error) {
	var reasons []string
	for _, place := range s.places() {
		dir := filepath.Join(place, set.Name)
		sums := set.sums
		if sums == nil {
			if sums, err = readSums(dir); err != nil {
				if !errors.Is(err, fs.ErrNotExist) {
					return "", nil, err
				}
				reasons = append(reasons, "no "+filepath.Join(dir, sumsFile))
				continue
			}
		}
		absent := 0
		var first string
		for _, sum := range sums {
			if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(sum.path))); err != nil {
				if absent++; absent == 1 {
					first = sum.path
				}
			}
		}
		switch absent {
		case 0:
			return dir, sums, nil
		case len(sums):
			reasons = append(reasons, "not in "+place)
		default:
			reasons = append(reasons, fmt.Sprintf("%s lacks %d of %s, first %s", dir, absent, plural(len(sums), "file"), first))
		}
	}
	how := "repro datasets fetch " + set.Name
	if set.Kind != KindFetched {
		how = "repro datasets import " + set.Name + " FILE"
	}
	if reasons == nil {
		reasons = []string{"the store has no directory"}
	}
	return "", nil, &MissingError{Name: set.Name, Reason: strings.Join(reasons, "; "), How: how + ", or name a directory that has it in " + EnvDir}
}
