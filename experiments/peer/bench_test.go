package peer

import (
	"math/rand/v2"
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
