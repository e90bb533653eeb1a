package trial

import (
	"encoding/json"
	"time"
)

// Spec is one trial, resolved: every sweep applied, every default of the
// definition filled in. The sections are trees of plain data as YAML gives them
// (map[string]any, []any, string, bool, int, float64); the world that runs
// the trial decodes them strictly with [Decode].
type Spec struct {
	// Experiment is the definition's id, such as "swim2002/fig3a"; for messages only.
	Experiment string `json:"-"`
	// World names who runs it: "simulation", "loopback".
	World string `json:"world"`
	// System is the system under test; System["protocol"] says which protocol.
	System map[string]any `json:"system"`
	// Network is the network model.
	Network map[string]any `json:"network,omitempty"`
	// Faults is the fault schedule, in the definition's order.
	Faults []any `json:"faults,omitempty"`
	// Run holds how long and how it is run: duration, warm-up, rounds.
	Run map[string]any `json:"run,omitempty"`
	// Measure lists the observations wanted, by their names in [World.Measures].
	Measure []string `json:"measure"`
	// Seed is where every random choice of the trial comes from.
	Seed uint64 `json:"seed"`
	// Datasets maps the name of each dataset the sections use to the sha256 of
	// its loaded content, so that a changed dataset changes the key.
	Datasets map[string]string `json:"datasets,omitempty"`
}

// Canonical returns the bytes that identify the trial: JSON with sorted keys.
// The lab hashes them, with the code's fingerprint, into the trial's key.
func (s Spec) Canonical() ([]byte, error) { return json.Marshal(s) }

// Observations is what one trial saw. Every value is finite.
type Observations struct {
	// Samples holds, for each measure, one or many values of the trial.
	// A measure that never happened (no member was ever suspected, say) is
	// present and empty, which is different from absent.
	Samples map[string][]float64 `json:"samples"`
	// Series holds measures that are curves over an axis, time mostly.
	Series map[string]Series `json:"series,omitempty"`
	// Maps holds measures that are places of nodes, for maps.
	Maps map[string][]Place `json:"maps,omitempty"`
	// Virtual is how much of the world's time the trial covered, Events how
	// many events the world handled; both for throughput, neither for science.
	Virtual time.Duration `json:"virtual_ns,omitempty"`
	Events  uint64        `json:"events,omitempty"`
}

// Series is a curve: Y over X, of equal length, X not decreasing.
type Series struct {
	X []float64 `json:"x"`
	Y []float64 `json:"y"`
}

// Place is where a node is on a map: east and north of some origin, and above the
// plane.
type Place struct {
	Name   string  `json:"name"`
	Group  string  `json:"group,omitempty"` // what its colour tells: a region, a role
	X      float64 `json:"x"`
	Y      float64 `json:"y"`
	Height float64 `json:"height,omitempty"`
}
