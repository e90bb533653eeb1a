package sim

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/swim"
	"github.com/swimlab/swimlab/swim/live/wire"
)

// somePlace is a coordinate of which every number is noise.
func somePlace(rng *rand.Rand) wire.Coordinate {
	c := wire.Coordinate{Error: rng.Float64(), Adjustment: 1e-4 * rng.NormFloat64(), Height: 1e-5 * rng.Float64()}
	for i := range c.Vec {
		c.Vec[i] = 1e-4 * rng.NormFloat64()
	}
	return c
}

// someMessage is any message that one of so many members may send.
func someMessage(t *rapid.T, members int) (from uint32, m swim.Message) {
	id := func(what string) swim.ID { return swim.ID(rapid.IntRange(0, members-1).Draw(t, what)) }
	m.Kind = rapid.SampledFrom([]swim.Kind{
		swim.Ping, swim.PingReq, swim.Ack, swim.Nack, swim.News, swim.Join, swim.Welcome, swim.Sync, swim.SyncReply,
	}).Draw(t, "kind")
	m.Seq = rapid.SampledFrom([]uint32{0, 127, 128, 255, 256, 65535, 65536}).Draw(t, "seq") + uint32(id("more"))
	m.Target = id("target")
	m.Nack = rapid.Bool().Draw(t, "nack")
	m.Stream = (m.Kind == swim.Ping || m.Kind == swim.Ack) && rapid.Bool().Draw(t, "stream")
	most := 12
	if isList(m.Kind) {
		most, m.Stream = members, true
	}
	if m.Stream && !isList(m.Kind) {
		return uint32(id("from")), m // without news
	}
	least := 0
	if m.Kind == swim.News {
		least = 1
	}
	for range rapid.IntRange(least, most).Draw(t, "updates") {
		u := swim.Update{Member: id("member"), From: id("author"), Incarnation: uint32(rapid.IntRange(0, 300).Draw(t, "incarnation"))}
		u.State = rapid.SampledFrom([]swim.State{swim.Alive, swim.Suspect, swim.Faulty, swim.Left}).Draw(t, "state")
		m.Updates = append(m.Updates, u)
	}
	return uint32(id("from")), m
}

// What the encoder says of a message is what the codec of the live member sends,
// compressed or not, and what it encodes is what that codec reads.
func TestBytesAreWhatTheLiveCodecSends(t *testing.T) {
	const members = 150
	for name, p := range programs {
		t.Run(name, func(t *testing.T) {
			var coordinate func(uint32) wire.Coordinate
			if p.serf {
				coordinate = func(id uint32) wire.Coordinate { return somePlace(rand.New(rand.NewPCG(uint64(id), 1))) }
			}
			for _, compress := range []bool{false, true} {
				e := newEncoder(p, compress, members, coordinate)
				e.buddy = true
				rapid.Check(t, func(t *rapid.T) {
					from, m := someMessage(t, members)
					got := e.bytes(from, &m)
					if want := len(sealed(t, e, from, &m)); got != want {
						t.Fatalf("%d bytes, want %d", got, want)
					}
					if again := e.bytes(from, &m); again != got {
						t.Fatalf("%d bytes the second time, %d the first", again, got)
					}
				})
			}
		})
	}
}

// sealed is the message as the live member's codec sends it. Its parts are taken from
// what the encoder wrote, read by that codec.
func sealed(t *rapid.T, e *encoder, from uint32, m *swim.Message) []byte {
	envelope, err := wire.NewEnvelope(wire.Options{Compress: e.compress})
	require.NoError(t, err)
	if m.Stream {
		incoming, err := envelope.ReadRequest(bytes.NewReader(e.plain))
		require.NoError(t, err)
		if isList(m.Kind) {
			rows := 0
			for row := range incoming.PushPull.Rows() {
				require.Equal(t, e.members[m.Updates[rows].Member].name, row.Name)
				require.Equal(t, e.members[m.Updates[rows].Member].addr, row.Addr)
				require.Equal(t, wire.ListedAs(m.Updates[rows].State), row.State)
				rows++
			}
			require.Len(t, m.Updates, rows)
			require.Equal(t, e.serfState, slices.Concat([]byte(nil), incoming.PushPull.UserState))
		}
		b, err := envelope.AppendRequest(nil, e.plain)
		require.NoError(t, err)
		return b
	}
	w, err := envelope.NewPacketWriter(9000)
	require.NoError(t, err)
	w.Reset()
	parts := 0
	require.NoError(t, envelope.NewPacketReader().Read(e.plain, func(typ wire.Type, body []byte) {
		require.True(t, w.Add(append([]byte{byte(typ)}, body...)))
		if part := parts; m.Kind != swim.News && part == 0 {
			require.Equal(t, map[swim.Kind]wire.Type{swim.Ping: wire.TypePing, swim.PingReq: wire.TypeIndirectPing, swim.Ack: wire.TypeAck, swim.Nack: wire.TypeNack}[m.Kind], typ)
		}
		parts++
	}))
	checked := m.Kind == swim.News
	if m.Kind == swim.Ping && len(m.Updates) > 0 {
		u := m.Updates[0]
		checked = u == swim.Update{Member: m.Target, From: swim.ID(from), State: swim.Suspect, Incarnation: u.Incarnation}
	}
	b, err := w.Seal(checked)
	require.NoError(t, err)
	return b
}

// A compressed text of 64 kB or more has a longer header.
func TestTheWrappingIsThatOfTheLiveCodec(t *testing.T) {
	envelope, err := wire.NewEnvelope(wire.Options{Compress: true})
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(1, 1))
	noise := make([]byte, 60_000)
	for i := range noise {
		noise[i] = byte(rng.Uint32())
	}
	var l lzwLength
	longest := 0
	for _, n := range []int{1, 15, 20, 30, 300, 45_000, 60_000} {
		b, err := envelope.AppendRequest(nil, noise[:n])
		require.NoError(t, err)
		longest = l.of(noise[:n], unlimited)
		assert.Equal(t, len(b), compressed(longest), "%d bytes", n)
	}
	assert.Greater(t, longest, 1<<16)
}

// Without compression, sizes are those that the sizes alone give: for the messages in
// which those know all.
func TestContentsHaveTheSizesThatTheyStandFor(t *testing.T) {
	const members = 150
	for name, p := range programs {
		var coordinate func(uint32) wire.Coordinate
		if p.serf {
			coordinate = func(uint32) wire.Coordinate { return wire.Coordinate{} }
		}
		e := newEncoder(p, false, members, coordinate)
		s := newMemberlistSizes(Wire{Codec: "memberlist", Contents: name}.sizes())
		rapid.Check(t, func(t *rapid.T) {
			from, m := someMessage(t, members)
			if m.Stream && m.Kind == swim.Ack {
				return // without its payload
			}
			if m.Kind == swim.Ack {
				m.Target = swim.ID(from) // and not a helper's
			}
			want := s.bytes(&m)
			if isList(m.Kind) && len(e.serfState) > 0 {
				want += len(e.serfState) + signed(len(e.serfState)) - 1
			}
			if got := e.bytes(from, &m); got != want {
				t.Fatalf("%s: %d bytes, want %d", name, got, want)
			}
		})
	}
}

// golden is a recording of unmodified memberlist, by experiments/peer/wire.
type golden struct {
	Vectors []struct{ ID, Transport, Hex string }
}

// Three members of unmodified memberlist that say what Consul's do, and compress: what
// the encoder finds for each of their messages is the size of the datagram or stream.
func TestBytesAreThoseThatMemberlistSent(t *testing.T) {
	text, err := os.ReadFile("../../swim/live/wire/testdata/golden/consul-compressed.json")
	require.NoError(t, err)
	var recorded golden
	require.NoError(t, json.Unmarshal(text, &recorded))
	p := programs["consul-0.8"]
	p.source = true // the library of today
	var place wire.Coordinate
	e := newEncoder(p, true, 3, func(uint32) wire.Coordinate { return place })
	e.buddy = true
	envelope, err := wire.NewEnvelope(wire.Options{})
	require.NoError(t, err)

	id := func(name []byte) swim.ID {
		i := slices.IndexFunc(e.members, func(m identity) bool { return bytes.Equal(m.name, name) })
		require.GreaterOrEqual(t, i, 0, "%q", name)
		return swim.ID(i)
	}
	compared := map[swim.Kind]int{}
	smaller := 0
	for _, v := range recorded.Vectors {
		b, err := hex.DecodeString(v.Hex)
		require.NoError(t, err)
		var m swim.Message
		var from swim.ID
		other := false // something that the simulator's members do not say
		if v.Transport == "tcp" {
			in, err := envelope.ReadRequest(bytes.NewReader(b))
			require.NoError(t, err)
			m.Stream = true
			switch in.Type {
			case wire.TypePing:
				m.Kind, m.Seq, m.Target, from = swim.Ping, in.Ping.SeqNo, id(in.Ping.Node), id(in.Ping.SourceNode)
			case wire.TypeAck:
				m.Kind, m.Seq = swim.Ack, in.Ack.SeqNo
			case wire.TypePushPull:
				m.Kind = swim.Sync
				if in.PushPull.Join {
					m.Kind = swim.Join
				}
				if len(in.PushPull.UserState) != len(e.serfState) {
					t.Errorf("%s: state of %d bytes, want %d", v.ID, len(in.PushPull.UserState), len(e.serfState))
				}
				for row := range in.PushPull.Rows() {
					state := map[wire.State]swim.State{
						wire.StateAlive: swim.Alive, wire.StateSuspect: swim.Suspect, wire.StateDead: swim.Faulty, wire.StateLeft: swim.Left,
					}[row.State]
					m.Updates = append(m.Updates, swim.Update{Member: id(row.Name), Incarnation: row.Incarnation, State: state})
				}
			default:
				other = true
			}
		} else {
			m.Kind = swim.News
			require.NoError(t, envelope.NewPacketReader().Read(b, func(typ wire.Type, body []byte) {
				var ping wire.Ping
				var indirect wire.IndirectPing
				var ack wire.Ack
				var nack wire.Nack
				var alive wire.Alive
				var suspect wire.Suspect
				var dead wire.Dead
				switch typ {
				case wire.TypePing:
					require.NoError(t, ping.Decode(body))
					m.Kind, m.Seq, m.Target, from = swim.Ping, ping.SeqNo, id(ping.Node), id(ping.SourceNode)
				case wire.TypeIndirectPing:
					require.NoError(t, indirect.Decode(body))
					m.Kind, m.Seq, m.Target, m.Nack, from = swim.PingReq, indirect.SeqNo, id(indirect.Node), indirect.Nack, id(indirect.SourceNode)
				case wire.TypeAck:
					require.NoError(t, ack.Decode(body))
					m.Kind, m.Seq, m.Target = swim.Ack, ack.SeqNo, 1 // as a helper of 0
					if ack.Payload != nil {
						m.Target = 0
						require.NoError(t, place.Decode(ack.Payload))
					}
				case wire.TypeNack:
					require.NoError(t, nack.Decode(body))
					m.Kind, m.Seq = swim.Nack, nack.SeqNo
				case wire.TypeAlive:
					require.NoError(t, alive.Decode(body))
					m.Updates = append(m.Updates, swim.Update{State: swim.Alive, Member: id(alive.Node), Incarnation: alive.Incarnation})
				case wire.TypeSuspect:
					require.NoError(t, suspect.Decode(body))
					m.Updates = append(m.Updates, swim.Update{State: swim.Suspect, Member: id(suspect.Node), From: id(suspect.From), Incarnation: suspect.Incarnation})
				case wire.TypeDead:
					require.NoError(t, dead.Decode(body))
					m.Updates = append(m.Updates, swim.Update{State: swim.Faulty, Member: id(dead.Node), From: id(dead.From), Incarnation: dead.Incarnation})
				default:
					other = true
				}
			}))
			// Whether a ping that leads with a suspicion is the Buddy System's shows in its checksum.
			e.buddy = wire.Type(b[0]) == wire.TypeHasCRC
		}
		if other {
			continue
		}
		assert.Equal(t, len(b), e.bytes(uint32(from), &m), v.ID)
		compared[m.Kind]++
		if len(b) < len(e.plain) {
			smaller++
		}
	}
	for _, kind := range []swim.Kind{swim.Ping, swim.PingReq, swim.Ack, swim.Nack, swim.News, swim.Join, swim.Sync} {
		assert.Positive(t, compared[kind], "%v", kind)
	}
	assert.Greater(t, smaller, 20, "messages that compression made smaller")
}

// Compression changes how many bytes are sent, and nothing else in a trial.
func TestCompressionChangesBytesAndNothingElse(t *testing.T) {
	group := func(measure, more string) trial.Spec {
		return specOf(t, 3, chaos, chaosOf["deployed, with Lifeguard, and contents"], `system: {wire: {compress: `+more+`}}`, "measure: ["+measure+"]")
	}
	all := func(spec trial.Spec) string {
		return mustTrace(t, spec, trial.TraceOptions{Messages: true, Summary: true})
	}
	const measure = "false_positives, messages_sent, bytes_sent"
	assert.True(t, all(group(measure, "false")) == all(group(measure, "true")), "the traces differ")
	plain, packed := mustRun(t, group(measure, "false")), mustRun(t, group(measure, "true"))
	assert.Equal(t, plain.Events, packed.Events)
	assert.Less(t, packed.Samples["bytes_sent"][0], 0.8*plain.Samples["bytes_sent"][0])
	for _, o := range []trial.Observations{plain, packed} {
		delete(o.Samples, "bytes_sent")
	}
	assert.Equal(t, plain, packed)
	assert.Equal(t, plain.Events, mustRun(t, group("false_positives", "true")).Events, "nor does it matter whether anybody counts")
}

// The acks of a trial bear the coordinates that the members have by then: fresh ones
// compress, others hardly.
func TestAcksBearCoordinatesThatMove(t *testing.T) {
	k := newChronicle(t, specOf(t, 1, `
system: {protocol: swim, preset: deployed, members: 12, wire: {codec: memberlist, contents: serf, compress: true}}
network: {latency: {uniform: [100us, 500us]}}
run: {duration: 60s}`))
	e := k.encoder()
	sum, acks := map[bool]int{}, map[bool]int{}
	k.hooks.onSent = append(k.hooks.onSent, func(now time.Duration, _ uint32, s *slot) {
		if s.message.Kind == swim.Ack && len(s.message.Updates) == 0 {
			fresh := now < 500*time.Millisecond
			sum[fresh] += e.bytes(s.from, &s.message)
			acks[fresh]++
		}
	})
	require.NoError(t, k.run(t.Context()))
	assert.Less(t, sum[true], 130*acks[true])
	assert.Greater(t, sum[false], 145*acks[false])
}

func TestWhatTheWireSectionRefusesOfContents(t *testing.T) {
	for _, c := range []struct{ section, want string }{
		{`contents: consul`, `system.wire.contents: "consul" is not valid; want one of consul-0.6, consul-0.8, memberlist or serf`},
		{`compress: true`, `system.wire.compress: true is not valid; want contents to go with it, one of consul-0.6, consul-0.8, memberlist or serf`},
		{`contents: serf, name_bytes: 8`, `system.wire.contents: "serf" is not valid; want no name_bytes, meta_bytes or payload_bytes beside it: it says what their contents are`},
		{`contents: memberlist, disable_coordinates: true`, `system.wire.disable_coordinates: true is not valid; want contents with coordinates, such as serf`},
	} {
		_, err := newScenario(specOf(t, 1, `
system: {protocol: swim, preset: deployed, members: 8, wire: {codec: memberlist, `+c.section+`}}
run: {duration: 1s}`))
		assert.EqualError(t, err, c.want)
	}
	_, err := newScenario(specOf(t, 1, `
system: {protocol: swim, preset: deployed, members: 1001, wire: {codec: memberlist, contents: serf}}
run: {duration: 1s}`))
	assert.EqualError(t, err, "system.wire.contents: with joins and restarts there are 1001 members; want at most 1000, whose names have one length")
	_, err = newScenario(specOf(t, 1, `
system: {protocol: swim, preset: deployed, members: 8, wire: {contents: serf}}
run: {duration: 1s}`))
	assert.EqualError(t, err, `system.wire.contents: "serf" is not valid; want codec: memberlist to go with it`)
}
