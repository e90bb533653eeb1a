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
	// last is the latest case about a member, cases all in the order of their beginning.
	last  map[uint32]*accusation
	cases []*accusation
	// faults is what the schedule has done to each member, in order.
	faults map[uint32][]faultStory
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
	member    uint32
	was       string // running, crashed or stopped, when first accused
	open      bool
	began     time.Duration
	failed    []failedProbe
	suspected roll
	refuted   time.Duration
	cleared   roll
	confirmed roll
	excluded  time.Duration
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
	}
	h := &c.hooks
	h.onFault = append(h.onFault, func(now time.Duration, id uint32, what string) {
		t.faults[id] = append(t.faults[id], faultStory{now, what})
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
			kind: s.message.Kind, from: s.from, to: to, at: now,
			held: t.cluster.members[s.from].heldBack(), arrived: never, read: never,
		})
	}
}

// step finds a probe's message again. Kind and ends tell those of one probe apart.
func (t *storyteller) step(to uint32, s *slot) *probeStep {
	if p := t.probes[s.probe]; p != nil {
		for _, step := range p.steps {
			if step.from == s.from && step.to == to && step.kind == s.message.Kind {
				return step
			}
		}
	}
	return nil
}

func (t *storyteller) event(now time.Duration, by uint32, e swim.Event) {
	id := uint32(e.Member)
	a := t.last[id]
	switch e.Kind {
	case swim.ProbeFailed:
		if a == nil || !a.open {
			a = &accusation{member: id, was: t.cluster.condition(id), open: true, began: now, refuted: never, excluded: never}
			t.last[id], t.cases = a, append(t.cases, a)
		}
		p := t.latest[by]
		p.failed = true
		a.failed = append(a.failed, failedProbe{by, now, p})
		return
	case swim.Suspected:
		if a != nil {
			a.open = true // for one who hears of it late, it is not over
			a.suspected.sign(by, now)
		}
		return
	}
	if a == nil || !a.open {
		return
	}
	switch e.Kind {
	case swim.Refuted:
		a.refuted = min(a.refuted, now)
	case swim.Excluded:
		a.excluded = min(a.excluded, now)
	case swim.Cleared:
		a.cleared.sign(by, now)
		a.open = len(a.confirmed.has) > 0 || t.stillSuspected(id)
	case swim.Confirmed:
		a.confirmed.sign(by, now)
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
