package quantile

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestQuantilesInterpolateBetweenOrderStatistics(t *testing.T) {
	assert.Equal(t, 3.0, Of([]float64{1, 3, 9}, 0.5))
	assert.Equal(t, 2.0, Of([]float64{1, 3}, 0.5))
	assert.InDelta(t, 7.8, Of([]float64{1, 3, 9}, 0.9), 1e-12)
	assert.Equal(t, 9.0, Of([]float64{1, 3, 9}, 1))
	assert.Equal(t, 5.0, Of([]float64{5}, 0.95))
}

func TestTheMedianIsTheMiddleQuantile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.OneOf(rapid.Float64Range(0, 3), rapid.SampledFrom([]float64{0, 1, 2})), 1, 200).Draw(t, "values")
		sorted := slices.Sorted(slices.Values(values))
		require.Equal(t, Of(sorted, 0.5), Median(values))
		slices.Sort(values)
		require.Equal(t, sorted, values, "nothing lost")
	})
}

func TestTheMedianOfSingleNumbersIsTheirMiddle(t *testing.T) {
	assert.EqualValues(t, 3, Median([]float32{5, 1, 3, 2, 4}))
	assert.EqualValues(t, 2.5, Median([]float32{4, 1, 3, 2}))
	assert.EqualValues(t, 1, Median([]float32{1}))
	assert.EqualValues(t, 5, Select([]float32{5, 1, 3, 2, 4}, 4))
}
