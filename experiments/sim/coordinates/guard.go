package coordinates

import (
	"errors"
	"time"

	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/vivaldi"
)

// Guards is the section "system.guards": what a node believes. They are package
// vivaldi's; given, they replace the preset's. All are local: nothing is asked of
// anybody.
type Guards struct {
	// MaxRTT and MaxDistance refuse longer round trips and peers farther away.
	MaxRTT      time.Duration `key:"max_rtt"`
	MaxDistance time.Duration `key:"max_distance"`
	// MaxStep is the farthest that one sample moves a node; 0 for no bound.
	MaxStep time.Duration `key:"max_step"`
	// ErrorFloor is the least error estimate that a peer is believed to have, so
	// that nobody gains a say by claiming to be sure; 0 believes all.
	ErrorFloor float64 `key:"error_floor"`
	// Outlier refuses a sample whose spring is off by more than so many times the
	// median of the node's last OutlierWindow samples, see vivaldi.OutlierConfig;
	// 0 refuses none.
	Outlier       float64 `key:"outlier"`
	OutlierWindow int     `key:"outlier_window"`
}

func guardsOf(c vivaldi.MemberConfig) Guards {
	g := Guards{MaxRTT: c.MaxRTT, MaxDistance: c.MaxDistance, MaxStep: c.MaxStep, ErrorFloor: c.PeerErrorFloor, OutlierWindow: 32}
	if c.Outliers.Multiple > 0 {
		g.Outlier, g.OutlierWindow = c.Outliers.Multiple, c.Outliers.Window
	}
	return g
}

// guardKeys are the keys of vivaldi.Config's fields that are guards.
var guardKeys = map[string]string{
	"MaxRTT": "max_rtt", "MaxDistance": "max_distance", "MaxStep": "max_step", "PeerErrorFloor": "error_floor",
	"Outliers.Multiple": "outlier", "Outliers.Window": "outlier_window",
}

func (g Guards) check(c vivaldi.MemberConfig) error {
	err := g.config(c).Validate()
	var blamed *vivaldi.ConfigError
	if errors.As(err, &blamed) && guardKeys[blamed.Field] != "" {
		return &trial.KeyError{Key: "system.guards." + guardKeys[blamed.Field], Got: blamed.Got, Want: blamed.Want}
	}
	if err != nil {
		return &trial.KeyError{Key: "system.guards", Err: err}
	}
	return nil
}

// config is the configuration with the guards that are its own.
func (g Guards) config(c vivaldi.MemberConfig) vivaldi.MemberConfig {
	c.MaxRTT, c.MaxDistance, c.MaxStep, c.PeerErrorFloor = g.MaxRTT, g.MaxDistance, g.MaxStep, g.ErrorFloor
	c.Outliers = vivaldi.RefuseOutliers(g.Outlier, g.OutlierWindow)
	return c
}
