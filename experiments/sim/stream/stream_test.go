package stream

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/experiments/trial"
)

// line is hosts in a row, 10 ms apart; every third slice is three times as slow.
type line struct {
	n    int
	slow bool
}

func (l line) Len() int { return l.n }

func (l line) RTT(i, j int) (time.Duration, bool) {
	rtt := time.Duration(10*max(i-j, j-i)) * time.Millisecond
	if l.slow {
		rtt *= 3
	}
	return rtt, i != j
}

func open(name string) (RTTs, error) {
	if !strings.HasPrefix(name, "line") {
		return nil, fmt.Errorf("no dataset %s", name)
	}
	_, slice, _ := strings.Cut(name, ":")
	return line{12, slice == "3"}, nil
}

func spec(system map[string]any, measure ...string) trial.Spec {
	s := map[string]any{"protocol": Protocol, "dimensions": 2, "height": false}
	for k, v := range system {
		s[k] = v
	}
	return trial.Spec{System: s, Network: map[string]any{"dataset": "line", "frames": 3},
		Run: map[string]any{"passes": 40, "samples": 4}, Measure: measure, Seed: 1}
}

func value(t *testing.T, s trial.Spec) float64 {
	t.Helper()
	o, err := Run(context.Background(), s, open)
	require.NoError(t, err)
	require.Len(t, o.Samples[s.Measure[0]], 1)
	return o.Samples[s.Measure[0]][0]
}

func TestTheSameSeedGivesTheSameObservations(t *testing.T) {
	var names []string
	for _, m := range Measures() {
		names = append(names, m.Name)
	}
	s := spec(map[string]any{"preset": "recommended"}, names...)
	first, err := Run(context.Background(), s, open)
	require.NoError(t, err)
	again, err := Run(context.Background(), s, open)
	require.NoError(t, err)
	assert.Equal(t, first, again)
	s.Seed = 2
	other, err := Run(context.Background(), s, open)
	require.NoError(t, err)
	assert.NotEqual(t, first, other)
	for name, values := range first.Samples {
		for _, v := range values {
			assert.False(t, math.IsNaN(v) || math.IsInf(v, 0), name)
		}
	}
}

func TestFiltersSteadyAStreamThatSlowsDownNowAndThen(t *testing.T) {
	raw := value(t, spec(nil, "instability_ms"))
	filtered := value(t, spec(map[string]any{"filter_window": 4, "filter_percentile": 25}, "instability_ms"))
	both := value(t, spec(map[string]any{"filter_window": 4, "filter_percentile": 25, "update_rule": "energy", "update_window": 8, "tau": "8ms"}, "instability_ms"))
	assert.Less(t, filtered, raw)
	assert.Less(t, both, filtered)
}

func TestAStaticMatrixIsLearnt(t *testing.T) {
	s := spec(nil, "pair_median_relative_error")
	s.Network = map[string]any{"dataset": "line"}
	s.Run = map[string]any{"passes": 500}
	assert.Less(t, value(t, s), 0.02)
}

func TestWithoutPassesTheMatrixAloneIsLookedAt(t *testing.T) {
	s := spec(nil, "detour_share")
	s.Network, s.Run = map[string]any{"dataset": "line"}, map[string]any{"passes": 0}
	assert.Zero(t, value(t, s), "no way on a line is shorter than the straight one")
}

func TestBadDefinitionsBlameTheKey(t *testing.T) {
	for key, system := range map[string]map[string]any{
		"system.preset":            {"preset": "best"},
		"system.dimensions":        {"dimensions": 0},
		"system.filter_window":     {"filter_window": 99},
		"system.update_rule":       {"update_rule": "sometimes"},
		"system.tau":               {"update_rule": "energy", "update_window": 8},
		"system.neighbour_choice":  {"neighbour_choice": "near"},
		"system.unknown":           {"unknown": 1},
		"system.adjustment_window": {"adjustment_window": -1},
	} {
		var blamed *trial.KeyError
		require.ErrorAs(t, Check(spec(system, "changes"), open), &blamed, key)
		assert.Equal(t, key, blamed.Key)
	}
	var blamed *trial.KeyError
	require.ErrorAs(t, Check(spec(nil, "speed"), open), &blamed)
	assert.Equal(t, "measure.0", blamed.Key)
	assert.NoError(t, Check(spec(nil, "changes"), open))
}
