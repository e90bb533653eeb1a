package sim

import (
	"context"
	"sort"

	"github.com/swimlab/swimlab/experiments/sim/coordinates"
	"github.com/swimlab/swimlab/experiments/sim/embedding"
	streams "github.com/swimlab/swimlab/experiments/sim/stream"
	"github.com/swimlab/swimlab/experiments/trial"
)

// World is the world "simulation". It runs groups of members (protocol swim)
// here, embeddings of round-trip times (protocol vivaldi) in package embedding,
// members on recorded streams of them (protocol vivaldi_stream) in package stream,
// and what is done with coordinates (protocol coordinates) in package coordinates.
type World struct {
	open func(name string) (RTTs, error)
}

// NewWorld returns the world. open loads a dataset by name; the error it gives
// for one that is absent should say how to get it.
func NewWorld(open func(name string) (RTTs, error)) *World { return &World{open} }

var _ trial.Tracer = (*World)(nil)

// Name implements [trial.World].
func (w *World) Name() string { return "simulation" }

// Protocols implements [trial.World].
func (w *World) Protocols() []string {
	return []string{"swim", "vivaldi", streams.Protocol, coordinates.Protocol}
}

// Measures implements [trial.World].
func (w *World) Measures(protocol string) []trial.Measure {
	switch protocol {
	case "vivaldi":
		return embedding.Measures()
	case coordinates.Protocol:
		return coordinates.Measures()
	case streams.Protocol:
		return streams.Measures()
	case "swim":
		list := make([]trial.Measure, 0, len(measures))
		for _, m := range measures {
			list = append(list, m.Measure)
		}
		sort.Slice(list, func(i, j int) bool { return list[i].Name < list[j].Name })
		return list
	}
	return nil
}

// DatasetNames implements [trial.World].
func (w *World) DatasetNames(spec trial.Spec) []string {
	switch spec.System["protocol"] {
	case "vivaldi":
		return embedding.DatasetNames(spec)
	case coordinates.Protocol:
		return coordinates.DatasetNames(spec)
	case streams.Protocol:
		return streams.DatasetNames(spec)
	}
	if name, _ := spec.Network["dataset"].(string); name != "" {
		return []string{name}
	}
	return nil
}

// Check implements [trial.World].
func (w *World) Check(spec trial.Spec) error {
	switch spec.System["protocol"] {
	case "vivaldi":
		return embedding.Check(spec, w.openEmbedding)
	case coordinates.Protocol:
		return coordinates.Check(spec, w.openCoordinates)
	case streams.Protocol:
		return streams.Check(spec, w.openStream)
	case "swim":
		s, err := newScenario(spec)
		if err == nil {
			_, err = w.hosts(s)
		}
		return err
	}
	return &trial.KeyError{Key: "system.protocol", Got: spec.System["protocol"], Want: "swim, vivaldi, vivaldi_stream or coordinates"}
}

func (w *World) openEmbedding(name string) (embedding.RTTs, error)     { return w.open(name) }
func (w *World) openStream(name string) (streams.RTTs, error)          { return w.open(name) }
func (w *World) openCoordinates(name string) (coordinates.RTTs, error) { return w.open(name) }

// Run implements [trial.World].
func (w *World) Run(ctx context.Context, spec trial.Spec) (trial.Observations, error) {
	switch spec.System["protocol"] {
	case "vivaldi":
		return embedding.Run(ctx, spec, w.openEmbedding)
	case coordinates.Protocol:
		return coordinates.Run(ctx, spec, w.openCoordinates)
	case streams.Protocol:
		return streams.Run(ctx, spec, w.openStream)
	}
	c, err := w.cluster(spec)
	if err != nil {
		return trial.Observations{}, err
	}
	write := make([]func(*trial.Observations), len(c.scenario.Measure))
	for i, name := range c.scenario.Measure {
		write[i] = measures[name].attach(c)
	}
	if err := c.run(ctx); err != nil {
		return trial.Observations{}, err
	}
	o := trial.Observations{Samples: map[string][]float64{}, Series: map[string]trial.Series{}, Virtual: c.now, Events: c.events}
	for _, f := range write {
		f(&o)
	}
	return o, nil
}

// cluster builds the group of a trial, with its stop condition.
func (w *World) cluster(spec trial.Spec) (*Cluster, error) {
	s, err := newScenario(spec)
	if err != nil {
		return nil, err
	}
	return w.clusterOf(s)
}

// clusterOf builds the group of a scenario.
func (w *World) clusterOf(s *Scenario) (*Cluster, error) {
	rtts, err := w.hosts(s)
	if err != nil {
		return nil, err
	}
	c := newCluster(s, rtts)
	c.stopWhenDone()
	return c, nil
}

// hosts opens the dataset that a scenario's members run on; nil if it has none.
func (w *World) hosts(s *Scenario) (RTTs, error) {
	name := s.Network.Dataset
	if name == "" {
		return nil, nil
	}
	rtts, err := w.open(name)
	if err != nil {
		return nil, err
	}
	return rtts, s.checkHosts(rtts)
}
