package datasets

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// resolve finds a name's entry and checks the options after its colons. Their
// meaning is the set's: nodes and seed of a model, or the slice of time.
func (s *Store) resolve(name string) (set Dataset, option []int, err error) {
	if set, err = s.Dataset(name); err != nil {
		return Dataset{}, nil, err
	}
	_, rest, given := strings.Cut(name, ":")
	if !given {
		return set, nil, nil
	}
	for _, text := range strings.Split(rest, ":") {
		number, err := strconv.Atoi(text)
		if err != nil || number < 0 || strconv.Itoa(number) != text {
			return Dataset{}, nil, optionError(name, set)
		}
		option = append(option, number)
	}
	var ok bool
	nodes := option[0] >= 2 && option[0] <= MaxSynthetic
	switch {
	case set.Name == "synthetic-internet":
		ok = len(option) <= 2 && nodes
	case set.Name == "synthetic-grid":
		ok = len(option) == 1 && nodes
	case set.Shape.Frames > 0:
		ok = len(option) == 1 && option[0] >= 1 && option[0] <= set.Shape.Frames
	}
	if !ok {
		return Dataset{}, nil, optionError(name, set)
	}
	return set, option, nil
}

func optionError(name string, set Dataset) error {
	want := set.Name
	switch {
	case set.Name == "synthetic-internet":
		want = fmt.Sprintf("synthetic-internet:NODES or synthetic-internet:NODES:SEED with 2 to %d nodes and a seed from 0", MaxSynthetic)
	case set.Name == "synthetic-grid":
		want = fmt.Sprintf("synthetic-grid:NODES with 2 to %d nodes", MaxSynthetic)
	case set.Shape.Frames > 0:
		want = fmt.Sprintf("%s:SLICE with a slice from 1 to %d", set.Name, set.Shape.Frames)
	}
	return fmt.Errorf("dataset %q is not valid; want %s", name, want)
}

// gridSpacing is that of synthetic-grid.
const gridSpacing = 10 * time.Millisecond

func compute(base string, option []int) (*Matrix, error) {
	switch base {
	case "synthetic-internet":
		c := DefaultSynthetic()
		if len(option) > 0 {
			c.Nodes = option[0]
		}
		if len(option) > 1 {
			c.Seed = uint64(option[1])
		}
		return Synthetic(c)
	case "synthetic-grid":
		n := 400
		if len(option) > 0 {
			n = option[0]
		}
		return Grid(n, gridSpacing)
	}
	return nil, fmt.Errorf("%s: no model computes it; want synthetic-internet or synthetic-grid", base)
}
