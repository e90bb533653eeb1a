// Package quantile finds order statistics of errors: the worlds of coordinates, and
// the films of them, must mean the same by a median.
package quantile

// Of is the q-quantile of sorted, not empty, by linear interpolation between the
// order statistics around (n−1)·q.
func Of(sorted []float64, q float64) float64 {
	at := float64(float64(len(sorted)-1) * q)
	low := int(at)
	if low+1 == len(sorted) {
		return sorted[low]
	}
	return sorted[low] + float64((at-float64(low))*(sorted[low+1]-sorted[low]))
}

// real are numbers that can be halfway between others.
type real interface{ float32 | float64 }

// Median is the median of values, not empty: the mean of the two in the middle of
// an even number. It takes linear time, and changes their order.
func Median[T real](values []T) T {
	middle := len(values) / 2
	upper := Select(values, middle)
	if len(values)%2 == 1 {
		return upper
	}
	lower := values[0]
	for _, v := range values[1:middle] {
		lower = max(lower, v)
	}
	return lower + T(0.5*(upper-lower))
}

// Select puts the k-th smallest value, counted from 0, at k, none larger before it
// and none smaller after it (Hoare's FIND), and returns it.
func Select[T real](values []T, k int) T {
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
func middleOf[T real](a, b, c T) T {
	return max(min(a, b), min(max(a, b), c))
}
