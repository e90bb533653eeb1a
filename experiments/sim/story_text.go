package sim

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/swimlab/swimlab/swim"
)

// tell writes the cases in the order in which they began; only those about one
// of the members or opened by one of them, unless members is nil.
func (t *storyteller) tell(w io.Writer, members []int) {
	told := 0
	for _, a := range t.cases {
		if members != nil && !slices.Contains(members, int(a.member)) && !slices.Contains(members, int(a.failed[0].by)) {
			continue
		}
		told++
		fmt.Fprintf(w, "\n%d. %s\n", told, a.headline())
		for _, line := range t.account(a) {
			fmt.Fprintf(w, "   %s\n", line)
		}
	}
	if told == 0 {
		fmt.Fprintf(w, "\nNobody was suspected.\n")
	}
}

func (a *accusation) headline() string {
	outcome := "still suspected when the trial ended"
	switch {
	case len(a.confirmed.has) > 0:
		outcome = "declared faulty"
	case !a.open:
		outcome = "cleared"
	case len(a.suspected.has) == 0:
		outcome = "not suspected for it"
	}
	return fmt.Sprintf("Member %d (%s) failed a probe and was %s.", a.member, a.was, outcome)
}

// account tells a case: what the schedule had done, why it began, and what
// followed, in the order of time.
func (t *storyteller) account(a *accusation) []string {
	why := a.failed[0]
	lines := []string{t.scheduled(a), fmt.Sprintf("%s: the probe of %d by %d failed:", seconds(why.at), a.member, why.by)}
	for _, s := range why.probe.steps {
		lines = append(lines, "    "+s.tell(why))
	}
	type sequel struct {
		at   time.Duration
		text string
	}
	var sequels []sequel
	add := func(at time.Duration, text string) {
		if text != "" && at != never {
			sequels = append(sequels, sequel{at, text})
		}
	}
	add(a.suspected.firstAt, a.suspected.tell("suspect it"))
	add(furtherProbes(a.failed))
	add(a.refuted, "it hears that it is suspected, and refutes that.")
	add(a.cleared.firstAt, a.cleared.tell("clear it"))
	add(a.confirmed.firstAt, a.confirmed.tell("hold it for faulty"))
	add(a.excluded, "it hears that it was declared faulty.")
	slices.SortStableFunc(sequels, func(x, y sequel) int { return cmp.Compare(x.at, y.at) })
	for _, s := range sequels {
		lines = append(lines, seconds(s.at)+": "+s.text)
	}
	if a.was == running && len(a.suspected.has) > 0 && a.refuted == never && len(a.cleared.has) == 0 {
		lines = append(lines, "It never heard that it was suspected.")
	}
	return lines
}

// scheduled tells what the schedule had done to the accused by the time of the
// first failed probe.
func (t *storyteller) scheduled(a *accusation) string {
	var done []string
	for _, f := range t.faults[a.member] {
		if f.at <= a.began {
			done = append(done, fmt.Sprintf("%s at %s", f.what, seconds(f.at)))
		}
	}
	if len(done) == 0 {
		return fmt.Sprintf("The schedule had done nothing to %d.", a.member)
	}
	return fmt.Sprintf("The schedule: %d %s.", a.member, strings.Join(done, ", "))
}

// tell says what a message of a failed probe was and what became of it.
func (s *probeStep) tell(f failedProbe) string {
	fate := "had not arrived when the trial ended"
	switch {
	case s.read != never:
		fate = "read at " + seconds(s.read)
		if s.arrived < s.read {
			fate = "arrived at " + seconds(s.arrived) + ", but not read before " + seconds(s.read)
		}
		if s.kind == swim.Ack && s.to == f.by && s.read >= f.at {
			fate += ", too late"
		}
	case s.lost != "":
		fate = s.lost
	case s.arrived != never:
		fate = "arrived at " + seconds(s.arrived) + ", but not read before the trial ended"
	}
	if s.held {
		fate = "held back by its sender; " + fate
	}
	return fmt.Sprintf("%s  %d %s %d  %-8v  %s", seconds(s.at), s.from, sends, s.to, s.kind, fate)
}

// tell says who came to the conclusion; nothing if nobody did.
func (r *roll) tell(do string) string {
	switch n := len(r.has); n {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf("%d, and nobody else, comes to %s.", r.first, do)
	default:
		return fmt.Sprintf("%d is the first to %s, and by %s %d members do, %d the last.", r.first, do, seconds(r.lastAt), n, r.last)
	}
}

// furtherProbes sums up the failed probes after the first, for there may be many.
func furtherProbes(failed []failedProbe) (time.Duration, string) {
	var by []uint32 // each once, in the order of their probes
	for _, f := range failed[1:] {
		if !slices.Contains(by, f.by) {
			by = append(by, f.by)
		}
	}
	if len(by) == 0 {
		return never, ""
	}
	text := fmt.Sprintf("%d more failed probes of it", len(failed)-1)
	if len(failed) == 2 {
		text = "another failed probe of it"
	}
	if len(by) > 8 {
		return failed[1].at, fmt.Sprintf("%s, by %d members.", text, len(by))
	}
	names := make([]string, len(by))
	for i, id := range by {
		names[i] = fmt.Sprint(id)
	}
	return failed[1].at, fmt.Sprintf("%s, by %s.", text, strings.Join(names, ", "))
}

func seconds(t time.Duration) string { return fmt.Sprintf("%.3f s", t.Seconds()) }
