package closedform

import "math"

// GossipInfectionTime is when half of n members have heard of an update that is
// gossiped by itself, in intervals of gossip: ln(n-1)/fanout. Each member that has
// heard tells fanout random others once an interval, at a phase of its own.
//
// One that has heard tells for the first time after a part of an interval that is
// uniform between 0 and 1, and then once an interval. The expected number of those it
// has told grows as e^(rt) where fanout·E[e^(-rU)]/(1-e^(-r)) = fanout/r = 1, so the
// growth is the fanout itself; the rest is the logistic curve of SWIM section 4.1.
// Not in the paper; derived here. memberlist, with 3 members every 200 ms, takes
// 0.12, 0.24 and 0.32 s for 8, 32 and 128 members (agreement/dissemination); this
// gives 0.13, 0.23 and 0.32.
func GossipInfectionTime(n, fanout float64) float64 {
	return math.Log(n-1) / fanout
}

// FailedProbes is the expected number of failed probes in a period of a member that
// is up, with q the probability that a datagram arrives in time and k helpers:
// (1-q²)(1-q⁴)^k. It is FalseDetection without the factor e^q/(e^q-1) and the share
// of members that are up: a member is picked once a period on average. Derived here;
// swim2002/false-detection measures it.
func FailedProbes(q, k float64) float64 {
	return (1 - q*q) * math.Pow(1-math.Pow(q, 4), k)
}

// ClockDetectionTime is the mean time from a crash to its first failed probe by the
// clock, in periods: 2-1/n. The pings of a member come at a rate of one a period from
// members that are not in step, so the first after the crash comes after 1-1/n
// periods, and it is judged a period later. Derived here; swim2002/fig3a measures it.
func ClockDetectionTime(n float64) float64 { return 2 - 1/n }
