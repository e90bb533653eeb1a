package vivaldi

import "time"

// GravityConfig is gravity's (Ledlie, Gardner, Seltzer, "Network Coordinates in
// the Wild", NSDI 2007, section 7.2). Springs know only differences, so a whole
// group drifts and turns freely, and coordinates that were stored grow stale. A
// pull towards the origin after every sample,
//
//	G = (‖x‖/ρ)² u(x)
//
// in the unit of the coordinate, keeps the group where it is. The zero value is
// no gravity.
type GravityConfig struct {
	// Rho is ρ, the distance from the origin at which the pull is one whole unit:
	// the smaller, the stronger. 0s for no gravity.
	Rho time.Duration
	// Unit is the unit of the formula's coordinates, which it depends on: 1 ms in
	// the paper, where ρ = 256 ms means a pull of 0.15 ms a sample at 100 ms from
	// the origin, and 1 s in Serf, where ρ = 150 s means 0.44 µs.
	Unit time.Duration
}

// Validate says whether a member of the space can run with c. Its error is a
// *[ConfigError].
func (c GravityConfig) Validate(space Space) error {
	switch {
	case c.Rho < 0:
		return &ConfigError{"Gravity.Rho", c.Rho, "a duration over 0s, or 0s for no gravity"}
	case c.Rho == 0:
		return nil
	case c.Unit <= 0:
		return &ConfigError{"Gravity.Unit", c.Unit, "a duration over 0s, such as 1ms"}
	case space.sphere:
		return &ConfigError{"Gravity.Rho", c.Rho, "0s on a sphere, where there is no origin to fall to"}
	}
	return nil
}

// pull is how far, in seconds, a coordinate so many seconds from the origin is
// pulled.
func (c *GravityConfig) pull(distance float64) float64 {
	ratio := distance / seconds(c.Rho)
	return seconds(c.Unit) * float64(ratio*ratio)
}
