package swim

import "time"

// probe is the one ping that a member has out in a protocol period (§3.1).
type probe struct {
	target ID
	seq    uint32
	pinged uint32        // the target's incarnation when it was pinged; 0 without AccusePinged
	out    bool          // a target was pinged this period
	acked  bool          // and an ack of it has come
	asked  uint8         // how many helpers were asked for an ack or a nack
	nacks  uint8         // and how many sent a nack; no more than were asked
	helpAt time.Duration // when helpers are asked; never once they were, or need not be
}

func (p *probe) result() ProbeResult {
	return ProbeResult{Acked: p.acked, Helpers: int(p.asked), Nacks: int(p.nacks)}
}

// relay is a ping sent on another member's behalf.
type relay struct {
	seq       uint32 // of our ping
	origin    ID     // who asked
	originSeq uint32 // and under which number it waits for the ack
	target    ID
	expires   time.Duration
	nackAt    time.Duration // when the origin is told that there is no ack; never if it is not
}

// beginPeriod picks this protocol period's target and pings it.
func (n *Node) beginPeriod(now time.Duration, out *Output) {
	// A period that begins late still lasts T': cut short, it would leave the
	// target less than three round trips to answer (§3.1).
	period, timeout := n.policy.Probe()
	n.nextPeriod, n.nextTick = now+period, tickAfter(n.nextTick, n.cfg.ProtocolPeriod, now)
	if n.life == joining {
		n.askToJoin(now, out)
		return
	}
	target, ok := n.selectTarget()
	if !ok {
		n.keepPace(now)
		return
	}
	n.seq++
	n.probe = probe{target: target, seq: n.seq, out: true, helpAt: now + timeout}
	if n.cfg.AccusePinged { // or else spare the look into a large table
		n.probe.pinged = n.table.Lookup(target).Incarnation
	}
	n.stick(now)
	n.sendNewsBehind(target, Message{Kind: Ping, Seq: n.seq, Target: target}, n.suspicionToTell(target), out)
}

// suspicionToTell is the news that a ping of a suspect leads with, if the policy
// is to tell it (Lifeguard's Buddy System, §IV-C).
func (n *Node) suspicionToTell(target ID) *Update {
	if len(n.suspicions.turns) == 0 || !n.policy.TellSuspect() {
		return nil
	}
	e := n.table.Lookup(target)
	if e.State != Suspect {
		return nil
	}
	return &Update{Member: target, Incarnation: e.Incarnation, From: n.id, State: Suspect}
}

func (n *Node) selectTarget() (ID, bool) {
	if n.cfg.Selection == RandomTarget {
		return n.table.Pick(n.rng)
	}
	return n.table.Next(n.rng)
}

// askHelpers has k members chosen at random ping the target that did not answer in time.
func (n *Node) askHelpers(now time.Duration, out *Output) {
	n.probe.helpAt = never
	if !n.table.Lookup(n.probe.target).State.InGroup() {
		return // others declared it meanwhile
	}
	_, nack := n.policy.NackAfter()
	n.helpers = n.table.Sample(n.helpers[:0], n.cfg.PingReqMembers, n.probe.target, n.rng)
	if nack {
		n.probe.asked = uint8(len(n.helpers))
	}
	n.ask(n.helpers, now, out)
}

// ask asks those helpers, and at last the target itself over a stream.
func (n *Node) ask(helpers []ID, now time.Duration, out *Output) {
	_, nack := n.policy.NackAfter()
	for i, helper := range helpers {
		n.sendWithNews(helper, Message{Kind: PingReq, Seq: n.probe.seq, Target: n.probe.target, Nack: nack}, out)
		if n.stick(now) {
			n.asking, n.unasked = true, append(n.unasked[:0], helpers[i+1:]...)
			return
		}
	}
	if n.cfg.StreamFallback {
		out.send(n.probe.target, Message{Kind: Ping, Seq: n.probe.seq, Target: n.probe.target, Stream: true})
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
	r := relay{seq: n.seq, origin: origin, originSeq: m.Seq, target: m.Target, expires: now + n.cfg.ProtocolPeriod, nackAt: never}
	if wait, nacks := n.policy.NackAfter(); nacks && m.Nack {
		r.nackAt = now + wait
	}
	n.relays = append(kept, r)
	n.sendWithNews(m.Target, Message{Kind: Ping, Seq: n.seq, Target: m.Target}, out)
}

// acked takes an ack for this period's probe, or passes one on. An ack of an
// earlier period is too late and counts for nothing.
func (n *Node) acked(now time.Duration, m *Message, out *Output) {
	if n.probe.out && m.answers(n.probe.seq, n.probe.target) {
		if !n.probe.acked {
			n.probe.acked = true
			n.policy.ProbeEnded(n.probe.result())
		}
		n.probe.helpAt = never
		n.keepPace(now)
		n.clear(n.probe.target, out)
		return
	}
	for i, r := range n.relays {
		if m.answers(r.seq, r.target) {
			n.relays = append(n.relays[:i], n.relays[i+1:]...)
			n.clear(r.target, out)
			if r.expires > now {
				n.sendWithNews(r.origin, Message{Kind: Ack, Seq: r.originSeq, Target: r.target}, out)
			}
			return
		}
	}
}

// keepPace ends a period whose probe needs no more time when the clock ticks, or
// now if it has ticked since the period began.
func (n *Node) keepPace(now time.Duration) {
	if n.cfg.KeepPace {
		n.nextPeriod = min(n.nextPeriod, max(now, n.nextTick))
	}
}

// tickAfter is when a clock ticks for the first time after now, if it ticks at a
// time and from then on at an interval.
func tickAfter(tick, interval, now time.Duration) time.Duration {
	if tick > now {
		return tick
	}
	return tick + ((now-tick)/interval+1)*interval
}

// sendNack tells the member that asked for a ping, due for a nack now, that no
// ack has come; false if none is due. The ack is still passed on if it comes.
func (n *Node) sendNack(due time.Duration, out *Output) bool {
	for i := range n.relays {
		if r := &n.relays[i]; r.nackAt == due {
			r.nackAt = never
			n.sendWithNews(r.origin, Message{Kind: Nack, Seq: r.originSeq, Target: r.target}, out)
			return true
		}
	}
	return false
}

// nacked counts a helper's nack for this period's probe.
func (n *Node) nacked(m *Message) {
	if n.probe.out && n.probe.nacks < n.probe.asked && m.answers(n.probe.seq, n.probe.target) {
		n.probe.nacks++
	}
}

// endPeriod judges this period's probe: only now, at its end, is a member that
// has not been heard of directly or through a helper held for failed (§3.1).
func (n *Node) endPeriod(now time.Duration, out *Output) {
	p := n.probe
	n.probe = probe{helpAt: never}
	if !p.out {
		return
	}
	if p.acked {
		return
	}
	n.policy.ProbeEnded(p.result())
	e := n.table.Lookup(p.target)
	if !e.State.InGroup() {
		return // others declared it meanwhile
	}
	out.event(Event{Kind: ProbeFailed, Member: p.target, By: n.id, Incarnation: e.Incarnation})
	verdict := Faulty
	if n.cfg.Suspicion {
		verdict = Suspect
	}
	accused := e.Incarnation
	if n.cfg.AccusePinged {
		accused = p.pinged
	}
	n.decide(Update{Member: p.target, Incarnation: accused, From: n.id, State: verdict}, now, out)
}
