package film_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/datasets"
	"github.com/swimlab/swimlab/experiments/film"
	"github.com/swimlab/swimlab/experiments/lab"
	"github.com/swimlab/swimlab/experiments/sim"
	"github.com/swimlab/swimlab/experiments/trial"
)

func stage() film.Stage {
	store := datasets.NewStore("")
	return film.Stage{
		World: sim.NewWorld(func(name string) (sim.RTTs, error) { return store.Open(name) }),
		Open:  store.Open, Seed: lab.Seed,
		Resolve: func(experiment, cell string, number int) (trial.Spec, error) {
			return trial.Spec{
				World: "simulation", Seed: lab.Seed(number),
				System: map[string]any{"protocol": "swim", "members": 1000},
				Run:    map[string]any{"duration": "10s"},
			}, nil
		},
	}
}

func recordCluster(t *testing.T, query string) (*film.Cluster, error) {
	t.Helper()
	values, err := url.ParseQuery(query)
	require.NoError(t, err)
	o, err := film.ParseCluster(values)
	if err != nil {
		return nil, err
	}
	return film.RecordCluster(context.Background(), o, stage())
}

func TestTheSameGroupGivesTheSameFilmToTheByte(t *testing.T) {
	encoded := func(query string) []byte {
		f, err := recordCluster(t, query)
		require.NoError(t, err)
		film, err := f.Encode()
		require.NoError(t, err)
		return film
	}
	const query = "members=20&crash=2&loss=0.05&duration=30s&lifeguard=true&seed="
	assert.Equal(t, encoded(query+"5"), encoded(query+"5"))
	assert.NotEqual(t, encoded(query+"5"), encoded(query+"6"))
}

// Every circumstance that can be asked for really happens.
func TestCircumstancesHappen(t *testing.T) {
	for query, what := range map[string]string{
		"crash=3":              "crashes",
		"slow=3&blocked=2s":    "becomes slow",
		"partition=3":          "is cut off by a partition",
		"crash=3&preset=paper": "crashes",
	} {
		f, err := recordCluster(t, "members=12&duration=30s&"+query)
		require.NoError(t, err)
		n := 0
		for _, d := range f.Deeds {
			if d.What == what {
				n++
				assert.Equal(t, 10*time.Second, d.At)
			}
		}
		assert.Equal(t, 3, n, query)
		assert.NotEmpty(t, f.Cases, query)
	}
	f, err := recordCluster(t, "members=12&loss=0.5&duration=30s&preset=paper") // nothing of it over streams, which lose nothing
	require.NoError(t, err)
	lost := 0
	for _, m := range f.Messages {
		if m.Fate == sim.Lost {
			lost++
		}
	}
	assert.InDelta(t, 0.5, float64(lost)/float64(len(f.Messages)), 0.05)
}

func TestMembersOnADatasetStandWhereTheirCoordinatesAre(t *testing.T) {
	f, err := recordCluster(t, "members=30&duration=15s&dataset=synthetic-internet:60")
	require.NoError(t, err)
	require.Len(t, f.X, 30)
	require.Len(t, f.Places, 30)
	matrix, err := datasets.NewStore("").Open("synthetic-internet:60")
	require.NoError(t, err)
	for i, p := range f.Places {
		assert.Equal(t, matrix.Name(f.Hosts[i]), p.Name)
	}
}

// A page finds every track where the header says.
func TestAFilmIsHeaderAndTracks(t *testing.T) {
	f, err := recordCluster(t, "members=5&crash=1&duration=20s&preset=paper")
	require.NoError(t, err)
	block, err := f.Encode()
	require.NoError(t, err)
	size := int(binary.LittleEndian.Uint32(block))
	var header struct {
		Film   struct{ Members int }
		Tracks []struct {
			Name, Type string
			Len        int
		}
	}
	require.NoError(t, json.Unmarshal(block[4:4+size], &header))
	assert.Equal(t, 5, header.Film.Members)
	at := 4 + size
	for _, track := range header.Tracks {
		assert.Zero(t, at%4, track.Name)
		if track.Name == "msg_left" {
			assert.Equal(t, len(f.Messages), track.Len)
		}
		at += (track.Len*map[string]int{"f32": 4, "u32": 4, "u16": 2, "u8": 1}[track.Type] + 3) / 4 * 4
	}
	assert.Equal(t, len(block), at)
}

func TestGroupsThatCannotBeFilmedAreNamed(t *testing.T) {
	for query, message := range map[string]string{
		"members=513":               `members: "513" is not valid; want a whole number from 3 to 512`,
		"members=8&crash=8":         `crash: "8" is not valid; want a whole number from 0 to 7`,
		"duration=20m":              `duration: "20m" is not valid; want a duration with its unit, from 11s to 10m0s`,
		"loss=1":                    `loss: "1" is not valid; want a number from 0 to 0.9`,
		"preset=best":               `preset: "best" is not valid; want one of paper, deployed, fixed`,
		"experiment=x&members=3":    "members: unknown key; want one of cell, experiment, seed",
		"experiment=large":          "system.members: 1000 is not valid; want at most 512 for a film",
		"dataset=aws2025&members=9": "",
	} {
		_, err := recordCluster(t, query)
		if message == "" {
			assert.ErrorContains(t, err, "dataset aws2025 is not here")
			continue
		}
		assert.EqualError(t, err, message)
	}
}
