package film

import (
	"fmt"
	"math"
	"slices"

	"github.com/swimlab/swimlab/experiments/sim/picture"
	"github.com/swimlab/swimlab/experiments/trial"
)

// camera takes the frames of an embedding: as many of every trial, in short steps
// when all begin and after each event, when much moves, and in ever longer ones
// later.
type camera struct {
	cast   picture.Cast
	due    []float64
	frames []shot
	rtts   [][]float32 // the states of the network, as matrices
	err    error       // what makes a film impossible
}

var _ picture.Watcher = (*camera)(nil)

// shot is a frame as it was, before it is aligned.
type shot struct {
	cloud
	when                            float64
	epoch                           int // its matrix, in rtts
	heights, adjustments, estimates []float32
}

// Begin implements [picture.Watcher].
func (c *camera) Begin(cast picture.Cast) {
	c.cast = cast
	if n := len(cast.Nodes); n > maxNodes {
		c.err = &trial.KeyError{Key: "network", Err: fmt.Errorf("it has %d nodes", n), Want: fmt.Sprintf("at most %d for a film", maxNodes)}
	}
	begins := []float64{0}
	for _, e := range cast.Events {
		if e.At > begins[len(begins)-1] && e.At < cast.End {
			begins = append(begins, e.At)
		}
	}
	c.due = []float64{0}
	for k, from := range begins {
		to, last := cast.End, (frameCount-1)*(k+1)/len(begins)
		if k+1 < len(begins) {
			to = begins[k+1]
		}
		first := len(c.due) - 1
		for len(c.due) <= last {
			const growth = 5
			share := float64(len(c.due)-first) / float64(last-first)
			c.due = append(c.due, from+(to-from)*math.Expm1(growth*share)/math.Expm1(growth))
		}
	}
}

// Wants implements [picture.Watcher].
func (c *camera) Wants(at float64) bool {
	if c.err != nil {
		return true
	}
	return len(c.frames) < frameCount && c.due[len(c.frames)] <= at+1e-9*c.cast.End
}

// Look implements [picture.Watcher].
func (c *camera) Look(f picture.Frame) error {
	if c.err != nil {
		return c.err
	}
	n, d := len(c.cast.Nodes), c.cast.Space.Dimensions()
	s := shot{cloud: newCloud(n, d), when: f.At, heights: make([]float32, n), adjustments: make([]float32, n), estimates: make([]float32, n)}
	s.there = slices.Clone(f.Joined)
	for i := range n {
		at := f.Place(i)
		for k := range d {
			s.cloud.at(i)[k] = at.Vec[k] * 1e3
		}
		s.heights[i], s.adjustments[i], s.estimates[i] = float32(at.Height*1e3), float32(at.Adjustment*1e3), float32(f.Estimate(i))
	}
	var err error
	if s.epoch, err = c.state(f); err != nil {
		return err
	}
	for c.Wants(f.At) {
		s.points = slices.Clone(s.points)
		c.frames = append(c.frames, s)
	}
	return nil
}

// state finds the network's state among those that were, the latest first, or
// keeps it as a new one.
func (c *camera) state(f picture.Frame) (int, error) {
	n := len(c.cast.Nodes)
	rtt := func(i, j int) float32 { return float32(float64(f.RTT(i, j)) / 1e6) }
	same := func(was []float32) bool {
		for i := range n {
			for j := range n {
				if i != j && was[i*n+j] != rtt(i, j) {
					return false
				}
			}
		}
		return true
	}
	for k, was := range slices.Backward(c.rtts) {
		if same(was) {
			return k, nil
		}
	}
	if (len(c.rtts)+1)*n*n > maxRoundTrips {
		return 0, &trial.KeyError{Key: "network", Err: fmt.Errorf("its round trips change too often, of %d nodes", n), Want: fmt.Sprintf("at most %d round trips in a film", maxRoundTrips)}
	}
	now := make([]float32, n*n)
	for i := range n {
		for j := range n {
			if i != j {
				now[i*n+j] = rtt(i, j)
			}
		}
	}
	c.rtts = append(c.rtts, now)
	return len(c.rtts) - 1, nil
}
