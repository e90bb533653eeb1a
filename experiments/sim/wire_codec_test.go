package sim

import (
	"bytes"
	"fmt"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/swim"
	"github.com/swimlab/swimlab/swim/live/wire"
)

// The simulator counts bytes by a model; these are the bytes that the codec of the live
// member writes, which are memberlist's.

func TestSizesOfTheModelAreBytesOfTheCodec(t *testing.T) {
	numbers := []uint32{0, 1, 127, 128, 255, 256, 65535, 65536, 1<<32 - 1}
	for _, w := range []Wire{
		{NameBytes: 1}, {NameBytes: 11, MetaBytes: 4, PayloadBytes: wire.CoordinateSize}, {NameBytes: 31, MetaBytes: 31, PayloadBytes: 31},
		{NameBytes: 32, MetaBytes: 32, PayloadBytes: 32}, {NameBytes: 300, MetaBytes: 512, PayloadBytes: 300},
	} {
		sizes := newMemberlistSizes(w)
		for _, n := range numbers {
			for _, kind := range []swim.Kind{swim.Ping, swim.PingReq, swim.Ack, swim.Nack} {
				m := swim.Message{Kind: kind, Seq: n}
				assert.Equal(t, len(datagram(t, w, &m)), sizes.bytes(&m), "%+v, %v %d alone", w, kind, n)
			}
			for _, state := range []swim.State{swim.Alive, swim.Suspect, swim.Faulty, swim.Left} {
				u := swim.Update{State: state, Incarnation: n}
				assert.Equal(t, len(encodeUpdate(w, u)), sizes.update(&u), "%+v, %v %d", w, state, n)
				assert.Equal(t, len(encodeUpdate(w, u))+2, sizes.UpdateBytes(u))
				for _, kind := range []swim.Kind{swim.Ping, swim.News} {
					for parts := range 4 {
						if kind == swim.News && parts == 0 {
							continue
						}
						m := swim.Message{Kind: kind, Seq: n, Updates: []swim.Update{u, u, u}[:parts]}
						assert.Equal(t, len(datagram(t, w, &m)), sizes.bytes(&m), "%+v, %v %d with %d of %v", w, kind, n, parts, state)
					}
				}
			}
		}
		for _, rows := range []int{0, 1, 2, 127} {
			list := make([]swim.Update, rows)
			for i := range list {
				list[i].Incarnation = numbers[i%len(numbers)]
			}
			assert.Equal(t, len(encodeList(w, list)), sizes.list(list), "%+v, a list of %d", w, rows)
		}
	}
}

// A list's length is a Go int, which go-msgpack v2 writes in a signed format: 128 to
// 255 rows take a byte more for it than an unsigned number would.
func TestTheLengthOfAListIsSigned(t *testing.T) {
	w := Wire{NameBytes: 11}
	sizes := newMemberlistSizes(w)
	for _, rows := range []int{0, 1, 127, 128, 255, 256, 300} {
		list := make([]swim.Update, rows)
		assert.Equal(t, sizes.list(list), len(encodeList(w, list)), fmt.Sprint(rows, " rows"))
	}
}

var (
	home     = netip.MustParseAddrPort("127.0.0.1:7946")
	versions = wire.MemberlistVersions.Bytes()
)

func filled(n int) []byte { return bytes.Repeat([]byte{'x'}, n) }

func encodeUpdate(w Wire, u swim.Update) []byte {
	name := filled(w.NameBytes)
	switch u.State {
	case swim.Alive:
		return (&wire.Alive{Incarnation: u.Incarnation, Node: name, Addr: home, Meta: filled(w.MetaBytes), Vsn: versions}).Append(nil)
	case swim.Suspect:
		return (&wire.Suspect{Incarnation: u.Incarnation, Node: name, From: name}).Append(nil)
	}
	return (&wire.Dead{Incarnation: u.Incarnation, Node: name, From: name}).Append(nil)
}

func encodeList(w Wire, rows []swim.Update) []byte {
	b := (&wire.PushPullHeader{Nodes: len(rows)}).Append(nil)
	for _, row := range rows {
		b = (&wire.Row{Name: filled(w.NameBytes), Addr: home, Meta: filled(w.MetaBytes), Incarnation: row.Incarnation, Vsn: versions}).Append(b)
	}
	return b
}

// datagram is a message and its news as they go over the wire.
func datagram(t *testing.T, w Wire, m *swim.Message) []byte {
	e, err := wire.NewEnvelope(wire.Options{})
	require.NoError(t, err)
	writer, err := e.NewPacketWriter(9000)
	require.NoError(t, err)
	name := filled(w.NameBytes)
	switch m.Kind {
	case swim.Ping:
		require.True(t, writer.Add((&wire.Ping{SeqNo: m.Seq, Node: name, Source: home, SourceNode: name}).Append(nil)))
	case swim.PingReq:
		require.True(t, writer.Add((&wire.IndirectPing{SeqNo: m.Seq, Target: home, Node: name, Nack: true, Source: home, SourceNode: name}).Append(nil)))
	case swim.Ack:
		require.True(t, writer.Add((&wire.Ack{SeqNo: m.Seq, Payload: filled(w.PayloadBytes)}).Append(nil)))
	case swim.Nack:
		require.True(t, writer.Add((&wire.Nack{SeqNo: m.Seq}).Append(nil)))
	}
	for _, u := range m.Updates {
		require.True(t, writer.Add(encodeUpdate(w, u)))
	}
	packet, err := writer.Seal(m.Kind == swim.News)
	require.NoError(t, err)
	return packet
}
