package wire_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/swim/live/wire"
)

// Every decoder on any input: it ends, with a message that can be written and read
// again, or with an error of the package's own. Seeds are memberlist's recordings, and
// what was once found is in testdata/fuzz. See also FuzzDecodersAgreeWithGoMsgpack.

// fuzzGroups are groups whose packets and streams are worth trying: the fuzzer picks one.
func fuzzGroups(t testing.TB) []*wire.Envelope {
	const key = "0123456789abcdef"
	var groups []*wire.Envelope
	for _, o := range []wire.Options{
		{}, {Label: "blue"}, {Keys: keyring(t, key)}, {Label: "blue", Keys: keyring(t, key), AcceptPlain: true}, {Compress: true},
		{Keys: keyring(t, key), PaddedCipher: true},
	} {
		o.MaxStream = 1 << 20
		groups = append(groups, envelope(t, o))
	}
	return groups
}

// seed gives what memberlist wrote in a transport.
func seed(f *testing.F, transport string) {
	for i, name := range []string{"plain", "label", "compressed"} {
		b, err := os.ReadFile(filepath.Join("testdata/golden", name+".json"))
		require.NoError(f, err)
		var all struct {
			Vectors []recording `json:"vectors"`
		}
		require.NoError(f, json.Unmarshal(b, &all))
		for _, r := range all.Vectors {
			if r.Transport == transport {
				f.Add([]byte{0, 1, 4}[i], unhex(f, r.Hex))
			}
		}
	}
}

func typed(t *testing.T, err error) {
	var fault *wire.Error
	if err != nil && !errors.Is(err, io.EOF) && !errors.As(err, &fault) {
		t.Fatalf("an untyped error: %v", err)
	}
}

func FuzzPacket(f *testing.F) {
	seed(f, "udp")
	groups := fuzzGroups(f)
	for i, e := range groups {
		w, err := e.NewPacketWriter(1400)
		require.NoError(f, err)
		for _, m := range samples() {
			w.Add(m.Append(nil))
		}
		packet, err := w.Seal(true)
		require.NoError(f, err)
		f.Add(byte(i), bytes.Clone(packet))
	}
	f.Fuzz(func(t *testing.T, group byte, packet []byte) {
		e := groups[int(group)%len(groups)]
		before := bytes.Clone(packet)
		total := 0
		err := e.NewPacketReader().Read(packet, func(typ wire.Type, body []byte) {
			total += 1 + len(body)
			if m := fresh(typ); m != nil && m.Decode(body) == nil {
				again := m.Append(nil)
				require.Len(t, again, m.Size())
				require.NoError(t, fresh(typ).Decode(again[1:]))
			}
		})
		typed(t, err)
		require.Equal(t, before, packet, "the packet is the caller's")
		// Compounds repeat nothing, and all that is expanded is bounded.
		require.LessOrEqual(t, total, len(packet)+wire.MaxExpandedPacket)
	})
}

func FuzzStream(f *testing.F) {
	seed(f, "tcp")
	groups := fuzzGroups(f)
	for i, e := range groups {
		stream, err := e.AppendRequest(nil, (&wire.UserMessage{Data: []byte("hello")}).Append(nil))
		require.NoError(f, err)
		f.Add(byte(i), stream)
	}
	f.Fuzz(func(t *testing.T, group byte, stream []byte) {
		e := groups[int(group)%len(groups)]
		for _, read := range []func(io.Reader) (*wire.Incoming, error){e.ReadRequest, e.ReadAnswer} {
			in, err := read(bytes.NewReader(stream))
			typed(t, err)
			if err != nil || in.Type != wire.TypePushPull {
				continue
			}
			n := 0
			for range in.PushPull.Rows() {
				n++
			}
			require.Equal(t, in.PushPull.Nodes, n)
		}
	})
}

func FuzzSerf(f *testing.F) {
	f.Add((&wire.SerfLeave{LTime: 5, Node: []byte("a"), Prune: true}).Append(nil))
	f.Add((&wire.SerfJoin{LTime: 5, Node: []byte("a")}).Append(nil))
	f.Add((&wire.SerfPushPull{LTime: 5, StatusLTimes: []wire.NodeTime{{Node: []byte("a"), LTime: 5}}, LeftMembers: [][]byte{[]byte("b")}}).Append(nil))
	f.Add([]byte("\x03\x84\xa5LTime\x05\xa4Name\xa6deploy\xa7Payload\xa1x\xa2CC\xc3"))
	f.Add([]byte("\x04\x86\xa5LTime\x05\xa2ID\x07\xa7Filters\x91\xa2\x00\x90\xa5Flags\x01\xa7Timeout\xd2\x00\x10\x00\x00\xa4Name\xa1q"))
	for _, data := range serfRecordings(f) {
		f.Add(data)
		if data[0] == byte(wire.SerfTypeQueryResponse) { // what is in it
			var r wire.SerfQueryResponse
			require.NoError(f, r.Decode(data[1:]))
			f.Add(r.Payload)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		typ, body, err := wire.SplitSerf(data)
		typed(t, err)
		if err != nil {
			return
		}
		m := freshSerf(typ)
		if err := m.Decode(body); err != nil {
			typed(t, err)
			return
		}
		encoded := m.Append(nil)
		require.NoError(t, m.Decode(encoded[1:]))
		require.Equal(t, encoded, m.Append(nil))
		if q, ok := m.(*wire.SerfQuery); ok {
			for _, f := range q.Filters {
				filter(t, f)
			}
		}
	})
}

// filter reads a query's filter, and writes it anew.
func filter(t *testing.T, b []byte) {
	typ, body, err := wire.SplitFilter(b)
	typed(t, err)
	if err != nil {
		return
	}
	if typ == wire.SerfFilterNodes {
		var f, same wire.SerfNodeFilter
		err := f.Decode(body)
		typed(t, err)
		if err == nil {
			require.NoError(t, same.Decode(f.Append(nil)[1:]))
			require.Len(t, same, len(f))
		}
		return
	}
	var f, same wire.SerfTagFilter
	err = f.Decode(body)
	typed(t, err)
	if err == nil {
		require.NoError(t, same.Decode(f.Append(nil)[1:]))
		require.Equal(t, f.Append(nil), same.Append(nil))
	}
}

func FuzzSerfFilter(f *testing.F) {
	f.Add(wire.SerfNodeFilter{[]byte("bob"), []byte("cleo")}.Append(nil))
	f.Add((&wire.SerfTagFilter{Tag: []byte("role"), Expr: []byte("^w.b$")}).Append(nil))
	f.Fuzz(filter)
}

func FuzzTags(f *testing.F) {
	meta, err := wire.AppendTags(nil, map[string]string{"role": "web", "dc": "eu"})
	require.NoError(f, err)
	f.Add(meta)
	f.Add([]byte("web"))
	f.Fuzz(func(t *testing.T, meta []byte) {
		tags, err := wire.DecodeTags(meta)
		typed(t, err)
		if err != nil {
			return
		}
		again, err := wire.AppendTags(nil, tags)
		if err != nil {
			require.ErrorIs(t, err, wire.TooLarge)
			return
		}
		same, err := wire.DecodeTags(again)
		require.NoError(t, err)
		require.Len(t, same, len(tags))
	})
}

func FuzzCoordinate(f *testing.F) {
	f.Add((&wire.Coordinate{Error: 1.5, Height: 1e-5}).Append(nil))
	f.Fuzz(func(t *testing.T, payload []byte) {
		var c, same wire.Coordinate
		err := c.Decode(payload)
		typed(t, err)
		if err == nil {
			require.NoError(t, same.Decode(c.Append(nil)))
			require.Equal(t, c, same)
		}
	})
}

func FuzzKeyring(f *testing.F) {
	f.Add("MDEyMzQ1Njc4OWFiY2RlZg==")
	f.Fuzz(func(t *testing.T, text string) {
		key, err := wire.ParseKey(text)
		typed(t, err)
		if err == nil {
			_, err = wire.NewKeyring(key)
			require.NoError(t, err)
		}
	})
}
