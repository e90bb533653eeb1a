package sim

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/spf13/viper"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/swim"
)

// lan is the sections that most of the stories here share; what a story gives
// comes after them and wins.
const lan = `
system: {protocol: swim, members: 8, protocol_period: 1s}
network: {latency: 1ms}
run: {duration: 30s}
`

// specOf reads a trial from the text of a definition's sections.
func specOf(tb testing.TB, seed uint64, sections ...string) trial.Spec {
	tb.Helper()
	v := viper.NewWithOptions(viper.KeyDelimiter("::"))
	v.SetConfigType("yaml")
	for _, text := range sections {
		require.NoError(tb, v.MergeConfig(strings.NewReader(text)))
	}
	section := func(name string) map[string]any { m, _ := v.Get(name).(map[string]any); return m }
	faults, _ := v.Get("faults").([]any)
	return trial.Spec{
		Experiment: "story", World: "simulation", Seed: seed,
		System: section("system"), Network: section("network"), Run: section("run"),
		Faults: faults, Measure: v.GetStringSlice("measure"),
	}
}

func mustRun(tb testing.TB, spec trial.Spec) trial.Observations {
	tb.Helper()
	o, err := NewWorld(nil).Run(context.Background(), spec)
	require.NoError(tb, err)
	return o
}

func mustTrace(tb testing.TB, spec trial.Spec, opts trial.TraceOptions) string {
	tb.Helper()
	var b bytes.Buffer
	require.NoError(tb, NewWorld(nil).Trace(context.Background(), spec, opts, &b))
	return b.String()
}

// chronicle is a trial in which everything that happens is written down.
type chronicle struct {
	*Cluster
	faults   []string       // "3s: 2 crashes"
	messages map[string]int // by kind and what became of them: "ping sent", "ack read", "ping waits", "ping lost at the partition"
	events   []happening
}

type happening struct {
	at time.Duration
	by uint32
	swim.Event
}

// newChronicle sets the scene; act lets it play to the end.
func newChronicle(tb testing.TB, spec trial.Spec) *chronicle {
	tb.Helper()
	c, err := NewWorld(nil).cluster(spec)
	require.NoError(tb, err)
	k := &chronicle{Cluster: c, messages: map[string]int{}}
	note := func(s *slot, what string) { k.messages[s.message.Kind.String()+" "+what]++ }
	c.hooks.onFault = append(c.hooks.onFault, func(now time.Duration, id uint32, what string) {
		k.faults = append(k.faults, fmt.Sprintf("%v: %d %s", now, id, what))
	})
	c.hooks.onSent = append(c.hooks.onSent, func(_ time.Duration, _ uint32, s *slot) { note(s, "sent") })
	c.hooks.onReceived = append(c.hooks.onReceived, func(_ time.Duration, _ uint32, s *slot) { note(s, "read") })
	c.hooks.onWaiting = append(c.hooks.onWaiting, func(_ time.Duration, _ uint32, s *slot) { note(s, "waits") })
	c.hooks.onLost = append(c.hooks.onLost, func(_ time.Duration, _ uint32, s *slot, why string) { note(s, why) })
	c.hooks.onEvent = append(c.hooks.onEvent, func(now time.Duration, by uint32, e swim.Event) {
		k.events = append(k.events, happening{now, by, e})
	})
	return k
}

func play(tb testing.TB, spec trial.Spec) *chronicle {
	tb.Helper()
	k := newChronicle(tb, spec)
	require.NoError(tb, k.run(context.Background()))
	return k
}

// saw lists who came to a conclusion about a member, in the order of time.
func (k *chronicle) saw(kind swim.EventKind, about swim.ID) []uint32 {
	var by []uint32
	for _, h := range k.events {
		if h.Kind == kind && h.Member == about {
			by = append(by, h.by)
		}
	}
	return by
}

// none says whether nobody came to a conclusion about anybody.
func (k *chronicle) none(kind swim.EventKind) bool {
	for _, h := range k.events {
		if h.Kind == kind {
			return false
		}
	}
	return true
}

// count adds up the messages whose entry ends so.
func (k *chronicle) count(what string) int {
	n := 0
	for name, times := range k.messages {
		if strings.HasSuffix(name, what) {
			n += times
		}
	}
	return n
}
