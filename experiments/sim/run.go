package sim

import (
	"context"
	"time"

	"github.com/swimlab/swimlab/swim"
)

// This file is how virtual time passes: what happens next, and to whom.

// kinds of event, in the two highest bits of event.what; the rest is a slot or
// the index of a call.
const (
	timerEvent   = 0 << 30
	deliverEvent = 1 << 30
	callEvent    = 2 << 30
	kindMask     = 3 << 30
)

// at has f called at an instant.
func (c *Cluster) at(t time.Duration, f func()) {
	var i uint32
	if n := len(c.freeCalls); n > 0 {
		i, c.freeCalls = c.freeCalls[n-1], c.freeCalls[:n-1]
		c.calls[i] = f
	} else {
		i = uint32(len(c.calls))
		c.calls = append(c.calls, f)
	}
	c.queue.push(max(t, c.now), 0, callEvent|i)
}

// run lets virtual time pass until the trial's end, its stop condition, or ctx's.
func (c *Cluster) run(ctx context.Context) error {
	end := c.scenario.Run.Duration
	for !c.over {
		e, ok := c.queue.pop(end)
		if !ok {
			break
		}
		c.now = e.at
		c.events++
		if c.events&0xffff == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		switch arg := e.what &^ kindMask; e.what & kindMask {
		case timerEvent:
			c.timer(e.node)
		case deliverEvent:
			c.deliver(e.node, arg)
		case callEvent:
			f := c.calls[arg]
			c.calls[arg] = nil
			c.freeCalls = append(c.freeCalls, arg)
			f()
		}
	}
	if !c.over {
		c.now = end
	}
	return nil
}

// schedule makes sure that a timer event is pending at the member's deadline.
// One that is pending earlier does no harm: the member will find nothing due.
func (c *Cluster) schedule(id uint32) {
	m := &c.members[id]
	m.deadline = m.node.Deadline()
	c.wakeUp(id, m)
}

// wakeUp makes a timer event for the member's deadline, unless one is pending.
func (c *Cluster) wakeUp(id uint32, m *member) {
	if m.deadline < m.wake {
		m.wake = m.deadline
		c.queue.push(max(m.deadline, c.now), id, timerEvent)
	}
}

func (c *Cluster) timer(id uint32) {
	m := &c.members[id]
	if m.wake > c.now {
		return // superseded
	}
	m.wake = never
	switch {
	case !m.up:
	case m.paused > 0:
		m.timerDue = true
	case m.deadline > c.now: // it has moved; in a large group the node's memory is cold
		c.wakeUp(id, m)
	default:
		m.node.Tick(c.now, &c.out)
		c.flush(id, noProbe)
	}
}

// deliver hands a message that has arrived to its receiver.
func (c *Cluster) deliver(id, slot uint32) {
	m := &c.members[id]
	switch {
	case !m.up:
		c.hooks.lost(c.now, id, &c.slots[slot], "not read: nobody is there")
		c.release(slot)
	case m.heldBack() || m.perMessage() > 0:
		c.queueUp(id, slot)
	default:
		c.handle(id, slot)
	}
}

func (c *Cluster) handle(id, slot uint32) {
	s := &c.slots[slot]
	late := c.timedOut(s)
	if late && s.message.Kind != swim.Sync { // a list was there before its writer gave up
		c.hooks.lost(c.now, id, s, "on a stream that has timed out")
		c.release(slot)
		return
	}
	c.hooks.received(c.now, id, s)
	probe := s.probe
	c.members[id].node.Handle(c.now, swim.ID(s.from), &s.message, &c.out)
	if late {
		c.out.Sends = unanswered(c.out.Sends)
	}
	c.release(slot)
	c.flush(id, probe)
}

// flush does what a member wants done. probe is the probe that the message it
// has just handled belongs to, if it handled one.
func (c *Cluster) flush(id uint32, probe probeID) {
	for i := range c.out.Events {
		c.hooks.event(c.now, id, c.out.Events[i])
	}
	for i := range c.out.Sends {
		c.send(id, &c.out.Sends[i], probe)
	}
	c.out.Reset()
	c.schedule(id)
}
