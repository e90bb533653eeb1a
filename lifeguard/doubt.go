package lifeguard

// Doubt adds evidence of the caller's own to the member's score, beyond the
// paper's: a shell over real sockets knows, for one, when it was woken late. It
// does nothing where LHA-Probe is off.
func (p *Policy) Doubt(delta int) { p.health.Add(delta) }
