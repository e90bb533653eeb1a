package number_test

import (
	"math"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/internal/number"
)

func TestExactReadsBackAsTheSameNumber(t *testing.T) {
	for _, v := range []float64{0, 1, -1, 0.1, 1.0 / 3, math.Pi, 1e6, 123456789, 1e15, 1e-6, 1e-7, -2.5e-9, math.MaxFloat64, math.SmallestNonzeroFloat64} {
		back, err := strconv.ParseFloat(number.Exact(v), 64)
		require.NoError(t, err)
		assert.Equal(t, v, back)
	}
}

func TestExactWritesEverydayNumbersPlainly(t *testing.T) {
	assert.Equal(t, "1000000", number.Exact(1e6))
	assert.Equal(t, "0.00001", number.Exact(1e-5))
	assert.Equal(t, "0", number.Exact(math.Copysign(0, -1)))
	assert.Equal(t, "1e-07", number.Exact(1e-7))
}

func TestRoundedKeepsSignificantDigits(t *testing.T) {
	for _, c := range []struct {
		v      float64
		digits int
		want   string
	}{
		{1.5819767, 4, "1.582"},
		{2, 4, "2"},
		{0.00012345, 3, "0.000123"},
		{12345.6, 3, "12346"},
		{-0.0999999, 2, "-0.1"},
		{0, 3, "0"},
		{1e-9, 3, "1e-09"},
		{100, 2, "100"},
	} {
		assert.Equal(t, c.want, number.Rounded(c.v, c.digits))
	}
}

func TestFixedNeverWritesMinusZero(t *testing.T) {
	assert.Equal(t, "0.00", number.Fixed(-0.0001, 2))
	assert.Equal(t, "-0.01", number.Fixed(-0.0051, 2))
}

func TestGroupedSeparatesThousands(t *testing.T) {
	for in, want := range map[string]string{"9999": "9999", "10000": "10,000", "-1234567.25": "-1,234,567.25", "1e+20": "1e+20"} {
		assert.Equal(t, want, number.Grouped(in))
	}
}
