package coordinates

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const ms = time.Millisecond

func TestCoordinatesThatFitFindTheNearest(t *testing.T) {
	world := scattered(60)
	s := specOf(map[string]any{"services": 8, "requests": 10}, map[string]any{"samples": 2000},
		"stretch", "stretch_random", "stretch_round_robin", "regret_ms", "regret_random_ms", "regret_round_robin_ms", "nearest_found")
	o := observe(t, s, world.open)
	assert.Len(t, o.Samples["stretch"], 600, "a value each request")
	assert.Greater(t, one(t, o, "nearest_found"), 0.95)
	assert.Less(t, one(t, o, "regret_ms"), 0.2)
	for _, policy := range []string{"random", "round_robin"} {
		assert.Greater(t, one(t, o, "regret_"+policy+"_ms"), 30.0, policy)
		assert.Greater(t, mean(o.Samples["stretch_"+policy]), 2.0, policy)
	}
	for _, stretch := range o.Samples["stretch"] {
		assert.GreaterOrEqual(t, stretch, 1.0, "nobody is nearer than the nearest")
	}
}

func TestARequestIsJudgedByTrueRoundTrips(t *testing.T) {
	c := choices{best: []time.Duration{10 * ms, 20 * ms}}
	chosen := []time.Duration{10 * ms, 50 * ms}
	assert.Equal(t, []float64{1, 2.5}, c.stretch(chosen))
	assert.Equal(t, []float64{0, 30}, c.regret(chosen))
	assert.Equal(t, 0.5, c.right(chosen))
}

func TestRoundRobinTakesTurnsWhoeverAsks(t *testing.T) {
	// Three hosts, two services each: whom round-robin picks is the first and the
	// second of the shuffled pair by turns, so over many requests both as often.
	o := observe(t, specOf(map[string]any{"services": 2, "requests": 500}, map[string]any{"samples": 10}, "stretch_round_robin"), scattered(3).open)
	nearest := 0
	for _, s := range o.Samples["stretch_round_robin"] {
		if s == 1 {
			nearest++
		}
	}
	assert.InDelta(t, 750, nearest, 80, "of 1500 requests")
}

func TestAgreementCountsPairsInTheRightOrder(t *testing.T) {
	distance := []time.Duration{40 * ms, 10 * ms, 30 * ms, 20 * ms}
	assert.Equal(t, []int{1, 3, 2, 0}, ranked([]int{0, 1, 2, 3}, distance))
	assert.Equal(t, 1.0, agreement([]int{1, 3, 2, 0}, distance))
	assert.Equal(t, -1.0, agreement([]int{0, 2, 3, 1}, distance))
	assert.InDelta(t, 4.0/6, agreement([]int{3, 1, 2, 0}, distance), 1e-12, "one of six pairs is wrong")
	assert.Equal(t, 30*ms, upperMedian([]time.Duration{40 * ms, 10 * ms, 30 * ms, 20 * ms}), "as Consul has it")
	assert.Equal(t, 20*ms, upperMedian([]time.Duration{10 * ms, 30 * ms, 20 * ms}))
}

func TestServersOfADataCentreStandTogether(t *testing.T) {
	world := scattered(20)
	h := inDataCentres(world, 5, 3, rand.New(rand.NewPCG(1, 2)))
	require.Equal(t, 15, h.n)
	for i := range h.n {
		for j := range h.n {
			switch {
			case i == j:
				assert.Zero(t, h.at(i, j))
			case i/3 == j/3:
				assert.LessOrEqual(t, h.at(i, j), withinDataCentre+2*serverTail)
				assert.GreaterOrEqual(t, h.at(i, j), withinDataCentre)
			default:
				assert.InDelta(t, h.at(i-i%3, j-j%3).Seconds(), h.at(i, j).Seconds(), 2*serverTail.Seconds(), "as far as the data centres are")
			}
		}
	}
}

func TestCoordinatesThatFitRankDataCentres(t *testing.T) {
	s := specOf(map[string]any{"data_centres": 12}, map[string]any{"samples": 1500},
		"failover_regret_ms", "failover_regret_random_ms", "failover_regret_static_ms", "rank_agreement", "rank_agreement_static", "nearest_centre_found")
	o := observe(t, s, scattered(40).open)
	assert.Len(t, o.Samples["failover_regret_ms"], 36, "a value each server")
	assert.Greater(t, mean(o.Samples["rank_agreement"]), 0.97)
	assert.Greater(t, one(t, o, "nearest_centre_found"), 0.9)
	assert.Less(t, mean(o.Samples["failover_regret_ms"]), 1.0)
	assert.Greater(t, mean(o.Samples["failover_regret_random_ms"]), 20.0)
	assert.Greater(t, mean(o.Samples["failover_regret_static_ms"]), 20.0)
	assert.InDelta(t, 0, mean(o.Samples["rank_agreement_static"]), 0.3, "a list for all knows nothing of anyone")
}
