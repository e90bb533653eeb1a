//go:build unix

package loopback_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/experiments/loopback"
	"github.com/swimlab/swimlab/experiments/sim"
	"github.com/swimlab/swimlab/experiments/trial"
)

// The processes of these tests are this very program: as a member, or as a parent
// that is killed.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 {
		switch os.Args[1] {
		case "member":
			if loopback.Serve(os.Stdin, os.Stdout) != nil {
				os.Exit(1)
			}
			return
		case "parent":
			parent()
			return
		}
	}
	os.Exit(m.Run())
}

func settings(i int) loopback.Settings {
	return loopback.Settings{Name: fmt.Sprintf("member-%d", i), Bind: "127.0.0.1:0", Family: "serf", Every: 200 * time.Millisecond}
}

// parent starts three members, stops one, kills one and has another in its place,
// tells the numbers of those that run and waits to be killed.
func parent() {
	command, _ := loopback.Itself()
	c, err := loopback.Start(context.Background(), loopback.Options{Members: 3, Command: command, Settings: settings, Hear: func(int, loopback.Report) {}})
	if err != nil {
		os.Exit(1)
	}
	c.Members[1].Kill()
	if _, err := c.Add(settings(3)); err != nil {
		os.Exit(1)
	}
	_ = c.Members[2].Stop()
	for _, i := range []int{0, 3, 2} {
		fmt.Print(c.Members[i].Pid(), " ")
	}
	fmt.Println()
	time.Sleep(time.Minute)
}

func TestAKilledParentLeavesNoProcessBehind(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(self, "parent")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	pids := strings.Fields(line)
	require.Len(t, pids, 3)
	for _, pid := range pids {
		assert.True(t, runs(t, pid))
	}
	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait()
	for _, pid := range pids {
		assert.Eventually(t, func() bool { return !runs(t, pid) }, time.Minute, 20*time.Millisecond, "process %s, the last of which was stopped", pid)
	}
}

// runs says whether a process does, and is not merely waiting to be buried.
func runs(t *testing.T, pid string) bool {
	n, err := strconv.Atoi(pid)
	require.NoError(t, err)
	if syscall.Kill(n, 0) != nil {
		return false
	}
	stat, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(rest, "Z")
}

func TestAMemberThatCannotStartSaysWhyAndNoneIsLeft(t *testing.T) {
	command, err := loopback.Itself()
	require.NoError(t, err)
	_, err = loopback.Start(context.Background(), loopback.Options{Members: 2, Command: command, Hear: func(int, loopback.Report) {}, Settings: func(i int) loopback.Settings {
		s := settings(i)
		if i == 1 {
			s.Bind = "127.0.0.1:http-ish"
		}
		return s
	}})
	assert.ErrorContains(t, err, "member member-1: ")
}

func world() *loopback.World {
	return &loopback.World{Simulation: sim.NewWorld(func(string) (sim.RTTs, error) { return nil, os.ErrNotExist })}
}

// spec is a group of six with protocol periods short enough for a test.
func spec(faults ...any) trial.Spec {
	return trial.Spec{
		World: "loopback", Seed: 1, Faults: faults,
		System: map[string]any{
			"protocol": "swim", "preset": "deployed", "members": 6, "protocol_period": "300ms", "ping_timeout": "150ms",
			"wire": map[string]any{"codec": "memberlist", "name_bytes": 8},
		},
		Network: map[string]any{"latency": "1ms"},
		Run:     map[string]any{"duration": "20s"},
		Measure: []string{"false_positives", "first_detection", "removal", "undetected", "messages_sent", "bytes_sent"},
	}
}

func TestAKilledMemberIsDetectedAndRemoved(t *testing.T) {
	if testing.Short() {
		t.Skip("real time")
	}
	s := spec(map[string]any{"at": "1s", "crash": map[string]any{"members": 1}})
	s.Run["stop_when"], s.Run["duration"] = "removed", "5m"
	began := time.Now()
	seen, err := world().Run(context.Background(), s)
	require.NoError(t, err)
	t.Log(seen.Samples)
	assert.Less(t, time.Since(began), 5*time.Minute, "it stops when there is no more to see")
	assert.Equal(t, []float64{0}, seen.Samples["undetected"])
	require.Len(t, seen.Samples["removal"], 1)
	assert.Greater(t, seen.Samples["removal"][0], seen.Samples["first_detection"][0])
	assert.Greater(t, seen.Samples["messages_sent"][0], 20.0)
	assert.Greater(t, seen.Samples["bytes_sent"][0], 10*seen.Samples["messages_sent"][0])
}

func TestEveryFaultCanHappen(t *testing.T) {
	if testing.Short() {
		t.Skip("real time")
	}
	s := spec(
		map[string]any{"at": "500ms", "pause": map[string]any{"members": 1, "for": "4500ms"}}, // of 2n−1 periods, 3.3 s, in which it is probed
		map[string]any{"at": "500ms", "loss": map[string]any{"members": 1, "rate": "20%", "direction": "both"}},
		map[string]any{"at": "500ms", "slow": map[string]any{"members": 1, "blocked": "200ms", "normal": "10ms", "for": "2s"}},
		map[string]any{"at": "1s", "leave": map[string]any{"members": 1}},
	)
	s.Run["duration"] = "7s"
	s.Measure = append(s.Measure, "infection_latency", "anomaly_detected", "refutations")
	seen, err := world().Run(context.Background(), s)
	require.NoError(t, err)
	t.Log(seen.Samples)
	assert.NotEmpty(t, seen.Samples["infection_latency"], "the goodbye is heard")
	assert.Len(t, seen.Samples["anomaly_detected"], 1)
	assert.GreaterOrEqual(t, seen.Samples["refutations"][0], 1.0, "whoever was stopped refutes")
}

func TestMembersComeLateAndComeBack(t *testing.T) {
	if testing.Short() {
		t.Skip("real time")
	}
	s := spec(
		map[string]any{"at": "500ms", "crash": map[string]any{"ids": []any{5}}},
		map[string]any{"at": "1s", "join": map[string]any{"members": 2, "every": "100ms"}},
		map[string]any{"at": "2s", "restart": map[string]any{"members": 1}},
		map[string]any{"at": "5s", "leave": map[string]any{"ids": []any{0}}},
	)
	s.Run["duration"] = "9s"
	s.System["push_pull_interval"] = "500ms" // mends what gossip misses once in a while
	s.Measure = append(s.Measure, "sent_mean")
	seen, err := world().Run(context.Background(), s)
	require.NoError(t, err)
	t.Log(seen.Samples)
	assert.Equal(t, []float64{0}, seen.Samples["undetected"])
	require.Len(t, seen.Samples["sent_mean"], 1)
	assert.Greater(t, seen.Samples["sent_mean"][0], 1.0)

	s.Faults, s.Measure = []any{s.Faults[1], s.Faults[3]}, []string{"infection_latency", "infection_missed"} // without the crash, and so nobody to restart
	seen, err = world().Run(context.Background(), s)
	require.NoError(t, err)
	t.Log(seen.Samples)
	assert.GreaterOrEqual(t, len(seen.Samples["infection_latency"]), 5+1, "those who came late hear the goodbye, too")
	assert.LessOrEqual(t, seen.Samples["infection_missed"][0], 1.0)
}

func TestAPartitionedMinorityIsDeclaredFaulty(t *testing.T) {
	if testing.Short() {
		t.Skip("real time")
	}
	s := spec(
		map[string]any{"at": "500ms", "partition": map[string]any{"members": 2}},
		map[string]any{"at": "2s", "join": map[string]any{"members": 1}},
	)
	s.Run["duration"] = "12s"
	seen, err := world().Run(context.Background(), s)
	require.NoError(t, err)
	t.Log(seen.Samples)
	// The two hold the other four for faulty, who are not; nobody touched holds one for it.
	assert.GreaterOrEqual(t, seen.Samples["false_positives"][0], 8.0)
	s.Faults = []any{map[string]any{"at": "500ms", "partition": map[string]any{"members": 2, "for": "300ms"}}}
	s.Run["duration"] = "4s"
	seen, err = world().Run(context.Background(), s)
	require.NoError(t, err)
	t.Log(seen.Samples)
	assert.Less(t, seen.Samples["false_positives"][0], 8.0, "it was over before")
}

// Random times have the process stopped, constant ones put it under a quota.
func TestAMemberIsShortOfProcessorTime(t *testing.T) {
	if testing.Short() {
		t.Skip("real time")
	}
	s := spec(map[string]any{"at": "500ms", "cpu_exhaustion": map[string]any{
		"members": 2, "run": map[string]any{"uniform": []any{"10ms", "50ms"}}, "stall": map[string]any{"uniform": []any{"3s", "4s"}}, "for": "7s",
	}})
	s.Run["duration"] = "9s"
	s.Measure = append(s.Measure, "probe_failures", "refutations")
	seen, err := world().Run(context.Background(), s)
	require.NoError(t, err)
	t.Log(seen.Samples)
	assert.GreaterOrEqual(t, seen.Samples["refutations"][0], 1.0, "whoever was stopped for so long was suspected")

	s.Faults = []any{map[string]any{"at": "500ms", "cpu_exhaustion": map[string]any{"members": 2, "run": "5ms", "stall": "495ms", "for": "4s"}}}
	s.Run["duration"] = "6s"
	seen, err = world().Run(context.Background(), s)
	if err != nil {
		var blamed *trial.KeyError
		require.ErrorAs(t, err, &blamed)
		assert.Equal(t, "faults.0.cpu_exhaustion", blamed.Key)
		t.Skipf("no quotas here: %v", err)
	}
	t.Log(seen.Samples)
}

func TestATrialEndsWithItsContext(t *testing.T) {
	if testing.Short() {
		t.Skip("real time")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_, err := world().Run(ctx, spec())
	assert.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestWhatProcessesCannotDoIsRefusedByKey(t *testing.T) {
	for _, c := range []struct {
		change func(s *trial.Spec)
		key    string
	}{
		{func(s *trial.Spec) { s.System["preset"] = "paper" }, "system.order"},
		{func(s *trial.Spec) { s.System["members"] = 1000 }, "system.members"},
		{func(s *trial.Spec) { s.Network["latency"] = map[string]any{"exponential": "1ms"} }, "network.latency"},
		{func(s *trial.Spec) { s.Network["duplicate"] = 0.1 }, "network.duplicate"},
		{func(s *trial.Spec) { s.Measure = []string{"suspicion_time"} }, "measure.0"},
		{func(s *trial.Spec) {
			s.Faults = []any{map[string]any{"at": "1s", "one_way": map[string]any{"from": map[string]any{"members": 1}, "to": map[string]any{"members": 1}}}}
		}, "faults.0.one_way"},
		{func(s *trial.Spec) {
			s.Faults = []any{map[string]any{"at": "1s", "loss": map[string]any{"members": 1, "rate": "100%"}}}
		}, "faults.0.loss.rate"},
		{func(s *trial.Spec) {
			s.Faults = []any{map[string]any{"at": "1s", "cpu_exhaustion": map[string]any{"members": 1, "run": "1s", "stall": "1s", "for": "9s"}}}
		}, "faults.0.cpu_exhaustion"},
		{func(s *trial.Spec) {
			s.Faults = []any{map[string]any{"at": "1s", "cpu_exhaustion": map[string]any{"members": 1, "run": "1ms", "stall": "9ms", "for": "9s", "backlog": 5}}}
		}, "faults.0.cpu_exhaustion.backlog"},
		{func(s *trial.Spec) {
			s.Faults = []any{map[string]any{"at": "1s", "join": map[string]any{"members": 507}}}
		}, "system.members"},
	} {
		s := spec()
		c.change(&s)
		var blamed *trial.KeyError
		require.ErrorAs(t, world().Check(s), &blamed)
		assert.Equal(t, c.key, blamed.Key)
	}
	assert.NoError(t, world().Check(spec()))
}
