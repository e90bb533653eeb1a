package embedding

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/swimlab/swimlab/experiments/trial"
)

// event is one entry of "faults": what happens to the network, and when.
//
//	faults:
//	  - {at: 300s, join: {nodes: 200}}
//	  - {at: 100s, slow: {stub: 0, factor: 10, for: 200s}}
type event struct {
	// At is when it happens, in whole seconds: before the samples of that second.
	At time.Duration `key:"at"`
	// Join has nodes come only now. They are drawn among all, and there is no
	// trace of them before.
	Join *joinEvent `key:"join"`
	// Slow makes the uplink of a stub domain slower.
	Slow *slowEvent `key:"slow"`
}

type joinEvent struct {
	Nodes int `key:"nodes"`
}

type slowEvent struct {
	Stub   int           `key:"stub"`
	Factor float64       `key:"factor"` // of the link's round trip
	For    time.Duration `key:"for"`    // 0 is to the end
}

// decodeSchedule reads "faults".
func (p plan) decodeSchedule(faults []any) ([]event, error) {
	var schedule []event
	joins := 0
	for i, section := range faults {
		key := fmt.Sprintf("faults.%d", i)
		var e event
		if err := trial.Decode(key, section, &e); err != nil {
			return nil, err
		}
		if !p.inTime() || p.method != "vivaldi" {
			return nil, &trial.KeyError{Key: key, Err: errors.New("nothing happens without time"), Want: "run.duration and method vivaldi with a schedule"}
		}
		if e.At < 0 || e.At%time.Second != 0 || e.At >= time.Duration(p.seconds)*time.Second {
			return nil, &trial.KeyError{Key: key + ".at", Got: e.At, Want: fmt.Sprintf("whole seconds before the end, %ds", p.seconds)}
		}
		switch {
		case (e.Join == nil) == (e.Slow == nil):
			return nil, &trial.KeyError{Key: key, Err: errors.New("it has neither join nor slow, or both"), Want: "one of them"}
		case e.Join != nil:
			joins++
			if e.Join.Nodes < 1 || joins > 1 {
				return nil, &trial.KeyError{Key: key + ".join.nodes", Got: e.Join.Nodes, Want: "1 or more, in one entry of the schedule"}
			}
		case p.network.TransitStub == nil:
			return nil, &trial.KeyError{Key: key + ".slow", Err: errors.New("the network has no stub domains"), Want: "network.transit_stub"}
		case e.Slow.Stub < 0 || e.Slow.Stub >= p.network.TransitStub.Transits*p.network.TransitStub.Stubs:
			return nil, &trial.KeyError{Key: key + ".slow.stub", Got: e.Slow.Stub, Want: fmt.Sprintf("0 to %d", p.network.TransitStub.Transits*p.network.TransitStub.Stubs-1)}
		case !(e.Slow.Factor > 0 && e.Slow.Factor <= 1000):
			return nil, &trial.KeyError{Key: key + ".slow.factor", Got: e.Slow.Factor, Want: "more than 0 and at most 1000"}
		case e.Slow.For < 0 || e.Slow.For%time.Second != 0:
			return nil, &trial.KeyError{Key: key + ".slow.for", Got: e.Slow.For, Want: "whole seconds, or nothing for the rest of the run"}
		}
		schedule = append(schedule, e)
	}
	return schedule, nil
}

// happen lets everything happen that is due before the samples of a second.
func (w *world) happen(second int) {
	now := time.Duration(second) * time.Second
	changed := false
	var slow []slowEvent
	for _, e := range w.schedule {
		switch {
		case e.Join != nil && e.At == now:
			w.join()
		case e.Slow != nil:
			changed = changed || e.At == now || e.ends() == now
			if e.At <= now && now < e.ends() {
				slow = append(slow, *e.Slow)
			}
		}
	}
	if changed {
		w.matrix.rtt = w.matrix.topology.slowed(slow)
		w.meet()
	}
}

// ends is when a slow link is as it was.
func (e event) ends() time.Duration {
	if e.Slow.For == 0 {
		return math.MaxInt64
	}
	return e.At + e.Slow.For
}

// newcomers is how many nodes the schedule lets join later.
func (p plan) newcomers() int {
	for _, e := range p.schedule {
		if e.Join != nil {
			return e.Join.Nodes
		}
	}
	return 0
}
