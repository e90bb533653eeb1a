package sim

import (
	"encoding/json"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/swim"
)

// chaos is everything that this world can do to a group, all in one minute, and
// a calm half minute after it.
const chaos = `
system: {protocol: swim, members: 40, protocol_period: 500ms, ping_timeout: 100ms, stop_when_excluded: false}
network: {latency: {lognormal: [5ms, 0.6]}, jitter: {exponential: 1ms}, loss: 3%, duplicate: 5%, reorder: 5%, reorder_delay: 20ms}
run: {duration: 60s}
faults:
  - {at: {uniform: [1s, 3s]}, crash: {members: 3}}
  - {at: 4s, restart: {members: 2}}
  - {at: 5s, leave: {members: 2}}
  - {at: 6s, join: {members: 4, every: 700ms, via: random}}
  - {at: 8s, pause: {members: 3, for: 2s}}
  - {at: 10s, slow: {members: 4, blocked: 800ms, normal: 30ms, for: 10s}}
  - {at: 12s, cpu_exhaustion: {members: 3, run: {exponential: 100ms}, stall: {uniform: [10ms, 900ms]}, for: 10s, per_message: 8ms, backlog: 3}}
  - {at: 15s, partition: {fraction: 15%, for: 5s}}
  - {at: 20s, one_way: {from: {members: 3}, to: {ids: [0, 1, 2, 3, 4]}, for: 5s}}
  - {at: 22s, loss: {members: 2, rate: 60%, direction: in, for: 5s}}
  - {at: 23s, loss: {members: 1, rate: 60%, direction: out, for: 5s}}
  - {at: 24s, loss: {members: 1, rate: 60%, for: 5s}}
`

// In each variant of the protocol the chaos takes other ways through the world.
var chaosOf = map[string]string{
	"the paper's protocol":    ``,
	"multicast":               `system: {dissemination: multicast}`,
	"no suspicion":            `system: {suspicion: false}`,
	"random targets, in step": `system: {selection: random, phases: synchronised}`,
	"stopping when excluded":  `system: {stop_when_excluded: true}`,
	"a shared roster":         `system: {table: roster}`,
	"deployed, with Lifeguard": `
system: {preset: deployed, protocol_period: 500ms, ping_timeout: 100ms, push_pull_interval: 2s, stream_timeout: 500ms,
         wire: {codec: memberlist, name_bytes: 8, meta_bytes: 150, payload_bytes: 130},
         lifeguard: {lha_probe: true, lha_suspicion: true, buddy: true}}`,
	"deployed, with Lifeguard, and contents": `
system: {preset: deployed, protocol_period: 500ms, ping_timeout: 100ms, push_pull_interval: 2s, stream_timeout: 500ms,
         wire: {codec: memberlist, contents: consul-0.8, compress: true},
         lifeguard: {lha_probe: true, lha_suspicion: true, buddy: true}}`,
}

// evidence is all that a trial leaves behind.
func evidence(t *testing.T, spec trial.Spec) string {
	for _, m := range NewWorld(nil).Measures("swim") {
		spec.Measure = append(spec.Measure, m.Name)
	}
	observations, err := json.Marshal(mustRun(t, spec))
	require.NoError(t, err)
	return mustTrace(t, spec, trial.TraceOptions{Messages: true, Summary: true}) + string(observations)
}

func TestTheSameSeedGivesTheSameBytesHoweverManyRunBesideIt(t *testing.T) {
	for name, variant := range chaosOf {
		t.Run(name, func(t *testing.T) {
			alone := evidence(t, specOf(t, 7, chaos, variant))
			beside := make([]string, 8)
			if variant != "" {
				beside = beside[:2] // and save time
			}
			var all sync.WaitGroup
			for i := range beside {
				spec := specOf(t, 7+uint64(i)%2, chaos, variant) // half of them of this seed, half of the next
				all.Go(func() { beside[i] = evidence(t, spec) })
			}
			all.Wait()
			for i, other := range beside {
				if i%2 == 0 {
					assert.True(t, alone == other, "run %d of the same seed differs", i)
				} else {
					assert.False(t, alone == other, "another seed gives the same")
				}
			}
		})
	}
}

func TestTheChaosReallyHappens(t *testing.T) {
	k := play(t, specOf(t, 7, chaos))
	for _, became := range []string{
		"sent", "read", "waits", "lost on the way", "lost at the partition", "lost on the one-way link",
		"lost by its lossy sender", "lost by its lossy receiver", "not read: nobody is there",
		"lost in a full buffer",
	} {
		assert.Positive(t, k.count(became), "messages %s", became)
	}
	whatHappened := ""
	for _, f := range k.faults {
		whatHappened += f + "\n"
	}
	for _, what := range []string{
		"crashes", "restarted, and joins through", "leaves", "joins through", "is paused", "goes on",
		"becomes slow", "is no longer slow", "is short of processor time", "has the processor again",
		"is cut off by a partition", "is no longer cut off", "is no longer heard by some", "is heard by all again",
		"begins to lose messages it sends", "begins to lose messages it is sent", "begins to lose messages both ways", "loses none any more",
	} {
		assert.Contains(t, whatHappened, what)
	}
}

func TestTheChaosOfADeploymentTakesItsOwnWays(t *testing.T) {
	k := play(t, specOf(t, 7, chaos, chaosOf["deployed, with Lifeguard"]))
	for _, became := range []string{"news read", "nack read", "sync read", "sync reply read", "on a stream that has timed out"} {
		assert.Positive(t, k.count(became), "messages: %s", became)
	}
	assert.False(t, k.none(swim.SuspicionConfirmed))
	healthy := 0
	for _, id := range k.running() {
		if k.members[id].lifeguard.Health().Score() == 0 {
			healthy++
		}
	}
	assert.Greater(t, healthy, 20, "and half a minute later most are well")
}

// A message's slot must come back, whichever way the message ended; or memory
// grows with time. With every process gone, nothing is under way.
func TestEverySlotComesBack(t *testing.T) {
	for name, variant := range chaosOf {
		t.Run(name, func(t *testing.T) {
			spec := specOf(t, 7, chaos, variant)
			spec.Faults = append(spec.Faults, specOf(t, 0, `
faults:
  - {at: 40s, slow: {ids: [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30], blocked: 30s, normal: 1s, for: 60s}}
  - {at: 45s, crash: {ids: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
                            26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45]}}`).Faults...)
			k := play(t, spec)
			require.Empty(t, k.running())
			assert.Positive(t, k.count("not sent before the crash"))
			assert.Positive(t, k.count("not read before the crash"))
			assert.Len(t, k.freeSlots, len(k.slots))
			assert.ElementsMatch(t, upTo(len(k.slots)), k.freeSlots, "each slot is free once")
			for i, s := range k.slots {
				assert.Zero(t, s.copies, "slot %d", i)
			}
			done := 0
			for _, call := range k.calls {
				if call == nil {
					done++
				}
			}
			assert.Len(t, k.freeCalls, done, "and so does the place of every call made")
		})
	}
}

// A newcomer's list is long; the slot that bore it forgets that.
func TestSlotsDoNotHoardTheListsOfNewcomers(t *testing.T) {
	k := play(t, specOf(t, 1, lan, `
system: {members: 200}
faults: [{at: 5s, join: {members: 20}}]`))
	require.Equal(t, 20, k.messages["welcome read"])
	for i, s := range k.slots {
		assert.LessOrEqual(t, cap(s.updates), maxKept, "slot %d", i)
	}
}

func upTo(n int) []uint32 {
	ids := make([]uint32, n)
	for i := range ids {
		ids[i] = uint32(i)
	}
	return ids
}
