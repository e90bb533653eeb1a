package lab

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Override is one "key=value" that the user sets for this call alone. Key is
// "trials", the name of an axis (whose levels Value lists, with commas), or the
// dotted path of a parameter, which null takes away. A run with overrides never writes to paper/.
type Override struct {
	Key   string
	Value string
}

// ParseOverride reads "members=8,16" or "system.suspicion=false".
func ParseOverride(text string) (Override, error) {
	key, value, found := strings.Cut(text, "=")
	if !found || !keyForm.MatchString(key) || value == "" {
		return Override{}, fmt.Errorf("--set %q is not valid; want key=value, such as members=8,16 or system.suspicion=false", text)
	}
	return Override{Key: key, Value: value}, nil
}

// plain reads the value as YAML would: 3 is a number, 3s is text, null is nil.
func (o Override) plain(text string) (any, error) {
	var value any
	if err := yaml.Unmarshal([]byte(text), &value); err != nil || value == nil && text != "null" {
		return nil, fmt.Errorf("--set %s=%s is not valid; want a value as in a definition", o.Key, o.Value)
	}
	return value, nil
}

// narrow returns the axis with only the levels that Value lists. A plain axis
// takes values it did not list; an axis of bundles has only its own.
func (o Override) narrow(axis Axis) (Axis, error) {
	var levels []Level
	for _, part := range strings.Split(o.Value, ",") {
		part = strings.TrimSpace(part)
		level, ok := axis.level(part)
		if !ok && axis.Key == "" {
			return axis, errors.New(fmt.Sprintf("--set %s=%s: %s has no %q", o.Key, o.Value, axis.Name, part) +
				didYouMean(part, axis.names()) + "; want one of " + strings.Join(axis.names(), ", "))
		}
		if !ok {
			value, err := o.plain(part)
			if err != nil {
				return axis, err
			}
			if value == nil {
				return axis, fmt.Errorf("--set %s=%s is not valid; want levels of the axis, as null takes away keys alone", o.Key, o.Value)
			}
			if level, err = readLevel(axis.path, axis.Key, value); err != nil {
				return axis, err
			}
		}
		if slices.ContainsFunc(levels, func(l Level) bool { return l.Name == level.Name }) {
			return axis, fmt.Errorf("--set %s=%s: %s is listed twice", o.Key, o.Value, level.Name)
		}
		levels = append(levels, level)
	}
	axis.Levels = levels
	return axis, nil
}
