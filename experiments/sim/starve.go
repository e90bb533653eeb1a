package sim

import (
	"slices"
	"time"
)

// labour is the slow handling of messages of a member that is short of processor
// time: one after the other, while the process runs.
type labour struct {
	// loads are those that it bears now. The hardest of them counts.
	loads []*load
	// left is what the first message of the inbox still takes; 0 before work
	// on it has begun.
	left time.Duration
	// done is when it will be handled; never while nobody works on it.
	done time.Duration
}

// load is what a fault makes of the handling of messages.
type load struct {
	perMessage time.Duration
	backlog    int // datagrams that may wait; 0 for any number
}

// perMessage is the time that handling one message takes; 0 for none.
func (m *member) perMessage() time.Duration {
	if m.labour == nil {
		return 0
	}
	var d time.Duration
	for _, l := range m.labour.loads {
		d = max(d, l.perMessage)
	}
	return d
}

// isFull says whether the member's inbox has no room for another datagram.
func (m *member) isFull() bool {
	if m.labour == nil {
		return false
	}
	return slices.ContainsFunc(m.labour.loads, func(l *load) bool {
		return l.backlog > 0 && len(m.inbox) >= l.backlog
	})
}

// starve lets a process stall and run by turns, and handle messages slowly while
// it runs.
func (c *Cluster) starve(id uint32, f *CPUFault) {
	c.taint(id, "is short of processor time")
	idle := c.occupy(id, f.PerMessage, f.Backlog)
	end := c.now + f.For
	c.at(end, func() {
		if c.members[id].up {
			c.say(id, "has the processor again")
			idle()
		}
	})
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

// occupy has a member take time over each message. idle ends that: what is left in
// the inbox then takes no time.
func (c *Cluster) occupy(id uint32, perMessage time.Duration, backlog int) (idle func()) {
	m := &c.members[id]
	if m.labour == nil {
		m.labour = &labour{done: never}
	}
	mine := &load{perMessage, backlog}
	m.labour.loads = append(m.labour.loads, mine)
	return func() {
		if !m.up {
			return
		}
		m.labour.loads = slices.DeleteFunc(m.labour.loads, func(l *load) bool { return l == mine })
		if len(m.labour.loads) == 0 {
			m.labour = nil
		}
		c.readInbox(id)
	}
}

// queueUp puts a message that has arrived into the inbox, or loses it where there
// is no room. A stream has a buffer of its own, and its sender waits.
func (c *Cluster) queueUp(id, slot uint32) {
	m := &c.members[id]
	if m.isFull() && !c.slots[slot].message.Stream {
		c.hooks.lost(c.now, id, &c.slots[slot], "lost in a full buffer")
		c.release(slot)
		return
	}
	c.hooks.waiting(c.now, id, &c.slots[slot])
	m.inbox = append(m.inbox, slot)
	c.work(id)
}

// work begins or goes on with the first message of the inbox, if the member can
// and has not begun already.
func (c *Cluster) work(id uint32) {
	m := &c.members[id]
	l := m.labour
	if m.perMessage() == 0 || m.heldBack() || l.done != never || len(m.inbox) == 0 {
		return
	}
	if l.left == 0 {
		l.left = m.perMessage()
	}
	done := c.now + l.left
	l.done = done
	c.at(done, func() {
		if m.labour != l || l.done != done {
			return // it was interrupted
		}
		l.left, l.done = 0, never
		slot := m.inbox[0]
		m.inbox = slices.Delete(m.inbox, 0, 1)
		c.handle(id, slot)
		c.work(id)
	})
}

// rest interrupts the work on a message; work goes on with what is left of it.
func (c *Cluster) rest(id uint32) {
	if l := c.members[id].labour; l != nil && l.done != never {
		l.left, l.done = l.done-c.now, never
	}
}
