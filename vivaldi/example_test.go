package vivaldi_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/swimlab/swimlab/vivaldi"
)

// Two members measure each other and soon know how far apart they are.
func Example() {
	config := vivaldi.Paper(vivaldi.Euclidean(2).WithHeight())
	paris, err := vivaldi.NewNode(config, rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		fmt.Println(err)
		return
	}
	tokyo, err := vivaldi.NewNode(config, rand.New(rand.NewPCG(2, 2)))
	if err != nil {
		fmt.Println(err)
		return
	}

	for range 100 {
		// Each reply carries the sender's coordinate and error estimate.
		peer := tokyo.Coordinate()
		if err := paris.Update(&peer, tokyo.ErrorEstimate(), 220*time.Millisecond); err != nil {
			fmt.Println(err)
		}
		peer = paris.Coordinate()
		if err := tokyo.Update(&peer, paris.ErrorEstimate(), 220*time.Millisecond); err != nil {
			fmt.Println(err)
		}
	}

	there := tokyo.Coordinate()
	fmt.Println(paris.Distance(&there).Round(time.Millisecond))
	// A clock that ran backwards does no harm.
	fmt.Println(paris.Update(&there, tokyo.ErrorEstimate(), -time.Millisecond))
	// Output:
	// 220ms
	// vivaldi: round-trip time refused: -1ms; want more than 0s and at most 10s
}

// Members of three cities with all that later papers put around the algorithm. One of
// them hears from a liar when it knows its place: the sample is refused.
func ExampleMember() {
	cities := []string{"London", "Paris", "Tokyo"}
	rtt := [][]time.Duration{ // from row to column
		{0, 8 * time.Millisecond, 230 * time.Millisecond},
		{8 * time.Millisecond, 0, 220 * time.Millisecond},
		{230 * time.Millisecond, 220 * time.Millisecond, 0},
	}
	members := make([]*vivaldi.Member[string], len(cities))
	for i := range members {
		m, err := vivaldi.NewMember[string](vivaldi.Recommended(), rand.New(rand.NewPCG(2004, uint64(i))))
		if err != nil {
			fmt.Println(err)
			return
		}
		members[i] = m
	}
	now := time.Duration(0)
	for range 200 {
		now += time.Second
		for i, m := range members {
			j := (i + 1 + int(now/time.Second)%2) % len(members) // the two others in turn
			place := members[j].Coordinate()
			if err := m.Update(now, cities[j], &place, members[j].ErrorEstimate(), rtt[i][j]); err != nil {
				fmt.Println(err)
			}
		}
	}
	tokyo := members[2].ApplicationCoordinate()
	fmt.Println("London to Tokyo:", members[0].Distance(&tokyo).Round(10*time.Millisecond))

	far := vivaldi.Coordinate{Dimensions: 2, Height: 0.001}
	far.Vec[0] = 5 // seconds
	err := members[0].Update(now, "Nowhere", &far, 0.01, 10*time.Millisecond)
	fmt.Println("refused:", errors.Is(err, vivaldi.ErrOutlier))
	// Output:
	// London to Tokyo: 230ms
	// refused: true
}

// Which of some members is nearest, by their coordinates alone.
func ExampleNearest() {
	at := func(x, y float64) vivaldi.Coordinate { // in seconds
		c := vivaldi.Coordinate{Dimensions: 2}
		c.Vec[0], c.Vec[1] = x, y
		return c
	}
	members := []vivaldi.Located[string]{
		{ID: "ada", Coordinate: at(0.030, 0.040)},
		{ID: "bob", Coordinate: at(0, 0.010)},
		{ID: "cyd"}, // not heard of yet
	}
	for _, m := range vivaldi.Nearest(at(0, 0), members, 3) {
		fmt.Println(m.ID, m.Distance)
	}
	// Output:
	// bob 10ms
	// ada 50ms
}
