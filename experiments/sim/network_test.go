package sim

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDistributionsHaveTheirMeanAndRange(t *testing.T) {
	const ms = float64(time.Millisecond)
	for _, c := range []struct {
		text      any
		mean      float64
		low, high float64
	}{
		{"3ms", 3 * ms, 3 * ms, 3 * ms},
		{map[string]any{"uniform": []any{"2ms", "6ms"}}, 4 * ms, 2 * ms, 6 * ms},
		{map[string]any{"exponential": "5ms"}, 5 * ms, 0, math.Inf(1)},
		{map[string]any{"normal": []any{"10ms", "2ms"}}, 10 * ms, 0, 30 * ms},
		{map[string]any{"lognormal": []any{"10ms", 0.5}}, 10 * ms * math.Exp(0.125), 0, math.Inf(1)},
		{map[string]any{"normal": []any{"0s", "1ms"}}, ms / math.Sqrt(2*math.Pi), 0, 10 * ms}, // cut off at 0
	} {
		var d Distribution
		require.NoError(t, d.UnmarshalKey(c.text))
		rng := rand.New(rand.NewPCG(1, 2))
		sum, low, high := 0.0, math.Inf(1), 0.0
		const n = 100_000
		for range n {
			x := float64(d.Sample(rng))
			sum += x
			low, high = min(low, x), max(high, x)
		}
		assert.GreaterOrEqual(t, low, c.low, "least of %v", c.text)
		assert.LessOrEqual(t, high, c.high, "most of %v", c.text)
		assert.InEpsilon(t, c.mean, sum/n, 0.015, "mean of %v", c.text)
	}
}

func TestALongTailNeverLeadsBackInTime(t *testing.T) {
	var d Distribution
	require.NoError(t, d.UnmarshalKey(map[string]any{"lognormal": []any{"1h", 100}}))
	rng := rand.New(rand.NewPCG(1, 2))
	longestSeen := time.Duration(0)
	for range 1000 {
		x := d.Sample(rng)
		require.GreaterOrEqual(t, x, time.Duration(0))
		longestSeen = max(longestSeen, x)
	}
	assert.Equal(t, longest, longestSeen)
}

func TestWhatIsAlwaysZeroIsZero(t *testing.T) {
	for text, zero := range map[any]bool{"0s": true, "1ns": false} {
		var d Distribution
		require.NoError(t, d.UnmarshalKey(text))
		assert.Equal(t, zero, d.Zero(), "%v", text)
	}
	assert.True(t, Uniform(0, 0).Zero())
	assert.False(t, Uniform(0, 1).Zero())
	assert.True(t, Distribution{lognormal, 0, 0.5}.Zero())
	assert.False(t, Distribution{normal, 0, 1}.Zero())
}

// The shares of the network section are the shares of messages. A copy is a
// message that is read without having been sent.
func TestMessagesAreLostAndDoubledAsOftenAsTheNetworkSays(t *testing.T) {
	k := play(t, specOf(t, 1, lan, `
system: {suspicion_mult: 1000}
network: {loss: 10%, duplicate: 20%}
run: {duration: 600s}`))
	sent, lost, read := float64(k.count("sent")), float64(k.count("lost on the way")), float64(k.count("read"))
	require.Greater(t, sent, 5000.0)
	assert.InDelta(t, 0.1, lost/sent, 0.015)
	assert.InDelta(t, 0.2, read/(sent-lost)-1, 0.02)
}

// Held-back messages arrive out of order; with a constant delay none does.
func TestHeldBackMessagesAreOvertaken(t *testing.T) {
	for reorder, overtaken := range map[string]bool{"0%": false, "30%": true} {
		k := newChronicle(t, specOf(t, 1, lan, `
network: {reorder_delay: 1500ms, reorder: `+reorder+`}
system: {members: 2, suspicion_mult: 1000} # each pings the other every second`))
		latest := map[[2]uint32]uint32{}
		backwards := 0
		k.hooks.onReceived = append(k.hooks.onReceived, func(_ time.Duration, by uint32, s *slot) {
			if !s.beginsProbe() {
				return
			}
			link := [2]uint32{s.from, by}
			if s.message.Seq < latest[link] {
				backwards++
			}
			latest[link] = max(latest[link], s.message.Seq)
		})
		require.NoError(t, k.run(t.Context()))
		assert.Equal(t, overtaken, backwards > 0, "reorder %s: %d overtaken", reorder, backwards)
	}
}

// recorded is a matrix of round trips in milliseconds; 0 was not measured.
type recorded [][]float64

func (r recorded) Len() int { return len(r) }
func (r recorded) RTT(i, j int) (time.Duration, bool) {
	return time.Duration(r[i][j] * float64(time.Millisecond)), r[i][j] > 0
}

var fourHosts = recorded{
	{0, 10, 20, 0},
	{12, 0, 40, 50},
	{20, 40, 0, 0},
	{30, 60, 0, 0},
}

func worldOf(rtts RTTs) *World {
	return NewWorld(func(string) (RTTs, error) { return rtts, nil })
}

func TestAMessageTakesHalfTheRoundTripRecordedFromItsSender(t *testing.T) {
	c, err := worldOf(fourHosts).cluster(specOf(t, 1, `
system: {protocol: swim, members: 4, ping_timeout: 1s}
network: {dataset: four}
run: {duration: 60s}`))
	require.NoError(t, err)
	hosts := slices.Sorted(slices.Values(c.links.host))
	assert.Equal(t, []int{0, 1, 2, 3}, hosts, "each member has a host of its own")

	sent := map[*slot]time.Duration{}
	c.hooks.onSent = append(c.hooks.onSent, func(now time.Duration, _ uint32, s *slot) { sent[s] = now })
	seen := map[[2]int]time.Duration{}
	c.hooks.onReceived = append(c.hooks.onReceived, func(now time.Duration, by uint32, s *slot) {
		seen[[2]int{c.links.host[s.from], c.links.host[by]}] = now - sent[s]
	})
	require.NoError(t, c.run(context.Background()))
	const ms = time.Millisecond
	assert.Equal(t, map[[2]int]time.Duration{
		{0, 1}: 5 * ms, {0, 2}: 10 * ms, {1, 2}: 20 * ms, {1, 3}: 25 * ms,
		{1, 0}: 6 * ms, {2, 0}: 10 * ms, {2, 1}: 20 * ms, {3, 0}: 15 * ms, {3, 1}: 30 * ms,
		{0, 3}: 15 * ms, // recorded the other way round only
		{2, 3}: 20 * ms, // not recorded at all: the worst from 2
		{3, 2}: 30 * ms, // and from 3
	}, seen)
}

// A process restarts on the machine it ran on; a newcomer brings its own.
func TestARestartedProcessKeepsItsHost(t *testing.T) {
	c, err := worldOf(fourHosts).cluster(specOf(t, 1, `
system: {protocol: swim, members: 3}
network: {dataset: four}
run: {duration: 60s}
faults: [{at: 5s, crash: {ids: [1]}}, {at: 6s, restart: {ids: [1]}}, {at: 7s, join: {members: 1}}]`))
	require.NoError(t, err)
	require.NoError(t, c.run(context.Background()))
	host := c.links.host
	require.Len(t, host, 5)
	assert.Equal(t, host[1], host[3])
	assert.Equal(t, []int{0, 1, 2, 3}, slices.Sorted(slices.Values([]int{host[0], host[1], host[2], host[4]})))
	assert.Len(t, c.running(), 4)
}

func TestJitterComesOnTopOfEveryDelay(t *testing.T) {
	k := newChronicle(t, specOf(t, 1, lan, `
network: {latency: 10ms, jitter: {uniform: [1ms, 3ms]}}`))
	sent := map[*slot]time.Duration{}
	k.hooks.onSent = append(k.hooks.onSent, func(now time.Duration, _ uint32, s *slot) { sent[s] = now })
	var delays []time.Duration
	k.hooks.onReceived = append(k.hooks.onReceived, func(now time.Duration, _ uint32, s *slot) { delays = append(delays, now-sent[s]) })
	require.NoError(t, k.run(t.Context()))
	assert.Greater(t, slices.Min(delays), 11*time.Millisecond)
	assert.Less(t, slices.Min(delays), 11200*time.Microsecond)
	assert.Less(t, slices.Max(delays), 13*time.Millisecond)
	assert.Greater(t, slices.Max(delays), 12800*time.Microsecond)
}
