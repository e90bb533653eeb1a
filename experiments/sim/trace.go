package sim

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/swim"
)

// Trace implements [trial.Tracer]. A line is a time in seconds, a member, and
// what it did:
//
//	61.204113   3 → 5     ping #31
//	61.304113   3 → 2     ping-req #31: ask 5
//	63.204113   3         probe #31 of 5 failed
//	63.204113   3         suspects 5 in incarnation 0
//
// Faults of the schedule are marked with a star.
func (w *World) Trace(ctx context.Context, spec trial.Spec, opts trial.TraceOptions, out io.Writer) error {
	if spec.System["protocol"] != "swim" {
		return &trial.KeyError{Key: "system.protocol", Got: spec.System["protocol"], Want: "swim: only groups of members have a trace"}
	}
	c, err := w.cluster(spec)
	if err != nil {
		return err
	}
	t := &tracer{out: bufio.NewWriter(out), opts: opts, cluster: c}
	t.attach()
	var stories *storyteller
	if opts.Summary {
		stories = listenForStories(c)
	}
	fmt.Fprintf(t.out, "# %s, seed %d: %d members at first, T' = %v, k = %d\n", spec.Experiment, spec.Seed, c.scenario.System.Members, c.config.ProtocolPeriod, c.config.PingReqMembers)
	if err := c.run(ctx); err != nil {
		return err
	}
	fmt.Fprintf(t.out, "# ended at %.6f s of virtual time after %d events\n", c.now.Seconds(), c.events)
	if stories != nil {
		stories.tell(t.out, opts.Members)
	}
	return t.out.Flush()
}

// tracer writes a line for everything that happens.
type tracer struct {
	out     *bufio.Writer
	opts    trial.TraceOptions
	cluster *Cluster
}

func (t *tracer) attach() {
	h := &t.cluster.hooks
	h.onFault = append(h.onFault, func(now time.Duration, id uint32, what string) { t.line(now, what, "* ", id) })
	h.onEvent = append(h.onEvent, func(now time.Duration, by uint32, e swim.Event) {
		t.line(now, conclusion(by, e), "  ", by, uint32(e.Member))
	})
	if !t.opts.Messages {
		return
	}
	h.onSent = append(h.onSent, func(now time.Duration, to uint32, s *slot) {
		t.line(now, describe(&s.message), "  ", s.from, to)
	})
	h.onReceived = append(h.onReceived, func(now time.Duration, by uint32, s *slot) {
		t.line(now, fmt.Sprintf("received %v #%d from %d", s.message.Kind, s.message.Seq, s.from), "  ", by, s.from)
	})
	h.onLost = append(h.onLost, func(now time.Duration, to uint32, s *slot) {
		t.line(now, fmt.Sprintf("%v #%d is lost", s.message.Kind, s.message.Seq), "  ", s.from, to)
	})
}

// line writes one line about the first of the members named, if the reader wants
// to hear of any of them. A message's line names both ends.
func (t *tracer) line(now time.Duration, what, mark string, members ...uint32) {
	if t.opts.Members != nil && !slices.ContainsFunc(members, func(id uint32) bool { return slices.Contains(t.opts.Members, int(id)) }) {
		return
	}
	who := fmt.Sprint(members[0])
	if strings.Contains(what, "#") && len(members) == 2 && !strings.HasPrefix(what, "received") && !strings.HasPrefix(what, "probe") {
		who += " → " + nameOfMember(members[1])
	}
	fmt.Fprintf(t.out, "%12.6f %s%-11s %s\n", now.Seconds(), mark, who, what)
}

func nameOfMember(id uint32) string {
	if id == uint32(swim.Nobody) {
		return "all"
	}
	return fmt.Sprint(id)
}

// describe tells what a message says.
func describe(m *swim.Message) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v #%d", m.Kind, m.Seq)
	switch m.Kind {
	case swim.PingReq:
		fmt.Fprintf(&b, ": ask %d", m.Target)
	case swim.Ack:
		fmt.Fprintf(&b, " of %d", m.Target)
	}
	if m.Kind == swim.Welcome {
		fmt.Fprintf(&b, "  [a list of %d]", len(m.Updates))
	} else if len(m.Updates) > 0 {
		news := make([]string, len(m.Updates))
		for i, u := range m.Updates {
			news[i] = u.String()
		}
		fmt.Fprintf(&b, "  [%s]", strings.Join(news, "; "))
	}
	return b.String()
}

// conclusion tells what the member by concluded.
func conclusion(by uint32, e swim.Event) string {
	told := ""
	if e.By != e.Member && uint32(e.By) != by {
		told = fmt.Sprintf(", says %d", e.By)
	}
	switch e.Kind {
	case swim.ProbeFailed:
		return fmt.Sprintf("probe of %d failed: no ack by the end of the period", e.Member)
	case swim.Suspected:
		return fmt.Sprintf("suspects %d in incarnation %d%s", e.Member, e.Incarnation, told)
	case swim.Cleared:
		return fmt.Sprintf("holds %d for alive again, incarnation %d%s", e.Member, e.Incarnation, told)
	case swim.Confirmed:
		return fmt.Sprintf("declares %d faulty%s", e.Member, told)
	case swim.Joined:
		return fmt.Sprintf("takes %d into its list%s", e.Member, told)
	case swim.Departed:
		return fmt.Sprintf("learns that %d has left", e.Member)
	case swim.Refuted:
		return fmt.Sprintf("refutes %d's suspicion of itself with incarnation %d", e.By, e.Incarnation)
	case swim.Excluded:
		return fmt.Sprintf("learns that it was declared faulty itself, by %d", e.By)
	case swim.Stopped:
		return "stops"
	}
	return e.Kind.String()
}
