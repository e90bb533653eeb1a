package embedding

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/vivaldi"
)

// The streams of a trial's seed.
const (
	streamNeighbours = 1 + iota
	streamOrder
	streamDirections
	streamTopology
	streamNewcomers
	streamStarts
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
	_, _, _, err := prepare(spec, open)
	return err
}

// prepare decodes and checks a trial and loads what it runs on.
func prepare(spec trial.Spec, open Open) (plan, choice, *matrix, error) {
	p, err := decode(spec)
	if err != nil {
		return plan{}, choice{}, nil, err
	}
	wanted, err := chooseMeasures(spec.Measure, p)
	if err != nil {
		return plan{}, choice{}, nil, err
	}
	m, err := p.load(open, spec.Seed)
	if err != nil {
		return plan{}, choice{}, nil, err
	}
	return p, wanted, m, p.checkNear(m)
}

// Run embeds the network and measures the result. Observations.Events counts the
// samples.
func Run(ctx context.Context, spec trial.Spec, open Open) (trial.Observations, error) {
	p, wanted, m, err := prepare(spec, open)
	if err != nil {
		return trial.Observations{}, err
	}
	if p.method != "vivaldi" {
		fitted, err := p.fit(ctx, m, stream(spec.Seed, streamStarts))
		if err != nil {
			return trial.Observations{}, err
		}
		return (&view{matrix: m, geometry: fitted}).observe(wanted), nil
	}
	w, err := newWorld(p, m, spec.Seed)
	if err != nil {
		return trial.Observations{}, err
	}
	curves := newCurves(wanted)
	for w.more() {
		if err := ctx.Err(); err != nil {
			return trial.Observations{}, err
		}
		if err := w.step(); err != nil {
			return trial.Observations{}, err
		}
		if w.due() || !w.more() {
			curves.look(w)
		}
	}
	observed := w.view().observe(wanted)
	curves.write(&observed)
	observed.Events = w.samples
	observed.Virtual = time.Duration(w.seconds) * time.Second
	return observed, nil
}

// world is one trial of Vivaldi under way. It goes by rounds, in which every node
// samples each of its neighbours once, or by seconds, in which every node
// samples one neighbour.
type world struct {
	plan
	matrix *matrix
	cloud  *vivaldi.Cloud
	rng    *rand.Rand
	order  []int
	// fixed are the neighbours drawn for each node, and near its near ones;
	// contacts and nearContacts are those of them that have joined.
	fixed, near            [][]neighbour
	contacts, nearContacts [][]neighbour

	joined []bool // nil when all are there from the start
	old    []bool // who was there from the start, likewise
	// before is where everybody was when the newcomers came; nil before that.
	before []vivaldi.Coordinate

	done    int // rounds or seconds
	next    int // when to look next
	samples uint64
	moved   float64 // seconds, by the samples of the last tenth, which are moves
	moves   int
	// onSample is called after each sample; nil unless somebody watches.
	onSample func() error
}

func newWorld(p plan, m *matrix, seed uint64) (*world, error) {
	cloud, err := vivaldi.NewCloud(p.config, m.n, stream(seed, streamDirections))
	if err != nil {
		return nil, err
	}
	w := &world{plan: p, matrix: m, cloud: cloud, rng: stream(seed, streamOrder), order: make([]int, m.n), next: 1}
	w.fixed, w.near = chooseNeighbours(m, p.policy, stream(seed, streamNeighbours))
	for i := range w.order {
		w.order[i] = i
	}
	if come := p.newcomers(); come > 0 {
		w.joined, w.old = make([]bool, m.n), make([]bool, m.n)
		shuffled := stream(seed, streamNewcomers).Perm(m.n)
		for _, i := range shuffled[come:] {
			w.joined[i], w.old[i] = true, true
		}
	}
	w.meet()
	return w, nil
}

// more says that the trial is not over.
func (w *world) more() bool { return w.done < max(w.rounds, w.seconds) }

// nearEnd says that the last tenth of the trial has begun.
func (w *world) nearEnd() bool { return 10*w.done >= 9*max(w.rounds, w.seconds) }

// step is one round or second.
func (w *world) step() error {
	if !w.inTime() {
		w.done++
		return w.round()
	}
	w.happen(w.done)
	w.done++
	return w.second()
}

// due says whether curves over time look now: every so many seconds, or in rounds
// spaced by a quarter of those done.
func (w *world) due() bool {
	if w.done < w.next {
		return false
	}
	if w.inTime() {
		w.next = w.done + w.every - w.done%w.every
	} else {
		w.next = max(w.done+1, w.done*5/4)
	}
	return true
}

// at is how far the trial is: seconds, or samples of each node.
func (w *world) at() float64 {
	if w.inTime() {
		return float64(w.done)
	}
	return float64(w.samples) / float64(w.matrix.n)
}

// join lets the newcomers in.
func (w *world) join() {
	w.before = make([]vivaldi.Coordinate, w.matrix.n)
	for i := range w.joined {
		w.joined[i] = true
		w.before[i] = w.cloud.Coordinate(i)
	}
	w.meet()
}

// meet makes each node's contacts from its neighbours: those that have joined, at
// the distance they have now.
func (w *world) meet() {
	w.contacts, w.nearContacts = w.present(w.fixed), w.present(w.near)
}

func (w *world) present(fixed [][]neighbour) [][]neighbour {
	present := make([][]neighbour, len(fixed))
	for i, peers := range fixed {
		present[i] = make([]neighbour, 0, len(peers))
		for _, peer := range peers {
			if w.joined == nil || w.joined[peer.node] {
				peer.rtt = w.matrix.at(i, int(peer.node))
				present[i] = append(present[i], peer)
			}
		}
	}
	return present
}

// round shuffles a node's neighbours as well as the nodes: were their order
// fixed, a node would always come to rest nearest to where its last one wants it.
func (w *world) round() error {
	shuffle(w.rng, w.order)
	for _, i := range w.order {
		shuffle(w.rng, w.contacts[i])
		for _, peer := range w.contacts[i] {
			if err := w.sample(i, peer); err != nil {
				return err
			}
		}
	}
	return nil
}

// second lets every node that is there sample one of its contacts, as the
// simulator of the paper's authors does.
func (w *world) second() error {
	shuffle(w.rng, w.order)
	for _, i := range w.order {
		if w.joined != nil && !w.joined[i] {
			continue
		}
		peer, ok := w.pick(i)
		if !ok {
			continue
		}
		if err := w.sample(i, peer); err != nil {
			return err
		}
	}
	return nil
}

// pick draws whom node i samples; false when it knows nobody who is there.
func (w *world) pick(i int) (neighbour, bool) {
	peers := w.contacts[i]
	if w.NeighbourChoice == nearFar && w.rng.Float64() >= w.FarShare {
		peers = w.nearContacts[i]
	}
	if len(peers) == 0 {
		return neighbour{}, false
	}
	return peers[w.rng.IntN(len(peers))], true
}

func (w *world) sample(i int, peer neighbour) error {
	measured := w.nearEnd() // and how far it moves is a measure
	var before vivaldi.Coordinate
	if measured {
		before = w.cloud.Coordinate(i)
	}
	if err := w.cloud.Update(i, int(peer.node), peer.rtt); err != nil {
		return fmt.Errorf("node %d samples node %d: %w", i, peer.node, err)
	}
	w.samples++
	if measured {
		w.moved += shift(before, w.cloud.Coordinate(i))
		w.moves++
	}
	if w.onSample != nil {
		return w.onSample()
	}
	return nil
}

func shuffle[T any](rng *rand.Rand, s []T) {
	for i := len(s) - 1; i > 0; i-- {
		j := rng.IntN(i + 1)
		s[i], s[j] = s[j], s[i]
	}
}
