package lifeguard

import (
	"math"
	"time"
)

// SuspicionTimeout is how long a suspicion lasts after c independent
// confirmations of the k that count (§IV-B):
//
//	max(Min, Max − (Max−Min)·log(c+1)/log(k+1))
//
// It begins at Max, the longest, and falls, less with each confirmation, to Min, the
// shortest, at c = k. With k = 0 there is nothing to wait for: it is the shortest.
func SuspicionTimeout(shortest, longest time.Duration, c, k int) time.Duration {
	if k < 1 || c >= k {
		return shortest
	}
	share := math.Log(float64(c+1)) / math.Log(float64(k+1))
	return max(shortest, longest-time.Duration(share*float64(longest-shortest)))
}
