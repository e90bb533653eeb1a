package datasets

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Frames is a set that was measured again and again: one matrix for each slice
// of time. Slices are read from disk when asked for.
type Frames struct {
	set   Dataset
	dir   string
	files []fileSum // in order of time
}

func newFrames(set Dataset, dir string, files []fileSum) (*Frames, error) {
	if len(files) != set.Shape.Frames {
		return nil, fmt.Errorf("%s: has %d raw files; want %d, one for each slice of time", set.Name, len(files), set.Shape.Frames)
	}
	numbers := map[string]int{}
	for _, f := range files {
		base := path.Base(f.path)
		t, err := strconv.Atoi(base[strings.LastIndexByte(base, '_')+1:])
		if err != nil {
			return nil, fmt.Errorf("%s: %s has no number after its last _; want the number of its slice", set.Name, f.path)
		}
		numbers[f.path] = t
	}
	ordered := slices.Clone(files)
	slices.SortFunc(ordered, func(a, b fileSum) int { return numbers[a.path] - numbers[b.path] })
	return &Frames{set: set, dir: dir, files: ordered}, nil
}

// Len is the number of slices.
func (f *Frames) Len() int { return len(f.files) }

// Nodes is the number of nodes, the same in every slice.
func (f *Frames) Nodes() int { return f.set.Shape.Nodes }

// Frame reads slice t, from 1 as the origin's files are numbered, and checks
// its checksum.
func (f *Frames) Frame(t int) (*Matrix, error) {
	if t < 1 || t > len(f.files) {
		return nil, fmt.Errorf("%s: there is no slice %d; want 1 to %d", f.set.Name, t, len(f.files))
	}
	values, err := f.values(t)
	if err != nil {
		return nil, err
	}
	return newMatrix(values, numbered(f.Nodes())), nil
}

func (f *Frames) values(t int) ([]time.Duration, error) {
	name, data, err := f.files[t-1].read(f.dir)
	if err != nil {
		return nil, err
	}
	return parseTable(rawFile{name, data}, f.Nodes(), f.set.scale())
}

// Median reads all slices and returns, for each ordered pair, the median of the
// slices in which it was measured (the mean of the middle two of an even
// number). A pair that no slice measured is missing.
func (f *Frames) Median() (*Matrix, error) {
	slicesOfTime, err := f.all()
	if err != nil {
		return nil, err
	}
	n := f.Nodes()
	out := make([]time.Duration, n*n)
	seen := make([]time.Duration, 0, len(slicesOfTime))
	for cell := range out {
		seen = seen[:0]
		for _, values := range slicesOfTime {
			if values[cell] > 0 {
				seen = append(seen, values[cell])
			}
		}
		if k := len(seen); k > 0 {
			slices.Sort(seen)
			out[cell] = (seen[(k-1)/2] + seen[k/2]) / 2
		}
	}
	return newMatrix(out, numbered(n)), nil
}

// all reads the slices by two readers, since parsing and not the disk is slow.
func (f *Frames) all() ([][]time.Duration, error) {
	const readers = 2
	values := make([][]time.Duration, f.Len())
	errs := make([]error, f.Len())
	var wg sync.WaitGroup
	for r := range readers {
		wg.Go(func() {
			for t := r; t < f.Len(); t += readers {
				if values[t], errs[t] = f.values(t + 1); errs[t] != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return values, nil
}
