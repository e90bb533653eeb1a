package virtual

import "sync"

// gate is what a member's messages pass on their way out and in. Shut, it holds
// up whoever wants to pass: a goroutine of the library that wants to send waits
// at it, and does nothing else meanwhile.
type gate struct {
	mu      sync.Mutex
	shut    int           // how many faults shut it now
	opened  chan struct{} // closed when the last of them ends
	removed chan struct{} // closed when the member has ended: then nothing passes
}

func newGate() *gate { return &gate{removed: make(chan struct{})} }

func (g *gate) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut == 0 {
		g.opened = make(chan struct{})
	}
	g.shut++
}

func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut--
	if g.shut == 0 {
		close(g.opened)
	}
}

// remove ends all waiting for good.
func (g *gate) remove() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.isRemoved() {
		close(g.removed)
	}
}

func (g *gate) isRemoved() bool {
	select {
	case <-g.removed:
		return true
	default:
		return false
	}
}

// pass waits until the gate is open; false if the member has ended.
func (g *gate) pass() bool {
	for {
		g.mu.Lock()
		opened, shut := g.opened, g.shut > 0
		g.mu.Unlock()
		if !shut {
			return !g.isRemoved()
		}
		select {
		case <-opened:
		case <-g.removed:
			return false
		}
	}
}
