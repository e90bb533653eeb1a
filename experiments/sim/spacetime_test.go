package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/experiments/trial"
)

// falsePositive is the trial that testdata/trace/false_positive.txt tells: 5
// declares 10 faulty, because it was blocked when 10's refutation came.
const falsePositive = `
system: {protocol: swim, preset: deployed, members: 12, suspicion_mult: 5, push_pull_interval: 15s}
network: {latency: {uniform: [100us, 500us]}}
faults: [{at: 15s, slow: {members: 3, blocked: 12s, normal: 20ms, for: 50s}}]
run: {duration: 40s}
`

func spaceTime(t *testing.T, spec trial.Spec, members ...int) trial.SpaceTime {
	s, err := NewWorld(nil).SpaceTime(t.Context(), spec, members)
	require.NoError(t, err)
	return s
}

func TestASpaceTimePictureShowsHowAFalsePositiveCameAbout(t *testing.T) {
	s := spaceTime(t, specOf(t, 1, falsePositive))
	assert.Equal(t, "5 declares 10 faulty, which no fault has touched", s.Title)
	assert.Equal(t, []trial.SpaceTimeMember{
		{ID: 7, Role: "accuses first"}, {ID: 5, Role: "declares"}, {ID: 10, Role: "accused"},
		{ID: 4, Role: "helper"}, {ID: 11, Role: "helper"}, {ID: 8, Role: "helper"},
	}, s.Members)

	ping := s.Messages[0]
	assert.Equal(t, "ping", ping.Label)
	assert.Equal(t, s.From, ping.Written, "it begins with the ping that fails")
	assert.Equal(t, 27*time.Second, ping.Left, "which its slow sender holds back")
	var refutation *trial.SpaceTimeMessage
	for i, m := range s.Messages {
		if m.To == 5 && m.Label == "news: 10 alive" {
			refutation = &s.Messages[i]
		}
		assert.LessOrEqual(t, m.Written, m.Left)
		assert.LessOrEqual(t, m.Left, m.Arrived)
		assert.LessOrEqual(t, m.Arrived, m.Read)
	}
	require.NotNil(t, refutation, "the refutation that 5 does not get to read")
	assert.Equal(t, "A probe of member 10 (running) failed, and it was declared faulty. A false positive: no fault had touched it.", s.Story[0])
	assert.Contains(t, s.Story[len(s.Story)-1], "In the same trial with all of Lifeguard on, ")
	declared := trial.SpaceTimeMark{}
	for i, m := range s.Marks {
		if i > 0 {
			assert.GreaterOrEqual(t, m.At, s.Marks[i-1].At)
		}
		if m.Text == "time-out: declares it faulty" {
			declared = m
		}
	}
	assert.Contains(t, []int{0, 5, 7}, declared.Member, "all of the slow ones do")
	assert.Less(t, refutation.Arrived, declared.At)
	assert.Greater(t, refutation.Read, declared.At)
	covered := false
	for _, x := range s.Spans {
		assert.Less(t, x.From, x.To)
		assert.GreaterOrEqual(t, x.From, s.From)
		assert.LessOrEqual(t, x.To, s.To)
		if x.Member == 5 && x.State == trial.Stalled && x.From <= refutation.Arrived && x.To >= declared.At {
			covered = true
		}
	}
	assert.True(t, covered, "because it was blocked all that time")
	assert.Equal(t, s, spaceTime(t, specOf(t, 1, falsePositive)), "the same trial, the same picture")
}

func TestWithoutAFalsePositiveThePictureShowsADeclarationOrElseASuspicion(t *testing.T) {
	paused := spaceTime(t, specOf(t, 1, lan, `faults: [{at: 3s, pause: {ids: [5], for: 2s}}]`))
	crash := spaceTime(t, specOf(t, 1, lan, `faults: [{at: 3s, pause: {ids: [5], for: 2s}}, {at: 6s, crash: {ids: [2]}}]`))
	assert.Regexp(t, `^\d declares 2 faulty, which has crashed$`, crash.Title)
	assert.Regexp(t, `^\d accuses 5, which is running$`, paused.Title)
	texts := map[string]bool{}
	for _, m := range paused.Marks {
		if m.Member == 5 {
			texts[m.Text] = true
		}
	}
	assert.Equal(t, map[string]bool{"goes on": true, "refutes": true}, texts)
}

// A multicast goes to every column.
func TestAPictureOfAMulticast(t *testing.T) {
	s := spaceTime(t, specOf(t, 1, lan, `
system: {dissemination: multicast, suspicion: false}
faults: [{at: 6s, crash: {ids: [2]}}]`))
	told := 0
	for _, m := range s.Messages {
		if m.Label == "news: 2 faulty" {
			told++
		}
	}
	assert.Equal(t, 1, told, "the helper is told by the accuser")
}

func TestWhereNobodyIsAccusedThereIsNothingToDraw(t *testing.T) {
	_, err := NewWorld(nil).SpaceTime(t.Context(), specOf(t, 1, lan), nil)
	assert.EqualError(t, err, "nobody was accused in this trial: there is nothing to draw; another seed, or other members, may have more to show")
	_, err = NewWorld(nil).SpaceTime(t.Context(), specOf(t, 1, `system: {protocol: vivaldi}`), nil)
	assert.EqualError(t, err, "system.protocol: vivaldi is not valid; want swim: only groups of members have a space-time picture")
}
