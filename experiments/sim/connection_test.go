package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/swim"
)

// exchanging is a group that exchanges no lists of its own accord within the trial.
const exchanging = `
system: {preset: deployed, push_pull_interval: 1h}
run: {duration: 30s}`

// tell has a member hear news at an instant.
func (k *chronicle) tell(at time.Duration, member uint32, from swim.ID, news ...swim.Update) {
	k.at(at, func() {
		k.arrive(k.hold(uint32(from), &swim.Message{Kind: swim.News, Updates: news}, noProbe), member, 0)
	})
}

// A list is what its writer knows when the stream stands, a round trip after it wanted
// one. The other's list takes one way back.
func TestAListIsWrittenWhenItsStreamStands(t *testing.T) {
	k := newChronicle(t, specOf(t, 1, lan, exchanging))
	sent, read := map[swim.Kind]time.Duration{}, map[swim.Kind]time.Duration{}
	var told bool
	k.hooks.onSent = append(k.hooks.onSent, func(now time.Duration, _ uint32, s *slot) {
		sent[s.message.Kind] = now
		for _, u := range s.message.Updates {
			told = told || s.message.Kind == swim.Sync && u.Member == 5 && u.State == swim.Suspect
		}
	})
	k.hooks.onReceived = append(k.hooks.onReceived, func(now time.Duration, _ uint32, s *slot) { read[s.message.Kind] = now })
	k.at(5*time.Second, func() { k.connect(1, 2) })
	k.tell(5001*time.Millisecond, 1, 3, swim.Update{Member: 5, From: 3, State: swim.Suspect})
	require.NoError(t, k.run(t.Context()))

	assert.Equal(t, 5002*time.Millisecond, sent[swim.Sync])
	assert.True(t, told, "news that came while the stream was being opened")
	assert.Equal(t, 5003*time.Millisecond, read[swim.Sync])
	assert.Equal(t, 5003*time.Millisecond, sent[swim.SyncReply])
	assert.Equal(t, 5004*time.Millisecond, read[swim.SyncReply])
}

// A process that stands still when its stream stands writes its list when it goes on;
// one that has crashed writes none.
func TestAPausedMemberWritesItsListLater(t *testing.T) {
	k := newChronicle(t, specOf(t, 1, lan, exchanging, `
faults: [{at: 5001ms, pause: {ids: [1], for: 3s}}, {at: 5001ms, crash: {ids: [4]}}]`))
	var sent []time.Duration
	k.hooks.onSent = append(k.hooks.onSent, func(now time.Duration, _ uint32, s *slot) {
		if s.message.Kind == swim.Sync {
			assert.Equal(t, uint32(1), s.from)
			sent = append(sent, now)
		}
	})
	k.at(5*time.Second, func() { k.connect(1, 2); k.connect(4, 2) })
	require.NoError(t, k.run(t.Context()))
	assert.Equal(t, []time.Duration{8001 * time.Millisecond}, sent)
}

// A list waits where its reader is blocked, though its writer has given up by then, who
// gets no answer.
func TestALateListIsReadAndNotAnswered(t *testing.T) {
	for _, late := range []bool{false, true} {
		blocked := "9s"
		if late {
			blocked = "11s"
		}
		k := newChronicle(t, specOf(t, 1, lan, exchanging, `faults: [{at: 4s, slow: {ids: [2], blocked: `+blocked+`, normal: 20s, for: `+blocked+`}}]`))
		k.at(4*time.Second, func() { k.connect(1, 2) })
		require.NoError(t, k.run(t.Context()))
		assert.Equal(t, 1, k.count("sync read"))
		answers := 1
		if late {
			answers = 0
		}
		assert.Equal(t, answers, k.messages["sync reply sent"], "late: %v", late)
	}
}

// What a confirmation in a backlog leaves no time ends there, although its refutation
// waits behind it, if every message is handled before the next is read; and does not
// if all are read at once.
func TestASuspicionInABacklogEndsWhereReadingTakesTime(t *testing.T) {
	for perMessage, want := range map[string][]swim.EventKind{
		"0s":  {swim.SuspicionConfirmed, swim.SuspicionConfirmed, swim.SuspicionConfirmed, swim.Cleared},
		"1ns": {swim.SuspicionConfirmed, swim.SuspicionConfirmed, swim.Confirmed, swim.Joined},
	} {
		k := newChronicle(t, specOf(t, 1, lan, exchanging, `
system: {suspicion_mult: 5, lifeguard: {lha_suspicion: true}}
faults: [{at: 10s, slow: {ids: [4], blocked: 15s, normal: 20s, for: 20s, per_message: `+perMessage+`}}]`))
		k.tell(9999*time.Millisecond, 4, 5, swim.Update{Member: 6, From: 5, State: swim.Suspect})
		for i, by := range []swim.ID{0, 1, 2} {
			k.tell(10*time.Second+time.Duration(i+1)*time.Microsecond, 4, by, swim.Update{Member: 6, From: by, State: swim.Suspect})
		}
		k.tell(11*time.Second, 4, 6, swim.Update{Member: 6, Incarnation: 1, From: 6, State: swim.Alive})
		require.NoError(t, k.run(t.Context()))

		var became []swim.EventKind
		for _, h := range k.events {
			if h.by == 4 && h.Member == 6 && h.at >= 25*time.Second && h.at < 25*time.Second+time.Microsecond {
				became = append(became, h.Kind)
			}
		}
		assert.Equal(t, want, became, "%s a message; the second of three leaves it 10 s", perMessage)
	}
}
