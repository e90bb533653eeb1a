// Package preset names configurations of the protocols for definitions, where
// more than one part of the simulation takes them.
package preset

import (
	"errors"
	"fmt"

	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/vivaldi"
)

// Vivaldi says which coordinates a node keeps. What is not given is the preset's.
type Vivaldi struct {
	// Preset names the configuration to start from: paper, serf for what
	// HashiCorp's Serf and Consul run, or recommended.
	Preset string `key:"preset"`
	// Dimensions of the Euclidean part, and whether there is a height above it.
	Dimensions int  `key:"dimensions"`
	Height     bool `key:"height"`
}

var presets = map[string]func() vivaldi.MemberConfig{
	"paper": func() vivaldi.MemberConfig {
		return vivaldi.MemberConfig{Config: vivaldi.Paper(vivaldi.Euclidean(2).WithHeight())}
	},
	"serf":        vivaldi.Serf,
	"recommended": vivaldi.Recommended,
}

// MemberConfigOf is the preset that a section names, which stands at key; the
// paper's, in a plane with heights, if it names none.
func MemberConfigOf(key string, section map[string]any) (name string, c vivaldi.MemberConfig, err error) {
	name = "paper"
	if given, is := section["preset"]; is {
		name = fmt.Sprint(given)
	}
	preset, known := presets[name]
	if !known {
		return "", c, &trial.KeyError{Key: key + ".preset", Got: section["preset"], Want: "paper, serf or recommended"}
	}
	return name, preset(), nil
}

// VivaldiOf is the preset of a section that stands at key, to decode the section
// over it.
func VivaldiOf(key string, section map[string]any) (Vivaldi, error) {
	name, c, err := MemberConfigOf(key, section)
	return Vivaldi{Preset: name, Dimensions: c.Space.Dimensions(), Height: c.Space.HasHeight()}, err
}

// Config is the algorithm's configuration.
func (v Vivaldi) Config() vivaldi.MemberConfig {
	c := presets[v.Preset]()
	c.Space = vivaldi.Euclidean(v.Dimensions)
	if v.Height {
		c.Space = c.Space.WithHeight()
	}
	return c
}

// Check says what is wrong with a section that stands at key.
func (v Vivaldi) Check(key string) error {
	var blamed *vivaldi.ConfigError
	if err := v.Config().Validate(); errors.As(err, &blamed) {
		return &trial.KeyError{Key: key + ".dimensions", Got: v.Dimensions, Want: blamed.Want}
	}
	return nil
}

// PayloadBytes is what a coordinate adds to an ack in Serf's encoding: a version
// byte and a msgpack map of Vec, Error, Adjustment and Height, whose numbers are
// 64-bit floats. In eight dimensions that is 130 bytes.
func (v Vivaldi) PayloadBytes() int {
	const version, mapHeader, float = 1, 1, 9
	field := func(name string, value int) int { return 1 + len(name) + value }
	list := 1 + v.Dimensions*float
	if v.Dimensions > 15 {
		list += 2 // a longer header
	}
	return version + mapHeader + field("Vec", list) + field("Error", float) + field("Adjustment", float) + field("Height", float)
}
