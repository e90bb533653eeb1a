package stream

import (
	"context"
	"time"

	"github.com/swimlab/swimlab/experiments/sim/picture"
	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/vivaldi"
)

// Film runs a trial before a watcher. Its clock is frames of round trips, which
// change from one to the next. Members are shown where applications are told that
// they are, by which they are judged. A round trip longer than members believe
// counts as none. The error is a *trial.KeyError where no member takes a sample.
func Film(ctx context.Context, spec trial.Spec, open Open, watch picture.Watcher) error {
	if err := CheckFilm(spec); err != nil {
		return err
	}
	p, err := decode(spec)
	if err != nil {
		return err
	}
	frames, err := p.load(open)
	if err != nil {
		return err
	}
	w, err := newWorld(p, frames, spec.Seed)
	if err != nil {
		return err
	}
	name := p.Dataset
	if p.Frames > 0 {
		name += ":1"
	}
	hosts, err := open(name) // the mean of both directions forgets who they are between
	if err != nil {
		return &trial.KeyError{Key: "network.dataset", Err: err}
	}
	end := float64(w.total())
	watch.Begin(picture.Cast{
		Space: p.config.Space, Nodes: picture.Nodes(hosts), OnEarth: true, Directed: p.Frames > 0,
		Springs: w.springs(), Clock: "frames", End: end,
	})
	if err := w.show(watch, 0); err != nil {
		return err
	}
	turn, turns := 0, len(w.members)*p.Samples
	w.onSample = func() error {
		turn++
		return w.show(watch, float64(turn)/float64(turns))
	}
	for w.more() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := w.frame(); err != nil {
			return err
		}
	}
	w.done-- // the last frame's round trips are those that hold at the end
	return w.show(watch, end)
}

// CheckFilm says whether a trial is one that a film can be made of, as far as that
// goes without its dataset.
func CheckFilm(spec trial.Spec) error {
	if passes, ok := spec.Run["passes"].(int); ok && passes == 0 {
		return &trial.KeyError{Key: "run.passes", Got: passes, Want: "1 or more in a film: the trial asks about round trips alone and embeds nothing"}
	}
	return nil
}

func (w *world) show(watch picture.Watcher, at float64) error {
	if !watch.Wants(at) {
		return nil
	}
	rtts := w.frames[w.done%len(w.frames)]
	known := make([]bool, len(w.members))
	for i, m := range w.members {
		place := m.ApplicationCoordinate()
		known[i] = place.Known()
	}
	return watch.Look(picture.Frame{
		At:       at,
		Joined:   known,
		Place:    func(i int) vivaldi.Coordinate { return w.members[i].ApplicationCoordinate() },
		Estimate: func(i int) float64 { return w.members[i].ErrorEstimate() },
		RTT: func(i, j int) time.Duration {
			if rtt, ok := rtts.RTT(i, j); ok && rtt <= w.config.MaxRTT {
				return rtt
			}
			return 0
		},
		Predicted: func(i, j int) time.Duration {
			from, to := w.members[i].ApplicationCoordinate(), w.members[j].ApplicationCoordinate()
			return vivaldi.Distance(&from, &to)
		},
	})
}

// springs lists whom each member may ever sample.
func (w *world) springs() [][]int {
	if w.NeighbourChoice != "gossip" {
		return w.fixed
	}
	springs := make([][]int, len(w.members))
	for i := range springs {
		for j := range w.members {
			if j != i {
				springs[i] = append(springs[i], j)
			}
		}
	}
	return springs
}
