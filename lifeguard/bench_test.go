package lifeguard_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/swimlab/swimlab/lifeguard"
	"github.com/swimlab/swimlab/swim"
)

// steady is one member in the steady state of a deployed group with all of
// Lifeguard: news that never ends, every probe acked, and helpers' work for others.
// Lists are exchanged apart.
type steady struct {
	*swim.Node
	now          time.Duration
	out, answers swim.Output
	list         swim.Message
	sent         map[swim.Kind]int
}

func newSteady(n, rumors int) *steady {
	cfg := swim.Deployed()
	cfg.RetransmitMult = 1e8
	cfg.PushPullInterval = 0
	rng := rand.New(rand.NewPCG(1, 1))
	s := &steady{Node: swim.NewNode(0, cfg, swim.NewDenseTableOf(0, n, rng), rng), sent: map[swim.Kind]int{}}
	s.Adapt(lifeguard.New(cfg, lifeguard.Deployed()))
	s.Start(0)
	var news []swim.Update
	for id := range swim.ID(rumors) {
		news = append(news, swim.Update{Member: id + 1, Incarnation: 1, From: id + 1, State: swim.Alive})
	}
	s.Handle(0, 1, &swim.Message{Kind: swim.News, Updates: news}, &s.out)
	s.list = swim.Message{Kind: swim.Sync, Stream: true, Updates: news}
	return s
}

// period lets one protocol period pass: a probe with its ack, five rounds of gossip, and a
// relayed probe that ends in a nack.
func (s *steady) period() {
	for end := s.now + time.Second; s.Deadline() < end; {
		s.now = s.Deadline()
		s.out.Reset()
		s.Tick(s.now, &s.out)
		for i := range s.out.Sends {
			m := &s.out.Sends[i]
			s.sent[m.Message.Kind]++
			if m.Message.Kind == swim.Ping {
				s.answers.Reset()
				s.Handle(s.now, m.To, &swim.Message{Kind: swim.Ack, Seq: m.Message.Seq, Target: m.To}, &s.answers)
				s.Handle(s.now, 3, &swim.Message{Kind: swim.PingReq, Seq: 7, Target: 4, Nack: true}, &s.answers)
			}
		}
	}
}

func TestSteadyStateAllocatesNothing(t *testing.T) {
	for _, rumors := range []int{0, 1, 6, 40} {
		s := newSteady(128, rumors)
		for range 300 { // makes room once
			s.period()
		}
		clear(s.sent)
		assert.Zero(t, testing.AllocsPerRun(100, s.period), "%d rumors", rumors)
		assert.Empty(t, s.out.Events, "every probe was answered")
		for _, kind := range []swim.Kind{swim.Ping, swim.Nack} {
			assert.NotZero(t, s.sent[kind], "%v", kind)
		}
		assert.Equal(t, rumors > 0, s.sent[swim.News] > 0)
	}
}

// exchange answers another's list with one's own.
func (s *steady) exchange() {
	s.answers.Reset()
	s.Handle(s.now, 3, &s.list, &s.answers)
}

// However long the lists, an exchange allocates but the function that walks the table.
func TestExchangeOfListsAllocatesOnce(t *testing.T) {
	s := newSteady(128, 40)
	s.exchange()
	assert.LessOrEqual(t, testing.AllocsPerRun(100, s.exchange), 1.0)
	assert.Len(t, s.answers.Sends[0].Message.Updates, 128)
}

func BenchmarkExchangeOfLists(b *testing.B) {
	s := newSteady(128, 40)
	b.ReportAllocs()
	for b.Loop() {
		s.exchange()
	}
}

// One member's protocol period, as deployed.
func BenchmarkPeriod(b *testing.B) {
	for _, rumors := range []int{0, 6, 40} {
		b.Run(fmt.Sprintf("rumors=%d", rumors), func(b *testing.B) {
			s := newSteady(128, rumors)
			s.period()
			b.ReportAllocs()
			for b.Loop() {
				s.period()
			}
		})
	}
}

// A suspicion of 128 members and its three confirmations.
func BenchmarkConfirmations(b *testing.B) {
	cfg := base()
	rng := rand.New(rand.NewPCG(1, 1))
	n := swim.NewNode(0, cfg, swim.NewDenseTableOf(0, 128, rng), rng)
	n.Adapt(lifeguard.New(cfg, lifeguard.Paper()))
	n.Start(time.Hour)
	var out swim.Output
	u := []swim.Update{{Member: 9}}
	m := swim.Message{Kind: swim.News, Updates: u}
	b.ReportAllocs()
	for b.Loop() {
		out.Reset()
		u[0].State = swim.Suspect
		for by := range swim.ID(4) {
			u[0].From = by + 1
			n.Handle(0, by+1, &m, &out)
		}
		u[0].State = swim.Alive
		u[0].Incarnation++
		n.Handle(0, 9, &m, &out)
	}
}
