package closedform

import "math"

// This file is about news that every member which has it tells a fixed number of
// times, to members drawn at random whether or not they have it. Demers et al. call
// that rumour mongering which is blind, for it does not matter what the other has,
// and counts (section 1.4, "Complex Epidemics"). It is how SWIM piggybacks (section
// 4.1) and how memberlist gossips.

// Residue is the share of a large group that such news never reaches, when each
// member that has it tells it t times: the root s < 1 of s = e^(-t(1-s)), and 1
// for t up to 1. Derived here: the (1-s)n members that it does reach tell it t(1-s)n
// times, and of so many tellings to one of n at random none is to a given member with
// probability (1-1/n)^(t(1-s)n). Residue is Demers et al.'s word.
func Residue(t float64) float64 {
	if !(t > 1) {
		return 1
	}
	s := 0.0
	for range 1000 { // from below, each step comes nearer by the factor ts < 1
		next := math.Exp(-t * (1 - s))
		if next-s < 1e-16 {
			break
		}
		s = next
	}
	return s
}

// RetransmitLimit is how often a member of a group of n tells one piece of news in
// memberlist: lambda ceil(log10(n+1)) (util.go: retransmitLimit).
func RetransmitLimit(n, lambda float64) float64 { return lambda * math.Ceil(math.Log10(n+1)) }

// Unreached is the distribution of the number of members that news never reaches in
// a group of n: element k is the probability that exactly k do not have it in the
// end. At first the given number of members have it. Each that has it tells it
// tellings times, in rounds of fanout tellings to members that differ, the last
// round having what is left; a round's members are drawn at random from the n-1
// others, those that have it included.
//
// It is exact, and no matter of time: whom a member tells does not depend on when,
// so those that have the news may tell it one after the other, all rounds of the one
// before any of the next, and only how many have it needs to be known.
func Unreached(n, sources, tellings, fanout int) []float64 {
	fanout = max(1, min(fanout, n-1))
	// told[i] is the probability that i members have it when so many have told.
	told := make([]float64, n+1)
	told[min(sources, n)] = 1
	unreached := make([]float64, n)
	for tellers := 0; tellers <= n; tellers++ {
		if tellers >= 1 { // all that have it have told it
			unreached[n-tellers] += told[tellers]
		}
		told[tellers] = 0
		for left := tellings; left > 0; left -= fanout {
			told = round(told, n, min(fanout, left))
		}
	}
	return unreached
}

// round has one member tell so many others: told[i] is the probability that i of n
// members have the news.
func round(told []float64, n, others int) []float64 {
	next := make([]float64, len(told))
	for have, p := range told {
		if p == 0 {
			continue
		}
		for fresh := 0; fresh <= min(others, n-have); fresh++ {
			next[have+fresh] += p * hypergeometric(n-1, n-have, others, fresh)
		}
	}
	return next
}

// hypergeometric is the probability that of drawn out of all, without putting back,
// k are among the marked.
func hypergeometric(all, marked, drawn, k int) float64 {
	if k > marked || drawn-k > all-marked {
		return 0
	}
	p := 1.0
	for i := range k { // the marked ones first, then the others, in any order
		p *= float64(marked-i) / float64(all-i) * float64(drawn-i) / float64(i+1)
	}
	for i := range drawn - k {
		p *= float64(all-marked-i) / float64(all-k-i)
	}
	return p
}

// NewsMissed is the expected number of members that [Unreached] is about.
func NewsMissed(n, sources, tellings, fanout float64) float64 {
	mean := 0.0
	for k, p := range unreachedOf(n, sources, tellings, fanout) {
		mean += float64(k) * p
	}
	return mean
}

// NewsIncomplete is the probability that the news of [Unreached] does not reach
// everybody.
func NewsIncomplete(n, sources, tellings, fanout float64) float64 {
	some := 0.0
	for k, p := range unreachedOf(n, sources, tellings, fanout) {
		if k > 0 {
			some += p
		}
	}
	return some
}

// unreachedOf rounds to whole members. It has no value outside of what can be, and
// for more than 1,024 members or tellings, which would take long.
func unreachedOf(n, sources, tellings, fanout float64) []float64 {
	if !(n >= 1 && n <= 1024 && sources >= 1 && tellings >= 0 && tellings <= 1024 && fanout >= 1) {
		return []float64{math.NaN(), math.NaN()}
	}
	return Unreached(int(math.Round(n)), int(math.Round(min(sources, n))), int(math.Round(tellings)), int(math.Round(min(fanout, n))))
}
