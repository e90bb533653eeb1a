package sim

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/swimlab/swimlab/experiments/sim/preset"
	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/swim"
)

// Scenario is a trial's Spec, decoded.
type Scenario struct {
	System  System
	Network Network
	Faults  []Fault
	Run     Run
	Measure []string
	Seed    uint64
}

// System is the system under test: the `system` section of a definition whose
// protocol is swim. What is not given is the preset's.
type System struct {
	Protocol string `key:"protocol"`
	// Preset names the configuration to start from: paper, deployed or fixed.
	Preset string `key:"preset"`
	// Members is the size of the group at time 0. They all know each other.
	Members int `key:"members"`
	// Phases is when members begin their protocol periods: uniform, each at
	// an independent random phase, or synchronised, all at once.
	Phases string `key:"phases"`
	// Table is how members keep their lists: dense, roster, or auto. See sharesRoster.
	Table string `key:"table"`

	ProtocolPeriod   time.Duration `key:"protocol_period"`
	PingTimeout      time.Duration `key:"ping_timeout"`
	PingReqMembers   int           `key:"ping_req_members"`
	Selection        string        `key:"selection"`
	Dissemination    string        `key:"dissemination"`
	Suspicion        bool          `key:"suspicion"`
	SuspicionMult    float64       `key:"suspicion_mult"`
	RetransmitMult   float64       `key:"retransmit_mult"`
	MaxUpdates       int           `key:"max_updates"`
	Balanced         bool          `key:"balanced"`
	PingerClears     bool          `key:"pinger_clears"`
	StopWhenExcluded bool          `key:"stop_when_excluded"`

	// What deployments added; see swim.Config.
	Order             string        `key:"order"`
	RefuteConfirm     bool          `key:"refute_confirm"`
	CommonLog         bool          `key:"common_log"`
	GossipInterval    time.Duration `key:"gossip_interval"`
	GossipNodes       int           `key:"gossip_nodes"`
	GossipToTheDead   time.Duration `key:"gossip_to_the_dead"`
	PushPullInterval  time.Duration `key:"push_pull_interval"`
	LaunderSuspicions bool          `key:"launder_suspicions"`
	StreamFallback    bool          `key:"stream_fallback"`
	KeepPace          bool          `key:"keep_pace"`
	AccusePinged      bool          `key:"accuse_pinged"`
	AnswerFirst       bool          `key:"answer_first"`
	LoneSuspicion     bool          `key:"lone_suspicion"`
	LargestFirst      bool          `key:"largest_first"`
	LossyQueue        bool          `key:"lossy_queue"`

	// StreamTimeout is how long an exchange over a stream may take; one that
	// waits longer, at a slow or paused member, fails. memberlist's TCPTimeout.
	StreamTimeout time.Duration `key:"stream_timeout"`

	// Wire is how messages are encoded, for their sizes.
	Wire Wire `key:"wire"`
	// Lifeguard is local health awareness; all of it is off unless given.
	Lifeguard Lifeguard `key:"lifeguard"`
	// Coordinates has members keep network coordinates, learnt from their own
	// probes and borne by their acks; nil for none.
	Coordinates *preset.Vivaldi `key:"coordinates"`
}

// Run is how long a trial lasts: the `run` section.
type Run struct {
	// Warmup is how long the group runs before measures that count begin to.
	Warmup time.Duration `key:"warmup"`
	// Duration is how long the trial lasts in all.
	Duration time.Duration `key:"duration"`
	// StopWhen ends the trial as soon as nothing more is to be measured:
	// detected, every crash noticed by somebody; removed, every crash
	// confirmed by everybody. Empty runs to Duration.
	StopWhen string `key:"stop_when"`
}

var (
	presets        = map[string]func() swim.Config{"paper": swim.Paper, "deployed": swim.Deployed, "fixed": swim.Fixed}
	orders         = map[string]swim.Order{"paper": swim.PaperOrder, "deployed": swim.DeployedOrder}
	selections     = map[string]swim.Selection{"round_robin": swim.RoundRobin, "random": swim.RandomTarget}
	disseminations = map[string]swim.Dissemination{"infection": swim.Infection, "multicast": swim.Multicast, "none": swim.NoDissemination}
)

// maxMembers bounds a group; a definition that asks for more is surely a slip.
const maxMembers = 2_000_000

// newScenario decodes and checks a Spec.
func newScenario(spec trial.Spec) (*Scenario, error) {
	s := &Scenario{Measure: spec.Measure, Seed: spec.Seed}
	if err := s.System.decode(spec.System); err != nil {
		return nil, err
	}
	if err := trial.Decode("network", spec.Network, &s.Network); err != nil {
		return nil, err
	}
	if err := trial.Decode("run", spec.Run, &s.Run); err != nil {
		return nil, err
	}
	for i, section := range spec.Faults {
		fault, err := newFault(fmt.Sprintf("faults.%d", i), section)
		if err != nil {
			return nil, err
		}
		s.Faults = append(s.Faults, fault)
	}
	return s, s.check()
}

// decode fills in the preset's values first and the section's over them.
func (s *System) decode(section map[string]any) error {
	name, _ := section["preset"].(string)
	if name == "" {
		name = "paper"
	}
	base, ok := presets[name]
	if !ok {
		return &trial.KeyError{Key: "system.preset", Got: section["preset"], Want: "paper, deployed or fixed"}
	}
	c := base()
	*s = System{
		Preset: name, Phases: "uniform", Table: "auto",
		ProtocolPeriod: c.ProtocolPeriod, PingTimeout: c.PingTimeout, PingReqMembers: c.PingReqMembers,
		Selection: nameOf(selections, c.Selection), Dissemination: nameOf(disseminations, c.Dissemination),
		Suspicion: c.Suspicion, SuspicionMult: c.SuspicionMult, RetransmitMult: c.RetransmitMult,
		MaxUpdates: c.MaxUpdates, Balanced: c.Balanced, PingerClears: c.PingerClears, StopWhenExcluded: c.StopWhenExcluded,
		Order: nameOf(orders, c.Order), RefuteConfirm: c.RefuteConfirm, CommonLog: c.CommonLog,
		GossipInterval: c.GossipInterval, GossipNodes: c.GossipNodes, GossipToTheDead: c.GossipToTheDead,
		PushPullInterval: c.PushPullInterval, LaunderSuspicions: c.LaunderSuspicions, StreamFallback: c.StreamFallback, KeepPace: c.KeepPace, AccusePinged: c.AccusePinged,
		AnswerFirst: c.AnswerFirst, LoneSuspicion: c.LoneSuspicion, LargestFirst: c.LargestFirst, LossyQueue: c.LossyQueue,
		StreamTimeout: 10 * time.Second, Lifeguard: lifeguardOf(name),
	}
	if given, is := section["coordinates"].(map[string]any); is {
		coordinates, err := preset.VivaldiOf("system.coordinates", given)
		if err != nil {
			return err
		}
		s.Coordinates = &coordinates
	}
	return trial.Decode("system", section, s)
}

func nameOf[T comparable](names map[string]T, value T) string {
	for name, v := range names {
		if v == value {
			return name
		}
	}
	return ""
}

// config is the protocol's configuration.
func (s System) config() swim.Config {
	c := swim.Config{
		ProtocolPeriod: s.ProtocolPeriod, PingTimeout: s.PingTimeout, PingReqMembers: s.PingReqMembers,
		Selection: selections[s.Selection], Dissemination: disseminations[s.Dissemination],
		Suspicion: s.Suspicion, SuspicionMult: s.SuspicionMult, RetransmitMult: s.RetransmitMult,
		MaxUpdates: s.MaxUpdates, Balanced: s.Balanced, PingerClears: s.PingerClears, StopWhenExcluded: s.StopWhenExcluded,
		Order: orders[s.Order], RefuteConfirm: s.RefuteConfirm, CommonLog: s.CommonLog,
		GossipInterval: s.GossipInterval, GossipNodes: s.GossipNodes, GossipToTheDead: s.GossipToTheDead,
		PushPullInterval: s.PushPullInterval, LaunderSuspicions: s.LaunderSuspicions, StreamFallback: s.StreamFallback, KeepPace: s.KeepPace, AccusePinged: s.AccusePinged,
		AnswerFirst: s.AnswerFirst, LoneSuspicion: s.LoneSuspicion, LargestFirst: s.LargestFirst, LossyQueue: s.LossyQueue,
	}
	wire := s.Wire
	if s.Coordinates != nil && wire.Contents == "" {
		wire.PayloadBytes = s.Coordinates.PayloadBytes()
	}
	wire.measure(&c)
	return c
}

// capacity is how many handles there will ever have been: those of the members
// at time 0, and one for every join and restart of the schedule.
func (s *Scenario) capacity() int {
	n := s.System.Members
	for _, f := range s.Faults {
		n += f.newcomers()
	}
	return n
}

// hosts is how many machines that takes. A process restarts where it ran.
func (s *Scenario) hosts() int {
	n := s.System.Members
	for _, f := range s.Faults {
		if f.Join != nil {
			n += f.Join.Members
		}
	}
	return n
}

// placeOnHosts draws a host of the dataset for each handle, without repetition.
// Those of restarted processes are left open.
func (s *Scenario) placeOnHosts(hosts int, rng *rand.Rand) []int {
	free := rng.Perm(hosts)
	placed := make([]int, 0, s.capacity())
	place := func(n int) {
		placed = append(placed, free[:n]...)
		free = free[n:]
	}
	place(s.System.Members)
	for _, f := range s.Faults {
		if f.Join != nil {
			place(f.Join.Members)
		} else {
			placed = append(placed, make([]int, f.newcomers())...)
		}
	}
	return placed
}
