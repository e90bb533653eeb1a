package loopback

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"time"
)

// Process is a member's process, as its parent sees it.
type Process struct {
	Name, Addr string

	cmd        *exec.Cmd
	exited     chan struct{} // closed when it has ended and all that it wrote is heard
	complaints bytes.Buffer  // its standard error

	mu sync.Mutex // guards in
	in io.WriteCloser
}

// readyWithin is how long a process may take to listen, on a machine that is busy.
const readyWithin = 30 * time.Second

// startProcess starts a member's process, by the command that ends in [Serve]. hear gets
// its reports, one at a time.
func startProcess(command []string, s Settings, hear func(Report)) (*Process, error) {
	p := &Process{Name: s.Name, exited: make(chan struct{})}
	p.cmd = exec.Command(command[0], command[1:]...)
	p.cmd.Env = append(os.Environ(), "GOMAXPROCS=1") // a member is hardly ever busy
	p.cmd.SysProcAttr = attributes()
	p.cmd.Stderr = &p.complaints
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := fork(p.cmd); err != nil {
		return nil, err
	}
	ready := make(chan Report, 1)
	go func() {
		defer close(p.exited)
		listen(out, ready, hear)
		_ = p.cmd.Wait() // how a member ends is its own affair
	}()
	p.tell(s)
	select {
	case r := <-ready:
		if r.Error != "" {
			p.Kill()
			return nil, fmt.Errorf("member %s: %s", s.Name, r.Error)
		}
		p.Addr = r.Ready
		return p, nil
	case <-p.exited:
		return nil, fmt.Errorf("member %s ended before it was ready: %v: %s", s.Name, p.cmd.ProcessState, p.Complaints())
	case <-time.After(readyWithin):
		p.Kill()
		return nil, fmt.Errorf("member %s was not ready within %v", s.Name, readyWithin)
	}
}

// listen hears a process out. The first report says whether it is ready.
func listen(out io.Reader, ready chan<- Report, hear func(Report)) {
	reports := json.NewDecoder(bufio.NewReader(out))
	for first := true; ; first = false {
		var r Report
		if reports.Decode(&r) != nil {
			return // its end, or half a line before that
		}
		if first {
			ready <- r
			continue
		}
		hear(r)
	}
}

// fork starts commands on one thread that lives as long as this process: the kernel
// takes the end of the thread that started a process for its parent's.
func fork(cmd *exec.Cmd) error {
	forks.Do(func() {
		go func() {
			runtime.LockOSThread()
			for f := range toFork {
				f.done <- f.cmd.Start()
			}
		}()
	})
	f := forking{cmd, make(chan error, 1)}
	toFork <- f
	return <-f.done
}

type forking struct {
	cmd  *exec.Cmd
	done chan error
}

var (
	forks  sync.Once
	toFork = make(chan forking)
)

// Tell sends the process a command. One that has ended does not hear it.
func (p *Process) Tell(c Command) { p.tell(c) }

func (p *Process) tell(line any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = json.NewEncoder(p.in).Encode(line)
}

// Kill ends the process at once, and returns when it has.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill()
	<-p.exited
}

// Stop stops the process in its tracks, and Resume has it go on.
func (p *Process) Stop() error { return ended(stop(p.cmd.Process)) }

// Resume has a stopped process go on.
func (p *Process) Resume() error { return ended(resume(p.cmd.Process)) }

func ended(err error) error {
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}

// Pid is the process's number.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Exited is closed when the process has ended.
func (p *Process) Exited() <-chan struct{} { return p.exited }

// Complaints is what the process wrote to its standard error, once it has ended.
func (p *Process) Complaints() string { return strings.TrimSpace(p.complaints.String()) }
