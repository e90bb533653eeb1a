package sim

import "time"

// pause stops a process; pauses nest.
func (c *Cluster) pause(id uint32) { c.members[id].paused++ }

// resume lets a process go on: what it could not send leaves, the timers that
// came due fire, and then what waited is read.
func (c *Cluster) resume(id uint32) {
	m := &c.members[id]
	m.paused--
	if m.paused > 0 || !m.up {
		return
	}
	c.sendOutbox(id)
	if m.timerDue {
		m.timerDue = false
		m.node.Tick(c.now, &c.out)
		c.flush(id, noProbe)
	}
	c.readInbox(id)
}

// block holds a member's messages back while its timers go on; blocks nest.
// A block holds up the tasks of the protocol that send, too: see swim.Node.Hold.
func (c *Cluster) block(id uint32) {
	m := &c.members[id]
	m.blocked++
	if m.blocked == 1 && m.node != nil {
		c.hooks.heldBack(c.now, id)
		m.node.Hold()
	}
}

// unblock lets them go, first those it wanted to send, then those it was sent.
func (c *Cluster) unblock(id uint32) {
	m := &c.members[id]
	m.blocked--
	c.sendOutbox(id)
	if m.blocked == 0 && m.up {
		m.node.Release(c.now, &c.out)
		c.flush(id, noProbe)
	}
	c.readInbox(id)
}

// heldBack says whether a member's messages wait.
func (m *member) heldBack() bool { return m.paused > 0 || m.blocked > 0 }

// sendOutbox sends what waited, in the order in which it was written.
func (c *Cluster) sendOutbox(id uint32) {
	m := &c.members[id]
	if m.heldBack() {
		return
	}
	for _, h := range m.outbox {
		c.transmit(h.slot, h.to)
	}
	m.outbox = m.outbox[:0]
}

// readInbox handles the messages that waited, in the order of their arrival.
// Nothing reaches the inbox meanwhile: what is sent now arrives in later events.
func (c *Cluster) readInbox(id uint32) {
	m := &c.members[id]
	if m.heldBack() {
		return
	}
	for _, slot := range m.inbox {
		c.handle(id, slot)
	}
	m.inbox = m.inbox[:0]
}

// slow runs the cycles of Lifeguard's anomaly: all its members in step.
func (c *Cluster) slow(f *SlowFault) {
	ids := c.choose(f.Target)
	end := c.now + f.For
	for _, id := range ids {
		c.taint(id, "becomes slow")
		c.at(end, func() { c.say(id, "is no longer slow") })
	}
	var cycle func()
	cycle = func() {
		if c.now >= end {
			return
		}
		for _, id := range ids {
			c.block(id)
		}
		c.at(min(c.now+f.Blocked, end), func() {
			for _, id := range ids {
				c.unblock(id)
			}
			c.at(c.now+f.Normal, cycle)
		})
	}
	cycle()
}

// starve lets a process stall and run by turns.
func (c *Cluster) starve(id uint32, f *CPUFault) {
	c.taint(id, "is short of processor time")
	end := c.now + f.For
	c.at(end, func() { c.say(id, "has the processor again") })
	// However short the times drawn, virtual time must pass.
	draw := func(d Distribution) time.Duration { return max(d.Sample(c.rng), 1) }
	var stall func()
	stall = func() {
		if c.now >= end || !c.members[id].up {
			return
		}
		c.pause(id)
		c.at(min(c.now+draw(f.Stall), end), func() {
			c.resume(id)
			c.at(c.now+draw(f.Run), stall)
		})
	}
	stall()
}
