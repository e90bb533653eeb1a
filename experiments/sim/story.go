package sim

import (
	"time"

	"github.com/swimlab/swimlab/swim"
)

// storyteller follows every accusation of a trial from the failed probe to its
// end, so that it can be told afterwards: why a member was suspected, by whom,
// and what came of it.
type storyteller struct {
	cluster *Cluster
	// probes holds the probes under way, and those that failed.
	probes map[probeID]*probeStory
	latest map[uint32]*probeStory // the latest of each member
	// instead is the same trial with all of Lifeguard on; nil if it was not run.
	instead *verdicts
	// last is the latest case about a member, cases all in the order of their beginning.
	last  map[uint32]*accusation
	cases []*accusation
	// faults is what the schedule has done to each member, in order.
	faults map[uint32][]faultStory
	// stalled is since when those members have read and sent nothing that do
	// not now.
	stalled map[uint32]time.Duration
	// size is of each member's list, counted from what it concludes: in the
	// middle of a message it differs from what it is after it.
	size []int
}

type faultStory struct {
	at   time.Duration
	what string
}

// probeStory is the messages of one probe.
type probeStory struct {
	id     probeID
	failed bool
	steps  []*probeStep
}

// probeStep is one message of a probe, and its fate.
type probeStep struct {
	kind     swim.Kind
	stream   bool
	from, to uint32
	at       time.Duration
	held     bool          // its sender could not send it at once
	arrived  time.Duration // where it had to wait there; or never
	read     time.Duration // or never
	lost     string        // why, if it was
}

// accusation is one member's case: from the first failed probe to the moment
// when it was cleared everywhere, or declared faulty.
type accusation struct {
	member      uint32
	incarnation uint32
	before      *accusation // the case about an earlier incarnation
	was         string      // running, crashed or stopped, when first accused
	open        bool
	began       time.Duration
	failed      []failedProbe
	suspected   roll
	suspicions  map[uint32]*suspicionStory // the present one of each suspecting member
	refuted     time.Duration
	cleared     roll
	declared    *declaration // the first; nil if there is none
	confirmed   roll
	returned    roll // those who list it again, with a higher incarnation
	excluded    time.Duration
}

// suspicionStory is one member's suspicion of the accused.
type suspicionStory struct {
	since      time.Duration
	word       uint32 // of whom it took the suspicion up; itself where its own probe failed
	size       int    // of the group, by which the time-out goes
	confirmers []uint32
}

// declaration is the moment when a member first declared the accused faulty of
// its own accord.
type declaration struct {
	by      uint32
	at      time.Duration
	healthy bool            // no fault had touched the accused: a false positive
	deaf    time.Duration   // since when it had read nothing; never if it could
	out     *suspicionStory // the suspicion that ran out; nil if the protocol has none
}

type failedProbe struct {
	by    uint32
	at    time.Duration
	probe *probeStory
}

// what a member's process can be.
const (
	running = "running"
	crashed = "crashed"
	stopped = "stopped" // it left, or heard that it was declared faulty
)

func (c *Cluster) condition(id uint32) string {
	switch {
	case !c.members[id].up:
		return crashed
	case c.members[id].node.Stopped():
		return stopped
	}
	return running
}

// roll is the members that came to one conclusion, in the order of time.
type roll struct {
	has             map[uint32]bool
	first, last     uint32
	firstAt, lastAt time.Duration
}

func (r *roll) sign(id uint32, at time.Duration) {
	if r.has[id] {
		return
	}
	if r.has == nil {
		r.has = map[uint32]bool{}
		r.first, r.firstAt = id, at
	}
	r.has[id] = true
	r.last, r.lastAt = id, at
}

func listenForStories(c *Cluster) *storyteller {
	t := &storyteller{
		cluster: c, probes: map[probeID]*probeStory{}, latest: map[uint32]*probeStory{},
		last: map[uint32]*accusation{}, faults: map[uint32][]faultStory{},
		stalled: map[uint32]time.Duration{}, size: make([]int, len(c.members)),
	}
	for id := range t.size {
		t.size[id] = 1 // a newcomer knows itself
		if n := c.members[id].node; n != nil {
			t.size[id] = n.GroupSize()
		}
	}
	h := &c.hooks
	h.onFault = append(h.onFault, func(now time.Duration, id uint32, what string) {
		t.faults[id] = append(t.faults[id], faultStory{now, what})
	})
	h.onStall = append(h.onStall, func(now time.Duration, id uint32, stalled bool) {
		if stalled {
			t.stalled[id] = now
		} else {
			delete(t.stalled, id)
		}
	})
	h.onSent = append(h.onSent, t.sent)
	h.onLost = append(h.onLost, func(_ time.Duration, to uint32, s *slot, why string) {
		if step := t.step(to, s); step != nil {
			step.lost = why
		}
	})
	h.onWaiting = append(h.onWaiting, func(now time.Duration, at uint32, s *slot) {
		if step := t.step(at, s); step != nil {
			step.arrived = min(step.arrived, now)
		}
	})
	h.onReceived = append(h.onReceived, func(now time.Duration, by uint32, s *slot) {
		if step := t.step(by, s); step != nil {
			step.read = min(step.read, now) // of two copies, the first
		}
	})
	h.onEvent = append(h.onEvent, t.event)
	return t
}

// sent adds a message to the story of its probe.
func (t *storyteller) sent(now time.Duration, to uint32, s *slot) {
	if s.beginsProbe() {
		if before := t.latest[s.from]; before != nil && !before.failed {
			delete(t.probes, before.id) // nobody will ask after it
		}
		p := &probeStory{id: s.probe}
		t.probes[s.probe], t.latest[s.from] = p, p
	}
	if p := t.probes[s.probe]; p != nil {
		p.steps = append(p.steps, &probeStep{
			kind: s.message.Kind, stream: s.message.Stream, from: s.from, to: to, at: now,
			held: t.cluster.members[s.from].heldBack(), arrived: never, read: never,
		})
	}
}

// step finds a probe's message again. Kind and ends tell those of one probe apart.
func (t *storyteller) step(to uint32, s *slot) *probeStep {
	if p := t.probes[s.probe]; p != nil {
		for _, step := range p.steps {
			if step.from == s.from && step.to == to && step.kind == s.message.Kind && step.stream == s.message.Stream {
				return step
			}
		}
	}
	return nil
}

func (t *storyteller) event(now time.Duration, by uint32, e swim.Event) {
	id := uint32(e.Member)
	switch e.Kind {
	case swim.Joined:
		t.size[by]++
	case swim.Confirmed, swim.Departed:
		t.size[by]--
	}
	if e.Kind == swim.ProbeFailed {
		p := t.latest[by]
		p.failed = true
		a := t.openCase(now, e)
		a.failed = append(a.failed, failedProbe{by, now, p})
		return
	}
	a := t.caseOf(e)
	if e.Kind == swim.Suspected && a != nil {
		a.open = true // for one who hears of it late, it is not over
		a.suspected.sign(by, now)
		a.suspicions[by] = &suspicionStory{since: now, word: uint32(e.By), size: t.size[by]}
	}
	if a == nil || !a.open {
		return
	}
	switch e.Kind {
	case swim.SuspicionConfirmed:
		if s := a.suspicions[by]; s != nil {
			s.confirmers = append(s.confirmers, uint32(e.By))
		}
	case swim.Refuted:
		a.refuted = min(a.refuted, now)
	case swim.Excluded:
		a.excluded = min(a.excluded, now)
	case swim.Cleared:
		a.cleared.sign(by, now)
		a.open = len(a.confirmed.has) > 0 || t.stillSuspected(id)
	case swim.Confirmed:
		if a.declared == nil && uint32(e.By) == by {
			a.declared = &declaration{by: by, at: now, healthy: t.cluster.isHealthy(id), deaf: never, out: a.suspicions[by]}
			if since, is := t.stalled[by]; is {
				a.declared.deaf = since
			}
		}
		a.confirmed.sign(by, now)
	case swim.Joined:
		a.returned.sign(by, now)
	}
}

// openCase is the case that a failed probe belongs to: the latest, unless that is
// over, or was about an incarnation that has been declared faulty since.
func (t *storyteller) openCase(now time.Duration, e swim.Event) *accusation {
	id := uint32(e.Member)
	a := t.last[id]
	if a != nil && a.open && (a.declared == nil || e.Incarnation <= a.incarnation) {
		return a
	}
	a = &accusation{
		member: id, incarnation: e.Incarnation, before: a, was: t.cluster.condition(id), open: true, began: now,
		suspicions: map[uint32]*suspicionStory{}, refuted: never, excluded: never,
	}
	t.last[id], t.cases = a, append(t.cases, a)
	return a
}

// caseOf is the case that a conclusion belongs to. What answers an accusation
// does so with a higher incarnation than the one accused.
func (t *storyteller) caseOf(e swim.Event) *accusation {
	answers := e.By == e.Member || e.Kind == swim.Refuted
	a := t.last[uint32(e.Member)]
	for a != nil && a.before != nil && (e.Incarnation < a.incarnation || answers && e.Incarnation == a.incarnation) {
		a = a.before
	}
	return a
}

// timeout is how long a member's suspicion lasts after so many confirmations.
func (t *storyteller) timeout(by uint32, s *suspicionStory, confirmations int) time.Duration {
	if l := t.cluster.members[by].lifeguard; l != nil {
		return l.SuspicionTimeout(s.size, confirmations)
	}
	return t.cluster.config.SuspicionTimeout(s.size)
}

func (t *storyteller) stillSuspected(id uint32) bool {
	for _, other := range t.cluster.running() {
		if other != id && t.cluster.members[other].node.Lookup(swim.ID(id)).State == swim.Suspect {
			return true
		}
	}
	return false
}
