package coordinates

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// met counts how often node i meets each of its peers in so many samples.
func met(t *testing.T, name string, neighbours int, h *hosts, i, samples int) map[int]int {
	t.Helper()
	p, err := newPattern(name, neighbours, h, rand.New(rand.NewPCG(1, 2)))
	require.NoError(t, err)
	times := map[int]int{}
	for range samples {
		j := p.next(i)
		require.NotEqual(t, i, j, "nobody samples itself")
		require.Positive(t, h.at(i, j), "there is a round trip")
		times[j]++
	}
	return times
}

func TestRoundRobinAndSweepMeetEverybodyOnceAPass(t *testing.T) {
	h := everyHost(scattered(10))
	for _, name := range []string{"round_robin", "sweep"} {
		for passes := 1; passes < 4; passes++ {
			times := met(t, name, 0, h, 3, 9*passes)
			assert.Len(t, times, 9, name)
			for j, n := range times {
				assert.Equal(t, passes, n, "%s meets %d", name, j)
			}
		}
	}
}

func TestSweepIsOneCircleForAll(t *testing.T) {
	p, err := newPattern("sweep", 0, everyHost(scattered(10)), rand.New(rand.NewPCG(1, 2)))
	require.NoError(t, err)
	// Everybody's first peer is the next on the circle, so following first peers
	// comes back after the whole circle.
	at, seen := 0, map[int]bool{}
	for range 10 {
		seen[at] = true
		at = p.next(at)
	}
	assert.Len(t, seen, 10)
	assert.Zero(t, at)
}

func TestRandomMeetsAnybodyEquallyOften(t *testing.T) {
	times := met(t, "random", 0, everyHost(scattered(11)), 0, 10_000)
	assert.Len(t, times, 10)
	for j, n := range times {
		assert.InDelta(t, 1000, n, 120, "four standard deviations; %d", j)
	}
}

func TestFixedMeetsSoManyAndNoMore(t *testing.T) {
	h := everyHost(scattered(10))
	assert.Len(t, met(t, "fixed", 4, h, 2, 100), 4)
	assert.Len(t, met(t, "fixed", 100, h, 2, 100), 9, "all there are")
}

func TestRingAndTreeReachEverybody(t *testing.T) {
	const n = 23
	h := everyHost(scattered(n))
	rng := rand.New(rand.NewPCG(1, 2))
	links := func(peers [][]int) int {
		sum := 0
		for i, list := range peers {
			sum += len(list)
			for _, j := range list {
				assert.Contains(t, peers[j], i, "links go both ways")
			}
		}
		return sum / 2
	}
	reached := func(peers [][]int) int {
		seen, todo := map[int]bool{0: true}, []int{0}
		for len(todo) > 0 {
			i := todo[0]
			todo = todo[1:]
			for _, j := range peers[i] {
				if !seen[j] {
					seen[j] = true
					todo = append(todo, j)
				}
			}
		}
		return len(seen)
	}
	ring := onRing(h, rng.Perm(n))
	assert.Equal(t, n, links(ring))
	assert.Equal(t, n, reached(ring))
	for i := range ring {
		assert.Len(t, ring[i], 2)
	}
	tree := inTree(h, rng.Perm(n))
	assert.Equal(t, n-1, links(tree))
	assert.Equal(t, n, reached(tree))
	for i := range tree {
		assert.LessOrEqual(t, len(tree[i]), 3, "a parent and two children")
	}
}

func TestPairsThatWereNotMeasuredAreNotSampled(t *testing.T) {
	world := scattered(9)
	for _, j := range []int{0, 2, 4, 6} {
		world[1][j], world[j][1] = 0, 0
	}
	h := everyHost(world)
	for _, name := range patterns {
		for i := range world {
			met(t, name, 8, h, i, 40) // requires a round trip of each
		}
	}
	for j := range world {
		world[1][j], world[j][1] = 0, 0
	}
	for _, name := range patterns {
		_, err := newPattern(name, 8, everyHost(world), rand.New(rand.NewPCG(1, 2)))
		assert.EqualError(t, err, "host 1 has a round trip to none of its neighbours", name)
	}
}

func TestAPairIsTheMeanOfItsDirections(t *testing.T) {
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	h := everyHost(table{{0, ms(10), 0}, {ms(20), 0, 0}, {ms(7), 0, 0}})
	assert.Equal(t, ms(15), h.at(0, 1))
	assert.Equal(t, ms(15), h.at(1, 0))
	assert.Equal(t, ms(7), h.at(0, 2), "the one direction there is")
	assert.Zero(t, h.at(1, 2))
}
