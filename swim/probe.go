package swim

import "time"

// probe is the one ping that a member has out in a protocol period (§3.1).
type probe struct {
	target ID
	seq    uint32
	out    bool          // a target was pinged this period
	acked  bool          // and an ack of it has come
	helpAt time.Duration // when helpers are asked; never once they were, or need not be
}

// relay is a ping sent on another member's behalf.
type relay struct {
	seq       uint32 // of our ping
	origin    ID     // who asked
	originSeq uint32 // and under which number it waits for the ack
	target    ID
	expires   time.Duration
}

// beginPeriod picks this protocol period's target and pings it.
func (n *Node) beginPeriod(now time.Duration, out *Output) {
	// A period that begins late still lasts T': cut short, it would leave the
	// target less than three round trips to answer (§3.1).
	n.nextPeriod = now + n.cfg.ProtocolPeriod
	if n.life == joining {
		n.askToJoin(now, out)
		return
	}
	target, ok := n.selectTarget()
	if !ok {
		return
	}
	n.seq++
	n.probe = probe{target: target, seq: n.seq, out: true, helpAt: now + n.cfg.PingTimeout}
	n.sendWithNews(target, Message{Kind: Ping, Seq: n.seq, Target: target}, out)
}

func (n *Node) selectTarget() (ID, bool) {
	if n.cfg.Selection == RandomTarget {
		return n.table.Pick(n.rng)
	}
	return n.table.Next(n.rng)
}

// askHelpers has k members chosen at random ping the target that did not answer in time.
func (n *Node) askHelpers(out *Output) {
	n.probe.helpAt = never
	n.helpers = n.table.Sample(n.helpers[:0], n.cfg.PingReqMembers, n.probe.target, n.rng)
	for _, helper := range n.helpers {
		n.sendWithNews(helper, Message{Kind: PingReq, Seq: n.probe.seq, Target: n.probe.target}, out)
	}
}

// pingFor pings a target that another member could not reach.
func (n *Node) pingFor(now time.Duration, origin ID, m *Message, out *Output) {
	switch m.Target {
	case Nobody:
		return // a ping to Nobody would be a multicast
	case n.id:
		n.sendWithNews(origin, Message{Kind: Ack, Seq: m.Seq, Target: n.id}, out)
		return
	}
	kept := n.relays[:0]
	for _, r := range n.relays {
		if r.expires > now {
			kept = append(kept, r)
		}
	}
	n.seq++
	n.relays = append(kept, relay{seq: n.seq, origin: origin, originSeq: m.Seq, target: m.Target, expires: now + n.cfg.ProtocolPeriod})
	n.sendWithNews(m.Target, Message{Kind: Ping, Seq: n.seq, Target: m.Target}, out)
}

// acked takes an ack for this period's probe, or passes one on. An ack of an
// earlier period is too late and counts for nothing.
func (n *Node) acked(now time.Duration, m *Message, out *Output) {
	if n.probe.out && m.Seq == n.probe.seq && m.Target == n.probe.target {
		n.probe.acked = true
		n.probe.helpAt = never
		n.clear(n.probe.target, out)
		return
	}
	for i, r := range n.relays {
		if r.seq == m.Seq && r.target == m.Target {
			n.relays = append(n.relays[:i], n.relays[i+1:]...)
			n.clear(r.target, out)
			if r.expires > now {
				n.sendWithNews(r.origin, Message{Kind: Ack, Seq: r.originSeq, Target: r.target}, out)
			}
			return
		}
	}
}

// endPeriod judges this period's probe: only now, at its end, is a member that
// has not been heard of directly or through a helper held for failed (§3.1).
func (n *Node) endPeriod(now time.Duration, out *Output) {
	p := n.probe
	n.probe = probe{helpAt: never}
	if !p.out || p.acked {
		return
	}
	e := n.table.Lookup(p.target)
	if !e.State.InGroup() {
		return // others declared it meanwhile
	}
	out.event(Event{Kind: ProbeFailed, Member: p.target, By: n.id, Incarnation: e.Incarnation})
	verdict := Faulty
	if n.cfg.Suspicion {
		verdict = Suspect
	}
	n.decide(Update{Member: p.target, Incarnation: e.Incarnation, From: n.id, State: verdict}, now, out)
}
