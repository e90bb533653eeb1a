package sim

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/swim"
)

var _ trial.SpaceTimer = (*World)(nil)

// SpaceTime implements [trial.SpaceTimer]. The trial is run twice: once to find
// the case, and once, the same again, to watch those who have a part in it; and a
// third time, for a false positive, with all of Lifeguard on.
func (w *World) SpaceTime(ctx context.Context, spec trial.Spec, members []int) (trial.SpaceTime, error) {
	if spec.System["protocol"] != "swim" {
		return trial.SpaceTime{}, &trial.KeyError{Key: "system.protocol", Got: spec.System["protocol"], Want: "swim: only groups of members have a space-time picture"}
	}
	c, err := w.cluster(spec)
	if err != nil {
		return trial.SpaceTime{}, err
	}
	stories := listenForStories(c)
	if err := c.run(ctx); err != nil {
		return trial.SpaceTime{}, err
	}
	a := stories.mostTelling(members)
	if a == nil {
		return trial.SpaceTime{}, errors.New("nobody was accused in this trial: there is nothing to draw; another seed, or other members, may have more to show")
	}
	again, err := w.cluster(spec)
	if err != nil {
		return trial.SpaceTime{}, err
	}
	v := watch(again, a)
	if err := again.run(ctx); err != nil {
		return trial.SpaceTime{}, err
	}
	if a.isFalsePositive() {
		if stories.instead, err = w.withLifeguard(ctx, spec); err != nil {
			return trial.SpaceTime{}, err
		}
	}
	v.shows.Story = append([]string{a.headline()}, stories.account(a)...)
	return v.picture(), nil
}

// mostTelling is the first false positive; if there is none, the first case that
// ended with a declaration, or else the first one.
func (t *storyteller) mostTelling(members []int) *accusation {
	for _, is := range []func(*accusation) bool{
		(*accusation).isFalsePositive,
		func(a *accusation) bool { return a.declared != nil },
		func(*accusation) bool { return true },
	} {
		for _, a := range t.cases {
			if is(a) && a.concerns(members) {
				return a
			}
		}
	}
	return nil
}

// viewer watches the members that have a part in one case.
type viewer struct {
	cluster *Cluster
	a       *accusation
	probes  []probeID // whose messages are shown
	column  map[uint32]int
	shows   trial.SpaceTime
	sent    map[passage]*trial.SpaceTimeMessage
	order   []*trial.SpaceTimeMessage
	shown   map[*trial.SpaceTimeMessage]bool
	reading *trial.SpaceTimeMessage // the message read last
	refuted *trial.SpaceTimeMessage // the first that told of the refutation whoever declared
	open    map[span]time.Duration  // since when
}

// passage is one receiver's copy of a message.
type passage struct {
	serial uint64
	to     uint32
}

type span struct {
	member int
	state  trial.SpaceTimeState
}

// watch follows a case, known from an earlier run, through the same trial.
func watch(c *Cluster, a *accusation) *viewer {
	v := &viewer{
		cluster: c, a: a, column: map[uint32]int{}, sent: map[passage]*trial.SpaceTimeMessage{},
		shown: map[*trial.SpaceTimeMessage]bool{}, open: map[span]time.Duration{},
	}
	v.shows.From, v.shows.To = v.window()
	v.cast()
	h := &c.hooks
	h.onSent = append(h.onSent, v.onSent)
	h.onFreed = append(h.onFreed, func(now time.Duration, to uint32, s *slot) {
		if m := v.message(to, s); m != nil {
			m.Left = now
		}
	})
	h.onLost = append(h.onLost, func(now time.Duration, to uint32, s *slot, why string) {
		if m := v.message(to, s); m != nil {
			m.Lost, m.LostAt = why, now
		}
	})
	h.onWaiting = append(h.onWaiting, func(now time.Duration, at uint32, s *slot) {
		if m := v.message(at, s); m != nil {
			m.Arrived = min(m.Arrived, now)
		}
	})
	h.onReceived = append(h.onReceived, func(now time.Duration, by uint32, s *slot) {
		v.reading = v.message(by, s)
		if m := v.reading; m != nil {
			m.Arrived, m.Read = min(m.Arrived, now), min(m.Read, now)
		}
	})
	h.onStall = append(h.onStall, func(now time.Duration, id uint32, stalled bool) {
		v.turn(id, trial.Stalled, stalled, now)
	})
	h.onFault = append(h.onFault, func(now time.Duration, id uint32, what string) { v.mark(id, now, what) })
	h.onEvent = append(h.onEvent, v.onEvent)
	return v
}

// window is from the first message of the case's probes to two protocol periods
// after its outcome.
func (v *viewer) window() (from, to time.Duration) {
	from, to = never, 0
	for _, f := range v.a.decisive() {
		v.probes = append(v.probes, f.probe.id)
		from, to = min(from, f.probe.steps[0].at), max(to, f.at)
	}
	switch {
	case v.a.declared != nil:
		to = v.a.declared.at
	case len(v.a.cleared.has) > 0:
		to = v.a.cleared.lastAt
	}
	return from, min(to+2*v.cluster.config.ProtocolPeriod, v.cluster.scenario.Run.Duration)
}

// cast gives a column to each member with a part in the case.
func (v *viewer) cast() {
	add := func(id uint32, role string) {
		if _, is := v.column[id]; !is {
			v.column[id] = len(v.shows.Members)
			v.shows.Members = append(v.shows.Members, trial.SpaceTimeMember{ID: int(id), Role: role})
		}
	}
	a, first := v.a, v.a.failed[0].by
	switch {
	case a.declared == nil:
		add(first, "accuser")
	case a.declared.by == first:
		add(first, "accuses and declares")
	default:
		add(first, "accuses first")
		add(a.declared.by, "declares")
	}
	add(a.member, "accused")
	for _, f := range a.decisive() {
		for _, s := range f.probe.steps {
			if s.kind == swim.PingReq {
				add(s.to, "helper")
			}
		}
	}
	if a.declared != nil && a.declared.out != nil {
		add(a.declared.out.word, "accuses")
		for _, id := range a.declared.out.confirmers {
			add(id, "confirms")
		}
	}
	is := map[string]string{running: "is running", crashed: "has crashed", stopped: "has stopped"}
	switch {
	case a.isFalsePositive():
		v.shows.Title = fmt.Sprintf("%d declares %d faulty, which no fault has touched", a.declared.by, a.member)
	case a.declared != nil:
		v.shows.Title = fmt.Sprintf("%d declares %d faulty, which %s", a.declared.by, a.member, is[a.was])
	default:
		v.shows.Title = fmt.Sprintf("%d accuses %d, which %s", first, a.member, is[a.was])
	}
}

// message finds a message again that may be shown; nil if it may not.
func (v *viewer) message(to uint32, s *slot) *trial.SpaceTimeMessage {
	return v.sent[passage{s.serial, to}]
}

// onSent notes messages to the cast: those of the case's probes, and for the time
// being those that speak of the accused.
func (v *viewer) onSent(now time.Duration, to uint32, s *slot) {
	if to == uint32(swim.Nobody) {
		for _, m := range v.shows.Members {
			if uint32(m.ID) != s.from {
				v.onSent(now, uint32(m.ID), s)
			}
		}
		return
	}
	if _, is := v.column[to]; !is || now > v.shows.To {
		return
	}
	_, fromCast := v.column[s.from]
	ofProbe := fromCast && slices.Contains(v.probes, s.probe)
	i := slices.IndexFunc(s.message.Updates, func(u swim.Update) bool { return uint32(u.Member) == v.a.member })
	if !ofProbe && i < 0 {
		return
	}
	m := &trial.SpaceTimeMessage{
		From: int(s.from), To: int(to), Label: s.message.Kind.String(),
		Written: now, Left: now, Arrived: trial.Never, Read: trial.Never, LostAt: trial.Never,
	}
	if v.cluster.members[s.from].blocked > 0 {
		m.Left = trial.Never
	}
	if s.message.Stream {
		m.Label += " (stream)"
	}
	if i >= 0 {
		u := s.message.Updates[i]
		m.Label += fmt.Sprintf(": %d %v", u.Member, u.State)
		if d := v.a.declared; d != nil && to == d.by && u.State == swim.Alive && u.Incarnation > v.a.incarnation && v.refuted == nil {
			v.refuted = m
		}
	}
	v.sent[passage{s.serial, to}] = m
	v.order = append(v.order, m)
	v.shown[m] = ofProbe
}

// onEvent marks what the cast concludes about the accused, and shows the message
// that it was concluded from.
func (v *viewer) onEvent(now time.Duration, by uint32, e swim.Event) {
	if _, is := v.column[by]; !is || uint32(e.Member) != v.a.member || !v.inWindow(now) {
		return
	}
	if m := v.reading; m != nil && m.To == int(by) && m.Read == now && e.Kind != swim.ProbeFailed {
		v.shown[m] = true
	}
	own := uint32(e.By) == by
	say := func(text string) { v.mark(by, now, text) }
	switch e.Kind {
	case swim.ProbeFailed:
		say("probe failed")
	case swim.Suspected:
		say("suspects")
		v.turn(by, trial.Suspecting, true, now)
	case swim.SuspicionConfirmed:
		if own {
			say("confirms it itself")
		} else {
			say(fmt.Sprintf("confirmed by %d", e.By))
		}
	case swim.Cleared:
		say("clears")
		v.turn(by, trial.Suspecting, false, now)
	case swim.Confirmed:
		switch {
		case own && v.cluster.config.Suspicion:
			say("time-out: declares it faulty")
		case own:
			say("declares it faulty")
		default:
			say("holds it for faulty")
		}
		v.turn(by, trial.Suspecting, false, now)
		v.turn(by, trial.Convinced, true, now)
	case swim.Joined:
		say("lists it again")
		v.turn(by, trial.Convinced, false, now)
	case swim.Refuted:
		say("refutes")
	case swim.Excluded:
		say("hears of it")
	}
}

func (v *viewer) inWindow(now time.Duration) bool { return v.shows.From <= now && now <= v.shows.To }

// mark notes something that happened to one of the cast.
func (v *viewer) mark(id uint32, now time.Duration, text string) {
	if _, is := v.column[id]; is && v.inWindow(now) {
		v.shows.Marks = append(v.shows.Marks, trial.SpaceTimeMark{Member: int(id), At: now, Text: text})
	}
}

// turn begins or ends a state of a member.
func (v *viewer) turn(id uint32, state trial.SpaceTimeState, on bool, now time.Duration) {
	if _, is := v.column[id]; !is {
		return
	}
	key := span{int(id), state}
	since, was := v.open[key]
	switch {
	case on && !was:
		v.open[key] = now
	case !on && was:
		delete(v.open, key)
		v.addSpan(key, since, now)
	}
}

// addSpan keeps what of a span lies in the window.
func (v *viewer) addSpan(key span, from, to time.Duration) {
	from, to = max(from, v.shows.From), min(to, v.shows.To)
	if from < to {
		v.shows.Spans = append(v.shows.Spans, trial.SpaceTimeSpan{Member: key.member, State: key.state, From: from, To: to})
	}
}

// picture is what was seen.
func (v *viewer) picture() trial.SpaceTime {
	if v.refuted != nil {
		v.shown[v.refuted] = true
	}
	for _, m := range v.order {
		if v.shown[m] {
			if m.Read != trial.Never {
				m.Lost, m.LostAt = "", trial.Never // that was a copy of it
			}
			v.shows.Messages = append(v.shows.Messages, *m)
		}
	}
	for _, m := range v.shows.Members {
		for _, state := range []trial.SpaceTimeState{trial.Stalled, trial.Suspecting, trial.Convinced} {
			key := span{m.ID, state}
			if since, is := v.open[key]; is {
				v.addSpan(key, since, v.shows.To)
			}
		}
	}
	slices.SortStableFunc(v.shows.Spans, func(a, b trial.SpaceTimeSpan) int {
		if a.Member != b.Member {
			return v.column[uint32(a.Member)] - v.column[uint32(b.Member)]
		}
		return int(a.From - b.From)
	})
	return v.shows
}
