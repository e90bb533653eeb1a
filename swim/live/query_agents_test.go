package live_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/swim/live"
)

// run has an agent's program ask the agent something, and gives what it prints.
func (a *agent) run(command string, args ...string) (string, error) {
	out, err := exec.Command(a.program, append([]string{command, "-rpc-addr=" + a.ctrl}, args...)...).CombinedOutput()
	return string(out), err
}

// answers are those that Serf got to a query.
type answers struct {
	Acks      []string
	Responses map[string]string
}

func (a *agent) query(args ...string) (got answers) {
	a.t.Helper()
	out, err := a.run("query", append([]string{"-format=json"}, args...)...)
	require.NoError(a.t, err, out)
	require.NoError(a.t, json.Unmarshal([]byte(out), &got), out)
	return got
}

// gets repeats a query until it has the acks and responses that are wanted: on a busy
// machine Serf's time for one may be short.
func (a *agent) gets(acks []string, responses map[string]string, args ...string) {
	a.t.Helper()
	const tries = 20
	var got answers
	for range tries {
		got = a.query(append([]string{"-timeout=2s"}, args...)...)
		if assert.ElementsMatch(discard{}, acks, got.Acks) && len(got.Responses) == len(responses) {
			break
		}
	}
	assert.ElementsMatch(a.t, acks, got.Acks, "%v", args)
	if responses == nil {
		responses = map[string]string{}
	}
	assert.Equal(a.t, responses, got.Responses, "%v", args)
}

// discard is a test that fails in silence.
type discard struct{}

func (discard) Errorf(string, ...any) {}

// questions is a handler of queries that notes what it was asked.
type questions struct {
	mu  sync.Mutex
	got []live.UserQuery
}

func (q *questions) handle(_ context.Context, x live.UserQuery) ([]byte, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.got = append(q.got, x)
	switch x.Name {
	case "load":
		return []byte("0.5"), nil
	case "empty":
		return []byte{}, nil
	case "broken":
		return []byte("ignored"), errors.New("no answer")
	}
	return nil, nil
}

// reaches waits until Serf has an ack of all live members to one query.
func (a *agent) reaches() {
	a.t.Helper()
	const tries = 20
	var out string
	for range tries {
		out, _ = a.run("reachability")
		if strings.Contains(out, "Successfully contacted all live nodes") {
			return
		}
	}
	a.t.Errorf("not all live nodes are reached: %s", out)
}

func TestAMemberAnswersSerfsQueries(t *testing.T) {
	p := program(t, "SERF", "serf")
	s0 := serf(t, p, "s0", nil)
	s1 := serf(t, p, "s1", s0)
	var asked questions
	cfg := live.LAN("ours")
	cfg.Tags = map[string]string{"role": "lab"}
	cfg.Queries = asked.handle
	m := member(t, cfg)
	_, err := m.Join(within(t, repaired), s0.gossip)
	require.NoError(t, err)
	silent := member(t, live.LAN("silent")) // it has no handler
	_, err = silent.Join(within(t, repaired), s0.gossip)
	require.NoError(t, err)
	for _, s := range []*agent{s0, s1} {
		s.sees("ours", "alive", repaired)
		s.sees("silent", "alive", repaired)
	}

	s1.reaches()
	everybody := []string{"s0", "s1", "ours", "silent"}
	load := map[string]string{"ours": "0.5"}
	s0.gets(everybody, load, "load", "now")
	asked.mu.Lock()
	assert.Equal(t, live.UserQuery{Name: "load", Payload: []byte("now"), From: "s0"}, asked.got[0])
	asked.mu.Unlock()

	// Answers and acks come once more through others, ours among them, and count once.
	s0.gets(everybody, load, "-relay-factor=3", "load")
	relays := metric(t, m, "swimlab_query_relays_total") + metric(t, silent, "swimlab_query_relays_total")
	assert.Greater(t, relays, 0.0, "the agents have us relay")

	s1.gets([]string{"ours"}, load, "-tag", "role=^l.b$", "load")
	s1.gets([]string{"ours", "s0"}, load, "-node=ours", "-node=s0", "load")
	s1.gets(nil, nil, "-node=ours", "-tag", "role=s0", "load")
	s1.gets(nil, load, "-no-ack", "load")
	s1.gets(everybody, map[string]string{"ours": ""}, "empty")
	s1.gets(everybody, nil, "broken")
}

func TestAMemberPassesSerfsEventsOn(t *testing.T) {
	p := program(t, "SERF", "serf")
	s0 := serf(t, p, "s0", nil)
	m := member(t, live.LAN("ours"))
	_, err := m.Join(within(t, repaired), s0.gossip)
	require.NoError(t, err)
	other := member(t, live.LAN("other"))
	_, err = other.Join(within(t, repaired), m.Addr().String())
	require.NoError(t, err)
	s0.sees("other", "alive", repaired)
	both := []*live.Subscription{m.Subscribe(256), other.Subscribe(256)}

	for _, payload := range []string{"v1", "v2", "v2"} {
		out, err := s0.run("event", "-coalesce=false", "deploy", payload)
		require.NoError(t, err, out)
	}
	for _, s := range both {
		var heard []string
		timeout := time.After(repaired)
		for len(heard) < 3 {
			select {
			case e := <-s.C:
				if e.Kind == live.UserMessage {
					assert.Equal(t, "deploy", e.Member)
					heard = append(heard, string(e.Payload))
				}
			case <-timeout:
				t.Fatalf("heard %v; want three events", heard)
			}
		}
		assert.ElementsMatch(t, []string{"v1", "v2", "v2"}, heard, "each event once, though two have one name and payload")
	}
}

// metric is one of a member's metrics that have no labels.
func metric(t *testing.T, m *live.Member, name string) float64 {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, m.WriteMetrics(&b))
	for line := range strings.Lines(b.String()) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			x, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			require.NoError(t, err)
			return x
		}
	}
	t.Fatalf("no metric %s", name)
	return 0
}
