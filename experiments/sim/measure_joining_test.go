package sim

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/swimlab/swimlab/experiments/closedform"
)

// gossipAlone is the deployed protocol without its exchange of lists.
const gossipAlone = `
system: {protocol: swim, preset: deployed, push_pull_interval: 1h}
network: {latency: 300us}
faults: [{at: 1500ms, join: {members: 1}}]
run: {duration: 5s}
measure: [join_latency, join_complete, join_missed, group_incomplete, joins_open]`

func TestAJoinIsFollowedToTheLastThatLists(t *testing.T) {
	o := mustRun(t, specOf(t, 1, gossipAlone, `system: {members: 3}`))
	latency := o.Samples["join_latency"]
	assert.Len(t, latency, 3)
	assert.InDelta(t, 3*300e-6, latency[0], 1e-9, "the contact, with the request: a stream is opened first")
	assert.Equal(t, []float64{latency[2]}, o.Samples["join_complete"])
	assert.Equal(t, []float64{0}, o.Samples["join_missed"])
	assert.Equal(t, []float64{0}, o.Samples["group_incomplete"])
	open := o.Series["joins_open"]
	for i, x := range open.X {
		assert.Equal(t, x < latency[2], open.Y[i] == 1, "at %v s", x)
	}
	assert.Equal(t, 0.1, open.X[0])
	assert.Equal(t, 100.0, open.X[len(open.X)-1])
}

// A member that is cut off from the others goes on, and so has missed the newcomer;
// one that has crashed has not. Whoever comes later is told by list.
func TestWhoDoesNotHearOfANewcomerHasMissedIt(t *testing.T) {
	o := mustRun(t, specOf(t, 1, gossipAlone, `
system: {members: 5}
faults:
  - {at: 1s, partition: {ids: [2]}}
  - {at: 1500ms, join: {members: 2, every: 1500ms}}
  - {at: 1600ms, crash: {ids: [4]}}`))
	assert.Equal(t, []float64{1, 1}, o.Samples["join_missed"])
	assert.Equal(t, []float64{1}, o.Samples["group_incomplete"])
	assert.Empty(t, o.Samples["join_complete"])
	assert.Len(t, o.Samples["join_latency"], 3+4)
	for _, y := range o.Series["joins_open"].Y {
		assert.Equal(t, 1.0, y)
	}
	none := mustRun(t, specOf(t, 1, gossipAlone, `system: {members: 5}`, `faults: [{at: 1s, crash: {members: 1}}]`))
	assert.Empty(t, none.Samples["group_incomplete"])
	assert.Empty(t, none.Series["joins_open"].X)
}

// memberlist has news of itself to tell from the start; by the paper the contact
// alone makes a newcomer known.
func TestANewcomerOfTheDeployedProtocolTellsOfItself(t *testing.T) {
	for preset, incarnation := range map[string]uint32{"deployed": 1, "paper": 0} {
		k := play(t, specOf(t, 1, lan, `system: {preset: `+preset+`}`, `faults: [{at: 5s, join: {members: 1}}]`))
		assert.Equal(t, incarnation, k.members[8].node.Incarnation(), preset)
		for id := range 8 {
			assert.Equal(t, incarnation, k.members[id].node.Lookup(8).Incarnation, "%s: at %d", preset, id)
		}
	}
}

// With nothing but gossip to bear news, the closed form is exact; with probes, which
// bear it too, it is still near.
func TestGossipMissesWhomTheClosedFormSays(t *testing.T) {
	const trials = 3000
	// Members begin their periods, and with them gossip, at once, and have none but
	// their first probe in the trial, before the newcomer comes.
	const noProbes = `system: {protocol_period: 1h, phases: synchronised}`
	for _, c := range []struct {
		members, mult, sections string
		n, sources, tellings    int
	}{
		{`system: {members: 32}`, `system: {retransmit_mult: 2}`, noProbes, 33, 2, 4},
		{`system: {members: 8}`, `system: {retransmit_mult: 4}`, `run: {duration: 4s}`, 9, 2, 4},
	} {
		missed := over(t, trials, "join_missed", gossipAlone, c.members, c.mult, c.sections)
		var want, squares float64
		for k, p := range closedform.Unreached(c.n, c.sources, c.tellings, 3) {
			want += float64(k) * p
			squares += float64(k*k) * p
		}
		assert.InDelta(t, want, mean(missed), 4*math.Sqrt((squares-want*want)/trials), "a group of %d", c.n)
	}
}

// The exchange of lists repairs what gossip missed: in the end nobody has missed
// anything, but some newcomers had to wait for it.
func TestTheExchangeOfListsRepairsWhatGossipMissed(t *testing.T) {
	const trials = 40
	var complete []float64
	for seed := range uint64(trials) {
		o := mustRun(t, specOf(t, seed, gossipAlone, `
system: {members: 8, retransmit_mult: 2, push_pull_interval: 30s}
faults: [{at: 70s, join: {members: 1}}]
run: {duration: 191s}`))
		assert.Equal(t, []float64{0}, o.Samples["join_missed"])
		complete = append(complete, o.Samples["join_complete"]...)
	}
	waited := 0
	for _, s := range complete {
		if s > 1 {
			waited++
		}
	}
	assert.InDelta(t, trials*closedform.NewsIncomplete(9, 2, 2, 3), waited, 4*math.Sqrt(trials)/2)
}
