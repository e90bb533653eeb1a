package embedding

import (
	"errors"

	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/vivaldi"
)

// config is the algorithm's constants, those of c where the section gives none.
func (s system) config(c vivaldi.Config) (vivaldi.Config, error) {
	switch s.Space {
	case "euclidean":
		c.Space = vivaldi.Euclidean(s.Dimensions)
	case "sphere":
		c.Space = vivaldi.Sphere(s.Radius)
	default:
		return c, &trial.KeyError{Key: "system.space", Got: s.Space, Want: "euclidean or sphere"}
	}
	if s.Height {
		c.Space = c.Space.WithHeight()
	}
	switch s.TimeStep {
	case "adaptive":
		c.TimeStep = vivaldi.Adaptive
	case "constant":
		c.TimeStep = vivaldi.Constant
	default:
		return c, &trial.KeyError{Key: "system.time_step", Got: s.TimeStep, Want: "adaptive or constant"}
	}
	switch s.UnitVector {
	case "full_norm":
		c.UnitVector = vivaldi.FullNorm
	case "euclidean_norm":
		c.UnitVector = vivaldi.EuclideanNorm
	default:
		return c, &trial.KeyError{Key: "system.unit_vector", Got: s.UnitVector, Want: "full_norm or euclidean_norm"}
	}
	c.Cc, c.Ce, c.Delta = s.Cc, s.Ce, s.Delta
	c.InitialError, c.ErrorCap = s.InitialError, s.ErrorCap
	c.InitialHeight, c.HeightFloor = s.InitialHeight, s.HeightFloor

	var blamed *vivaldi.ConfigError
	if err := c.Validate(); errors.As(err, &blamed) {
		got := blamed.Got
		if blamed.Field == "Space" && s.Space == "sphere" {
			return c, &trial.KeyError{Key: "system.radius", Got: s.Radius, Want: blamed.Want}
		} else if blamed.Field == "Space" {
			got = s.Dimensions
		}
		return c, &trial.KeyError{Key: "system." + keyOf[blamed.Field], Got: got, Want: blamed.Want}
	}
	return c, nil
}

// keyOf says which key of the section sets a field of vivaldi.Config. The other
// fields are not for definitions to set.
var keyOf = map[string]string{
	"Space":         "dimensions",
	"Cc":            "cc",
	"Ce":            "ce",
	"Delta":         "delta",
	"InitialError":  "initial_error",
	"ErrorCap":      "error_cap",
	"InitialHeight": "initial_height",
	"HeightFloor":   "height_floor",
}
