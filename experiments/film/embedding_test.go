package film_test

import (
	"context"
	"math"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/experiments/film"
)

func parse(t *testing.T, query string) film.EmbeddingOptions {
	t.Helper()
	values, err := url.ParseQuery(query)
	require.NoError(t, err)
	o, err := film.ParseEmbedding(values)
	require.NoError(t, err)
	return o
}

func record(t *testing.T, query string) *film.Embedding {
	t.Helper()
	f, err := film.RecordEmbedding(context.Background(), parse(t, query), stage())
	require.NoError(t, err)
	return f
}

func TestTheSameOptionsGiveTheSameFilmToTheByte(t *testing.T) {
	first, err := record(t, "hosts=40&samples=50&seed=3").Encode()
	require.NoError(t, err)
	again, err := record(t, "hosts=40&samples=50&seed=3").Encode()
	require.NoError(t, err)
	assert.Equal(t, first, again)
	other, err := record(t, "hosts=40&samples=50&seed=4").Encode()
	require.NoError(t, err)
	assert.NotEqual(t, first, other)
}

// The grid fits a plane exactly, so the film must end with next to no error, and
// the picture must have the grid's distances: 10 ms from node to node.
func TestAGridUnfoldsUntilItsSpringsAreRelaxed(t *testing.T) {
	f := record(t, "dataset=synthetic-grid:49&space=2D&neighbours=24&samples=600")
	last := len(f.At) - 1
	assert.InDelta(t, 600, f.At[last], 1e-3)
	assert.Greater(t, f.Median[0], float32(0.9), "all begin at one point")
	assert.Less(t, f.Median[last], float32(0.02))
	assert.Less(t, f.P90[last], float32(0.06))
	assert.InDelta(t, 10, f.Predicted(last, 0, 1), 0.5)
}

func TestAFilmHasTheSameNumberOfFramesHoweverShort(t *testing.T) {
	long, short := record(t, "hosts=30&samples=100"), record(t, "hosts=3&samples=2&neighbours=2")
	assert.Len(t, long.At, 240)
	assert.Len(t, short.At, 240)
	assert.InDelta(t, 2, short.At[239], 1e-6)
}

// Aligning frames may move the picture, never a distance: a film's error is that
// of the coordinates as they were.
func TestDistancesAreThoseOfTheSpaceInEveryDimension(t *testing.T) {
	f := record(t, "hosts=60&space=5D&samples=200&neighbours=16")
	assert.Equal(t, 5, f.Dimensions)
	var sum float64
	for i, share := range f.Shares {
		sum += share
		if i > 0 {
			assert.LessOrEqual(t, share, f.Shares[i-1])
		}
	}
	assert.InDelta(t, 1, sum, 1e-9)
	assert.Less(t, f.Median[239], float32(0.25))
}

// Between two frames the cloud as a whole neither drifts nor turns: what is left
// of the motion has no net rotation about the centroid.
func TestThePictureDoesNotSpin(t *testing.T) {
	f := record(t, "hosts=80&space=2D&time_step=constant&delta=0.3&samples=300&neighbours=8")
	n := len(f.Places)
	for frame := 1; frame < len(f.At); frame++ {
		a, b := f.Coordinates[(frame-1)*n*2:frame*n*2], f.Coordinates[frame*n*2:(frame+1)*n*2]
		var turn, size, x, y float64
		for i := range n {
			turn += float64(a[2*i])*float64(b[2*i+1]) - float64(a[2*i+1])*float64(b[2*i])
			size += float64(a[2*i])*float64(b[2*i]) + float64(a[2*i+1])*float64(b[2*i+1])
			x, y = x+float64(b[2*i]), y+float64(b[2*i+1])
		}
		if size > 1e-9 { // all at one point have no direction
			require.InDelta(t, 0, math.Atan2(turn, size), 1e-3, "frame %d", frame)
		}
		require.InDelta(t, 0, math.Hypot(x, y)/float64(n), 1e-3, "frame %d", frame)
	}
}

func TestPlacesLieAsOnAMap(t *testing.T) {
	f := record(t, "hosts=150&space=2D&samples=300")
	require.True(t, f.Oriented)
	n, last := len(f.Places), len(f.At)-1
	var east, north, weight float64
	for i, p := range f.Places {
		east += p.X * float64(f.Coordinates[last*n*2+2*i])
		north += p.Y * float64(f.Coordinates[last*n*2+2*i+1])
		weight += math.Abs(p.X * float64(f.Coordinates[last*n*2+2*i]))
	}
	assert.Greater(t, east/weight, 0.3, "east is right")
	assert.Greater(t, north, 0.0, "north is up")
}

func TestOptionsThatAreWrongAreNamed(t *testing.T) {
	for query, message := range map[string]string{
		"hosts=2":                      `hosts: "2" is not valid; want a whole number from 3 to 1024`,
		"space=7D":                     `space: "7D" is not valid; want one of 2D, 3D, 2D+height, 3D+height, 5D, 8D+height, sphere, sphere+height`,
		"time_step=big":                `time_step: "big" is not valid; want one of adaptive, constant`,
		"delta=NaN":                    `delta: "NaN" is not valid; want a number over 0 and at most 1`,
		"seed=-1":                      `seed: "-1" is not valid; want a whole number from 1 to 2147483647`,
		"neighbors=3":                  "neighbors: unknown key; want one of cc, dataset, delta, experiment, hosts, neighbours, radius, samples, seed, space, time_step",
		"samples=1&samples=2":          `samples: "1, 2" is not valid; want one value`,
		"samples=10000000000000000000": `samples: "10000000000000000000" is not valid; want a whole number from 1 to 5000`,
	} {
		values, err := url.ParseQuery(query)
		require.NoError(t, err)
		_, err = film.ParseEmbedding(values)
		assert.EqualError(t, err, message)
	}
	o := parse(t, "dataset=moon")
	_, err := film.RecordEmbedding(context.Background(), o, stage())
	assert.ErrorContains(t, err, `dataset: no dataset is called "moon"`)
}

func TestRecordingStopsWhenNobodyWaits(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Nanosecond)
	defer cancel()
	_, err := film.RecordEmbedding(ctx, parse(t, ""), stage())
	assert.ErrorIs(t, err, context.DeadlineExceeded)
}
