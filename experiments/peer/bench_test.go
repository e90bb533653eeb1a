package peer

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/hashicorp/serf/coordinate"

	"github.com/swimlab/swimlab/vivaldi"
)

// One adaptive update in 8 dimensions and a height, ours and Serf's, in turns of
// a thousand, so that whatever else the machine does falls on both. The figures
// are medians over the turns:
//
//	ours-ns, serf-ns          time of one update
//	ours-allocs, serf-allocs  allocations of one update
//	serf/ours                 how many of ours fit into one of Serf's, at least 8
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
			const turn, atLeast = 1000, 8
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
			ratio := median(serfs) / median(ours)
			b.ReportMetric(ratio, "serf/ours")
			if ratio < atLeast {
				b.Errorf("one Serf update is worth %.1f of ours; want at least %d", ratio, atLeast)
			}
			b.ReportMetric(testing.AllocsPerRun(turn, r.ours), "ours-allocs")
			b.ReportMetric(testing.AllocsPerRun(turn, r.serfs), "serf-allocs")
			b.ReportMetric(0, "ns/op") // a turn of both means nothing
		})
	}
}

// A whole simulation of 1000 members, each taking a sample a cycle of another drawn
// at random: Serf's own helper, coordinate.Simulate, against a vivaldi.Cloud on the
// same round trips, in turns. "paper" is the Cloud as our experiments run it, in a
// plane with heights; "serf" is one in Serf's eight dimensions.
//
//	ours-updates/s, serf-updates/s
//	ours/serf                       at least 20, in Serf's dimensions 8
func BenchmarkSimulation(b *testing.B) {
	const nodes, cycles = 1000, 50
	truth := coordinate.GenerateRandom(nodes, 100*time.Millisecond, 10*time.Millisecond)
	for _, variant := range []struct {
		name    string
		config  vivaldi.Config
		atLeast int
	}{
		{"paper", vivaldi.Paper(vivaldi.Euclidean(2).WithHeight()), 20},
		{"serf", vivaldi.Serf().Config, 8},
	} {
		b.Run(variant.name, func(b *testing.B) {
			var ours, serfs []float64
			for b.Loop() {
				clients, err := coordinate.GenerateClients(nodes, coordinate.DefaultConfig())
				if err != nil {
					b.Fatal(err)
				}
				rng := rand.New(rand.NewPCG(1, 1))
				cloud, err := vivaldi.NewCloud(variant.config, nodes, rng)
				if err != nil {
					b.Fatal(err)
				}
				start := time.Now()
				coordinate.Simulate(clients, truth, cycles)
				between := time.Now()
				runtime.GC() // what Serf left behind is not ours to collect
				ready := time.Now()
				// As many times the cycles as it should be faster: the two then run for
				// about as long, and other processes disturb both alike.
				for range cycles * variant.atLeast {
					for i := range nodes {
						if j := rng.IntN(nodes); j != i {
							if err := cloud.Update(i, j, truth[i][j]); err != nil {
								b.Fatal(err)
							}
						}
					}
				}
				end := time.Now()
				serfs = append(serfs, nodes*cycles/between.Sub(start).Seconds())
				ours = append(ours, float64(nodes*cycles*variant.atLeast)/end.Sub(ready).Seconds())
			}
			b.ReportMetric(median(ours), "ours-updates/s")
			b.ReportMetric(median(serfs), "serf-updates/s")
			ratio := median(ours) / median(serfs)
			b.ReportMetric(ratio, "ours/serf")
			if ratio < float64(variant.atLeast) {
				b.Errorf("our simulation does %.2g updates a second, %.1f times Serf's; want at least %d times", median(ours), ratio, variant.atLeast)
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

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
