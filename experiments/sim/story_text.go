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
// of the members or in which one of them accused another, unless members is nil.
func (t *storyteller) tell(w io.Writer, members []int) {
	told := 0
	for _, a := range t.cases {
		if !a.concerns(members) {
			continue
		}
		told++
		fmt.Fprintf(w, "\n%d. %s\n", told, a.headline())
		for _, line := range t.account(a) {
			fmt.Fprintf(w, "   %s\n", line)
		}
	}
	switch {
	case told > 0:
	case members == nil:
		fmt.Fprintf(w, "\nNobody was suspected.\n")
	default:
		fmt.Fprintf(w, "\nNo probe of or by these members failed.\n")
	}
}

// concerns says whether a case is about one of the members, or one of them had a
// probe of the accused fail or declared it faulty; any is if members is nil.
func (a *accusation) concerns(members []int) bool {
	return members == nil || slices.Contains(members, int(a.member)) ||
		a.declared != nil && slices.Contains(members, int(a.declared.by)) ||
		slices.ContainsFunc(a.failed, func(f failedProbe) bool { return slices.Contains(members, int(f.by)) })
}

// isFalsePositive says whether a member was declared faulty that no fault of the
// schedule had touched.
func (a *accusation) isFalsePositive() bool { return a.declared != nil && a.declared.healthy }

// hasFalsePositives says whether there is one to tell.
func (t *storyteller) hasFalsePositives(members []int) bool {
	return slices.ContainsFunc(t.cases, func(a *accusation) bool { return a.isFalsePositive() && a.concerns(members) })
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
	line := fmt.Sprintf("A probe of member %d (%s) failed, and it was %s.", a.member, a.was, outcome)
	if a.isFalsePositive() {
		line += " A false positive: no fault had touched it."
	}
	return line
}

// account tells a case: what the schedule had done, why it began, and what
// followed, in the order of time.
func (t *storyteller) account(a *accusation) []string {
	lines := t.scheduled(a)
	for _, why := range a.decisive() {
		lines = append(lines, fmt.Sprintf("%s: the probe of %d by %d failed:", seconds(why.at), a.member, why.by))
		for _, s := range why.probe.steps {
			lines = append(lines, "    "+s.tell(why))
		}
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
	add(a.refuted, "it hears that it is accused, and refutes that.")
	add(a.cleared.firstAt, a.cleared.tell("clear it"))
	if a.declared != nil {
		add(a.declared.at, t.runsOut(a))
	}
	add(a.confirmed.firstAt, a.confirmed.tell("hold it for faulty"))
	add(a.returned.firstAt, a.returned.tell("list it again"))
	add(a.excluded, "it hears that it was declared faulty.")
	slices.SortStableFunc(sequels, func(x, y sequel) int { return cmp.Compare(x.at, y.at) })
	for _, s := range sequels {
		lines = append(lines, seconds(s.at)+": "+s.text)
	}
	if a.was == running && len(a.suspected.has) > 0 && a.refuted == never && len(a.cleared.has) == 0 {
		lines = append(lines, "It never heard that it was suspected.")
	}
	if t.instead != nil && a.isFalsePositive() {
		lines = append(lines, t.instead.tell(a.declared.by, a.member))
	}
	return lines
}

// decisive is the failed probes to tell in full: the first, and that by which the
// member that declared the accused faulty had come to suspect it.
func (a *accusation) decisive() []failedProbe {
	told := a.failed[:1:1]
	if a.declared == nil {
		return told
	}
	if f, probed := a.probeOf(a.declared); probed && f != told[0] {
		return append(told, f)
	}
	return told
}

// probeOf is the failed probe by which the member that declared the accused
// faulty had come to suspect it; false if it had not probed.
func (a *accusation) probeOf(d *declaration) (failedProbe, bool) {
	for _, f := range a.failed {
		if f.by == d.by && d.out != nil && f.at == d.out.since {
			return f, true
		}
	}
	return failedProbe{}, false
}

// withoutProbe is how many of the members have not had a probe of the accused fail.
func (a *accusation) withoutProbe(members []uint32) int {
	n := 0
	for _, id := range members {
		if !slices.ContainsFunc(a.failed, func(f failedProbe) bool { return f.by == id }) {
			n++
		}
	}
	return n
}

// scheduled tells what the schedule had done to the accused by the time of the
// first failed probe, and to those who accused it: the member whose probe that
// was, and the one that declared it faulty.
func (t *storyteller) scheduled(a *accusation) []string {
	lines := []string{fmt.Sprintf("The schedule had done nothing to %d.", a.member)}
	if done := t.doneTo(a.member, a.began); done != "" {
		lines[0] = "The schedule: " + done
	}
	accusers := []uint32{a.failed[0].by}
	until := a.began
	if a.declared != nil {
		accusers, until = append(accusers, a.declared.by), a.declared.at
	}
	for _, by := range slices.Compact(accusers) {
		if done := t.doneTo(by, until); done != "" {
			lines = append(lines, "The schedule: "+done)
		}
	}
	return lines
}

// doneTo tells what the schedule had done to a member by then.
func (t *storyteller) doneTo(id uint32, by time.Duration) string {
	var done []string
	for _, f := range t.faults[id] {
		if f.at <= by {
			done = append(done, fmt.Sprintf("%s at %s", f.what, seconds(f.at)))
		}
	}
	if len(done) == 0 {
		return ""
	}
	return fmt.Sprintf("%d %s.", id, strings.Join(done, ", "))
}

// runsOut tells which suspicion ran out first, and how long it lasted; nothing
// where the protocol does not suspect before it declares.
func (t *storyteller) runsOut(a *accusation) string {
	d, s := a.declared, a.declared.out
	if s == nil {
		return ""
	}
	why := fmt.Sprintf("the word of %d", s.word)
	if s.word == d.by {
		why = "a list that it was sent"
		if _, probed := a.probeOf(d); probed {
			why = "its own probe"
		}
	}
	text := fmt.Sprintf("the suspicion of it by %d runs out, %s after it began with %s", d.by, short(d.at-s.since), why)
	switch n := len(s.confirmers); {
	case n > 0:
		names := strings.ReplaceAll(" "+list(s.confirmers), fmt.Sprintf(" %d", d.by), " itself")
		text += fmt.Sprintf("; confirmed by %d more (%s), time-out cut from %s to %s", n, names[1:], short(t.timeout(d.by, s, 0)), short(t.timeout(d.by, s, n)))
		if hearsay := a.withoutProbe(s.confirmers); hearsay > 0 {
			text += fmt.Sprintf(", though %d of the confirmers had not probed it", hearsay)
		}
	case t.cluster.scenario.System.Lifeguard.LHASuspicion:
		text += "; confirmed by nobody"
	}
	if d.deaf != never {
		text += fmt.Sprintf("; it has read nothing since %s", seconds(d.deaf))
	}
	return text + "."
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
	if s.stream {
		fate = "over a stream; " + fate
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
	return failed[1].at, fmt.Sprintf("%s, by %s.", text, list(by))
}

// list names members, with commas.
func list(ids []uint32) string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = fmt.Sprint(id)
	}
	return strings.Join(names, ", ")
}

// short is a span of time, as one says it.
func short(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

func seconds(t time.Duration) string { return fmt.Sprintf("%.3f s", t.Seconds()) }
