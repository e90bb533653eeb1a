package wire_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/go-msgpack/v2/codec"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/swimlab/swimlab/swim/live/wire"
)

// The messages as hashicorp/go-msgpack encodes and decodes them: structs with
// memberlist's fields in memberlist's order. It is what the package is held against.

type theirSource struct {
	SourceAddr []byte `codec:",omitempty"`
	SourcePort uint16 `codec:",omitempty"`
	SourceNode string `codec:",omitempty"`
}

type theirPing struct {
	SeqNo      uint32
	Node       string
	SourceAddr []byte `codec:",omitempty"`
	SourcePort uint16 `codec:",omitempty"`
	SourceNode string `codec:",omitempty"`
}

type theirIndirectPing struct {
	SeqNo      uint32
	Target     []byte
	Port       uint16
	Node       string
	Nack       bool
	SourceAddr []byte `codec:",omitempty"`
	SourcePort uint16 `codec:",omitempty"`
	SourceNode string `codec:",omitempty"`
}

type theirAck struct {
	SeqNo   uint32
	Payload []byte
}

type theirNack struct{ SeqNo uint32 }

type theirAccusation struct {
	Incarnation uint32
	Node        string
	From        string
}

type theirAlive struct {
	Incarnation uint32
	Node        string
	Addr        []byte
	Port        uint16
	Meta        []byte
	Vsn         []byte
}

type theirError struct{ Error string }

func theirs(t wire.Type) any {
	switch t {
	case wire.TypePing:
		return &theirPing{}
	case wire.TypeIndirectPing:
		return &theirIndirectPing{}
	case wire.TypeAck:
		return &theirAck{}
	case wire.TypeNack:
		return &theirNack{}
	case wire.TypeSuspect, wire.TypeDead:
		return &theirAccusation{}
	case wire.TypeAlive:
		return &theirAlive{}
	case wire.TypeError:
		return &theirError{}
	}
	return nil
}

// asTheirs translates one of our messages.
func asTheirs(m body) any {
	source := func(addr netip.AddrPort, node []byte) theirSource {
		return theirSource{addr.Addr().AsSlice(), addr.Port(), string(node)}
	}
	switch m := m.(type) {
	case *wire.Ping:
		s := source(m.Source, m.SourceNode)
		return &theirPing{m.SeqNo, string(m.Node), s.SourceAddr, s.SourcePort, s.SourceNode}
	case *wire.IndirectPing:
		s := source(m.Source, m.SourceNode)
		return &theirIndirectPing{m.SeqNo, m.Target.Addr().AsSlice(), m.Target.Port(), string(m.Node), m.Nack, s.SourceAddr, s.SourcePort, s.SourceNode}
	case *wire.Ack:
		return &theirAck{m.SeqNo, m.Payload}
	case *wire.Nack:
		return &theirNack{m.SeqNo}
	case *wire.Suspect:
		return &theirAccusation{m.Incarnation, string(m.Node), string(m.From)}
	case *wire.Dead:
		return &theirAccusation{m.Incarnation, string(m.Node), string(m.From)}
	case *wire.Alive:
		return &theirAlive{m.Incarnation, string(m.Node), m.Addr.Addr().AsSlice(), m.Addr.Port(), m.Meta, m.Vsn}
	case *wire.ErrorResponse:
		return &theirError{string(m.Text)}
	}
	return nil
}

// addresses are the lengths of those in one of their messages.
func addresses(m any) []int {
	switch m := m.(type) {
	case *theirPing:
		return []int{len(m.SourceAddr)}
	case *theirIndirectPing:
		return []int{len(m.SourceAddr), len(m.Target)}
	case *theirAlive:
		return []int{len(m.Addr)}
	}
	return nil
}

func theirEncoding(t testing.TB, v any) []byte {
	var b bytes.Buffer
	require.NoError(t, codec.NewEncoder(&b, &codec.MsgpackHandle{}).Encode(v))
	return b.Bytes()
}

func theirDecoding(b []byte, v any) error {
	return codec.NewDecoder(bytes.NewReader(b), &codec.MsgpackHandle{}).Decode(v)
}

var messageTypes = []wire.Type{
	wire.TypePing, wire.TypeIndirectPing, wire.TypeAck, wire.TypeNack, wire.TypeSuspect, wire.TypeAlive, wire.TypeDead, wire.TypeError,
}

// Generators.

func numbers() *rapid.Generator[uint32] {
	return rapid.OneOf(rapid.Uint32(), rapid.SampledFrom([]uint32{0, 1, 127, 128, 255, 256, 65535, 65536, 1<<32 - 1}))
}

func names() *rapid.Generator[[]byte] {
	return rapid.OneOf(rapid.SliceOfN(rapid.Byte(), 0, 40), rapid.Map(rapid.SampledFrom([]int{0, 31, 32, 255, 256, 600}), func(n int) []byte { return bytes.Repeat([]byte{'n'}, n) }))
}

func maybeNil() *rapid.Generator[[]byte] {
	return rapid.OneOf(names(), rapid.Just([]byte(nil)), rapid.Just([]byte{}))
}

func addrs() *rapid.Generator[netip.AddrPort] {
	return rapid.Custom(func(t *rapid.T) netip.AddrPort {
		b := rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "addr")
		ip, _ := netip.AddrFromSlice(b[:rapid.SampledFrom([]int{0, 4, 16}).Draw(t, "length")])
		return netip.AddrPortFrom(ip, rapid.Uint16().Draw(t, "port"))
	})
}

func messageOf(t *rapid.T, typ wire.Type) body {
	switch typ {
	case wire.TypePing:
		return &wire.Ping{SeqNo: numbers().Draw(t, "seq"), Node: names().Draw(t, "node"), Source: addrs().Draw(t, "source"), SourceNode: names().Draw(t, "source node")}
	case wire.TypeIndirectPing:
		return &wire.IndirectPing{SeqNo: numbers().Draw(t, "seq"), Target: addrs().Draw(t, "target"), Node: names().Draw(t, "node"), Nack: rapid.Bool().Draw(t, "nack"),
			Source: addrs().Draw(t, "source"), SourceNode: names().Draw(t, "source node")}
	case wire.TypeAck:
		return &wire.Ack{SeqNo: numbers().Draw(t, "seq"), Payload: maybeNil().Draw(t, "payload")}
	case wire.TypeNack:
		return &wire.Nack{SeqNo: numbers().Draw(t, "seq")}
	case wire.TypeSuspect:
		return &wire.Suspect{Incarnation: numbers().Draw(t, "incarnation"), Node: names().Draw(t, "node"), From: names().Draw(t, "from")}
	case wire.TypeDead:
		return &wire.Dead{Incarnation: numbers().Draw(t, "incarnation"), Node: names().Draw(t, "node"), From: names().Draw(t, "from")}
	case wire.TypeAlive:
		return &wire.Alive{Incarnation: numbers().Draw(t, "incarnation"), Node: names().Draw(t, "node"), Addr: addrs().Draw(t, "addr"),
			Meta: maybeNil().Draw(t, "meta"), Vsn: maybeNil().Draw(t, "vsn")}
	default:
		return &wire.ErrorResponse{Text: names().Draw(t, "text")}
	}
}

func TestEveryMessageIsEncodedAndDecodedAsGoMsgpackDoes(t *testing.T) {
	for _, typ := range messageTypes {
		t.Run(typ.String(), rapid.MakeCheck(func(rt *rapid.T) {
			m := messageOf(rt, typ)
			ours := m.Append([]byte("before"))[len("before"):]
			require.Equal(rt, append([]byte{byte(typ)}, theirEncoding(t, asTheirs(m))...), ours)
			require.Len(rt, ours, m.Size())
			read := fresh(typ)
			require.NoError(rt, read.Decode(ours[1:]))
			require.Equal(rt, asTheirs(m), asTheirs(read))
			require.Equal(rt, ours, read.Append(nil), "nil and empty are told apart where it counts")
		}))
	}
}

// agree holds the decoders against each other on any input.
func agree(t testing.TB, typ wire.Type, b []byte) {
	ours, theirs := fresh(typ), theirs(typ)
	ourErr, theirErr := ours.Decode(b), theirDecoding(b, theirs)
	switch {
	case ourErr == nil && theirErr == nil:
		// An absent address and an empty one are the same here.
		assert.Equal(t, withoutEmptyAddresses(theirs), withoutEmptyAddresses(asTheirs(ours)), "%v %x", typ, b)
	case ourErr == nil:
		if !strings.Contains(theirErr.Error(), "depth exceeded") {
			t.Errorf("%v %x: taken here, but go-msgpack says %v", typ, b, theirErr)
		}
	case theirErr == nil:
		var fault *wire.Error
		if !errors.As(ourErr, &fault) {
			t.Fatalf("%v %x: an untyped error: %v", typ, b, ourErr)
		}
		// Refused here alone: an address of a length that none has; a map for bytes,
		// of which go-msgpack takes keys and values in turns.
		odd := slices.ContainsFunc(addresses(theirs), func(n int) bool { return n != 0 && n != 4 && n != 16 })
		if !odd && fault.Got != "a map" {
			t.Errorf("%v %x: taken by go-msgpack, but here %v", typ, b, ourErr)
		}
	}
}

func withoutEmptyAddresses(m any) any {
	trim := func(b *[]byte) {
		if len(*b) == 0 {
			*b = nil
		}
	}
	switch m := m.(type) {
	case *theirPing:
		trim(&m.SourceAddr)
	case *theirIndirectPing:
		trim(&m.SourceAddr)
		trim(&m.Target)
	case *theirAlive:
		trim(&m.Addr)
	}
	return m
}

// What memberlist's decoder takes and refuses beyond what memberlist writes.
func TestTheDecoderTakesWhatGoMsgpackTakes(t *testing.T) {
	const seq = "a55365714e6f"
	for _, c := range []struct {
		name string
		typ  wire.Type
		hex  string
		want body // nil: refused
	}{
		{"keys in another order", wire.TypePing, "82" + seq + "01" + "a44e6f6465a162", &wire.Ping{SeqNo: 1, Node: []byte("b")}},
		{"an unknown key with a value of values", wire.TypeNack, "82" + "a158" + "93" + "81a17990" + "c0" + "cb0000000000000000" + seq + "07", &wire.Nack{SeqNo: 7}},
		{"a missing key", wire.TypePing, "81" + seq + "01", &wire.Ping{SeqNo: 1}},
		{"no key", wire.TypePing, "80", &wire.Ping{}},
		{"a nil for the message", wire.TypePing, "c0", &wire.Ping{}},
		{"a key twice: the last counts", wire.TypeNack, "82" + seq + "01" + seq + "02", &wire.Nack{SeqNo: 2}},
		{"a key in lower case, which is another", wire.TypeNack, "81" + "a57365716e6f" + "02", &wire.Nack{}},
		{"a text as str8", wire.TypePing, "81" + "a44e6f6465" + "d90162", &wire.Ping{Node: []byte("b")}},
		{"a text as bin8", wire.TypePing, "81" + "a44e6f6465" + "c40162", &wire.Ping{Node: []byte("b")}},
		{"a key as str8", wire.TypePing, "81" + "d9044e6f6465" + "a162", &wire.Ping{Node: []byte("b")}},
		{"bytes as bin8", wire.TypeAck, "81" + "a75061796c6f6164" + "c4026869", &wire.Ack{Payload: []byte("hi")}},
		{"bytes as an array of numbers", wire.TypeAck, "81" + "a75061796c6f6164" + "93" + "01ccc8d002", &wire.Ack{Payload: []byte{1, 200, 2}}},
		{"a number wider than needed", wire.TypeNack, "81" + seq + "cf0000000000000007", &wire.Nack{SeqNo: 7}},
		{"a positive signed number", wire.TypeNack, "81" + seq + "d300000000ffffffff", &wire.Nack{SeqNo: 1<<32 - 1}},
		{"1 for true", wire.TypeIndirectPing, "81" + "a44e61636b" + "01", &wire.IndirectPing{Nack: true}},
		{"nil for a text", wire.TypePing, "81" + "a44e6f6465" + "c0", &wire.Ping{}},
		{"an array in the order of declaration", wire.TypeSuspect, "93" + "02" + "a162" + "a161", &wire.Suspect{Incarnation: 2, Node: []byte("b"), From: []byte("a")}},
		{"an array that is too short", wire.TypeSuspect, "91" + "02", &wire.Suspect{Incarnation: 2}},
		{"an array that is too long", wire.TypeNack, "92" + "02" + "a161", &wire.Nack{SeqNo: 2}},
		{"bytes after the message", wire.TypeNack, "81" + seq + "07" + "ffff", &wire.Nack{SeqNo: 7}},

		{"a negative number", wire.TypeNack, "81" + seq + "ff", nil},
		{"a number that does not fit", wire.TypeNack, "81" + seq + "cf0000000100000000", nil},
		{"a fraction for a number", wire.TypeNack, "81" + seq + "cb3ff0000000000000", nil},
		{"a text for a number", wire.TypeNack, "81" + seq + "a131", nil},
		{"2 for true", wire.TypeIndirectPing, "81" + "a44e61636b" + "02", nil},
		{"a number for a text", wire.TypePing, "81" + "a44e6f6465" + "01", nil},
		{"a key that is a number", wire.TypePing, "81" + "01" + "01", nil},
		{"a message that is a number", wire.TypePing, "01", nil},
		{"a text that is cut off", wire.TypePing, "81" + "a44e6f6465" + "a5" + "6262", nil},
		{"nothing", wire.TypePing, "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := unhex(t, c.hex)
			agree(t, c.typ, b)
			got := fresh(c.typ)
			err := got.Decode(b)
			if c.want == nil {
				var fault *wire.Error
				require.ErrorAs(t, err, &fault)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, fmt.Sprintf("%+v", c.want), fmt.Sprintf("%+v", got))
		})
	}
}

// Whatever happens to a message on its way, both decoders say the same.
func FuzzDecodersAgreeWithGoMsgpack(f *testing.F) {
	for _, m := range samples() {
		b := m.Append(nil)
		f.Add(b[0], b[1:])
	}
	for _, odd := range []string{"9302a162a161", "81a44e6f6465d90162", "81a75061796c6f61649301ccc8d002", "82a1589381a17990c0cb0000000000000000a55365714e6f07"} {
		f.Add(byte(wire.TypeSuspect), unhex(f, odd))
		f.Add(byte(wire.TypeAck), unhex(f, odd))
	}
	f.Fuzz(func(t *testing.T, typ byte, b []byte) {
		if fresh(wire.Type(typ)) != nil {
			agree(t, wire.Type(typ), b)
		}
	})
}

// samples is a message of each type.
func samples() []body {
	name, other := []byte("member-0042"), []byte("member-0017")
	return []body{
		&wire.Ping{SeqNo: 70000, Node: name, Source: a7946, SourceNode: other},
		&wire.IndirectPing{SeqNo: 70000, Target: a7946, Node: name, Nack: true, Source: a7946, SourceNode: other},
		&wire.Ack{SeqNo: 70000, Payload: (&wire.Coordinate{Error: 1.5}).Append(nil)},
		&wire.Nack{SeqNo: 70000},
		&wire.Suspect{Incarnation: 3, Node: name, From: other},
		&wire.Dead{Incarnation: 3, Node: name, From: other},
		&wire.Alive{Incarnation: 3, Node: name, Addr: a7946, Meta: []byte("meta"), Vsn: wire.SerfVersions.Bytes()},
		&wire.ErrorResponse{Text: []byte("no")},
	}
}
