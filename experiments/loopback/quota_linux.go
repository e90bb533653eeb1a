package loopback

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// quota is a control group of one member's process and a busy one, which together
// have the processor for a part of each period.
type quota struct {
	hierarchy
	dir  string
	busy *exec.Cmd
	once sync.Once
}

// hierarchy is where control groups for the processor are made: below this process's
// own, in version 2 of them or 1.
type hierarchy struct {
	own     string
	version int
}

// findHierarchy finds it. The tests replace the two files.
func findHierarchy(mounts, memberships string) (hierarchy, error) {
	mounted, err := os.ReadFile(mounts)
	if err != nil {
		return hierarchy{}, err
	}
	member, err := os.ReadFile(memberships)
	if err != nil {
		return hierarchy{}, err
	}
	var found hierarchy
	lines := bufio.NewScanner(strings.NewReader(string(mounted)))
	for lines.Scan() {
		fields := strings.Fields(lines.Text()) // device, place, type, options
		if len(fields) < 4 {
			continue
		}
		place, kind, options := fields[1], fields[2], strings.Split(fields[3], ",")
		switch {
		case kind == "cgroup" && contains(options, "cpu"):
			return hierarchy{filepath.Join(place, membership(string(member), "cpu")), 1}, nil
		case kind == "cgroup2":
			own := filepath.Join(place, membership(string(member), ""))
			controllers, err := os.ReadFile(filepath.Join(own, "cgroup.controllers"))
			if err == nil && contains(strings.Fields(string(controllers)), "cpu") {
				found = hierarchy{own, 2}
			}
		}
	}
	if found.own == "" {
		return found, errors.New("no control groups for the processor are mounted: no cgroup file system has the controller cpu")
	}
	return found, nil
}

func contains(all []string, one string) bool {
	for _, x := range all {
		if x == one {
			return true
		}
	}
	return false
}

// membership is the path of this process's group in the hierarchy that has a
// controller; the empty one is version 2's.
func membership(text, controller string) string {
	for _, line := range strings.Split(text, "\n") {
		parts := strings.SplitN(line, ":", 3)
		if len(parts) == 3 && (parts[1] == controller || controller != "" && contains(strings.Split(parts[1], ","), controller)) {
			return parts[2]
		}
	}
	return "/"
}

// quotasAvailable says why there can be no quotas, if there cannot.
func quotasAvailable() error {
	h, err := findHierarchy("/proc/self/mounts", "/proc/self/cgroup")
	if err != nil {
		return err
	}
	dir, err := h.make(10*time.Millisecond, 90*time.Millisecond)
	if err != nil {
		return err
	}
	return os.Remove(dir)
}

var quotasMade atomic.Int64

const quotaPrefix = "swimlab-"

// make makes a control group with a quota of run in each period of run and stall.
func (h hierarchy) make(run, stall time.Duration) (dir string, err error) {
	h.sweep()
	dir = filepath.Join(h.own, fmt.Sprintf("%s%d-%d", quotaPrefix, os.Getpid(), quotasMade.Add(1)))
	if err := os.Mkdir(dir, 0o755); err != nil {
		return "", fmt.Errorf("no control group can be made: %w", err)
	}
	made := dir
	defer func() {
		if err != nil {
			_ = os.Remove(made)
		}
	}()
	micros := func(d time.Duration) string { return strconv.FormatInt(d.Microseconds(), 10) }
	if h.version == 2 {
		// A group whose processes are its own can hand no controller to its children.
		if err := os.WriteFile(filepath.Join(h.own, "cgroup.subtree_control"), []byte("+cpu"), 0o644); err != nil {
			return "", fmt.Errorf("the control group %s does not hand the controller cpu on: %w", h.own, err)
		}
		return dir, os.WriteFile(filepath.Join(dir, "cpu.max"), []byte(micros(run)+" "+micros(run+stall)), 0o644)
	}
	if err := os.WriteFile(filepath.Join(dir, "cpu.cfs_period_us"), []byte(micros(run+stall)), 0o644); err != nil {
		return "", err
	}
	return dir, os.WriteFile(filepath.Join(dir, "cpu.cfs_quota_us"), []byte(micros(run)), 0o644)
}

// sweep removes the groups of those that were killed before they could.
func (h hierarchy) sweep() {
	old, _ := filepath.Glob(filepath.Join(h.own, quotaPrefix+"*-*"))
	for _, dir := range old {
		pid, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), quotaPrefix), "-")
		if n, err := strconv.Atoi(pid); err == nil && errors.Is(syscall.Kill(n, 0), syscall.ESRCH) {
			_ = os.Remove(dir) // one that still has processes stays
		}
	}
}

// newQuota has a process run for run and stall for stall by turns.
func newQuota(pid int, run, stall time.Duration) (*quota, error) {
	h, err := findHierarchy("/proc/self/mounts", "/proc/self/cgroup")
	if err != nil {
		return nil, err
	}
	dir, err := h.make(run, stall)
	if err != nil {
		return nil, err
	}
	q := &quota{hierarchy: h, dir: dir, busy: exec.Command("/bin/sh", "-c", "while :; do :; done")}
	q.busy.SysProcAttr = attributes() // it ends with this process
	if err := fork(q.busy); err != nil {
		_ = os.Remove(dir)
		return nil, err
	}
	for _, p := range []int{pid, q.busy.Process.Pid} {
		if err := move(p, dir); err != nil {
			q.end()
			return nil, err
		}
	}
	return q, nil
}

// move moves a process into a control group.
func move(pid int, dir string) error {
	return os.WriteFile(filepath.Join(dir, "cgroup.procs"), []byte(strconv.Itoa(pid)), 0o644)
}

// end gives the process the processor again.
func (q *quota) end() {
	q.once.Do(func() {
		_ = q.busy.Process.Kill()
		_ = q.busy.Wait()
		procs, _ := os.ReadFile(filepath.Join(q.dir, "cgroup.procs"))
		for _, p := range strings.Fields(string(procs)) {
			if pid, err := strconv.Atoi(p); err == nil {
				_ = move(pid, q.own) // one that has ended is in none
			}
		}
		_ = os.Remove(q.dir)
	})
}
