package lab

import "github.com/swimlab/swimlab/internal/number"

// significant is how many digits of a measured value mean something to a reader
// when the definition does not say.
const significant = 4

// formatNumber writes a number for people: with the given decimals, or in four
// significant digits.
func formatNumber(v float64, decimals *int) string {
	if decimals != nil {
		return number.Fixed(v, *decimals)
	}
	return number.Rounded(v, significant)
}
