package vivaldi

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

var spaces = []Space{Euclidean(2), Euclidean(2).WithHeight(), Euclidean(3), Euclidean(5), Euclidean(8).WithHeight(), Euclidean(16).WithHeight()}

// One sample of a live member. Peers are in motion as in life, so that no
// branch can be learnt by heart.
func BenchmarkNodeUpdate(b *testing.B) {
	for _, space := range spaces {
		b.Run(space.String(), func(b *testing.B) {
			node, peers, rtts := settled(b, Paper(space))
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				if err := node.Update(&peers[i], 0.2, rtts[i]); err != nil {
					b.Fatal(err)
				}
				i = (i + 1) % len(peers)
			}
		})
	}
}

// One sample in a simulated population of a size whose state does not fit into
// the first-level cache.
func BenchmarkCloudUpdate(b *testing.B) {
	const nodes = 10_000
	for _, space := range spaces {
		b.Run(fmt.Sprintf("%v/nodes=%d", space, nodes), func(b *testing.B) {
			rng := rand.New(rand.NewPCG(1, 2))
			cloud, err := NewCloud(Paper(space), nodes, rng)
			if err != nil {
				b.Fatal(err)
			}
			pairs := make([][2]int, 1<<14)
			for i := range pairs {
				pairs[i] = [2]int{rng.IntN(nodes), rng.IntN(nodes)}
			}
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				pair := pairs[i%len(pairs)]
				if err := cloud.Update(pair[0], pair[1], time.Duration(20+i%200)*time.Millisecond); err != nil {
					b.Fatal(err)
				}
				i++
			}
		})
	}
}

// settled is a node among 256 peers scattered over 200 ms, with the round trips
// their places give, shaken by up to a fifth.
func settled(tb testing.TB, config Config) (*Node, []Coordinate, []time.Duration) {
	tb.Helper()
	rng := rand.New(rand.NewPCG(3, 4))
	node, err := NewNode(config, rng)
	if err != nil {
		tb.Fatal(err)
	}
	peers := make([]Coordinate, 256)
	rtts := make([]time.Duration, len(peers))
	home := scatter(rng, config.Space)
	for i := range peers {
		peers[i] = scatter(rng, config.Space)
		rtts[i] = time.Duration(float64(home.Distance(peers[i])) * (0.9 + 0.2*rng.Float64()))
	}
	return node, peers, rtts
}

// scatter draws a coordinate from a cube of 200 ms with heights up to 20 ms.
func scatter(rng *rand.Rand, space Space) Coordinate {
	c := Coordinate{Dimensions: space.Dimensions()}
	for i := range c.point() {
		c.Vec[i] = 0.2 * rng.Float64()
	}
	if space.HasHeight() {
		c.Height = 0.001 + 0.019*rng.Float64()
	}
	return c
}
