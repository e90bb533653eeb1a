package datasets

import (
	"fmt"
	"math"
	"time"
)

// Grid places n nodes on a square grid in the plane, row after row, neighbours
// spacing apart, and returns their Euclidean distances as round trips, exact to
// the nanosecond. The last row may be short.
func Grid(n int, spacing time.Duration) (*Matrix, error) {
	if n < 2 || n > MaxSynthetic {
		return nil, fmt.Errorf("synthetic grid: nodes: %d is not valid; want 2 to %d", n, MaxSynthetic)
	}
	if spacing <= 0 {
		return nil, fmt.Errorf("synthetic grid: spacing: %v is not valid; want more than 0", spacing)
	}
	columns := int(math.Ceil(math.Sqrt(float64(n))))
	return FromFunc(n, func(i, j int) time.Duration {
		dx, dy := i%columns-j%columns, i/columns-j/columns
		return time.Duration(math.Round(math.Hypot(float64(dx), float64(dy)) * float64(spacing)))
	})
}
