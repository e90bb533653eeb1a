package coordinates

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/experiments/trial"
)

func TestAnErrorFloorTakesTheSayOfThoseWhoClaimToBeSure(t *testing.T) {
	world := scattered(60)
	measure := []string{"honest_error"}
	believed := observe(t, specOf(underAttack("repulsion", 0.1, nil), attacked, measure...), world.open)
	doubted := observe(t, specOf(underAttack("repulsion", 0.1, map[string]any{"error_floor": 0.5}), attacked, measure...), world.open)
	assert.Less(t, one(t, doubted, "honest_error"), one(t, believed, "honest_error"))
}

func TestShortStepsSlowLiarsDown(t *testing.T) {
	world := scattered(60)
	far := func(guards map[string]any) float64 {
		return one(t, observe(t, specOf(underAttack("isolation", 0.2, guards), map[string]any{"samples": 210, "attack_after": 200}, "victim_displacement_ms"), world.open), "victim_displacement_ms")
	}
	assert.Greater(t, far(nil), 50.0)
	assert.Less(t, far(map[string]any{"max_step": "1ms"}), 11.0, "ten samples, each 1 ms")
}

func TestBoundsRefuseWhatLiesBeyond(t *testing.T) {
	o := observe(t, specOf(underAttack("disorder", 0.2, map[string]any{"max_rtt": "400ms", "max_distance": "400ms"}), attacked, "refused_lies", "refused_honest"), scattered(60).open)
	assert.Greater(t, one(t, o, "refused_lies"), 0.5)
	assert.Less(t, one(t, o, "refused_honest"), 0.2)
}

func TestBadSections(t *testing.T) {
	world := scattered(10)
	for _, c := range []struct {
		system, run map[string]any
		measure     string
		says        string
	}{
		{says: "system.pattern: star is not valid; want one of random, round_robin, sweep, fixed, ring, tree", system: map[string]any{"pattern": "star"}},
		{says: "system.preset: consul is not valid; want paper, serf or recommended", system: map[string]any{"preset": "consul"}},
		{says: "system.dimensions: 0 is not valid; want 1 to 16 dimensions", system: map[string]any{"dimensions": 0}},
		{says: "system.services: 1 is not valid; want at least 2, or there is no choice; or 0", system: map[string]any{"services": 1}},
		{says: "network.dataset: test has 10 hosts; want at least 11 of them", system: map[string]any{"services": 10}},
		{says: "network.dataset: test has 10 hosts; want at least 33 of them", system: map[string]any{"pattern": "fixed"}},
		{says: "system.data_centres: 11 is not valid; want at most 10, the hosts of test", system: map[string]any{"data_centres": 11}},
		{says: "system.data_centres: 2 is not valid; want at least 3, or there is no choice, and at most 4096 servers in all", system: map[string]any{"data_centres": 2}},
		{says: "system.services: both services and data_centres are given; want one of them", system: map[string]any{"services": 3, "data_centres": 4}},
		{says: "system.attack.kind: lies is not valid; want none, disorder, repulsion, lure or isolation", system: map[string]any{"attack": map[string]any{"kind": "lies"}}},
		{says: "system.attack.share: 1 is not valid; want 0 to 0.9", system: map[string]any{"attack": map[string]any{"share": 1}}},
		{says: "system.attack.reach: 0s is not valid; want a duration over 0s, such as \"500ms\"", system: map[string]any{"attack": map[string]any{"reach": "0s"}}},
		{says: "system.attack.delay: -1s is not valid; want 0s or more", system: map[string]any{"attack": map[string]any{"delay": "-1s"}}},
		{says: "system.guards.max_distance: 1s is not valid; want at least the longest round trip, 2s", system: map[string]any{"guards": map[string]any{"max_rtt": "2s", "max_distance": "1s"}}},
		{says: "system.guards.error_floor: 2 is not valid; want a number from 0 to the error cap, 1.5", system: map[string]any{"guards": map[string]any{"error_floor": 2}}},
		{says: "system.guards.max_step: -1s is not valid; want a duration over 0s, or 0s for no bound", system: map[string]any{"guards": map[string]any{"max_step": "-1s"}}},
		{says: "system.guards.outlier: -1 is not valid; want a multiple of the median, such as 5, or 0", system: map[string]any{"guards": map[string]any{"outlier": -1}}},
		{says: "system.guards.outlier_window: 0 is not valid; want 1 to 10000", system: map[string]any{"guards": map[string]any{"outlier": 5, "outlier_window": 0}}},
		{says: "run.samples: 0 is not valid; want a whole number from 1 to 1000000", run: map[string]any{"samples": 0}},
		{says: "run.attack_after: 9 is not valid; want a whole number from 0 to 8", run: map[string]any{"samples": 9, "attack_after": 9}},
		{says: "measure.0: stretch is about services; want system.services", measure: "stretch"},
		{says: "measure.0: rank_agreement is about data centres; want system.data_centres", measure: "rank_agreement"},
	} {
		measure := []string{"median_relative_error"}
		if c.measure != "" {
			measure = []string{c.measure}
		}
		spec := specOf(c.system, c.run, measure...)
		err := Check(spec, world.open)
		require.Error(t, err, c.says)
		assert.Equal(t, c.says, err.Error())
		var blamed *trial.KeyError
		assert.ErrorAs(t, err, &blamed)
		_, runErr := Run(t.Context(), spec, world.open)
		assert.EqualError(t, runErr, c.says, "Run says the same as Check")
	}
}
