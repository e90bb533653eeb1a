package swim

import (
	"fmt"
	"math"
	"time"
)

// Selection is how a member picks whom to ping.
type Selection uint8

const (
	// RoundRobin walks the list in a random order that is redrawn after each
	// pass; newcomers enter at a random place (§4.3). Two selections of a
	// member are at most 2n−1 periods apart.
	RoundRobin Selection = iota
	// RandomTarget picks uniformly at random every period (§3.1). Detection
	// then has no worst case, only an expectation.
	RandomTarget
)

// Dissemination is how news spreads.
type Dissemination uint8

const (
	// Infection piggybacks news on the failure detector's messages (§4.1).
	Infection Dissemination = iota
	// Multicast sends each piece of news once, alone, to everybody: SWIM:Basic (§3.2).
	Multicast
	// NoDissemination keeps news to oneself. It is the failure detector
	// component by itself (§3.1), for experiments that measure it.
	NoDissemination
)

// Config is the protocol's parameters. All members of a group should agree on it.
type Config struct {
	// ProtocolPeriod is T', the time between two probes by one member. Load
	// falls and detection time rises with it, both in proportion.
	// It must be at least three times the round trip (§3.1).
	ProtocolPeriod time.Duration
	// PingTimeout is how long a direct ack is waited for before helpers are
	// asked; the paper takes the measured average round trip (§5), so that
	// slow but healthy round trips ask helpers too. Shorter asks more often
	// for help; longer leaves helpers less of the period.
	PingTimeout time.Duration
	// PingReqMembers is k, the number of helpers of an indirect probe. Each
	// one divides false detections by about 1/(1−q⁴) (§3.1) and adds four
	// messages to a failed probe.
	PingReqMembers int

	// Selection is how targets are picked.
	Selection Selection
	// Dissemination is how news spreads.
	Dissemination Dissemination
	// Suspicion lets a member that failed a probe clear itself before it is
	// declared faulty (§4.2). Without it the first failed probe is final.
	Suspicion bool

	// SuspicionMult sets the suspicion time-out: SuspicionMult·⌈ln(n+1)⌉
	// protocol periods, 3·⌈ln(n+1)⌉ in §5. Longer forgives more and detects later.
	SuspicionMult float64
	// RetransmitMult is λ: one member piggybacks one update on at most
	// λ·⌈ln(n+1)⌉ messages, 3·⌈ln(n+1)⌉ in §5. After λ·ln n periods all but
	// n^−(2λ−2) members have heard the news (§4.1).
	RetransmitMult float64
	// MaxUpdates is the most updates one message bears, 6 in §5.
	MaxUpdates int
	// Balanced takes as many updates about failed members as about live ones
	// (§5: "an equal number of elements are chosen from each" list), so that
	// neither kind of news starves the other. A kind that has too few leaves
	// its room to the other.
	Balanced bool
	// PingerClears lets any member that gets an ack from a suspect clear it
	// and spread Alive (§4.2). By the precedence order that news changes only
	// minds that have not yet heard the suspicion; the suspect's own
	// refutation, with a higher incarnation, is what ends it everywhere.
	PingerClears bool
	// StopWhenExcluded ends a member's protocol when it hears that it was
	// declared faulty. The paper only says that members declared faulty do
	// not come back under the same identity; a process that goes on probing
	// a group that has dropped it can only accuse others.
	StopWhenExcluded bool
}

// Paper is the configuration of §5: the full protocol, SWIM+Inf.+Susp., with
// T' = 2 s and k = 1. The direct time-out, there the measured average round trip
// of the test bed, has no published value; 100 ms is far above any LAN's.
func Paper() Config {
	return Config{
		ProtocolPeriod:   2 * time.Second,
		PingTimeout:      100 * time.Millisecond,
		PingReqMembers:   1,
		Selection:        RoundRobin,
		Dissemination:    Infection,
		Suspicion:        true,
		SuspicionMult:    3,
		RetransmitMult:   3,
		MaxUpdates:       6,
		Balanced:         true,
		PingerClears:     true,
		StopWhenExcluded: true,
	}
}

// Validate says what is wrong with the configuration, if anything.
func (c Config) Validate() error {
	switch {
	case c.ProtocolPeriod <= 0:
		return fmt.Errorf("swim: protocol period %v is not valid; want more than 0", c.ProtocolPeriod)
	case c.PingTimeout <= 0 || c.PingTimeout >= c.ProtocolPeriod:
		return fmt.Errorf("swim: ping time-out %v is not valid; want more than 0 and less than the protocol period %v", c.PingTimeout, c.ProtocolPeriod)
	case c.PingReqMembers < 0:
		return fmt.Errorf("swim: %d ping-req members is not valid; want 0 or more", c.PingReqMembers)
	case c.Selection > RandomTarget:
		return fmt.Errorf("swim: unknown selection %d", c.Selection)
	case c.Dissemination > NoDissemination:
		return fmt.Errorf("swim: unknown dissemination %d", c.Dissemination)
	case c.Suspicion && !positive(c.SuspicionMult):
		return fmt.Errorf("swim: suspicion multiplier %v is not valid; want a number above 0", c.SuspicionMult)
	case c.Dissemination == Infection && !positive(c.RetransmitMult):
		return fmt.Errorf("swim: retransmit multiplier %v is not valid; want a number above 0", c.RetransmitMult)
	case c.Dissemination == Infection && (c.MaxUpdates < 1 || c.MaxUpdates > maxUpdates):
		return fmt.Errorf("swim: %d updates a message is not valid; want 1 to %d", c.MaxUpdates, maxUpdates)
	}
	return nil
}

func positive(x float64) bool { return x > 0 && !math.IsInf(x, 0) }

// SuspicionTimeout is how long a member of a group of n stays suspected before
// it is declared faulty: SuspicionMult·⌈ln(n+1)⌉ protocol periods (§5, Figure 3(c)).
func (c Config) SuspicionTimeout(n int) time.Duration {
	return time.Duration(c.SuspicionMult * logCeil(n) * float64(c.ProtocolPeriod))
}

// RetransmitLimit is how many messages of one member bear one update in a group
// of n: λ·⌈ln(n+1)⌉ (§4.1 and §5).
func (c Config) RetransmitLimit(n int) int {
	return int(math.Ceil(c.RetransmitMult * logCeil(n)))
}

// logCeil is ⌈ln(n+1)⌉. Figure 3(c) steps where the natural logarithm does.
func logCeil(n int) float64 { return math.Ceil(math.Log(float64(n + 1))) }
