//go:build unix

package loopback

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func stop(p *os.Process) error   { return p.Signal(syscall.SIGSTOP) }
func resume(p *os.Process) error { return p.Signal(syscall.SIGCONT) }

// usage is this process's processor time, and its resident memory, without what it
// shares with others such as the program itself, where the system tells of it as
// Linux does.
func usage() (cpu time.Duration, memory uint64) {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) == nil {
		cpu = time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	if text, err := os.ReadFile("/proc/self/statm"); err == nil {
		if fields := strings.Fields(string(text)); len(fields) > 2 {
			pages, _ := strconv.ParseUint(fields[1], 10, 64)
			shared, _ := strconv.ParseUint(fields[2], 10, 64)
			memory = (pages - shared) * uint64(os.Getpagesize())
		}
	}
	return cpu, memory
}
