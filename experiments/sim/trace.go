package sim

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/swim"
)

// Trace implements [trial.Tracer]. A line is a time in seconds, a member, and
// what it did:
//
//   - 60.512000      5  crashes
//     61.204113  3 → 5  ping #31
//     61.204513  3 ✗ 5  ping #31 was not read: nobody is there
//     61.304113  3 → 2  ping-req #31 for 5
//     63.204113      3  probe of 5 failed: no ack by the end of the period
//     63.204113      3  suspects 5, incarnation 0: its own probe failed
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
	t := newTracer(c, opts, bufio.NewWriter(out))
	var stories *storyteller
	if opts.Summary {
		stories = listenForStories(c)
	}
	t.head(spec)
	if err := c.run(ctx); err != nil {
		return err
	}
	fmt.Fprintf(t.out, "# The trial ended at %.6f s of virtual time, after %d events.\n", c.now.Seconds(), c.events)
	if stories != nil {
		if stories.hasFalsePositives(opts.Members) {
			if stories.instead, err = w.withLifeguard(ctx, spec); err != nil {
				return err
			}
		}
		stories.tell(t.out, opts.Members)
	}
	return t.out.Flush()
}

// tracer writes a line for everything that happens.
type tracer struct {
	out     *bufio.Writer
	members []int // whom the reader wants to hear of; nil: everybody
	config  swim.Config
	digits  int // of the largest handle
	// failed is the latest failed probe, and by whom.
	failed struct {
		at        time.Duration
		by, about uint32
	}
}

// signs of a line: what a message did between the two members named.
const (
	sends     = "→"
	reads     = "←"
	loses     = "✗"
	postpones = "⋯"
)

func newTracer(c *Cluster, opts trial.TraceOptions, out *bufio.Writer) *tracer {
	t := &tracer{out: out, members: opts.Members, config: c.config, digits: len(fmt.Sprint(len(c.members) - 1))}
	h := &c.hooks
	h.onFault = append(h.onFault, func(now time.Duration, id uint32, what string) {
		if t.wanted(id, id) {
			t.deed(now, "*", id, what)
		}
	})
	h.onEvent = append(h.onEvent, func(now time.Duration, by uint32, e swim.Event) {
		about := uint32(e.Member)
		if e.Kind == swim.ProbeFailed {
			t.failed.at, t.failed.by, t.failed.about = now, by, about
		}
		if t.wanted(by, about) {
			probed := t.failed.at == now && t.failed.by == by && t.failed.about == about
			t.deed(now, " ", by, conclusion(by, e, probed, t.config))
		}
	})
	if !opts.Messages {
		return t
	}
	h.onSent = append(h.onSent, func(now time.Duration, to uint32, s *slot) {
		if t.wanted(s.from, to) {
			t.message(now, s.from, sends, to, contents(s))
		}
	})
	h.onReceived = append(h.onReceived, func(now time.Duration, by uint32, s *slot) {
		if t.wanted(by, s.from) {
			t.message(now, by, reads, s.from, title(s))
		}
	})
	h.onWaiting = append(h.onWaiting, func(now time.Duration, at uint32, s *slot) {
		if t.wanted(at, s.from) {
			t.message(now, at, postpones, s.from, title(s)+" has arrived, and waits")
		}
	})
	h.onLost = append(h.onLost, func(now time.Duration, to uint32, s *slot, why string) {
		if t.wanted(s.from, to) {
			t.message(now, s.from, loses, to, title(s)+" was "+why)
		}
	})
	return t
}

// head writes what the trial is and how to read what follows.
func (t *tracer) head(spec trial.Spec) {
	c := t.config
	fmt.Fprintf(t.out, "# %s, seed %d. Protocol period %v, ping time-out %v, ping-req to %d.\n",
		spec.Experiment, spec.Seed, c.ProtocolPeriod, c.PingTimeout, c.PingReqMembers)
	fmt.Fprintf(t.out, "# Seconds, member, what it does. * is the schedule's doing. A message: a %s b sends, b %s a reads, b %s a waits unread, a %s b is lost.\n",
		sends, reads, postpones, loses)
}

// deed writes a line about one member.
func (t *tracer) deed(now time.Duration, mark string, id uint32, what string) {
	fmt.Fprintf(t.out, "%s %10.6f  %*d  %s\n", mark, now.Seconds(), 2*t.digits+3, id, what)
}

// message writes a line about a message between two members.
func (t *tracer) message(now time.Duration, id uint32, sign string, other uint32, what string) {
	fmt.Fprintf(t.out, "  %10.6f  %*d %s %-*s  %s\n", now.Seconds(), t.digits, id, sign, t.digits, receiver(other), what)
}

// wanted says whether the reader wants to hear of one of two members.
func (t *tracer) wanted(a, b uint32) bool {
	return t.members == nil || slices.Contains(t.members, int(a)) || slices.Contains(t.members, int(b))
}
