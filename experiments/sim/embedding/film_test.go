package embedding

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/datasets"
)

func TestAFilmEndsWhereTheTrialEnds(t *testing.T) {
	s := timed("50s", grid(49), map[string]any{"neighbours": 10, "height": false}, measureMedian, measureNodeMedianMs)
	s.Faults = []any{joining("20s", 20)}
	obs := observe(t, s, nothing)
	var at []float64
	var last Frame
	var there []int
	require.NoError(t, Film(t.Context(), s, nothing, 20, func(f Frame) error {
		at, last = append(at, f.At), f
		joined, springs := 0, 0
		for i, is := range f.Joined {
			if is {
				joined++
				springs += len(f.Springs[i])
				assert.NotZero(t, f.Errors[i])
			}
		}
		assert.Positive(t, springs)
		there = append(there, joined)
		assert.Equal(t, 10*time.Millisecond, f.RTT(0, 1))
		return nil
	}))
	assert.Equal(t, []float64{0, 20, 40, 50}, at)
	assert.Equal(t, []int{29, 29, 49, 49}, there)
	assert.Equal(t, one(t, obs, measureMedian), last.MedianRelativeError)
	assert.Equal(t, one(t, obs, measureNodeMedianMs), last.NodeMedianErrorMs)
	assert.Len(t, last.Places, 49)
	assert.Equal(t, "0,0", last.Places[0].Name)
}

func TestAFilmStopsWhenNobodyLooks(t *testing.T) {
	enough := errors.New("enough")
	s := timed("50s", grid(16), map[string]any{"neighbours": 3})
	assert.ErrorIs(t, Film(t.Context(), s, nothing, 1, func(Frame) error { return enough }), enough)
	assert.Error(t, Film(t.Context(), s, nothing, 0, func(Frame) error { return nil }))
	s.System["method"] = "direct"
	delete(s.Run, "duration")
	assert.EqualError(t, Film(t.Context(), s, scatteredGrid, 1, func(Frame) error { return nil }), "system.method: direct is not valid; want vivaldi in a film")
}

func scatteredGrid(string) (RTTs, error) { return scattered(16, 0), nil }

// Turned, mirrored and shifted, a grid comes to lie over the grid it is of.
func TestAMapLiesAsItsNetworkDoes(t *testing.T) {
	s := timed("900s", grid(25), map[string]any{"neighbours": 12, "height": false}, "places")
	places := observe(t, s, nothing).Maps["places"]
	require.Len(t, places, 25)
	for i, p := range places {
		assert.InDelta(t, float64(i%5-2)*10, p.X, 0.5)
		assert.InDelta(t, float64(2-i/5)*10, p.Y, 0.5)
	}
}

func TestPlacesCarryNamesAndRegions(t *testing.T) {
	set, err := datasets.Synthetic(datasets.DefaultSynthetic())
	require.NoError(t, err)
	places := observe(t, spec(map[string]any{"dimensions": 3}, "places", "height_ms"), func(string) (RTTs, error) { return set, nil }).Maps["places"]
	regions := map[string][2]float64{}
	count := map[string]float64{}
	for i, p := range places {
		assert.Equal(t, set.Name(i), p.Name)
		assert.Positive(t, p.Height)
		sum := regions[p.Group]
		regions[p.Group] = [2]float64{sum[0] + p.X, sum[1] + p.Y}
		count[p.Group]++
	}
	east := func(region string) float64 { return regions[region][0] / count[region] }
	assert.Less(t, east("North America"), east("Europe"), "east is right")
	assert.Less(t, east("Europe"), east("Asia"))
	assert.False(t, math.IsNaN(east("Oceania")))
}
