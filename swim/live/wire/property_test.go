package wire_test

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/swimlab/swimlab/swim/live/wire"
)

// groups are options that two members agree on.
func groups() *rapid.Generator[wire.Options] {
	return rapid.Custom(func(t *rapid.T) wire.Options {
		o := wire.Options{
			Label:        rapid.SampledFrom([]string{"", "blue", strings.Repeat("l", wire.MaxLabel)}).Draw(t, "label"),
			Compress:     rapid.Bool().Draw(t, "compress"),
			PaddedCipher: rapid.Bool().Draw(t, "padded"),
		}
		if size := rapid.SampledFrom([]int{0, 16, 24, 32}).Draw(t, "key bytes"); size > 0 {
			o.Keys, _ = wire.NewKeyring(rapid.SliceOfN(rapid.Byte(), size, size).Draw(t, "key"))
		}
		return o
	})
}

func newEnvelope(t *rapid.T, o wire.Options) *wire.Envelope {
	e, err := wire.NewEnvelope(o)
	require.NoError(t, err)
	return e
}

func TestWhatWentIntoAPacketComesOutOfIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := newEnvelope(t, groups().Draw(t, "group"))
		limit := rapid.IntRange(e.Overhead()+5, 4000).Draw(t, "limit")
		w, err := e.NewPacketWriter(limit)
		require.NoError(t, err)
		r := e.NewPacketReader()
		for range 2 { // both are used again
			w.Reset()
			var want []string
			for range rapid.IntRange(1, 8).Draw(t, "messages") {
				m := messageOf(t, rapid.SampledFrom(messageTypes[:7]).Draw(t, "type")).Append(nil)
				room := w.Room()
				require.Equal(t, len(m) <= room, w.Add(m), "%d bytes for %d", len(m), room)
				if len(m) <= room {
					want = append(want, fmt.Sprintf("%v %x", wire.Type(m[0]), m[1:]))
				}
			}
			checksum := rapid.Bool().Draw(t, "checksum")
			packet, err := w.Seal(checksum)
			require.NoError(t, err)
			if len(want) == 0 {
				require.Nil(t, packet)
				continue
			}
			size := len(packet)
			if checksum {
				size -= 5
			}
			require.LessOrEqual(t, size, limit)
			var got []string
			require.NoError(t, r.Read(packet, func(t wire.Type, body []byte) { got = append(got, fmt.Sprintf("%v %x", t, body)) }))
			require.Equal(t, want, got)
		}
	})
}

func TestAPacketIsFilledToTheLastByte(t *testing.T) {
	for _, o := range []wire.Options{{}, {Label: "blue"}, {Keys: keyring(t, "0123456789abcdef")}, {Label: "blue", Keys: keyring(t, "0123456789abcdef")}} {
		e := envelope(t, o)
		w, err := e.NewPacketWriter(1400)
		require.NoError(t, err)
		require.True(t, w.Add((&wire.Nack{SeqNo: 1}).Append(nil)))
		room := w.Room()
		require.False(t, w.Add(make([]byte, room+1)))
		require.True(t, w.Add(wire.AppendUser(nil, make([]byte, room-1))))
		require.Zero(t, w.Room())
		packet, err := w.Seal(false)
		require.NoError(t, err)
		require.Len(t, packet, 1400)
	}
}

func TestACompoundHasAtMost255Parts(t *testing.T) {
	e := envelope(t, wire.Options{})
	w, err := e.NewPacketWriter(9000)
	require.NoError(t, err)
	added := 0
	for w.Add((&wire.Nack{SeqNo: 1}).Append(nil)) {
		added++
	}
	require.Equal(t, wire.MaxParts, added)
	packet, err := w.Seal(false)
	require.NoError(t, err)
	messages, err := read(e, packet)
	require.NoError(t, err)
	require.Len(t, messages, wire.MaxParts)
}

func rows() *rapid.Generator[wire.Row] {
	return rapid.Custom(func(t *rapid.T) wire.Row {
		return wire.Row{
			Name: names().Draw(t, "name"), Addr: addrs().Draw(t, "addr"), Meta: maybeNil().Draw(t, "meta"), Incarnation: numbers().Draw(t, "incarnation"),
			State: wire.State(rapid.IntRange(0, 3).Draw(t, "state")), Vsn: maybeNil().Draw(t, "vsn"),
		}
	})
}

// However the bytes of a stream arrive, the same message comes out.
func TestWhatWentIntoAStreamComesOutOfIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := newEnvelope(t, groups().Draw(t, "group"))
		list := rapid.SliceOfN(rows(), 0, 5).Draw(t, "rows")
		user := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "user")
		join := rapid.Bool().Draw(t, "join")
		header := wire.PushPullHeader{Nodes: len(list), UserStateLen: len(user), Join: join}
		message := header.Append(nil)
		size := header.Size()
		for i := range list {
			message = list[i].Append(message)
			size += list[i].Size()
		}
		require.Len(t, message, size)
		message = append(message, user...)

		wrap, open := e.AppendAnswer, e.ReadAnswer
		if rapid.Bool().Draw(t, "request") {
			wrap, open = e.AppendRequest, e.ReadRequest
		}
		stream, err := wrap(nil, message)
		require.NoError(t, err)
		var source io.Reader = bytes.NewReader(stream)
		if rapid.Bool().Draw(t, "byte by byte") {
			source = iotest.OneByteReader(source)
		}
		in, err := open(source)
		require.NoError(t, err)
		require.Equal(t, wire.TypePushPull, in.Type)
		require.Equal(t, join, in.PushPull.Join)
		require.True(t, bytes.Equal(user, in.PushPull.UserState))
		again := []byte{}
		for row := range in.PushPull.Rows() {
			again = row.Append(again)
		}
		require.Equal(t, message[header.Size():size], again)

		// Cut short anywhere, it is an error that says so.
		cut := rapid.IntRange(0, len(stream)-1).Draw(t, "cut")
		if cut == 0 {
			_, err = open(bytes.NewReader(nil))
			require.ErrorIs(t, err, io.EOF)
			return
		}
		_, err = open(bytes.NewReader(stream[:cut]))
		var fault *wire.Error
		require.ErrorAs(t, err, &fault)
	})
}

func TestOtherMessagesOfStreamsComeThrough(t *testing.T) {
	e := envelope(t, wire.Options{Label: "blue", Compress: true, Keys: keyring(t, "0123456789abcdef")})
	for _, m := range []interface{ Append([]byte) []byte }{
		&wire.Ping{SeqNo: 9, Node: []byte("b")}, &wire.Ack{SeqNo: 9}, &wire.ErrorResponse{Text: []byte("no")}, &wire.UserMessage{Data: []byte("hello")},
	} {
		stream, err := e.AppendRequest(nil, m.Append(nil))
		require.NoError(t, err)
		in, err := e.ReadRequest(bytes.NewReader(stream))
		require.NoError(t, err)
		var got []byte
		switch in.Type {
		case wire.TypePing:
			got = in.Ping.Append(nil)
		case wire.TypeAck:
			got = in.Ack.Append(nil)
		case wire.TypeError:
			got = in.Error.Append(nil)
		case wire.TypeUser:
			got = in.User.Append(nil)
		}
		require.Equal(t, m.Append(nil), got)
	}
}

func TestSerfsMessagesComeThrough(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ltime := func(what string) uint64 { return rapid.Uint64().Draw(t, what) }
		state := wire.SerfPushPull{LTime: ltime("clock"), EventLTime: ltime("event clock"), QueryLTime: ltime("query clock")}
		for i := range rapid.IntRange(0, 20).Draw(t, "members") {
			state.StatusLTimes = append(state.StatusLTimes, wire.NodeTime{Node: fmt.Append(nil, "member ", i), LTime: ltime("status")})
		}
		state.LeftMembers = slices.Clone(rapid.SliceOfN(names(), 0, 20).Draw(t, "left"))
		typ, body, err := wire.SplitSerf(state.Append(nil))
		require.NoError(t, err)
		require.Equal(t, wire.SerfTypePushPull, typ)
		var got wire.SerfPushPull
		require.NoError(t, got.Decode(body))
		require.Equal(t, state.Append(nil), got.Append(nil))

		leave := wire.SerfLeave{LTime: ltime("leave"), Node: names().Draw(t, "node"), Prune: rapid.Bool().Draw(t, "prune")}
		var gotLeave wire.SerfLeave
		require.NoError(t, gotLeave.Decode(leave.Append(nil)[1:]))
		require.Equal(t, leave.Append(nil), gotLeave.Append(nil))
		join := wire.SerfJoin{LTime: ltime("join"), Node: names().Draw(t, "node")}
		var gotJoin wire.SerfJoin
		require.NoError(t, gotJoin.Decode(join.Append(nil)[1:]))
		require.Equal(t, join.Append(nil), gotJoin.Append(nil))

		tags := rapid.MapOfN(rapid.StringN(0, 10, 10), rapid.StringN(0, 40, 40), 1, 8).Draw(t, "tags")
		meta, err := wire.AppendTags(nil, tags)
		require.NoError(t, err)
		gotTags, err := wire.DecodeTags(meta)
		require.NoError(t, err)
		require.Equal(t, tags, gotTags)

		var c wire.Coordinate
		for i := range c.Vec {
			c.Vec[i] = rapid.Float64().Draw(t, "component")
		}
		c.Error, c.Adjustment, c.Height = rapid.Float64().Draw(t, "error"), rapid.Float64().Draw(t, "adjustment"), rapid.Float64().Draw(t, "height")
		var gotC wire.Coordinate
		require.NoError(t, gotC.Decode(c.Append(nil)))
		require.Equal(t, c, gotC)
	})
}
