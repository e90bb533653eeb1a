package sim

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/swim"
)

// A quiet established group: what most simulated time consists of. events/s is
// per core, as a trial runs on one; B/member is the heap that one member takes.
// A million members take a gigabyte: they run only if SWIMLAB_MILLION is set.
func BenchmarkQuietGroup(b *testing.B) {
	for _, group := range []struct {
		members int
		table   string
	}{
		{128, "dense"}, {1000, "dense"}, {10_000, "dense"},
		{1000, "roster"}, {10_000, "roster"}, {100_000, "roster"}, {1_000_000, "roster"},
	} {
		b.Run(fmt.Sprintf("members=%d/table=%s", group.members, group.table), func(b *testing.B) {
			if group.members == 1_000_000 && (testing.Short() || os.Getenv("SWIMLAB_MILLION") == "") {
				b.Skip("set SWIMLAB_MILLION to run it")
			}
			s, err := newScenario(trial.Spec{
				System:  map[string]any{"protocol": "swim", "members": group.members, "protocol_period": "1s", "table": group.table},
				Network: map[string]any{"latency": map[string]any{"uniform": []any{"200us", "800us"}}},
				Run:     map[string]any{"duration": "1000h"},
			})
			require.NoError(b, err)
			before := heapInUse()
			c := newCluster(s, nil)
			c.runTo(b, 5*time.Second) // every buffer has its size by now
			perMember := float64(heapInUse()-before) / float64(group.members)
			events, virtual := c.events, c.now
			b.ReportAllocs()
			b.ResetTimer()
			for b.Loop() {
				c.runTo(b, c.now+time.Second)
			}
			wall := b.Elapsed().Seconds()
			b.ReportMetric(float64(c.events-events)/wall, "events/s")
			b.ReportMetric(float64(group.members)*(c.now-virtual).Seconds()/wall, "member-s/s")
			b.ReportMetric(perMember, "B/member")
		})
	}
}

// runTo lets virtual time pass until t.
func (c *Cluster) runTo(tb testing.TB, t time.Duration) {
	c.scenario.Run.Duration = t
	require.NoError(tb, c.run(context.Background()))
}

func heapInUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// A group with work to do: a tenth of the messages is lost, so that there are
// ping-reqs, suspicions, refutations and news on most messages.
func BenchmarkLossyGroup(b *testing.B) {
	s, err := newScenario(trial.Spec{
		System:  map[string]any{"protocol": "swim", "members": 128, "protocol_period": "1s", "ping_req_members": 3, "suspicion_mult": 8},
		Network: map[string]any{"latency": map[string]any{"uniform": []any{"200us", "800us"}}, "loss": "10%"},
		Run:     map[string]any{"duration": "1000h"},
	})
	require.NoError(b, err)
	c := newCluster(s, nil)
	suspicions := 0
	c.hooks.onEvent = append(c.hooks.onEvent, func(_ time.Duration, _ uint32, e swim.Event) {
		if e.Kind == swim.Suspected {
			suspicions++
		}
	})
	c.runTo(b, 60*time.Second)
	require.Positive(b, suspicions)
	events, virtual := c.events, c.now
	suspicions = 0
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		c.runTo(b, c.now+time.Second)
	}
	wall := b.Elapsed().Seconds()
	b.ReportMetric(float64(c.events-events)/wall, "events/s")
	b.ReportMetric(float64(suspicions)/(128*(c.now-virtual).Seconds()), "suspicions/member-s")
	b.ReportMetric(float64(len(c.running())), "members")
}

// A trial of Lifeguard's interval experiment (§V): 128 members run HashiCorp's
// SWIM for 120 s after the warm-up, 16 of them slow. trials/min is per core. What it
// costs to encode and compress all that is sent shows in the last two.
func BenchmarkInterval(b *testing.B) {
	const interval = `
system: {protocol: swim, preset: deployed, members: 128, suspicion_mult: 5, wire: {codec: memberlist}}
network: {latency: {uniform: [100us, 500us]}}
faults: [{at: 15s, slow: {members: 16, blocked: 2048ms, normal: 64ms, for: 120s}}]
run: {warmup: 15s, duration: 135s}
measure: [false_positives, false_positives_at_healthy, messages_sent, bytes_sent]`
	const (
		sizes    = `system: {wire: {name_bytes: 8, meta_bytes: 150, payload_bytes: 130}}`
		contents = `system: {wire: {contents: consul-0.8, compress: true}}`
		all      = `system: {lifeguard: {lha_probe: true, lha_suspicion: true, buddy: true}}`
	)
	for _, variant := range []struct{ name, wire, lifeguard string }{
		{"swim", sizes, ``},
		{"lifeguard", sizes, all},
		{"swim, compressed", contents, ``},
		{"lifeguard, compressed", contents, all},
	} {
		b.Run(variant.name, func(b *testing.B) {
			b.ReportAllocs()
			events, seed := uint64(0), uint64(0)
			for b.Loop() {
				seed++
				events += mustRun(b, specOf(b, seed, interval, variant.wire, variant.lifeguard)).Events
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Minutes(), "trials/min")
			b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
		})
	}
}
