package wire

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/memberlist"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/swim/live/wire"
)

var golden = flag.Bool("golden", false, "write the recordings to swim/live/wire/testdata/golden")

const goldenDir = "../../../swim/live/wire/testdata/golden"

// settings are how a group is configured.
type settings struct {
	name     string
	label    string
	key      string
	compress bool
	protocol uint8 // 0: memberlist's default
	meta     string
	// consul has the members say what Consul's do: names, addresses, metadata, ack payloads
	// and state as the simulator's contents consul-0.8 have them.
	consul bool
	// each is how many of a kind are kept; 0 is one.
	each int
}

// recording is a datagram, or what one side wrote on a stream.
type recording struct {
	Source    string   `json:"source"`
	ID        string   `json:"id"`
	Transport string   `json:"transport"`
	Hex       string   `json:"hex"`
	Label     string   `json:"label,omitempty"`
	Nonce     string   `json:"nonce,omitempty"`
	AAD       string   `json:"aad,omitempty"`
	KeyHex    string   `json:"key_hex,omitempty"`
	Layers    []string `json:"layers"`
	Identical bool     `json:"reencodes_identically"`
}

// delegate is an application with something to say in every place that there is.
type delegate struct {
	meta       string
	broadcasts [][]byte
	consul     *rand.Rand // of what it says as Consul; nil if it is not
}

func (d *delegate) NodeMeta(int) []byte {
	if d.meta == "" {
		return nil
	}
	return []byte(d.meta)
}
func (d *delegate) NotifyMsg([]byte) {}
func (d *delegate) GetBroadcasts(overhead, limit int) (now [][]byte) {
	now, d.broadcasts = d.broadcasts, nil
	return now
}
func (d *delegate) LocalState(bool) []byte {
	if d.consul != nil {
		state := wire.SerfPushPull{LTime: 3, EventLTime: 1, QueryLTime: 1, EventBuffer: 512, StatusLTimes: []wire.NodeTime{
			{Node: []byte("node-000"), LTime: 1}, {Node: []byte("node-001"), LTime: 2}, {Node: []byte("node-002"), LTime: 3},
		}}
		return state.Append(nil)
	}
	return []byte(strings.Repeat("state of "+d.meta+"; ", 12))
}
func (d *delegate) MergeRemoteState([]byte, bool) {}
func (d *delegate) AckPayload() []byte {
	if d.consul != nil { // a coordinate in the first seconds of its life
		c := wire.Coordinate{Error: d.consul.Float64(), Adjustment: 1e-4 * d.consul.NormFloat64(), Height: 1e-5}
		for i := range c.Vec {
			c.Vec[i] = 1e-4 * d.consul.NormFloat64()
		}
		return c.Append(nil)
	}
	return []byte(d.meta)
}
func (d *delegate) NotifyPingComplete(*memberlist.Node, time.Duration, []byte) {
}

// member, address and app are those of the member i.
func (s settings) member(i int) string {
	if s.consul {
		return fmt.Sprintf("node-%03d", i)
	}
	return []string{"ann", "bob", "cleo"}[i]
}

func (s settings) address(i int) string {
	if s.consul {
		return fmt.Sprintf("10.0.0.%d:8301", i+1)
	}
	return fmt.Sprintf("127.0.0.%d:7946", i+1)
}

func (s settings) app(i int) *delegate {
	if !s.consul {
		return &delegate{meta: s.meta}
	}
	meta, err := wire.AppendTags(nil, map[string]string{
		"build": "0.8.5:2c77151", "dc": "dc1", "id": consulIDs[i], "role": "node", "vsn": "2", "vsn_max": "3", "vsn_min": "2",
	})
	if err != nil {
		panic(err)
	}
	return &delegate{meta: string(meta), consul: rand.New(rand.NewPCG(uint64(i), 1))}
}

// consulIDs are the identities that the simulator's first members have.
var consulIDs = [...]string{
	"979131f2-a546-dbf6-d387-c0895eeedff8",
	"2a135ee3-21cd-8001-931f-f835e99bdbc4",
	"6b3b8e6f-604d-2496-03a4-695ad8888602",
}

// live has three members live through what there is to say.
func live(t *testing.T, s settings) *network {
	n := &network{members: map[string]*transport{}}
	synctest.Test(t, func(t *testing.T) {
		var members []*memberlist.Memberlist
		var cards []*transport
		var apps []*delegate
		for i := range 3 {
			card, app := n.join(s.address(i)), s.app(i)
			c := memberlist.DefaultLANConfig()
			if s.consul {
				card.addr.IP = card.addr.IP.To4() // as memberlist's own transport advertises it
				v := wire.ConsulVersions
				c.DelegateProtocolMin, c.DelegateProtocolMax, c.DelegateProtocolVersion = v.DMin, v.DMax, v.DCur
			}
			c.Name, c.Transport, c.LogOutput = s.member(i), card, io.Discard
			c.Label, c.EnableCompression = s.label, s.compress
			c.Delegate, c.Ping = app, app
			c.PushPullInterval = 10 * time.Second
			c.AwarenessMaxMultiplier = 1
			if s.protocol != 0 {
				c.ProtocolVersion = s.protocol
			}
			if s.key != "" {
				c.SecretKey = []byte(s.key)
			}
			m, err := memberlist.Create(c)
			require.NoError(t, err)
			members, cards, apps = append(members, m), append(cards, card), append(apps, app)
		}
		ann, cleo := members[0], members[2]
		for _, m := range members[1:] {
			_, err := m.Join([]string{s.member(0) + "/" + s.address(0)})
			require.NoError(t, err)
		}
		time.Sleep(5 * time.Second)
		require.Len(t, ann.Members(), 3)

		apps[0].broadcasts = [][]byte{[]byte("first broadcast"), []byte("second broadcast")}
		to := ann.Members()[slices.IndexFunc(ann.Members(), func(m *memberlist.Node) bool { return m.Name == s.member(1) })]
		require.NoError(t, ann.SendBestEffort(to, []byte("a datagram to bob")))
		require.NoError(t, ann.SendReliable(to, []byte("a stream to bob")))
		time.Sleep(3 * time.Second)

		// Cleo hears no datagram: pinged through helpers and over streams.
		cards[2].set(true, false)
		time.Sleep(5 * time.Second)
		// Nor does she take streams: suspected, and declared dead.
		cards[2].set(true, true)
		waitFor(t, 2, ann)
		// She is back, asks to be let in, hears of it and refutes: were both sides to
		// give each other up, neither would ever try again.
		cards[2].set(false, false)
		_, err := cleo.Join([]string{s.member(0) + "/" + s.address(0)})
		require.NoError(t, err)
		waitFor(t, 3, ann)
		time.Sleep(12 * time.Second) // and lists are exchanged

		// What ann cannot read she answers with an error.
		conn, err := cards[1].DialTimeout(s.address(0), time.Second)
		require.NoError(t, err)
		go io.Copy(io.Discard, conn) //nolint:errcheck // it ends with the stream
		_, err = conn.Write([]byte("\x0a\x00\x00\x00\x01x, encrypted and yet not"))
		_ = err // she may close before all is written
		time.Sleep(time.Second)
		require.NoError(t, conn.Close())

		require.NoError(t, cleo.Leave(time.Second))
		time.Sleep(12 * time.Second)
		for _, card := range cards { // no stream may wait for one that is gone
			card.set(true, true)
		}
		time.Sleep(12 * time.Second)
		for _, m := range members {
			require.NoError(t, m.Shutdown())
		}
		time.Sleep(time.Minute)
	})
	return n
}

// waitFor waits until the member sees so many.
func waitFor(t *testing.T, n int, m *memberlist.Memberlist) {
	for range 120 {
		if time.Sleep(time.Second); m.NumMembers() == n {
			return
		}
	}
	t.Errorf("%s still sees %d members after two minutes; want %d", m.LocalNode().Name, m.NumMembers(), n)
}

// record describes what was written, and checks that our codec reads it.
func record(t *testing.T, s settings, transport string, opener bool, b []byte) recording {
	r := recording{Source: s.name, Transport: transport, Hex: hex.EncodeToString(b), Identical: true}
	o := wire.Options{Label: s.label}
	if s.key != "" {
		ring, err := wire.NewKeyring([]byte(s.key))
		require.NoError(t, err)
		o.Keys = ring
	}
	e, err := wire.NewEnvelope(o)
	require.NoError(t, err)
	var kinds []string
	if transport == "udp" {
		err = e.NewPacketReader().Read(b, func(typ wire.Type, body []byte) {
			kind := typ.String()
			var ack wire.Ack
			if typ == wire.TypeAck && ack.Decode(body) == nil && ack.Payload == nil {
				kind = "bare ack"
			}
			kinds = append(kinds, kind)
		})
	} else {
		read := e.ReadAnswer
		if opener {
			read = e.ReadRequest
		}
		var in *wire.Incoming
		if in, err = read(bytes.NewReader(b)); err == nil {
			kinds = append(kinds, in.Type.String())
			for row := range in.PushPull.Rows() {
				kinds = append(kinds, row.State.String())
			}
		}
	}
	require.NoError(t, err, "%s %x", s.name, b)
	r.peel(t, s, b, opener || transport == "udp")
	r.ID = fmt.Sprintf("%s %s (%s)", transport, strings.Join(r.Layers, ">"), strings.Join(kinds, ", "))
	return r
}

// peel takes the layers off with the standard library alone, and notes them.
func (r *recording) peel(t *testing.T, s settings, b []byte, labelled bool) {
	if s.label != "" && labelled {
		require.Equal(t, append([]byte{244, byte(len(s.label))}, s.label...), b[:2+len(s.label)])
		r.Label, b = s.label, b[2+len(s.label):]
		r.Layers = append(r.Layers, "label")
	}
	if s.key != "" {
		aad := []byte(s.label)
		if r.Transport == "tcp" {
			aad, b = append(bytes.Clone(b[:5]), s.label...), b[5:]
		}
		block, err := aes.NewCipher([]byte(s.key))
		require.NoError(t, err)
		gcm, err := cipher.NewGCM(block)
		require.NoError(t, err)
		version := b[0]
		r.KeyHex, r.Nonce, r.AAD = hex.EncodeToString([]byte(s.key)), hex.EncodeToString(b[1:13]), hex.EncodeToString(aad)
		r.Layers = append(r.Layers, "encrypt")
		b, err = gcm.Open(nil, b[1:13], b[13:], aad)
		require.NoError(t, err)
		if version == 0 {
			b = b[:len(b)-int(b[len(b)-1])]
		}
	}
	if r.Transport == "udp" && b[0] == 12 {
		r.Layers, b = append(r.Layers, "hasCrc"), b[5:]
	}
	if b[0] == 9 {
		r.Layers = append(r.Layers, "compress")
	}
}

// all is every kind of message that three members say, whatever the settings.
var all = []string{
	"ping", "indirect ping", "bare ack", "ack", "nack", "suspect", "alive", "dead", "user", "push/pull",
}

func TestMemberlistSpeaksAndOurCodecReadsIt(t *testing.T) {
	const key16, key24, key32 = "sixteen bytes  !", "twenty-four bytes long !", "thirty-two bytes, which is long!"
	for _, s := range []settings{
		{name: "plain", meta: "meta"},
		{name: "compressed", compress: true, meta: strings.Repeat("meta ", 9)},
		{name: "label", label: "blue", meta: "meta"},
		{name: "encrypted-128", key: key16},
		{name: "encrypted-192-label", key: key24, label: "blue", meta: "meta"},
		{name: "encrypted-256-label-compressed", key: key32, label: "blue", compress: true, meta: strings.Repeat("meta ", 70)},
		{name: "consul-compressed", compress: true, consul: true, each: 4},
		{name: "protocol-1-encrypted", key: key16, protocol: 1, meta: "meta"},
	} {
		t.Run(s.name, func(t *testing.T) {
			n := live(t, s)
			var kept []recording
			seen := map[string]int{}
			keep := func(r recording) {
				if seen[r.ID]++; seen[r.ID] <= max(1, s.each) {
					kept = append(kept, r)
				}
			}
			for _, b := range n.datagrams {
				keep(record(t, s, "udp", false, b))
			}
			for _, e := range n.streams {
				if e.written.Len() > 0 && !strings.Contains(e.written.String(), "encrypted and yet not") {
					keep(record(t, s, "tcp", e.opener, e.written.Bytes()))
				}
			}
			var ids []string
			for _, r := range kept {
				ids = append(ids, r.ID)
			}
			for _, kind := range all {
				assert.True(t, slices.ContainsFunc(ids, func(id string) bool {
					return strings.Contains(id, "("+kind) || strings.Contains(id, ", "+kind)
				}), "no %s was said; there are %v", kind, ids)
			}
			t.Logf("%d datagrams and %d ends of streams, of %d kinds", len(n.datagrams), len(n.streams), len(kept))
			if *golden {
				write(t, s.name, kept)
			}
		})
	}
}

func write(t *testing.T, name string, kept []recording) {
	writeAs(t, name, "hashicorp/memberlist v0.7.0", "TestMemberlistSpeaks", kept)
}

// writeAs writes recordings of a program's, made by one of the tests here.
func writeAs(t *testing.T, name, program, by string, kept []recording) {
	slices.SortStableFunc(kept, func(a, b recording) int { return strings.Compare(a.ID, b.ID) })
	b, err := json.MarshalIndent(map[string]any{
		"what":    "written by " + program + "; made by: cd experiments/peer && go test ./wire -run " + by + " -golden",
		"vectors": kept,
	}, "", " ")
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(goldenDir, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(goldenDir, name+".json"), append(b, '\n'), 0o644))
}
