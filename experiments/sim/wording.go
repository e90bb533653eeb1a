package sim

import (
	"fmt"
	"strings"

	"github.com/swimlab/swimlab/swim"
)

// receiver is how the trace calls the receiver of a message.
func receiver(id uint32) string {
	if id == uint32(swim.Nobody) {
		return "*" // a multicast
	}
	return fmt.Sprint(id)
}

// title names a message in a few words, and says on whose behalf a helper sends it.
func title(s *slot) string {
	m := &s.message
	switch {
	case m.Kind == swim.Ping && m.Stream:
		return fmt.Sprintf("ping #%d over a stream", m.Seq)
	case m.Kind == swim.Ping && !s.beginsProbe():
		return fmt.Sprintf("ping #%d on behalf of %d", m.Seq, s.probe.prober)
	case m.Kind == swim.Ping:
		return fmt.Sprintf("ping #%d", m.Seq)
	case m.Kind == swim.PingReq:
		return fmt.Sprintf("ping-req #%d for %d", m.Seq, m.Target)
	case m.Kind == swim.Ack && uint32(m.Target) != s.from:
		return fmt.Sprintf("ack #%d passed on from %d", m.Seq, m.Target)
	case m.Kind == swim.Ack:
		return fmt.Sprintf("ack #%d", m.Seq)
	}
	return m.Kind.String()
}

// contents tells all that a message says.
func contents(s *slot) string {
	m := &s.message
	switch {
	case len(m.Updates) == 0:
		return title(s)
	case m.Kind == swim.Welcome:
		return fmt.Sprintf("%s, a list of %d", title(s), len(m.Updates))
	}
	news := make([]string, len(m.Updates))
	for i, u := range m.Updates {
		news[i] = fmt.Sprintf("%d %v, incarnation %d", u.Member, u.State, u.Incarnation)
		if u.From != u.Member {
			news[i] += fmt.Sprintf(", says %d", u.From)
		}
	}
	return fmt.Sprintf("%s  [%s]", title(s), strings.Join(news, "; "))
}

// conclusion tells what the member by concluded, and from what; probed says
// whether a probe of its own has just failed. A suspicion of its own without that
// is one that it found on another's list and made its own (see
// swim.Config.LaunderSuspicions).
func conclusion(by uint32, e swim.Event, probed bool, cfg swim.Config) string {
	own := uint32(e.By) == by
	because := func(itself string, hearsay string) string {
		if own {
			return itself
		}
		return fmt.Sprintf("heard that %d %s", e.By, hearsay)
	}
	switch e.Kind {
	case swim.ProbeFailed:
		return fmt.Sprintf("probe of %d failed: no ack by the end of the period", e.Member)
	case swim.Suspected:
		return fmt.Sprintf("suspects %d, incarnation %d: %s", e.Member, e.Incarnation, because(suspicionOfItsOwn(probed), "does"))
	case swim.Cleared:
		if e.By == e.Member {
			return fmt.Sprintf("no longer suspects %d: heard its refutation, incarnation %d", e.Member, e.Incarnation)
		}
		return fmt.Sprintf("no longer suspects %d: %s", e.Member, because("got an ack of it", "got an ack of it"))
	case swim.Confirmed:
		itself := "its own probe failed"
		if cfg.Suspicion {
			itself = "the suspicion has run out"
		}
		return fmt.Sprintf("holds %d for faulty: %s", e.Member, because(itself, "declared it so"))
	case swim.SuspicionConfirmed:
		if own {
			return fmt.Sprintf("suspects %d more firmly: %s", e.Member, suspicionOfItsOwn(probed))
		}
		return fmt.Sprintf("suspects %d more firmly: heard that %d does too", e.Member, e.By)
	case swim.Joined:
		if e.By == e.Member {
			return fmt.Sprintf("lists %d, which makes itself known", e.Member)
		}
		return fmt.Sprintf("lists %d, named by %d", e.Member, e.By)
	case swim.Departed:
		return fmt.Sprintf("strikes %d off its list: it has left", e.Member)
	case swim.Refuted:
		return fmt.Sprintf("hears that it is accused by %d, and refutes that with incarnation %d", e.By, e.Incarnation)
	case swim.Excluded:
		return fmt.Sprintf("hears that it was declared faulty by %d", e.By)
	case swim.Stopped:
		return "ends its protocol"
	}
	return fmt.Sprintf("%v %d", e.Kind, e.Member)
}

func suspicionOfItsOwn(probed bool) string {
	if probed {
		return "its own probe failed"
	}
	return "so says a list that it was sent"
}
