package lifeguard

import "fmt"

// Config says which components are on, and their parameters. α, the multiplier
// of the shortest suspicion time-out, is swim.Config.SuspicionMult.
type Config struct {
	// LHAProbe scales the protocol period and the ping time-out with the
	// member's health, and has helpers send nacks.
	LHAProbe bool
	// LHASuspicion starts suspicions at Beta times the shortest time-out and
	// lets confirmations shorten them.
	LHASuspicion bool
	// Buddy leads a ping of a suspect with the news of its suspicion.
	Buddy bool

	// S is the largest health score, 8 in the paper: intervals and time-outs
	// grow up to nine-fold. Larger backs off further, and takes longer to recover.
	S int
	// Scores are what moves the score.
	Scores Scores
	// NackShare is the share of the ping time-out after which a helper sends
	// a nack, 0.8 in the paper, so that it arrives before the prober's period ends.
	NackShare float64
	// KeepTimeout leaves the ping time-out as it is and scales only the period.
	KeepTimeout bool

	// Beta is β, the longest suspicion time-out over the shortest, 6 in the paper.
	Beta float64
	// K is how many independent confirmations bring a suspicion down to the
	// shortest time-out, 3 in the paper.
	K int
	// KFromAlpha takes K = α − 2 instead, and 0 in a group with fewer than that
	// many members beside the suspect and its accuser.
	KFromAlpha bool
}

// Paper is Lifeguard as published, all components on.
func Paper() Config {
	return Config{
		LHAProbe: true, LHASuspicion: true, Buddy: true,
		S: 8, Scores: Scores{Acked: -1, Failed: 1, MissedNack: 1, Refuted: 1}, NackShare: 0.8,
		Beta: 6, K: 3,
	}
}

// Deployed is Lifeguard as HashiCorp's memberlist has it, all components on: a
// score of at most 7, a ping time-out that does not scale, every missed nack
// counted and the failed probe itself not, a nack only after the whole time-out,
// and K taken from α.
func Deployed() Config {
	c := Paper()
	c.S = 7
	c.KeepTimeout = true
	c.Scores.EveryNack = true
	c.Scores.NacksExcuse = true
	c.NackShare = 1
	c.KFromAlpha = true
	return c
}

// maxFactor bounds what S and Beta multiply the durations of a valid swim.Config by:
// those end at a year, and a time.Duration at 292.
const maxFactor = 100

// Validate says what is wrong with the configuration, if anything.
func (c Config) Validate() error {
	switch {
	case c.S < 0 || c.S > maxFactor:
		return fmt.Errorf("lifeguard: S = %d is not valid; want 0 to %d", c.S, maxFactor)
	case c.LHAProbe && !(c.NackShare > 0 && c.NackShare <= 1):
		return fmt.Errorf("lifeguard: nack share %v is not valid; want more than 0 and at most 1", c.NackShare)
	case c.LHASuspicion && !(c.Beta >= 1 && c.Beta <= maxFactor):
		return fmt.Errorf("lifeguard: beta %v is not valid; want 1 to %d", c.Beta, maxFactor)
	case c.LHASuspicion && (c.K < 0 || c.K > MaxK):
		return fmt.Errorf("lifeguard: K = %d is not valid; want 0 to %d", c.K, MaxK)
	}
	return nil
}
