package live

import (
	"fmt"
	"log/slog"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/swimlab/swimlab/swim"
)

// EventKind says what has happened.
type EventKind uint8

const (
	// Joined: Member is new in the group, or back in it.
	Joined EventKind = iota + 1
	// Updated: Member has other tags, another address or other versions.
	Updated
	// Suspected: Member is suspected of having failed, for the Cause.
	Suspected
	// Confirmed: By suspects Member, too.
	Confirmed
	// Cleared: Member is no longer suspected: it has refuted.
	Cleared
	// Failed: Member was declared faulty and is out of the group.
	Failed
	// Left: Member has left the group of its own will.
	Left
	// Refuted: this member heard that By suspects it, or worse, and refuted it.
	Refuted
	// ProbeFailed: this member's probe of Member got no answer.
	ProbeFailed
	// NameConflict: another at Addr calls itself Member.
	NameConflict
	// Late: this member was woken later than it asked for, by Delay.
	Late
	// UserMessage: a message of the application's, or of Serf's users, whose name
	// for it is then Member.
	UserMessage
	// Ended: this member's protocol has ended: it has left.
	Ended
	// Queried: By asks all members, or some, the query named Member. Of Serf's own
	// queries, whose names begin with _serf_, the payload is kept back: there are
	// keys among them.
	Queried
	// Unlisted: By's list of members is without this one, Member, of which it has been
	// told: By ignores it, as Consul's agents do one with another data centre's name,
	// another segment's, or the id of somebody else.
	Unlisted
)

var kindNames = [...]string{
	Joined: "joined", Updated: "updated", Suspected: "suspected", Confirmed: "suspicion confirmed", Cleared: "cleared",
	Failed: "failed", Left: "left", Refuted: "refuted", ProbeFailed: "probe failed", NameConflict: "name conflict",
	Late: "late", UserMessage: "user message", Ended: "ended", Queried: "query", Unlisted: "unlisted",
}

func (k EventKind) String() string {
	if int(k) < len(kindNames) && kindNames[k] != "" {
		return kindNames[k]
	}
	return fmt.Sprintf("EventKind(%d)", uint8(k))
}

// Event is something that happened at this member, or of which it heard.
type Event struct {
	At          time.Duration // since the member started
	Kind        EventKind
	Member      string // whom it is about
	By          string // who said so first, if that is known; oneself where it found out itself
	Incarnation uint32
	Addr        netip.AddrPort
	// Cause is why a member is suspected.
	Cause Cause
	// Delay is, of Failed, how long after its last ack the member was declared;
	// of Cleared, how long it was suspected; of Late, how late.
	Delay time.Duration
	// FalsePositive says, of Joined, that the member had been declared faulty and
	// comes back with the next incarnation. It was so by mistake, or it has been
	// started again under its name: from here the two look the same.
	FalsePositive bool
	Payload       []byte
}

// Cause is why a member came to be suspected.
type Cause struct {
	// Probe says that this member's own probe of it failed: Helpers members were
	// asked for help and a nack, and Nacks of them sent one. With as many nacks as
	// helpers the fault is the suspect's or its network's; with none, it may be
	// this member's.
	Probe          bool
	Helpers, Nacks int
	// Health is this member's own health score at that time.
	Health int
}

func (e Event) String() string {
	s := fmt.Sprintf("%v %v %s", e.At.Round(time.Millisecond), e.Kind, e.Member)
	if e.By != "" && e.By != e.Member {
		s += " by " + e.By
	}
	switch {
	case e.Kind == Suspected && e.Cause.Probe:
		s += fmt.Sprintf(": no ack of a probe, %d of %d helpers sent a nack, own health score %d", e.Cause.Nacks, e.Cause.Helpers, e.Cause.Health)
	case e.Kind == NameConflict:
		s += fmt.Sprintf(": another is at %v", e.Addr)
	case e.Kind == Unlisted:
		s += ", who ignores this member"
	case e.FalsePositive:
		s += ": had been declared faulty"
	case e.Delay > 0:
		s += fmt.Sprintf(" after %v", e.Delay.Round(time.Millisecond))
	}
	return s
}

// Subscription delivers events.
type Subscription struct {
	// C delivers the events in order. It is closed when the member is shut down or
	// the subscription is.
	C <-chan Event

	c       chan Event
	m       *Member
	dropped atomic.Uint64
}

// Dropped is how many events found no room in C: the member does not wait for its
// subscribers.
func (s *Subscription) Dropped() uint64 { return s.dropped.Load() }

// Close ends the subscription.
func (s *Subscription) Close() {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	for i, x := range s.m.subs {
		if x == s {
			s.m.subs = append(s.m.subs[:i:i], s.m.subs[i+1:]...)
			close(s.c)
			return
		}
	}
}

// Subscribe has the events from now on delivered, with room for so many that are
// not yet received.
func (m *Member) Subscribe(room int) *Subscription {
	c := make(chan Event, max(room, 1))
	s := &Subscription{C: c, c: c, m: m}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.isEnd {
		close(c)
		return s
	}
	m.subs = append(m.subs, s)
	return s
}

func (m *Member) publish(e Event, now time.Duration) {
	e.At = now
	for _, s := range m.subs {
		select {
		case s.c <- e:
		default:
			s.dropped.Add(1)
			m.stats.eventsDropped++
		}
	}
}

// happened takes in an event of the core's.
func (m *Member) happened(e swim.Event, now time.Duration) {
	p := m.dir.at(e.Member)
	if p == nil {
		return
	}
	x := Event{Incarnation: e.Incarnation, Addr: p.addr()}
	was := p.since
	switch e.Kind {
	case swim.ProbeFailed:
		x.Kind = ProbeFailed
		x.Cause = m.cause()
		m.stats.probesFailed++
	case swim.Suspected:
		x.Kind = Suspected
		if e.By == self {
			x.Cause = m.cause()
			m.stats.suspectedOwn++
		} else {
			m.stats.suspectedHeard++
		}
		p.since = now
	case swim.SuspicionConfirmed:
		x.Kind = Confirmed
	case swim.Cleared:
		x.Kind, x.Delay = Cleared, now-was
		m.stats.suspicionTime.observe(now - was)
		m.stats.cleared++
		p.since = now
	case swim.Confirmed:
		x.Kind = Failed
		if p.heard > 0 {
			x.Delay = now - p.heard
			m.stats.detectionTime.observe(now - p.heard)
		}
		m.stats.failed++
		p.since, p.leavesBy = now, 0
		p.failed = true
	case swim.Departed:
		x.Kind = Left
		m.stats.left++
		p.since = now
	case swim.Joined:
		x.Kind = Joined
		x.FalsePositive = p.failed
		if p.failed {
			m.stats.falsePositives++
		}
		p.since, p.failed, p.leavesBy = now, false, 0
	case swim.Refuted:
		x.Kind = Refuted
		m.stats.refutations++
		m.announce = now
	case swim.Stopped:
		x.Kind = Ended
		close(m.stopped)
	default:
		return
	}
	m.tell(x, e, now)
}

// tell publishes what has happened and logs it. In a storm many things happen, and
// mostly nobody listens: nothing is put on the heap then.
func (m *Member) tell(x Event, e swim.Event, now time.Duration) {
	logs := m.log.Enabled(m.closed, slog.LevelDebug)
	if !logs && len(m.subs) == 0 {
		return
	}
	x.Member, x.By = string(m.dir.name(e.Member)), string(m.dir.name(e.By))
	if logs {
		logged := x
		m.log.Debug("event", "event", logged)
	}
	m.publish(x, now)
}

func (m *Member) cause() Cause {
	return Cause{Probe: true, Helpers: m.policy.last.Helpers, Nacks: m.policy.last.Nacks, Health: m.policy.Health().Score()}
}

// echoed notes that others repeat the present incarnation: it is getting about.
func (m *Member) echoed(now time.Duration) {
	if m.announce > 0 {
		m.stats.echoTime.observe(now - m.announce)
		m.announce = 0
	}
}
