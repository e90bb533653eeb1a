package virtual

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/memberlist"

	memberlistworld "github.com/swimlab/swimlab/experiments/memberlist"
	"github.com/swimlab/swimlab/experiments/sim"
	"github.com/swimlab/swimlab/experiments/trial"
)

// scenario is a trial as memberlist can run it.
type scenario struct {
	*sim.Scenario
	Peer Peer
}

// Peer is the `system.peer` section, which the simulator does not have.
type Peer struct {
	// ReceiveBuffer is how many bytes of datagrams wait in a member's socket, as
	// Linux accounts for them; 0 is any number. memberlist asks for 2 MB and gets
	// net.core.rmem_max, 212,992 unless an administrator says otherwise, which
	// the kernel doubles to have room for its bookkeeping.
	ReceiveBuffer int `key:"receive_buffer"`
	// ReadTime is how long a member takes to read one datagram.
	ReadTime time.Duration `key:"read_time"`
	// ResumeTime is how much later than a member's reader its other tasks go on when
	// it is let through again. By default all go on at that instant, and have done
	// what they can before the second datagram is read; with 10us, a backlog of up to
	// 10,000 datagrams is read first.
	ResumeTime time.Duration `key:"resume_time"`
	// RealTime has the trial take as long as it says, on all processors and at the
	// mercy of Go's scheduler, as agents do: reading and handling go on side by side.
	// It needs a machine that is otherwise idle.
	RealTime bool `key:"real_time"`
}

const receiveBuffer = 2 * 212_992

// leastReadTime is what reading a datagram takes.
func (p Peer) leastReadTime() time.Duration {
	if p.RealTime {
		return p.ReadTime
	}
	return max(p.ReadTime, instant)
}

// newScenario decodes a Spec and says what of it memberlist cannot do.
func newScenario(spec trial.Spec) (*scenario, error) {
	s := &scenario{Peer: Peer{ReceiveBuffer: receiveBuffer}}
	if err := trial.Decode("system.peer", spec.System["peer"], &s.Peer); err != nil {
		return nil, err
	}
	spec.System = maps.Clone(spec.System)
	delete(spec.System, "peer")
	var err error
	if s.Scenario, err = sim.ReadScenario(spec); err != nil {
		return nil, err
	}
	return s, s.check(spec)
}

func (s *scenario) check(spec trial.Spec) error {
	if s.System.Preset != "deployed" {
		return &trial.KeyError{Key: "system.preset", Got: s.System.Preset, Want: "deployed, which is what memberlist is"}
	}
	if err := s.checkFixed(spec); err != nil {
		return err
	}
	l := s.System.Lifeguard
	switch {
	case !whole(s.System.SuspicionMult):
		return &trial.KeyError{Key: "system.suspicion_mult", Got: s.System.SuspicionMult, Want: "a whole number: memberlist's SuspicionMult is one"}
	case !whole(s.System.RetransmitMult):
		return &trial.KeyError{Key: "system.retransmit_mult", Got: s.System.RetransmitMult, Want: "a whole number: memberlist's RetransmitMult is one"}
	case !whole(l.Beta):
		return &trial.KeyError{Key: "system.lifeguard.beta", Got: l.Beta, Want: "a whole number: memberlist's SuspicionMaxTimeoutMult is one"}
	case !l.LHAProbe:
		return &trial.KeyError{Key: "system.lifeguard.lha_probe", Got: false, Want: "true: memberlist always has it; with s: 0 the score never moves"}
	case !l.LHASuspicion:
		return &trial.KeyError{Key: "system.lifeguard.lha_suspicion", Got: false, Want: "true: memberlist always has it; with beta: 1 the time-outs do not stretch"}
	case !l.Buddy:
		return &trial.KeyError{Key: "system.lifeguard.buddy", Got: false, Want: "true: memberlist always tells a suspect with the ping"}
	case s.everybody() > 4096:
		return &trial.KeyError{Key: "system.members", Got: s.everybody(), Want: "with those that join at most 4096: every member is a memberlist with goroutines and a list of its own"}
	case s.System.Wire.NameBytes > 0 && s.System.Wire.NameBytes < 5:
		return &trial.KeyError{Key: "system.wire.name_bytes", Got: s.System.Wire.NameBytes, Want: "5 or more, for names that differ"}
	case s.System.Wire.MetaBytes > memberlist.MetaMaxSize:
		return &trial.KeyError{Key: "system.wire.meta_bytes", Got: s.System.Wire.MetaBytes, Want: fmt.Sprintf("at most %d, memberlist's limit", memberlist.MetaMaxSize)}
	case s.System.Coordinates != nil:
		return &trial.KeyError{Key: "system.coordinates", Err: errors.New("memberlist keeps no coordinates; Serf does"), Want: "no such key"}
	case s.Peer.ReceiveBuffer < 0:
		return &trial.KeyError{Key: "system.peer.receive_buffer", Got: s.Peer.ReceiveBuffer, Want: "0 for any size, or a number of bytes"}
	case s.Peer.ReadTime < 0:
		return &trial.KeyError{Key: "system.peer.read_time", Got: s.Peer.ReadTime, Want: `0 for no time, or a time, such as "20us"`}
	case s.Peer.ResumeTime < 0:
		return &trial.KeyError{Key: "system.peer.resume_time", Got: s.Peer.ResumeTime, Want: `0 for none, or a time, such as "10us"`}
	case s.Network.Dataset != "":
		return &trial.KeyError{Key: "network.dataset", Err: errors.New("recorded round trips are not available to memberlist"), Want: "network.latency"}
	case s.Network.Reorder > 0:
		return &trial.KeyError{Key: "network.reorder", Got: s.Network.Reorder, Want: "0: datagrams overtake each other as their latencies have it"}
	}
	for i, f := range s.Faults {
		if f.Crash == nil && f.Leave == nil && f.Join == nil && f.Pause == nil && f.Slow == nil && f.Partition == nil {
			return &trial.KeyError{Key: fmt.Sprintf("faults.%d", i), Err: errors.New("this fault is not available to memberlist"), Want: "one of crash, leave, join, pause, slow, partition"}
		}
	}
	for i, f := range s.Faults {
		if f.Slow != nil && f.Slow.PerMessage > 0 {
			return &trial.KeyError{Key: fmt.Sprintf("faults.%d.slow.per_message", i), Got: f.Slow.PerMessage, Want: "system.peer.read_time, which holds for all members"}
		}
	}
	for i, name := range s.Measure {
		if !slices.Contains(memberlistworld.Observed(), name) {
			return &trial.KeyError{Key: fmt.Sprintf("measure.%d", i), Err: fmt.Errorf("%s cannot be observed of memberlist", name), Want: "one of " + strings.Join(memberlistworld.Observed(), ", ")}
		}
		if strings.HasPrefix(name, "infection") && slices.ContainsFunc(s.Faults, func(f sim.Fault) bool { return f.Crash != nil }) {
			return &trial.KeyError{Key: fmt.Sprintf("measure.%d", i), Err: fmt.Errorf("%s of a crash begins with suspicions, which memberlist does not tell of", name), Want: "leave in the place of crash, or removal"}
		}
	}
	return nil
}

// everybody is how many members there will ever have been.
func (s *scenario) everybody() int {
	n := s.System.Members
	for _, f := range s.Faults {
		if f.Join != nil {
			n += f.Join.Members
		}
	}
	return n
}

// checkFixed holds what memberlist does not leave open against the deployed preset.
func (s *scenario) checkFixed(spec trial.Spec) error {
	bare := trial.Spec{System: map[string]any{"protocol": "swim", "preset": "deployed", "members": 1}, Run: map[string]any{"duration": "1s"}}
	deployed, err := sim.ReadScenario(bare)
	if err != nil {
		return err
	}
	is, want := s.System, deployed.System
	for _, f := range []struct {
		key      string
		is, want any
	}{
		{"selection", is.Selection, want.Selection}, {"dissemination", is.Dissemination, want.Dissemination},
		{"suspicion", is.Suspicion, want.Suspicion}, {"balanced", is.Balanced, want.Balanced},
		{"pinger_clears", is.PingerClears, want.PingerClears}, {"stop_when_excluded", is.StopWhenExcluded, want.StopWhenExcluded},
		{"order", is.Order, want.Order}, {"refute_confirm", is.RefuteConfirm, want.RefuteConfirm}, {"common_log", is.CommonLog, want.CommonLog},
		{"launder_suspicions", is.LaunderSuspicions, want.LaunderSuspicions}, {"keep_pace", is.KeepPace, want.KeepPace}, {"accuse_pinged", is.AccusePinged, want.AccusePinged},
		{"answer_first", is.AnswerFirst, want.AnswerFirst}, {"lone_suspicion", is.LoneSuspicion, want.LoneSuspicion}, {"largest_first", is.LargestFirst, want.LargestFirst}, {"lossy_queue", is.LossyQueue, want.LossyQueue},
		{"lifeguard.score_acked", is.Lifeguard.ScoreAcked, want.Lifeguard.ScoreAcked}, {"lifeguard.score_failed", is.Lifeguard.ScoreFailed, want.Lifeguard.ScoreFailed},
		{"lifeguard.score_missed_nack", is.Lifeguard.ScoreMissedNack, want.Lifeguard.ScoreMissedNack}, {"lifeguard.score_refuted", is.Lifeguard.ScoreRefuted, want.Lifeguard.ScoreRefuted},
		{"lifeguard.every_nack", is.Lifeguard.EveryNack, want.Lifeguard.EveryNack}, {"lifeguard.nacks_excuse", is.Lifeguard.NacksExcuse, want.Lifeguard.NacksExcuse},
		{"lifeguard.nack_share", is.Lifeguard.NackShare, want.Lifeguard.NackShare}, {"lifeguard.keep_timeout", is.Lifeguard.KeepTimeout, want.Lifeguard.KeepTimeout},
		{"lifeguard.k", is.Lifeguard.K, want.Lifeguard.K}, {"lifeguard.k_from_alpha", is.Lifeguard.KFromAlpha, want.Lifeguard.KFromAlpha},
	} {
		if f.is != f.want {
			return &trial.KeyError{Key: "system." + f.key, Got: f.is, Want: fmt.Sprintf("%v: memberlist leaves no choice", f.want)}
		}
	}
	return nil
}

func whole(x float64) bool { return x == float64(int(x)) }

// config is the configuration of one memberlist. Whatever the definition does not
// say is as in memberlist's LAN profile, but for compression: the sizes that the
// simulator counts are uncompressed.
func (s *scenario) config() *memberlist.Config {
	y, c := s.System, memberlist.DefaultLANConfig()
	c.ProbeInterval, c.ProbeTimeout, c.IndirectChecks = y.ProtocolPeriod, y.PingTimeout, y.PingReqMembers
	c.SuspicionMult, c.RetransmitMult = int(y.SuspicionMult), int(y.RetransmitMult)
	c.GossipInterval, c.GossipNodes, c.GossipToTheDeadTime = y.GossipInterval, y.GossipNodes, y.GossipToTheDead
	c.PushPullInterval, c.TCPTimeout, c.DisableTcpPings = y.PushPullInterval, y.StreamTimeout, !y.StreamFallback
	c.EnableCompression = false
	if y.Wire.PacketBytes > 0 {
		c.UDPBufferSize = y.Wire.PacketBytes
	}
	c.AwarenessMaxMultiplier = y.Lifeguard.S + 1 // scores go from 0 to one less
	c.SuspicionMaxTimeoutMult = int(y.Lifeguard.Beta)
	return c
}
