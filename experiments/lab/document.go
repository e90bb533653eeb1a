package lab

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/swimlab/swimlab/experiments/trial"
)

// FileError blames one place of a file: "experiments/swim2002/fig3a.yaml:12:
// claims.0.tolerance: ...".
type FileError struct {
	File string // as the reader would type it, relative to the repository root
	Line int    // 1-based; 0 when the whole file is to blame
	Err  error  // usually a *trial.KeyError
}

func (e *FileError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %v", e.File, e.Err)
	}
	return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err)
}

func (e *FileError) Unwrap() error { return e.Err }

// document is a definition's YAML as a tree of nodes. viper reads the values;
// the nodes know what viper forgets: lines, the order of keys, duplicates.
type document struct {
	file string
	text []byte
	root *yaml.Node
}

// largest bounds numbers: beyond it a float64 skips whole ones, and what was written
// would run as something else.
const largest = 1 << 53

var keyForm = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$`)

// parseDocument reads one YAML document and refuses what would be lost or
// changed silently on the way through viper: duplicate keys, keys that are not
// lower_snake, empty values and sections, numbers that are not finite.
func parseDocument(file string, text []byte) (*document, error) {
	d := &document{file: file, text: text}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var node yaml.Node
	if err := dec.Decode(&node); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, &FileError{File: file, Err: errors.New("the file is empty; want a definition")}
		}
		return nil, syntaxError(file, text, err)
	}
	var second yaml.Node
	if err := dec.Decode(&second); !errors.Is(err, io.EOF) {
		if err != nil {
			return nil, syntaxError(file, text, err)
		}
		return nil, &FileError{File: file, Line: second.Line, Err: errors.New("a second document begins here; want one definition a file")}
	}
	d.root = node.Content[0]
	if d.root.Kind != yaml.MappingNode {
		return nil, &FileError{File: file, Line: d.root.Line, Err: errors.New("want keys such as id and title at the top")}
	}
	return d, d.lint(d.root, "")
}

var yamlLine = regexp.MustCompile(`^yaml: line (\d+): (.*)$`)

// syntaxError names the line. The parser's words for two frequent slips are about
// its own workings, so those are looked for in the text.
func syntaxError(file string, text []byte, err error) error {
	for i, line := range bytes.Split(text, []byte("\n")) {
		if bytes.ContainsRune(line[:len(line)-len(bytes.TrimLeft(line, " \t"))], '\t') {
			return &FileError{File: file, Line: i + 1, Err: errors.New("not YAML: the line begins with a tab; want spaces")}
		}
		if at := bytes.IndexFunc(line, func(r rune) bool { return r < ' ' && r != '\t' && r != '\r' }); at >= 0 {
			return &FileError{File: file, Line: i + 1, Err: fmt.Errorf("not YAML: the line holds the control character %q; want text in UTF-8", line[at])}
		}
	}
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		line, _ := strconv.Atoi(m[1])
		return &FileError{File: file, Line: line, Err: errors.New("not YAML: " + m[2])}
	}
	return &FileError{File: file, Err: errors.New("not YAML: " + strings.TrimPrefix(err.Error(), "yaml: "))}
}

func (d *document) lint(n *yaml.Node, path string) error {
	blame := func(n *yaml.Node, format string, args ...any) error {
		err := fmt.Errorf(format, args...)
		if path != "" {
			err = &trial.KeyError{Key: path, Err: err}
		}
		return &FileError{File: d.file, Line: n.Line, Err: err}
	}
	switch n.Kind {
	case yaml.AliasNode:
		return blame(n, "an alias; want the value itself")
	case yaml.MappingNode:
		if len(n.Content) == 0 {
			return blame(n, "an empty section; want a value, or leave the key out")
		}
		seen := map[string]int{}
		for i := 0; i < len(n.Content); i += 2 {
			key, value := n.Content[i], n.Content[i+1]
			if key.Kind != yaml.ScalarNode || !keyForm.MatchString(key.Value) {
				return blame(key, "%q is not a key; want lower_snake", key.Value)
			}
			if line, ok := seen[key.Value]; ok {
				return blame(key, "key %q is given twice; the first is on line %d", key.Value, line)
			}
			seen[key.Value] = key.Line
			if err := d.lint(value, joinKey(path, key.Value)); err != nil {
				return err
			}
		}
	case yaml.SequenceNode:
		root, _, _ := strings.Cut(path, ".")
		if len(n.Content) == 0 && root != path && slices.Contains(sections, root) {
			return blame(n, "an empty list; want values, or leave the key out")
		}
		for i, item := range n.Content {
			if err := d.lint(item, joinKey(path, strconv.Itoa(i))); err != nil {
				return err
			}
		}
	case yaml.ScalarNode:
		switch n.ShortTag() {
		case "!!null":
			return blame(n, "no value; want one, or leave the key out")
		case "!!float":
			var f float64
			if err := n.Decode(&f); err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
				return blame(n, "%s is not valid; want a finite number", n.Value)
			}
			if math.Abs(f) > largest {
				return blame(n, "%s is not valid; want a number up to %v, which can be held exactly", n.Value, int64(largest))
			}
		case "!!int":
			var i int64
			if err := n.Decode(&i); err != nil || i > largest || i < -largest {
				return blame(n, "%s is not valid; want a whole number up to %v, which can be held exactly", n.Value, int64(largest))
			}
		case "!!str", "!!bool":
		default:
			return blame(n, "%s would be read as %s; put it in quotes", n.Value, strings.TrimPrefix(n.ShortTag(), "!!"))
		}
	}
	return nil
}

// find returns the node at a dotted path, or the deepest one on the way to it,
// and whether the whole path exists. Keys may hold dots themselves.
func (d *document) find(path string) (*yaml.Node, bool) {
	segments := strings.Split(path, ".")
	if path == "" {
		return d.root, true
	}
	node, at := d.root, d.root
	for len(segments) > 0 {
		next, key, used := descend(node, segments)
		if next == nil {
			return at, false
		}
		node, at, segments = next, key, segments[used:]
	}
	return at, true
}

// descend goes one key down. It returns the value, the node that carries the line
// people look for (the key, not the value), and how many segments it used.
func descend(n *yaml.Node, segments []string) (value, line *yaml.Node, used int) {
	switch n.Kind {
	case yaml.MappingNode:
		for used := 1; used <= len(segments); used++ {
			name := strings.Join(segments[:used], ".")
			for i := 0; i < len(n.Content); i += 2 {
				if n.Content[i].Value == name {
					return n.Content[i+1], n.Content[i], used
				}
			}
		}
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(segments[0]); err == nil && i >= 0 && i < len(n.Content) {
			return n.Content[i], n.Content[i], 1
		}
	}
	return nil, nil, 0
}

// keys lists the keys of the mapping at path in the order they are written.
func (d *document) keys(path string) []string {
	n := d.root
	for _, segment := range strings.Split(path, ".") {
		if n, _, _ = descend(n, []string{segment}); n == nil {
			return nil
		}
	}
	var keys []string
	for i := 0; n.Kind == yaml.MappingNode && i < len(n.Content); i += 2 {
		keys = append(keys, n.Content[i].Value)
	}
	return keys
}

// blame makes an error of a key.
func (d *document) blame(key string, format string, args ...any) error {
	return d.wrap(&trial.KeyError{Key: key, Err: fmt.Errorf(format, args...)})
}

// wrap gives a *trial.KeyError its file and line; other errors get the file.
func (d *document) wrap(err error) error {
	var key *trial.KeyError
	if !errors.As(err, &key) {
		return &FileError{File: d.file, Err: err}
	}
	n, _ := d.find(key.Key)
	if text, changed := inYAML(key.Got); changed && err == error(key) {
		clear := *key
		clear.Got, err = text, &clear
	}
	return &FileError{File: d.file, Line: n.Line, Err: err}
}

// checkKeys compares the document's keys with the fields of a struct, so that
// an unknown key is blamed with its line and the nearest known name.
func (d *document) checkKeys(t reflect.Type) error { return d.checkNode(d.root, t, "") }

func (d *document) checkNode(n *yaml.Node, t reflect.Type, path string) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if reflect.PointerTo(t).Implements(reflect.TypeFor[trial.Unmarshaler]()) {
		return nil
	}
	switch {
	case t.Kind() == reflect.Slice && n.Kind == yaml.SequenceNode:
		for i, item := range n.Content {
			if err := d.checkNode(item, t.Elem(), joinKey(path, strconv.Itoa(i))); err != nil {
				return err
			}
		}
	case t.Kind() == reflect.Slice:
		return d.checkNode(n, t.Elem(), path)
	case t.Kind() == reflect.Map && n.Kind == yaml.MappingNode:
		for i := 0; i < len(n.Content); i += 2 {
			if err := d.checkNode(n.Content[i+1], t.Elem(), joinKey(path, n.Content[i].Value)); err != nil {
				return err
			}
		}
	case t.Kind() == reflect.Struct && n.Kind == yaml.MappingNode:
		fields := fieldsOf(t)
		for i := 0; i < len(n.Content); i += 2 {
			key := n.Content[i]
			field, ok := fields[key.Value]
			if !ok {
				known := slices.Sorted(mapKeys(fields))
				return &FileError{File: d.file, Line: key.Line, Err: &trial.KeyError{
					Key: joinKey(path, key.Value), Err: errors.New("unknown key" + didYouMean(key.Value, known)), Want: "one of " + strings.Join(known, ", ")}}
			}
			if err := d.checkNode(n.Content[i+1], field, joinKey(path, key.Value)); err != nil {
				return err
			}
		}
	}
	return nil
}

func fieldsOf(t reflect.Type) map[string]reflect.Type {
	fields := map[string]reflect.Type{}
	for i := range t.NumField() {
		if name := t.Field(i).Tag.Get("key"); name != "" && name != "-" {
			fields[name] = t.Field(i).Type
		}
	}
	return fields
}

func joinKey(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
