package swim

import "time"

// Policy is the protocol's one extension point: how a member adapts its timing,
// and what it says, to what it has seen. Package lifeguard has the policies of
// the Lifeguard paper; a Config without one behaves as the SWIM paper says.
//
// A Policy belongs to one Node and is called from it alone.
type Policy interface {
	// Probe returns the length of the protocol period that begins now, and
	// how long its direct ping is waited for.
	Probe() (period, timeout time.Duration)
	// NackAfter returns how long a helper waits for an ack before it tells
	// the asking member so with a Nack, and false if it does not.
	NackAfter() (time.Duration, bool)
	// ProbeEnded is told how each probe ended, as soon as it is acked or has failed.
	ProbeEnded(ProbeResult)
	// Refuted is told when the member had to refute a suspicion of itself, or
	// what else Config.RefuteConfirm has it refute.
	Refuted()
	// SuspicionTimeout returns how long after its beginning a suspicion ends
	// in a Confirm, in a group that was of n members then, once so many members
	// beside the first have independently confirmed it.
	SuspicionTimeout(n, confirmations int) time.Duration
	// Confirmations returns how many such members count in a group of n. The
	// suspicions of that many are gossiped on.
	Confirmations(n int) int
	// TellSuspect says whether a ping of a suspect leads with the news of its
	// suspicion, so that it can refute it at once. A ping on another member's
	// behalf does not.
	TellSuspect() bool
}

// ProbeResult is how a probe ended.
type ProbeResult struct {
	// Acked is true if an ack came, directly or through a helper.
	Acked bool
	// Helpers is how many members were asked for help and to send a Nack.
	Helpers int
	// Nacks is how many of them sent one.
	Nacks int
}

// MaxConfirmations is the most confirmations of a suspicion that are counted.
const MaxConfirmations = 8

// plain is the SWIM paper's policy: nothing adapts.
type plain struct{ cfg *Config }

func (p plain) Probe() (time.Duration, time.Duration)   { return p.cfg.ProtocolPeriod, p.cfg.PingTimeout }
func (plain) NackAfter() (time.Duration, bool)          { return 0, false }
func (plain) ProbeEnded(ProbeResult)                    {}
func (plain) Refuted()                                  {}
func (p plain) SuspicionTimeout(n, _ int) time.Duration { return p.cfg.SuspicionTimeout(n) }
func (plain) Confirmations(int) int                     { return 0 }
func (plain) TellSuspect() bool                         { return false }
