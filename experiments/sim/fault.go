package sim

import (
	"math"
	"time"
)

// Fault is one entry of the schedule: the time, and one of the things that can
// happen to members or to the network between them. In a definition:
//
//	faults:
//	  - {at: 60s, crash: {members: 1}}
//	  - {at: {uniform: [60s, 62s]}, slow: {members: 8, blocked: 2s, normal: 64ms, for: 120s}}
type Fault struct {
	// At is when it happens, drawn once a trial.
	At Distribution `key:"at"`

	// Crash ends processes for good, without a word.
	Crash *Target `key:"crash"`
	// Restart brings crashed processes back, the first ones first, as new
	// members that join through a running one: nothing overrides the Confirm
	// of their old identity.
	Restart *Target `key:"restart"`
	// Leave has members leave of their own will.
	Leave *Target `key:"leave"`
	// Join has new processes join the group.
	Join *JoinFault `key:"join"`
	// Pause stops whole processes for a while, as SIGSTOP does.
	Pause *PauseFault `key:"pause"`
	// Slow blocks a member's messages in cycles, in the way of Lifeguard's
	// evaluation, while its timers go on.
	Slow *SlowFault `key:"slow"`
	// CPU starves processes: they run and stall by turns of random length.
	CPU *CPUFault `key:"cpu_exhaustion"`
	// Partition cuts the members chosen off from all others.
	Partition *TimedTarget `key:"partition"`
	// OneWay loses what some members send to others; the way back stays open.
	OneWay *OneWayFault `key:"one_way"`
	// Loss loses a share of the messages from, to, or from and to some members.
	Loss *LossFault `key:"loss"`
}

// Target says which members a fault is about: so many, or such a share, of
// those that are up and not already under a fault of this schedule, drawn at
// random; or those with the handles given that are up.
type Target struct {
	Members  int      `key:"members"`
	Fraction Fraction `key:"fraction"`
	IDs      []int    `key:"ids"`
}

// TimedTarget is a Target for a while; For 0 is to the end.
type TimedTarget struct {
	Target `key:",squash"`
	For    time.Duration `key:"for"`
}

// JoinFault has Members new processes join, one every Every, through Via: the
// first member ("first", the default) or any running one ("random").
type JoinFault struct {
	Members int           `key:"members"`
	Every   time.Duration `key:"every"`
	Via     string        `key:"via"`
}

// PauseFault stops processes for For.
type PauseFault struct {
	Target `key:",squash"`
	For    time.Duration `key:"for"`
}

// SlowFault blocks messages for Blocked, lets them through for Normal, and so on
// for For, all members in step. What a member sends while blocked leaves, and
// what it is sent arrives, when the block ends.
type SlowFault struct {
	Target  `key:",squash"`
	Blocked time.Duration `key:"blocked"`
	Normal  time.Duration `key:"normal"`
	For     time.Duration `key:"for"`
	// PerMessage is how long such a member takes to handle one message, so that
	// a short pause between two blocks is over before all is read that waits.
	PerMessage time.Duration `key:"per_message"`
}

// CPUFault stalls a process for times drawn from Stall, lets it run for times
// drawn from Run, and so on for For, each member by itself. It is the model for
// Lifeguard's Figure 1, where other work starves agents of the processor.
type CPUFault struct {
	Target `key:",squash"`
	Run    Distribution  `key:"run"`
	Stall  Distribution  `key:"stall"`
	For    time.Duration `key:"for"`
	// PerMessage is how long the process takes to handle a message while it
	// runs, one after the other; 0, the default, is no time. Timers do not
	// wait for messages: they fire as soon as the process runs.
	PerMessage time.Duration `key:"per_message"`
	// Backlog is how many messages wait to be handled at most; further
	// datagrams are lost. 0, the default, is any number.
	Backlog int `key:"backlog"`
}

// OneWayFault loses everything that From send to To for For; 0 is to the end.
type OneWayFault struct {
	From Target        `key:"from"`
	To   Target        `key:"to"`
	For  time.Duration `key:"for"`
}

// LossFault loses Rate of the messages of the members chosen, in Direction in,
// out or both, for For; 0 is to the end.
type LossFault struct {
	Target    `key:",squash"`
	Rate      Fraction      `key:"rate"`
	Direction string        `key:"direction"`
	For       time.Duration `key:"for"`
}

// newcomers is how many handles the fault adds to those there have ever been.
func (f Fault) newcomers() int {
	switch {
	case f.Join != nil:
		return f.Join.Members
	case f.Restart != nil:
		return max(f.Restart.Members, len(f.Restart.IDs))
	}
	return 0
}

// Count is how many of n members the target means.
func (t Target) Count(n int) int {
	if t.Fraction > 0 {
		return int(math.Round(float64(t.Fraction) * float64(n)))
	}
	return min(t.Members, n)
}
