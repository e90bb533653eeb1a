package coordinates

import (
	"errors"
	"slices"
	"time"

	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/vivaldi"
)

// Guards is the section "system.guards": what a node believes. The first four are
// package vivaldi's own; given, they replace the preset's. All are local: nothing
// is asked of anybody.
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
	// median of the node's last OutlierWindow samples, refused ones among them; 0
	// refuses none. A node that is itself at a wrong place finds all springs off,
	// its median grows, and it can move.
	Outlier       float64 `key:"outlier"`
	OutlierWindow int     `key:"outlier_window"`
}

func guardsOf(c vivaldi.MemberConfig) Guards {
	return Guards{MaxRTT: c.MaxRTT, MaxDistance: c.MaxDistance, MaxStep: c.MaxStep, ErrorFloor: c.PeerErrorFloor, OutlierWindow: 32}
}

// guardKeys are the keys of vivaldi.Config's fields that are guards.
var guardKeys = map[string]string{"MaxRTT": "max_rtt", "MaxDistance": "max_distance", "MaxStep": "max_step", "PeerErrorFloor": "error_floor"}

func (g Guards) check(c vivaldi.MemberConfig) error {
	switch {
	case !(g.Outlier >= 0 && g.Outlier <= 1e6):
		return &trial.KeyError{Key: "system.guards.outlier", Got: g.Outlier, Want: "a multiple of the median, such as 5, or 0"}
	case g.OutlierWindow < 1 || g.OutlierWindow > 10000:
		return &trial.KeyError{Key: "system.guards.outlier_window", Got: g.OutlierWindow, Want: "a whole number from 1 to 10000"}
	}
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
	return c
}

// outliers is one node's memory of how far off its last springs were.
type outliers struct {
	off    []time.Duration // of the last samples, a ring
	next   int
	sorted []time.Duration // the same
}

// absurd says whether a spring that is off by so much stands out, and remembers
// it. Until the window is full nothing does.
func (o *outliers) absurd(off time.Duration, g *Guards) bool {
	out := false
	if len(o.off) < g.OutlierWindow {
		o.off = append(o.off, off)
	} else {
		out = float64(off) > g.Outlier*float64(o.sorted[len(o.sorted)/2])
		at, _ := slices.BinarySearch(o.sorted, o.off[o.next])
		o.sorted = slices.Delete(o.sorted, at, at+1)
		o.off[o.next] = off
		o.next = (o.next + 1) % g.OutlierWindow
	}
	at, _ := slices.BinarySearch(o.sorted, off)
	o.sorted = slices.Insert(o.sorted, at, off)
	return out
}
