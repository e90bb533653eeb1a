//go:build linux

package loopback

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAQuotaHoldsAProcessUpAndIsGoneAfterwards(t *testing.T) {
	if err := quotasAvailable(); err != nil {
		t.Skipf("no quotas here: %v", err)
	}
	sleeper := exec.Command("/bin/sleep", "60")
	require.NoError(t, sleeper.Start())
	defer func() {
		_ = sleeper.Process.Kill()
		_ = sleeper.Wait()
	}()
	q, err := newQuota(sleeper.Process.Pid, 10*time.Millisecond, 90*time.Millisecond)
	require.NoError(t, err)
	defer q.end()
	throttled := func() int {
		text, err := os.ReadFile(filepath.Join(q.dir, "cpu.stat"))
		require.NoError(t, err)
		_, after, _ := strings.Cut(string(text), "nr_throttled ")
		n, err := strconv.Atoi(strings.Fields(after)[0])
		require.NoError(t, err)
		return n
	}
	require.Eventually(t, func() bool { return throttled() > 3 }, 30*time.Second, 10*time.Millisecond)
	members, err := os.ReadFile(filepath.Join(q.dir, "cgroup.procs"))
	require.NoError(t, err)
	assert.Contains(t, strings.Fields(string(members)), strconv.Itoa(sleeper.Process.Pid))
	q.end()
	assert.NoDirExists(t, q.dir)
	assert.NoError(t, sleeper.Process.Signal(syscall.Signal(0)), "it goes on")
}

func TestControlGroupsAreFoundInBothVersions(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
		return path
	}
	one := file("mounts1", "cgroup /c/cpu cgroup rw,cpu,cpuacct 0 0\ncgroup2 /c/unified cgroup2 rw 0 0\n")
	h, err := findHierarchy(one, file("member1", "3:cpu,cpuacct:/me\n0::/\n"))
	require.NoError(t, err)
	assert.Equal(t, hierarchy{"/c/cpu/me", 1}, h)

	file("v2/me/cgroup.controllers", "cpuset cpu io\n")
	two := file("mounts2", "cgroup2 "+dir+"/v2 cgroup2 rw 0 0\n")
	h, err = findHierarchy(two, file("member2", "0::/me\n"))
	require.NoError(t, err)
	assert.Equal(t, hierarchy{filepath.Join(dir, "v2/me"), 2}, h)

	file("v2/me/cgroup.controllers", "io\n")
	_, err = findHierarchy(two, filepath.Join(dir, "member2"))
	assert.ErrorContains(t, err, "no control groups for the processor")
}
