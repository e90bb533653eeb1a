package film

// quantile is the value of which a share q of values is smaller, by the nearest
// order statistic; 0 of nothing. It changes the order of values: no film needs
// them sorted, and sorting every frame's pairs would take longer than all else.
func quantile(values []float32, q float64) float32 {
	if len(values) == 0 {
		return 0
	}
	k := int(q*float64(len(values)-1) + 0.5)
	low, high := 0, len(values)-1
	for low < high { // Hoare's FIND
		pivot := values[low+(high-low)/2]
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
				i, j = i+1, j-1
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
