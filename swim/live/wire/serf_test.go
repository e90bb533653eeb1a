package wire_test

import (
	"encoding/hex"
	"encoding/json"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/swimlab/swimlab/swim/live/wire"
)

// serfMessage is a message of Serf's that can be written and read.
type serfMessage interface {
	Append([]byte) []byte
	Decode([]byte) error
}

// freshSerf is a message to read into; nil for types that have none.
func freshSerf(t wire.SerfType) serfMessage {
	switch t {
	case wire.SerfTypeLeave:
		return &wire.SerfLeave{}
	case wire.SerfTypeJoin:
		return &wire.SerfJoin{}
	case wire.SerfTypePushPull:
		return &wire.SerfPushPull{}
	case wire.SerfTypeUserEvent:
		return &wire.SerfUserEvent{}
	case wire.SerfTypeQuery:
		return &wire.SerfQuery{}
	case wire.SerfTypeQueryResponse:
		return &wire.SerfQueryResponse{}
	case wire.SerfTypeConflictResponse:
		return &wire.SerfMember{}
	case wire.SerfTypeKeyRequest:
		return &wire.SerfKeyRequest{}
	case wire.SerfTypeKeyResponse:
		return &wire.SerfKeyResponse{}
	case wire.SerfTypeRelay:
		return &wire.SerfRelay{}
	}
	return nil
}

// serfRecordings are messages that Serf wrote, by what they are.
func serfRecordings(t testing.TB) map[string][]byte {
	b, err := os.ReadFile("testdata/golden/serf.json")
	require.NoError(t, err)
	var all struct {
		Vectors []recording `json:"vectors"`
	}
	require.NoError(t, json.Unmarshal(b, &all))
	require.NotEmpty(t, all.Vectors)
	messages := map[string][]byte{}
	for _, r := range all.Vectors {
		data := unhex(t, r.Hex)
		require.Equal(t, byte(wire.TypeUser), data[0])
		messages[r.Source+"/"+r.ID] = data[1:]
	}
	return messages
}

// assertAgain reads a message of Serf's, and those within it, and compares what is written anew.
func assertAgain(t *testing.T, data []byte) {
	typ, body, err := wire.SplitSerf(data)
	require.NoError(t, err)
	m := freshSerf(typ)
	require.NoError(t, m.Decode(body))
	if member, ok := m.(*wire.SerfMember); ok && len(member.Name) == 0 {
		m = (*wire.SerfMember)(nil)
	}
	assert.Equal(t, hex.EncodeToString(data), hex.EncodeToString(m.Append(nil)))
	switch m := m.(type) {
	case *wire.SerfQuery:
		for _, f := range m.Filters {
			typ, body, err := wire.SplitFilter(f)
			require.NoError(t, err)
			var nodes wire.SerfNodeFilter
			var tag wire.SerfTagFilter
			if typ == wire.SerfFilterNodes {
				require.NoError(t, nodes.Decode(body))
				assert.Equal(t, f, nodes.Append(nil))
			} else {
				require.NoError(t, tag.Decode(body))
				assert.Equal(t, f, tag.Append(nil))
			}
		}
		if strings.HasSuffix(string(m.Name), "-key") {
			assertAgain(t, m.Payload)
		}
	case *wire.SerfQueryResponse:
		if len(m.Payload) > 0 && m.Payload[0] <= byte(wire.SerfTypeRelay) {
			assertAgain(t, m.Payload)
		}
	case *wire.SerfRelay:
		assertAgain(t, m.Message)
	}
}

// The recordings are made by experiments/peer/wire, which says how.
func TestWhatSerfWritesIsReadAndWrittenAnewIdentically(t *testing.T) {
	for name, data := range serfRecordings(t) {
		t.Run(name, func(t *testing.T) { assertAgain(t, data) })
	}
}

func TestWhatSerfAsksIsUnderstood(t *testing.T) {
	all := serfRecordings(t)
	for source, at := range map[string]string{"serf": "127.0.0.1:27946", "serf over IPv6": "[::1]:27946"} {
		ann := netip.MustParseAddrPort(at)
		var q wire.SerfQuery
		require.NoError(t, q.Decode(all[source+"/query filtered 2 filters flags 1 relays 0"][1:]))
		assert.Equal(t, ann, unmapped(q.Asker))
		assert.Equal(t, "ann", string(q.SourceNode))
		assert.Equal(t, "filtered", string(q.Name))
		assert.Equal(t, "payload", string(q.Payload))
		assert.Equal(t, wire.SerfAck, q.Flags)
		assert.Equal(t, 5*time.Second, q.Timeout)
		assert.NotZero(t, q.LTime)
		require.Len(t, q.Filters, 2)
		var nodes wire.SerfNodeFilter
		require.NoError(t, nodes.Decode(q.Filters[0][1:]))
		assert.Equal(t, wire.SerfNodeFilter{[]byte("bob"), []byte("cleo")}, nodes)
		var tag wire.SerfTagFilter
		require.NoError(t, tag.Decode(q.Filters[1][1:]))
		assert.Equal(t, wire.SerfTagFilter{Tag: []byte("role"), Expr: []byte("^w.b$")}, tag)

		var relay wire.SerfRelay
		require.NoError(t, relay.Decode(all[source+"/relay of response flags 1 empty"][1:]))
		assert.Equal(t, ann, unmapped(relay.To))
		assert.Equal(t, "ann", string(relay.Name))
		var ack wire.SerfQueryResponse
		require.NoError(t, ack.Decode(relay.Message[1:]))
		assert.Equal(t, wire.SerfAck, ack.Flags)
		assert.Nil(t, ack.Payload)

		var answer wire.SerfQueryResponse
		require.NoError(t, answer.Decode(all[source+"/response flags 0 member bob"][1:]))
		var bob wire.SerfMember
		require.NoError(t, bob.Decode(answer.Payload[1:]))
		assert.Equal(t, "bob", string(bob.Name))
		assert.Equal(t, wire.SerfAlive, bob.Status)
		assert.Equal(t, wire.ConsulVersions, bob.Versions, "Serf's library speaks 4, unless it is told to speak 5 as its agent does")
		assert.Equal(t, map[string]string{"role": "web"}, bob.Tags)
	}
}

func unmapped(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }

// Serf's messages as hashicorp/go-msgpack encodes and decodes them.

type theirQuery struct {
	LTime       uint64
	ID          uint32
	Addr        []byte
	Port        uint16
	SourceNode  string
	Filters     [][]byte
	Flags       uint32
	RelayFactor uint8
	Timeout     time.Duration
	Name        string
	Payload     []byte
}

type theirResponse struct {
	LTime   uint64
	ID      uint32
	From    string
	Flags   uint32
	Payload []byte
}

type theirKeys struct {
	Result     bool
	Message    string
	Keys       []string
	PrimaryKey string
}

type theirMember struct {
	Name                                  string
	Addr                                  net.IP
	Port                                  uint16
	Tags                                  map[string]string
	Status                                int
	ProtocolMin, ProtocolMax, ProtocolCur uint8
	DelegateMin, DelegateMax, DelegateCur uint8
}

type theirEvent struct {
	LTime   uint64
	Name    string
	Payload []byte
	CC      bool
}

type theirRelay struct {
	DestAddr net.UDPAddr
	DestName string
}

func TestSerfsMessagesAreEncodedAndDecodedAsGoMsgpackDoes(t *testing.T) {
	check := func(name string, draw func(*rapid.T) (ours serfMessage, theirs, into any)) {
		t.Run(name, rapid.MakeCheck(func(rt *rapid.T) {
			m, theirs, into := draw(rt)
			ours := m.Append([]byte("before"))[len("before"):]
			require.Equal(rt, theirEncoding(t, theirs), ours[1:])
			require.NoError(rt, theirDecoding(ours[1:], into))
			require.Equal(rt, theirs, into)
			read := freshSerf(wire.SerfType(ours[0]))
			require.NoError(rt, read.Decode(ours[1:]))
			require.Equal(rt, ours, read.Append(nil))
		}))
	}
	lists := func(rt *rapid.T) (list [][]byte, texts []string) {
		n := rapid.IntRange(-1, 20).Draw(rt, "number")
		if n < 0 {
			return nil, nil
		}
		list, texts = [][]byte{}, []string{}
		for range n {
			item := names().Draw(rt, "item")
			list, texts = append(list, item), append(texts, string(item))
		}
		return list, texts
	}
	long := rapid.OneOf(rapid.Uint64(), rapid.SampledFrom([]uint64{0, 127, 128, 1 << 32, 1<<64 - 1}))
	check("query", func(rt *rapid.T) (serfMessage, any, any) {
		list, _ := lists(rt)
		m := &wire.SerfQuery{
			LTime: long.Draw(rt, "time"), ID: numbers().Draw(rt, "id"), Asker: addrs().Draw(rt, "asker"), SourceNode: names().Draw(rt, "source"),
			Filters: list, Flags: numbers().Draw(rt, "flags"), RelayFactor: rapid.Uint8().Draw(rt, "relays"),
			Timeout: time.Duration(rapid.Int64().Draw(rt, "timeout")), Name: names().Draw(rt, "name"), Payload: maybeNil().Draw(rt, "payload"),
		}
		return m, &theirQuery{
			m.LTime, m.ID, m.Asker.Addr().AsSlice(), m.Asker.Port(), string(m.SourceNode), m.Filters, m.Flags, m.RelayFactor, m.Timeout, string(m.Name), m.Payload,
		}, &theirQuery{}
	})
	check("response", func(rt *rapid.T) (serfMessage, any, any) {
		m := &wire.SerfQueryResponse{
			LTime: long.Draw(rt, "time"), ID: numbers().Draw(rt, "id"), From: names().Draw(rt, "from"), Flags: numbers().Draw(rt, "flags"), Payload: maybeNil().Draw(rt, "payload"),
		}
		return m, &theirResponse{m.LTime, m.ID, string(m.From), m.Flags, m.Payload}, &theirResponse{}
	})
	check("event", func(rt *rapid.T) (serfMessage, any, any) {
		m := &wire.SerfUserEvent{LTime: long.Draw(rt, "time"), Name: names().Draw(rt, "name"), Payload: maybeNil().Draw(rt, "payload"), CC: rapid.Bool().Draw(rt, "cc")}
		return m, &theirEvent{m.LTime, string(m.Name), m.Payload, m.CC}, &theirEvent{}
	})
	check("key request", func(rt *rapid.T) (serfMessage, any, any) {
		m := &wire.SerfKeyRequest{Key: maybeNil().Draw(rt, "key")}
		return m, &struct{ Key []byte }{m.Key}, &struct{ Key []byte }{}
	})
	check("key response", func(rt *rapid.T) (serfMessage, any, any) {
		list, texts := lists(rt)
		m := &wire.SerfKeyResponse{Result: rapid.Bool().Draw(rt, "result"), Message: names().Draw(rt, "message"), Keys: list, PrimaryKey: names().Draw(rt, "primary")}
		return m, &theirKeys{m.Result, string(m.Message), texts, string(m.PrimaryKey)}, &theirKeys{}
	})
	check("member", func(rt *rapid.T) (serfMessage, any, any) {
		b := rapid.SliceOfN(rapid.Uint8(), 7, 7).Draw(rt, "versions")
		m := &wire.SerfMember{Name: names().Draw(rt, "name"), Addr: addrs().Draw(rt, "addr"), Status: wire.SerfStatus(b[6]),
			Versions: wire.Versions{PMin: b[0], PMax: b[1], PCur: b[2], DMin: b[3], DMax: b[4], DCur: b[5]}}
		if rapid.Bool().Draw(rt, "tagged") { // of more than one the order is anything
			m.Tags = map[string]string{string(names().Draw(rt, "tag")): string(names().Draw(rt, "value"))}
		}
		return m, &theirMember{string(m.Name), m.Addr.Addr().AsSlice(), m.Addr.Port(), m.Tags, int(m.Status), b[0], b[1], b[2], b[3], b[4], b[5]}, &theirMember{}
	})
	check("relay", func(rt *rapid.T) (serfMessage, any, any) {
		m := &wire.SerfRelay{To: addrs().Draw(rt, "to"), Name: names().Draw(rt, "name")}
		return m, &theirRelay{net.UDPAddr{IP: m.To.Addr().AsSlice(), Port: int(m.To.Port())}, string(m.Name)}, &theirRelay{}
	})
}

func TestAMemberThatIsNotListedIsNil(t *testing.T) {
	b := (*wire.SerfMember)(nil).Append(nil)
	assert.Equal(t, "06c0", hex.EncodeToString(b))
	var m wire.SerfMember
	require.NoError(t, m.Decode(b[1:]))
	assert.Empty(t, m.Name)
}
