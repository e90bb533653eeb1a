package vivaldi_test

import (
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
