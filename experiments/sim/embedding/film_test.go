package embedding

import (
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/datasets"
	"github.com/swimlab/swimlab/experiments/sim/picture"
)

// watcher looks every so often, and counts.
type watcher struct {
	cast  picture.Cast
	every float64
	at    []float64
	there []int
	err   error
}

func (w *watcher) Begin(c picture.Cast) { w.cast = c }

func (w *watcher) Wants(at float64) bool { return at >= float64(len(w.at))*w.every }

func (w *watcher) Look(f picture.Frame) error {
	joined := 0
	for _, is := range f.Joined {
		if is {
			joined++
		}
	}
	w.at, w.there = append(w.at, f.At), append(w.there, joined)
	return w.err
}

func TestAFilmIsShownWhenItIsWantedAndEndsWhereTheTrialEnds(t *testing.T) {
	s := timed("50s", grid(49), map[string]any{"neighbours": 10, "height": false})
	s.Faults = []any{joining("20s", 20)}
	w := &watcher{every: 12.5}
	require.NoError(t, Film(t.Context(), s, nothing, w))
	require.Len(t, w.at, 5)
	assert.Equal(t, []int{29, 29, 49, 49, 49}, w.there)
	assert.InDelta(t, 12.5, w.at[1], 0.5, "29 nodes of 49 take samples")
	assert.InDelta(t, 37.5, w.at[3], 0.02)
	assert.Equal(t, 50.0, w.at[4])
	assert.Equal(t, 50.0, w.cast.End)
	assert.Equal(t, "0,0", w.cast.Nodes[0].Name)
	assert.Len(t, w.cast.Springs[0], 10)
	assert.Equal(t, []picture.Event{{At: 20, What: "20 nodes join"}}, w.cast.Events)
}

// In rounds the clock is samples, and a node that knows fewer takes fewer.
func TestAFilmOfRoundsCountsSamples(t *testing.T) {
	world := scattered(16, 0)
	for j := 3; j < 16; j++ {
		world[0][j], world[j][0] = 0, 0 // node 0 has two peers
	}
	s := spec(map[string]any{"neighbours": 6})
	s.Run = map[string]any{"rounds": 4}
	w := &watcher{every: 1}
	require.NoError(t, Film(t.Context(), s, world.open, w))
	assert.Equal(t, 4*(15*6+2)/16.0, w.cast.End)
	assert.Len(t, w.at, 24)
}

func TestAFilmStopsWhenNobodyLooks(t *testing.T) {
	enough := errors.New("enough")
	s := timed("50s", grid(16), map[string]any{"neighbours": 3})
	assert.ErrorIs(t, Film(t.Context(), s, nothing, &watcher{err: enough}), enough)
	s.System["method"] = "direct"
	delete(s.Run, "duration")
	assert.EqualError(t, Film(t.Context(), s, scatteredGrid, &watcher{}), "system.method: direct is not valid; want vivaldi in a film")
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
