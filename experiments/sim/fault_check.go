package sim

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/swimlab/swimlab/experiments/trial"
)

// newFault decodes one entry of the schedule, whose place is key.
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
	if err := trial.Decode(key, m, &f); err != nil {
		return f, err
	}
	return f, checkTargets(key, m)
}

// checkTargets sees to it that everything that happens to members says to whom.
// It looks at the keys, because a share of 0 is a share, and as good as another.
func checkTargets(key string, m map[string]any) error {
	for name, section := range m {
		args, _ := section.(map[string]any)
		var err error
		switch name {
		case "at", "join":
		case "one_way":
			err = firstError(oneTarget(key+".one_way.from", args["from"]), oneTarget(key+".one_way.to", args["to"]))
		default:
			err = oneTarget(key+"."+name, section)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func oneTarget(key string, section any) error {
	args, _ := section.(map[string]any)
	given := 0
	for _, name := range []string{"members", "fraction", "ids"} {
		if args[name] != nil {
			given++
		}
	}
	const want = "one of members, fraction, ids"
	switch given {
	case 0:
		return &trial.KeyError{Key: key, Err: errors.New("no members are given"), Want: want}
	case 1:
		return nil
	}
	return &trial.KeyError{Key: key, Err: errors.New("more than one of members, fraction and ids is given"), Want: want}
}

// check says what is wrong with the fault in this scenario. key is its place.
func (f Fault) check(key string, s *Scenario) error {
	switch {
	case f.Crash != nil:
		return f.Crash.check(key+".crash", s)
	case f.Restart != nil:
		return f.Restart.checkRestart(key+".restart", s)
	case f.Leave != nil:
		return f.Leave.check(key+".leave", s)
	case f.Join != nil:
		return f.Join.check(key + ".join")
	case f.Pause != nil:
		return firstError(f.Pause.check(key+".pause", s), above0(key+".pause.for", f.Pause.For))
	case f.Slow != nil:
		return f.Slow.checkCycle(key+".slow", s)
	case f.CPU != nil:
		return f.CPU.checkTimes(key+".cpu_exhaustion", s)
	case f.Partition != nil:
		return firstError(f.Partition.check(key+".partition", s), notBelow0(key+".partition.for", f.Partition.For))
	case f.OneWay != nil:
		return firstError(f.OneWay.From.check(key+".one_way.from", s), f.OneWay.To.check(key+".one_way.to", s), notBelow0(key+".one_way.for", f.OneWay.For))
	case f.Loss != nil:
		return f.Loss.checkRate(key+".loss", s)
	}
	return &trial.KeyError{Key: key, Err: errors.New("no fault is given"), Want: "one of crash, restart, leave, join, pause, slow, cpu_exhaustion, partition, one_way, loss"}
}

func (t Target) check(key string, s *Scenario) error {
	capacity := s.capacity()
	if t.Members < 0 || t.Members > capacity {
		return &trial.KeyError{Key: key + ".members", Got: t.Members, Want: fmt.Sprintf("0 to %d, the members there are", capacity)}
	}
	for i, id := range t.IDs {
		place := fmt.Sprintf("%s.ids.%d", key, i)
		if id < 0 || id >= capacity {
			return &trial.KeyError{Key: place, Got: id, Want: fmt.Sprintf("a member from 0 to %d", capacity-1)}
		}
		if slices.Contains(t.IDs[:i], id) {
			return &trial.KeyError{Key: place, Err: fmt.Errorf("member %d is there twice", id), Want: "each member once"}
		}
	}
	return nil
}

// checkTime refuses a fault that can never happen, because the trial is over then.
func (s *Scenario) checkTime(key string, f Fault) error {
	if at := f.At.earliest(); at >= s.Run.Duration {
		return &trial.KeyError{Key: key + ".at", Err: fmt.Errorf("%v is when the trial is over", at), Want: fmt.Sprintf("less than run.duration, %v", s.Run.Duration)}
	}
	return nil
}

// checkRestarts refuses to bring back more processes than the schedule crashes. Of
// crashes of a share or of certain members the number is not known before.
func (s *Scenario) checkRestarts(key string, at int) error {
	f := s.Faults[at]
	if f.Restart == nil || len(f.Restart.IDs) > 0 {
		return nil
	}
	crashed := 0
	for _, other := range s.Faults {
		if c := other.Crash; c != nil {
			if c.Fraction > 0 || len(c.IDs) > 0 {
				return nil
			}
			crashed += c.Members
		}
	}
	if f.Restart.Members > crashed {
		return &trial.KeyError{Key: key + ".restart.members", Got: f.Restart.Members, Want: fmt.Sprintf("at most %d, as many as the faults crash", crashed)}
	}
	return nil
}

func (t Target) checkRestart(key string, s *Scenario) error {
	if t.Fraction > 0 {
		return &trial.KeyError{Key: key + ".fraction", Err: errors.New("of whom is not clear"), Want: "members or ids"}
	}
	return t.check(key, s)
}

func (j JoinFault) check(key string) error {
	switch {
	case j.Members < 1 || j.Members > maxMembers:
		return &trial.KeyError{Key: key + ".members", Got: j.Members, Want: fmt.Sprintf("a whole number from 1 to %d", maxMembers)}
	case j.Every < 0 || j.Every > longest/time.Duration(j.Members):
		return &trial.KeyError{Key: key + ".every", Got: j.Every, Want: "0 or more, and all joins within 36 years"}
	case j.Via != "" && j.Via != "first" && j.Via != "random":
		return &trial.KeyError{Key: key + ".via", Got: quoted(j.Via), Want: "first or random"}
	}
	return nil
}

func (f SlowFault) checkCycle(key string, s *Scenario) error {
	return firstError(f.check(key, s), above0(key+".blocked", f.Blocked), above0(key+".normal", f.Normal), above0(key+".for", f.For), perMessage(key, f.PerMessage))
}

func perMessage(key string, d time.Duration) error {
	if d < 0 || d > longest {
		return &trial.KeyError{Key: key + ".per_message", Got: d, Want: `0 for no time, or a time, such as "5ms"`}
	}
	return nil
}

func (c CPUFault) checkTimes(key string, s *Scenario) error {
	given := func(name string, d Distribution) error {
		if d.Zero() {
			return &trial.KeyError{Key: key + "." + name, Err: errors.New("missing, or always 0"), Want: `a time above 0, such as "50ms" or {exponential: 50ms}`}
		}
		return nil
	}
	if c.Backlog < 0 {
		return &trial.KeyError{Key: key + ".backlog", Got: c.Backlog, Want: "0 for any number of messages, or a whole number above 0"}
	}
	return firstError(c.check(key, s), perMessage(key, c.PerMessage), given("run", c.Run), given("stall", c.Stall), above0(key+".for", c.For))
}

func (l LossFault) checkRate(key string, s *Scenario) error {
	if err := l.check(key, s); err != nil {
		return err
	}
	if !slices.Contains([]string{"", "in", "out", "both"}, l.Direction) {
		return &trial.KeyError{Key: key + ".direction", Got: quoted(l.Direction), Want: "in, out or both"}
	}
	return notBelow0(key+".for", l.For)
}

func above0(key string, d time.Duration) error {
	if d <= 0 || d > longest {
		return &trial.KeyError{Key: key, Got: d, Want: `a time above 0, such as "10s"`}
	}
	return nil
}

func notBelow0(key string, d time.Duration) error {
	if d < 0 || d > longest {
		return &trial.KeyError{Key: key, Got: d, Want: `0 for good, or a time, such as "10s"`}
	}
	return nil
}

// firstError is the first error there is: a user mends one at a time.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
