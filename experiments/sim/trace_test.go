package sim

import (
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/swim"
)

// The files under testdata/trace tell small trials as a user reads them. Each
//
//	trace seed=N [messages] [summary] [members=(…)]
//
// is followed by a definition's sections and by the trace; -rewrite writes the
// traces anew, to be read before they are believed.
func TestTracesTellWhatHappened(t *testing.T) {
	datadriven.Walk(t, "testdata/trace", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			var seed uint64
			d.ScanArgs(t, "seed", &seed)
			opts := trial.TraceOptions{Messages: d.HasArg("messages"), Summary: d.HasArg("summary")}
			if d.HasArg("members") {
				opts.Members = make([]int, len(d.CmdArgs[len(d.CmdArgs)-1].Vals))
				for i := range opts.Members {
					d.CmdArgs[len(d.CmdArgs)-1].Scan(t, i, &opts.Members[i])
				}
			}
			return mustTrace(t, specOf(t, seed, d.Input), opts)
		})
	})
}

func TestATraceOfSomeMembersLeavesTheOthersOut(t *testing.T) {
	spec := specOf(t, 1, lan, `faults: [{at: 5s, crash: {ids: [2]}}]`)
	all := mustTrace(t, spec, trial.TraceOptions{Messages: true})
	some := mustTrace(t, spec, trial.TraceOptions{Messages: true, Members: []int{2, 3}})
	kept := 0
	for line := range strings.Lines(all) {
		told := strings.Contains(some, line)
		words := strings.Fields(line)
		switch {
		case words[0] == "#" || words[0] == "*":
			assert.True(t, told, line)
		case len(words) > 2 && (words[2] == sends || words[2] == reads || words[2] == loses):
			concerns := strings.ContainsAny(words[1]+words[3], "23")
			assert.Equal(t, concerns, told, line)
			if concerns {
				kept++
			}
		}
	}
	assert.Positive(t, kept)
}

// Old news of a suspicion may reach a member after all others have cleared the
// suspect: the case is then open again.
func TestALateSuspicionReopensTheCase(t *testing.T) {
	k := newChronicle(t, specOf(t, 1, lan, `run: {duration: 3s}`))
	stories := listenForStories(k.Cluster)
	require.NoError(t, k.run(t.Context()))
	about1 := func(kind swim.EventKind, by uint32, at time.Duration) {
		stories.event(at, by, swim.Event{Kind: kind, Member: 1, By: swim.ID(by)})
	}
	about1(swim.ProbeFailed, 0, 4*time.Second)
	about1(swim.Suspected, 0, 4*time.Second)
	about1(swim.Cleared, 0, 5*time.Second)
	require.Len(t, stories.cases, 1)
	assert.Equal(t, "A probe of member 1 (running) failed, and it was cleared.", stories.cases[0].headline())
	about1(swim.Suspected, 2, 6*time.Second)
	require.Len(t, stories.cases, 1)
	assert.Equal(t, "A probe of member 1 (running) failed, and it was still suspected when the trial ended.", stories.cases[0].headline())
	about1(swim.Confirmed, 2, 9*time.Second)
	assert.Equal(t, "A probe of member 1 (running) failed, and it was declared faulty. A false positive: no fault had touched it.", stories.cases[0].headline())
}

func TestOnlyGroupsHaveATrace(t *testing.T) {
	err := NewWorld(nil).Trace(t.Context(), specOf(t, 1, `system: {protocol: vivaldi}`), trial.TraceOptions{}, &strings.Builder{})
	assert.EqualError(t, err, "system.protocol: vivaldi is not valid; want swim: only groups of members have a trace")
}
