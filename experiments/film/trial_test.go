package film_test

import (
	"context"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/datasets"
	"github.com/swimlab/swimlab/experiments/film"
	"github.com/swimlab/swimlab/experiments/lab"
	"github.com/swimlab/swimlab/experiments/sim"
	"github.com/swimlab/swimlab/experiments/sim/embedding"
	"github.com/swimlab/swimlab/experiments/sim/picture"
	"github.com/swimlab/swimlab/experiments/trial"
)

// filmOf films a trial as if it were that of a definition.
func filmOf(t *testing.T, spec trial.Spec) (*film.Embedding, error) {
	t.Helper()
	with := stage()
	with.Resolve = func(string, string, int) (trial.Spec, error) { return spec, nil }
	return film.RecordEmbedding(t.Context(), film.EmbeddingOptions{Experiment: "some/experiment", Seed: 1}, with)
}

func mustFilm(t *testing.T, spec trial.Spec) *film.Embedding {
	t.Helper()
	f, err := filmOf(t, spec)
	require.NoError(t, err)
	return f
}

// observed runs the trial as experiments do.
func observed(t *testing.T, spec trial.Spec, measure string) float64 {
	t.Helper()
	store := datasets.NewStore("")
	spec.Measure = []string{measure}
	o, err := sim.NewWorld(func(name string) (sim.RTTs, error) { return store.Open(name) }).Run(t.Context(), spec)
	require.NoError(t, err)
	require.Len(t, o.Samples[measure], 1)
	return o.Samples[measure][0]
}

func specOf(system, network, run map[string]any, faults ...any) trial.Spec {
	return trial.Spec{World: "simulation", Seed: lab.Seed(2), System: system, Network: network, Run: run, Faults: faults}
}

// trials are one of each world and of each kind of event, with what each is judged
// by in experiments.
var trials = map[string]struct {
	spec    trial.Spec
	measure string
}{
	"rounds": {specOf(map[string]any{"protocol": "vivaldi", "neighbours": 8}, map[string]any{"dataset": "synthetic-internet:50"}, map[string]any{"rounds": 12}),
		"median_relative_error"},
	"sphere": {specOf(map[string]any{"protocol": "vivaldi", "neighbours": 8, "space": "sphere", "radius": "90ms", "height": true}, map[string]any{"dataset": "synthetic-internet:50"}, map[string]any{"rounds": 12}),
		"median_relative_error"},
	"newcomers": {specOf(map[string]any{"protocol": "vivaldi", "neighbours": 8, "height": false}, map[string]any{"grid": map[string]any{"nodes": 49, "spacing": "10ms"}}, map[string]any{"duration": "120s"},
		map[string]any{"at": "80s", "join": map[string]any{"nodes": 20}}), "median_relative_error"},
	"slow link": {specOf(map[string]any{"protocol": "vivaldi", "neighbours": 8}, map[string]any{"transit_stub": map[string]any{}}, map[string]any{"duration": "90s"},
		map[string]any{"at": "40s", "slow": map[string]any{"stub": 1, "factor": 10, "for": "20s"}}), "median_relative_error"},
	"liars": {specOf(map[string]any{"protocol": "coordinates", "preset": "paper", "attack": map[string]any{"kind": "disorder", "share": 0.2}}, map[string]any{"dataset": "synthetic-internet:50"}, map[string]any{"samples": 60, "attack_after": 30}),
		"honest_error"},
	"data centres": {specOf(map[string]any{"protocol": "coordinates", "preset": "serf", "data_centres": 6, "servers": 3}, map[string]any{"dataset": "synthetic-internet:50"}, map[string]any{"samples": 60}),
		"median_relative_error"},
	"stream": {specOf(map[string]any{"protocol": "vivaldi_stream", "preset": "serf"}, map[string]any{"dataset": "synthetic-internet:50"}, map[string]any{"passes": 20}),
		"pair_median_relative_error"},
}

// A film shows the very trial that an experiment runs: it ends where that ends.
func TestAFilmEndsWithTheErrorThatItsTrialMeasures(t *testing.T) {
	for name, c := range trials {
		t.Run(name, func(t *testing.T) {
			f := mustFilm(t, c.spec)
			require.Len(t, f.At, 240)
			assert.InEpsilon(t, observed(t, c.spec, c.measure), f.Median[239], 1e-4)
		})
	}
}

// last keeps what a world predicts at the end.
type last struct {
	film      *film.Embedding
	predicted map[[2]int]time.Duration
}

func (l *last) Begin(picture.Cast) {}

func (l *last) Wants(at float64) bool { return at >= float64(l.film.At[len(l.film.At)-1]) }

func (l *last) Look(f picture.Frame) error {
	for i := range l.film.Places {
		for j := range i {
			l.predicted[[2]int{i, j}] = f.Predicted(i, j)
		}
	}
	return nil
}

// On a sphere, too, a picture may be turned and no prediction changes.
func TestAFilmPredictsWhatItsWorldPredicts(t *testing.T) {
	store := datasets.NewStore("")
	for _, name := range []string{"rounds", "sphere", "newcomers"} {
		spec := trials[name].spec
		f := mustFilm(t, spec)
		world := &last{f, map[[2]int]time.Duration{}}
		require.NoError(t, embedding.Film(t.Context(), spec, func(name string) (embedding.RTTs, error) { return store.Open(name) }, world))
		require.NotEmpty(t, world.predicted)
		for pair, predicted := range world.predicted {
			require.InDelta(t, predicted.Seconds()*1e3, f.Predicted(239, pair[0], pair[1]), 1e-3, "%s: %v", name, pair)
		}
	}
}

func TestOnASphereEveryNodeStaysOnIt(t *testing.T) {
	f := mustFilm(t, trials["sphere"].spec)
	assert.Equal(t, 90.0, f.Radius)
	assert.True(t, f.Oriented)
	for k := 0; k < len(f.Coordinates); k += 3 {
		x, y, z := float64(f.Coordinates[k]), float64(f.Coordinates[k+1]), float64(f.Coordinates[k+2])
		require.InDelta(t, 90*90, x*x+y*y+z*z, 0.01)
	}
	var north, east float64
	for i, p := range f.Places {
		at := f.Coordinates[(239*len(f.Places)+i)*3:]
		north += p.Y * float64(at[2])
		east += p.X * float64(at[1])
	}
	assert.Positive(t, north, "north is up")
	assert.Positive(t, east, "east is east")
}

func TestNewcomersAreNotThereBeforeTheyJoin(t *testing.T) {
	f := mustFilm(t, trials["newcomers"].spec)
	require.Len(t, f.Cast.Events, 1)
	assert.Equal(t, picture.Event{At: 80, What: "20 nodes join"}, f.Cast.Events[0])
	n := len(f.Places)
	for frame, at := range f.At {
		for i, p := range f.Places {
			assert.Equal(t, p.Role != "newcomer" || at > 80, f.Joined[frame*n+i] == 1, "frame %d, node %d", frame, i)
		}
	}
	roles := map[string]int{}
	for _, p := range f.Places {
		roles[p.Role]++
	}
	assert.Equal(t, map[string]int{"": 29, "newcomer": 20}, roles)
}

func TestALinkBecomesSlowerInTheFilmToo(t *testing.T) {
	f := mustFilm(t, trials["slow link"].spec)
	require.Len(t, f.Cast.Events, 2)
	assert.Equal(t, "the uplink of stub 1 becomes 10 times slower", f.Cast.Events[0].What)
	assert.Equal(t, "the uplink of stub 1 is as before", f.Cast.Events[1].What)
	slow, other := -1, -1
	for i, p := range f.Places {
		if p.Role == "slow link" && slow < 0 {
			slow = i
		}
		if p.Region == "transit" {
			other = i
		}
	}
	require.GreaterOrEqual(t, slow, 0)
	before, longer := f.Measured(0, slow, other), false
	for frame, at := range f.At {
		now := f.Measured(frame, slow, other)
		if at > 40 && at <= 60 {
			longer = true
			assert.Greater(t, now, before+20)
		} else {
			assert.Equal(t, before, now, "at %v", at)
		}
	}
	assert.True(t, longer)
}

func TestLiarsAreMarkedAndNotJudged(t *testing.T) {
	f := mustFilm(t, trials["liars"].spec)
	assert.Equal(t, []picture.Event{{At: 30, What: "10 nodes begin to lie: disorder"}}, f.Cast.Events)
	for i, p := range f.Places {
		assert.Equal(t, p.Role != "liar", f.Cast.Judged[i])
	}
	at := 0
	for f.At[at] < 30 {
		at++
	}
	assert.Greater(t, f.Median[239], 1.5*f.Median[at], "they do harm")
}

func TestServersAreNamedByTheirDataCentre(t *testing.T) {
	f := mustFilm(t, trials["data centres"].spec)
	require.Len(t, f.Places, 18)
	assert.Regexp(t, `, server 2$`, f.Places[17].Name)
	assert.Equal(t, f.Places[15].Region, f.Places[17].Region)
}

func TestTrialsThatEmbedNothingSaySo(t *testing.T) {
	for message, change := range map[string]func(*trial.Spec){
		"system.method: direct is not valid; want vivaldi in a film":                                               func(s *trial.Spec) { s.System = map[string]any{"protocol": "vivaldi", "method": "direct"} },
		"measure: the trial asks about round trips alone and embeds nothing; want one that embeds them, in a film": func(s *trial.Spec) { s.Measure = []string{"triangle_violations"} },
		"run.passes: 0 is not valid; want 1 or more in a film: the trial asks about round trips alone and embeds nothing": func(s *trial.Spec) {
			s.System, s.Run = map[string]any{"protocol": "vivaldi_stream"}, map[string]any{"passes": 0}
		},
		"system.protocol: it is a group of members, whose films the page Membership has; want vivaldi, coordinates or vivaldi_stream": func(s *trial.Spec) { s.System = map[string]any{"protocol": "swim"} },
	} {
		spec := trials["rounds"].spec
		change(&spec)
		_, err := filmOf(t, spec)
		var key *trial.KeyError
		require.ErrorAs(t, err, &key)
		assert.EqualError(t, err, message)
	}
}

func TestANetworkCanBeTooLargeForAFilm(t *testing.T) {
	spec := trials["newcomers"].spec
	spec.Network = map[string]any{"grid": map[string]any{"nodes": 2049, "spacing": "10ms"}}
	_, err := filmOf(t, spec)
	assert.EqualError(t, err, "network: it has 2049 nodes; want at most 2048 for a film")
}

// The free choice of a sphere is a trial like any other.
func TestASphereCanBeChosen(t *testing.T) {
	f := record(t, "hosts=60&space=sphere&radius=80ms&samples=200&neighbours=16")
	assert.Equal(t, 80.0, f.Radius)
	assert.Equal(t, "sphere of 80ms", f.Cast.Space.String())
	assert.Less(t, f.Median[239], float32(0.4))
	_, err := film.ParseEmbedding(url.Values{"radius": {"0s"}})
	assert.EqualError(t, err, `radius: "0s" is not valid; want a duration with its unit, from 1ms to 10s`)
	_, err = film.ParseEmbedding(url.Values{"experiment": {"x"}, "space": {"sphere"}})
	assert.EqualError(t, err, "space: unknown key; want one of cell, experiment, seed")
}

func TestFilmingStopsWhenNobodyWaits(t *testing.T) {
	for _, name := range []string{"rounds", "liars", "stream"} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		with := stage()
		with.Resolve = func(string, string, int) (trial.Spec, error) { return trials[name].spec, nil }
		_, err := film.RecordEmbedding(ctx, film.EmbeddingOptions{Experiment: "x", Seed: 1}, with)
		assert.ErrorIs(t, err, context.Canceled)
	}
}
