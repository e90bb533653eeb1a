package sim

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/swim"
)

func mustRecord(t *testing.T, spec trial.Spec, messages int) *Recording {
	t.Helper()
	r, err := NewWorld(nil).Record(context.Background(), spec, messages)
	require.NoError(t, err)
	return r
}

// A trial that is recorded is the very trial that an experiment ran.
func TestRecordingChangesNothing(t *testing.T) {
	for name, variant := range chaosOf {
		t.Run(name, func(t *testing.T) {
			spec := specOf(t, 7, chaos, variant)
			k := play(t, spec)
			r := mustRecord(t, spec, 1e6)
			assert.Equal(t, k.now, r.End)
			assert.Equal(t, r, mustRecord(t, spec, 1e6), "the same, again")
			spec.Measure = []string{"false_positives", "refutations"}
			observed := mustRun(t, spec).Samples
			falsely, refuted := 0.0, 0.0
			for _, c := range r.Conclusions {
				switch {
				case c.Kind == swim.Confirmed && c.Healthy:
					falsely++
				case c.Kind == swim.Refuted:
					refuted++
				}
			}
			assert.Equal(t, []float64{falsely}, observed["false_positives"])
			assert.Equal(t, []float64{refuted}, observed["refutations"])
		})
	}
}

func TestARecordingKnowsWhoRunsWhen(t *testing.T) {
	spec := specOf(t, 7, chaos)
	k, r := play(t, spec), mustRecord(t, spec, 1e6)
	now := make([]Condition, r.Members)
	for _, l := range r.Lives {
		now[l.ID] = l.Condition
	}
	for id, condition := range now {
		want := Absent
		switch m := &k.members[id]; {
		case m.node == nil:
		case !m.up:
			want = Crashed
		case m.node.Stopped():
			want = Stopped
		default:
			want = Running
		}
		assert.Equal(t, want, condition, "member %d", id)
	}
}

// However few are kept, they are spread evenly over the trial and over the kinds.
func TestARecordingThinsItsMessagesEvenly(t *testing.T) {
	spec := specOf(t, 7, chaos)
	all, some := mustRecord(t, spec, 1e6), mustRecord(t, spec, 2000)
	require.Equal(t, 1, all.OneIn)
	require.Greater(t, some.OneIn, 2)
	require.Less(t, len(some.Messages), 2001)
	assert.InEpsilon(t, len(all.Messages)/some.OneIn, len(some.Messages), 0.05)
	share := func(r *Recording, is func(Passage) bool) float64 {
		n := 0
		for _, m := range r.Messages {
			if is(m) {
				n++
			}
		}
		return float64(n) / float64(len(r.Messages))
	}
	for name, is := range map[string]func(Passage) bool{
		"pings":          func(p Passage) bool { return p.Kind == swim.Ping },
		"lost":           func(p Passage) bool { return p.Fate == Lost },
		"the first half": func(p Passage) bool { return p.Left < 30*time.Second },
	} {
		assert.InDelta(t, share(all, is), share(some, is), 0.04, name)
	}
	for _, m := range some.Messages {
		assert.True(t, m.Fate == Pending || m.Ended >= m.Left)
	}
}

func TestCopiesOfAMulticastAreSeenOneByOne(t *testing.T) {
	r := mustRecord(t, specOf(t, 1, lan, `
system: {dissemination: multicast}
faults: [{at: 5s, crash: {ids: [2]}}]`), 1e6)
	news := map[uint32]bool{}
	for _, m := range r.Messages {
		if m.Kind == swim.News && m.Worst == swim.Faulty {
			assert.NotEqual(t, uint32(swim.Nobody), m.To)
			news[m.To] = true
		}
	}
	assert.GreaterOrEqual(t, len(news), r.Founders-2, "all but the accused and the accuser")
}

func TestACaseTellsItsStory(t *testing.T) {
	r := mustRecord(t, specOf(t, 1, lan, `faults: [{at: 5s, crash: {ids: [2]}}]`), 1e6)
	require.NotEmpty(t, r.Cases)
	assert.EqualValues(t, 2, r.Cases[0].Member)
	assert.False(t, r.Cases[0].FalsePositive)
	assert.Contains(t, r.Cases[0].Headline, "was declared faulty")
	assert.NotEmpty(t, r.Cases[0].Account)
	assert.Greater(t, r.Cases[0].Declared, r.Cases[0].Began)
}

func TestCoordinatesAreNoGroupToRecord(t *testing.T) {
	_, err := NewWorld(nil).Record(context.Background(), trial.Spec{System: map[string]any{"protocol": "vivaldi"}}, 1)
	assert.EqualError(t, err, "system.protocol: vivaldi is not valid; want swim: only groups of members are recorded")
}
