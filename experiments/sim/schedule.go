package sim

import (
	"slices"
	"time"

	"github.com/swimlab/swimlab/swim"
)

// memberSet is a set of members by handle.
type memberSet []bool

func (c *Cluster) setOf(ids []uint32) memberSet {
	set := make(memberSet, len(c.members))
	for _, id := range ids {
		set[id] = true
	}
	return set
}

// scheduleFaults draws the time of every fault and puts it on the schedule.
func (c *Cluster) scheduleFaults() {
	newcomer := uint32(c.scenario.System.Members) // the next free handle
	for i := range c.scenario.Faults {
		f := &c.scenario.Faults[i]
		at := f.At.Sample(c.rng)
		first := newcomer
		newcomer += uint32(f.newcomers())
		switch {
		case f.Join != nil:
			for k := range f.Join.Members {
				c.at(at+time.Duration(k)*f.Join.Every, func() { c.join(first+uint32(k), f.Join.Via) })
			}
		case f.Restart != nil:
			c.at(at, func() { c.restart(f.Restart, first) })
		default:
			if f.Crash != nil {
				c.crashesToCome++
			}
			c.at(at, func() { c.begin(f) })
		}
	}
}

// begin lets a fault other than a join or restart happen now.
func (c *Cluster) begin(f *Fault) {
	switch {
	case f.Crash != nil:
		c.crashesToCome--
		for _, id := range c.choose(*f.Crash) {
			c.crash(id)
		}
	case f.Leave != nil:
		for _, id := range c.choose(*f.Leave) {
			c.taint(id, "leaves")
			c.hooks.leaves(c.now, id)
			c.members[id].node.Leave(c.now, &c.out)
			c.flush(id, noProbe)
		}
	case f.Pause != nil:
		for _, id := range c.choose(f.Pause.Target) {
			c.taint(id, "is paused")
			c.pause(id)
			c.at(c.now+f.Pause.For, func() { c.hooks.fault(c.now, id, "goes on"); c.resume(id) })
		}
	case f.Slow != nil:
		c.slow(f.Slow)
	case f.CPU != nil:
		for _, id := range c.choose(f.CPU.Target) {
			c.taint(id, "is short of processor time")
			c.starve(id, f.CPU, c.now+f.CPU.For)
		}
	case f.Partition != nil:
		inside := c.setOf(c.choose(f.Partition.Target))
		c.interfere(&rule{loss: 1, cut: func(from, to uint32) bool { return inside[from] != inside[to] }}, f.Partition.For, inside, "is cut off")
	case f.OneWay != nil:
		from := c.setOf(c.choose(f.OneWay.From))
		to := c.setOf(c.choose(f.OneWay.To))
		c.interfere(&rule{loss: 1, from: from, to: to}, f.OneWay.For, from, "is no longer heard by some")
	case f.Loss != nil:
		set := c.setOf(c.choose(f.Loss.Target))
		rate := float64(f.Loss.Rate)
		if f.Loss.Direction != "in" {
			c.interfere(&rule{loss: rate, from: set}, f.Loss.For, set, "loses messages it sends")
		}
		if f.Loss.Direction != "out" {
			c.interfere(&rule{loss: rate, to: set}, f.Loss.For, set, "loses messages it is sent")
		}
	}
}

// choose draws the members a fault is about, in the order of their handles.
func (c *Cluster) choose(t Target) []uint32 {
	if len(t.IDs) > 0 {
		ids := make([]uint32, len(t.IDs))
		for i, id := range t.IDs {
			ids[i] = uint32(id)
		}
		return ids
	}
	var able []uint32
	for id := range c.members {
		if m := &c.members[id]; m.up && !m.tainted && !m.node.Stopped() {
			able = append(able, uint32(id))
		}
	}
	n := min(t.count(c.up()), len(able))
	c.rng.Shuffle(len(able), func(i, j int) { able[i], able[j] = able[j], able[i] })
	chosen := able[:n]
	slices.Sort(chosen)
	return chosen
}

// up is the number of processes that are up.
func (c *Cluster) up() int {
	n := 0
	for i := range c.members {
		if c.members[i].up {
			n++
		}
	}
	return n
}

// taint marks a member as no longer healthy, and says so.
func (c *Cluster) taint(id uint32, what string) {
	c.members[id].tainted = true
	c.hooks.fault(c.now, id, what)
}

func (c *Cluster) crash(id uint32) {
	m := &c.members[id]
	if !m.up {
		return
	}
	c.taint(id, "crashes")
	m.up = false
	for _, slot := range m.inbox {
		c.release(slot)
	}
	for _, h := range m.outbox {
		c.release(h.slot)
	}
	m.inbox, m.outbox = nil, nil
	c.hooks.crashed(c.now, id)
}

// restart brings crashed processes back under new handles, first and up.
func (c *Cluster) restart(t *Target, first uint32) {
	var down []uint32
	for id := range c.members {
		if m := &c.members[id]; m.node != nil && !m.up {
			down = append(down, uint32(id))
		}
	}
	n := t.count(len(down))
	if len(t.IDs) > 0 {
		n = len(t.IDs)
	}
	for k := range n {
		c.join(first+uint32(k), "random")
	}
}

// join starts a new process that knows one running member.
func (c *Cluster) join(id uint32, via string) {
	contact := uint32(0)
	if via == "random" || !c.members[0].up || c.members[0].node.Stopped() {
		running := c.running()
		if len(running) == 0 {
			return
		}
		contact = running[c.rng.IntN(len(running))]
	}
	rng := c.memberRand(id)
	c.members[id] = member{node: swim.NewNode(swim.ID(id), c.config, swim.NewDenseTable(), rng), up: true, wake: never}
	c.hooks.fault(c.now, id, "joins")
	c.members[id].node.Join(c.now, swim.ID(contact), &c.out)
	c.flush(id, noProbe)
}

// running lists the members whose protocol is running.
func (c *Cluster) running() []uint32 {
	var ids []uint32
	for id := range c.members {
		if m := &c.members[id]; m.up && !m.node.Stopped() {
			ids = append(ids, uint32(id))
		}
	}
	return ids
}

// pause stops a process; pauses nest.
func (c *Cluster) pause(id uint32) { c.members[id].paused++ }

// resume lets a process go on: the timers that came due fire, and then what
// waited is read.
func (c *Cluster) resume(id uint32) {
	m := &c.members[id]
	m.paused--
	if m.paused > 0 || !m.up {
		return
	}
	if m.timerDue {
		m.timerDue = false
		m.node.Tick(c.now, &c.out)
		c.flush(id, noProbe)
	}
	c.readInbox(id)
}

// readInbox handles the messages that waited, in the order of their arrival.
func (c *Cluster) readInbox(id uint32) {
	m := &c.members[id]
	if m.paused > 0 || m.blocked > 0 {
		return
	}
	inbox := m.inbox
	m.inbox = nil
	for i, slot := range inbox {
		if m.up {
			c.handle(id, slot)
		} else {
			c.release(inbox[i])
		}
	}
	if m.inbox == nil {
		m.inbox = inbox[:0]
	}
}

// block holds a member's messages back; unblock lets them go, first those it
// wanted to send, then those it was sent.
func (c *Cluster) block(id uint32) { c.members[id].blocked++ }

func (c *Cluster) unblock(id uint32) {
	m := &c.members[id]
	m.blocked--
	if m.blocked > 0 || !m.up {
		return
	}
	outbox := m.outbox
	m.outbox = nil
	for _, h := range outbox {
		c.transmit(h.slot, h.to)
	}
	c.readInbox(id)
}

// slow runs the cycles of Lifeguard's anomaly: all its members in step.
func (c *Cluster) slow(f *SlowFault) {
	ids := c.choose(f.Target)
	end := c.now + f.For
	for _, id := range ids {
		c.taint(id, "becomes slow")
	}
	var cycle func()
	cycle = func() {
		if c.now >= end {
			for _, id := range ids {
				c.hooks.fault(c.now, id, "is no longer slow")
			}
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

// starve lets a process run and stall by turns until end.
func (c *Cluster) starve(id uint32, f *CPUFault, end time.Duration) {
	if c.now >= end {
		c.hooks.fault(c.now, id, "has the processor again")
		return
	}
	c.pause(id)
	c.at(min(c.now+f.Stall.Sample(c.rng), end), func() {
		c.resume(id)
		c.at(c.now+f.Run.Sample(c.rng), func() { c.starve(id, f, end) })
	})
}

// interfere puts a rule on the network, for a while or to the end.
func (c *Cluster) interfere(r *rule, d time.Duration, who memberSet, what string) {
	for id, is := range who {
		if is {
			c.taint(uint32(id), what)
		}
	}
	c.links.addRule(r)
	if d > 0 {
		c.at(c.now+d, func() {
			c.links.dropRule(r)
			for id, is := range who {
				if is {
					c.hooks.fault(c.now, uint32(id), "is heard and hears again")
				}
			}
		})
	}
}
