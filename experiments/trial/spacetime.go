package trial

import (
	"context"
	"math"
	"time"
)

// SpaceTime is how one accusation came about and what became of it, as a
// space-time diagram shows it: members side by side, time downwards, and messages
// across (L. Lamport: Time, Clocks, and the Ordering of Events in a Distributed
// System, CACM 1978).
type SpaceTime struct {
	// Title says in one sentence what is shown.
	Title string
	// From and To are the instants that the diagram begins and ends with.
	From, To time.Duration
	// Members are the diagram's columns, from left to right.
	Members  []SpaceTimeMember
	Messages []SpaceTimeMessage // in the order in which they were written
	Spans    []SpaceTimeSpan
	Marks    []SpaceTimeMark // in the order of time
	// Story tells the same in words, a line each; indentation counts.
	Story []string
}

// SpaceTimeMember is one column: a member and its part in the accusation.
type SpaceTimeMember struct {
	ID   int
	Role string
}

// Never is an instant that does not come.
const Never = time.Duration(math.MaxInt64)

// SpaceTimeMessage is a message and its stations. One that its sender or receiver
// held back was written before it left, or arrived before it was read. What did
// not happen before the trial ended is Never.
type SpaceTimeMessage struct {
	// From is the sender, which need not have a column; To has one.
	From, To int
	Label    string
	Written  time.Duration
	Left     time.Duration
	Arrived  time.Duration
	Read     time.Duration
	// Lost says why the message was lost, if it was, and LostAt when.
	Lost   string
	LostAt time.Duration
}

// SpaceTimeState is what a member is in for a while.
type SpaceTimeState string

const (
	// Stalled: the member can neither send nor read.
	Stalled SpaceTimeState = "stalled"
	// Suspecting: it suspects the accused.
	Suspecting SpaceTimeState = "suspecting"
	// Convinced: it holds the accused for faulty.
	Convinced SpaceTimeState = "convinced"
)

// SpaceTimeSpan is a state of a member from an instant to another.
type SpaceTimeSpan struct {
	Member   int
	State    SpaceTimeState
	From, To time.Duration
}

// SpaceTimeMark is something that a member did or concluded at an instant.
type SpaceTimeMark struct {
	Member int
	At     time.Duration
	Text   string
}

// SpaceTimer is a World that can show one accusation of a trial.
type SpaceTimer interface {
	World
	// SpaceTime runs the trial and shows its first false positive; if it has
	// none, the first member declared faulty, or else the first one accused.
	// members, unless nil, limits that to cases about one of them or in which one
	// of them accused. If there is no case, the error says so.
	SpaceTime(ctx context.Context, spec Spec, members []int) (SpaceTime, error)
}
