package swim_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/internal/stage"
	"github.com/swimlab/swimlab/swim"
)

// T is the protocol period of the paper tests and rtt the direct time-out.
const (
	T   = time.Second
	rtt = 100 * time.Millisecond
)

// paper is the paper's configuration with round numbers for the clock.
func paper(change ...func(*swim.Config)) swim.Config {
	cfg := swim.Paper()
	cfg.ProtocolPeriod, cfg.PingTimeout = T, rtt
	for _, f := range change {
		f(&cfg)
	}
	return cfg
}

// newCluster returns an established group of n members without a policy.
func newCluster(cfg swim.Config, n int, stagger, latency time.Duration, seed uint64) *stage.Cluster {
	return stage.New(stage.Setting{Config: cfg, Members: n, Stagger: stagger, Latency: latency, Seed: seed})
}

// subject is one member on the bench: member 0 of an established group, whose
// messages go to the test instead of a network.
type subject struct {
	*swim.Node
	t require.TestingT
}

// newSubject returns member 0 of n. Its first protocol period begins at 0.
func newSubject(t *testing.T, n int, cfg swim.Config) subject {
	return newAdapted(t, n, cfg, nil)
}

// newAdapted is newSubject with a policy.
func newAdapted(t require.TestingT, n int, cfg swim.Config, p swim.Policy) subject {
	require.NoError(t, cfg.Validate())
	rng := rand.New(rand.NewPCG(1, uint64(n)))
	s := subject{swim.NewNode(0, cfg, swim.NewDenseTableOf(0, n, rng), rng), t}
	if p != nil {
		s.Adapt(p)
	}
	s.Start(0)
	return s
}

// tick lets the time at have come.
func (s subject) tick(at time.Duration) swim.Output {
	var out swim.Output
	s.Tick(at, &out)
	return out
}

// hear hands the member a message.
func (s subject) hear(at time.Duration, from swim.ID, m swim.Message) swim.Output {
	var out swim.Output
	s.Handle(at, from, &m, &out)
	return out
}

// news hands the member updates on a ping.
func (s subject) news(at time.Duration, from swim.ID, updates ...swim.Update) swim.Output {
	return s.hear(at, from, swim.Message{Kind: swim.Ping, Target: 0, Updates: updates})
}

// period begins a protocol period at at, which must be when it is due, and returns its ping.
func (s subject) period(at time.Duration) swim.Send {
	out := s.tick(at)
	pings := sends(out, swim.Ping)
	require.Len(s.t, pings, 1, "a protocol period begins with one ping")
	return pings[0]
}

// ack answers a message as its receiver would.
func (s subject) ack(at time.Duration, to swim.Send) swim.Output {
	return s.hear(at, to.To, swim.Message{Kind: swim.Ack, Seq: to.Message.Seq, Target: to.Message.Target})
}

// sent is a message and when it was sent.
type sent struct {
	swim.Send
	at time.Duration
}

// live lets the time until end pass, each thing being done when it is due, and
// returns what was sent. Every ping is acked at once.
func (s subject) live(end time.Duration) []sent {
	var all []sent
	for at := s.Deadline(); at <= end; at = s.Deadline() {
		out := s.tick(at)
		for _, m := range out.Sends {
			all = append(all, sent{m, at})
			if m.Message.Kind == swim.Ping {
				s.ack(at, m)
			}
		}
	}
	return all
}

// ofKind picks the messages of one kind.
func ofKind(all []sent, kind swim.Kind) []sent {
	var some []sent
	for _, s := range all {
		if s.Message.Kind == kind {
			some = append(some, s)
		}
	}
	return some
}

func (s subject) state(id swim.ID) swim.State { return s.Lookup(id).State }

// sends picks the messages of one kind.
func sends(out swim.Output, kind swim.Kind) []swim.Send {
	var some []swim.Send
	for _, s := range out.Sends {
		if s.Message.Kind == kind {
			some = append(some, s)
		}
	}
	return some
}

// kinds are the kinds of the events, in order.
func kinds(out swim.Output) []swim.EventKind {
	var ks []swim.EventKind
	for _, e := range out.Events {
		ks = append(ks, e.Kind)
	}
	return ks
}

func alive(id swim.ID, incarnation uint32) swim.Update {
	return swim.Update{Member: id, Incarnation: incarnation, From: id, State: swim.Alive}
}

func suspect(id swim.ID, incarnation uint32) swim.Update {
	return swim.Update{Member: id, Incarnation: incarnation, From: 99, State: swim.Suspect}
}

func faulty(id swim.ID, incarnation uint32) swim.Update {
	return swim.Update{Member: id, Incarnation: incarnation, From: 99, State: swim.Faulty}
}

func left(id swim.ID, incarnation uint32) swim.Update {
	return swim.Update{Member: id, Incarnation: incarnation, From: id, State: swim.Left}
}
