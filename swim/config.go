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

	// What deployments added to the paper. The zero value of each leaves it out.

	// Order is the precedence order of news. DeployedOrder lets a member that
	// was falsely declared faulty come back under its identity.
	Order Order
	// RefuteConfirm lets a member that hears it was declared faulty, that it
	// left, or that it is alive in an incarnation that it has not had, refute it
	// as it would a suspicion. So does a process that is started again under its
	// old identity. It needs DeployedOrder to be believed.
	RefuteConfirm bool
	// CommonLog takes memberlist's formulas: a suspicion time-out of
	// SuspicionMult·max(1, log10 n) periods, and a retransmit limit of
	// RetransmitMult·⌈log10(n+1)⌉ messages.
	CommonLog bool
	// GossipInterval is how often news is sent by itself, between probes, to
	// GossipNodes random members. Dissemination no longer waits for the
	// protocol period; a storm of news costs messages as well as bytes.
	GossipInterval time.Duration
	GossipNodes    int
	// GossipToTheDead is how long members that have gone are still among
	// those gossiped to, so that one declared faulty by mistake hears of it.
	GossipToTheDead time.Duration
	// PushPullInterval is how often a member exchanges its whole list with a
	// random other over a stream; joining is such an exchange, too. It mends
	// what gossip missed, at a cost that grows with the group, but brings
	// nobody together who hold each other for faulty. For more than 32 members
	// the interval is stretched by ⌈log2 n − log2 32⌉ + 1.
	PushPullInterval time.Duration
	// LaunderSuspicions makes a suspicion found in another's list one's own,
	// which counts as an independent confirmation although nobody has probed.
	LaunderSuspicions bool
	// StreamFallback pings a target that did not answer in time over a stream
	// too, beside the helpers: it works where datagrams are lost or filtered.
	StreamFallback bool
	// KeepPace has periods begin when a clock ticks that goes on by T' whatever
	// happens. A tick that finds the member still at its last probe is kept, but
	// one only: the next period begins as soon as that probe is acked or has
	// failed. So a policy that stretches periods slows down only a member whose
	// probes fail, and a period that began late is followed by one in step.
	KeepPace bool
	// AccusePinged has a failed probe accuse the incarnation that was pinged.
	// What has been refuted by then is not said again; by the paper the accused
	// is whoever is on the list when the probe fails.
	AccusePinged bool
	// AnswerFirst answers a ping, a call for help or an ack before it takes in
	// the news that came with it: an ack bears no refutation of what its ping said.
	AnswerFirst bool
	// LoneSuspicion has a ping that leads with the suspicion of its target (see
	// Policy.TellSuspect) bear no other news, and not count among the messages
	// that have borne that one.
	LoneSuspicion bool
	// LargestFirst sends, of the news that has been sent equally often, the
	// largest first where not all fits, by the Sizer's measure, and the newest
	// first only of those of a size. A refutation is larger than a suspicion
	// where it bears the member's metadata.
	LargestFirst bool
	// PacketBytes is how large a datagram may become, by the Sizer's measure;
	// it takes the place of MaxUpdates where a Sizer is given.
	PacketBytes int
	Sizer       Sizer
}

// Sizer measures messages as a codec would encode them, in bytes.
type Sizer interface {
	// MessageBytes is the size of a message of a kind without any news.
	MessageBytes(Kind) int
	// UpdateBytes is what one update adds to a message: the same as long as it
	// waits to be sent.
	UpdateBytes(Update) int
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

// Deployed is what HashiCorp's memberlist makes of SWIM, with the constants of
// its LAN profile, but for Lifeguard, which is package lifeguard's. SuspicionMult
// is 4 there since 2017, and was 5 before.
func Deployed() Config {
	c := Paper()
	c.ProtocolPeriod = time.Second
	c.PingTimeout = 500 * time.Millisecond
	c.PingReqMembers = 3
	c.SuspicionMult = 4
	c.RetransmitMult = 4
	c.Balanced = false
	c.PingerClears = false
	c.StopWhenExcluded = false
	c.Order = DeployedOrder
	c.RefuteConfirm = true
	c.CommonLog = true
	c.GossipInterval = 200 * time.Millisecond
	c.GossipNodes = 3
	c.GossipToTheDead = 30 * time.Second
	c.PushPullInterval = 30 * time.Second
	c.LaunderSuspicions = true
	c.StreamFallback = true
	c.KeepPace = true
	c.AccusePinged = true
	c.AnswerFirst = true
	c.LoneSuspicion = true
	c.LargestFirst = true
	c.MaxUpdates = 24 // what fits 1,400 bytes, where no Sizer says better
	return c
}

// Fixed is Deployed with its known deviations from the papers put right:
// suspicions found in another's list do not count as confirmations, and a
// member in doubt of itself slows down whether or not its probes succeed.
func Fixed() Config {
	c := Deployed()
	c.LaunderSuspicions = false
	c.KeepPace = false
	return c
}

const (
	// longest bounds every duration of a Config, and what is computed from them, so
	// far below the end of time.Duration, 292 years, that a policy may multiply them
	// and a deadline add the caller's time.
	longest = 365 * 24 * time.Hour
	// maxHelpers bounds PingReqMembers.
	maxHelpers = math.MaxUint8
)

// Validate says what is wrong with the configuration, if anything.
func (c Config) Validate() error {
	switch {
	case c.ProtocolPeriod <= 0 || c.ProtocolPeriod > longest:
		return fmt.Errorf("swim: protocol period %v is not valid; want more than 0 and at most %v", c.ProtocolPeriod, longest)
	case c.PingTimeout <= 0 || c.PingTimeout >= c.ProtocolPeriod:
		return fmt.Errorf("swim: ping time-out %v is not valid; want more than 0 and less than the protocol period %v", c.PingTimeout, c.ProtocolPeriod)
	case c.PingReqMembers < 0 || c.PingReqMembers > maxHelpers:
		return fmt.Errorf("swim: %d ping-req members is not valid; want 0 to %d", c.PingReqMembers, maxHelpers)
	case c.Selection > RandomTarget:
		return fmt.Errorf("swim: unknown selection %d", c.Selection)
	case c.Dissemination > NoDissemination:
		return fmt.Errorf("swim: unknown dissemination %d", c.Dissemination)
	case c.Suspicion && !positive(c.SuspicionMult):
		return fmt.Errorf("swim: suspicion multiplier %v is not valid; want a number above 0", c.SuspicionMult)
	case c.Suspicion && c.SuspicionMult*logCeil(math.MaxUint32)*float64(c.ProtocolPeriod) > float64(longest):
		return fmt.Errorf("swim: suspicion multiplier %v is not valid with a protocol period of %v; want suspicions to end within %v in a group of any size", c.SuspicionMult, c.ProtocolPeriod, longest)
	case c.Dissemination == Infection && !positive(c.RetransmitMult):
		return fmt.Errorf("swim: retransmit multiplier %v is not valid; want a number above 0", c.RetransmitMult)
	case c.Order > DeployedOrder:
		return fmt.Errorf("swim: unknown order %d", c.Order)
	case !within(c.GossipInterval) || !within(c.PushPullInterval) || !within(c.GossipToTheDead):
		return fmt.Errorf("swim: a gossip interval of %v, a push/pull interval of %v and %v of gossip to the dead are not all valid; want 0 to %v", c.GossipInterval, c.PushPullInterval, c.GossipToTheDead, longest)
	case c.GossipInterval > 0 && c.GossipNodes < 1:
		return fmt.Errorf("swim: gossip to %d members is not valid; want 1 or more", c.GossipNodes)
	case c.Sizer != nil && c.PacketBytes < 1:
		return fmt.Errorf("swim: packets of %d bytes are not valid; want 1 or more", c.PacketBytes)
	case c.Dissemination == Infection && (c.MaxUpdates < 1 || c.MaxUpdates > maxUpdates):
		return fmt.Errorf("swim: %d updates a message is not valid; want 1 to %d", c.MaxUpdates, maxUpdates)
	}
	return nil
}

func positive(x float64) bool { return x > 0 && !math.IsInf(x, 0) }

func within(d time.Duration) bool { return d >= 0 && d <= longest }

// SuspicionTimeout is how long a member of a group of n stays suspected before
// it is declared faulty: SuspicionMult·⌈ln(n+1)⌉ protocol periods (§5, Figure 3(c)).
func (c Config) SuspicionTimeout(n int) time.Duration {
	if c.CommonLog {
		// Cut to thousandths, as memberlist does.
		scale := math.Floor(max(1, math.Log10(max(1, float64(n))))*1000) / 1000
		return time.Duration(c.SuspicionMult * scale * float64(c.ProtocolPeriod))
	}
	return time.Duration(c.SuspicionMult * logCeil(n) * float64(c.ProtocolPeriod))
}

// RetransmitLimit is how many messages of one member bear one update in a group
// of n: λ·⌈ln(n+1)⌉ (§4.1 and §5), and a million at the most.
func (c Config) RetransmitLimit(n int) int {
	if c.CommonLog {
		return int(min(c.RetransmitMult*math.Ceil(math.Log10(float64(n+1))), maxSent))
	}
	return int(min(math.Ceil(c.RetransmitMult*logCeil(n)), maxSent))
}

// pushPullEvery is the push/pull interval in a group of n.
func (c Config) pushPullEvery(n int) time.Duration {
	const threshold = 32
	if n <= threshold {
		return c.PushPullInterval
	}
	stretch := math.Ceil(math.Log2(float64(n))-math.Log2(threshold)) + 1
	return time.Duration(stretch) * c.PushPullInterval
}

// logCeil is ⌈ln(n+1)⌉. Figure 3(c) steps where the natural logarithm does.
func logCeil(n int) float64 { return math.Ceil(math.Log(float64(n + 1))) }
