package vivaldi

import "time"

// Serf is what HashiCorp's Serf and Consul run: eight dimensions and a height,
// estimates that start at their cap of 1.5, heights that start on their floor of
// 10 µs, a force scaled by the Euclidean norm, the median of a peer's last three
// round trips, an adjustment over 20 samples, and next to no gravity.
//
// The same samples give the same coordinates as Serf's coordinate.Client but in
// what Serf leaves open to harm: a round trip of 0 s is refused here, heights,
// adjustments and distances have a bound, the filter remembers at most 4096 peers, and coincident
// nodes part in an even direction drawn from the member's own source.
func Serf() MemberConfig {
	c := MemberConfig{
		Config:           Paper(Euclidean(8).WithHeight()),
		Filter:           MovingPercentile(3, 51, 4096), // the longer of two
		Adjustment:       AdjustmentConfig{Window: 20, WholeWindow: true, InSpring: true},
		Gravity:          GravityConfig{Rho: 150 * time.Second, Unit: time.Second},
		WholeNanoseconds: true,
	}
	c.InitialError = c.ErrorCap
	c.InitialHeight = c.HeightFloor
	c.UnitVector = EuclideanNorm
	c.MinRTT = time.Microsecond
	return c
}

// Recommended is what our own experiments say:
//
//   - a plane with heights, which holds recorded round trips best for its size
//     (vivaldi2004/dimensions)
//   - the least of a peer's last four round trips, which takes a quarter off the
//     median error and 70 % off the 95th percentile (ledlie2007/filters)
//   - the refusal of what is off by five times the median of 32 samples, which holds
//     off a fifth of liars (attacks2006), and takes a quarter off the median error
//     on a noisy stream and a tenth on a calm one where nobody lies
//     (ledlie2007/outliers)
//   - ENERGY with τ = 8 ms, which shows applications one change in three and
//     costs no accuracy (ledlie2007/filters)
//   - gravity with ρ = 256 ms, the strongest that costs no accuracy
//     (ledlie2007/gravity)
//
// Neighbour decay steadies coordinates as well (ledlie2007/decay), and is left out
// because it settles later and was not measured together with the filters. Added are
// bounds against peers that lie or are broken, which honest ones never meet: a
// distance of 20 s, a step of 250 ms, and 1 % as the least error to be believed.
func Recommended() MemberConfig {
	c := MemberConfig{
		Config:   Paper(Euclidean(2).WithHeight()),
		Filter:   MovingPercentile(4, 25, 4096),
		Outliers: RefuseOutliers(5, 32),
		Gravity:  GravityConfig{Rho: 256 * time.Millisecond, Unit: time.Millisecond},
		Updates:  EnergyUpdates(8*time.Millisecond, 32),
	}
	c.MinRTT = time.Microsecond
	c.MaxDistance = 20 * time.Second
	c.MaxStep = 250 * time.Millisecond
	c.PeerErrorFloor = 0.01
	return c
}
