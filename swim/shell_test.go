package swim_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/swim"
)

func deployedNode(others int) (*swim.Node, *swim.Output) {
	rng := rand.New(rand.NewPCG(1, 1))
	n := swim.NewNode(0, swim.Deployed(), swim.NewDenseTableOf(0, others+1, rng), rng)
	n.Start(time.Second)
	return n, &swim.Output{}
}

func TestAnnounceSpreadsANewIncarnation(t *testing.T) {
	n, out := deployedNode(3)
	n.Announce(out)
	assert.Equal(t, uint32(1), n.Incarnation())
	n.Tick(time.Second, out)
	require.NotEmpty(t, out.Sends)
	assert.Contains(t, out.Sends[0].Message.Updates, swim.Update{Member: 0, Incarnation: 1, From: 0, State: swim.Alive})
	n.Leave(time.Second, out)
	n.Announce(out)
	assert.Equal(t, uint32(1), n.Incarnation(), "one that is leaving does not call itself alive")
}

func TestExchangeSendsTheListToAnyone(t *testing.T) {
	n, out := deployedNode(3)
	const outsider = 99
	n.Exchange(0, outsider, out)
	require.Len(t, out.Sends, 1)
	assert.Equal(t, swim.ID(outsider), out.Sends[0].To)
	assert.Equal(t, swim.Sync, out.Sends[0].Message.Kind)
	assert.Len(t, out.Sends[0].Message.Updates, 4, "itself and the others")
}

func TestAnAckWithoutATargetIsToldByItsNumber(t *testing.T) {
	for _, own := range []bool{true, false} {
		n, out := deployedNode(1)
		n.Tick(time.Second, out)
		ping := out.Sends[0].Message
		require.Equal(t, swim.Ping, ping.Kind)
		seq := ping.Seq
		if !own {
			seq++
		}
		n.Handle(time.Second, 1, &swim.Message{Kind: swim.Ack, Seq: seq, Target: swim.Nobody}, out)
		n.Tick(2*time.Second, out)
		want := swim.Suspect
		if own {
			want = swim.Alive
		}
		assert.Equal(t, want, n.Lookup(1).State)
	}
}

func TestForgetTakesAwayAllThatIsKnownOfOneThatHasGone(t *testing.T) {
	n, out := deployedNode(3)
	assert.False(t, n.Forget(1), "it is in the group")
	assert.False(t, n.Forget(0), "it is the member itself")
	n.Handle(0, 2, &swim.Message{Kind: swim.News, Updates: []swim.Update{
		{Member: 1, State: swim.Faulty, From: 2}, {Member: 3, State: swim.Suspect, From: 1},
	}}, out)
	require.True(t, n.Forget(1))
	assert.Equal(t, swim.Entry{}, n.Lookup(1))
	out.Reset()
	n.Exchange(0, 2, out)
	n.Tick(5*time.Second, out)
	for _, s := range out.Sends {
		for _, u := range s.Message.Updates {
			assert.NotEqual(t, swim.ID(1), u.Member, "%v", u)
			assert.NotEqual(t, swim.ID(1), u.From, "%v: a newcomer with its handle would have said so", u)
		}
	}
	// The handle is a newcomer's from now on, whatever its incarnation.
	n.Handle(5*time.Second, 1, &swim.Message{Kind: swim.News, Updates: []swim.Update{{Member: 1, State: swim.Alive, From: 1}}}, out)
	assert.Equal(t, swim.Alive, n.Lookup(1).State)
}

// Who is given the handle of a member that was forgotten is not accused because that one did
// not answer, nor is what was relayed to it or for it taken for the newcomer's.
func TestForgetEndsWhatWasUnderWay(t *testing.T) {
	n, out := deployedNode(3)
	n.Tick(time.Second, out)
	ping := out.Sends[0]
	require.Equal(t, swim.Ping, ping.Message.Kind)
	gone, helper, asker := ping.To, ping.To%3+1, (ping.To+1)%3+1
	seq := ping.Message.Seq
	// Another has it pinged, and it has another pinged.
	n.Handle(time.Second, asker, &swim.Message{Kind: swim.PingReq, Seq: 7, Target: gone}, out)
	n.Handle(time.Second, gone, &swim.Message{Kind: swim.PingReq, Seq: 8, Target: helper}, out)
	n.Handle(time.Second, helper, &swim.Message{Kind: swim.News, Updates: []swim.Update{{Member: gone, State: swim.Faulty, From: helper}}}, out)
	require.True(t, n.Forget(gone))
	out.Reset()

	n.Handle(time.Second, gone, &swim.Message{Kind: swim.News, Updates: []swim.Update{{Member: gone, Incarnation: 1, State: swim.Alive, From: gone}}}, out)
	for _, s := range []uint32{seq + 1, seq + 2} {
		n.Handle(time.Second, helper, &swim.Message{Kind: swim.Ack, Seq: s, Target: swim.Nobody}, out)
	}
	n.Tick(2*time.Second-1, out)

	for _, s := range out.Sends {
		assert.NotContains(t, []swim.Kind{swim.Ack, swim.PingReq}, s.Message.Kind, "%+v", s)
	}
	n.Tick(2*time.Second, out)
	assert.NotContains(t, kinds(*out), swim.ProbeFailed)
	assert.Equal(t, swim.Alive, n.Lookup(gone).State)
}

// A call for help and a round of gossip that a hold has interrupted do not go on with members
// forgotten meanwhile: their handles may be others' by then.
func TestForgetTakesOneOutOfWhatAHoldInterrupted(t *testing.T) {
	n, out := deployedNode(8)
	n.Tick(time.Second, out)
	target := out.Sends[0].To
	n.Announce(out)
	n.Hold()
	out.Reset()
	n.Tick(2*time.Second-1, out)
	require.ElementsMatch(t, []swim.Kind{swim.News, swim.PingReq}, kindsSent(*out), "each stuck with its first message")
	var kept []swim.ID
	for _, s := range out.Sends {
		kept = append(kept, s.To)
	}
	kept = append(kept, target)
	for id := swim.ID(1); id <= 8; id++ {
		if !slices.Contains(kept, id) {
			n.Handle(2*time.Second-1, kept[0], &swim.Message{Kind: swim.News, Updates: []swim.Update{{Member: id, State: swim.Faulty, From: kept[0]}}}, out)
			require.True(t, n.Forget(id))
		}
	}
	out.Reset()

	n.Release(2*time.Second-1, out)

	require.Contains(t, kindsSent(*out), swim.Ping, "the call for help goes on, to its end")
	for _, s := range out.Sends {
		assert.Contains(t, kept, s.To, "%+v", s)
	}
}

// A probe's target that is forgotten in the midst of a held call for help is not asked about any more.
func TestForgetEndsTheHeldCallForHelp(t *testing.T) {
	n, out := deployedNode(8)
	n.Tick(time.Second, out)
	target := out.Sends[0].To
	n.Hold()
	n.Tick(2*time.Second-1, out)
	n.Handle(2*time.Second-1, target%8+1, &swim.Message{Kind: swim.News, Updates: []swim.Update{{Member: target, State: swim.Faulty, From: target%8 + 1}}}, out)
	require.True(t, n.Forget(target))
	out.Reset()

	n.Release(2*time.Second-1, out)

	assert.NotContains(t, kindsSent(*out), swim.PingReq)
	assert.NotContains(t, kindsSent(*out), swim.Ping)
}

// kindsSent is the kinds of the messages of an output.
func kindsSent(out swim.Output) (kinds []swim.Kind) {
	for _, s := range out.Sends {
		kinds = append(kinds, s.Message.Kind)
	}
	return kinds
}

// Rounds before a rest's end are left behind, the one at that very instant is not: whoever
// hands in news then has it told in that round.
func TestCatchUpLeavesTheRoundThatIsDueNow(t *testing.T) {
	interval := swim.Deployed().GossipInterval
	for rounds := range time.Duration(4) {
		n, out := deployedNode(3)
		n.Tick(time.Second, out)
		n.Handle(time.Second, out.Sends[0].To, &swim.Message{Kind: swim.Ack, Seq: out.Sends[0].Message.Seq, Target: out.Sends[0].To}, out)
		first := n.Deadline() // the probe wants nothing any more until 2 s
		require.Less(t, first, time.Second+interval)

		n.CatchUp(first + rounds*interval)
		assert.Equal(t, first+rounds*interval, n.Deadline())
		n.CatchUp(first + rounds*interval + 1)
		assert.Equal(t, min(first+(rounds+1)*interval, 2*time.Second), n.Deadline())
	}
}

// A node that is called at its rests, and one that is called at its deadlines, get the
// same messages at the same times: what they send and come to believe must be the same.
func TestRestSleepsThroughNothingThatMatters(t *testing.T) {
	const others = 12
	inputs := rand.New(rand.NewPCG(7, 7))
	for seed := range uint64(20) {
		var (
			nodes  [2]*swim.Node
			said   [2][]string
			called [2]int
		)
		for i := range nodes {
			rng := rand.New(rand.NewPCG(seed, 2))
			nodes[i] = swim.NewNode(0, swim.Deployed(), swim.NewDenseTableOf(0, others+1, rng), rng)
			nodes[i].Start(time.Duration(seed) * 37 * time.Millisecond)
		}
		out := &swim.Output{}
		note := func(i int, now time.Duration) {
			for _, s := range out.Sends {
				said[i] = append(said[i], fmt.Sprintf("%v to %d %+v", now, s.To, s.Message))
			}
			for _, e := range out.Events {
				said[i] = append(said[i], fmt.Sprintf("%v %+v", now, e))
			}
			out.Reset()
		}
		// tick calls node i whenever it wants to be, until a message comes.
		tick := func(i int, until time.Duration) {
			for {
				due := nodes[i].Deadline()
				if i == 1 {
					due = nodes[i].Rest()
				}
				if due > until {
					return
				}
				called[i]++
				if i == 1 {
					nodes[i].CatchUp(due)
				}
				nodes[i].Tick(due, out)
				note(i, due)
			}
		}
		now := time.Duration(0)
		for range 60 {
			now += time.Duration(inputs.Int64N(int64(12 * time.Second)))
			held := inputs.IntN(10) == 0
			m := &swim.Message{Kind: swim.News, Updates: []swim.Update{{
				Member: swim.ID(1 + inputs.IntN(others)), Incarnation: inputs.Uint32N(5), From: swim.ID(1 + inputs.IntN(others)),
				State: []swim.State{swim.Alive, swim.Suspect, swim.Faulty, swim.Left}[inputs.IntN(4)],
			}}}
			if inputs.IntN(4) == 0 {
				m = &swim.Message{Kind: swim.Sync, Stream: true}
			}
			release := now + time.Duration(inputs.Int64N(int64(3*time.Second)))
			for i, n := range nodes {
				tick(i, now)
				if i == 1 {
					n.CatchUp(now)
				}
				if held {
					n.Hold()
				}
				n.Handle(now, 1, m, out)
				note(i, now)
				if held {
					tick(i, release)
					if i == 1 {
						n.CatchUp(release)
					}
					n.Release(release, out)
					note(i, release)
				}
			}
			if held {
				now = release
			}
		}
		require.NotEmpty(t, said[0])
		require.Len(t, said[1], len(said[0]), "seed %d", seed)
		for i := range said[0] {
			require.Equal(t, said[0][i], said[1][i], "seed %d", seed)
		}
		assert.Less(t, 2*called[1], called[0], "half of the wake-ups at least are saved")
	}
}

func TestTrimTakesNothingThatIsStillNeeded(t *testing.T) {
	n, out := deployedNode(3)
	assert.False(t, n.Trim(), "nothing has been taken")
	n.Handle(0, 2, &swim.Message{Kind: swim.News, Updates: []swim.Update{{Member: 1, State: swim.Suspect, From: 2}}}, out)
	assert.False(t, n.Trim(), "the news is not out, and the suspicion not at its end")
	for n.Lookup(1).State != swim.Faulty {
		n.Tick(n.Deadline(), out)
	}
	n.Tick(n.Deadline()+10*time.Second, out)
	out.Reset()
	for range 100 {
		n.Tick(n.Deadline(), out)
	}
	assert.True(t, n.Trim())
	assert.False(t, n.Trim(), "it has been given back")
	// It goes on as before.
	n.Handle(time.Hour, 2, &swim.Message{Kind: swim.News, Updates: []swim.Update{{Member: 1, Incarnation: 1, State: swim.Alive, From: 1}}}, out)
	out.Reset()
	n.Tick(time.Hour, out)
	require.NotEmpty(t, out.Sends)
	assert.Equal(t, swim.Alive, n.Lookup(1).State)
}

// bulky is a Sizer to whom a member's news is as large as its handle.
type bulky struct{}

func (bulky) MessageBytes(swim.Kind) int    { return 1 }
func (bulky) UpdateBytes(u swim.Update) int { return int(u.Member) }

// What is sent first is the same before and after a Trim.
func TestTrimKeepsTheOrderOfNews(t *testing.T) {
	cfg := swim.Deployed()
	cfg.Sizer, cfg.PacketBytes = bulky{}, 1000
	rng := rand.New(rand.NewPCG(1, 1))
	n := swim.NewNode(0, cfg, swim.NewDenseTableOf(0, 8, rng), rng)
	n.Start(0)
	for round := range time.Duration(2) {
		now, out := round*time.Hour, &swim.Output{}
		n.Tick(now, out)
		for _, id := range []swim.ID{4, 7, 5} { // the largest neither first nor last
			n.Handle(now, 1, &swim.Message{Kind: swim.News, Updates: []swim.Update{{Member: id, Incarnation: uint32(round) + 1, State: swim.Alive, From: id}}}, out)
		}
		out.Reset()
		n.Handle(now, 1, &swim.Message{Kind: swim.Ping, Seq: 1}, out)
		var order []swim.ID
		for _, u := range out.Sends[0].Message.Updates {
			order = append(order, u.Member)
		}
		require.Equal(t, []swim.ID{7, 5, 4}, order[:3], "round %d", round)
		for !n.Trim() {
			out.Reset()
			n.Tick(n.Deadline(), out)
		}
	}
}
