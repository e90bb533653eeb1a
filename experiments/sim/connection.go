package sim

import (
	"slices"
	"time"

	"github.com/swimlab/swimlab/swim"
)

// A stream is opened by a round trip between the two ends' systems, which answer for
// members that are held back, too. What its opener has to say is written then: a list
// has what its writer has learnt meanwhile, which matters where a member opens the
// stream at the moment in which half a minute's news reaches it. The other's list
// comes over the same stream.

// connect has a member open a stream to another for its list, which it asks the
// protocol for when the stream stands.
func (c *Cluster) connect(from, to uint32) {
	c.at(c.now+c.links.travel(from, to)+c.links.travel(to, from), func() {
		m := &c.members[from]
		if m.paused > 0 {
			m.connected = append(m.connected, to)
			return
		}
		c.writeList(from, to)
	})
}

// writeList has a member write its list to a stream that stands.
func (c *Cluster) writeList(from, to uint32) {
	m := &c.members[from]
	if !m.up {
		return
	}
	m.node.Exchange(c.now, swim.ID(to), &c.out)
	for i := range c.out.Sends {
		c.put(from, &c.out.Sends[i], noProbe)
	}
	c.out.Sends = c.out.Sends[:0]
	c.flush(from, noProbe)
}

// writeLists writes the lists whose streams came to stand during a pause.
func (c *Cluster) writeLists(id uint32) {
	m := &c.members[id]
	for _, to := range m.connected {
		c.writeList(id, to)
	}
	m.connected = m.connected[:0]
}

// timedOut says whether who wrote a message to a stream has closed it by now.
func (c *Cluster) timedOut(s *slot) bool {
	return s.message.Stream && c.now-s.written > c.scenario.System.StreamTimeout
}

// unanswered takes away the answer to a list whose sender has given up.
func unanswered(sends []swim.Send) []swim.Send {
	return slices.DeleteFunc(sends, func(s swim.Send) bool { return s.Message.Kind == swim.SyncReply })
}

// stream draws how long a message over a stream takes. Loss delays a stream and does
// not lose what it bears, unless nothing gets through at all.
func (l *links) stream(from, to uint32, k swim.Kind) (d time.Duration, lost string) {
	for _, r := range l.rules {
		if r.loss >= 1 && (r.applies(from, to) || r.applies(to, from)) {
			return 0, r.why
		}
	}
	if k == swim.Sync || k == swim.SyncReply {
		return l.travel(from, to), "" // it stands
	}
	return l.travel(from, to) + l.travel(to, from) + l.travel(from, to), ""
}
