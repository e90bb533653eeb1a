package sim

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/swimlab/swimlab/swim"
)

// storyteller follows every accusation of a trial from the failed probe to its
// end, so that it can be told afterwards: why a member was suspected, by whom,
// and what came of it.
type storyteller struct {
	cluster *Cluster
	// probing is the latest probe of each member, step by step.
	probing map[uint32]*probeStory
	// open is the case that is under way about a member.
	open  map[uint32]*accusation
	cases []*accusation
	// faults is what the schedule has done to a member, latest last.
	faults map[uint32][]string
}

// probeStory is the messages of one probe.
type probeStory struct {
	id    probeID
	began time.Duration
	steps []*probeStep
}

type probeStep struct {
	kind     swim.Kind
	from, to uint32
	at       time.Duration
	fate     string
}

// accusation is one member's case: from the first failed probe to the moment
// when it was cleared everywhere, or declared faulty.
type accusation struct {
	member     uint32
	running    bool // whether it was, when first accused
	faults     []string
	began      time.Duration
	failed     []failedProbe
	suspects   map[uint32]time.Duration // who suspected it, and since when
	refuted    time.Duration
	cleared    map[uint32]time.Duration
	confirmed  map[uint32]time.Duration
	firstClaim uint32 // who confirmed it first
}

type failedProbe struct {
	by    uint32
	at    time.Duration
	story *probeStory
}

func listenForStories(c *Cluster) *storyteller {
	t := &storyteller{cluster: c, probing: map[uint32]*probeStory{}, open: map[uint32]*accusation{}, faults: map[uint32][]string{}}
	h := &c.hooks
	h.onFault = append(h.onFault, func(now time.Duration, id uint32, what string) {
		t.faults[id] = append(t.faults[id], fmt.Sprintf("%s at %.3f s", what, now.Seconds()))
	})
	h.onSent = append(h.onSent, func(now time.Duration, to uint32, s *slot) {
		if s.probe == (probeID{s.from, s.message.Seq}) && s.message.Kind == swim.Ping {
			t.probing[s.from] = &probeStory{id: s.probe, began: now}
		}
		if p := t.probing[s.probe.prober]; p != nil && p.id == s.probe {
			fate := "was not received"
			if c.members[s.from].blocked > 0 {
				fate = "was held back by its slow sender"
			}
			p.steps = append(p.steps, &probeStep{kind: s.message.Kind, from: s.from, to: to, at: now, fate: fate})
		}
	})
	h.onLost = append(h.onLost, func(_ time.Duration, to uint32, s *slot) { t.settle(to, s, "was lost") })
	h.onReceived = append(h.onReceived, func(now time.Duration, by uint32, s *slot) {
		t.settle(by, s, fmt.Sprintf("arrived at %.3f s", now.Seconds()))
	})
	h.onEvent = append(h.onEvent, t.event)
	return t
}

// settle notes what became of a probe's message.
func (t *storyteller) settle(to uint32, s *slot, fate string) {
	p := t.probing[s.probe.prober]
	if p == nil || p.id != s.probe {
		return
	}
	for _, step := range p.steps {
		if step.from == s.from && step.to == to && step.kind == s.message.Kind {
			step.fate = fate
		}
	}
}

func (t *storyteller) event(now time.Duration, by uint32, e swim.Event) {
	id := uint32(e.Member)
	a := t.open[id]
	if a == nil {
		if e.Kind != swim.ProbeFailed {
			return
		}
		a = &accusation{
			member: id, running: t.cluster.isRunning(id), faults: slices.Clone(t.faults[id]), began: now, refuted: never,
			suspects: map[uint32]time.Duration{}, cleared: map[uint32]time.Duration{}, confirmed: map[uint32]time.Duration{},
		}
		t.open[id], t.cases = a, append(t.cases, a)
	}
	switch e.Kind {
	case swim.ProbeFailed:
		a.failed = append(a.failed, failedProbe{by, now, t.probing[by]})
	case swim.Suspected:
		a.suspects[by] = now
	case swim.Refuted:
		a.refuted = min(a.refuted, now)
	case swim.Cleared:
		a.cleared[by] = now
		if len(a.confirmed) == 0 && !t.stillSuspected(id) {
			delete(t.open, id)
		}
	case swim.Confirmed:
		if len(a.confirmed) == 0 {
			a.firstClaim = by
		}
		a.confirmed[by] = now
	}
}

func (t *storyteller) stillSuspected(id uint32) bool {
	for _, other := range t.cluster.running() {
		if other != id && t.cluster.members[other].node.Lookup(swim.ID(id)).State == swim.Suspect {
			return true
		}
	}
	return false
}

// tell writes the cases in the order in which they began; only those about or
// by one of the members, unless members is nil.
func (t *storyteller) tell(w io.Writer, members []int) {
	told := 0
	for _, a := range t.cases {
		if members != nil && !slices.Contains(members, int(a.member)) {
			continue
		}
		told++
		fmt.Fprintf(w, "\n%d. %s\n", told, a.headline())
		for _, line := range a.account() {
			fmt.Fprintf(w, "   %s\n", line)
		}
	}
	if told == 0 {
		fmt.Fprintf(w, "\nNobody was accused.\n")
	}
}

func (a *accusation) headline() string {
	verdict := "rightly"
	if a.running {
		verdict = "falsely"
	}
	outcome := "still open when the trial ended"
	switch {
	case len(a.confirmed) > 0:
		outcome = "declared faulty"
	case len(a.cleared) > 0:
		outcome = "cleared"
	}
	return fmt.Sprintf("Member %d was %s accused at %.3f s, and %s.", a.member, verdict, a.began.Seconds(), outcome)
}

func (a *accusation) account() []string {
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	if len(a.faults) > 0 {
		add("The schedule: member %d %s.", a.member, strings.Join(a.faults, ", "))
	} else {
		add("The schedule had done nothing to member %d.", a.member)
	}
	for _, f := range a.failed {
		add("Member %d's probe failed at %.3f s:", f.by, f.at.Seconds())
		if f.story == nil {
			continue
		}
		for _, s := range f.story.steps {
			add("  %.3f s  %v from %d to %d %s", s.at.Seconds(), s.kind, s.from, s.to, s.fate)
		}
	}
	if n := len(a.suspects); n > 0 {
		by, at := earliest(a.suspects)
		_, last := latest(a.suspects)
		add("Suspected by %d members, first by %d at %.3f s, last at %.3f s.", n, by, at.Seconds(), last.Seconds())
	}
	if a.refuted != never {
		add("It heard of it and refuted it at %.3f s.", a.refuted.Seconds())
	}
	if n := len(a.cleared); n > 0 {
		by, at := earliest(a.cleared)
		_, last := latest(a.cleared)
		add("Cleared by %d members, first by %d at %.3f s, last at %.3f s.", n, by, at.Seconds(), last.Seconds())
	}
	if n := len(a.confirmed); n > 0 {
		_, at := earliest(a.confirmed)
		_, last := latest(a.confirmed)
		add("Declared faulty by %d members, first by %d at %.3f s, last at %.3f s.", n, a.firstClaim, at.Seconds(), last.Seconds())
	}
	return lines
}

// earliest and latest find the ends of a set of times; of equal ones, the
// member with the smallest handle.
func earliest(times map[uint32]time.Duration) (uint32, time.Duration) {
	return extreme(times, func(a, b time.Duration) bool { return a < b })
}

func latest(times map[uint32]time.Duration) (uint32, time.Duration) {
	return extreme(times, func(a, b time.Duration) bool { return a > b })
}

func extreme(times map[uint32]time.Duration, better func(a, b time.Duration) bool) (uint32, time.Duration) {
	var who uint32
	var at time.Duration
	first := true
	for id, t := range times {
		if first || better(t, at) || t == at && id < who {
			who, at, first = id, t, false
		}
	}
	return who, at
}
