package sim

import (
	"fmt"
	"slices"

	"github.com/swimlab/swimlab/swim"
)

// crash ends a process without a word; what it had yet to read or send is gone.
func (c *Cluster) crash(id uint32) {
	c.taint(id, "crashes")
	m := &c.members[id]
	m.up = false
	for _, slot := range m.inbox {
		c.hooks.lost(c.now, id, &c.slots[slot], "not read before the crash")
		c.release(slot)
	}
	for _, h := range m.outbox {
		c.hooks.lost(c.now, h.to, &c.slots[h.slot], "not sent before the crash")
		c.release(h.slot)
	}
	m.inbox, m.outbox, m.labour = nil, nil, nil
	c.hooks.crashed(c.now, id)
}

func (c *Cluster) leave(id uint32) {
	c.taint(id, "leaves")
	c.hooks.leaves(c.now, id)
	c.members[id].node.Leave(c.now, &c.out)
	c.flush(id, noProbe)
}

// join starts a new process that knows one running member.
func (c *Cluster) join(id uint32, via string) {
	contact, ok := c.contact(via)
	if !ok {
		c.hooks.fault(c.now, id, "finds nobody to join")
		return
	}
	c.hooks.fault(c.now, id, fmt.Sprintf("joins through %d", contact))
	c.start(id, contact)
}

// restart brings crashed processes back under new handles, first and up, each on
// its old host.
func (c *Cluster) restart(t *Target, first uint32) {
	for k, old := range c.crashed(t) {
		contact, ok := c.contact("random")
		if !ok {
			c.hooks.fault(c.now, old, "restarts, but finds nobody to join")
			return
		}
		id := first + uint32(k)
		c.members[old].replaced = true
		if c.links.host != nil {
			c.links.host[id] = c.links.host[old]
		}
		c.hooks.fault(c.now, id, fmt.Sprintf("is %d restarted, and joins through %d", old, contact))
		c.start(id, contact)
	}
}

// crashed lists the processes that a restart is about: those it names, or the
// first so many, of those that crashed and are not back yet.
func (c *Cluster) crashed(t *Target) []uint32 {
	var down []uint32
	for id := range c.members {
		if m := &c.members[id]; m.node != nil && !m.up && !m.replaced && (len(t.IDs) == 0 || slices.Contains(t.IDs, id)) {
			down = append(down, uint32(id))
		}
	}
	if len(t.IDs) == 0 {
		down = down[:min(t.Members, len(down))]
	}
	return down
}

// contact picks the member that a new process knows: the first one as long as it
// runs, or any; false if nobody runs.
func (c *Cluster) contact(via string) (uint32, bool) {
	if via != "random" && c.isRunning(0) {
		return 0, true
	}
	running := c.running()
	if len(running) == 0 {
		return 0, false
	}
	return running[c.rng.IntN(len(running))], true
}

// start begins a process that joins the group through contact. A newcomer of the
// deployed protocol has news of itself to tell as soon as it knows whom, beside the
// contact (memberlist.go: setAlive); by the paper the contact alone makes it known.
func (c *Cluster) start(id, contact uint32) {
	rng := c.memberRand(id)
	c.members[id] = c.newMember(id, c.tableOfNewcomer(swim.ID(id), rng), rng)
	if c.config.Order == swim.DeployedOrder {
		c.members[id].node.Announce(&c.out)
	}
	c.members[id].node.Join(c.now, swim.ID(contact), &c.out)
	c.hooks.joins(c.now, id)
	c.flush(id, noProbe)
}
