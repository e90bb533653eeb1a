package coordinates

import (
	"context"
	"fmt"

	"github.com/swimlab/swimlab/experiments/sim/picture"
	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/vivaldi"
)

// Film runs a trial before a watcher. Its clock is samples of each node. Where
// there are liars, errors are those of honest nodes; a liar is shown where it
// is, not where it claims to be.
func Film(ctx context.Context, spec trial.Spec, open Open, watch picture.Watcher) error {
	spec.Measure = nil
	p, err := decode(spec)
	if err != nil {
		return err
	}
	rtts, err := p.load(open)
	if err != nil {
		return err
	}
	w, err := newWorld(p, rtts)
	if err != nil {
		return err
	}
	cast := w.cast(picture.Nodes(rtts))
	watch.Begin(cast)
	if err := w.show(watch, 0); err != nil {
		return err
	}
	taken := 0
	w.onSample = func() error {
		taken++
		return w.show(watch, float64(taken)/float64(w.hosts.n))
	}
	for w.round < p.run.Samples {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := w.step(); err != nil {
			return err
		}
	}
	return w.show(watch, cast.End)
}

func (w *world) show(watch picture.Watcher, at float64) error {
	if !watch.Wants(at) {
		return nil
	}
	return watch.Look(picture.Frame{
		At:        at,
		Place:     func(i int) vivaldi.Coordinate { return w.nodes[i].Coordinate() },
		Estimate:  func(i int) float64 { return w.nodes[i].ErrorEstimate() },
		RTT:       w.hosts.at,
		Predicted: w.distance,
	})
}

// cast gives the hosts of the dataset, or the servers in some of them, their roles.
func (w *world) cast(nodes []picture.Node) picture.Cast {
	if w.hosts.centres != nil {
		var servers []picture.Node
		for i := range w.hosts.n {
			server := nodes[w.hosts.centres[i/w.system.Servers]]
			server.Name = fmt.Sprintf("%s, server %d", server.Name, i%w.system.Servers)
			servers = append(servers, server)
		}
		nodes = servers
	}
	c := picture.Cast{
		Space: w.nodes[0].Config().Space, Nodes: nodes, OnEarth: true,
		Springs: w.pattern.peersOf(), Clock: "samples a node", End: float64(w.run.Samples),
	}
	liars := 0
	for i, is := range w.liars.is {
		if is {
			nodes[i].Role = "liar"
			liars++
		}
	}
	if liars == 0 {
		return c
	}
	if w.liars.Kind == "isolation" {
		nodes[w.liars.victim].Role = "victim"
	}
	for i := range nodes {
		c.Judged = append(c.Judged, w.isHonest(i))
	}
	c.Events = []picture.Event{{At: float64(w.run.AttackAfter), What: fmt.Sprintf("%d nodes begin to lie: %s", liars, w.liars.Kind)}}
	return c
}
