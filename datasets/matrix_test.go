package datasets

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const ms = time.Millisecond

// rows builds a matrix from milliseconds; 0 is missing.
func rows(t *testing.T, values ...[]int) *Matrix {
	t.Helper()
	m, err := FromFunc(len(values), func(i, j int) time.Duration { return time.Duration(values[i][j]) * ms })
	require.NoError(t, err)
	return m
}

func TestSymmetricIsTheMeanOfBothDirectionsOrTheOnlyOne(t *testing.T) {
	m := rows(t,
		[]int{0, 10, 7},
		[]int{30, 0, 0},
		[]int{0, 0, 0},
	)
	s := m.Symmetric()

	for _, pair := range [][2]int{{0, 1}, {1, 0}} {
		v, ok := s.RTT(pair[0], pair[1])
		assert.True(t, ok)
		assert.Equal(t, 20*ms, v, "both directions were measured")
	}
	v, ok := s.RTT(2, 0)
	assert.True(t, ok)
	assert.Equal(t, 7*ms, v, "only the other direction was measured")
	_, ok = s.RTT(1, 2)
	assert.False(t, ok, "neither was measured")

	v, ok = m.RTT(1, 0)
	assert.True(t, ok)
	assert.Equal(t, 30*ms, v, "the original keeps its directions")
}

func TestNoNodeIsMeasuredAgainstItself(t *testing.T) {
	m, err := FromFunc(2, func(i, j int) time.Duration { return ms })
	require.NoError(t, err)
	_, ok := m.RTT(1, 1)
	assert.False(t, ok)
}

func TestDigestFollowsContent(t *testing.T) {
	a := rows(t, []int{0, 1}, []int{2, 0})
	b := rows(t, []int{0, 1}, []int{2, 0})
	c := rows(t, []int{0, 2}, []int{1, 0})
	assert.Equal(t, a.SHA256(), b.SHA256())
	assert.NotEqual(t, a.SHA256(), c.SHA256())
	assert.Len(t, a.SHA256(), 64)
}

func TestNegativeRoundTripsAreRefused(t *testing.T) {
	_, err := FromFunc(2, func(i, j int) time.Duration { return -ms })
	assert.EqualError(t, err, "the round trip from 0 to 1 is -1ms; want 0 (missing) or more")
	_, err = FromFunc(0, nil)
	assert.EqualError(t, err, "a matrix of 0 nodes is not valid; want at least 1")
}

func TestNamesAreTheCallersToChange(t *testing.T) {
	m := rows(t, []int{0, 1}, []int{2, 0})
	m.Names()[0] = "changed"
	assert.Equal(t, "0", m.Name(0))
}
