package stage

import (
	"fmt"
	"strings"

	"github.com/swimlab/swimlab/swim"
)

// String is a message as a trace shows it: who to whom, what, and the news on
// board. The arrow of one that is lost is broken, that of a stream is double.
func (f Flight) String() string {
	var b strings.Builder
	arrow := "->"
	switch {
	case f.Lost:
		arrow = "-x"
	case f.Message.Stream:
		arrow = "=>"
	}
	fmt.Fprintf(&b, "%d %s %d  %v", f.From, arrow, f.To, f.Message.Kind)
	switch f.Message.Kind {
	case swim.PingReq, swim.Ack, swim.Nack:
		if f.Message.Target != f.To && f.Message.Target != f.From {
			fmt.Fprintf(&b, " of %d", f.Message.Target)
		}
	}
	for i, u := range f.Message.Updates {
		fmt.Fprintf(&b, "%s %v", map[bool]string{true: ":", false: ","}[i == 0], u)
	}
	return b.String()
}

// Sentence says what a member concluded.
func Sentence(who swim.ID, e swim.Event) string {
	said := ""
	switch e.By {
	case who:
	case swim.Nobody:
		said = ", as a list says"
	default:
		said = fmt.Sprintf(", as %d says", e.By)
	}
	switch e.Kind {
	case swim.ProbeFailed:
		return fmt.Sprintf("%d got no ack of %d", who, e.Member)
	case swim.Suspected:
		return fmt.Sprintf("%d suspects %d (inc %d)%s", who, e.Member, e.Incarnation, said)
	case swim.SuspicionConfirmed:
		return fmt.Sprintf("%d has its suspicion of %d confirmed%s", who, e.Member, said)
	case swim.Cleared:
		return fmt.Sprintf("%d clears %d (inc %d)%s", who, e.Member, e.Incarnation, said)
	case swim.Confirmed:
		return fmt.Sprintf("%d confirms %d faulty%s", who, e.Member, said)
	case swim.Joined:
		return fmt.Sprintf("%d lists %d%s", who, e.Member, said)
	case swim.Departed:
		return fmt.Sprintf("%d sees %d leave%s", who, e.Member, said)
	case swim.Refuted:
		by := "on a list"
		if e.By != swim.Nobody {
			by = fmt.Sprintf("by %d", e.By)
		}
		return fmt.Sprintf("%d refutes its suspicion %s (now inc %d)", who, by, e.Incarnation)
	case swim.Excluded:
		return fmt.Sprintf("%d hears from %d that it was declared faulty", who, e.By)
	case swim.Stopped:
		return fmt.Sprintf("%d stops", who)
	}
	return fmt.Sprintf("%d: %v %d", who, e.Kind, e.Member)
}

// Views shows what each member that still runs believes of the others.
func (c *Cluster) Views() string {
	var b strings.Builder
	for _, m := range c.Members {
		switch {
		case m.crashed:
			fmt.Fprintf(&b, "%d: crashed\n", m.ID())
			continue
		case m.Stopped():
			fmt.Fprintf(&b, "%d: stopped\n", m.ID())
			continue
		}
		fmt.Fprintf(&b, "%d:", m.ID())
		for id := range swim.ID(len(c.Members)) {
			if id == m.ID() {
				continue
			}
			e := m.Lookup(id)
			fmt.Fprintf(&b, "  %d %v", id, e.State)
			if e.Incarnation > 0 {
				fmt.Fprintf(&b, " inc %d", e.Incarnation)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}
