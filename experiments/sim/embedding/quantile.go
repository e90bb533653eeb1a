package embedding

import "math"

// quantile is the q-quantile of sorted, not empty, by linear interpolation
// between the order statistics around (n−1)·q.
func quantile(sorted []float64, q float64) float64 {
	at := float64(float64(len(sorted)-1) * q)
	low := int(at)
	if low+1 == len(sorted) {
		return sorted[low]
	}
	return sorted[low] + float64((at-float64(low))*(sorted[low+1]-sorted[low]))
}

// medianInPlace is quantile(sorted, 0.5) of values, not empty, in linear time
// and without sorting them; it changes their order.
func medianInPlace(values []float64) float64 {
	middle := len(values) / 2
	upper := selectInPlace(values, middle)
	if len(values)%2 == 1 {
		return upper
	}
	lower := math.Inf(-1)
	for _, v := range values[:middle] {
		lower = max(lower, v)
	}
	return lower + float64(0.5*(upper-lower))
}

// selectInPlace puts the k-th smallest value at k, none larger before it and none
// smaller after it (Hoare's FIND), and returns it.
func selectInPlace(values []float64, k int) float64 {
	low, high := 0, len(values)-1
	for low < high {
		pivot := middleOf(values[low], values[low+(high-low)/2], values[high])
		i, j := low, high
		for i <= j {
			for values[i] < pivot {
				i++
			}
			for pivot < values[j] {
				j--
			}
			if i <= j {
				values[i], values[j] = values[j], values[i]
				i++
				j--
			}
		}
		switch {
		case k <= j:
			high = j
		case k >= i:
			low = i
		default:
			return values[k]
		}
	}
	return values[k]
}

// middleOf keeps sorted input, the usual worst case, from being one.
func middleOf(a, b, c float64) float64 {
	return max(min(a, b), min(max(a, b), c))
}
