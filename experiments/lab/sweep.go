package lab

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/swimlab/swimlab/experiments/trial"
)

// Axis is one dimension of a sweep. Axes multiply.
type Axis struct {
	// Name is how claims and figures call it: "members".
	Name string
	// Key is the parameter it sets, "system.members"; empty for an axis of
	// bundles, whose levels each set parameters of their own.
	Key string
	// Levels are its values, in the definition's order.
	Levels []Level

	path string // its place in the definition, for messages
}

// Level is one value of an axis.
type Level struct {
	Name  string         // the value as text, or the bundle's name
	Label string         // for legends and table rows
	Style string         // the drawing style of a bundle, such as "swim-basic"
	Value any            // the plain value; nil for a bundle
	Set   map[string]any // what it sets, by dotted path

	path string // its place in the definition, for messages
}

// Number is the level's value where it has a numeric one.
func (l Level) Number() (float64, bool) {
	switch v := l.Value.(type) {
	case int:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

// level finds a level by name.
func (a Axis) level(name string) (Level, bool) {
	for _, l := range a.Levels {
		if l.Name == name {
			return l, true
		}
	}
	return Level{}, false
}

func (a Axis) names() []string {
	names := make([]string, len(a.Levels))
	for i, l := range a.Levels {
		names[i] = l.Name
	}
	return names
}

// bundle is one item of an axis of bundles.
type bundle struct {
	Name  string         `key:"name"`
	Label string         `key:"label"`
	Style string         `key:"style"`
	Set   map[string]any `key:"set"`
}

// levelForm is what expressions take for one word, see wordForm.
var levelForm = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.:-]*$`)

// maxCells bounds the product of the axes; a sweep of more is surely a slip.
const maxCells = 100_000

// readSweep reads the axes in the order they are written.
//
// An axis with a plain name sets the parameter of that name in the system
// section: members sets system.members. A dotted name is the whole path:
// run.rounds, and the axis is called by its last part, rounds. The axis world
// takes names of worlds. A list of sections is an axis of bundles: each has a name
// and what it sets, which may be the world, too.
func (d *Definition) readSweep() ([]Axis, error) {
	var axes []Axis
	for _, written := range d.doc.keys("sweep") {
		axis, err := d.readAxis(written, d.Sweep[written])
		if err != nil {
			return nil, d.doc.wrap(err)
		}
		for _, other := range axes {
			if other.Name == axis.Name {
				return nil, d.doc.blame(axis.path, "two axes are called %s", axis.Name)
			}
		}
		axes = append(axes, axis)
	}
	cells := 1
	for _, axis := range axes {
		if cells *= len(axis.Levels); cells > maxCells {
			return nil, d.doc.blame("sweep", "the axes multiply to more than %d cells; want fewer values", maxCells)
		}
	}
	return axes, nil
}

func (d *Definition) readAxis(written string, value any) (Axis, error) {
	axis := Axis{Name: written, Key: "system." + written, path: "sweep." + written}
	if written == "world" {
		axis.Key = written
	}
	if i := strings.LastIndexByte(written, '.'); i >= 0 {
		axis.Name, axis.Key = written[i+1:], written
	}
	list, ok := value.([]any)
	if !ok || len(list) == 0 {
		return axis, &trial.KeyError{Key: axis.path, Got: value, Want: "a list of values"}
	}
	_, bundles := list[0].(map[string]any)
	if bundles {
		axis.Key = ""
	} else if err := checkSectionPath(axis.path, axis.Key); err != nil {
		return axis, err
	}
	for i, item := range list {
		path := fmt.Sprintf("%s.%d", axis.path, i)
		level, err := readLevel(path, axis.Key, item)
		if err != nil {
			return axis, err
		}
		if _, taken := axis.level(level.Name); taken {
			return axis, &trial.KeyError{Key: path, Err: fmt.Errorf("%s is listed twice", level.Name)}
		}
		axis.Levels = append(axis.Levels, level)
	}
	return axis, nil
}

// readLevel reads one item of an axis; key is empty for an axis of bundles.
func readLevel(path, key string, item any) (Level, error) {
	if key == "" {
		var b bundle
		if err := trial.Decode(path, item, &b); err != nil {
			return Level{}, err
		}
		if b.Name == "" {
			return Level{}, &trial.KeyError{Key: path + ".name", Want: "a name for the bundle, lower_snake"}
		}
		if !levelForm.MatchString(b.Name) {
			return Level{}, &trial.KeyError{Key: path + ".name", Got: fmt.Sprintf("%q", b.Name), Want: "one word for expressions and --set, such as round_robin; label is for legends"}
		}
		for _, target := range slices.Sorted(maps.Keys(b.Set)) {
			if err := checkSectionPath(path+".set."+target, target); err != nil {
				return Level{}, err
			}
		}
		if b.Label == "" {
			b.Label = b.Name
		}
		return Level{Name: b.Name, Label: b.Label, Style: b.Style, Set: b.Set, path: path}, nil
	}
	name, ok := scalarText(item)
	if !ok {
		return Level{}, &trial.KeyError{Key: path, Got: item, Want: "a plain value as in the items before, or in every item a section with name and set"}
	}
	return Level{Name: name, Label: name, Value: item, Set: map[string]any{key: item}, path: path}, nil
}

// scalarText prints a plain value as it names a level.
func scalarText(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case int:
		return strconv.Itoa(v), true
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64), true
	}
	return "", false
}

// sections are the parts of a definition that describe a trial.
var sections = []string{"system", "network", "faults", "run"}

// checkSectionPath says whether target may be set; path is who asks.
func checkSectionPath(path, target string) error {
	if target == "world" && strings.HasPrefix(path, "sweep.") {
		return nil
	}
	root, rest, _ := strings.Cut(target, ".")
	if !slices.Contains(sections, root) || rest == "" {
		return &trial.KeyError{Key: path, Err: fmt.Errorf("%s cannot be set", target),
			Want: "a path below " + strings.Join(sections, ", ") + ", such as system.members"}
	}
	return nil
}

// setPath writes value at a dotted path of spec's sections. The sections must
// belong to spec alone.
func setPath(spec *trial.Spec, path string, value any) error {
	root, rest, _ := strings.Cut(path, ".")
	keys := strings.Split(rest, ".")
	value = deepCopy(value)
	switch root {
	case "world":
		name, ok := value.(string)
		if !ok {
			return fmt.Errorf("%v is not valid; want the name of a world", value)
		}
		spec.World = name
		return nil
	case "system":
		return setIn(&spec.System, keys, value)
	case "network":
		return setIn(&spec.Network, keys, value)
	case "run":
		return setIn(&spec.Run, keys, value)
	default:
		i, err := strconv.Atoi(keys[0])
		if err != nil || i < 0 || i >= len(spec.Faults) {
			if len(spec.Faults) == 0 {
				return fmt.Errorf("there is no fault %s; want faults in the definition first", keys[0])
			}
			return fmt.Errorf("there is no fault %s; want a number from 0 to %d", keys[0], len(spec.Faults)-1)
		}
		if len(keys) == 1 {
			if value == nil {
				return errors.New("a fault is not taken away by null; want its keys")
			}
			spec.Faults[i] = value
			return nil
		}
		fault, ok := spec.Faults[i].(map[string]any)
		if !ok {
			return fmt.Errorf("fault %d is not a section", i)
		}
		return setIn(&fault, keys[1:], value)
	}
}

// setIn gives a key its value. Null takes the key away: what a definition gives by
// one key can so be given by another that excludes it.
func setIn(section *map[string]any, keys []string, value any) error {
	if value == nil {
		if _, given := (*section)[keys[0]]; !given {
			return errors.New(keys[0] + " is not given, and null takes away; want a key that is")
		}
	}
	if *section == nil {
		*section = map[string]any{}
	}
	switch {
	case len(keys) > 1:
	case value == nil:
		delete(*section, keys[0])
		return nil
	default:
		(*section)[keys[0]] = value
		return nil
	}
	switch next := (*section)[keys[0]].(type) {
	case nil:
		fresh := map[string]any{}
		(*section)[keys[0]] = fresh
		return setIn(&fresh, keys[1:], value)
	case map[string]any:
		return setIn(&next, keys[1:], value)
	default:
		return errors.New(keys[0] + " holds a plain value, not a section")
	}
}

func deepCopy(value any) any {
	switch v := value.(type) {
	case map[string]any:
		c := make(map[string]any, len(v))
		for k, item := range v {
			c[k] = deepCopy(item)
		}
		return c
	case []any:
		c := make([]any, len(v))
		for i, item := range v {
			c[i] = deepCopy(item)
		}
		return c
	}
	return value
}

func copySection(m map[string]any) map[string]any {
	if m == nil {
		return nil
	}
	return deepCopy(m).(map[string]any)
}
