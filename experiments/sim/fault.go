package sim

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/swimlab/swimlab/experiments/trial"
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
	// Restart brings crashed processes back, as new members that join through
	// a running one: nothing overrides the Confirm of their old identity.
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
// random; or those with the handles given.
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
}

// CPUFault stalls a process for times drawn from Stall, lets it run for times
// drawn from Run, and so on for For, each member by itself.
type CPUFault struct {
	Target `key:",squash"`
	Run    Distribution  `key:"run"`
	Stall  Distribution  `key:"stall"`
	For    time.Duration `key:"for"`
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

// newFault decodes one entry of the schedule.
func newFault(key string, section any) (Fault, error) {
	var f Fault
	m, ok := section.(map[string]any)
	if !ok {
		return f, &trial.KeyError{Key: key, Got: section, Want: "a time and a fault, such as {at: 60s, crash: {members: 1}}"}
	}
	if _, ok := m["at"]; !ok {
		return f, &trial.KeyError{Key: key + ".at", Want: `when it happens, such as "60s"`}
	}
	if len(m) != 2 {
		return f, &trial.KeyError{Key: key, Err: fmt.Errorf("%d faults in one entry", len(m)-1), Want: "a time (at) and exactly one fault"}
	}
	return f, trial.Decode(key, m, &f)
}

// check says what is wrong with the fault in this scenario.
func (f Fault) check(s *Scenario) error {
	switch {
	case f.Crash != nil:
		return f.Crash.check(s)
	case f.Restart != nil && f.Restart.Fraction > 0:
		return errors.New("restart takes members or ids, not a fraction")
	case f.Restart != nil:
		return f.Restart.check(s)
	case f.Leave != nil:
		return f.Leave.check(s)
	case f.Join != nil:
		return f.Join.check()
	case f.Pause != nil:
		return first(f.Pause.check(s), above("pause.for", f.Pause.For))
	case f.Slow != nil:
		return first(f.Slow.check(s), above("slow.blocked", f.Slow.Blocked), above("slow.normal", f.Slow.Normal), above("slow.for", f.Slow.For))
	case f.CPU != nil:
		return first(f.CPU.check(s), f.CPU.checkTimes())
	case f.Partition != nil:
		return first(f.Partition.check(s), notBelow("partition.for", f.Partition.For))
	case f.OneWay != nil:
		return first(f.OneWay.From.check(s), f.OneWay.To.check(s), notBelow("one_way.for", f.OneWay.For))
	case f.Loss != nil:
		return first(f.Loss.check(s), f.Loss.checkDirection(), notBelow("loss.for", f.Loss.For))
	}
	return errors.New("no fault is given; want one of crash, restart, leave, join, pause, slow, cpu_exhaustion, partition, one_way, loss")
}

func above(key string, d time.Duration) error {
	if d <= 0 {
		return fmt.Errorf("%s %v is not valid; want more than 0", key, d)
	}
	return nil
}

func notBelow(key string, d time.Duration) error {
	if d < 0 {
		return fmt.Errorf("%s %v is not valid; want 0 or more", key, d)
	}
	return nil
}

func (t Target) check(s *Scenario) error {
	given := 0
	for _, is := range []bool{t.Members != 0, t.Fraction != 0, len(t.IDs) > 0} {
		if is {
			given++
		}
	}
	capacity := s.capacity()
	switch {
	case given > 1:
		return errors.New("more than one of members, fraction and ids is given; want one")
	case t.Members < 0 || t.Members > capacity:
		return fmt.Errorf("members %d is not valid; want 0 to %d, the members there are", t.Members, capacity)
	}
	for _, id := range t.IDs {
		if id < 0 || id >= capacity {
			return fmt.Errorf("ids: %d is no member; want 0 to %d", id, capacity-1)
		}
	}
	return nil
}

func (j JoinFault) check() error {
	switch {
	case j.Members < 1 || j.Members > maxMembers:
		return fmt.Errorf("join.members %d is not valid; want 1 or more", j.Members)
	case j.Every < 0:
		return fmt.Errorf("join.every %v is not valid; want 0 or more", j.Every)
	case j.Via != "" && j.Via != "first" && j.Via != "random":
		return fmt.Errorf("join.via %q is not valid; want first or random", j.Via)
	}
	return nil
}

func (c CPUFault) checkTimes() error {
	if c.Run.Zero() || c.Stall.Zero() {
		return errors.New("cpu_exhaustion.run and .stall are needed, and must not be 0")
	}
	return above("cpu_exhaustion.for", c.For)
}

func (l LossFault) checkDirection() error {
	if !slices.Contains([]string{"", "in", "out", "both"}, l.Direction) {
		return fmt.Errorf("loss.direction %q is not valid; want in, out or both", l.Direction)
	}
	return nil
}

// newcomers is how many members the fault adds to those there have ever been.
func (f Fault) newcomers() int {
	switch {
	case f.Join != nil:
		return f.Join.Members
	case f.Restart != nil:
		return max(f.Restart.Members, len(f.Restart.IDs))
	}
	return 0
}

// count is how many of n members the target means.
func (t Target) count(n int) int {
	if t.Fraction > 0 {
		return int(math.Round(float64(t.Fraction) * float64(n)))
	}
	return min(t.Members, n)
}

// first is the first error there is: a user mends one at a time.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
