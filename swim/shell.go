package swim

import (
	"math"
	"slices"
	"time"
)

// This file is what a shell over real sockets asks of a Node and a simulation does
// not: real groups hold more than the protocol knows of a member, are joined by way
// of an address and not of a member, and last longer than their members.

// Announce takes the member to its next incarnation and spreads it. It is how
// others learn of what the shell says of the member beside its being alive (its
// address, its metadata): they take that from a new incarnation only. A member of
// memberlist's groups announces itself once when it starts, since nobody there
// lists a member at incarnation 0.
func (n *Node) Announce(out *Output) {
	if n.life == leaving || n.life == stopped || n.incarnation == math.MaxUint32 {
		return
	}
	n.incarnation++
	n.spread(Update{Member: n.id, Incarnation: n.incarnation, From: n.id, State: Alive}, true, out)
}

// Exchange begins an exchange of lists with whoever the caller means by to, who
// need not be on the list. It is how a member joins a group, or two groups each
// other, whose lists are exchanged over streams.
func (n *Node) Exchange(now time.Duration, to ID, out *Output) {
	if n.life == running {
		n.forget(now)
		n.sendList(to, Sync, true, out)
	}
}

// Forget takes away all that is known of a member that has gone, so that its
// handle may be given to another. A member that is in the group is not forgotten.
func (n *Node) Forget(id ID) bool {
	if id == n.id || n.table.Lookup(id).State.InGroup() {
		return false
	}
	n.table.Store(id, Entry{}, n.rng)
	n.suspicions.remove(id)
	n.departed = slices.DeleteFunc(n.departed, func(d departed) bool { return d.id == id })
	n.relays = slices.DeleteFunc(n.relays, func(r relay) bool { return r.origin == id || r.target == id })
	n.gossip.forget(id)
	n.unasked = slices.DeleteFunc(n.unasked, func(helper ID) bool { return helper == id })
	n.untold = slices.DeleteFunc(n.untold, func(listener ID) bool { return listener == id })
	if n.probe.out && n.probe.target == id {
		n.probe, n.asking = probe{helpAt: never}, false
	}
	return true
}

// Rest is when the node next has something to do: as [Node.Deadline] has it, but for
// rounds of gossip at which there would be nothing to send. In a quiet group these are
// five wake-ups out of six. A shell that sleeps by it calls [Node.CatchUp] before
// it hands the node anything.
func (n *Node) Rest() time.Duration {
	if n.gossip.len() > 0 {
		return n.Deadline()
	}
	round := n.nextGossip
	n.nextGossip = never
	due := n.Deadline()
	n.nextGossip = round
	return due
}

// CatchUp leaves behind the rounds of gossip before now that a [Node.Rest] has slept
// through, so that news which comes now waits for the same round as if Tick had been
// called for each of them.
func (n *Node) CatchUp(now time.Duration) {
	if n.held || n.nextGossip >= now || n.gossip.len() > 0 {
		return
	}
	later := (now - n.nextGossip - 1) / n.cfg.GossipInterval // rounds after the next that are also past
	last := n.nextGossip + later*n.cfg.GossipInterval
	n.forget(last)
	n.nextGossip = last + n.cfg.GossipInterval
}

// Trim gives back the memory that a burst of news took, and a storm of suspicions, once
// none is left, and says whether there was any.
func (n *Node) Trim() bool {
	news := n.gossip.len() == 0 && cap(n.gossip.turns) > 0
	if news {
		n.gossip = gossip{born: n.gossip.born, largestFirst: n.gossip.largestFirst, lossy: n.gossip.lossy}
	}
	storm := len(n.suspicions.turns) == 0 && cap(n.suspicions.turns) > 0
	if storm {
		n.suspicions = suspicions{}
	}
	return news || storm
}
