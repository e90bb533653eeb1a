package sim

import (
	"time"

	"github.com/swimlab/swimlab/swim"
)

// This file is how messages travel: from the sender's hands to the receiver's inbox.

// held is a message that a blocked member has yet to send.
type held struct {
	to   uint32
	slot uint32
}

// slot is a message on its way, or waiting. It is kept until every copy of it
// has arrived.
type slot struct {
	message swim.Message
	updates []swim.Update // backing store of message.Updates
	from    uint32
	copies  int32
	serial  uint64        // of the message, from the trial's beginning
	written time.Duration // when its sender wanted it sent
	// probe says which probe the message belongs to: the member that
	// pinged first, and its sequence number. See hooks.
	probe probeID
}

// probeID names one probe, from its first ping to its last relayed ack.
type probeID struct {
	prober uint32
	seq    uint32
}

var noProbe = probeID{prober: uint32(swim.Nobody)}

// beginsProbe says whether the message is the first of a probe, the ping of the
// member whose probe it is, and not a helper's, nor the same again over a stream.
func (s *slot) beginsProbe() bool {
	return s.message.Kind == swim.Ping && !s.message.Stream && s.probe == probeID{s.from, s.message.Seq}
}

// send puts a message on its way, or into the sender's outbox.
func (c *Cluster) send(from uint32, s *swim.Send, cause probeID) {
	if cause == noProbe && (s.Message.Kind == swim.Ping || s.Message.Kind == swim.PingReq) {
		cause = probeID{from, s.Message.Seq}
	}
	slot := c.hold(from, &s.Message, cause)
	c.hooks.sent(c.now, uint32(s.To), &c.slots[slot])
	if m := &c.members[from]; m.blocked > 0 {
		m.outbox = append(m.outbox, held{uint32(s.To), slot})
		return
	}
	c.transmit(slot, uint32(s.To))
}

// transmit gives a message to the network. The slot holds one copy already.
func (c *Cluster) transmit(slot, to uint32) {
	if to != uint32(swim.Nobody) {
		c.transmitCopy(slot, to)
		c.release(slot)
		return
	}
	from := c.slots[slot].from
	for id := range c.members {
		if uint32(id) != from && c.members[id].up {
			c.transmitCopy(slot, uint32(id))
		}
	}
	c.release(slot)
}

func (c *Cluster) transmitCopy(slot, to uint32) {
	from := c.slots[slot].from
	stream := c.slots[slot].message.Stream
	travel := c.links.delay
	if stream {
		travel = c.links.stream
	}
	delay, lost := travel(from, to)
	if lost != "" {
		c.hooks.lost(c.now, to, &c.slots[slot], lost)
		return
	}
	c.arrive(slot, to, delay)
	if p := float64(c.links.Duplicate); p > 0 && !stream && c.links.rng.Float64() < p {
		c.arrive(slot, to, c.links.travel(from, to))
	}
}

func (c *Cluster) arrive(slot, to uint32, delay time.Duration) {
	c.slots[slot].copies++
	c.queue.push(c.now+delay, to, deliverEvent|slot)
}

// maxKept is how many updates' room a slot not in use keeps: enough for what is
// piggybacked, and not the whole list that a Welcome bears.
const maxKept = 64

// hold copies a message into a free slot.
func (c *Cluster) hold(from uint32, m *swim.Message, probe probeID) uint32 {
	var i uint32
	if n := len(c.freeSlots); n > 0 {
		i, c.freeSlots = c.freeSlots[n-1], c.freeSlots[:n-1]
	} else {
		i = uint32(len(c.slots))
		c.slots = append(c.slots, slot{})
	}
	s := &c.slots[i]
	c.written++
	s.from, s.probe, s.copies, s.serial, s.written = from, probe, 1, c.written, c.now
	s.message = *m
	if len(m.Updates) > 0 {
		s.updates = append(s.updates[:0], m.Updates...)
		s.message.Updates = s.updates
	}
	return i
}

func (c *Cluster) release(i uint32) {
	s := &c.slots[i]
	if s.copies--; s.copies == 0 {
		s.message.Updates = nil
		if cap(s.updates) > maxKept {
			s.updates = nil
		}
		c.freeSlots = append(c.freeSlots, i)
	}
}
