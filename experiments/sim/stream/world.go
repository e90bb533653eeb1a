package stream

import (
	"context"
	"errors"
	"fmt"
	"math"
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
	streamNoise
	streamChurn
)

func stream(seed, which uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, which)) }

// DatasetNames lists the dataset a trial needs, without loading it.
func DatasetNames(spec trial.Spec) []string {
	if name, ok := spec.Network["dataset"].(string); ok && name != "" {
		return []string{name}
	}
	return nil
}

// Check says whether the trial could run. Its error is a *trial.KeyError where
// one key is to blame.
func Check(spec trial.Spec, open Open) error {
	p, err := decode(spec)
	if err != nil {
		return err
	}
	if err := checkMeasures(spec.Measure, p); err != nil {
		return err
	}
	if p.Frames > 0 {
		// The last slice is there only if all are.
		_, err = open(fmt.Sprintf("%s:%d", p.Dataset, p.Frames))
	} else {
		_, err = open(p.Dataset)
	}
	if err != nil {
		return &trial.KeyError{Key: "network.dataset", Err: err}
	}
	return nil
}

// Run runs the trial. Observations.Events counts the samples.
func Run(ctx context.Context, spec trial.Spec, open Open) (trial.Observations, error) {
	p, err := decode(spec)
	if err != nil {
		return trial.Observations{}, err
	}
	if err := checkMeasures(spec.Measure, p); err != nil {
		return trial.Observations{}, err
	}
	frames, err := p.load(open)
	if err != nil {
		return trial.Observations{}, err
	}
	w, err := newWorld(p, frames, spec.Seed)
	if err != nil {
		return trial.Observations{}, err
	}
	for w.more() {
		if err := ctx.Err(); err != nil {
			return trial.Observations{}, err
		}
		if err := w.frame(); err != nil {
			return trial.Observations{}, err
		}
	}
	return w.observe(spec.Measure)
}

// world is one trial under way.
type world struct {
	plan
	frames  []RTTs
	members []*vivaldi.Member[int]
	// fixed are each member's neighbours; with gossip the peer it hears of now,
	// and how often yet.
	fixed [][]int
	peer  []int
	left  []int

	order                         []int
	rng, noise, churn, directions *rand.Rand
	done                          int // frames
	tally                         tally
	// onSample is called after each sample; nil unless somebody watches.
	onSample func() error
}

func newWorld(p plan, frames []RTTs, seed uint64) (*world, error) {
	n := frames[0].Len()
	w := &world{
		plan: p, frames: frames,
		members: make([]*vivaldi.Member[int], n),
		fixed:   make([][]int, n), peer: make([]int, n), left: make([]int, n),
		order: make([]int, n),
		rng:   stream(seed, streamOrder), noise: stream(seed, streamNoise),
		churn: stream(seed, streamChurn), directions: stream(seed, streamDirections),
	}
	pick := stream(seed, streamNeighbours)
	for i := range n {
		w.order[i] = i
		if err := w.begin(i); err != nil {
			return nil, err
		}
		for _, j := range pick.Perm(n) {
			if j != i && len(w.fixed[i]) < p.Neighbours && (p.Frames > 0 || measured(frames[0], i, j)) {
				w.fixed[i] = append(w.fixed[i], j)
			}
		}
	}
	return w, nil
}

func measured(r RTTs, i, j int) bool {
	_, ok := r.RTT(i, j)
	return ok
}

// begin puts a new member in place i.
func (w *world) begin(i int) (err error) {
	w.members[i], err = vivaldi.NewMember[int](w.config, w.directions)
	return err
}

func (w *world) total() int { return w.Passes * len(w.frames) }

func (w *world) more() bool { return w.done < w.total() }

// settled says that the second half has begun, which is what is measured.
func (w *world) settled() bool { return 2*w.done >= w.total() }

// frame lets every member take its samples of one frame.
func (w *world) frame() error {
	rtts := w.frames[w.done%len(w.frames)]
	if w.settled() {
		w.tally.begin(w)
	}
	if w.Churn > 0 && w.done > 0 {
		for i := range w.members {
			if w.churn.Float64() < w.Churn {
				if err := w.begin(i); err != nil {
					return err
				}
				for _, m := range w.members {
					m.Forget(i)
				}
				w.tally.replaced(i)
			}
		}
	}
	for s := range w.Samples {
		now := time.Duration(w.done)*time.Second + time.Duration(s)*time.Second/time.Duration(w.Samples)
		w.rng.Shuffle(len(w.order), func(a, b int) { w.order[a], w.order[b] = w.order[b], w.order[a] })
		for _, i := range w.order {
			if j, ok := w.whom(i); ok {
				w.sample(now, rtts, i, j)
			}
			if w.onSample != nil {
				if err := w.onSample(); err != nil {
					return err
				}
			}
		}
	}
	w.done++
	w.tally.end(w)
	return nil
}

// whom draws whom member i samples.
func (w *world) whom(i int) (int, bool) {
	if w.NeighbourChoice == "gossip" {
		if w.left[i] == 0 {
			j := w.rng.IntN(len(w.members) - 1)
			if j >= i {
				j++
			}
			w.peer[i], w.left[i] = j, 1+w.rng.IntN(w.Burst)
		}
		w.left[i]--
		return w.peer[i], true
	}
	if len(w.fixed[i]) == 0 {
		return 0, false
	}
	return w.fixed[i][w.rng.IntN(len(w.fixed[i]))], true
}

// sample lets member i predict its round trip to j, and then learn it. What was
// not measured, and what is refused because it cannot be true, such as a time-out
// of 90 s, is no prediction gone wrong. What a member refuses as an outlier is one,
// whatever becomes of the sample: else refusing would be a way to be right.
func (w *world) sample(now time.Duration, rtts RTTs, i, j int) {
	rtt, ok := rtts.RTT(i, j)
	if !ok {
		return
	}
	if w.Noise > 0 {
		rtt = time.Duration(float64(rtt) * math.Exp(w.Noise*w.noise.NormFloat64()))
	}
	w.tally.offered++
	from, to := w.members[i].ApplicationCoordinate(), w.members[j].ApplicationCoordinate()
	predicted := vivaldi.Distance(&from, &to)
	place := w.members[j].Coordinate()
	if err := w.members[i].Update(now, j, &place, w.members[j].ErrorEstimate(), rtt); err != nil {
		w.tally.refusals++
		if !errors.Is(err, vivaldi.ErrOutlier) {
			return
		}
	}
	w.tally.sampled(w, i, from, predicted, rtt)
}
