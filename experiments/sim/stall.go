package sim

// pause stops a process; pauses nest.
func (c *Cluster) pause(id uint32) {
	m := &c.members[id]
	if !m.heldBack() {
		c.hooks.stall(c.now, id, true)
	}
	m.paused++
	c.rest(id)
}

// resume ends a pause.
func (c *Cluster) resume(id uint32) {
	c.members[id].paused--
	c.goOn(id)
}

// block holds a member's messages back while its timers go on; blocks nest.
// A block holds up the tasks of the protocol that send, too: see swim.Node.Hold.
func (c *Cluster) block(id uint32) {
	m := &c.members[id]
	if !m.heldBack() {
		c.hooks.stall(c.now, id, true)
	}
	m.blocked++
	if m.blocked == 1 && m.node != nil {
		c.hooks.heldBack(c.now, id)
		m.node.Hold()
		m.deadline = m.node.Deadline()
		m.stuck = true
		c.rest(id)
	}
}

// unblock ends a block.
func (c *Cluster) unblock(id uint32) {
	c.members[id].blocked--
	c.goOn(id)
}

// goOn lets a process do what it can again, if it can: the timers that came due
// fire; and unless a block remains, what it could not send leaves before that,
// and what waited is read after it. So the failure detector of a member that was
// blocked judges, and gossips its judgement, before the member reads what has come
// meanwhile. In an agent there is a task for each, and none waits for another; but
// to judge it has three messages to send, while reading half a minute's backlog
// takes it a system call and the decoding of some twenty updates for each of some
// hundred datagrams. Were it to read first, it would accuse nobody who has refuted
// that, and have a fifth fewer false positives (agreement/slow-members).
func (c *Cluster) goOn(id uint32) {
	m := &c.members[id]
	if m.paused > 0 || !m.up {
		return
	}
	if !m.heldBack() {
		c.hooks.stall(c.now, id, false)
	}
	due := m.timerDue
	m.timerDue = false
	c.sendOutbox(id)
	switch {
	case m.stuck && m.blocked == 0:
		m.stuck = false
		m.node.Release(c.now, &c.out)
	case due:
		m.node.Tick(c.now, &c.out)
	}
	c.flush(id, noProbe)
	c.writeLists(id)
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
		c.hooks.freed(c.now, h.to, &c.slots[h.slot])
		c.transmit(h.slot, h.to)
	}
	m.outbox = m.outbox[:0]
}

// readInbox handles the messages that waited, in the order of their arrival: all of
// them at once, or one after the other if each takes the member time. At once means
// that a suspicion which the backlog confirms ends only when all of it is read, its
// refutation, too. In an agent one task reads and another handles, refutations first,
// which comes to the same: unmodified memberlist in real time has as few false
// positives under Lifeguard. If each message is wholly handled before the next is
// read, as by PerMessage of a nanosecond and by memberlist in virtual time, there are
// two to ten times as many (agreement/loopback-slow-members).
func (c *Cluster) readInbox(id uint32) {
	m := &c.members[id]
	switch {
	case m.heldBack():
		return
	case m.perMessage() > 0:
		c.work(id)
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
		idle := func() {}
		if f.PerMessage > 0 {
			idle = c.occupy(id, f.PerMessage, 0)
		}
		c.at(end, func() {
			c.say(id, "is no longer slow")
			idle()
		})
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
