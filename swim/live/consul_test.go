package live_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/swim/live"
	"github.com/swimlab/swimlab/swim/live/wire"
)

// consul is a Consul agent; ctrl is where it serves HTTP.
type consul struct{ *agent }

// consulServer starts the one server of a data centre dc1, with Consul's own constants
// for its LAN pool, which those of development mode are not.
func consulServer(t *testing.T, program, name string, more ...string) consul {
	t.Helper()
	return startConsul(t, program, name, append([]string{
		"-server", "-bootstrap-expect=1", "-serf-wan-port=-1", "-hcl=performance { raft_multiplier = 1 }",
	}, more...)...)
}

// consulClient starts a client agent in a server's data centre.
func consulClient(t *testing.T, program, name string, server consul, more ...string) consul {
	t.Helper()
	return startConsul(t, program, name, append([]string{
		"-retry-join=" + server.gossip, "-hcl=retry_interval = \"1s\"",
	}, more...)...)
}

func startConsul(t *testing.T, program, name string, more ...string) consul {
	t.Helper()
	gossip, server, web := freePort(t), freePort(t), freePort(t)
	c := consul{&agent{t: t, name: name, program: program, gossip: loopback(gossip), ctrl: loopback(web)}}
	c.start(append([]string{
		"agent", "-node=" + name, "-bind=127.0.0.1", "-client=127.0.0.1", "-data-dir=" + t.TempDir(),
		"-serf-lan-port=" + strconv.Itoa(gossip), "-server-port=" + strconv.Itoa(server), "-http-port=" + strconv.Itoa(web),
		"-dns-port=-1", "-grpc-port=-1", "-grpc-tls-port=-1", "-log-level=debug",
		"-hcl=disable_update_check = true", // it would ask a machine of HashiCorp's
	}, more...)...)
	return c
}

// run has the program ask the agent something, and gives what it prints.
func (c consul) run(command string, args ...string) (string, error) {
	out, err := exec.Command(c.program, append([]string{command, "-http-addr=" + c.ctrl}, args...)...).CombinedOutput()
	return string(out), err
}

// get asks the agent's HTTP API.
func (c consul) get(path string, answer any) error {
	r, err := http.Get("http://" + c.ctrl + path)
	if err != nil {
		return err
	}
	defer func() { _ = r.Body.Close() }()
	if r.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", path, r.Status)
	}
	return json.NewDecoder(r.Body).Decode(answer)
}

// members is what the agent lists of its LAN pool.
func (c consul) members() map[string]seen {
	var list []struct {
		Name, Addr   string
		Port, Status int
		Tags         map[string]string
	}
	if c.get("/v1/agent/members", &list) != nil {
		return nil
	}
	status := map[int]string{1: "alive", 2: "leaving", 3: "left", 4: "failed"} // Serf's numbers
	all := map[string]seen{}
	for _, m := range list {
		all[m.Name] = seen{m.Name, fmt.Sprintf("%s:%d", m.Addr, m.Port), status[m.Status], m.Tags}
	}
	return all
}

// sees waits until the agent lists a member in a state.
func (c consul) sees(name, status string, within time.Duration) {
	c.t.Helper()
	require.Eventually(c.t, func() bool { return c.members()[name].Status == status }, within, 100*time.Millisecond,
		"%s does not list %s as %s; it lists %v", c.name, name, status, lazily(func() any { return c.members() }))
}

// health is what the catalog holds of a node's gossip, "" if it has no such node.
func (c consul) health(node string) string {
	var checks []struct{ CheckID, Status string }
	if c.get("/v1/health/node/"+node, &checks) != nil {
		return ""
	}
	for _, check := range checks {
		if check.CheckID == "serfHealth" {
			return check.Status
		}
	}
	return ""
}

// catalogs waits until the catalog holds a node for that; "" is none.
func (c consul) catalogs(node, health string, within time.Duration) {
	c.t.Helper()
	require.Eventually(c.t, func() bool { return c.health(node) == health }, within, 100*time.Millisecond,
		"%s is not %q in the catalog; it is %q", node, health, lazily(func() any { return c.health(node) }))
}

// says waits until the agent's log has a text.
func (c consul) says(text string, within time.Duration) {
	c.t.Helper()
	require.Eventually(c.t, func() bool {
		b, err := os.ReadFile(c.log)
		return err == nil && strings.Contains(string(b), text)
	}, within, 100*time.Millisecond, "%s does not say %q", c.name, text)
}

// clientTags are those that a client agent of Consul 1.14.0 has.
func clientTags(id string) map[string]string {
	return map[string]string{
		"role": "node", "dc": "dc1", "segment": "", "id": id,
		"vsn": "2", "vsn_min": "2", "vsn_max": "3", "build": "1.14.0:",
	}
}

const someID = "5b5f4d3e-6f1c-4b57-9c0e-2d7a1f3b9e10"

// ofConsul is the configuration of a member in Consul's LAN pool; nil is no tags.
func ofConsul(name string, tags map[string]string) live.Config {
	cfg := live.LAN(name)
	cfg.Family, cfg.Tags = live.Consul, tags
	return cfg
}

// Members without tags and with those of a client live in a LAN pool; the catalog has
// the latter alone.
func TestMembersLiveAmongConsulAgents(t *testing.T) {
	p := program(t, "CONSUL", "consul")
	c0 := consulServer(t, p, "c0")
	c1 := consulClient(t, p, "c1", c0)
	c0.catalogs("c1", "passing", repaired)

	bare, tagged := member(t, ofConsul("bare", nil)), member(t, ofConsul("tagged", clientTags(someID)))
	for m, agent := range map[*live.Member]consul{bare: c0, tagged: c1} {
		n, err := m.Join(within(t, repaired), agent.gossip)
		require.NoError(t, err)
		require.Equal(t, 1, n)
	}
	for _, c := range []consul{c0, c1} {
		c.sees("bare", "alive", repaired)
		c.sees("tagged", "alive", repaired)
		assert.Equal(t, tagged.Addr().String(), c.members()["tagged"].Addr)
		assert.Equal(t, clientTags(someID), c.members()["tagged"].Tags)
		assert.Empty(t, c.members()["bare"].Tags)
	}
	for _, m := range []*live.Member{bare, tagged} {
		believes(t, m, "c0", "alive", repaired)
		believes(t, m, "c1", "alive", repaired)
		peer, _ := m.Lookup("c1")
		assert.Equal(t, "node", peer.Tags["role"])
		assert.Equal(t, c1.gossip, peer.Addr.String())
	}
	out, err := c1.run("members")
	require.NoError(t, err, out)
	kinds := map[string]string{}
	for line := range strings.Lines(out) {
		if f := strings.Fields(line); len(f) >= 4 {
			kinds[f[0]] = f[2] + " " + f[3]
		}
	}
	assert.Equal(t, "alive client", kinds["tagged"])
	assert.Equal(t, "alive unknown", kinds["bare"])
	c0.catalogs("tagged", "passing", repaired)
	c0.says("skipping reconcile of node", repaired)
	assert.Empty(t, c0.health("bare"))

	all := []*live.Subscription{bare.Subscribe(1024), tagged.Subscribe(1024)}
	out, err = c1.run("event", "-name=deploy", "v1")
	require.NoError(t, err, out)
	time.Sleep(soak(t, 25*time.Second))
	suspected := map[string]bool{}
	for _, s := range all {
		var heard []string
		for e := range drain(s) {
			switch e.Kind {
			case live.UserMessage:
				heard = append(heard, e.Member)
			case live.Suspected, live.Refuted: // a machine that is busy with other tests explains one
				t.Logf("in peace: %v", e)
				suspected[e.Member] = true
			case live.Failed, live.Left:
				t.Errorf("in peace: %v", e)
			}
		}
		assert.Equal(t, []string{"consul:event:deploy"}, heard)
		assert.Zero(t, s.Dropped())
	}
	assert.LessOrEqual(t, len(suspected), 1, "members suspected in peace")
	for _, c := range []consul{c0, c1} {
		assert.Len(t, c.members(), 4)
		for name, m := range c.members() {
			assert.Equal(t, "alive", m.Status, name)
		}
	}
	estimate, err := tagged.RTT("c0", "c1")
	require.NoError(t, err)
	assert.Less(t, estimate, time.Second, "they are on one machine")
	t.Logf("the agents are estimated to be %v apart", estimate)

	for _, m := range []*live.Member{bare, tagged} {
		require.NoError(t, m.Leave(within(t, repaired)))
		c0.sees(m.Name(), "left", repaired)
		c1.sees(m.Name(), "left", repaired)
	}
	c0.catalogs("tagged", "", repaired)
}

// Who falls silent is found out by either kind, and taken back, in the catalog, too.
func TestConsulAndItsMembersFindEachOtherFailed(t *testing.T) {
	p := program(t, "CONSUL", "consul")
	c0 := consulServer(t, p, "c0")
	c1 := consulClient(t, p, "c1", c0)
	cfg := ofConsul("ours", clientTags(someID))
	m := member(t, cfg)
	_, err := m.Join(within(t, repaired), c0.gossip)
	require.NoError(t, err)
	believes(t, m, "c1", "alive", repaired)
	c1.sees("ours", "alive", repaired)
	c0.catalogs("c1", "passing", repaired)
	c0.catalogs("ours", "passing", repaired)

	c1.signal(syscall.SIGSTOP)
	stopped := time.Now()
	believes(t, m, "c1", "failed", silent(cfg, 3))
	earliest, latest := window(cfg.Protocol, 3)
	t.Logf("declared failed %v after it was stopped; the formula gives %v to %v", time.Since(stopped), earliest, latest)
	c0.sees("c1", "failed", repaired)
	c0.catalogs("c1", "critical", repaired)
	c1.signal(syscall.SIGCONT)
	believes(t, m, "c1", "alive", repaired)
	c0.sees("c1", "alive", repaired)
	c0.catalogs("c1", "passing", repaired)
	c0.sees("ours", "alive", repaired)
	c1.sees("ours", "alive", repaired)

	m.Block()
	blocked := time.Now()
	c0.sees("ours", "failed", silent(cfg, 3))
	t.Logf("reported failed %v after it fell silent", time.Since(blocked))
	c1.sees("ours", "failed", repaired)
	c0.catalogs("ours", "critical", repaired)
	m.Unblock()
	c0.sees("ours", "alive", repaired)
	c1.sees("ours", "alive", repaired)
	c0.catalogs("ours", "passing", repaired)
}

// A pool that encrypts takes a member that has the key, and that alone, and lists and
// changes its keys.
func TestAMemberLivesAmongConsulAgentsThatEncrypt(t *testing.T) {
	const first, second = "JQDYbEGKRSbmb3mlmZ4b/JMgpjfrsAZnLc+aTAaVUjI=", key // of 32 and 16 bytes
	p := program(t, "CONSUL", "consul")
	c0 := consulServer(t, p, "c0", "-encrypt="+first)
	c1 := consulClient(t, p, "c1", c0, "-encrypt="+first)
	secret, err := wire.ParseKey(first)
	require.NoError(t, err)
	cfg := ofConsul("ours", clientTags(someID))
	cfg.Keys, err = wire.NewKeyring(secret)
	require.NoError(t, err)
	m := member(t, cfg)
	_, err = m.Join(within(t, repaired), c0.gossip)
	require.NoError(t, err)
	c0.catalogs("c1", "passing", repaired)
	c1.sees("ours", "alive", repaired)
	believes(t, m, "c1", "alive", repaired)

	_, err = member(t, ofConsul("plain", nil)).Join(within(t, time.Second), c0.gossip)
	require.Error(t, err)

	keyring := func(arg string) (out string) {
		t.Helper()
		var err error
		for range 20 { // a busy machine may be slower than Consul waits
			if out, err = c1.run("keyring", arg); err == nil {
				return strings.Join(strings.Fields(out), " ")
			}
		}
		require.NoError(t, err, "consul keyring %s: %s", arg, out)
		return out
	}
	assert.Contains(t, keyring("-list"), first+" [3/3]")
	keyring("-install=" + second)
	keyring("-use=" + second)
	keyring("-remove=" + first)
	list := keyring("-list")
	assert.Contains(t, list, second+" [3/3]")
	assert.NotContains(t, list, first)
	want, err := wire.ParseKey(second)
	require.NoError(t, err)
	assert.Equal(t, [][]byte{want}, cfg.Keys.Keys())

	time.Sleep(5 * time.Second)
	c0.sees("ours", "alive", repaired)
	believes(t, m, "c1", "alive", repaired)
	assert.NotContains(t, c0.members(), "plain", "without the key it is not let in")
	require.NoError(t, m.Leave(within(t, repaired)))
	c1.sees("ours", "left", repaired)
}

// An agent passes over a member that says that it is of another data centre, or has the
// agent's own ID. It does not tell: memberlist has answered with its list by then, and
// acks pings of anybody.
func TestConsulPassesOverMembersThatCannotBeItsOwn(t *testing.T) {
	p := program(t, "CONSUL", "consul")
	c0 := consulServer(t, p, "c0")
	c0.catalogs("c0", "passing", repaired)
	foreign, twin := clientTags(someID), clientTags(c0.members()["c0"].Tags["id"])
	foreign["dc"] = "dc2"
	for _, x := range []struct {
		name, why string
		tags      map[string]string
	}{
		{"foreign", "Member 'foreign' part of wrong datacenter 'dc2'", foreign},
		{"twin", "Member 'twin' has conflicting node ID", twin},
	} {
		m := member(t, ofConsul(x.name, x.tags))
		_, err := m.Join(within(t, repaired), c0.gossip)
		require.NoError(t, err)
		c0.says(x.why, repaired)
		time.Sleep(3 * time.Second)
		assert.NotContains(t, c0.members(), x.name)
		assert.Empty(t, c0.health(x.name))
		believes(t, m, "c0", "alive", repaired)

		// With the tags put right it is taken in.
		require.NoError(t, m.SetTags(clientTags(someID)))
		c0.sees(x.name, "alive", repaired)
		c0.catalogs(x.name, "passing", repaired)
		require.NoError(t, m.Leave(within(t, repaired)))
		c0.sees(x.name, "left", repaired)
	}
}

// The ID of another agent goes unnoticed by all but that one, which cannot join any more.
func TestACopiedIDKeepsAConsulAgentFromJoining(t *testing.T) {
	p := program(t, "CONSUL", "consul")
	c0 := consulServer(t, p, "c0")
	c1 := consulClient(t, p, "c1", c0)
	c0.sees("c1", "alive", repaired)
	m := member(t, ofConsul("twin", clientTags(c1.members()["c1"].Tags["id"])))
	_, err := m.Join(within(t, repaired), c0.gossip)
	require.NoError(t, err)
	c0.sees("twin", "alive", repaired)
	c1.says("ignoring alive message for 'twin'", repaired)
	assert.NotContains(t, c1.members(), "twin")
	out, err := c1.run("join", c0.gossip)
	require.Error(t, err)
	assert.Contains(t, out, "Member 'twin' has conflicting node ID")

	require.NoError(t, m.Leave(within(t, repaired)))
	c0.sees("twin", "left", repaired)
	out, err = c1.run("join", c0.gossip)
	require.NoError(t, err, out)
}
