package closedform

import "math"

// PingTarget is the probability that a given member is chosen as ping target by
// at least one other in a period, with random targets, when the fraction qf of
// n members is up: 1-(1-qf/n)^(n-1). SWIM section 3.1.
func PingTarget(n, qf float64) float64 { return 1 - math.Pow(1-qf/n, n-1) }

// DetectionTime is the expected time from a crash to its first detection by any
// member, in periods, in a large group of which the fraction qf is up:
// 1/(1-e^-qf), which is e/(e-1) at qf = 1. SWIM section 3.1.
func DetectionTime(qf float64) float64 { return 1 / (1 - math.Exp(-qf)) }

// DetectionTimeIn is DetectionTime in a group of n members: the mean of the
// geometric distribution with the success probability [PingTarget].
func DetectionTimeIn(n, qf float64) float64 { return 1 / PingTarget(n, qf) }

// FalseDetection is the probability that a member that is up is falsely
// detected as failed in a period: qf (1-qml²) (1-qf qml⁴)^k e^qf/(e^qf-1). qml
// is the probability that a packet arrives in time, k the number of members
// asked to ping indirectly. SWIM section 3.1.
func FalseDetection(qf, qml, k float64) float64 {
	return qf * (1 - qml*qml) * math.Pow(1-qf*math.Pow(qml, 4), k) * math.Exp(qf) / math.Expm1(qf)
}

// Infected is the expected number of n members that have heard of an update t
// periods after the first did: n/(1+(n-1)e^(-(2-1/n)t)). SWIM section 4.1,
// after Bailey.
func Infected(n, t float64) float64 {
	return n / (1 + (n-1)*math.Exp(-(2-1/n)*t))
}

// InfectionTime is when half of the members have heard of an update:
// [Infected] solved for n/2, ln(n-1)/(2-1/n) periods.
func InfectionTime(n float64) float64 { return math.Log(n-1) / (2 - 1/n) }

// ProbeBound is the largest number of periods between two pings of one member
// to another with round-robin selection: 2n-1, n being the length of the
// pinging member's list. SWIM section 4.3.
func ProbeBound(n float64) float64 { return 2*n - 1 }

// PiggybackLimit is how often a member sends one update: lambda ceil(ln(n+1)).
// SWIM section 5 sets lambda to 3 and uses the same number of periods as the
// suspicion time-out.
func PiggybackLimit(n, lambda float64) float64 { return lambda * math.Ceil(math.Log(n+1)) }

// ProbeMessages is the most messages that one ping of a crashed or unreachable
// member causes in the whole group: ping and ack, and for each of k helpers
// ping-req, ping, ack and the relayed ack, 2+4k. From the protocol of SWIM
// section 3.1.
func ProbeMessages(k float64) float64 { return 2 + 4*k }
