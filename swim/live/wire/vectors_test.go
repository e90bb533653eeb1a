package wire_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/swim/live/wire"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	require.NoError(t, err)
	return b
}

var (
	a7946  = netip.MustParseAddrPort("10.0.0.1:7946")
	mapped = netip.AddrPortFrom(netip.AddrFrom16(netip.MustParseAddr("10.0.0.1").As16()), 7946)
)

// body is what the messages have in common.
type body interface {
	Append([]byte) []byte
	Size() int
	Decode([]byte) error
}

// fresh gives an empty message of a type, or nil.
func fresh(t wire.Type) body {
	switch t {
	case wire.TypePing:
		return &wire.Ping{}
	case wire.TypeIndirectPing:
		return &wire.IndirectPing{}
	case wire.TypeAck:
		return &wire.Ack{}
	case wire.TypeNack:
		return &wire.Nack{}
	case wire.TypeSuspect:
		return &wire.Suspect{}
	case wire.TypeAlive:
		return &wire.Alive{}
	case wire.TypeDead:
		return &wire.Dead{}
	case wire.TypeError:
		return &wire.ErrorResponse{}
	}
	return nil
}

// The bytes were made by memberlist.
func TestMessagesAreMemberlistsByteForByte(t *testing.T) {
	versions := wire.MemberlistVersions.Bytes()
	for _, v := range []struct {
		name    string
		message body
		bytes   string
	}{
		{"the smallest ping", &wire.Ping{SeqNo: 1, Node: []byte("b")}, "0082a44e6f6465a162a55365714e6f01"},
		{"a ping with its source", &wire.Ping{SeqNo: 300, Node: []byte("b"), Source: a7946, SourceNode: []byte("a")},
			"0085a44e6f6465a162a55365714e6fcd012caa536f7572636541646472a40a000001aa536f757263654e6f6465a161aa536f75726365506f7274cd1f0a"},
		{"a ping with its source in the longer form", &wire.Ping{SeqNo: 300, Node: []byte("b"), Source: mapped, SourceNode: []byte("a")},
			"0085a44e6f6465a162a55365714e6fcd012caa536f7572636541646472b000000000000000000000ffff0a000001aa536f757263654e6f6465a161aa536f75726365506f7274cd1f0a"},
		{"an indirect ping with a source and a nack", &wire.IndirectPing{SeqNo: 7, Target: a7946, Node: []byte("c"), Nack: true, Source: a7946, SourceNode: []byte("a")},
			"0188a44e61636bc3a44e6f6465a163a4506f7274cd1f0aa55365714e6f07aa536f7572636541646472a40a000001aa536f757263654e6f6465a161aa536f75726365506f7274cd1f0aa6546172676574a40a000001"},
		{"the smallest indirect ping", &wire.IndirectPing{SeqNo: 7, Target: a7946, Node: []byte("c")},
			"0185a44e61636bc2a44e6f6465a163a4506f7274cd1f0aa55365714e6f07a6546172676574a40a000001"},
		{"an ack without a payload", &wire.Ack{SeqNo: 7}, "0282a75061796c6f6164c0a55365714e6f07"},
		{"an ack with a payload", &wire.Ack{SeqNo: 7, Payload: []byte("xyz")}, "0282a75061796c6f6164a378797aa55365714e6f07"},
		{"a nack", &wire.Nack{SeqNo: 7}, "0b81a55365714e6f07"},
		{"an error", &wire.ErrorResponse{Text: []byte("boom")}, "0d81a54572726f72a4626f6f6d"},
		{"a suspicion", &wire.Suspect{Incarnation: 2, Node: []byte("b"), From: []byte("a")}, "0383a446726f6da161ab496e6361726e6174696f6e02a44e6f6465a162"},
		{"a goodbye", &wire.Dead{Incarnation: 2, Node: []byte("b"), From: []byte("b")}, "0583a446726f6da162ab496e6361726e6174696f6e02a44e6f6465a162"},
		{"an alive", &wire.Alive{Incarnation: 1, Node: []byte("b"), Addr: a7946, Vsn: versions},
			"0486a441646472a40a000001ab496e6361726e6174696f6e01a44d657461c0a44e6f6465a162a4506f7274cd1f0aa356736ea6010502000000"},
		{"an alive with metadata over 31 bytes", &wire.Alive{Incarnation: 1, Node: []byte("b"), Addr: a7946, Meta: bytes.Repeat([]byte{'m'}, 40), Vsn: versions},
			"0486a441646472a40a000001ab496e6361726e6174696f6e01a44d657461da0028" + strings.Repeat("6d", 40) + "a44e6f6465a162a4506f7274cd1f0aa356736ea6010502000000"},
		{"an alive with metadata over 255 bytes", &wire.Alive{Incarnation: 1, Node: []byte("b"), Addr: a7946, Meta: bytes.Repeat([]byte{'m'}, 300), Vsn: versions},
			"0486a441646472a40a000001ab496e6361726e6174696f6e01a44d657461da012c" + strings.Repeat("6d", 300) + "a44e6f6465a162a4506f7274cd1f0aa356736ea6010502000000"},
	} {
		t.Run(v.name, func(t *testing.T) {
			want := unhex(t, v.bytes)
			assert.Equal(t, v.bytes, hex.EncodeToString(v.message.Append(nil)))
			assert.Equal(t, len(want), v.message.Size(), "size")
			got := fresh(wire.Type(want[0]))
			require.NoError(t, got.Decode(want[1:]))
			assert.Equal(t, v.message, got)
		})
	}
}

// read gives the messages of a packet, as "type body" with the body in hexadecimal.
func read(e *wire.Envelope, packet []byte) (messages []string, err error) {
	err = e.NewPacketReader().Read(packet, func(t wire.Type, body []byte) {
		messages = append(messages, fmt.Sprintf("%v %x", t, body))
	})
	return messages, err
}

func envelope(t testing.TB, o wire.Options) *wire.Envelope {
	t.Helper()
	e, err := wire.NewEnvelope(o)
	require.NoError(t, err)
	return e
}

func keyring(t testing.TB, keys ...string) *wire.Keyring {
	t.Helper()
	var secrets [][]byte
	for _, key := range keys {
		secrets = append(secrets, []byte(key))
	}
	ring, err := wire.NewKeyring(secrets...)
	require.NoError(t, err)
	return ring
}

const smallestPing = "82a44e6f6465a162a55365714e6f01"

func TestLayersAreMemberlistsByteForByte(t *testing.T) {
	const key, nonce = "0123456789abcdef", "abcdefghijkl"
	ping := "00" + smallestPing
	for _, v := range []struct {
		name     string
		options  wire.Options
		messages []string
		checksum bool
		bytes    string
		read     []string
	}{
		{name: "compound", messages: []string{"0080", "0280"}, bytes: "07020002000200800280", read: []string{"ping 80", "ack 80"}},
		{name: "label", options: wire.Options{Label: "blue"}, messages: []string{"00"}, bytes: "f404626c756500", read: []string{"ping "}},
		{name: "checksum", messages: []string{ping}, checksum: true, bytes: "0c04c039bb00" + smallestPing, read: []string{"ping " + smallestPing}},
		{name: "encryption", options: wire.Options{Keys: keyring(t, key)}, messages: []string{ping},
			bytes: "016162636465666768696a6b6ce550d8fb3cc13c043b95e75f8770b008a94d96566cb5955ff85bbb2e4f9c3a73", read: []string{"ping " + smallestPing}},
		{name: "encryption under a label", options: wire.Options{Keys: keyring(t, key), Label: "blue"}, messages: []string{ping},
			bytes: "f404626c7565" + "016162636465666768696a6b6ce550d8fb3cc13c043b95e75f8770b0084af1aa2a5f6f07730890176211ee1a8e", read: []string{"ping " + smallestPing}},
		{name: "padded encryption", options: wire.Options{Keys: keyring(t, key), PaddedCipher: true}, messages: []string{ping},
			bytes: "006162636465666768696a6b6ce550d8fb3cc13c043b95e75f8770b0081a05fcf728eb234294ecdd68424758a151fc5b9e04a3fcf81b774b1b8936fc6d", read: []string{"ping " + smallestPing}},
	} {
		t.Run(v.name, func(t *testing.T) {
			v.options.Nonces = strings.NewReader(nonce)
			e := envelope(t, v.options)
			w, err := e.NewPacketWriter(1400)
			require.NoError(t, err)
			for _, m := range v.messages {
				require.True(t, w.Add(unhex(t, m)))
			}
			packet, err := w.Seal(v.checksum)
			require.NoError(t, err)
			assert.Equal(t, v.bytes, hex.EncodeToString(packet))
			messages, err := read(e, packet)
			require.NoError(t, err)
			assert.Equal(t, v.read, messages)
		})
	}
}

func TestACompressedPacketIsReadAndWrittenAsMemberlistDoes(t *testing.T) {
	// "hello hello hello hello" is no message: its first byte is the type 'h'.
	packed := unhex(t, "0982a4416c676f00a3427566b200d19461c3e60d0881040d222c787060c180")
	_, err := read(envelope(t, wire.Options{}), packed)
	require.ErrorIs(t, err, wire.Unsupported)
	require.ErrorContains(t, err, "104")

	e := envelope(t, wire.Options{Compress: true})
	stream, err := e.AppendRequest(nil, []byte("hello hello hello hello"))
	require.NoError(t, err)
	assert.Equal(t, packed, stream)
}

func TestAFrameOfAStreamIsMemberlists(t *testing.T) {
	e := envelope(t, wire.Options{Label: "blue", Keys: keyring(t, "0123456789abcdef"), Nonces: strings.NewReader("abcdefghijkl")})
	stream, err := e.AppendAnswer(nil, unhex(t, "00"+smallestPing))
	require.NoError(t, err)
	assert.Equal(t, "0a0000002d016162636465666768696a6b6ce550d8fb3cc13c043b95e75f8770b008034e1178f0834871fffa1f4d1c689080", hex.EncodeToString(stream))
	in, err := e.ReadAnswer(bytes.NewReader(stream))
	require.NoError(t, err)
	assert.Equal(t, wire.TypePing, in.Type)
	assert.Equal(t, wire.Ping{SeqNo: 1, Node: []byte("b")}, in.Ping)
}

func TestStreamsAreMemberlistsByteForByte(t *testing.T) {
	e := envelope(t, wire.Options{})
	row := wire.Row{Name: []byte("b"), Addr: a7946, Incarnation: 1, Vsn: wire.MemberlistVersions.Bytes()}
	header := wire.PushPullHeader{Nodes: 1, UserStateLen: 3, Join: true}
	list := append(row.Append(header.Append(nil)), "usr"...)
	assert.Equal(t, "0683a44a6f696ec3a54e6f64657301ac5573657253746174654c656e0387a441646472a40a000001ab496e6361726e6174696f6e01a44d657461c0a44e616d65a162a4506f7274cd1f0aa5537461746500a356736ea6010502000000757372",
		hex.EncodeToString(list))
	assert.Equal(t, len(list), header.Size()+row.Size()+3, "size")
	in, err := e.ReadRequest(bytes.NewReader(list))
	require.NoError(t, err)
	require.Equal(t, wire.TypePushPull, in.Type)
	assert.True(t, in.PushPull.Join)
	assert.Equal(t, "usr", string(in.PushPull.UserState))
	for got := range in.PushPull.Rows() {
		assert.Equal(t, row, got)
	}

	user := wire.UserMessage{Data: []byte("usr")}
	assert.Equal(t, "0881aa557365724d73674c656e03757372", hex.EncodeToString(user.Append(nil)))
	in, err = e.ReadRequest(bytes.NewReader(user.Append(nil)))
	require.NoError(t, err)
	assert.Equal(t, user, in.User)
}

func TestSerfsPartsAreSerfsByteForByte(t *testing.T) {
	join := wire.SerfJoin{LTime: 5, Node: []byte("a")}
	assert.Equal(t, "0182a54c54696d6505a44e6f6465a161", hex.EncodeToString(join.Append(nil)))

	tags, err := wire.AppendTags(nil, map[string]string{"role": "web"})
	require.NoError(t, err)
	assert.Equal(t, "ff81a4726f6c65a3776562", hex.EncodeToString(tags))
	read, err := wire.DecodeTags(tags)
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"role": "web"}, read)

	fresh := wire.Coordinate{Error: 1.5, Height: 1e-5}
	payload := fresh.Append(nil)
	assert.Equal(t, "0184aa41646a7573746d656e74cb0000000000000000a54572726f72cb3ff8000000000000a6486569676874cb3ee4f8b588e368f1a356656398"+
		strings.Repeat("cb0000000000000000", 8), hex.EncodeToString(payload))
	assert.Len(t, payload, wire.CoordinateSize)
	var got wire.Coordinate
	require.NoError(t, got.Decode(payload))
	assert.Equal(t, fresh, got)
}
