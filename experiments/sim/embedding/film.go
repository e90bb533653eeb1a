package embedding

import (
	"context"
	"errors"
	"time"

	"github.com/swimlab/swimlab/experiments/trial"
)

// Frame is an embedding at one instant, for pictures that move. What it points to
// is the film's own and holds until show returns.
type Frame struct {
	// At is how many samples a node has taken; with run.duration these are seconds.
	At float64
	// Places are the nodes in the dataset's order, turned as on a map, in ms.
	Places []trial.Place
	// Joined says who is there; nil when all are.
	Joined []bool
	// Estimates are the nodes' own error estimates.
	Estimates []float64
	// Errors are each node's median of |predicted−measured| to the peers that are
	// there, in ms; 0 of one that is not.
	Errors []float64
	// Springs are each node's contacts: the neighbours it samples.
	Springs [][]int
	// RTT is the round trip measured now, 0 where there is none, and Predicted
	// what the embedding says.
	RTT, Predicted func(i, j int) time.Duration
	// Over all pairs that are there.
	MedianRelativeError float64
	NodeMedianErrorMs   float64
}

// Film runs a trial of Vivaldi and shows it before the first sample, then after
// every so many samples of each node (seconds with run.duration, rounds of a
// sample to each neighbour without), and at the end. The same spec gives the same
// frames. An error of show ends the film and is returned.
func Film(ctx context.Context, spec trial.Spec, open Open, every int, show func(Frame) error) error {
	if every < 1 {
		return errors.New("embedding: a film looks every 1 or more steps")
	}
	spec.Measure = nil
	p, _, m, err := prepare(spec, open)
	if err != nil {
		return err
	}
	if p.method != "vivaldi" {
		return &trial.KeyError{Key: "system.method", Got: p.method, Want: "vivaldi in a film"}
	}
	w, err := newWorld(p, m, spec.Seed)
	if err != nil {
		return err
	}
	targets := m.targets()
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		if w.done%every == 0 || !w.more() {
			if err := show(w.frame(targets)); err != nil {
				return err
			}
		}
		if !w.more() {
			return nil
		}
		if err := w.step(); err != nil {
			return err
		}
	}
}

func (w *world) frame(targets [][]float64) Frame {
	v := w.view()
	f := Frame{
		At: w.at(), Places: v.allPlaces(targets), Joined: w.joined,
		Estimates: make([]float64, w.matrix.n), Errors: make([]float64, w.matrix.n), Springs: w.springs(),
		RTT: w.matrix.at, Predicted: w.cloud.Distance,
		MedianRelativeError: v.medianRelativeError(), NodeMedianErrorMs: v.nodeMedianAbsoluteError(),
	}
	errs := make([]float64, 0, w.matrix.n)
	for i := range f.Errors {
		f.Estimates[i] = w.cloud.ErrorEstimate(i)
		if w.joined != nil && !w.joined[i] {
			continue
		}
		if errs = v.nodeErrors(errs[:0], i, w.joined); len(errs) > 0 {
			f.Errors[i] = medianInPlace(errs)
		}
	}
	return f
}

// springs lists whom each node samples.
func (w *world) springs() [][]int {
	springs := make([][]int, w.matrix.n)
	for i := range springs {
		for _, set := range [][]neighbour{w.nearContacts[i], w.contacts[i]} {
			for _, peer := range set {
				springs[i] = append(springs[i], int(peer.node))
			}
		}
	}
	return springs
}
