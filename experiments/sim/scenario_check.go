package sim

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/swim/live/wire"
)

// check says what is wrong with the scenario, naming one key.
func (s *Scenario) check() error {
	if err := firstError(s.System.check(), s.Network.check(), s.Run.check()); err != nil {
		return err
	}
	if s.System.Coordinates != nil && s.Network.Dataset == "" {
		return &trial.KeyError{Key: "system.coordinates", Err: errors.New("coordinates without recorded round trips"), Want: "network.dataset"}
	}
	if n := s.capacity(); s.System.Wire.Contents != "" && n > maxNamed {
		return &trial.KeyError{Key: "system.wire.contents", Err: fmt.Errorf("with joins and restarts there are %d members", n), Want: fmt.Sprintf("at most %d, whose names have one length", maxNamed)}
	}
	crashes := false
	for i, f := range s.Faults {
		key := fmt.Sprintf("faults.%d", i)
		if err := firstError(f.check(key, s), s.checkTime(key, f), s.checkRestarts(key, i)); err != nil {
			return err
		}
		crashes = crashes || f.Crash != nil
	}
	if s.Run.StopWhen != "" && !crashes {
		return &trial.KeyError{Key: "run.stop_when", Err: errors.New("it waits for crashes, and the faults hold none"), Want: "a crash, or no stop_when"}
	}
	if n := s.capacity(); n > maxMembers {
		return &trial.KeyError{Key: "faults", Err: fmt.Errorf("with joins and restarts there are %d members", n), Want: fmt.Sprintf("at most %d", maxMembers)}
	}
	for i, name := range s.Measure {
		if !has(measures, name) {
			return &trial.KeyError{Key: fmt.Sprintf("measure.%d", i), Got: quoted(name), Want: "one of " + measureNames()}
		}
	}
	return nil
}

func (s System) check() error {
	switch {
	case s.Members < 1 || s.Members > maxMembers:
		return &trial.KeyError{Key: "system.members", Got: s.Members, Want: fmt.Sprintf("a whole number from 1 to %d", maxMembers)}
	case s.Phases != "uniform" && s.Phases != "synchronised":
		return &trial.KeyError{Key: "system.phases", Got: quoted(s.Phases), Want: "uniform or synchronised"}
	case s.Table != "auto" && s.Table != "dense" && s.Table != "roster":
		return &trial.KeyError{Key: "system.table", Got: quoted(s.Table), Want: "auto, dense or roster"}
	case !has(selections, s.Selection):
		return &trial.KeyError{Key: "system.selection", Got: quoted(s.Selection), Want: "round_robin or random"}
	case !has(orders, s.Order):
		return &trial.KeyError{Key: "system.order", Got: quoted(s.Order), Want: "paper or deployed"}
	case s.StreamTimeout <= 0:
		return &trial.KeyError{Key: "system.stream_timeout", Got: s.StreamTimeout, Want: `more than 0, such as "10s"`}
	case !has(disseminations, s.Dissemination):
		return &trial.KeyError{Key: "system.dissemination", Got: quoted(s.Dissemination), Want: "infection, multicast or none"}
	case s.ProtocolPeriod <= 0 || s.ProtocolPeriod > longest:
		return &trial.KeyError{Key: "system.protocol_period", Got: s.ProtocolPeriod, Want: `a time above 0, such as "2s"`}
	case s.PingTimeout <= 0 || s.PingTimeout >= s.ProtocolPeriod:
		return &trial.KeyError{Key: "system.ping_timeout", Got: s.PingTimeout, Want: fmt.Sprintf("above 0, and less than the protocol period %v", s.ProtocolPeriod)}
	case s.PingReqMembers < 0:
		return &trial.KeyError{Key: "system.ping_req_members", Got: s.PingReqMembers, Want: "0 or more"}
	case s.Suspicion && (!usable(s.SuspicionMult) || s.SuspicionMult*float64(s.ProtocolPeriod)*math.Ceil(math.Log(maxMembers)) > float64(longest)):
		return &trial.KeyError{Key: "system.suspicion_mult", Got: s.SuspicionMult, Want: "a number above 0, and a time-out within 36 years"}
	case s.Dissemination == "infection" && !usable(s.RetransmitMult):
		return &trial.KeyError{Key: "system.retransmit_mult", Got: s.RetransmitMult, Want: "a number above 0, such as 3"}
	case s.Dissemination == "infection" && s.MaxUpdates < 1:
		return &trial.KeyError{Key: "system.max_updates", Got: s.MaxUpdates, Want: "1 or more"}
	}
	if err := firstError(s.Wire.check(), s.Lifeguard.check()); err != nil {
		return err
	}
	if s.Coordinates != nil {
		if s.Wire.PayloadBytes > 0 {
			return &trial.KeyError{Key: "system.wire.payload_bytes", Err: errors.New("an ack's payload is the coordinate, whose size is known"), Want: "payload_bytes or coordinates, not both"}
		}
		if err := s.Coordinates.Check("system.coordinates"); err != nil {
			return err
		}
		if s.Wire.carriesCoordinates() && s.Coordinates.Dimensions != wire.Dimensions {
			return &trial.KeyError{Key: "system.coordinates.dimensions", Got: s.Coordinates.Dimensions, Want: fmt.Sprintf("%d, as acks with these system.wire.contents bear", wire.Dimensions)}
		}
	}
	// What is left is the protocol's to judge.
	if err := s.config().Validate(); err != nil {
		return &trial.KeyError{Key: "system", Err: errors.New(strings.TrimPrefix(err.Error(), "swim: "))}
	}
	return nil
}

// usable says whether x can multiply a logarithm into a limit.
func usable(x float64) bool { return x > 0 && x <= 1e6 }

func (n Network) check() error {
	switch {
	case n.Dataset != "" && !n.Latency.Zero():
		return &trial.KeyError{Key: "network.dataset", Err: errors.New("both dataset and latency are given"), Want: "one of them"}
	case n.Reorder > 0 && n.ReorderDelay.Zero():
		return &trial.KeyError{Key: "network.reorder_delay", Want: "how long reordered messages are held back"}
	}
	return nil
}

func (r Run) check() error {
	switch {
	case r.Duration <= 0 || r.Duration > longest:
		return &trial.KeyError{Key: "run.duration", Got: r.Duration, Want: `more than 0, such as "120s"`}
	case r.Warmup < 0 || r.Warmup >= r.Duration:
		return &trial.KeyError{Key: "run.warmup", Got: r.Warmup, Want: fmt.Sprintf("0 or more, and less than the duration %v", r.Duration)}
	case r.StopWhen != "" && r.StopWhen != "detected" && r.StopWhen != "removed":
		return &trial.KeyError{Key: "run.stop_when", Got: quoted(r.StopWhen), Want: "detected or removed, or nothing"}
	}
	return nil
}

// checkHosts says whether the dataset has a host for everybody.
func (s *Scenario) checkHosts(rtts RTTs) error {
	if n := s.hosts(); n > rtts.Len() {
		return &trial.KeyError{Key: "network.dataset", Err: fmt.Errorf("%s has %d hosts, too few for %d members", s.Network.Dataset, rtts.Len(), n), Want: "at most one member a host"}
	}
	return nil
}

func has[T any](m map[string]T, key string) bool { _, ok := m[key]; return ok }

func quoted(s string) string { return fmt.Sprintf("%q", s) }
