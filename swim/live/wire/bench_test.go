package wire_test

import (
	"bytes"
	"testing"

	"github.com/hashicorp/go-msgpack/v2/codec"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/swim/live/wire"
)

// Each message here and by go-msgpack in one run. "as memberlist" makes a handle, a
// buffer and an encoder for each message, as memberlist does; "reused" is the best
// that can be had of go-msgpack.

func BenchmarkEncode(b *testing.B) {
	for _, m := range samples() {
		typ := wire.Type(m.Append(nil)[0])
		theirs := asTheirs(m)
		b.Run(typ.String()+"/ours", func(b *testing.B) {
			b.ReportAllocs()
			buf := make([]byte, 0, 256)
			for b.Loop() {
				buf = m.Append(buf[:0])
			}
		})
		b.Run(typ.String()+"/go-msgpack as memberlist", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				buf := bytes.NewBuffer(nil)
				buf.WriteByte(byte(typ))
				if err := codec.NewEncoder(buf, &codec.MsgpackHandle{}).Encode(theirs); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(typ.String()+"/go-msgpack reused", func(b *testing.B) {
			b.ReportAllocs()
			var buf []byte
			enc := codec.NewEncoderBytes(&buf, &codec.MsgpackHandle{})
			for b.Loop() {
				buf = buf[:0]
				enc.ResetBytes(&buf)
				if err := enc.Encode(theirs); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, m := range samples() {
		encoded := m.Append(nil)
		typ := wire.Type(encoded[0])
		b.Run(typ.String()+"/ours", func(b *testing.B) {
			b.ReportAllocs()
			read := fresh(typ)
			for b.Loop() {
				if err := read.Decode(encoded[1:]); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(typ.String()+"/go-msgpack as memberlist", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := codec.NewDecoder(bytes.NewReader(encoded[1:]), &codec.MsgpackHandle{}).Decode(theirs(typ)); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(typ.String()+"/go-msgpack reused", func(b *testing.B) {
			b.ReportAllocs()
			dec := codec.NewDecoderBytes(nil, &codec.MsgpackHandle{})
			for b.Loop() {
				dec.ResetBytes(encoded[1:])
				if err := dec.Decode(theirs(typ)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// A datagram with a ping and five pieces of news: written and read, with its layers.
func BenchmarkPacket(b *testing.B) {
	for _, variant := range []struct {
		name    string
		options wire.Options
	}{
		{"plain", wire.Options{}},
		{"label", wire.Options{Label: "blue"}},
		{"encrypted", wire.Options{Keys: keyring(b, "0123456789abcdef")}},
		{"compressed", wire.Options{Compress: true}},
	} {
		e := envelope(b, variant.options)
		all := samples()
		send := append([]body{all[0]}, all[4], all[5], all[6], all[6], all[6])
		w, err := e.NewPacketWriter(1400)
		require.NoError(b, err)
		var buf []byte
		write := func() []byte {
			w.Reset()
			for _, m := range send {
				buf = m.Append(buf[:0])
				w.Add(buf)
			}
			packet, err := w.Seal(true)
			if err != nil {
				b.Fatal(err)
			}
			return packet
		}
		b.Run(variant.name+"/write", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				write()
			}
		})
		b.Run(variant.name+"/read", func(b *testing.B) {
			b.ReportAllocs()
			packet := bytes.Clone(write())
			r := e.NewPacketReader()
			var ping wire.Ping
			var alive wire.Alive
			var suspect wire.Suspect
			var dead wire.Dead
			visit := func(t wire.Type, body []byte) {
				switch t {
				case wire.TypePing:
					_ = ping.Decode(body)
				case wire.TypeAlive:
					_ = alive.Decode(body)
				case wire.TypeSuspect:
					_ = suspect.Decode(body)
				case wire.TypeDead:
					_ = dead.Decode(body)
				}
			}
			for b.Loop() {
				if err := r.Read(packet, visit); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// What a member does thousands of times allocates nothing.
// raceDetector says that this test runs under it.
var raceDetector bool

func TestTheHotPathAllocatesNothing(t *testing.T) {
	for _, m := range samples() {
		encoded := m.Append(nil)
		buf := make([]byte, 0, 2*len(encoded))
		read := fresh(wire.Type(encoded[0]))
		require.Zero(t, testing.AllocsPerRun(100, func() { buf = m.Append(buf[:0]) }), "encode %T", m)
		require.Zero(t, testing.AllocsPerRun(100, func() { _ = read.Decode(encoded[1:]) }), "decode %T", m)
	}
	c := wire.Coordinate{Error: 1.5}
	payload := c.Append(nil)
	require.Zero(t, testing.AllocsPerRun(100, func() { _ = c.Decode(payload) }), "coordinate")

	for name, options := range map[string]wire.Options{
		"plain": {}, "label": {Label: "blue"}, "encrypted": {Keys: keyring(t, "0123456789abcdef"), Label: "blue"},
		"compressed": {Compress: true},
	} {
		e := envelope(t, options)
		w, err := e.NewPacketWriter(1400)
		require.NoError(t, err)
		r := e.NewPacketReader()
		parts := [][]byte{samples()[0].Append(nil), samples()[6].Append(nil)}
		visit := func(wire.Type, []byte) {}
		packet := func() {
			w.Reset()
			w.Add(parts[0])
			w.Add(parts[1])
			b, err := w.Seal(true)
			if err != nil || r.Read(b, visit) != nil {
				t.Fatal("a packet went wrong")
			}
		}
		packet()
		if options.Compress && raceDetector {
			t.Log("not counted: packers are in a sync.Pool, which under the race detector drops what it is given now and then")
			continue
		}
		require.Zero(t, testing.AllocsPerRun(100, packet), name)
	}
}
