package peer

import (
	"context"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/hashicorp/serf/coordinate"

	"github.com/swimlab/swimlab/experiments/sim/embedding"
	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/vivaldi"
)

// One adaptive update in 8 dimensions and a height, ours and Serf's, in turns of
// a thousand, so that whatever else the machine does falls on both. The figures
// are medians over the turns:
//
//	ours-ns, serf-ns          time of one update
//	ours-allocs, serf-allocs  allocations of one update
//	serf/ours                 how many of ours fit into one of Serf's
//
// "deployed" is Serf as its users run it, with latency filter, adjustment and
// gravity; "algorithm" is Serf with as little of them as it allows.
func BenchmarkUpdate(b *testing.B) {
	for _, variant := range []struct {
		name   string
		config *coordinate.Config
	}{
		{"deployed", coordinate.DefaultConfig()},
		{"algorithm", algorithmAlone()},
	} {
		b.Run(variant.name, func(b *testing.B) {
			const turn = 1000
			r := newRace(b, variant.config)
			var ours, serfs []float64
			for b.Loop() {
				start := time.Now()
				for range turn {
					r.ours()
				}
				between := time.Now()
				for range turn {
					r.serfs()
				}
				end := time.Now()
				ours = append(ours, float64(between.Sub(start))/turn)
				serfs = append(serfs, float64(end.Sub(between))/turn)
			}
			b.ReportMetric(median(ours), "ours-ns")
			b.ReportMetric(median(serfs), "serf-ns")
			b.ReportMetric(median(serfs)/median(ours), "serf/ours")
			b.ReportMetric(testing.AllocsPerRun(turn, r.ours), "ours-allocs")
			b.ReportMetric(testing.AllocsPerRun(turn, r.serfs), "serf-allocs")
			b.ReportMetric(0, "ns/op") // a turn of both means nothing
		})
	}
}

// A whole simulation of 1000 members: Serf's own helper, coordinate.Simulate, in
// which each takes a sample a cycle of another drawn at random, against a trial of
// package embedding on the same round trips, in turns. "paper" is the trial that our
// experiments run, in a plane with heights; "serf" is in Serf's eight dimensions.
// Samples count, whatever the trial does beside them: choosing neighbours, shuffling
// them, and measuring the error of all half a million pairs at the end.
//
//	ours-updates/s, serf-updates/s, ours/serf
func BenchmarkSimulation(b *testing.B) {
	const nodes, cycles, rounds = 1000, 50, 50
	truth := coordinate.GenerateRandom(nodes, 100*time.Millisecond, 10*time.Millisecond)
	open := func(string) (embedding.RTTs, error) { return matrix(truth), nil }
	for _, variant := range []struct {
		name       string
		dimensions int
	}{
		{"paper", 2},
		{"serf", 8},
	} {
		b.Run(variant.name, func(b *testing.B) {
			spec := trial.Spec{
				System:  map[string]any{"protocol": "vivaldi", "dimensions": variant.dimensions, "height": true, "neighbours": 32},
				Network: map[string]any{"dataset": "random"},
				Run:     map[string]any{"rounds": rounds},
				Measure: []string{"median_relative_error"},
			}
			var ours, serfs []float64
			for b.Loop() {
				clients, err := coordinate.GenerateClients(nodes, coordinate.DefaultConfig())
				if err != nil {
					b.Fatal(err)
				}
				start := time.Now()
				coordinate.Simulate(clients, truth, cycles)
				between := time.Now()
				runtime.GC() // what Serf left behind is not ours to collect
				ready := time.Now()
				seen, err := embedding.Run(context.Background(), spec, open)
				if err != nil {
					b.Fatal(err)
				}
				end := time.Now()
				serfs = append(serfs, nodes*cycles/between.Sub(start).Seconds())
				ours = append(ours, float64(seen.Events)/end.Sub(ready).Seconds())
			}
			b.ReportMetric(median(ours), "ours-updates/s")
			b.ReportMetric(median(serfs), "serf-updates/s")
			b.ReportMetric(median(ours)/median(serfs), "ours/serf")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// matrix is Serf's table of round trips as package embedding reads one.
type matrix [][]time.Duration

func (m matrix) Len() int { return len(m) }

func (m matrix) RTT(i, j int) (time.Duration, bool) { return m[i][j], i != j }

// race gives both implementations the same samples from the same 64 peers.
type race struct {
	b        *testing.B
	member   member
	names    []string
	places   []vivaldi.Coordinate
	theirs   []*coordinate.Coordinate
	rtts     []time.Duration
	nextOurs int
	nextSerf int
}

func newRace(b *testing.B, config *coordinate.Config) *race {
	rng := rand.New(rand.NewPCG(4, 4))
	r := &race{b: b, member: memberAt(b, config, rng)}
	home := scatter(rng)
	for i := range 64 {
		place := scatter(rng)
		r.names = append(r.names, "peer-"+strconv.Itoa(i))
		r.places = append(r.places, place)
		r.theirs = append(r.theirs, serfsOf(place, peerError))
		r.rtts = append(r.rtts, time.Duration(float64(home.Distance(place))*(0.9+0.2*rng.Float64())))
	}
	return r
}

const peerError = 0.2

func (r *race) ours() {
	i := r.nextOurs
	if err := r.member.ours.Update(&r.places[i], peerError, r.rtts[i]); err != nil {
		r.b.Fatal(err)
	}
	r.nextOurs = (i + 1) % len(r.places)
}

func (r *race) serfs() {
	i := r.nextSerf
	if _, err := r.member.serf.Update(r.names[i], r.theirs[i], r.rtts[i]); err != nil {
		r.b.Fatal(err)
	}
	r.nextSerf = (i + 1) % len(r.places)
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}
