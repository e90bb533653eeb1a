package lifeguard

import (
	"time"

	"github.com/swimlab/swimlab/swim"
)

// MaxK is the largest K: swim counts no more confirmations than these.
const MaxK = swim.MaxConfirmations

// Policy is one member's Lifeguard. It implements [swim.Policy].
type Policy struct {
	swim   swim.Config
	cfg    Config
	health Health

	// shortest is the shortest time-out in a group of shortestFor members.
	shortest    time.Duration
	shortestFor int
}

var _ swim.Policy = (*Policy)(nil)

// New returns the policy of one member whose protocol is configured by s. cfg
// must be valid.
func New(s swim.Config, cfg Config) *Policy {
	p := &Policy{swim: s, cfg: cfg, shortest: s.SuspicionTimeout(1), shortestFor: 1}
	if cfg.LHAProbe {
		p.health = NewHealth(cfg.S)
	}
	return p
}

// Health is the member's present estimate of itself.
func (p *Policy) Health() Health { return p.health }

// Probe implements [swim.Policy]: ProbeInterval and ProbeTimeout are their base
// values times LHM + 1 (§IV-A).
func (p *Policy) Probe() (period, timeout time.Duration) {
	m := time.Duration(p.health.Multiplier())
	period, timeout = p.swim.ProtocolPeriod*m, p.swim.PingTimeout*m
	if p.cfg.KeepTimeout {
		timeout = p.swim.PingTimeout
	}
	return period, timeout
}

// NackAfter implements [swim.Policy].
func (p *Policy) NackAfter() (time.Duration, bool) {
	return time.Duration(p.cfg.NackShare * float64(p.swim.PingTimeout)), p.cfg.LHAProbe
}

// ProbeEnded implements [swim.Policy].
func (p *Policy) ProbeEnded(r swim.ProbeResult) {
	s := p.cfg.Scores
	if r.Acked {
		p.health.Add(s.Acked)
		return
	}
	missed := r.Helpers - r.Nacks
	if !s.NacksExcuse || r.Helpers == 0 {
		p.health.Add(s.Failed)
	}
	switch {
	case missed <= 0:
	case s.EveryNack:
		p.health.Add(missed * s.MissedNack)
	default:
		p.health.Add(s.MissedNack)
	}
}

// Refuted implements [swim.Policy].
func (p *Policy) Refuted() { p.health.Add(p.cfg.Scores.Refuted) }

// SuspicionTimeout implements [swim.Policy]. The shortest time-out is SWIM's own.
func (p *Policy) SuspicionTimeout(n, confirmations int) time.Duration {
	if n != p.shortestFor {
		p.shortest, p.shortestFor = p.swim.SuspicionTimeout(n), n
	}
	if !p.cfg.LHASuspicion {
		return p.shortest
	}
	longest := time.Duration(p.cfg.Beta * float64(p.shortest))
	return SuspicionTimeout(p.shortest, longest, confirmations, p.k(n))
}

// Confirmations implements [swim.Policy].
func (p *Policy) Confirmations(n int) int {
	if !p.cfg.LHASuspicion {
		return 0
	}
	return p.k(n)
}

func (p *Policy) k(n int) int {
	if !p.cfg.KFromAlpha {
		return p.cfg.K
	}
	k := min(max(int(p.swim.SuspicionMult)-2, 0), MaxK)
	if n-2 < k {
		return 0
	}
	return k
}

// TellSuspect implements [swim.Policy].
func (p *Policy) TellSuspect() bool { return p.cfg.Buddy }
