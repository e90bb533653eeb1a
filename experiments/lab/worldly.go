package lab

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/swimlab/swimlab/experiments/trial"
)

// Worlds blame keys in their own words, and see a section as plain data. What
// follows puts their errors the way a definition's author reads it: with the
// value as it is written in YAML, with what a type is called outside Go, and with
// the key that was surely meant.

// decoderWords is what the decoder says of a value that has another type.
var decoderWords = regexp.MustCompile(`^expected type '([^']+)', got unconvertible type '[^']+'`)

// clearer rewords an error of a world about a key; given is the value that the
// trial had there, nil when it had none.
func clearer(key *trial.KeyError, given any) *trial.KeyError {
	plain := *key
	if key.Err == nil {
		if text, changed := inYAML(key.Got); changed {
			plain.Got = text
		}
		return &plain
	}
	message := key.Err.Error()
	if message == "unknown key" {
		name := key.Key[strings.LastIndexByte(key.Key, '.')+1:]
		if near := didYouMean(name, strings.Split(strings.TrimPrefix(key.Want, "one of "), ", ")); near != "" {
			plain.Err = errors.New(message + near)
		}
		return &plain
	}
	if words := decoderWords.FindStringSubmatch(message); words != nil {
		text, _ := inYAML(given)
		plain.Err, plain.Want = fmt.Errorf("%s is not valid", text), typeInWords(words[1])
		return &plain
	}
	if text, changed := inYAML(given); changed {
		if rest, is := strings.CutPrefix(message, fmt.Sprint(given)); is {
			plain.Err = errors.New(text + rest)
		}
	}
	return &plain
}

// typeInWords says what a Go type is called by those who write definitions.
func typeInWords(name string) string {
	switch {
	case strings.HasPrefix(name, "int"), strings.HasPrefix(name, "uint"):
		return "a whole number"
	case strings.HasPrefix(name, "float"):
		return "a number"
	case name == "string":
		return "text"
	case name == "bool":
		return "true or false"
	case strings.HasPrefix(name, "["), name == "slice":
		return "a list"
	}
	return "a section of keys"
}

// inYAML writes a value as a definition would, in one line, and says whether
// that differs from what Go prints.
func inYAML(value any) (text string, differs bool) {
	var n yaml.Node
	if value == nil || n.Encode(value) != nil {
		return fmt.Sprint(value), false
	}
	text = flow(&n)
	return text, text != fmt.Sprint(value)
}

func flow(n *yaml.Node) string {
	var parts []string
	switch n.Kind {
	case yaml.SequenceNode:
		for _, item := range n.Content {
			parts = append(parts, flow(item))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			parts = append(parts, n.Content[i].Value+": "+flow(n.Content[i+1]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	if n.Value == "" {
		return `""`
	}
	return n.Value
}

// given is what a trial has at a key's path, nil if nothing.
func given(spec trial.Spec, path string) any {
	var at any = map[string]any{"world": spec.World, "system": spec.System, "network": spec.Network, "faults": spec.Faults, "run": spec.Run}
	for _, part := range strings.Split(path, ".") {
		switch section := at.(type) {
		case map[string]any:
			at = section[part]
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(section) {
				return nil
			}
			at = section[i]
		default:
			return nil
		}
	}
	return at
}
