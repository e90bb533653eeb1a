package closedform

import "math"

// PeriodicInfectionRate is how fast news grows at first, per protocol period,
// when members ping at fixed intervals: r in e^(rt). Bailey's model, which SWIM
// section 4.1 takes over, has 2 (for large n), as if a member that has just heard
// were as likely as any other to ping in the next instant. A member that heard
// from an ack, however, has just pinged, and waits a whole period. With pings
// received at rate 1 and sent every period, the expected numbers of members
// infected by a ping (phase of their own next ping uniform) and by an ack (a whole
// period before it) grow as e^(rt) where
//
//	(1/r - 1)² = e^(-r) / (r (1 - e^(-r)))
//
// which the Euler-Lotka equation of this two-type branching process gives. Not in
// the paper; derived here.
func PeriodicInfectionRate() float64 {
	excess := func(r float64) float64 {
		return (1/r-1)*(1/r-1) - math.Exp(-r)/(r*-math.Expm1(-r))
	}
	low, high := 1.0, 2.0 // excess is negative at 1, positive at 2
	for high-low > 1e-13 {
		mid := (low + high) / 2
		if excess(mid) < 0 {
			low = mid
		} else {
			high = mid
		}
	}
	return (low + high) / 2
}

// InfectedPeriodic is [Infected] with the growth of [PeriodicInfectionRate]. It
// is exact for the early growth and an approximation for the rest.
func InfectedPeriodic(n, t float64) float64 {
	return n / (1 + (n-1)*math.Exp(-PeriodicInfectionRate()*t))
}

// InfectionTimePeriodic is when half of the members have heard by
// [InfectedPeriodic]: ln(n-1)/r periods.
func InfectionTimePeriodic(n float64) float64 { return math.Log(n-1) / PeriodicInfectionRate() }
