package wire

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/memberlist"
	"github.com/hashicorp/serf/serf"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/swim/live/wire"
)

const keyOne, keyTwo = "sixteen bytes  !", "twenty-four bytes long !"

// agents has four of Serf's members say all that there is to say in queries and events, at
// addresses made by at.
func agents(t *testing.T, at func(int) string) *network {
	n := &network{members: map[string]*transport{}}
	synctest.Test(t, func(t *testing.T) {
		var all []*serf.Serf
		for i, name := range []string{"ann", "bob", "cleo", "dan"} {
			m := memberlist.DefaultLANConfig()
			m.Transport, m.LogOutput, m.SecretKey = n.join(at(i)), io.Discard, []byte(keyOne)
			c := serf.DefaultConfig()
			c.NodeName, c.MemberlistConfig, c.LogOutput, c.Tags = name, m, io.Discard, map[string]string{"role": "web"}
			events := make(chan serf.Event, 1024)
			c.EventCh = events
			s, err := serf.Create(c)
			require.NoError(t, err)
			go func() {
				for {
					select {
					case e := <-events:
						if q, ok := e.(*serf.Query); ok {
							assert.NoError(t, q.Respond([]byte("answer of "+name)))
						}
					case <-s.ShutdownCh():
						return
					}
				}
			}()
			all = append(all, s)
		}
		ann := all[0]
		for i, s := range all[1:] {
			_, err := s.Join([]string{"ann/" + at(0)}, true)
			require.NoError(t, err, i)
		}
		time.Sleep(10 * time.Second)
		require.Equal(t, 4, ann.NumNodes())

		ask := func(name, payload string, p serf.QueryParam) {
			r, err := ann.Query(name, []byte(payload), &p)
			require.NoError(t, err)
			answers := 0
			for range r.ResponseCh() {
				answers++
			}
			t.Logf("%s: %d answers", name, answers)
		}
		ask("load", "", serf.QueryParam{})
		ask("filtered", "payload", serf.QueryParam{
			FilterNodes: []string{"bob", "cleo"}, FilterTags: map[string]string{"role": "^w.b$"}, RequestAck: true, Timeout: 5 * time.Second,
		})
		ask("relayed", "payload", serf.QueryParam{RequestAck: true, RelayFactor: 2})
		ask("_serf_ping", "", serf.QueryParam{RequestAck: true})
		ask("_serf_conflict", "bob", serf.QueryParam{})
		ask("_serf_conflict", "nobody", serf.QueryParam{})
		keys := ann.KeyManager()
		one, two := base64.StdEncoding.EncodeToString([]byte(keyOne)), base64.StdEncoding.EncodeToString([]byte(keyTwo))
		_, err := keys.InstallKey(two)
		require.NoError(t, err)
		_, err = keys.ListKeys()
		require.NoError(t, err)
		_, err = keys.UseKey(two)
		require.NoError(t, err)
		_, err = keys.RemoveKey(two)
		require.ErrorContains(t, err, "4/4 nodes reported failure")
		_, err = keys.RemoveKey(one)
		require.NoError(t, err)
		require.NoError(t, ann.UserEvent("deploy", []byte("v2"), true))
		require.NoError(t, ann.UserEvent("restart", nil, false))
		time.Sleep(10 * time.Second)
		for _, s := range all[1:] {
			require.NoError(t, s.Leave())
		}
		for _, s := range all {
			require.NoError(t, s.Shutdown())
		}
		time.Sleep(time.Minute)
	})
	return n
}

// kinds of a message of Serf's: what is different on the wire.
func kindOf(t *testing.T, data []byte) (string, bool) {
	typ, body, err := wire.SplitSerf(data)
	require.NoError(t, err)
	switch typ {
	case wire.SerfTypeQuery:
		var q wire.SerfQuery
		require.NoError(t, q.Decode(body))
		return fmt.Sprintf("query %s %d filters flags %d relays %d", q.Name, len(q.Filters), q.Flags, q.RelayFactor), true
	case wire.SerfTypeQueryResponse:
		var r wire.SerfQueryResponse
		require.NoError(t, r.Decode(body))
		return "response flags " + fmt.Sprint(r.Flags) + " " + answer(t, r.Payload), true
	case wire.SerfTypeRelay:
		var r wire.SerfRelay
		require.NoError(t, r.Decode(body))
		kind, ok := kindOf(t, r.Message)
		return "relay of " + kind, ok
	case wire.SerfTypeUserEvent:
		var e wire.SerfUserEvent
		require.NoError(t, e.Decode(body))
		return fmt.Sprintf("event %s cc %v", e.Name, e.CC), true
	case wire.SerfTypeJoin, wire.SerfTypeLeave:
		return typ.String(), true
	}
	return "", false
}

// answer names what is in an answer's payload.
func answer(t *testing.T, payload []byte) string {
	typ, body, err := wire.SplitSerf(payload)
	switch {
	case len(payload) == 0:
		return "empty"
	case err == nil && typ == wire.SerfTypeKeyResponse:
		var r wire.SerfKeyResponse
		require.NoError(t, r.Decode(body))
		return fmt.Sprintf("keys %d result %v %s", len(r.Keys), r.Result, r.Message)
	case err == nil && typ == wire.SerfTypeConflictResponse:
		var m wire.SerfMember
		require.NoError(t, m.Decode(body))
		return "member " + string(m.Name)
	}
	return "user's"
}

func TestSerfSpeaksAndOurCodecReadsIt(t *testing.T) {
	var kept []recording
	for _, s := range []struct {
		name string
		at   func(int) string
	}{
		{"serf", func(i int) string { return fmt.Sprintf("127.0.0.%d:27946", i+1) }},
		{"serf over IPv6", func(i int) string { return net.JoinHostPort("::1", fmt.Sprint(27946+i)) }},
	} {
		n := agents(t, s.at)
		ring, err := wire.NewKeyring([]byte(keyOne), []byte(keyTwo))
		require.NoError(t, err)
		e, err := wire.NewEnvelope(wire.Options{Keys: ring})
		require.NoError(t, err)
		reader := e.NewPacketReader()
		seen := map[string]bool{}
		for _, b := range n.datagrams {
			require.NoError(t, reader.Read(b, func(typ wire.Type, body []byte) {
				if typ != wire.TypeUser {
					return
				}
				kind, ok := kindOf(t, body)
				if ok && !seen[kind] {
					seen[kind] = true
					kept = append(kept, recording{
						Source: s.name, ID: kind, Transport: "udp", Hex: hex.EncodeToString(wire.AppendUser(nil, body)), Layers: []string{}, Identical: true,
					})
				}
			}))
		}
		for _, kind := range []string{
			"query load 0 filters flags 0 relays 0", "query filtered 2 filters flags 1 relays 0", "query relayed 0 filters flags 1 relays 2",
			"query _serf_ping 0 filters flags 1 relays 0", "query _serf_list-keys 0 filters flags 0 relays 0",
			"response flags 1 empty", "response flags 0 user's", "response flags 0 member bob", "response flags 0 member ",
			"response flags 0 keys 2 result true ", "response flags 0 keys 0 result true ",
			"response flags 0 keys 0 result false removing the primary key is not allowed",
			"relay of response flags 1 empty", "relay of response flags 0 user's", "event deploy cc true", "event restart cc false",
			"serf join", "serf leave",
		} {
			assert.True(t, seen[kind], "%s: no %s", s.name, kind)
		}
		t.Logf("%s: %d datagrams, messages of %d kinds", s.name, len(n.datagrams), len(seen))
	}
	if *golden {
		writeAs(t, "serf", "hashicorp/serf v0.11.0, taken out of its packets", "TestSerfSpeaks", kept)
	}
}
