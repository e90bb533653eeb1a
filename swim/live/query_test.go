package live_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/swim/live"
	"github.com/swimlab/swimlab/swim/live/wire"
)

// asker is a member of Serf's, as far as the tests of queries need one: it acks pings, and
// keeps the messages that are sent to it.
type asker struct {
	*world
	name string
	host live.Transport
	env  *wire.Envelope

	mu       sync.Mutex
	messages [][]byte // of Serf's, that came by themselves
	queries  [][]byte // that others ask, without their type
	packets  int
	ended    chan struct{}
}

// asker starts one that the world's members hear of. End it before the world's end.
func (w *world) asker(name string, o wire.Options) *asker {
	env, err := wire.NewEnvelope(o)
	require.NoError(w, err)
	a := &asker{world: w, name: name, host: w.net.Listen(), env: env, ended: make(chan struct{})}
	go a.listen()
	return a
}

// joins has all of the world's members list it.
func (a *asker) joins() {
	alive := wire.Alive{Incarnation: 1, Node: []byte(a.name), Addr: a.host.Addr(), Vsn: wire.SerfVersions.Bytes()}
	for _, m := range a.members {
		a.send(m, alive.Append(nil))
	}
	for _, m := range a.members {
		a.believes(m, a.name, "alive", time.Minute)
	}
}

func (a *asker) listen() {
	defer close(a.ended)
	reader := a.env.NewPacketReader()
	buf := make([]byte, wire.MaxPacket)
	for {
		n, from, err := a.host.ReadPacket(buf)
		if err != nil {
			return
		}
		a.mu.Lock()
		a.packets++
		a.mu.Unlock()
		_ = reader.Read(buf[:n], func(t wire.Type, body []byte) {
			var ping wire.Ping
			switch {
			case t == wire.TypePing && ping.Decode(body) == nil:
				a.sendTo(from, (&wire.Ack{SeqNo: ping.SeqNo}).Append(nil))
			case t == wire.TypeUser && body[0] >= byte(wire.SerfTypeQueryResponse):
				a.mu.Lock()
				a.messages = append(a.messages, bytes.Clone(body))
				a.mu.Unlock()
			case t == wire.TypeUser && body[0] == byte(wire.SerfTypeQuery):
				a.mu.Lock()
				a.queries = append(a.queries, bytes.Clone(body[1:]))
				a.mu.Unlock()
			}
		})
	}
}

func (a *asker) end() {
	_ = a.host.Close()
	<-a.ended
}

func (a *asker) sendTo(to netip.AddrPort, message []byte) {
	w, err := a.env.NewPacketWriter(9000)
	require.NoError(a, err)
	require.True(a, w.Add(message))
	packet, err := w.Seal(false)
	require.NoError(a, err)
	require.NoError(a, a.host.WritePacket(packet, to))
}

func (a *asker) send(m *live.Member, message []byte) { a.sendTo(m.Addr(), message) }

// query is one of the asker's own.
func (a *asker) query(id uint32, name string) *wire.SerfQuery {
	return &wire.SerfQuery{
		LTime: 1, ID: id, Asker: a.host.Addr(), SourceNode: []byte(a.name), Flags: wire.SerfAck | wire.SerfNoBroadcast, Timeout: 5 * time.Second, Name: []byte(name),
	}
}

// asks sends a member a query, and gives what has come of it after so long.
func (a *asker) asks(m *live.Member, q *wire.SerfQuery, wait time.Duration) (acks []string, responses map[string]string) {
	a.Helper()
	a.take()
	a.send(m, wire.AppendUser(nil, q.Append(nil)))
	time.Sleep(wait)
	responses = map[string]string{}
	for _, b := range a.take() {
		var r wire.SerfQueryResponse
		require.Equal(a, byte(wire.SerfTypeQueryResponse), b[0])
		require.NoError(a, r.Decode(b[1:]))
		assert.Equal(a, q.LTime, r.LTime)
		assert.Equal(a, q.ID, r.ID)
		if r.Flags&wire.SerfAck != 0 {
			acks = append(acks, string(r.From))
		} else {
			responses[string(r.From)] += string(r.Payload)
		}
	}
	return acks, responses
}

// take gives the messages that have come, and forgets them.
func (a *asker) take() [][]byte {
	a.mu.Lock()
	defer a.mu.Unlock()
	taken := a.messages
	a.messages = nil
	return taken
}

const moment = 100 * time.Millisecond

func TestFiltersSayWhoIsAsked(t *testing.T) {
	inWorld(t, 2, nil, func(w *world) { // m0 has the tag dc=dc0
		a := w.asker("asker", wire.Options{})
		defer a.end()
		a.joins()
		names := func(all ...string) []byte {
			var f wire.SerfNodeFilter
			for _, name := range all {
				f = append(f, []byte(name))
			}
			return f.Append(nil)
		}
		tag := func(name, expr string) []byte {
			return (&wire.SerfTagFilter{Tag: []byte(name), Expr: []byte(expr)}).Append(nil)
		}
		for i, c := range []struct {
			name    string
			filters [][]byte
			asked   bool
		}{
			{"none", nil, true},
			{"the name", [][]byte{names("m1", "m0")}, true},
			{"another's name", [][]byte{names("m1")}, false},
			{"no name", [][]byte{names()}, false},
			{"the tag", [][]byte{tag("dc", "dc[0-9]")}, true},
			{"a part of the tag", [][]byte{tag("dc", "0")}, true},
			{"another tag", [][]byte{tag("dc", "^dc$")}, false},
			{"no such tag, which is empty", [][]byte{tag("role", "^$")}, true},
			{"any tag", [][]byte{tag("role", "")}, true},
			{"all of them", [][]byte{names("m0"), tag("dc", "dc0")}, true},
			{"not all of them", [][]byte{names("m0"), tag("dc", "dc1")}, false},
			{"an empty filter", [][]byte{{}}, false},
			{"a filter that is not known", [][]byte{{9, 0x80}}, false},
			{"a filter that is none", [][]byte{{0, 0xc1}}, false},
			{"an expression that is none", [][]byte{tag("dc", "d(")}, false},
			{"a long expression", [][]byte{tag("dc", "dc0|"+strings.Repeat("x", 2000))}, false},
			{"a short expression for a large program", [][]byte{tag("dc", "dc0|"+strings.Repeat("x{1000}", 100))}, false},
			{"repeats of repeats", [][]byte{tag("dc", "dc0|((x{10}){10}){10}y{1000}z{900}")}, false},
			{"much work, often", slices.Repeat([][]byte{tag("dc", "dc0|(x{900})*y")}, 30), false},
			{"little work, often", slices.Repeat([][]byte{tag("dc", "^dc[0-9]$")}, 30), true},
			{"as much as may be", [][]byte{tag("dc", "dc0|x{900}y{900}")}, true},
		} {
			q := a.query(uint32(i), "q")
			q.Filters = c.filters
			acks, _ := a.asks(w.members[0], q, moment)
			assert.Equal(w, c.asked, len(acks) == 1, c.name)
		}
	})
}

// A group of four: what is sent to three at a time reaches all. In a larger one a query
// misses somebody now and then, and nothing repairs that.
func TestAQueryGoesRoundAndIsAnsweredOnce(t *testing.T) {
	var handled atomic.Int32
	inWorld(t, 3, func(c *live.Config) {
		name := c.Name
		c.Queries = func(_ context.Context, q live.UserQuery) ([]byte, error) {
			handled.Add(1)
			return []byte(name + " to " + q.From), nil
		}
	}, func(w *world) {
		a := w.asker("asker", wire.Options{})
		defer a.end()
		a.joins()
		q := a.query(1, "who")
		q.Flags = wire.SerfAck
		acks, responses := a.asks(w.members[0], q, 10*time.Second)
		assert.ElementsMatch(w, []string{"m0", "m1", "m2"}, acks)
		assert.Len(w, responses, 3)
		assert.Equal(w, "m1 to asker", responses["m1"])
		assert.Equal(w, int32(3), handled.Load())

		acks, _ = a.asks(w.members[2], q, moment)
		assert.Empty(w, acks, "it is known")
		q.ID = 2
		q.Flags |= wire.SerfNoBroadcast
		acks, _ = a.asks(w.members[2], q, 10*time.Second)
		assert.Equal(w, []string{"m2"}, acks, "and this one is not passed on")

		// Relays: so many more copies of each answer, from others.
		q.ID, q.RelayFactor = 3, 2
		acks, responses = a.asks(w.members[2], q, time.Second)
		assert.Equal(w, []string{"m2", "m2", "m2"}, acks)
		assert.Equal(w, strings.Repeat("m2 to asker", 3), responses["m2"])
		q.ID, q.RelayFactor = 4, 255
		acks, _ = a.asks(w.members[2], q, time.Second)
		assert.LessOrEqual(w, len(acks), 3, "no more than a group needs, whatever is asked for")
	})
}

func TestQueriesOfLongAgoAndOfNoTimeAreNotTaken(t *testing.T) {
	inWorld(t, 2, nil, func(w *world) {
		a := w.asker("asker", wire.Options{})
		defer a.end()
		a.joins()
		m := w.members[0]
		at := func(ltime uint64) int {
			q := a.query(1, "q")
			q.LTime = ltime
			acks, _ := a.asks(m, q, moment)
			return len(acks)
		}
		assert.Equal(w, 1, at(1000))
		assert.Equal(w, 1, at(900), "out of order")
		assert.Equal(w, 0, at(400))
		assert.Equal(w, uint64(1), m.Status().Refused["old"])
		for _, forged := range []uint64{1<<64 - 1, 1 << 63} {
			assert.Equal(w, 0, at(forged))
		}
		assert.Equal(w, 1, at(1001), "a forged time did not move the clock")

		// Time gets about with the lists, too.
		late := w.start()
		_, err := late.Join(w.Context(), m.Addr().String())
		require.NoError(w, err)
		a.joins()
		q := a.query(9, "q")
		q.LTime = 450
		acks, _ := a.asks(late, q, moment)
		assert.Empty(w, acks)
	})
}

func TestAMemberSaysWhoANameIs(t *testing.T) {
	inWorld(t, 3, nil, func(w *world) {
		a := w.asker("asker", wire.Options{})
		defer a.end()
		a.joins()
		who := func(id uint32, name string) (string, bool) {
			q := a.query(id, "_serf_conflict")
			q.Payload = []byte(name)
			acks, responses := a.asks(w.members[0], q, moment)
			assert.Len(w, acks, 1)
			answer, ok := responses["m0"]
			return answer, ok
		}
		answer, ok := who(1, "m2")
		require.True(w, ok)
		var m wire.SerfMember
		require.NoError(w, m.Decode([]byte(answer)[1:]))
		assert.Equal(w, wire.SerfMember{
			Name: []byte("m2"), Addr: w.members[2].Addr(), Tags: map[string]string{"dc": "dc0"}, Status: wire.SerfAlive, Versions: wire.SerfVersions,
		}, m)
		answer, ok = who(2, "nobody")
		assert.True(w, ok)
		assert.Equal(w, "\x06\xc0", answer)
		_, ok = who(3, "m0")
		assert.False(w, ok, "of itself the others are asked")

		require.NoError(w, w.members[2].Leave(w.Context()))
		w.believes(w.members[0], "m2", "left", time.Minute)
		answer, _ = who(4, "m2")
		require.NoError(w, m.Decode([]byte(answer)[1:]))
		assert.Equal(w, wire.SerfLeft, m.Status)
	})
}

func TestHandlersOfQueriesAreFewAndEnd(t *testing.T) {
	var running, most atomic.Int32
	inWorld(t, 2, func(c *live.Config) {
		c.Queries = func(ctx context.Context, q live.UserQuery) ([]byte, error) {
			switch q.Name {
			case "long":
				return make([]byte, 2000), nil
			case "error":
				return []byte("x"), errors.New("no")
			case "nothing":
				return nil, nil
			}
			n := running.Add(1)
			most.Store(max(most.Load(), n))
			<-ctx.Done()
			running.Add(-1)
			return []byte("too late"), nil
		}
	}, func(w *world) {
		a := w.asker("asker", wire.Options{})
		defer a.end()
		a.joins()
		m := w.members[0]
		for i, name := range []string{"long", "error", "nothing"} {
			acks, responses := a.asks(m, a.query(uint32(100+i), name), moment)
			assert.Len(w, acks, 1)
			assert.Empty(w, responses, name)
		}
		for i := range 20 {
			a.send(m, wire.AppendUser(nil, a.query(uint32(i), "slow").Append(nil)))
		}
		time.Sleep(moment)
		a.answerOf(m, 1000, "list-keys", nil) // Serf's own do not wait for users' handlers
		time.Sleep(10 * time.Second)
		assert.Equal(w, int32(8), most.Load())
		assert.Zero(w, running.Load(), "their time has run out")
		for _, b := range a.take() {
			var r wire.SerfQueryResponse
			require.NoError(w, r.Decode(b[1:]))
			assert.Equal(w, wire.SerfAck, r.Flags, "%s", r.Payload)
		}
		q := a.query(50, "slow")
		q.Timeout = -1
		a.send(m, wire.AppendUser(nil, q.Append(nil)))
		q.ID, q.Timeout = 51, 1<<62
		a.send(m, wire.AppendUser(nil, q.Append(nil)))
		time.Sleep(moment)
		assert.Equal(w, int32(1), running.Load(), "the one that has time")
		// Shutdown ends it: else the world would wait for ever.
	})
}

// answerOf asks a member to do something with keys.
func (a *asker) answerOf(m *live.Member, id uint32, name string, payload []byte) (r wire.SerfKeyResponse) {
	a.Helper()
	q := a.query(id, "_serf_"+name)
	q.Payload = payload
	_, responses := a.asks(m, q, moment)
	answer := responses[m.Name()]
	require.NotEmpty(a, answer, name)
	require.Equal(a, byte(wire.SerfTypeKeyResponse), answer[0])
	require.NoError(a, r.Decode([]byte(answer)[1:]))
	return r
}

func keyOf(n byte) []byte { return bytes.Repeat([]byte{n}, 16) }

func ringOf(t testing.TB, keys ...[]byte) *wire.Keyring {
	ring, err := wire.NewKeyring(keys...)
	require.NoError(t, err)
	return ring
}

func TestKeysAreChangedByQueries(t *testing.T) {
	inWorld(t, 2, func(c *live.Config) { c.Keys = ringOf(t, keyOf(1)) }, func(w *world) {
		a := w.asker("asker", wire.Options{Keys: ringOf(t, keyOf(1))})
		defer a.end()
		a.joins()
		m, id := w.members[0], uint32(0)
		ask := func(name string, payload []byte) wire.SerfKeyResponse {
			id++
			return a.answerOf(m, id, name, payload)
		}
		request := func(key []byte) []byte { return (&wire.SerfKeyRequest{Key: key}).Append(nil) }
		text := func(n byte) string { return base64.StdEncoding.EncodeToString(keyOf(n)) }

		r := ask("list-keys", request(nil))
		assert.True(w, r.Result)
		assert.Equal(w, text(1), string(r.PrimaryKey))
		assert.Len(w, r.Keys, 1)
		for _, c := range []struct {
			name    string
			payload []byte
			says    string // empty: done
		}{
			{"install-key", nil, "0 bytes"},
			{"install-key", []byte{7}, "truncated"},
			{"install-key", []byte{8, 0x80}, "want a serf key request"},
			{"install-key", request([]byte("short")), "5 bytes; want 16, 24 or 32"},
			{"use-key", request(keyOf(2)), "want one that was added"},
			{"install-key", request(keyOf(2)), ""},
			{"install-key", request(keyOf(2)), ""},
			{"remove-key", request(keyOf(1)), "the key that encrypts"},
			{"remove-key", request(keyOf(9)), ""}, // it is not there
		} {
			r := ask(c.name, c.payload)
			assert.Equal(w, c.says == "", r.Result, "%s %x", c.name, c.payload)
			assert.Contains(w, string(r.Message), c.says)
			assert.NotContains(w, string(r.Message), text(1))
		}
		for n := byte(3); n <= live.MaxKeys; n++ {
			assert.True(w, ask("install-key", request(keyOf(n))).Result)
			time.Sleep(moment)
		}
		r = ask("install-key", request(keyOf(100)))
		assert.False(w, r.Result)
		assert.Contains(w, string(r.Message), fmt.Sprint(live.MaxKeys))
		r = ask("list-keys", request(nil))
		assert.True(w, r.Result)
		assert.Len(w, r.Keys, live.MaxKeys)
		assert.Empty(w, r.Message, "all of them fit")
	})
}

func TestALongRingIsListedInPart(t *testing.T) {
	var keys [][]byte
	for n := range 40 {
		keys = append(keys, bytes.Repeat([]byte{byte(n)}, 32))
	}
	inWorld(t, 2, func(c *live.Config) { c.Keys = ringOf(t, keys...) }, func(w *world) {
		a := w.asker("asker", wire.Options{Keys: ringOf(t, keys...)})
		defer a.end()
		a.joins()
		r := a.answerOf(w.members[0], 1, "list-keys", (&wire.SerfKeyRequest{}).Append(nil))
		assert.True(w, r.Result)
		assert.Greater(w, len(r.Keys), 8)
		assert.Equal(w, fmt.Sprintf("the first %d of 40 keys: there is no room for more", len(r.Keys)), string(r.Message))
	})
}

// Where plain packets are taken or sent, strangers could ask for keys or hear of them.
func TestKeysAreNotToldWhereStrangersCouldHear(t *testing.T) {
	for name, edit := range map[string]func(*live.Config){
		"accepts plain": func(c *live.Config) { c.Keys, c.AcceptPlain = ringOf(t, keyOf(1)), true },
		"sends plain":   func(c *live.Config) { c.Keys, c.AcceptPlain, c.SendPlain = ringOf(t, keyOf(1)), true, true },
		"has no keys":   func(*live.Config) {},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, 2, edit, func(w *world) {
				o := wire.Options{}
				if name == "accepts plain" {
					o = wire.Options{Keys: ringOf(t, keyOf(1)), AcceptPlain: true, SendPlain: true}
				}
				a := w.asker("asker", o)
				defer a.end()
				a.joins()
				for i, query := range []string{"list-keys", "install-key", "use-key", "remove-key"} {
					r := a.answerOf(w.members[0], uint32(i), query, (&wire.SerfKeyRequest{Key: keyOf(2)}).Append(nil))
					assert.False(w, r.Result)
					assert.Empty(w, r.Keys)
					assert.Empty(w, r.PrimaryKey)
					assert.NotEmpty(w, r.Message)
				}
			})
		})
	}
}
