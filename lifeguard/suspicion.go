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
	share := log(c+1) / log(k+1)
	return max(shortest, longest-time.Duration(share*float64(longest-shortest)))
}

// logs are the logarithms of the confirmations that there can be: a storm of
// suspicions takes millions of them.
var logs = func() (l [2 + MaxK]float64) {
	for n := range l {
		l[n] = math.Log(float64(n))
	}
	return l
}()

func log(n int) float64 {
	if n < len(logs) {
		return logs[n]
	}
	return math.Log(float64(n))
}
