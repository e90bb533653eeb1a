package sim

import (
	"slices"
	"time"
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
			c.leave(id)
		}
	case f.Pause != nil:
		for _, id := range c.choose(f.Pause.Target) {
			c.taint(id, "is paused")
			c.pause(id)
			c.at(c.now+f.Pause.For, func() { c.say(id, "goes on"); c.resume(id) })
		}
	case f.Slow != nil:
		c.slow(f.Slow)
	case f.CPU != nil:
		for _, id := range c.choose(f.CPU.Target) {
			c.starve(id, f.CPU)
		}
	case f.Partition != nil:
		inside := c.setOf(c.choose(f.Partition.Target))
		c.interfere(inside, f.Partition.For, "is cut off by a partition", "is no longer cut off",
			&rule{from: inside, cut: true, loss: 1, why: "lost at the partition"})
	case f.OneWay != nil:
		from := c.setOf(c.choose(f.OneWay.From))
		to := c.setOf(c.choose(f.OneWay.To))
		c.interfere(from, f.OneWay.For, "is no longer heard by some", "is heard by all again",
			&rule{from: from, to: to, loss: 1, why: "lost on the one-way link"})
	case f.Loss != nil:
		c.lose(f.Loss)
	}
}

// lose begins a loss fault. Of messages between two of its members, those that
// survive the sender's loss still face the receiver's.
func (c *Cluster) lose(f *LossFault) {
	set := c.setOf(c.choose(f.Target))
	out := &rule{from: set, loss: float64(f.Rate), why: "lost by its lossy sender"}
	in := &rule{to: set, loss: float64(f.Rate), why: "lost by its lossy receiver"}
	switch f.Direction {
	case "out":
		c.interfere(set, f.For, "begins to lose messages it sends", "loses none any more", out)
	case "in":
		c.interfere(set, f.For, "begins to lose messages it is sent", "loses none any more", in)
	default:
		c.interfere(set, f.For, "begins to lose messages both ways", "loses none any more", out, in)
	}
}

// interfere puts rules on the network, for a while or to the end. begins and
// ends say what that means to the members in who.
func (c *Cluster) interfere(who memberSet, d time.Duration, begins, ends string, rules ...*rule) {
	for id, is := range who {
		if is {
			c.taint(uint32(id), begins)
		}
	}
	for _, r := range rules {
		c.links.addRule(r)
	}
	if d == 0 {
		return
	}
	c.at(c.now+d, func() {
		for _, r := range rules {
			c.links.dropRule(r)
		}
		for id, is := range who {
			if is {
				c.say(uint32(id), ends)
			}
		}
	})
}

// choose draws the members a fault is about, in the order of their handles.
// Members named by the definition that are not running are passed over.
func (c *Cluster) choose(t Target) []uint32 {
	var able []uint32
	if len(t.IDs) > 0 {
		for _, id := range t.IDs {
			if c.isRunning(uint32(id)) {
				able = append(able, uint32(id))
			} else {
				c.hooks.fault(c.now, uint32(id), "is not running, and so is spared a fault")
			}
		}
		slices.Sort(able)
		return able
	}
	for id := range c.members {
		if c.isHealthy(uint32(id)) {
			able = append(able, uint32(id))
		}
	}
	n := min(t.Count(c.up()), len(able))
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

// isRunning says whether a member's process is up and its protocol has not ended.
func (c *Cluster) isRunning(id uint32) bool {
	m := &c.members[id]
	return m.up && !m.node.Stopped()
}

// isHealthy says whether a member is running and no fault has touched it.
func (c *Cluster) isHealthy(id uint32) bool { return c.isRunning(id) && !c.members[id].tainted }

// running lists the members whose protocol is running.
func (c *Cluster) running() []uint32 {
	var ids []uint32
	for id := range c.members {
		if c.isRunning(uint32(id)) {
			ids = append(ids, uint32(id))
		}
	}
	return ids
}

// taint marks a member as no longer healthy, and says why.
func (c *Cluster) taint(id uint32, what string) {
	c.members[id].tainted = true
	c.hooks.fault(c.now, id, what)
}

// say tells those who listen what a fault means to a process now, unless it has
// crashed meanwhile.
func (c *Cluster) say(id uint32, what string) {
	if c.members[id].up {
		c.hooks.fault(c.now, id, what)
	}
}
