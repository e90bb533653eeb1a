package swim

import (
	"fmt"
	"slices"
	"time"
)

// Inconsistency says what in a node's state contradicts itself at an instant, or has
// outgrown its bounds; it is empty as long as all is well. It looks at what the node's
// answers do not show, so that a slip is seen where it is made and not where it ends.
func (n *Node) Inconsistency(now time.Duration) string {
	for _, check := range []func() string{n.gossip.inconsistency, n.badSuspicions, n.badDeparted, func() string { return n.badRelays(now) }} {
		if s := check(); s != "" {
			return s
		}
	}
	if p := &n.probe; p.nacks > p.asked || !p.out && p.helpAt != never {
		return fmt.Sprintf("probe: %+v", *p)
	}
	return ""
}

// Every rumor that waits has one turn, in the order of the keys; at most one is about
// a member, and is found by it; and the totals are those of all.
func (g *gossip) inconsistency() string {
	if g.about.used != len(g.turns) || len(g.turns)+len(g.free) != len(g.rumors) {
		return fmt.Sprintf("gossip: %d turns, %d rumors, %d of them free, %d found by their member", len(g.turns), len(g.rumors), len(g.free), g.about.used)
	}
	gone, bytes, last := 0, 0, uint64(0)
	for i, p := range g.turns {
		r := &g.rumors[p.at]
		if at := g.about.get(r.update.Member); at == nil || *at != p.at {
			return fmt.Sprintf("gossip: turn %d is of %v, whose member has another or none", i, r.update)
		}
		if p.key != g.key(r) || i > 0 && p.key <= last {
			return fmt.Sprintf("gossip: turn %d, %v, has the key %x; it should be %x, and over %x", i, r.update, p.key, g.key(r), last)
		}
		if int(r.size) < g.least {
			return fmt.Sprintf("gossip: %v is smaller than the smallest, %d", r.update, g.least)
		}
		last = p.key
		bytes += int(r.size)
		if !r.update.State.InGroup() {
			gone++
		}
	}
	if gone != g.gone || bytes != g.bytes {
		return fmt.Sprintf("gossip: %d gone and %d bytes; counted as %d and %d", gone, bytes, g.gone, g.bytes)
	}
	return ""
}

// A suspicion runs for each suspect on the list and for nobody else, as long as the
// protocol runs, and those that run are in the order in which they end.
func (n *Node) badSuspicions() string {
	s := &n.suspicions
	suspects := 0
	n.table.Each(func(_ ID, e Entry) {
		if e.State == Suspect && n.life != stopped {
			suspects++
		}
	})
	if len(s.turns) != suspects || s.about.used != suspects {
		return fmt.Sprintf("suspicions: %d suspects, %d turns, %d found by their member", suspects, len(s.turns), s.about.used)
	}
	for i, t := range s.turns {
		x := s.of(t.member)
		if x == nil || x.deadline.whole() != t.deadline || n.table.Lookup(t.member).State != Suspect {
			return fmt.Sprintf("suspicions: turn %d, of %d, stands for none", i, t.member)
		}
		if i > 0 && s.turns[i-1].deadline > t.deadline {
			return fmt.Sprintf("suspicions: turn %d is due before the one in front of it", i)
		}
		if slices.Contains(x.by[:x.count], Nobody) || x.confirmations() > int(x.limit) {
			return fmt.Sprintf("suspicions: %d is suspected by %v, of whom %d count", t.member, x.by[:x.count], x.limit)
		}
	}
	return ""
}

// Nobody is twice among the departed, who are kept in the order of their departure.
func (n *Node) badDeparted() string {
	for i, d := range n.departed {
		if i > 0 && n.departed[i-1].since > d.since {
			return fmt.Sprintf("departed: %d before its time", d.id)
		}
		if slices.ContainsFunc(n.departed[:i], func(other departed) bool { return other.id == d.id }) {
			return fmt.Sprintf("departed: %d twice", d.id)
		}
	}
	return ""
}

// What is relayed is in the order in which it ends, and each for a protocol period.
func (n *Node) badRelays(now time.Duration) string {
	for i, r := range n.relays {
		if i > 0 && n.relays[i-1].expires > r.expires || r.expires > now+n.cfg.ProtocolPeriod {
			return fmt.Sprintf("relays: number %d, %+v", i, r)
		}
	}
	return ""
}
