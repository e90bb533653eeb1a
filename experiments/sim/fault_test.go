package sim

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/swim"
)

func TestACrashedMemberIsSilentAndEverybodyConfirmsIt(t *testing.T) {
	k := play(t, specOf(t, 1, lan, `faults: [{at: 5s, crash: {ids: [2]}}]`))
	assert.Equal(t, []string{"5s: 2 crashes"}, k.faults)
	assert.Len(t, k.saw(swim.Confirmed, 2), 7)
	assert.Empty(t, k.saw(swim.Refuted, 2))
	assert.Positive(t, k.count("not read: nobody is there"))
	assert.False(t, k.isRunning(2))
}

func TestARestartedProcessIsANewMember(t *testing.T) {
	k := play(t, specOf(t, 1, lan, `
faults:
  - {at: 2s, crash: {ids: [2, 5]}}
  - {at: 3s, restart: {members: 1}}
  - {at: 4s, restart: {members: 5}}`))
	require.Len(t, k.faults, 4, "each of the two comes back once, though five may: %v", k.faults)
	assert.Contains(t, k.faults[2], "3s: 8 is 2 restarted, and joins through")
	assert.Contains(t, k.faults[3], "4s: 9 is 5 restarted, and joins through")
	for _, old := range []swim.ID{2, 5} {
		assert.NotEmpty(t, k.saw(swim.Confirmed, old), "the old identity %d stays dead", old)
	}
	for _, id := range k.running() {
		assert.Equal(t, 8, k.members[id].node.GroupSize(), "list of %d", id)
		assert.Equal(t, swim.Alive, k.members[id].node.Lookup(8).State)
	}
}

func TestLeavingIsNotFailing(t *testing.T) {
	k := play(t, specOf(t, 1, lan, `faults: [{at: 5s, leave: {ids: [2]}}]`))
	assert.Len(t, k.saw(swim.Departed, 2), 7)
	assert.True(t, k.none(swim.Confirmed))
	assert.Equal(t, []uint32{2}, k.saw(swim.Stopped, 2))
}

func TestNewcomersJoinOneAfterTheOther(t *testing.T) {
	k := play(t, specOf(t, 1, lan, `faults: [{at: 5s, join: {members: 3, every: 2s}}]`))
	assert.Equal(t, []string{"5s: 8 joins through 0", "7s: 9 joins through 0", "9s: 10 joins through 0"}, k.faults)
	for _, id := range k.running() {
		assert.Equal(t, 11, k.members[id].node.GroupSize(), "list of %d", id)
	}
}

func TestANewcomerTurnsToAnotherWhereTheFirstMemberIsGone(t *testing.T) {
	k := play(t, specOf(t, 1, lan, `faults: [{at: 1s, crash: {ids: [0]}}, {at: 5s, join: {members: 1}}]`))
	require.Len(t, k.faults, 2)
	assert.NotContains(t, k.faults[1], "through 0")
	assert.True(t, k.isRunning(8))
}

func TestWithNobodyRunningNobodyJoins(t *testing.T) {
	k := play(t, specOf(t, 1, lan, `
system: {members: 2}
faults: [{at: 1s, crash: {members: 2}}, {at: 2s, join: {members: 1}}, {at: 3s, restart: {members: 1}}]`))
	assert.Equal(t, []string{"1s: 0 crashes", "1s: 1 crashes", "2s: 2 finds nobody to join", "3s: 0 restarts, but finds nobody to join"}, k.faults)
	assert.Empty(t, k.running())
}

// A process that was stopped first does what its clock says is overdue and only
// then reads what has come meanwhile: it blames its target for its own silence.
func TestAPausedMemberFiresItsTimersBeforeItReadsItsBacklog(t *testing.T) {
	k := newChronicle(t, specOf(t, 3, lan, `
system: {members: 3}
run: {duration: 9s}
faults: [{at: 3s, pause: {ids: [0], for: 4s}}]`))
	var order []string
	k.hooks.onReceived = append(k.hooks.onReceived, func(now time.Duration, by uint32, s *slot) {
		if by == 0 && now >= 7*time.Second && now < 7*time.Second+time.Microsecond {
			order = append(order, "reads a "+s.message.Kind.String())
		}
	})
	k.hooks.onSent = append(k.hooks.onSent, func(now time.Duration, _ uint32, s *slot) {
		if s.from == 0 && now >= 3*time.Second {
			assert.GreaterOrEqual(t, now, 7*time.Second, "sent while paused")
			if s.beginsProbe() && now == 7*time.Second {
				order = append(order, "begins a period")
			}
		}
	})
	require.NoError(t, k.run(t.Context()))
	require.Greater(t, len(order), 1)
	assert.Equal(t, "begins a period", order[0])
	assert.Equal(t, "reads a ping", order[1])
	assert.Positive(t, k.count("waits"))
	assert.NotEmpty(t, k.saw(swim.Suspected, 0))
	assert.NotEmpty(t, k.saw(swim.Refuted, 0))
	assert.Equal(t, []string{"3s: 0 is paused", "7s: 0 goes on"}, k.faults)
}

func TestPausesNest(t *testing.T) {
	k := newChronicle(t, specOf(t, 1, lan, `faults: [{at: 3s, pause: {ids: [0], for: 4s}}, {at: 5s, pause: {ids: [0], for: 5s}}]`))
	var first time.Duration
	k.hooks.onSent = append(k.hooks.onSent, func(now time.Duration, _ uint32, s *slot) {
		if s.from == 0 && now > 3*time.Second && first == 0 {
			first = now
		}
	})
	require.NoError(t, k.run(t.Context()))
	assert.Equal(t, 10*time.Second, first, "first word of 0 after the pauses")
}

func TestACrashEndsAPauseForGood(t *testing.T) {
	k := play(t, specOf(t, 1, lan, `faults: [{at: 3s, pause: {ids: [0], for: 7s}}, {at: 8s, crash: {ids: [0]}}]`))
	assert.Equal(t, []string{"3s: 0 is paused", "8s: 0 crashes"}, k.faults)
	assert.Positive(t, k.count("not read before the crash"))
	assert.Len(t, k.saw(swim.Confirmed, 0), 7)
}

// What a slow member writes and what it is sent crosses its door only where a
// block ends. It begins one more period in each block, and is stuck there with
// its ping.
func TestSlowMembersHoldMessagesBothWaysInStep(t *testing.T) {
	k := newChronicle(t, specOf(t, 1, lan, `
run: {duration: 14s}
faults: [{at: 3s, slow: {ids: [1, 2], blocked: 2s, normal: 100ms, for: 8s}}]`))
	began := map[uint32]int{}
	inside := func(now time.Duration) bool { // a block: [3, 5), [5.1, 7.1), [7.2, 9.2), [9.3, 11)
		since := now - 3*time.Second
		return now > 3*time.Second && now < 11*time.Second && since%(2100*time.Millisecond) < 2*time.Second
	}
	k.hooks.onSent = append(k.hooks.onSent, func(now time.Duration, _ uint32, s *slot) {
		if s.beginsProbe() && inside(now) {
			began[s.from]++
		}
	})
	k.hooks.onReceived = append(k.hooks.onReceived, func(now time.Duration, by uint32, s *slot) {
		if by == 1 || by == 2 {
			assert.False(t, inside(now), "%d read a %v at %v", by, s.message.Kind, now)
		}
		if s.from == 1 || s.from == 2 {
			assert.False(t, inside(now-time.Millisecond), "a %v of %d left at %v", s.message.Kind, s.from, now-time.Millisecond)
		}
	})
	k.at(11050*time.Millisecond, func() { assert.Zero(t, k.members[1].blocked, "the last block is cut short") })
	require.NoError(t, k.run(t.Context()))
	assert.Equal(t, 4, began[1], "one period a block, each 2 s long")
	assert.Equal(t, 4, began[2])
	assert.Positive(t, k.count("waits"))
	assert.Equal(t, []string{"3s: 1 becomes slow", "3s: 2 becomes slow", "11s: 1 is no longer slow", "11s: 2 is no longer slow"}, k.faults)
}

// Suspicions send nothing, so a block does not hold up their time-outs.
func TestASlowMembersSuspicionsRunOutWhileItIsBlocked(t *testing.T) {
	k := play(t, specOf(t, 1, lan, `
faults: [{at: 2s, crash: {ids: [2]}}, {at: 6s, slow: {ids: [1], blocked: 20s, normal: 1s, for: 20s}}]`))
	ranOut := false
	for _, h := range k.events {
		if h.by == 1 && h.Member == 2 && h.Kind == swim.Confirmed {
			ranOut = true
			assert.Greater(t, h.at, 6*time.Second)
			assert.Less(t, h.at, 26*time.Second)
			assert.Equal(t, swim.ID(1), h.By, "by its own clock")
		}
	}
	assert.True(t, ranOut)
}

// A pause stops the whole process: what it wrote before while slow does not
// leave when the block ends, but when it goes on.
func TestAPausedMemberSendsNothingEvenIfABlockEnds(t *testing.T) {
	k := newChronicle(t, specOf(t, 1, lan, `
faults: [{at: 3s, slow: {ids: [1], blocked: 2s, normal: 10s, for: 2s}}, {at: 4s, pause: {ids: [1], for: 4s}}]`))
	k.hooks.onReceived = append(k.hooks.onReceived, func(now time.Duration, by uint32, s *slot) {
		if s.from == 1 && now > 3002*time.Millisecond {
			assert.Greater(t, now, 8*time.Second, "%d heard a %v of the paused 1", by, s.message.Kind)
		}
	})
	k.hooks.onSent = append(k.hooks.onSent, func(now time.Duration, _ uint32, s *slot) {
		if s.from == 1 {
			assert.False(t, now >= 4*time.Second && now < 8*time.Second, "the paused 1 wrote a %v at %v", s.message.Kind, now)
		}
	})
	require.NoError(t, k.run(t.Context()))
	assert.Positive(t, k.count("waits"))
}

// The other way round, a process that goes on within a block has its clock back
// and its messages not.
func TestAPauseThatEndsWithinABlockGivesBackTheClockAlone(t *testing.T) {
	k := newChronicle(t, specOf(t, 1, lan, `
faults: [{at: 3s, slow: {ids: [1], blocked: 6s, normal: 10s, for: 6s}}, {at: 3500ms, pause: {ids: [1], for: 2s}}]`))
	began := 0
	k.hooks.onSent = append(k.hooks.onSent, func(now time.Duration, _ uint32, s *slot) {
		if s.from == 1 && s.beginsProbe() && now >= 3500*time.Millisecond && now < 9*time.Second {
			assert.GreaterOrEqual(t, now, 5500*time.Millisecond)
			began++
		}
	})
	k.hooks.onReceived = append(k.hooks.onReceived, func(now time.Duration, by uint32, s *slot) {
		if by == 1 && now > 3*time.Second || s.from == 1 && now > 3002*time.Millisecond {
			assert.GreaterOrEqual(t, now, 9*time.Second, "%d read a %v of %d", by, s.message.Kind, s.from)
		}
	})
	require.NoError(t, k.run(t.Context()))
	assert.LessOrEqual(t, began, 1, "then it is stuck")
	assert.Empty(t, k.members[1].inbox)
	assert.False(t, k.members[1].stuck)
}

func TestAMemberShortOfProcessorTimeStallsAndRunsByTurns(t *testing.T) {
	k := newChronicle(t, specOf(t, 1, lan, `
run: {duration: 70s}
faults: [{at: 5s, cpu_exhaustion: {ids: [1], run: 300ms, stall: 900ms, for: 60500ms}}]`))
	var turns [2]int // messages read while it should stall, and while it should run
	k.hooks.onReceived = append(k.hooks.onReceived, func(now time.Duration, by uint32, _ *slot) {
		since := now - 5*time.Second
		if by != 1 || since <= 0 || since >= time.Minute {
			return
		}
		if since%(1200*time.Millisecond) < 900*time.Millisecond {
			turns[0]++
		} else {
			turns[1]++
		}
	})
	k.at(65550*time.Millisecond, func() { assert.Zero(t, k.members[1].paused, "the last stall is cut short") })
	require.NoError(t, k.run(t.Context()))
	assert.Zero(t, turns[0], "read during a stall")
	assert.Greater(t, turns[1], 50)
	assert.Equal(t, []string{"5s: 1 is short of processor time", "1m5.5s: 1 has the processor again"}, k.faults)
}

func TestAStarvedProcessThatNeverRunsStillEnds(t *testing.T) {
	k := play(t, specOf(t, 1, lan, `faults: [{at: 5s, cpu_exhaustion: {ids: [1], run: {uniform: [0s, 1ns]}, stall: 5s, for: 10s}}]`))
	assert.Contains(t, k.faults, "15s: 1 has the processor again")
}

func TestAPartitionCutsBothWaysAndHeals(t *testing.T) {
	k := newChronicle(t, specOf(t, 1, lan, `
system: {suspicion_mult: 10}
run: {duration: 60s}
faults: [{at: 5s, partition: {ids: [0, 1], for: 10s}}]`))
	inside := func(id uint32) bool { return id <= 1 }
	k.hooks.onReceived = append(k.hooks.onReceived, func(now time.Duration, by uint32, s *slot) {
		if now > 5001*time.Millisecond && now < 15*time.Second {
			assert.Equal(t, inside(s.from), inside(by), "%d heard %d at %v", by, s.from, now)
		}
	})
	require.NoError(t, k.run(t.Context()))
	assert.NotEmpty(t, k.saw(swim.Suspected, 0), "the others suspect those inside")
	assert.NotEmpty(t, k.saw(swim.Suspected, 7), "and those inside the others")
	assert.True(t, k.none(swim.Confirmed), "in time it heals")
	for _, id := range k.running() {
		for other := range swim.ID(8) {
			assert.Equal(t, swim.Alive, k.members[id].node.Lookup(other).State, "%d of %d", id, other)
		}
	}
	assert.Contains(t, k.faults, "15s: 1 is no longer cut off")
}

func TestAOneWayFaultLeavesTheWayBackOpen(t *testing.T) {
	k := newChronicle(t, specOf(t, 1, lan, `faults: [{at: 5s, one_way: {from: {ids: [0]}, to: {ids: [1, 2]}}}]`))
	back := 0
	k.hooks.onReceived = append(k.hooks.onReceived, func(now time.Duration, by uint32, s *slot) {
		if now <= 5001*time.Millisecond {
			return
		}
		if s.from == 0 {
			assert.NotContains(t, []uint32{1, 2}, by)
		}
		if by == 0 && s.from <= 2 {
			back++
		}
	})
	require.NoError(t, k.run(t.Context()))
	assert.Positive(t, k.count("lost on the one-way link"))
	assert.Positive(t, back)
	assert.True(t, k.none(swim.Confirmed), "helpers save everybody")
}

func TestLossStrikesInTheDirectionGiven(t *testing.T) {
	for direction, lost := range map[string]struct{ out, in bool }{
		"direction: out": {true, false}, "direction: in": {false, true}, "direction: both": {true, true}, "": {true, true},
	} {
		t.Run(direction, func(t *testing.T) {
			if direction != "" {
				direction = ", " + direction
			}
			k := newChronicle(t, specOf(t, 1, lan, `
system: {suspicion: true, suspicion_mult: 100}
run: {duration: 500s}
faults: [{at: 0s, loss: {ids: [1], rate: 25%`+direction+`}}]`))
			out, in := 0, 0
			k.hooks.onSent = append(k.hooks.onSent, func(_ time.Duration, to uint32, s *slot) {
				if s.from == 1 {
					out++
				} else if to == 1 {
					in++
				}
			})
			require.NoError(t, k.run(t.Context()))
			share := func(what string, of int) float64 { return float64(k.count(what)) / float64(of) }
			wanted := map[bool]float64{true: 0.25, false: 0}
			assert.InDelta(t, wanted[lost.out], share("lossy sender", out), 0.04)
			assert.InDelta(t, wanted[lost.in], share("lossy receiver", in), 0.04)
			assert.Zero(t, k.count("lost on the way"))
		})
	}
}

func TestAFaultPassesOverMembersThatAreNotRunning(t *testing.T) {
	k := play(t, specOf(t, 1, lan, `
faults:
  - {at: 1s, crash: {ids: [3]}}
  - {at: 2s, leave: {ids: [9, 3]}}
  - {at: 3s, pause: {ids: [3], for: 1s}}
  - {at: 4s, join: {members: 2}}`))
	assert.Equal(t, []string{
		"1s: 3 crashes",
		"2s: 9 is not running, and so is spared a fault", "2s: 3 is not running, and so is spared a fault",
		"3s: 3 is not running, and so is spared a fault",
		"4s: 8 joins through 0", "4s: 9 joins through 0",
	}, k.faults)
}

// Faults choose members that none has touched, so that an experiment's faults
// do not hide each other.
func TestFaultsChooseUntouchedMembers(t *testing.T) {
	k := play(t, specOf(t, 1, lan, `
faults: [{at: 1s, pause: {members: 4, for: 1s}}, {at: 1s, crash: {fraction: 50%}}]`))
	touched := map[string]bool{}
	for _, f := range k.faults {
		id := f[len("1s: "):len("1s: 0")]
		if f[:2] == "1s" {
			assert.False(t, touched[id], "%s is chosen twice", id)
			touched[id] = true
		}
	}
	assert.Len(t, touched, 8)
}

// The probe that was stuck is judged before what waited at the door is read.
func TestAMemberThatWasBlockedJudgesBeforeItReads(t *testing.T) {
	k := newChronicle(t, specOf(t, 1, anomalous, `faults: [{at: 10s, slow: {ids: [4, 9], blocked: 3s, normal: 10s, for: 3s}}]`))
	var order []string
	k.hooks.onReceived = append(k.hooks.onReceived, func(now time.Duration, by uint32, _ *slot) {
		if now >= 13*time.Second && now < 13*time.Second+time.Microsecond && by == 4 {
			order = append(order, "reads")
		}
	})
	k.hooks.onEvent = append(k.hooks.onEvent, func(now time.Duration, by uint32, e swim.Event) {
		if now == 13*time.Second && by == 4 && e.Kind == swim.ProbeFailed {
			order = append(order, "judges")
		}
	})
	require.NoError(t, k.run(t.Context()))
	require.Greater(t, len(order), 2)
	assert.Equal(t, []string{"judges", "reads"}, slices.Compact(order))
}

// A member that takes 10 ms over a message reads three of them in a pause of 35 ms,
// and goes on with the fourth in the next.
func TestAPauseMayBeTooShortToReadAllThatWaits(t *testing.T) {
	k := newChronicle(t, specOf(t, 1, anomalous, `faults: [{at: 10s, slow: {ids: [4], blocked: 3s, normal: 35ms, per_message: 10ms, for: 20s}}]`))
	var read []time.Duration
	k.hooks.onReceived = append(k.hooks.onReceived, func(now time.Duration, by uint32, _ *slot) {
		if by == 4 && now >= 13*time.Second && now <= 17*time.Second {
			read = append(read, now-13*time.Second)
		}
	})
	require.NoError(t, k.run(t.Context()))
	const ms = time.Millisecond
	assert.Equal(t, []time.Duration{10 * ms, 20 * ms, 30 * ms, 3040 * ms, 3050 * ms, 3060 * ms}, read, "the fourth was half done")
}
