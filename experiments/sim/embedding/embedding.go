package embedding

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/vivaldi"
)

// The streams of a trial's seed.
const (
	streamNeighbours = 1 + iota
	streamOrder
	streamDirections
)

func stream(seed uint64, which uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, which)) }

// DatasetNames lists the dataset a trial needs, without loading it.
func DatasetNames(spec trial.Spec) []string {
	if name, ok := spec.Network["dataset"].(string); ok && name != "" {
		return []string{name}
	}
	return nil
}

// Check says whether the trial could run: its sections, its measures and its
// dataset. Its error is a *trial.KeyError.
func Check(spec trial.Spec, open Open) error {
	p, err := decode(spec)
	if err != nil {
		return err
	}
	if _, err := chooseMeasures(spec.Measure); err != nil {
		return err
	}
	_, err = p.load(open)
	return err
}

// Run embeds the dataset and measures the result. In one round every node, in an
// order shuffled anew each round, samples each of its neighbours once, likewise.
// Observations.Events counts the samples.
func Run(ctx context.Context, spec trial.Spec, open Open) (trial.Observations, error) {
	p, err := decode(spec)
	if err != nil {
		return trial.Observations{}, err
	}
	wanted, err := chooseMeasures(spec.Measure)
	if err != nil {
		return trial.Observations{}, err
	}
	m, err := p.load(open)
	if err != nil {
		return trial.Observations{}, err
	}
	w, err := newWorld(p, m, spec.Seed)
	if err != nil {
		return trial.Observations{}, err
	}

	var overTime trial.Series
	next := 1
	for done := 1; done <= p.rounds; done++ {
		if err := ctx.Err(); err != nil {
			return trial.Observations{}, err
		}
		if err := w.round(); err != nil {
			return trial.Observations{}, err
		}
		if wanted.overTime && (done == next || done == p.rounds) {
			overTime.X = append(overTime.X, float64(w.samples)/float64(m.n))
			overTime.Y = append(overTime.Y, medianInPlace(w.relativeErrors(everyPair)))
			next = max(done+1, done*5/4)
		}
	}
	return w.observe(wanted, overTime), nil
}

// world is one trial under way.
type world struct {
	matrix     *matrix
	cloud      *vivaldi.Cloud
	neighbours [][]neighbour
	order      []int
	rng        *rand.Rand
	samples    uint64
}

func newWorld(p plan, m *matrix, seed uint64) (*world, error) {
	cloud, err := vivaldi.NewCloud(p.config, m.n, stream(seed, streamDirections))
	if err != nil {
		return nil, err
	}
	w := &world{
		matrix:     m,
		cloud:      cloud,
		neighbours: chooseNeighbours(m, p.neighbours, p.nearHalf, stream(seed, streamNeighbours)),
		order:      make([]int, m.n),
		rng:        stream(seed, streamOrder),
	}
	for i := range w.order {
		w.order[i] = i
	}
	return w, nil
}

// round shuffles a node's neighbours as well as the nodes: were their order
// fixed, a node would always come to rest nearest to where its last one wants it.
func (w *world) round() error {
	shuffle(w.rng, w.order)
	for _, i := range w.order {
		shuffle(w.rng, w.neighbours[i])
		for _, peer := range w.neighbours[i] {
			if err := w.cloud.Update(i, int(peer.node), peer.rtt); err != nil {
				return fmt.Errorf("node %d samples node %d: %w", i, peer.node, err)
			}
		}
		w.samples += uint64(len(w.neighbours[i]))
	}
	return nil
}

func shuffle[T any](rng *rand.Rand, s []T) {
	for i := len(s) - 1; i > 0; i-- {
		j := rng.IntN(i + 1)
		s[i], s[j] = s[j], s[i]
	}
}
