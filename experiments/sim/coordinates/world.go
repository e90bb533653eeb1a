package coordinates

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
	streamPlaces = 1 + iota // which hosts are data centres
	streamPattern
	streamOrder
	streamDirections
	streamLiars
	streamRequests
)

func stream(seed, which uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, which)) }

// Protocol is the name of what this package runs.
const Protocol = "coordinates"

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
	rtts, err := p.load(open)
	if err != nil {
		return err
	}
	_, err = newWorld(p, rtts)
	return err
}

// Run lets every node take its samples and measures the result.
// Observations.Events counts the samples.
func Run(ctx context.Context, spec trial.Spec, open Open) (trial.Observations, error) {
	p, err := decode(spec)
	if err != nil {
		return trial.Observations{}, err
	}
	rtts, err := p.load(open)
	if err != nil {
		return trial.Observations{}, err
	}
	w, err := newWorld(p, rtts)
	if err != nil {
		return trial.Observations{}, err
	}
	for w.round < p.run.Samples {
		if err := ctx.Err(); err != nil {
			return trial.Observations{}, err
		}
		if err := w.step(); err != nil {
			return trial.Observations{}, err
		}
	}
	return w.observe(), nil
}

// world is one trial under way.
type world struct {
	*plan
	hosts   *hosts
	pattern pattern
	nodes   []*vivaldi.Member[int]
	liars   *liars
	order   []int
	rng     *rand.Rand // of the order
	round   int        // samples that each node has taken

	before  []vivaldi.Coordinate // places when the attack began
	curves  curves
	refused tally
	// onSample is called after each sample; nil unless somebody watches.
	onSample func() error
}

// tally counts what honest nodes made of samples since the attack began: those
// from honest peers and those from liars.
type tally struct{ honest, honestRefused, lies, liesRefused int }

func newWorld(p *plan, rtts RTTs) (*world, error) {
	w := &world{plan: p, rng: stream(p.seed, streamOrder)}
	if p.system.DataCentres > 0 {
		w.hosts = inDataCentres(rtts, p.system.DataCentres, p.system.Servers, stream(p.seed, streamPlaces))
	} else {
		w.hosts = everyHost(rtts)
	}
	var err error
	if w.pattern, err = newPattern(p.system.Pattern, p.system.Neighbours, w.hosts, stream(p.seed, streamPattern)); err != nil {
		return nil, &trial.KeyError{Key: "network.dataset", Err: fmt.Errorf("%s: %w", p.network.Dataset, err)}
	}
	config := p.system.Guards.config(p.system.Vivaldi.Config())
	directions := stream(p.seed, streamDirections)
	for i := range w.hosts.n {
		node, err := vivaldi.NewMember[int](config, directions)
		if err != nil {
			return nil, &trial.KeyError{Key: "system.guards", Err: err}
		}
		w.nodes = append(w.nodes, node)
		w.order = append(w.order, i)
	}
	w.liars = newLiars(p.system.Attack, config.Config, w.hosts.n, stream(p.seed, streamLiars))
	return w, nil
}

// step is one round: every node takes a sample, in an order shuffled anew.
func (w *world) step() error {
	if w.round == w.run.AttackAfter {
		for _, node := range w.nodes {
			w.before = append(w.before, node.Coordinate())
		}
	}
	shuffle(w.rng, w.order)
	for _, i := range w.order {
		w.sample(i, w.pattern.next(i))
		if w.onSample != nil {
			if err := w.onSample(); err != nil {
				return err
			}
		}
	}
	w.round++
	w.curves.look(w)
	return nil
}

// sample lets node i ask node j where it is, and measure the round trip.
func (w *world) sample(i, j int) {
	node, peer := w.nodes[i], w.nodes[j]
	r := reply{peer.Coordinate(), peer.ErrorEstimate(), w.hosts.at(i, j)}
	attacked := w.round >= w.run.AttackAfter
	if attacked && w.liars.is[j] {
		r = w.liars.lie(j, i, node.Coordinate(), node.ErrorEstimate(), r)
	}
	// A round is a second on the node's clock.
	accepted := node.Update(time.Duration(w.round)*time.Second, j, &r.place, r.estimate, r.rtt) == nil
	if attacked && !w.liars.is[i] {
		w.refused.count(w.liars.is[j], accepted)
	}
}

func (t *tally) count(lie, accepted bool) {
	all, refused := &t.honest, &t.honestRefused
	if lie {
		all, refused = &t.lies, &t.liesRefused
	}
	*all++
	if !accepted {
		*refused++
	}
}

// distance is the predicted round trip between two nodes.
func (w *world) distance(i, j int) time.Duration {
	place := w.nodes[j].Coordinate()
	return w.nodes[i].Distance(&place)
}

func (w *world) isHonest(i int) bool { return !w.liars.is[i] }
