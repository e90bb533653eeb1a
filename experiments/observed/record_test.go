package observed_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/swimlab/swimlab/experiments/observed"
)

const s = time.Second

// Member 0 crashes at 10 s; 1 and 2 notice; 3 is under a fault from 5 s on.
func crash() *observed.Record {
	r := &observed.Record{Period: 2 * s, Fates: []observed.Fate{
		{Touched: 10 * s, Goodbye: observed.Never, Gone: 10 * s}, observed.Untouched, observed.Untouched,
		{Touched: 5 * s, Goodbye: observed.Never, Gone: observed.Never},
	}}
	r.Crashes = []observed.Happening{{Member: 0, At: 10 * s}}
	r.Events = []observed.Event{
		{At: 24 * s, Kind: observed.Failed, By: 2, About: 0},
		{At: 12 * s, Kind: observed.ProbeFailed, By: 1, About: 0},
		{At: 20 * s, Kind: observed.Failed, By: 1, About: 0},
		{At: 6 * s, Kind: observed.Failed, By: 3, About: 2},
		{At: 7 * s, Kind: observed.Failed, By: 1, About: 2},
		{At: 7 * s, Kind: observed.Failed, By: 1, About: 3},
	}
	return r
}

func TestACrashIsDetectedOnceAndRemovedByTheLast(t *testing.T) {
	r := crash()
	r.Sort()
	x := r.Samples([]string{"first_detection", "removal", "undetected"})
	assert.Equal(t, map[string][]float64{"first_detection": {1}, "removal": {}, "undetected": {0}}, x, "3 still has it")
	r.Events = append(r.Events, observed.Event{At: 30 * s, Kind: observed.Failed, By: 3, About: 0})
	assert.Equal(t, []float64{10}, r.Samples([]string{"removal"})["removal"])
}

func TestWhoJoinedLaterHasNothingToConfirmUnlessItHeldTheCrashedForAlive(t *testing.T) {
	r := crash()
	r.Events = append(r.Events, observed.Event{At: 30 * s, Kind: observed.Failed, By: 3, About: 0})
	late := observed.Untouched
	late.Came = 15 * s
	r.Fates = append(r.Fates, late)
	r.Sort()
	assert.Equal(t, []float64{10}, r.Samples([]string{"removal"})["removal"])
	r.Events = append(r.Events, observed.Event{At: 16 * s, Kind: observed.Returned, By: 4, About: 0})
	r.Sort()
	assert.Empty(t, r.Samples([]string{"removal"})["removal"], "4 still has it")
	r.Events = append(r.Events, observed.Event{At: 34 * s, Kind: observed.Failed, By: 4, About: 0})
	assert.Equal(t, []float64{12}, r.Samples([]string{"removal"})["removal"])
}

func TestAFalsePositiveIsAboutTheInnocentAlone(t *testing.T) {
	x := crash().Samples([]string{"false_positives", "false_positives_at_healthy"})
	assert.Equal(t, []float64{2}, x["false_positives"])
	assert.Equal(t, []float64{1}, x["false_positives_at_healthy"], "3 was not healthy")
}

func TestAHoldingIsNoticedByTheHealthy(t *testing.T) {
	r := crash()
	r.Holdings = []observed.Happening{{Member: 3, At: 5 * s}}
	r.Sort()
	x := r.Samples([]string{"anomaly_detected", "anomaly_detection", "anomaly_dissemination"})
	assert.Equal(t, map[string][]float64{"anomaly_detected": {1}, "anomaly_detection": {2}, "anomaly_dissemination": {}}, x)
}

func TestAGoodbyeIsFollowedToTheLast(t *testing.T) {
	r := &observed.Record{Period: s, Fates: []observed.Fate{{Touched: s, Goodbye: s, Gone: 3 * s}, observed.Untouched, observed.Untouched}}
	r.Events = []observed.Event{{At: 2 * s, Kind: observed.Left, By: 1, About: 0}, {At: 4 * s, Kind: observed.Left, By: 2, About: 0}}
	x := r.Samples([]string{"infection_latency", "infection_median", "infection_max", "infection_missed"})
	assert.Equal(t, map[string][]float64{"infection_latency": {1, 3}, "infection_median": {2}, "infection_max": {3}, "infection_missed": {0}}, x)
}

// Member 3 joins at 10 s; 0 has crashed before the end, 2 never hears, and 4 comes later.
func TestANewcomerIsFollowedToTheLastThatWasThereBeforeAndStays(t *testing.T) {
	r := &observed.Record{Period: s, Fates: []observed.Fate{
		{Touched: 20 * s, Goodbye: observed.Never, Gone: 20 * s}, observed.Untouched, observed.Untouched, observed.Untouched, observed.Untouched, observed.Untouched,
	}}
	r.Fates[3].Came, r.Fates[4].Came, r.Fates[5].Came = 10*s, 12*s, observed.Never
	r.Events = []observed.Event{
		{At: 1 * s, Kind: observed.Returned, By: 1, About: 2},
		{At: 13 * s, Kind: observed.Returned, By: 1, About: 3},
		{At: 14 * s, Kind: observed.Returned, By: 4, About: 3},
		{At: 15 * s, Kind: observed.Returned, By: 1, About: 3},
	}
	names := []string{"join_latency", "join_complete", "join_missed", "group_incomplete"}
	x := r.Samples(names)
	assert.Equal(t, map[string][]float64{"join_latency": {3}, "join_complete": {}, "join_missed": {1, 3}, "group_incomplete": {1}}, x)
	assert.Empty(t, crash().Samples(names)["group_incomplete"], "nobody has joined")
	r.Events = append(r.Events, observed.Event{At: 40 * s, Kind: observed.Returned, By: 2, About: 3})
	x = r.Samples(names)
	assert.Equal(t, map[string][]float64{"join_latency": {3, 30}, "join_complete": {30}, "join_missed": {0, 3}, "group_incomplete": {1}}, x, "4's news reached nobody")
}
