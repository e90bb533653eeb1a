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

// A control group file system of version 2, as far as files can stand for it: what is
// written to them is what the kernel would be told.
func TestAQuotaIsWrittenAsVersion2WantsIt(t *testing.T) {
	own := t.TempDir()
	h := hierarchy{own, 2}
	text := func(parts ...string) string {
		b, err := os.ReadFile(filepath.Join(parts...))
		require.NoError(t, err)
		return string(b)
	}
	dir, err := h.make(5*time.Millisecond, 495*time.Millisecond)
	require.NoError(t, err)
	assert.Equal(t, own, filepath.Dir(dir))
	assert.True(t, strings.HasPrefix(filepath.Base(dir), quotaPrefix+strconv.Itoa(os.Getpid())+"-"), dir)
	assert.Equal(t, "+cpu", text(own, "cgroup.subtree_control"), "children get the controller")
	assert.Equal(t, "5000 500000", text(dir, "cpu.max"), "quota and period in µs")
	require.NoError(t, move(4711, dir))
	assert.Equal(t, "4711", text(dir, "cgroup.procs"))

	other, err := h.make(10*time.Millisecond, 90*time.Millisecond)
	require.NoError(t, err)
	assert.NotEqual(t, dir, other)

	// In version 1 the two numbers have a file each.
	v1 := t.TempDir()
	dir, err = hierarchy{v1, 1}.make(5*time.Millisecond, 495*time.Millisecond)
	require.NoError(t, err)
	assert.Equal(t, "5000", text(dir, "cpu.cfs_quota_us"))
	assert.Equal(t, "500000", text(dir, "cpu.cfs_period_us"))
	assert.NoFileExists(t, filepath.Join(v1, "cgroup.subtree_control"))
}

// The kernel lets no group with processes of its own hand a controller on, but the root.
func TestAControlGroupThatHandsNothingOnIsNamedAndLeftAsItWas(t *testing.T) {
	own := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(own, "cgroup.subtree_control"), 0o755)) // what cannot be written to, by root neither
	_, err := hierarchy{own, 2}.make(10*time.Millisecond, 90*time.Millisecond)
	assert.ErrorContains(t, err, "the control group "+own+" does not hand the controller cpu on")
	left, err := filepath.Glob(filepath.Join(own, quotaPrefix+"*"))
	require.NoError(t, err)
	assert.Empty(t, left)

	_, err = hierarchy{filepath.Join(own, "none"), 2}.make(10*time.Millisecond, 90*time.Millisecond)
	assert.ErrorContains(t, err, "no control group can be made")
}

// What a killed process left is removed by the next, and what a living one has is not.
func TestGroupsOfThoseThatWereKilledAreSwept(t *testing.T) {
	over := exec.Command("/bin/true")
	require.NoError(t, over.Run())
	h := hierarchy{t.TempDir(), 2}
	dead := filepath.Join(h.own, quotaPrefix+strconv.Itoa(over.Process.Pid)+"-1")
	living := filepath.Join(h.own, quotaPrefix+strconv.Itoa(os.Getpid())+"-0")
	others := filepath.Join(h.own, "user.slice")
	for _, dir := range []string{dead, living, others} {
		require.NoError(t, os.Mkdir(dir, 0o755))
	}
	_, err := h.make(10*time.Millisecond, 90*time.Millisecond)
	require.NoError(t, err)
	assert.NoDirExists(t, dead)
	assert.DirExists(t, living)
	assert.DirExists(t, others)
}
