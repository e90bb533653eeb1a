package trial

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"sort"
	"strings"
	"time"

	"github.com/go-viper/mapstructure/v2"
)

// KeyError blames one key of a definition. Key is its path with dots from the
// top of the definition, list positions as numbers: "faults.0.crash.members".
type KeyError struct {
	Key  string
	Want string // what would have been right
	Got  any    // nil when nothing was given
	Err  error  // the cause, if there is one beyond Want
}

func (e *KeyError) Error() string {
	var b strings.Builder
	b.WriteString(e.Key)
	b.WriteString(": ")
	if e.Err != nil {
		b.WriteString(e.Err.Error())
	} else if e.Got == nil {
		b.WriteString("missing")
	} else {
		fmt.Fprintf(&b, "%v is not valid", e.Got)
	}
	if e.Want != "" {
		b.WriteString("; want ")
		b.WriteString(e.Want)
	}
	return b.String()
}

func (e *KeyError) Unwrap() error { return e.Err }

// Decode fills the struct that into points to from a section of a definition.
// It is strict: a key that the struct does not have is an error, and so is a
// value of another type. Durations are strings with a unit ("200ms"); a bare
// number is refused because its unit would be a guess. Field names come from
// `key:"..."` tags. Types with an UnmarshalKey(any) error method decode
// themselves. prefix is the section's place in the definition, for messages.
func Decode(prefix string, section any, into any) error {
	if section == nil {
		section = map[string]any{}
	}
	var meta mapstructure.Metadata
	dec, err := mapstructure.NewDecoder(&mapstructure.DecoderConfig{
		Result:     into,
		TagName:    "key",
		Metadata:   &meta,
		MatchName:  func(mapKey, fieldName string) bool { return mapKey == fieldName },
		DecodeHook: mapstructure.DecodeHookFuncType(hook),
	})
	if err != nil {
		return err
	}
	if err := dec.Decode(section); err != nil {
		return keyErrorOf(prefix, err)
	}
	if len(meta.Unused) > 0 {
		sort.Strings(meta.Unused)
		key := clean(meta.Unused[0])
		return &KeyError{Key: join(prefix, key), Err: errors.New("unknown key"), Want: "one of " + strings.Join(keysBeside(into, key), ", ")}
	}
	return nil
}

// Unmarshaler is a type that reads itself from plain data.
type Unmarshaler interface{ UnmarshalKey(value any) error }

func hook(from, to reflect.Type, value any) (any, error) {
	if to == reflect.TypeFor[time.Duration]() {
		text, ok := value.(string)
		if !ok {
			return nil, fmt.Errorf(`%v is not valid; want a duration with its unit, such as "200ms" or "2s"`, value)
		}
		d, err := time.ParseDuration(strings.ReplaceAll(text, " ", ""))
		if err != nil {
			return nil, fmt.Errorf(`%q is not valid; want a duration with its unit, such as "200ms" or "2s"`, text)
		}
		return d, nil
	}
	if f, ok := value.(float64); ok && to.Kind() >= reflect.Int && to.Kind() <= reflect.Uint64 && f != math.Trunc(f) {
		return nil, fmt.Errorf("%v is not valid; want a whole number", f)
	}
	if reflect.PointerTo(to).Implements(reflect.TypeFor[Unmarshaler]()) {
		p := reflect.New(to)
		if err := p.Interface().(Unmarshaler).UnmarshalKey(value); err != nil {
			return nil, err
		}
		return p.Elem().Interface(), nil
	}
	return value, nil
}

// keyErrorOf finds the deepest key that mapstructure blames.
func keyErrorOf(prefix string, err error) error {
	var own *KeyError
	if errors.As(err, &own) {
		return &KeyError{Key: join(prefix, own.Key), Want: own.Want, Got: own.Got, Err: own.Err}
	}
	var de *mapstructure.DecodeError
	if errors.As(err, &de) {
		return &KeyError{Key: join(prefix, clean(de.Name())), Err: errors.New(firstLine(de.Unwrap().Error()))}
	}
	return &KeyError{Key: prefix, Err: errors.New(firstLine(err.Error()))}
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}

// clean turns mapstructure's "a[0].b" into "a.0.b".
func clean(name string) string {
	return strings.Trim(strings.NewReplacer("[", ".", "]", "").Replace(name), ".")
}

func join(prefix, key string) string {
	switch {
	case prefix == "":
		return key
	case key == "":
		return prefix
	}
	return prefix + "." + key
}

// keysBeside lists the keys that the section which holds key takes, sorted, for
// "want one of". key is a path of keys below what into points to.
func keysBeside(into any, key string) []string {
	t := reflect.TypeOf(into)
	path := strings.Split(key, ".")
	for _, name := range path[:len(path)-1] {
		if t = fieldOf(t, name); t == nil {
			return nil
		}
	}
	keys := keysOf(t)
	sort.Strings(keys)
	return keys
}

// fieldOf is the type of the field that a key names; nil if there is none.
func fieldOf(t reflect.Type, key string) reflect.Type {
	t = structOf(t)
	if t == nil {
		return nil
	}
	for i := range t.NumField() {
		name, rest, _ := strings.Cut(t.Field(i).Tag.Get("key"), ",")
		if name == key {
			return t.Field(i).Type
		}
		if rest == "squash" {
			if inner := fieldOf(t.Field(i).Type, key); inner != nil {
				return inner
			}
		}
	}
	return nil
}

func keysOf(t reflect.Type) []string {
	t = structOf(t)
	if t == nil {
		return nil
	}
	var keys []string
	for i := range t.NumField() {
		name, rest, _ := strings.Cut(t.Field(i).Tag.Get("key"), ",")
		switch {
		case rest == "squash":
			keys = append(keys, keysOf(t.Field(i).Type)...)
		case name != "" && name != "-":
			keys = append(keys, name)
		}
	}
	return keys
}

// structOf looks through pointers and lists; nil if there is no struct behind them.
func structOf(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	return t
}
