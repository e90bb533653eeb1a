package loopback

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Cluster is a group of members on this machine, a process each.
type Cluster struct {
	// Members are the processes, those that have ended included, in the order in
	// which they were started. Add adds to them.
	Members []*Process

	command []string
	hear    func(member int, r Report)

	starting sync.Mutex // one process is started at a time, and none once closed
	closed   bool

	mu    sync.Mutex
	known []int // how many members each has last said to know
}

// Options say what cluster to start.
type Options struct {
	// Members is how many.
	Members int
	// Command starts a process that calls [Serve].
	Command []string
	// Settings are those of a member.
	Settings func(member int) Settings
	// Hear gets the members' reports; several at a time, but one of each member.
	Hear func(member int, r Report)
}

// Start starts a cluster's processes. They do not know each other yet. If one
// cannot be started, none is left.
func Start(ctx context.Context, o Options) (*Cluster, error) {
	c := &Cluster{Members: make([]*Process, 0, o.Members), command: o.Command, hear: o.Hear}
	for i := range o.Members {
		_, err := c.Add(o.Settings(i))
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			c.Close()
			return nil, err
		}
	}
	return c, nil
}

// Add starts one more member's process, which knows nobody yet. While Form runs it
// is not to be called.
func (c *Cluster) Add(s Settings) (*Process, error) {
	c.starting.Lock()
	defer c.starting.Unlock()
	if c.closed {
		return nil, errors.New("the cluster is closed")
	}
	i := len(c.Members)
	c.mu.Lock()
	c.known = append(c.known, 0)
	c.mu.Unlock()
	p, err := startProcess(c.command, s, func(r Report) { c.heard(i, r) })
	if err != nil {
		return nil, err
	}
	c.Members = append(c.Members, p)
	return p, nil
}

func (c *Cluster) heard(member int, r Report) {
	if r.Status != nil {
		c.mu.Lock()
		c.known[member] = r.Status.Known
		c.mu.Unlock()
	}
	c.hear(member, r)
}

// Form has all join through the first, and returns when every member knows every
// other. Whoever has yet to hear of somebody two seconds later asks again.
func (c *Cluster) Form(ctx context.Context, within time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	ask := func() {
		for i, p := range c.Members {
			if i > 0 && c.knows(i) < len(c.Members) {
				p.Tell(Command{Join: c.Members[0].Addr})
			}
		}
	}
	ask()
	again := time.NewTicker(2 * time.Second)
	defer again.Stop()
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			least, who := len(c.Members), 0
			for i := range c.Members {
				if n := c.knows(i); n < least {
					least, who = n, i
				}
			}
			return fmt.Errorf("the group has not formed: member %s knows %d of %d: %w", c.Members[who].Name, least, len(c.Members), ctx.Err())
		case <-again.C:
			ask()
		case <-look.C:
			whole := true
			for i, p := range c.Members {
				if c.knows(i) < len(c.Members) {
					whole = false
					p.Tell(Command{Status: true})
				}
			}
			if whole {
				return nil
			}
		}
	}
}

func (c *Cluster) knows(member int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.known[member]
}

// Close ends all processes: it closes their inputs, kills those that have not ended
// two seconds later, and returns when the last has ended.
func (c *Cluster) Close() {
	c.starting.Lock()
	defer c.starting.Unlock()
	c.closed = true
	for _, p := range c.Members {
		_ = p.in.Close()
	}
	deadline := time.After(2 * time.Second)
	for i, p := range c.Members {
		select {
		case <-p.exited:
			continue
		case <-deadline:
		}
		for _, left := range c.Members[i:] {
			_ = left.cmd.Process.Kill() // those that have ended do not mind
		}
		for _, left := range c.Members[i:] {
			<-left.exited
		}
		return
	}
}
