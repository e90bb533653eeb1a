package live_test

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// agent is a real program that runs in the test: Serf's, or Alertmanager.
type agent struct {
	t            *testing.T
	name         string
	gossip, ctrl string // addresses
	program      string
	cmd          *exec.Cmd
	log          string
}

// program finds one of the programs that tests are run against, and skips the test
// where it is not.
func program(t *testing.T, env string, names ...string) string {
	t.Helper()
	if p := os.Getenv(env); p != "" {
		return p
	}
	for _, name := range names {
		if p, err := exec.LookPath(name); err == nil {
			return p
		}
	}
	t.Skipf("no %s on PATH and $%s is not set: nothing to be interoperable with", strings.Join(names, " or "), env)
	return ""
}

// freePort is one of 127.0.0.1's that is free for datagrams and streams.
func freePort(t *testing.T) int {
	t.Helper()
	return freePortAt(t, net.IPv4(127, 0, 0, 1))
}

// nextPort is where the next port is looked for. The programs of these tests bind some time
// after it has been found free. So it is none that a system gives away when port 0 is
// asked for, as tests that run beside these do, and each process begins elsewhere.
var nextPort = firstPort + uint32(os.Getpid()*97)%portRange

const (
	firstPort = 10000 // most systems give away those from 32768 on, some from 49152
	portRange = 20000
)

func freePortAt(t *testing.T, ip net.IP) int {
	t.Helper()
	for range 1000 {
		port := int(firstPort + (atomic.AddUint32(&nextPort, 1)-firstPort)%portRange)
		l, err := net.Listen("tcp", net.JoinHostPort(ip.String(), strconv.Itoa(port)))
		if err != nil {
			continue
		}
		u, err := net.ListenUDP("udp", &net.UDPAddr{IP: ip, Port: port})
		require.NoError(t, l.Close())
		if err == nil {
			require.NoError(t, u.Close())
			return port
		}
	}
	t.Fatal("no port is free for datagrams and streams")
	return 0
}

func loopback(port int) string { return "127.0.0.1:" + strconv.Itoa(port) }

// start runs a program until the end of the test, whatever happens.
func (a *agent) start(args ...string) {
	a.t.Helper()
	log, err := os.Create(filepath.Join(a.t.TempDir(), a.name+".log"))
	require.NoError(a.t, err)
	a.log = log.Name()
	a.cmd = exec.Command(a.program, args...)
	a.cmd.Stdout, a.cmd.Stderr = log, log
	a.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	require.NoError(a.t, a.cmd.Start())
	a.t.Cleanup(func() {
		_ = a.cmd.Process.Signal(syscall.SIGCONT)
		_ = a.cmd.Process.Kill()
		_ = a.cmd.Wait()
		_ = log.Close()
		if a.t.Failed() {
			b, _ := os.ReadFile(a.log)
			a.t.Logf("log of %s:\n%s", a.name, tail(string(b), 60))
		}
	})
	require.Eventually(a.t, func() bool {
		c, err := net.Dial("tcp", a.gossip)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	}, repaired, 50*time.Millisecond, "%s does not listen at %s", a.name, a.gossip)
}

func tail(s string, n int) string {
	lines := strings.Split(s, "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

func (a *agent) signal(s syscall.Signal) {
	a.t.Helper()
	require.NoError(a.t, a.cmd.Process.Signal(s))
}

// serf starts a Serf agent, joined to another unless that is nil.
func serf(t *testing.T, program, name string, join *agent, more ...string) *agent {
	t.Helper()
	return serfAt(t, program, name, loopback(freePort(t)), join, more...)
}

// serfAt starts a Serf agent at an address.
func serfAt(t *testing.T, program, name, gossip string, join *agent, more ...string) *agent {
	t.Helper()
	a := &agent{t: t, name: name, program: program, gossip: gossip, ctrl: loopback(freePort(t))}
	args := append([]string{
		"agent", "-node=" + name, "-bind=" + a.gossip, "-rpc-addr=" + a.ctrl,
		"-profile=lan", "-log-level=debug", "-tag", "role=" + name,
	}, more...)
	if join != nil {
		args = append(args, "-join="+join.gossip)
	}
	a.start(args...)
	return a
}

// seen is a member as an agent's user sees it.
type seen struct {
	Name, Addr, Status string
	Tags               map[string]string
}

// members is what the agent lists.
func (a *agent) members() map[string]seen {
	out, err := exec.Command(a.program, "members", "-rpc-addr="+a.ctrl, "-format=json").Output()
	if err != nil {
		return nil
	}
	var list struct{ Members []seen }
	if json.Unmarshal(out, &list) != nil {
		return nil
	}
	all := map[string]seen{}
	for _, m := range list.Members {
		all[m.Name] = m
	}
	return all
}

// sees waits until the agent lists a member in a state.
func (a *agent) sees(name, status string, within time.Duration) {
	a.t.Helper()
	require.Eventually(a.t, func() bool { return a.members()[name].Status == status }, within, 100*time.Millisecond,
		"%s does not list %s as %s; it lists %v", a.name, name, status, lazily(func() any { return a.members() }))
}

// lazily puts off what is only printed.
type lazily func() any

func (f lazily) String() string { return fmt.Sprint(f()) }

// rtt is what Serf estimates between two members.
func (a *agent) rtt(one, other string) (time.Duration, error) {
	out, err := exec.Command(a.program, "rtt", "-rpc-addr="+a.ctrl, one, other).CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("%w: %s", err, out)
	}
	_, after, _ := strings.Cut(string(out), "rtt: ")
	ms, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(after), " ms"), 64)
	return time.Duration(ms * 1e6), err
}
