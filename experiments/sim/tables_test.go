package sim

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/swim"
)

// A definition that says nothing of tables gets a roster once the group is large.
func TestLargeGroupsShareARoster(t *testing.T) {
	for _, c := range []struct {
		members int
		table   string
		shared  bool
	}{
		{4095, "auto", false}, {4096, "auto", true}, {8, "roster", true}, {5000, "dense", false},
	} {
		assert.Equal(t, c.shared, System{Members: c.members, Table: c.table}.sharesRoster(), "%+v", c)
	}
	s, err := newScenario(specOf(t, 1, lan, `system: {members: 8}`))
	require.NoError(t, err)
	assert.Equal(t, "auto", s.System.Table)
	assert.Nil(t, newCluster(s, nil).roster)
	s.System.Table = "roster"
	assert.Equal(t, 8, newCluster(s, nil).roster.Len())
}

// standardError is that of the mean of xs.
func standardError(xs []float64) float64 {
	m, sum := mean(xs), 0.0
	for _, x := range xs {
		sum += (x - m) * (x - m)
	}
	return math.Sqrt(sum / float64(len(xs)-1) / float64(len(xs)))
}

// How members keep their lists is no business of the protocol: whatever is
// measured, the means over many trials agree within three standard errors of
// their difference. In half of the stories newcomers enter the lists meanwhile.
func TestBothTablesGiveTheSameResults(t *testing.T) {
	const seeds = 300
	group := `
system: {members: 64, suspicion_mult: 1}
run: {duration: 40s}
`
	crash := `faults: [{at: {uniform: [5s, 6s]}, crash: {members: 1}}]`
	churn := `
faults:
  - {at: 2s, join: {members: 6, every: 300ms, via: random}}
  - {at: {uniform: [5s, 6s]}, crash: {members: 1}}
  - {at: {uniform: [8s, 9s]}, restart: {members: 1}}`
	for _, c := range []struct {
		story, measure string
		faults         string
	}{
		{"a crash", "first_detection", crash},
		{"a crash", "infection_latency", crash},
		{"a crash", "infection_max", crash},
		{"churn", "first_detection", churn},
		{"churn", "infection_median", churn},
	} {
		t.Run(fmt.Sprintf("%s of %s", c.measure, c.story), func(t *testing.T) {
			// Values of one trial hang together: a trial counts once.
			trials := func(table string) []float64 {
				means := make([]float64, 0, seeds)
				for seed := range uint64(seeds) {
					// Other seeds for the other table: the crash is drawn anew.
					if table == "roster" {
						seed += seeds
					}
					spec := specOf(t, seed, lan, group, c.faults, `system: {table: `+table+`}`, `measure: [`+c.measure+`]`)
					if values := mustRun(t, spec).Samples[c.measure]; len(values) > 0 {
						means = append(means, mean(values))
					}
				}
				require.Greater(t, len(means), seeds*9/10, "trials with a value")
				return means
			}
			dense, roster := trials("dense"), trials("roster")
			apart := math.Hypot(standardError(dense), standardError(roster))
			t.Logf("dense %.4f, roster %.4f, standard error of the difference %.4f", mean(dense), mean(roster), apart)
			require.Positive(t, apart)
			assert.InDelta(t, mean(dense), mean(roster), 3*apart)
		})
	}
}

// A newcomer is welcomed with the list, and soon knows what everybody knows.
func TestNewcomersOfALargeGroupKnowEverybody(t *testing.T) {
	k := play(t, specOf(t, 1, lan, `
system: {members: 300, table: roster}
run: {duration: 60s}
faults:
  - {at: 2s, crash: {ids: [17]}}
  - {at: 3s, join: {members: 2, every: 1s}}`))
	for id := range k.members {
		if id == 17 {
			continue
		}
		node := k.members[id].node
		assert.Equal(t, 301, node.GroupSize(), "member %d: 300 and 2 but for the one that crashed", id)
		assert.Equal(t, swim.Faulty, node.Lookup(17).State, "member %d", id)
	}
}
