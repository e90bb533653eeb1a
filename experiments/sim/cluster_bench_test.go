package sim

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/swim"
)

// A quiet established group: what most simulated time consists of. events/s is
// per core, as a trial runs on one; B/member is the heap that one member takes.
func BenchmarkQuietGroup(b *testing.B) {
	for _, members := range []int{128, 1000, 10_000} {
		b.Run(fmt.Sprintf("members=%d", members), func(b *testing.B) {
			s, err := newScenario(trial.Spec{
				System:  map[string]any{"protocol": "swim", "members": members, "protocol_period": "1s"},
				Network: map[string]any{"latency": map[string]any{"uniform": []any{"200us", "800us"}}},
				Run:     map[string]any{"duration": "1000h"},
			})
			require.NoError(b, err)
			before := heapInUse()
			c := newCluster(s, nil)
			c.runTo(b, 5*time.Second) // every buffer has its size by now
			perMember := float64(heapInUse()-before) / float64(members)
			events, virtual := c.events, c.now
			b.ReportAllocs()
			b.ResetTimer()
			for b.Loop() {
				c.runTo(b, c.now+time.Second)
			}
			wall := b.Elapsed().Seconds()
			b.ReportMetric(float64(c.events-events)/wall, "events/s")
			b.ReportMetric(float64(members)*(c.now-virtual).Seconds()/wall, "member-s/s")
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
