package lifeguard

// Health is a member's estimate of its own slowness: the Local Health Multiplier
// of LHA-Probe, a counter that saturates at 0 and at a maximum S (§IV-A). The
// zero Health with S = 0 never moves.
type Health struct {
	score, max int
}

// NewHealth returns the health of a member that has no reason to doubt itself.
// s is the largest score.
func NewHealth(s int) Health { return Health{max: s} }

// Add changes the score by delta within 0…S.
func (h *Health) Add(delta int) { h.score = min(max(h.score+delta, 0), h.max) }

// Score is the present score, 0 for a member that believes itself healthy.
func (h Health) Score() int { return h.score }

// Multiplier is what intervals and time-outs are multiplied by: score + 1.
func (h Health) Multiplier() int { return h.score + 1 }

// Scores are what each event adds to a member's score (§IV-A). The authors call
// theirs, and S, heuristically determined.
type Scores struct {
	// Acked: a probe was acked, directly or through a helper.
	Acked int
	// Failed: a probe was not acked.
	Failed int
	// MissedNack: a failed probe, and a helper sent no nack either. The
	// helper being no slower than others, the slow one is probably oneself.
	MissedNack int
	// EveryNack counts MissedNack for each missed nack of a probe, not once.
	EveryNack bool
	// NacksExcuse leaves Failed out for a probe with helpers that could send
	// nacks: with all nacks received, a failed probe says nothing of oneself.
	NacksExcuse bool
	// Refuted: the member had to refute a suspicion of itself.
	Refuted int
}
