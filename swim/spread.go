package swim

import (
	"slices"
	"time"
)

// This file is what deployments added to the paper's dissemination: news sent by
// itself between probes, to members that have gone too, and the exchange of whole
// lists. Each is off unless its option is set.

// departed is a member that was declared faulty or left, and when.
type departed struct {
	id    ID
	since time.Duration
}

// startGossip sets the time of the first gossip round, at a random phase.
func (n *Node) startGossip(now time.Duration) {
	if n.cfg.GossipInterval > 0 {
		n.nextGossip = now + time.Duration(n.rng.Int64N(int64(n.cfg.GossipInterval)))
	}
}

// gossipRound sends what news there is to a few members by itself. The rounds are
// in step, also where one comes late: one is made up for then, no matter how many
// were due.
func (n *Node) gossipRound(now time.Duration, out *Output) {
	n.nextGossip = tickAfter(n.nextGossip, n.cfg.GossipInterval, now)
	n.forget(now)
	if n.gossip.len() == 0 {
		return
	}
	n.pickListeners()
	n.tell(n.helpers, now, out)
}

// tell sends news to those listeners while there is any.
func (n *Node) tell(listeners []ID, now time.Duration, out *Output) {
	for i, to := range listeners {
		if n.gossip.len() == 0 {
			return
		}
		n.sendWithNews(to, Message{Kind: News, Target: to}, out)
		if n.held {
			n.gossiping, n.gossipAt = true, now
			n.untold = append(n.untold[:0], listeners[i+1:]...)
			return
		}
	}
}

// pickListeners draws GossipNodes members, the departed and the live alike, into
// n.helpers. The departed are passed by one after the other and taken as often as
// their share of those still to be drawn from.
func (n *Node) pickListeners() {
	n.helpers = n.helpers[:0]
	wanted, of := n.cfg.GossipNodes, n.table.Live()+len(n.departed)
	for _, d := range n.departed {
		if n.rng.IntN(of) < wanted {
			n.helpers = append(n.helpers, d.id)
			wanted--
		}
		of--
	}
	n.helpers = n.table.Sample(n.helpers, wanted, Nobody, n.rng)
}

// remember keeps a member that has gone among those gossiped to.
func (n *Node) remember(id ID, now time.Duration) {
	if n.cfg.GossipToTheDead > 0 {
		n.departed = slices.DeleteFunc(n.departed, func(d departed) bool { return d.id == id })
		n.departed = append(n.departed, departed{id, now})
	}
}

// forget drops those that have been gone for long, or are back.
func (n *Node) forget(now time.Duration) {
	kept := n.departed[:0]
	for _, d := range n.departed {
		if now-d.since < n.cfg.GossipToTheDead && !n.table.Lookup(d.id).State.InGroup() {
			kept = append(kept, d)
		}
	}
	n.departed = kept
}

// startSync sets the time of the first exchange of lists: as in memberlist, the
// usual time after a random part of the interval.
func (n *Node) startSync(now time.Duration) {
	if n.cfg.PushPullInterval > 0 {
		n.nextSync = now + time.Duration(n.rng.Int64N(int64(n.cfg.PushPullInterval))) + n.cfg.pushPullEvery(n.GroupSize())
	}
}

// sync begins an exchange of lists with a random member.
func (n *Node) sync(now time.Duration, out *Output) {
	n.nextSync = now + n.cfg.pushPullEvery(n.GroupSize())
	if to, ok := n.table.Pick(n.rng); ok {
		n.forget(now)
		n.sendList(to, Sync, true, out)
	}
}

// sendList sends the whole list: oneself, the live members, and those that have
// gone and are not yet forgotten. What is believed of the receiver is always on
// it: no one else can put it right.
func (n *Node) sendList(to ID, kind Kind, stream bool, out *Output) {
	first := len(out.updates)
	out.updates = append(out.updates, n.row(n.id, n.Lookup(n.id)))
	n.table.Each(func(id ID, e Entry) {
		if e.State.InGroup() || id == to {
			out.updates = append(out.updates, n.row(id, e))
		}
	})
	for _, d := range n.departed {
		if e := n.table.Lookup(d.id); !e.State.InGroup() && d.id != to {
			out.updates = append(out.updates, n.row(d.id, e))
		}
	}
	out.send(to, Message{Kind: kind, Target: to, Stream: stream, Updates: out.updates[first:len(out.updates):len(out.updates)]})
}

// merges says whether a message of a kind bears a list that is merged row by row.
func (n *Node) merges(k Kind) bool {
	return k == Sync || k == SyncReply || k == Welcome && n.cfg.Order != PaperOrder
}

// merged is a row of another's list as this member takes it. A member that
// another holds for faulty is first suspected, so that it can refute. Whether the
// suspicion counts as a confirmation by whoever merges it is an option: the
// merging member has not probed anybody.
func (n *Node) merged(u Update) Update {
	if u.State == Faulty || u.State == Suspect {
		u.State, u.From = Suspect, Nobody
		if n.cfg.LaunderSuspicions {
			u.From = n.id
		}
	}
	return u
}
