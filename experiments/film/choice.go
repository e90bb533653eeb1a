package film

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/swimlab/swimlab/datasets"
	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/vivaldi"
)

// spaces are those that can be chosen freely, and what a definition would say.
var spaces = []struct {
	name   string
	system map[string]any
}{
	{"2D", map[string]any{"dimensions": 2, "height": false}},
	{"3D", map[string]any{"dimensions": 3, "height": false}},
	{"2D+height", map[string]any{"dimensions": 2, "height": true}},
	{"3D+height", map[string]any{"dimensions": 3, "height": true}},
	{"5D", map[string]any{"dimensions": 5, "height": false}},
	{"8D+height", map[string]any{"dimensions": 8, "height": true}},
	{"sphere", map[string]any{"space": "sphere", "height": false}},
	{"sphere+height", map[string]any{"space": "sphere", "height": true}},
}

func spaceNames() []string {
	names := make([]string, len(spaces))
	for i, s := range spaces {
		names[i] = s.name
	}
	return names
}

// spec is the trial that the choices describe. A node takes one sample a second.
func (o EmbeddingOptions) spec(seed uint64) trial.Spec {
	system := map[string]any{
		"protocol": "vivaldi", "time_step": o.TimeStep, "cc": o.Cc, "delta": o.Delta, "neighbours": o.Neighbours, "radius": o.Radius.String(),
	}
	for _, s := range spaces {
		if s.name == o.Space {
			for key, value := range s.system {
				system[key] = value
			}
		}
	}
	return trial.Spec{
		Experiment: "live", World: "simulation", Seed: seed, System: system,
		Network: map[string]any{"dataset": o.Dataset},
		Run:     map[string]any{"duration": (time.Duration(o.Samples) * time.Second).String()},
	}
}

// drawn is a part of a dataset's hosts, in its order, without round trips that are
// too long to be believed.
type drawn struct {
	*datasets.Matrix
	hosts   []int
	refused int // pairs, either direction
}

// draw opens the dataset of a free choice and draws hosts of it. One without a
// round trip to any other of them is left out.
func draw(o EmbeddingOptions, stage Stage) (*drawn, error) {
	all, err := stage.Open(o.Dataset)
	if err != nil {
		return nil, &trial.KeyError{Key: "dataset", Err: err}
	}
	d := &drawn{Matrix: all.Symmetric()}
	rng := rand.New(rand.NewPCG(stage.Seed(o.Seed), 0))
	d.hosts = rng.Perm(all.Len())
	d.hosts = d.hosts[:min(len(d.hosts), o.Hosts)]
	slices.Sort(d.hosts)
	n := len(d.hosts)
	alone := make([]bool, n)
	for i := range n {
		alone[i] = true
		for j := range n {
			switch rtt, ok := d.Matrix.RTT(d.hosts[i], d.hosts[j]); {
			case !ok:
			case rtt > longest:
				d.refused++
			default:
				alone[i] = false
			}
		}
	}
	at := -1
	d.hosts = slices.DeleteFunc(d.hosts, func(int) bool { at++; return alone[at] })
	if len(d.hosts) < 2 {
		return nil, &trial.KeyError{Key: "dataset", Got: o.Dataset, Want: "one with round trips between the hosts drawn"}
	}
	return d, nil
}

// longest is the longest round trip that vivaldi believes.
var longest = vivaldi.Paper(vivaldi.Euclidean(2)).MaxRTT

func (d *drawn) Len() int { return len(d.hosts) }

func (d *drawn) Name(i int) string { return d.Matrix.Name(d.hosts[i]) }

func (d *drawn) Location(i int) (datasets.Location, bool) { return d.Matrix.Location(d.hosts[i]) }

func (d *drawn) RTT(i, j int) (time.Duration, bool) {
	rtt, ok := d.Matrix.RTT(d.hosts[i], d.hosts[j])
	if !ok || rtt > longest {
		return 0, false
	}
	return rtt, true
}
