package sim

import (
	"context"
	"time"

	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/swim"
)

// Recording is what happened in a trial, for those who show it moving. All lists
// are in the order of time.
type Recording struct {
	// Founders is how many members there are at time 0, who all know each other;
	// Members how many there will ever have been, joins and restarts included.
	Founders, Members int
	// Hosts is the host of the dataset that each member runs on; nil without one.
	Hosts  []int
	Period time.Duration
	End    time.Duration

	Conclusions []Conclusion
	Messages    []Passage
	// OneIn is how many messages there were for each one recorded.
	OneIn  int
	Lives  []Life
	Deeds  []Deed
	Stalls []Stall
	Health []HealthChange
	Cases  []Case
}

// Conclusion is a change in what a member believes.
type Conclusion struct {
	At time.Duration
	By uint32 // who concludes
	swim.Event
	// Healthy: when it was concluded, the member that it is about was running
	// and no fault of the schedule had touched it. A Confirm of such a member is
	// a false positive.
	Healthy bool
}

// Fate is what became of a message.
type Fate uint8

// The fates.
const (
	Pending Fate = iota // still on its way, or waiting unread, when the trial ended
	Read
	Lost
)

// Passage is a message from one member to another.
type Passage struct {
	From, To uint32
	Kind     swim.Kind
	// Left is when it was written, Ended when it was read or lost.
	Left, Ended time.Duration
	Fate        Fate
	// Worst is the gravest state that it tells of anybody.
	Worst swim.State
}

// Deed is something that the schedule did to a member; What is a sentence without
// its subject. Touched: from now on the member is not what Lifeguard calls healthy.
type Deed struct {
	At      time.Duration
	ID      uint32
	What    string
	Touched bool
}

// Condition is what a member's process is.
type Condition uint8

// The conditions.
const (
	Absent  Condition = iota // it has not been started yet
	Running                  // up, its protocol going
	Crashed
	Stopped // up, but its protocol has ended: it left, or was excluded
)

// Life is the condition of a member from now on.
type Life struct {
	At        time.Duration
	ID        uint32
	Condition Condition
}

// Stall: a member can no longer send and read, or can again.
type Stall struct {
	At      time.Duration
	ID      uint32
	Stalled bool
}

// HealthChange is a member's local health score from now on (Lifeguard §IV-A).
type HealthChange struct {
	At    time.Duration
	ID    uint32
	Score int
}

// Case is an accusation and its whole story, as a trace tells it.
type Case struct {
	Began    time.Duration
	Declared time.Duration // trial.Never if nobody declared the accused faulty
	Member   uint32
	// Accuser first declared the member faulty of its own accord, or else was
	// the first whose probe of it failed.
	Accuser       uint32
	FalsePositive bool
	Cleared       bool
	Headline      string
	Account       []string
}

// recordingStep is how often members are asked for their health.
const recordingStep = 100 * time.Millisecond

// Record runs a trial and records it. Of the messages it keeps at most so many:
// all of them, or every second, fourth, … one, as evenly as they were written.
func (w *World) Record(ctx context.Context, spec trial.Spec, messages int) (*Recording, error) {
	if spec.System["protocol"] != "swim" {
		return nil, &trial.KeyError{Key: "system.protocol", Got: spec.System["protocol"], Want: "swim: only groups of members are recorded"}
	}
	c, err := w.cluster(spec)
	if err != nil {
		return nil, err
	}
	r := newRecorder(c, messages)
	stories := listenForStories(c)
	if err := c.run(ctx); err != nil {
		return nil, err
	}
	for _, a := range stories.cases {
		told := Case{
			Began: a.began, Declared: never, Member: a.member, Accuser: a.failed[0].by, FalsePositive: a.isFalsePositive(),
			Cleared: !a.open && a.declared == nil, Headline: a.headline(), Account: stories.account(a),
		}
		if a.declared != nil {
			told.Declared, told.Accuser = a.declared.at, a.declared.by
		}
		r.film.Cases = append(r.film.Cases, told)
	}
	r.film.End = c.now
	return r.film, nil
}

// recorder listens to a cluster.
type recorder struct {
	cluster *Cluster
	film    *Recording
	limit   int
	// underway are the places in film.Messages of those not yet read or lost.
	underway map[passage]int
	serials  []uint64 // of film.Messages
	scores   []int
}

func newRecorder(c *Cluster, messages int) *recorder {
	r := &recorder{cluster: c, limit: messages, underway: map[passage]int{}, scores: make([]int, len(c.members))}
	r.film = &Recording{Founders: c.scenario.System.Members, Members: len(c.members), Hosts: c.links.host, Period: c.config.ProtocolPeriod, OneIn: 1}
	live := func(now time.Duration, id uint32, condition Condition) {
		r.film.Lives = append(r.film.Lives, Life{now, id, condition})
	}
	for id := range c.scenario.System.Members {
		live(0, uint32(id), Running)
	}
	started := r.film.Founders
	h := &c.hooks
	h.onEvent = append(h.onEvent, func(now time.Duration, by uint32, e swim.Event) {
		r.film.Conclusions = append(r.film.Conclusions, Conclusion{now, by, e, c.isHealthy(uint32(e.Member))})
		if e.Kind == swim.Stopped {
			live(now, by, Stopped)
		}
	})
	h.onFault = append(h.onFault, func(now time.Duration, id uint32, what string) {
		r.film.Deeds = append(r.film.Deeds, Deed{now, id, what, c.members[id].tainted})
		if int(id) >= started { // of a newcomer one first hears that it joins
			started = int(id) + 1
			live(now, id, Running)
		}
	})
	h.onCrash = append(h.onCrash, func(now time.Duration, id uint32) { live(now, id, Crashed) })
	h.onStall = append(h.onStall, func(now time.Duration, id uint32, stalled bool) {
		r.film.Stalls = append(r.film.Stalls, Stall{now, id, stalled})
	})
	h.onSent = append(h.onSent, func(now time.Duration, to uint32, s *slot) {
		if to != uint32(swim.Nobody) { // of a multicast every copy is seen where it ends
			r.keep(to, s)
		}
	})
	h.onReceived = append(h.onReceived, func(now time.Duration, by uint32, s *slot) { r.end(now, by, s, Read) })
	h.onLost = append(h.onLost, func(now time.Duration, to uint32, s *slot, _ string) { r.end(now, to, s, Lost) })
	r.askForHealth()
	return r
}

// keep records a message, unless too many are recorded already. Which ones are
// goes by their serial numbers, so that probes, acks and news keep their shares.
func (r *recorder) keep(to uint32, s *slot) int {
	if s.serial%uint64(r.film.OneIn) != 0 {
		return -1
	}
	if len(r.film.Messages) >= r.limit {
		r.thin()
		return r.keep(to, s)
	}
	p := Passage{From: s.from, To: to, Kind: s.message.Kind, Left: s.written, Ended: never}
	for _, u := range s.message.Updates {
		p.Worst = max(p.Worst, u.State)
	}
	at := len(r.film.Messages)
	r.film.Messages = append(r.film.Messages, p)
	r.serials = append(r.serials, s.serial)
	r.underway[passage{s.serial, to}] = at
	return at
}

// thin drops every second message.
func (r *recorder) thin() {
	r.film.OneIn *= 2
	kept := 0
	clear(r.underway)
	for i, p := range r.film.Messages {
		if r.serials[i]%uint64(r.film.OneIn) != 0 {
			continue
		}
		r.film.Messages[kept], r.serials[kept] = p, r.serials[i]
		if p.Fate == Pending {
			r.underway[passage{r.serials[i], p.To}] = kept
		}
		kept++
	}
	r.film.Messages, r.serials = r.film.Messages[:kept], r.serials[:kept]
}

// end records what became of a message. Of two copies the first counts.
func (r *recorder) end(now time.Duration, to uint32, s *slot, fate Fate) {
	this := passage{s.serial, to}
	at, known := r.underway[this]
	if !known && s.message.Kind == swim.News && r.cluster.config.Dissemination == swim.Multicast {
		at = r.keep(to, s)
		known = at >= 0
	}
	if !known {
		return
	}
	p := &r.film.Messages[at]
	p.Ended, p.Fate = now, fate
	delete(r.underway, this)
}

// askForHealth samples the members' own scores. It draws no random number, so
// that a trial takes its course whether it is recorded or not.
func (r *recorder) askForHealth() {
	c := r.cluster
	if !c.scenario.System.Lifeguard.LHAProbe {
		return
	}
	for id := range c.members {
		m := &c.members[id]
		if !m.up || m.lifeguard == nil {
			continue
		}
		if score := m.lifeguard.Health().Score(); score != r.scores[id] {
			r.scores[id] = score
			r.film.Health = append(r.film.Health, HealthChange{c.now, uint32(id), score})
		}
	}
	c.at(c.now+recordingStep, r.askForHealth)
}
