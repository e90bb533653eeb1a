package trial

import (
	"context"
	"io"
)

// World runs trials. Implementations are safe for concurrent use: the lab runs
// many trials of one World at a time.
type World interface {
	// Name is how definitions call the world: "simulation", "loopback".
	Name() string
	// Protocols lists what it can run: "swim", "vivaldi", "coordinates".
	Protocols() []string
	// Measures lists what it can observe of a protocol, sorted by name.
	Measures(protocol string) []Measure
	// DatasetNames lists the datasets a trial needs, without loading them.
	DatasetNames(Spec) []string
	// Check says whether the trial could run, before any trial does. Its
	// error is a *KeyError where one key is to blame.
	Check(Spec) error
	// Run runs the trial. It returns early with ctx's error when ctx ends.
	Run(ctx context.Context, spec Spec) (Observations, error)
}

// Recorded is a World whose trials do not come out the same again: it runs in real
// time, or draws from a source that no seed governs. The lab never runs one
// unasked. Its results are recordings: measured once, kept beside the definition
// with a note of where they come from, and drawn from there.
type Recorded interface {
	World
	// With says in one line what runs the trials: "hashicorp/memberlist v0.7.0".
	With() string
	// Alone says that a trial needs the machine for itself, because others beside
	// it would change what it observes.
	Alone() bool
}

// Tracer is a World that can also write down what happened in a trial, for
// people to read.
type Tracer interface {
	World
	// Trace runs the trial and writes its story to w.
	Trace(ctx context.Context, spec Spec, opts TraceOptions, w io.Writer) error
}

// TraceOptions choose what a trace shows.
type TraceOptions struct {
	// Members keeps only lines that concern one of these members; nil keeps all.
	Members []int
	// Messages shows every message, not only what members concluded.
	Messages bool
	// Summary ends the trace with one paragraph a suspicion: who suspected
	// whom, why, and how it ended.
	Summary bool
}

// Measure describes one observation a world can make.
type Measure struct {
	// Name is how definitions call it, in lower_snake.
	Name string
	// Unit is the unit of its values: "periods", "s", "ms", "1" for a pure number.
	Unit string
	// Doc says in one sentence what is counted, from when to when, by whom.
	Doc string
	// Series is true when the measure is a curve rather than values.
	Series bool
	// Map is true when the measure is places of nodes.
	Map bool
}
