package swim

import (
	"math"
	"time"
)

// learn takes in news that came with a message.
func (n *Node) learn(u Update, now time.Duration, from Kind, out *Output) {
	switch {
	case u.Member == Nobody:
	case u.Member == n.id:
		n.heardOfSelf(u, out)
	case !n.apply(u, now, out):
	case from == Join:
		n.spread(u, true, out) // the contact makes a newcomer known
	case from == Welcome && n.cfg.Order == PaperOrder:
		// The list is news to the newcomer alone.
	default:
		n.spread(u, false, out)
	}
}

// decide makes news of a conclusion of one's own.
func (n *Node) decide(u Update, now time.Duration, out *Output) {
	if n.apply(u, now, out) {
		n.spread(u, true, out)
	}
}

// apply changes the list if the news overrides what it holds (§4.2), and says
// whether it did.
func (n *Node) apply(u Update, now time.Duration, out *Output) bool {
	e := n.table.Lookup(u.Member)
	if !n.cfg.Order.Overrides(u, e) {
		if u.State == Suspect && e.State == Suspect && u.Incarnation >= e.Incarnation {
			n.confirmSuspicion(u, out)
		}
		return false
	}
	// A Confirm of an old incarnation ends the newest one too.
	incarnation := max(u.Incarnation, e.Incarnation)
	n.table.Store(u.Member, Entry{Incarnation: incarnation, State: u.State}, n.rng)
	if e.State == Suspect && u.State != Suspect {
		n.suspicions.remove(u.Member)
	}
	event := func(k EventKind) {
		out.event(Event{Kind: k, Member: u.Member, By: u.From, Incarnation: incarnation})
	}
	if !e.State.InGroup() && u.State.InGroup() {
		event(Joined)
	}
	switch u.State {
	case Alive:
		if e.State == Suspect {
			event(Cleared)
		}
	case Suspect:
		n.suspect(u.Member, u.From, now)
		event(Suspected)
	case Faulty:
		if e.State.InGroup() {
			event(Confirmed)
			n.remember(u.Member, now)
		}
	case Left:
		if e.State.InGroup() {
			event(Departed)
			n.remember(u.Member, now)
		}
	}
	return true
}

// spread hands news to the dissemination component. With multicast only the one
// who made the news sends it; with infection everybody passes it on.
func (n *Node) spread(u Update, own bool, out *Output) {
	switch n.cfg.Dissemination {
	case Infection:
		n.gossip.put(u, n.size(u))
	case Multicast:
		if own {
			first := len(out.updates)
			out.updates = append(out.updates, u)
			out.send(Nobody, Message{Kind: News, Target: u.Member, Updates: out.updates[first : first+1 : first+1]})
		}
	}
}

// heardOfSelf answers what others say of this member. By the paper a Confirm is
// beyond refutation, and so is the goodbye of an earlier holder of this handle.
func (n *Node) heardOfSelf(u Update, out *Output) {
	switch {
	case n.life == leaving:
	case n.mustRefute(u):
		n.policy.Refuted()
		n.incarnation = u.Incarnation + 1
		out.event(Event{Kind: Refuted, Member: n.id, By: u.From, Incarnation: n.incarnation})
		n.spread(Update{Member: n.id, Incarnation: n.incarnation, From: n.id, State: Alive}, true, out)
	case n.cfg.RefuteConfirm: // stale
	case u.State == Faulty || u.State == Left:
		out.event(Event{Kind: Excluded, Member: n.id, By: u.From, Incarnation: n.incarnation})
		if n.cfg.StopWhenExcluded {
			n.stop(out)
		}
	}
}

// mustRefute says whether news of this member takes an answer: a suspicion of its
// present incarnation is refuted by a higher one, which only the member itself
// may choose; above the highest there is none.
func (n *Node) mustRefute(u Update) bool {
	if u.Incarnation < n.incarnation || u.Incarnation == math.MaxUint32 {
		return false
	}
	switch u.State {
	case Suspect:
		return true
	case Faulty, Left:
		return n.cfg.RefuteConfirm
	case Alive: // in a former life
		return n.cfg.RefuteConfirm && u.Incarnation > n.incarnation
	}
	return false
}

// clear ends the suspicion of a member that has just answered (§4.2: "un-marks
// its previous suspicion").
func (n *Node) clear(member ID, out *Output) {
	if len(n.suspicions.turns) == 0 {
		return // as nearly always: spare the look into a large table
	}
	e := n.table.Lookup(member)
	if e.State != Suspect || !n.cfg.PingerClears {
		return
	}
	n.suspicions.remove(member)
	n.table.Store(member, Entry{Incarnation: e.Incarnation, State: Alive}, n.rng)
	out.event(Event{Kind: Cleared, Member: member, By: n.id, Incarnation: e.Incarnation})
	n.spread(Update{Member: member, Incarnation: e.Incarnation, From: n.id, State: Alive}, true, out)
}

// suspicionExpired declares the suspect whose time is up faulty.
func (n *Node) suspicionExpired(now time.Duration, out *Output) {
	suspect := n.suspicions.turns[0].member
	// First of all, so that nothing that the Table says can keep it due for ever.
	n.suspicions.remove(suspect)
	if e := n.table.Lookup(suspect); e.State == Suspect {
		n.decide(Update{Member: suspect, Incarnation: e.Incarnation, From: n.id, State: Faulty}, now, out)
	}
}
