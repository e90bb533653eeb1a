package sim

import (
	"container/heap"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// The queue pops exactly what a sorted list would, however times are spread and
// whatever its buckets' width was guessed to be.
func TestQueuePopsInOrderOfTimeThenOfScheduling(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := newQueue(rapid.SampledFrom([]float64{0.001, 1, 1e3, 1e6, 1e9}).Draw(t, "rate"))
		var model eventHeap
		now := time.Duration(0)
		seq := uint64(0)
		for range rapid.IntRange(1, 300).Draw(t, "steps") {
			if rapid.Bool().Draw(t, "push") {
				span := rapid.SampledFrom([]int64{0, 1, 1000, 1e6, 1e9, 1e12, 1e15}).Draw(t, "span")
				at := now + time.Duration(rapid.Int64Range(0, span).Draw(t, "after"))
				seq++
				q.push(at, uint32(seq), 0)
				heap.Push(&model, event{at, seq, uint32(seq), 0})
				continue
			}
			limit := now + time.Duration(rapid.Int64Range(0, 1e16).Draw(t, "limit"))
			got, ok := q.pop(limit)
			if len(model) == 0 || model[0].at > limit {
				require.False(t, ok, "popped %v, but the next event is due later", got)
				continue
			}
			require.True(t, ok, "nothing popped, but %v is due", model[0])
			want := heap.Pop(&model).(event)
			require.Equal(t, want, got)
			now = got.at
		}
	})
}

type eventHeap []event

func (h eventHeap) Len() int           { return len(h) }
func (h eventHeap) Less(i, j int) bool { return h[i].before(h[j]) }
func (h eventHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *eventHeap) Push(x any)        { *h = append(*h, x.(event)) }
func (h *eventHeap) Pop() any {
	old := *h
	e := old[len(old)-1]
	*h = old[:len(old)-1]
	return e
}

// The hold model: each event popped schedules one later, so that the number
// pending stays. The wheel and the standard library's heap run side by side.
func BenchmarkQueueHold(b *testing.B) {
	for _, pending := range []int{256, 20_000, 1_000_000} {
		delay := func(rng *rand.Rand) time.Duration { return time.Duration(rng.Int64N(int64(2 * time.Second))) }
		b.Run(fmt.Sprintf("wheel/pending=%d", pending), func(b *testing.B) {
			rng := rand.New(rand.NewPCG(1, 2))
			q := newQueue(float64(pending))
			for range pending {
				q.push(delay(rng), 0, 0)
			}
			b.ReportAllocs()
			for b.Loop() {
				e, _ := q.pop(never)
				q.push(e.at+delay(rng), 0, 0)
			}
		})
		b.Run(fmt.Sprintf("heap/pending=%d", pending), func(b *testing.B) {
			rng := rand.New(rand.NewPCG(1, 2))
			var h eventHeap
			for i := range pending {
				h = append(h, event{at: delay(rng), seq: uint64(i)})
			}
			heap.Init(&h)
			seq := uint64(pending)
			b.ReportAllocs()
			for b.Loop() {
				e := heap.Pop(&h).(event)
				seq++
				heap.Push(&h, event{at: e.at + delay(rng), seq: seq})
			}
		})
	}
}
