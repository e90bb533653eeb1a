package swim

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// pair is a prober and one that answers, in the steady state of a group of n:
// every exchange is a protocol period's tick, a ping and its ack.
type pair struct {
	prober, answerer *Node
	now              time.Duration
	there, back      Output
}

// newPair returns a pair whose messages bear the given number of updates, which
// are never sent often enough to be forgotten.
func newPair(n, updates int) *pair {
	cfg := Paper()
	cfg.RetransmitMult = 1e8
	p := &pair{}
	for i, node := range []**Node{&p.prober, &p.answerer} {
		rng := rand.New(rand.NewPCG(1, uint64(i)))
		*node = NewNode(ID(i), cfg, NewDenseTableOf(ID(i), n, rng), rng)
		for u := range updates {
			(*node).gossip.put(Update{Member: ID(u), Incarnation: 1, State: Alive}, 0)
		}
	}
	p.prober.Start(0)
	p.answerer.Start(time.Duration(1<<62 - 1)) // it only answers
	return p
}

func (p *pair) exchange() {
	p.there.Reset()
	p.back.Reset()
	p.prober.Tick(p.now, &p.there)
	p.answerer.Handle(p.now, p.prober.ID(), &p.there.Sends[0].Message, &p.back)
	ack := p.back.Sends[0].Message
	ack.Target = p.there.Sends[0].To // the answerer stands for everybody
	p.prober.Handle(p.now, p.there.Sends[0].To, &ack, &p.there)
	p.now = p.prober.Deadline()
}

func TestSteadyStateAllocatesNothing(t *testing.T) {
	for _, updates := range []int{0, 1, 6, 20} {
		p := newPair(128, updates)
		p.exchange() // makes room once
		assert.Zero(t, testing.AllocsPerRun(1000, p.exchange), "%d updates", updates)
		assert.Len(t, p.there.Sends[0].Message.Updates, min(updates, 6))
		assert.Empty(t, p.there.Events, "every probe was answered")
	}
}

func BenchmarkExchange(b *testing.B) {
	for _, n := range []int{128, 10_000} {
		for _, updates := range []int{0, 1, 6, 20} {
			b.Run(fmt.Sprintf("n=%d/updates=%d", n, updates), func(b *testing.B) {
				p := newPair(n, updates)
				p.exchange()
				b.ReportAllocs()
				for b.Loop() {
					p.exchange()
				}
			})
		}
	}
}

// An unanswered probe with all that follows: ping, ping-req, failure, and the
// refutation that makes the next one count.
func BenchmarkFailedProbe(b *testing.B) {
	p := newPair(128, 0)
	cfg := Paper()
	refuted := Update{State: Alive}
	b.ReportAllocs()
	for b.Loop() {
		p.there.Reset()
		p.prober.Tick(p.now, &p.there)
		p.prober.Tick(p.now+cfg.PingTimeout, &p.there)
		refuted.Member, refuted.Incarnation = p.there.Sends[0].To, refuted.Incarnation+1
		p.prober.Handle(p.now+cfg.PingTimeout, 1, &Message{Kind: News, Updates: []Update{refuted}}, &p.there)
		p.now = p.prober.Deadline()
	}
}

func BenchmarkTickNothingDue(b *testing.B) {
	p := newPair(128, 0)
	p.exchange()
	b.ReportAllocs()
	for b.Loop() {
		p.prober.Tick(0, &p.there)
	}
}

func BenchmarkNext(b *testing.B) {
	for _, n := range []int{128, 10_000} {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			rng := rand.New(rand.NewPCG(1, 1))
			table := NewDenseTableOf(0, n, rng)
			b.ReportAllocs()
			for b.Loop() {
				table.Next(rng)
			}
		})
	}
}

func BenchmarkSample(b *testing.B) {
	for _, k := range []int{1, 3} {
		b.Run(fmt.Sprintf("k=%d", k), func(b *testing.B) {
			rng := rand.New(rand.NewPCG(1, 1))
			table := NewDenseTableOf(0, 128, rng)
			var buf []ID
			b.ReportAllocs()
			for b.Loop() {
				buf = table.Sample(buf[:0], k, 5, rng)
			}
		})
	}
}

// A member that is declared faulty and one that joins in its stead, which is what
// churn costs the list.
func BenchmarkChurn(b *testing.B) {
	for _, n := range []int{128, 10_000} {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			rng := rand.New(rand.NewPCG(1, 1))
			table := NewDenseTableOf(0, n, rng)
			b.ReportAllocs()
			for b.Loop() {
				id, _ := table.Pick(rng)
				table.Store(id, Entry{State: Left}, rng)
				table.Store(id, Entry{State: Alive}, rng)
			}
		})
	}
}
