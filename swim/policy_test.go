package swim_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/swim"
)

// scripted is a Policy that does as the test says and notes what it is told.
type scripted struct {
	period, timeout time.Duration
	nackAfter       time.Duration // 0: no nacks
	suspicion       []time.Duration
	tell            bool

	ended   []swim.ProbeResult
	refuted int
}

func (p *scripted) Probe() (time.Duration, time.Duration) { return p.period, p.timeout }
func (p *scripted) NackAfter() (time.Duration, bool)      { return p.nackAfter, p.nackAfter > 0 }
func (p *scripted) ProbeEnded(r swim.ProbeResult)         { p.ended = append(p.ended, r) }
func (p *scripted) Refuted()                              { p.refuted++ }
func (p *scripted) TellSuspect() bool                     { return p.tell }
func (p *scripted) Confirmations(int) int                 { return len(p.suspicion) - 1 }
func (p *scripted) SuspicionTimeout(_, confirmations int) time.Duration {
	return p.suspicion[confirmations]
}

// atEase is a policy that changes nothing; the test changes it.
func atEase() *scripted {
	return &scripted{period: T, timeout: rtt, suspicion: []time.Duration{9 * T}}
}

// ---- Nacks

// A helper that has no ack by the time that its policy says tells the member that
// asked so, under the number under which that one waits, and passes on an ack that
// comes later.
func TestHelperSendsNackAndThenTheAck(t *testing.T) {
	p := atEase()
	p.nackAfter = rtt / 2
	s := newAdapted(t, 5, paper(), p)
	s.ack(0, s.period(0))
	ping := s.hear(rtt, 3, swim.Message{Kind: swim.PingReq, Seq: 42, Target: 4, Nack: true}).Sends[0]
	require.Equal(t, rtt+rtt/2, s.Deadline())
	require.Empty(t, s.tick(rtt+rtt/2-1).Sends)

	nack := s.tick(rtt + rtt/2)
	late := s.ack(2*rtt, ping)

	assert.Equal(t, []swim.Send{{To: 3, Message: swim.Message{Kind: swim.Nack, Seq: 42, Target: 4}}}, nack.Sends)
	assert.Equal(t, []swim.Send{{To: 3, Message: swim.Message{Kind: swim.Ack, Seq: 42, Target: 4}}}, late.Sends)
	assert.Equal(t, T, s.Deadline(), "one nack is enough")
}

func TestNoNackAfterAnAck(t *testing.T) {
	p := atEase()
	p.nackAfter = rtt / 2
	s := newAdapted(t, 5, paper(), p)
	s.ack(0, s.period(0))
	ping := s.hear(rtt, 3, swim.Message{Kind: swim.PingReq, Seq: 42, Target: 4, Nack: true}).Sends[0]

	s.ack(rtt+rtt/4, ping)

	assert.Equal(t, T, s.Deadline())
}

// No nack goes to one that did not ask for it, or from one that sends none.
func TestNacksTakeTwo(t *testing.T) {
	for _, c := range []struct {
		after time.Duration
		asked bool
	}{{rtt / 2, false}, {0, true}, {0, false}} {
		p := atEase()
		p.nackAfter = c.after
		s := newAdapted(t, 5, paper(), p)
		s.ack(0, s.period(0))

		s.hear(rtt, 3, swim.Message{Kind: swim.PingReq, Seq: 42, Target: 4, Nack: c.asked})

		assert.Equal(t, T, s.Deadline(), "%+v", c)
	}
}

// Who asks for help asks for nacks too, and counts those of its present probe. The
// policy is told once, when the ack comes or the probe has failed.
func TestProbeResult(t *testing.T) {
	nack := func(seq uint32, target swim.ID) swim.Message {
		return swim.Message{Kind: swim.Nack, Seq: seq, Target: target}
	}
	for _, c := range []struct {
		name    string
		nacks   time.Duration
		answers func(ping swim.Message) []swim.Message
		want    swim.ProbeResult
	}{
		{"silence", rtt / 2, func(swim.Message) []swim.Message { return nil }, swim.ProbeResult{Helpers: 3}},
		{"two nacks", rtt / 2, func(p swim.Message) []swim.Message {
			return []swim.Message{nack(p.Seq, p.Target), nack(p.Seq, p.Target)}
		}, swim.ProbeResult{Helpers: 3, Nacks: 2}},
		{"nacks of other probes", rtt / 2, func(p swim.Message) []swim.Message {
			return []swim.Message{nack(p.Seq-1, p.Target), nack(p.Seq, p.Target%4+1)}
		}, swim.ProbeResult{Helpers: 3}},
		{"more nacks than helpers", rtt / 2, func(p swim.Message) []swim.Message {
			n := nack(p.Seq, p.Target)
			return []swim.Message{n, n, n, n, n}
		}, swim.ProbeResult{Helpers: 3, Nacks: 3}},
		{"more nacks than a byte counts", rtt / 2, func(p swim.Message) []swim.Message {
			return slices.Repeat([]swim.Message{nack(p.Seq, p.Target)}, 256)
		}, swim.ProbeResult{Helpers: 3, Nacks: 3}},
		{"an ack after a nack", rtt / 2, func(p swim.Message) []swim.Message {
			return []swim.Message{nack(p.Seq, p.Target), {Kind: swim.Ack, Seq: p.Seq, Target: p.Target}}
		}, swim.ProbeResult{Acked: true, Helpers: 3, Nacks: 1}},
		{"nacks are not in use", 0, func(swim.Message) []swim.Message { return nil }, swim.ProbeResult{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := atEase()
			p.nackAfter = c.nacks
			s := newAdapted(t, 5, paper(func(c *swim.Config) { c.PingReqMembers = 3 }), p)
			ping := s.period(0)
			for _, req := range sends(s.tick(rtt), swim.PingReq) {
				assert.Equal(t, c.nacks > 0, req.Message.Nack)
			}
			for _, m := range c.answers(ping.Message) {
				s.hear(2*rtt, 1, m)
			}
			require.Equal(t, c.want.Acked, len(p.ended) == 1)

			if c.want.Acked {
				s.ack(3*rtt, ping) // a second time, which is no news
			}
			s.tick(T)

			assert.Equal(t, []swim.ProbeResult{c.want}, p.ended)
		})
	}
}

// Nobody is asked for help with one that others declared faulty meanwhile.
func TestNoHelpWithTheConfirmed(t *testing.T) {
	s := newSubject(t, 5, paper(func(c *swim.Config) { c.StreamFallback = true }))
	ping := s.period(0)
	s.news(rtt/2, ping.To%4+1, faulty(ping.To, 0))

	assert.Empty(t, s.tick(rtt).Sends)
	assert.Empty(t, s.tick(T).Events)
}

// ---- Confirmations

// The first K other members that suspect shorten the time-out, each counted once,
// and what they say is told on; who comes after them is not heeded.
func TestConfirmations(t *testing.T) {
	p := atEase()
	p.suspicion = []time.Duration{9 * T, 7 * T, 5 * T}
	s := newAdapted(t, 8, paper(selfOnly), p)
	says := func(by swim.ID) swim.Update { return swim.Update{Member: 3, From: by, State: swim.Suspect} }
	for _, c := range []struct {
		by        swim.ID
		confirmed bool
		news      swim.ID // who is said to suspect, in what is told on
	}{{1, false, 1}, {1, false, 1}, {2, true, 2}, {2, false, 2}, {1, false, 2}, {4, true, 4}, {5, false, 4}} {
		out := s.news(0, 6, says(c.by))
		if c.confirmed {
			assert.Equal(t, []swim.Event{{Kind: swim.SuspicionConfirmed, Member: 3, By: c.by}}, out.Events)
		} else {
			assert.NotContains(t, kinds(out), swim.SuspicionConfirmed)
		}
		assert.Equal(t, []swim.Update{says(c.news)}, sends(out, swim.Ack)[0].Message.Updates)
	}
	s.live(5*T - 1)
	require.Equal(t, swim.Suspect, s.state(3))
	s.live(5 * T)
	assert.Equal(t, swim.Faulty, s.state(3))
}

// What was said of an incarnation that the suspect has refuted confirms no suspicion of the
// present one: it may have waited for long in somebody's buffer.
func TestAStaleSuspicionConfirmsNothing(t *testing.T) {
	p := atEase()
	p.suspicion = []time.Duration{9 * T, 5 * T}
	s := newAdapted(t, 8, paper(selfOnly), p)
	says := func(by swim.ID, incarnation uint32) swim.Update {
		return swim.Update{Member: 3, Incarnation: incarnation, From: by, State: swim.Suspect}
	}
	s.news(0, 6, says(1, 2))

	out := s.news(0, 6, says(2, 1))

	assert.NotContains(t, kinds(out), swim.SuspicionConfirmed)
	assert.Equal(t, []swim.Update{says(1, 2)}, sends(out, swim.Ack)[0].Message.Updates, "nor is it told on")
	s.live(9*T - 1)
	require.Equal(t, swim.Suspect, s.state(3))
	s.live(9 * T)
	assert.Equal(t, swim.Faulty, s.state(3))
}

// bySize is a policy whose time-outs depend on the size of the group.
type bySize struct{ *scripted }

func (bySize) SuspicionTimeout(n, confirmations int) time.Duration {
	return time.Duration(n-confirmations) * T
}

// A suspicion's time-outs are those of the group in which it began, as memberlist computes
// them once: members that go meanwhile do not shorten it, and a confirmation no more than it does.
func TestAConfirmedSuspicionIsOfTheGroupInWhichItBegan(t *testing.T) {
	p := atEase()
	p.suspicion = make([]time.Duration, 2) // one confirmation counts
	s := newAdapted(t, 8, paper(selfOnly), bySize{p})
	says := func(by swim.ID) swim.Update { return swim.Update{Member: 3, From: by, State: swim.Suspect} }
	s.news(0, 6, says(1))
	s.news(0, 6, left(7, 0), left(5, 0))
	require.Equal(t, 6, s.GroupSize())

	out := s.news(0, 6, says(2))

	require.Contains(t, kinds(out), swim.SuspicionConfirmed)
	s.live(7*T - 1)
	require.Equal(t, swim.Suspect, s.state(3))
	s.live(7 * T)
	assert.Equal(t, swim.Faulty, s.state(3))
}

// One's own failed probe confirms what others suspected first.
func TestOwnFailedProbeConfirms(t *testing.T) {
	p := atEase()
	p.suspicion = []time.Duration{9 * T, 7 * T}
	s := newAdapted(t, 5, paper(selfOnly), p)
	ping := s.period(0)
	s.news(0, ping.To%4+1, suspect(ping.To, 0))
	s.tick(rtt)

	out := s.tick(T)

	assert.Equal(t, []swim.EventKind{swim.ProbeFailed, swim.SuspicionConfirmed}, kinds(out))
	assert.Equal(t, swim.ID(0), out.Events[1].By)
}

// A confirmation may come when the time that it leaves is already over.
func TestConfirmationThatEndsASuspicion(t *testing.T) {
	p := atEase()
	p.suspicion = []time.Duration{9 * T, T}
	s := newAdapted(t, 5, paper(selfOnly), p)
	s.news(0, 1, suspect(3, 0))
	s.live(5 * T)

	s.news(5*T+rtt, 1, swim.Update{Member: 3, From: 2, State: swim.Suspect})

	assert.LessOrEqual(t, s.Deadline(), 5*T+rtt)
	assert.Contains(t, kinds(s.tick(5*T+rtt)), swim.Confirmed)
}

// What confirms a suspicion is multicast by its author alone.
func TestConfirmationIsNotMulticastAgain(t *testing.T) {
	p := atEase()
	p.suspicion = []time.Duration{9 * T, T}
	s := newAdapted(t, 5, paper(func(c *swim.Config) { c.Dissemination = swim.Multicast }), p)
	s.news(0, 1, suspect(3, 0))

	out := s.news(0, 1, swim.Update{Member: 3, From: 2, State: swim.Suspect})

	assert.Contains(t, kinds(out), swim.SuspicionConfirmed)
	assert.Empty(t, sends(out, swim.News))
}

// ---- TellSuspect

// A ping of a suspect leads with its suspicion, in the pinging member's own name and once; no
// other message does.
func TestPingTellsSuspect(t *testing.T) {
	for _, tell := range []bool{true, false} {
		p := atEase()
		p.tell = tell
		s := newAdapted(t, 4, paper(selfOnly, forever), p)
		s.news(0, 1, alive(1, 1), suspect(3, 0))
		for period := range time.Duration(6) {
			ping := s.period(period * T)
			s.ack(period*T, ping)
			lead := ping.Message.Updates[0]
			if ping.To == 3 && tell {
				assert.Equal(t, swim.Update{Member: 3, From: 0, State: swim.Suspect}, lead)
			} else {
				assert.NotEqual(t, swim.ID(0), lead.From)
			}
			about := 0
			for _, u := range ping.Message.Updates {
				if u.Member == 3 {
					about++
				}
			}
			assert.Equal(t, 1, about, "said once")
		}
	}
}

// ---- A Table that disagrees

// forgetful is a Table that holds whoever is suspected for alive.
type forgetful struct{ *swim.DenseTable }

func (f forgetful) Lookup(id swim.ID) swim.Entry {
	e := f.DenseTable.Lookup(id)
	if e.State == swim.Suspect {
		e.State = swim.Alive
	}
	return e
}

// A suspicion of which the Table knows nothing ends in nothing.
func TestSuspicionThatTheTableForgot(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	s := subject{swim.NewNode(0, paper(), forgetful{swim.NewDenseTableOf(0, 5, rng)}, rng), t}
	s.Start(0)
	s.news(0, 1, suspect(3, 0))

	s.live(20 * T)

	assert.True(t, s.state(3).InGroup())
}
