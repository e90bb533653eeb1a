package embedding

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/swimlab/swimlab/experiments/sim/picture"
	"github.com/swimlab/swimlab/experiments/trial"
)

// Film runs a trial of Vivaldi before a watcher. Its clock is samples of each node,
// or seconds with run.duration. The error is a *trial.KeyError where the trial is
// one that embeds nothing, or does not embed step by step.
func Film(ctx context.Context, spec trial.Spec, open Open, watch picture.Watcher) error {
	if err := CheckFilm(spec); err != nil {
		return err
	}
	spec.Measure = nil
	p, _, m, err := prepare(spec, open)
	if err != nil {
		return err
	}
	w, err := newWorld(p, m, spec.Seed)
	if err != nil {
		return err
	}
	var nodes []picture.Node
	if p.dataset() != "" {
		rtts, err := open(p.dataset())
		if err != nil {
			return &trial.KeyError{Key: "network.dataset", Err: err}
		}
		nodes = picture.Nodes(rtts)
	}
	f := &filming{world: w, watch: watch}
	cast := f.cast(nodes)
	watch.Begin(cast)
	if err := f.look(0); err != nil {
		return err
	}
	w.onSample = func() error { return f.look(f.clock()) }
	for w.more() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := w.step(); err != nil {
			return err
		}
		if w.inTime() {
			if err := f.look(w.at()); err != nil {
				return err
			}
		}
	}
	return f.look(cast.End)
}

// ofMatrix are the measures that ask about round trips alone.
var ofMatrix = []string{"direction_share", "triangle_ratio_cdf", "triangle_violations", "triangle_violations_notable"}

// CheckFilm says whether a trial is one that a film can be made of, as far as that
// goes without its dataset.
func CheckFilm(spec trial.Spec) error {
	if method, ok := spec.System["method"].(string); ok && method != "vivaldi" {
		return &trial.KeyError{Key: "system.method", Got: method, Want: "vivaldi in a film"}
	}
	for _, name := range spec.Measure {
		if !slices.Contains(ofMatrix, name) {
			return nil
		}
	}
	if len(spec.Measure) > 0 {
		return &trial.KeyError{Key: "measure", Err: errors.New("the trial asks about round trips alone and embeds nothing"), Want: "one that embeds them, in a film"}
	}
	return nil
}

// filming is a trial before a watcher.
type filming struct {
	*world
	watch  picture.Watcher
	second int    // that samples are of now, from 1
	before uint64 // samples taken before it
}

// clock is the time after a sample. In a second the nodes take theirs one after
// the other.
func (f *filming) clock() float64 {
	if !f.inTime() {
		return f.at()
	}
	if f.second != f.done {
		f.second, f.before = f.done, f.samples-1
	}
	return float64(f.done-1) + float64(f.samples-f.before)/float64(f.matrix.n)
}

func (f *filming) look(at float64) error {
	if !f.watch.Wants(at) {
		return nil
	}
	return f.watch.Look(picture.Frame{
		At: at, Joined: f.joined,
		Place: f.cloud.Coordinate, Estimate: f.cloud.ErrorEstimate,
		RTT: f.matrix.at, Predicted: f.cloud.Distance,
	})
}

// cast lists the nodes of a topology, or gives those of the dataset their roles.
func (f *filming) cast(nodes []picture.Node) picture.Cast {
	c := picture.Cast{
		Space: f.config.Space, Nodes: nodes, OnEarth: nodes != nil, Directed: f.matrix.directed,
		Springs: f.springs(), Clock: "s", End: float64(f.seconds),
	}
	if nodes == nil {
		for _, s := range f.matrix.sites {
			c.Nodes = append(c.Nodes, picture.Node{Name: s.name, Region: s.group, X: s.x, Y: s.y, Located: s.known})
		}
	}
	if !f.inTime() {
		samples := 0
		for _, peers := range c.Springs {
			samples += len(peers) * f.rounds
		}
		c.Clock, c.End = "samples a node", float64(uint64(samples))/float64(f.matrix.n)
	}
	for i, old := range f.old {
		if !old {
			c.Nodes[i].Role = "newcomer"
		}
	}
	for _, e := range f.schedule {
		c.Events = append(c.Events, f.events(e, c.Nodes)...)
	}
	slices.SortStableFunc(c.Events, func(a, b picture.Event) int { return cmp.Compare(a.At, b.At) })
	return c
}

// events tells an entry of the schedule, and marks the nodes that it touches.
func (f *filming) events(e event, nodes []picture.Node) []picture.Event {
	if e.Join != nil {
		return []picture.Event{{At: e.At.Seconds(), What: fmt.Sprintf("%d nodes join", e.Join.Nodes)}}
	}
	stub := fmt.Sprintf("stub %d", e.Slow.Stub)
	for i, s := range f.matrix.sites {
		if s.group == stub {
			nodes[i].Role = "slow link"
		}
	}
	told := []picture.Event{{At: e.At.Seconds(), What: fmt.Sprintf("the uplink of %s becomes %g times slower", stub, e.Slow.Factor)}}
	if e.Slow.For > 0 && e.ends() < time.Duration(f.seconds)*time.Second {
		told = append(told, picture.Event{At: e.ends().Seconds(), What: fmt.Sprintf("the uplink of %s is as before", stub)})
	}
	return told
}

// springs lists whom each node samples, once all are there.
func (w *world) springs() [][]int {
	springs := make([][]int, w.matrix.n)
	for i := range springs {
		for _, set := range [][]neighbour{w.near[i], w.fixed[i]} {
			for _, peer := range set {
				springs[i] = append(springs[i], int(peer.node))
			}
		}
	}
	return springs
}
