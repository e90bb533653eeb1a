package loopback

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/swimlab/swimlab/experiments/observed"
	"github.com/swimlab/swimlab/experiments/sim"
	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/swim"
	"github.com/swimlab/swimlab/swim/live"
	"github.com/swimlab/swimlab/swim/live/wire"
)

// maxMembers bounds a cluster: each member is a process.
const maxMembers = 512

// newScenario decodes a Spec and says what of it processes cannot do.
func newScenario(spec trial.Spec) (*sim.Scenario, error) {
	s, err := sim.ReadScenario(spec)
	if err != nil {
		return nil, err
	}
	y := s.System
	protocol, _ := y.Configs()
	switch {
	case protocol.Order != swim.DeployedOrder:
		return nil, &trial.KeyError{Key: "system.order", Got: y.Order, Want: "deployed, which memberlist's protocol needs (as in preset deployed and fixed)"}
	case !protocol.RefuteConfirm:
		return nil, &trial.KeyError{Key: "system.refute_confirm", Got: false, Want: "true, which memberlist's protocol needs (as in preset deployed and fixed)"}
	case protocol.Dissemination == swim.Multicast:
		return nil, &trial.KeyError{Key: "system.dissemination", Got: y.Dissemination, Want: "infection or none: members have no multicast"}
	case y.Phases != "uniform":
		return nil, &trial.KeyError{Key: "system.phases", Got: y.Phases, Want: "uniform: processes do not start at one instant"}
	case y.Coordinates != nil:
		return nil, &trial.KeyError{Key: "system.coordinates", Err: errors.New("cannot be set here"), Want: "none: coordinates are not observed of processes"}
	case y.Members < 2 || everybody(s) > maxMembers:
		return nil, &trial.KeyError{Key: "system.members", Got: y.Members, Want: fmt.Sprintf("2 to %d, those who come later included: every member is a process", maxMembers)}
	case y.Wire.NameBytes > live.MaxName || y.Wire.NameBytes > 0 && y.Wire.NameBytes < 5:
		return nil, &trial.KeyError{Key: "system.wire.name_bytes", Got: y.Wire.NameBytes, Want: fmt.Sprintf("5 to %d, for names that differ", live.MaxName)}
	case y.Wire.MetaBytes > wire.MaxMeta:
		return nil, &trial.KeyError{Key: "system.wire.meta_bytes", Got: y.Wire.MetaBytes, Want: fmt.Sprintf("at most %d", wire.MaxMeta)}
	case y.Wire.PayloadBytes != 0 && y.Wire.PayloadBytes != wire.CoordinateSize:
		return nil, &trial.KeyError{Key: "system.wire.payload_bytes", Got: y.Wire.PayloadBytes, Want: fmt.Sprintf("0, for acks as Alertmanager's, or %d, for those of Serf with a coordinate", wire.CoordinateSize)}
	case s.Network.Dataset != "":
		return nil, &trial.KeyError{Key: "network.dataset", Err: errors.New("recorded round trips are not available to processes"), Want: "network.latency"}
	case s.Network.Duplicate > 0:
		return nil, &trial.KeyError{Key: "network.duplicate", Got: s.Network.Duplicate, Want: "0: members do not duplicate"}
	case s.Network.Reorder > 0:
		return nil, &trial.KeyError{Key: "network.reorder", Got: s.Network.Reorder, Want: "0: datagrams overtake each other as their latencies have it"}
	case s.Run.Duration > time.Hour:
		return nil, &trial.KeyError{Key: "run.duration", Got: s.Run.Duration, Want: "at most 1h: time is real here"}
	}
	for i, f := range s.Faults {
		key := fmt.Sprintf("faults.%d", i)
		switch {
		case f.OneWay != nil:
			return nil, &trial.KeyError{Key: key + ".one_way", Err: errors.New("is not available to processes"), Want: "one of crash, restart, leave, join, pause, slow, cpu_exhaustion, partition, loss"}
		case f.Loss != nil && f.Loss.Rate >= 1:
			return nil, &trial.KeyError{Key: key + ".loss.rate", Got: f.Loss.Rate, Want: "less than 100 %: a partition loses everything, streams included"}
		case f.Slow != nil && f.Slow.PerMessage > 0:
			return nil, &trial.KeyError{Key: key + ".slow.per_message", Got: f.Slow.PerMessage, Want: "none: a process reads as fast as it does"}
		case f.CPU != nil:
			if err := checkCPU(key+".cpu_exhaustion", f.CPU); err != nil {
				return nil, err
			}
		}
	}
	names := measures()
	for i, name := range s.Measure {
		if !slices.Contains(names, name) {
			return nil, &trial.KeyError{Key: fmt.Sprintf("measure.%d", i), Err: fmt.Errorf("%s cannot be observed of processes", name), Want: "one of " + strings.Join(names, ", ")}
		}
		if strings.HasPrefix(name, "infection") && slices.ContainsFunc(s.Faults, func(f sim.Fault) bool { return f.Crash != nil }) {
			return nil, &trial.KeyError{Key: fmt.Sprintf("measure.%d", i), Err: fmt.Errorf("%s of a crash is not followed here", name), Want: "leave in the place of crash, or removal"}
		}
	}
	_, err = faultsOf(s.Network)
	return s, err
}

// measures are the names of what can be observed here.
func measures() []string {
	names := append(observed.Names(), sentMean)
	slices.Sort(names)
	return names
}

// checkCPU says what of the shortage of processor time processes cannot have.
func checkCPU(key string, f *sim.CPUFault) error {
	switch {
	case f.PerMessage > 0:
		return &trial.KeyError{Key: key + ".per_message", Got: f.PerMessage, Want: "none: a process reads as fast as it does"}
	case f.Backlog > 0:
		return &trial.KeyError{Key: key + ".backlog", Got: f.Backlog, Want: "none: the system decides how much waits for a process"}
	}
	if run, stall, ok := constants(f); ok && (run < minQuota || run+stall > maxQuotaPeriod) {
		return &trial.KeyError{Key: key, Err: fmt.Errorf("running for %v in every %v is no quota that there is", run, run+stall),
			Want: fmt.Sprintf("run of at least %v, and run and stall of at most %v together; or random ones, for which processes are stopped", minQuota, maxQuotaPeriod)}
	}
	return nil
}

// A quota of a control group, as Linux has it.
const (
	minQuota       = time.Millisecond
	maxQuotaPeriod = time.Second
)

// faultsOf is the network as the members' shells make it: each delays and loses what
// it sends.
func faultsOf(n sim.Network) (Faults, error) {
	f := Faults{LossOut: float64(n.Loss)}
	for _, d := range []struct {
		key string
		sim.Distribution
	}{{"network.latency", n.Latency}, {"network.jitter", n.Jitter}} {
		least, width, ok := d.Span()
		if !ok || f.Jitter > 0 && width > 0 {
			return f, &trial.KeyError{Key: d.key, Err: errors.New("this distribution is not available to processes"), Want: "one constant or uniform time, latency and jitter taken together"}
		}
		f.Delay += least
		f.Jitter += width
	}
	return f, nil
}
