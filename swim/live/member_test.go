package live_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/swim"
	"github.com/swimlab/swimlab/swim/live"
	"github.com/swimlab/swimlab/swim/live/wire"
)

// world is a group in memory and in virtual time. A test in it that leaves a
// goroutine behind fails: synctest waits for all of them.
type world struct {
	*testing.T
	net     live.Network
	members []*live.Member
	edit    func(*live.Config)
}

// inWorld runs a test of a group of so many, which have all joined the first.
func inWorld(t *testing.T, n int, edit func(*live.Config), test func(*world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{T: t, edit: edit}
		w.net.Latency = func(_, _ netip.AddrPort) time.Duration { return time.Millisecond }
		defer func() {
			for _, m := range w.members {
				require.NoError(t, m.Shutdown())
			}
		}()
		for range n {
			w.start()
		}
		for _, m := range w.members[1:] {
			_, err := m.Join(w.Context(), w.members[0].Addr().String())
			require.NoError(t, err)
		}
		w.settled(n)
		test(w)
	})
}

// start starts one more member, alone.
func (w *world) start() *live.Member {
	w.Helper()
	i := len(w.members)
	cfg := live.LAN(fmt.Sprintf("m%d", i))
	cfg.Seed = uint64(i) + 1
	cfg.Transport = w.net.Listen()
	cfg.Tags = map[string]string{"dc": fmt.Sprintf("dc%d", i%2)}
	if w.edit != nil {
		w.edit(&cfg)
	}
	m, err := live.Start(cfg)
	require.NoError(w, err)
	w.members = append(w.members, m)
	return m
}

// until lets time pass until something is so.
func (w *world) until(limit time.Duration, is func() bool, what string, args ...any) {
	w.Helper()
	for end := time.Now().Add(limit); !is(); {
		if time.Now().After(end) {
			w.Fatalf("not within %v: "+what, append([]any{limit}, args...)...)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func (w *world) settled(n int) {
	w.Helper()
	for _, m := range w.members {
		w.until(repaired, func() bool { return m.GroupSize() == n }, "%s knows %d of %d", m.Name(), m.GroupSize(), n)
	}
}

func (w *world) believes(m *live.Member, name, status string, limit time.Duration) {
	w.Helper()
	w.until(limit, func() bool { return statusOf(m, name) == status }, "%s holds %s for %s, not %s", m.Name(), name, statusOf(m, name), status)
}

func statusOf(m *live.Member, name string) string {
	p, ok := m.Lookup(name)
	if !ok {
		return "unknown"
	}
	return p.Status()
}

func TestMembersThatJoinOneKnowAll(t *testing.T) {
	inWorld(t, 8, nil, func(w *world) {
		for _, m := range w.members {
			for _, other := range w.members {
				p, ok := m.Lookup(other.Name())
				require.True(w, ok)
				assert.Equal(w, "alive", p.Status())
				assert.Equal(w, other.Addr(), p.Addr)
				assert.Equal(w, uint32(1), p.Incarnation)
				assert.NotEmpty(w, p.Tags["dc"])
			}
		}
	})
}

func TestAQuietGroupStaysQuiet(t *testing.T) {
	inWorld(t, 8, nil, func(w *world) {
		events := w.members[3].Subscribe(100)
		time.Sleep(30 * time.Second) // what joining has set off dies down
		before := w.members[3].Traffic()
		time.Sleep(5 * time.Minute)
		for e := range drain(events) {
			t.Errorf("in peace: %v", e)
		}
		after := w.members[3].Traffic()
		// One ping and one ack in a period, on average.
		assert.InDelta(w, 2, float64(after.PacketsOut-before.PacketsOut)/300, 0.3)
	})
}

func TestAMemberThatCrashesIsDeclaredFailedInTheFormulasTime(t *testing.T) {
	inWorld(t, 8, nil, func(w *world) {
		crashed := w.members[7]
		watch := w.members[0].Subscribe(100)
		require.NoError(w, crashed.Shutdown())
		began := time.Now()
		c := live.LAN("").Protocol
		earliest, latest := window(c, 8)
		w.believes(w.members[0], crashed.Name(), "failed", latest+slack)
		assert.GreaterOrEqual(w, time.Since(began), earliest-c.PingTimeout)
		for e := range drain(watch) {
			if e.Kind == live.Failed {
				assert.Equal(w, crashed.Name(), e.Member)
				assert.False(w, e.FalsePositive)
			}
			if e.Kind == live.Suspected && e.Cause.Probe {
				assert.Equal(w, e.Cause.Helpers, e.Cause.Nacks, "helpers say in time that they have no ack either: %v", e)
			}
		}
		w.members = w.members[:7]
		w.settled(7)
	})
}

func TestAMemberThatLeavesHasLeftAndNotFailed(t *testing.T) {
	inWorld(t, 5, nil, func(w *world) {
		watch := w.members[0].Subscribe(100)
		require.NoError(w, w.members[4].Leave(w.Context()))
		for _, m := range w.members[:4] {
			w.believes(m, "m4", "left", repaired)
		}
		time.Sleep(time.Minute)
		for e := range drain(watch) {
			assert.NotContains(w, []live.EventKind{live.Suspected, live.Failed}, e.Kind)
		}
	})
}

func TestAMemberComesBackUnderItsNameAtAnotherAddressOnceItHasLeft(t *testing.T) {
	inWorld(t, 4, nil, func(w *world) {
		require.NoError(w, w.members[3].Leave(w.Context()))
		w.believes(w.members[0], "m3", "left", repaired)
		require.NoError(w, w.members[3].Shutdown())

		w.members = w.members[:3]
		again := w.start()
		_, err := again.Join(w.Context(), w.members[0].Addr().String())
		require.NoError(w, err)
		w.believes(w.members[1], "m3", "alive", repaired)
		p, _ := w.members[1].Lookup("m3")
		assert.Equal(w, again.Addr(), p.Addr)
		assert.Greater(w, p.Incarnation, uint32(1), "it has refuted that it had left")
		assert.Equal(w, "alive", statusOf(again, "m3"))
	})
}

func TestTwoMembersOfOneNameAreToldApart(t *testing.T) {
	inWorld(t, 3, nil, func(w *world) {
		watch := w.members[0].Subscribe(100)
		addr := w.members[2].Addr()
		w.members, w.edit = w.members[:3:3], func(c *live.Config) { c.Name, c.Incarnation = "m2", 5 }
		other := w.start()
		_, err := other.Join(w.Context(), w.members[0].Addr().String())
		require.NoError(w, err)
		time.Sleep(10 * time.Second)
		p, _ := w.members[0].Lookup("m2")
		assert.Equal(w, addr, p.Addr, "who was there first keeps the name")
		var seen bool
		for e := range drain(watch) {
			seen = seen || e.Kind == live.NameConflict && e.Addr == other.Addr()
		}
		assert.True(w, seen, "and it is told")
	})
}

func TestNewTagsReachEverybody(t *testing.T) {
	inWorld(t, 6, nil, func(w *world) {
		watch := w.members[5].Subscribe(100)
		require.NoError(w, w.members[0].SetTags(map[string]string{"role": "db"}))
		for _, m := range w.members {
			w.until(repaired, func() bool { p, _ := m.Lookup("m0"); return p.Tags["role"] == "db" }, "%s has not heard", m.Name())
		}
		var updated int
		for e := range drain(watch) {
			if e.Kind == live.Updated && e.Member == "m0" {
				updated++
			}
		}
		assert.Equal(w, 1, updated)
		found, err := w.members[3].Find(live.Query{Tags: map[string]string{"role": ""}, Healthy: true})
		require.NoError(w, err)
		require.Len(w, found, 1)
		assert.Equal(w, "m0", found[0].Name)
		assert.Error(w, w.members[0].SetTags(map[string]string{"role": strings.Repeat("x", wire.MaxMeta)}))
	})
}

func TestABlockedMemberIsFailedAndComesBackWhenItIsUnblocked(t *testing.T) {
	inWorld(t, 8, nil, func(w *world) {
		blocked := w.members[2]
		others := w.members[0].Subscribe(100)
		blocked.Block()
		_, latest := window(live.LAN("").Protocol, 8)
		w.believes(w.members[0], "m2", "failed", latest+slack)
		blocked.Unblock()
		w.until(30*time.Second, func() bool { return blocked.Status().Health > 0 }, "it does not doubt its health")
		w.believes(w.members[0], "m2", "alive", repaired)
		w.settled(8)
		assert.NotZero(w, blocked.Status().Refuted)
		var back bool
		for e := range drain(others) {
			back = back || e.Kind == live.Joined && e.Member == "m2" && e.FalsePositive
		}
		assert.True(w, back)
		assert.Equal(w, uint64(1), w.members[0].Status().FalsePositives)
	})
}

func TestAMemberWhoseDatagramsAreAllLostIsHeldAliveByStreams(t *testing.T) {
	inWorld(t, 4, nil, func(w *world) {
		lossy := w.members[1]
		lossy.SetFaults(live.Faults{LossIn: 1, LossOut: 1})
		time.Sleep(30 * time.Second)
		assert.Equal(w, "alive", statusOf(w.members[0], "m1"))
		var metrics bytes.Buffer
		require.NoError(w, w.members[0].WriteMetrics(&metrics))
		assert.NotContains(w, metrics.String(), "swimlab_stream_acks_total 0\n", "which is seen in the metrics")
	})
}

func TestADelayedMemberIsPlacedByItsDelay(t *testing.T) {
	inWorld(t, 6, nil, func(w *world) {
		w.members[0].SetFaults(live.Faults{Delay: 40 * time.Millisecond})
		time.Sleep(4 * time.Minute)
		rtt, err := w.members[3].RTT("m0", "m5")
		require.NoError(w, err)
		assert.InDelta(w, 42, float64(rtt)/1e6, 15)
		found, err := w.members[3].Find(live.Query{Near: "m3", Healthy: true})
		require.NoError(w, err)
		assert.Equal(w, "m3", found[0].Name)
		assert.Equal(w, "m0", found[len(found)-1].Name, "the one that is far away comes last")
		centres, err := w.members[3].NearestCentres("m3")
		require.NoError(w, err)
		require.Len(w, centres, 2)
		assert.Equal(w, "dc1", centres[0].Name)
		_, err = w.members[3].RTT("m0", "nobody")
		assert.ErrorContains(w, err, `"nobody"`)
	})
}

func TestNoDatagramPassesACutAndItHealsByStreams(t *testing.T) {
	inWorld(t, 6, nil, func(w *world) {
		minority := map[netip.AddrPort]bool{w.members[4].Addr(): true, w.members[5].Addr(): true}
		for i, m := range w.members {
			m.SetFaults(live.Faults{Cut: func(a netip.AddrPort) bool { return minority[a] != (i >= 4) }})
		}
		time.Sleep(20 * time.Second)
		for _, m := range w.members {
			m.SetFaults(live.Faults{})
		}
		w.settled(6)
	})
}

func TestJoinSaysWhatWentWrongWithEachAddress(t *testing.T) {
	inWorld(t, 1, nil, func(w *world) {
		ctx, cancel := context.WithTimeout(w.Context(), 3*time.Second)
		defer cancel()
		n, err := w.members[0].Join(ctx, "10.9.9.9:1", w.members[0].Addr().String(), "10.9.9.9:port")
		assert.Zero(w, n)
		var failed *live.JoinError
		require.ErrorAs(w, err, &failed)
		require.Len(w, failed.Failed, 3)
		assert.Greater(w, failed.Failed[0].Tries, 1, "it was tried again")
		assert.ErrorContains(w, &failed.Failed[0], "10.9.9.9:1")
		assert.ErrorContains(w, &failed.Failed[0], "connection refused")
		assert.ErrorContains(w, &failed.Failed[1], "this member itself")
		assert.ErrorContains(w, &failed.Failed[2], `port "port" is not valid`)
	})
}

func TestJoinDoesNotRepeatWhatNoWaitingMends(t *testing.T) {
	for what, edit := range map[string]func(*live.Config){
		"label":  func(c *live.Config) { c.Label = "red" },
		"family": func(c *live.Config) { c.Family, c.Tags = live.Plain, nil },
		"keys":   func(c *live.Config) { c.Keys = ringOf(t, keyOf(1)) },
	} {
		inWorld(t, 2, nil, func(w *world) {
			w.edit = edit
			other := w.start()
			seed := w.members[0].Addr().String()
			began := time.Now()
			ctx, cancel := context.WithTimeout(w.Context(), 5*time.Second)
			defer cancel()
			_, err := other.Join(ctx, seed)
			var failed *live.JoinError
			require.ErrorAs(w, err, &failed, what)
			assert.ErrorContains(w, err, seed+" (tried once): ", what)
			assert.Less(w, time.Since(began), time.Second)

			_, err = other.Join(ctx, seed, "10.9.9.9:1")
			require.ErrorAs(w, err, &failed, what)
			assert.Greater(w, failed.Failed[0].Tries, 1, "%s: the other address may yet answer", what)
		})
	}
}

func TestJoinDoesNotRepeatAPortThatNobodyCanHave(t *testing.T) {
	for _, port := range []string{"0", "-1", "65536", "port"} {
		inWorld(t, 1, nil, func(w *world) {
			ctx, cancel := context.WithTimeout(w.Context(), 5*time.Second)
			defer cancel()
			_, err := w.members[0].Join(ctx, "10.9.9.9:"+port)
			assert.ErrorContains(w, err, fmt.Sprintf("10.9.9.9:%s (tried once): port %q is not valid; want 1 to 65535", port, port))
			assert.NoError(w, ctx.Err())
		})
	}
}

// A port that takes streams and says nothing is not waited for longer than an exchange may take.
func TestJoinSaysThatNoAnswerCame(t *testing.T) {
	inWorld(t, 1, nil, func(w *world) {
		silent := w.net.Listen()
		accepted := make(chan net.Conn, 10)
		go func() {
			for {
				conn, err := silent.Accept()
				if err != nil {
					return
				}
				accepted <- conn
			}
		}()
		ctx, cancel := context.WithTimeout(w.Context(), 15*time.Second)
		defer cancel()
		_, err := w.members[0].Join(ctx, silent.Addr().String())
		assert.ErrorContains(w, err, "connected, but no answer came in time")
		require.NoError(w, silent.Close())
		for len(accepted) > 0 {
			require.NoError(w, (<-accepted).Close())
		}
	})
}

func TestAMemberWaitsForASeedThatIsNotYetThere(t *testing.T) {
	inWorld(t, 1, nil, func(w *world) {
		joined := make(chan int)
		first := w.members[0]
		go func() {
			n, _ := first.Join(context.Background(), "10.0.0.2:7946")
			joined <- n
		}()
		time.Sleep(5 * time.Second)
		w.start()
		assert.Equal(w, 1, <-joined)
		w.settled(2)
	})
}

func TestKeysAreChangedWhileTheGroupRuns(t *testing.T) {
	first, second := bytes.Repeat([]byte{1}, 16), bytes.Repeat([]byte{2}, 32)
	var rings []*wire.Keyring
	inWorld(t, 4, func(c *live.Config) {
		ring, err := wire.NewKeyring(first)
		require.NoError(t, err)
		rings = append(rings, ring)
		c.Keys = ring
	}, func(w *world) {
		watch := w.members[0].Subscribe(100)
		for _, step := range []func(*wire.Keyring) error{
			func(r *wire.Keyring) error { return r.Add(second) },
			func(r *wire.Keyring) error { return r.Use(second) },
			func(r *wire.Keyring) error { return r.Remove(first) },
		} {
			for _, r := range rings {
				require.NoError(w, step(r))
				time.Sleep(3 * time.Second)
			}
		}
		time.Sleep(30 * time.Second)
		w.settled(4)
		for e := range drain(watch) {
			assert.NotContains(w, []live.EventKind{live.Suspected, live.Failed}, e.Kind, "%v", e)
		}
	})
}

func TestAPlainGroupIsChangedToEncryption(t *testing.T) {
	// As memberlist's users do it: first everybody understands both, then
	// everybody encrypts, then nobody takes plain any more. Here a member of each step.
	key := bytes.Repeat([]byte{7}, 16)
	i := 0
	inWorld(t, 3, func(c *live.Config) {
		ring, err := wire.NewKeyring(key)
		require.NoError(t, err)
		c.Keys, c.AcceptPlain, c.SendPlain = ring, true, i == 0
		i++
	}, func(w *world) {
		time.Sleep(time.Minute)
		w.settled(3)
	})
}

func TestMembersOfAnotherLabelAreNotHeard(t *testing.T) {
	inWorld(t, 2, func(c *live.Config) { c.Label = "blue" }, func(w *world) {
		w.edit = func(c *live.Config) { c.Label = "red" }
		other := w.start()
		ctx, cancel := context.WithTimeout(w.Context(), 2*time.Second)
		defer cancel()
		_, err := other.Join(ctx, w.members[0].Addr().String())
		assert.ErrorContains(w, err, "label")
		assert.Equal(w, 2, w.members[0].GroupSize())
		assert.NotZero(w, w.members[0].Status().Refused["unread"])
	})
}

func TestASubscriberThatDoesNotListenCostsNothing(t *testing.T) {
	inWorld(t, 2, nil, func(w *world) {
		s := w.members[0].Subscribe(1)
		for range 5 {
			m := w.start()
			_, err := m.Join(w.Context(), w.members[0].Addr().String())
			require.NoError(w, err)
		}
		w.settled(7)
		assert.Equal(w, uint64(4), s.Dropped())
		assert.Len(w, s.C, 1)
		s.Close()
		s.Close()
	})
}

// Whatever is thrown at a member, it lives on, keeps no more than its limits, and
// is as good a member afterwards as before.
func TestNobodyCanHurtAMemberByDatagrams(t *testing.T) {
	inWorld(t, 4, func(c *live.Config) { c.Limits.Members, c.Limits.Relays, c.Limits.Answers = 64, 10, 10 }, func(w *world) {
		victim := w.members[0]
		forger := w.net.Listen()
		defer func() { require.NoError(w, forger.Close()) }()
		third := w.net.Listen()
		var atThird int
		done := make(chan struct{})
		go func() {
			defer close(done)
			buf := make([]byte, 1<<16)
			for {
				if _, _, err := third.ReadPacket(buf); err != nil {
					return
				}
				atThird++
			}
		}()
		rng := rand.New(rand.NewPCG(1, 1))
		vsn := wire.SerfVersions.Bytes()
		node := func() []byte { return fmt.Appendf(nil, "forged-%d", rng.IntN(10000)) }
		var b []byte
		for i := range 20000 {
			switch i % 8 {
			case 0: // names without end
				b = (&wire.Alive{Incarnation: 1, Node: node(), Addr: third.Addr(), Vsn: vsn}).Append(b[:0])
			case 1: // ping somebody else for me
				b = (&wire.IndirectPing{SeqNo: uint32(i), Target: third.Addr(), Node: []byte("somebody"), Nack: true, Source: third.Addr(), SourceNode: []byte("m1")}).Append(b[:0])
			case 2: // send your ack to somebody else
				b = (&wire.Ping{SeqNo: uint32(i), Node: []byte("m0"), Source: third.Addr(), SourceNode: []byte("x")}).Append(b[:0])
			case 3: // acks of no ping
				b = (&wire.Ack{SeqNo: rng.Uint32(), Payload: []byte{1, 2, 3}}).Append(b[:0])
			case 4: // two made-up accusers
				b = (&wire.Suspect{Incarnation: 1, Node: []byte("m2"), From: node()}).Append(b[:0])
			case 5: // a broken one
				b = (&wire.Alive{Incarnation: 1, Node: node(), Addr: third.Addr(), Vsn: vsn}).Append(b[:0])
				for range 4 {
					b[rng.IntN(len(b))] = byte(rng.Uint32())
				}
			case 6: // poison: the other family's versions
				b = (&wire.Alive{Incarnation: 9, Node: []byte("m3"), Addr: w.members[3].Addr(), Vsn: wire.MemberlistVersions.Bytes()}).Append(b[:0])
			case 7: // longer than any datagram may be
				b = wire.AppendUser(b[:0], make([]byte, 16<<10))
			}
			require.NoError(w, forger.WritePacket(b, victim.Addr()))
			if i%100 == 0 {
				time.Sleep(10 * time.Millisecond)
			}
		}
		require.NoError(w, third.Close())
		<-done
		assert.LessOrEqual(w, len(victim.Members()), 64)
		s := victim.Status()
		for _, reason := range []string{"full", "unknown_member", "too_many", "unsolicited", "unread", "other_versions", "oversized"} {
			assert.NotZero(w, s.Refused[reason], "%s", reason)
		}
		// The names it has believed in are probed there, as any member's are: what it
		// sends is what a group of that size costs, and no more for being asked.
		assert.Less(w, atThird, 1500, "of 20,000 forged")
		time.Sleep(20 * time.Minute) // those that are made up are found out, in turn, by a member that doubts itself
		for _, m := range w.members {
			for _, other := range w.members {
				w.believes(m, other.Name(), "alive", time.Minute)
			}
		}
		w.settled(4)
	})
}

// Room for what is longer than members send is made when the first has come.
func TestTheFirstLongDatagramIsRefusedAndTheNextIsRead(t *testing.T) {
	inWorld(t, 2, func(c *live.Config) { c.Family, c.Tags = live.Plain, nil }, func(w *world) {
		m := w.members[0]
		events := m.Subscribe(10)
		sender := w.net.Listen()
		usual := live.LAN("").PacketBytes
		for i, size := range []int{usual, 4 * usual, 4 * usual, usual, live.LAN("").Limits.Datagram + 1} {
			require.NoError(w, sender.WritePacket(wire.AppendUser(nil, bytes.Repeat([]byte{byte(i)}, size-1)), m.Addr()))
			time.Sleep(100 * time.Millisecond)
		}
		require.NoError(w, sender.Close())
		var read []int
		for e := range drain(events) {
			if e.Kind == live.UserMessage {
				read = append(read, int(e.Payload[0]))
			}
		}
		assert.Equal(w, []int{0, 2, 3}, read)
		assert.Equal(w, uint64(2), m.Status().Refused["oversized"])
	})
}

func TestTheLongDeadAreForgotten(t *testing.T) {
	inWorld(t, 4, func(c *live.Config) { c.ForgetAfter = 5 * time.Minute }, func(w *world) {
		require.NoError(w, w.members[3].Shutdown())
		w.believes(w.members[0], "m3", "failed", time.Minute)
		time.Sleep(4 * time.Minute)
		assert.Equal(w, "failed", statusOf(w.members[0], "m3"))
		time.Sleep(3 * time.Minute)
		assert.Equal(w, "unknown", statusOf(w.members[0], "m3"))
		assert.Len(w, w.members[0].Members(), 3)
	})
}

func TestConfigurationsThatCannotBeAreRefused(t *testing.T) {
	for want, edit := range map[string]func(*live.Config){
		"name":             func(c *live.Config) { c.Name = "" },
		"precedence order": func(c *live.Config) { c.Protocol = swim.Paper() },
		"no tags":          func(c *live.Config) { c.Family, c.Tags = live.Plain, map[string]string{"a": "b"} },
		"are tags":         func(c *live.Config) { c.Meta = []byte{1} },
		"bytes":            func(c *live.Config) { c.Tags = map[string]string{"a": strings.Repeat("x", 600)} },
		"protocol period":  func(c *live.Config) { c.Protocol.ProtocolPeriod = 0 },
		"family":           func(c *live.Config) { c.Family = 9 },
		"bind address":     func(c *live.Config) { c.Bind = "nowhere" },
		"streams":          func(c *live.Config) { c.Limits.Streams = 0 },
	} {
		cfg := live.LAN("m")
		cfg.Bind = "127.0.0.1:0"
		edit(&cfg)
		_, err := live.Start(cfg)
		assert.ErrorContains(t, err, want)
	}
}

// Two halves of a group that do not hear each other, not over streams either, and then
// do before the dead are told no more.
func TestAPartitionCutsTheGroupAndHeals(t *testing.T) {
	inWorld(t, 6, nil, func(w *world) {
		half := func(i int) []*live.Member { return w.members[3*i : 3*i+3] }
		for i := range 2 {
			others := map[netip.AddrPort]bool{}
			for _, m := range half(1 - i) {
				others[m.Addr()] = true
			}
			for _, m := range half(i) {
				m.SetFaults(live.Faults{Cut: func(a netip.AddrPort) bool { return others[a] }, CutStreams: true})
			}
		}
		for _, m := range w.members {
			w.until(90*time.Second, func() bool { return m.GroupSize() == 3 }, "%s still knows %d", m.Name(), m.GroupSize())
		}
		for _, m := range w.members {
			m.SetFaults(live.Faults{})
		}
		w.settled(6)
	})
}
