package sim

import (
	"time"

	"github.com/swimlab/swimlab/swim"
)

// hooks are what measures and traces listen to. Lists that nobody joined cost a
// length check.
type hooks struct {
	onSent     []func(now time.Duration, to uint32, s *slot)
	onLost     []func(now time.Duration, to uint32, s *slot, why string)
	onWaiting  []func(now time.Duration, at uint32, s *slot)
	onReceived []func(now time.Duration, by uint32, s *slot)
	onEvent    []func(now time.Duration, by uint32, e swim.Event)
	onFault    []func(now time.Duration, id uint32, what string)
	onCrash    []func(now time.Duration, id uint32)
	onLeave    []func(now time.Duration, id uint32)
	onJoin     []func(now time.Duration, id uint32)
	onHeld     []func(now time.Duration, id uint32)
	onStall    []func(now time.Duration, id uint32, stalled bool)
	onFreed    []func(now time.Duration, to uint32, s *slot)
}

// sent: the member s.from hands s to its network interface. to is Nobody for a multicast.
func (h *hooks) sent(now time.Duration, to uint32, s *slot) {
	for _, f := range h.onSent {
		f(now, to, s)
	}
}

// lost: s will not be read by to; why fits behind "was".
func (h *hooks) lost(now time.Duration, to uint32, s *slot, why string) {
	for _, f := range h.onLost {
		f(now, to, s, why)
	}
}

// waiting: s has arrived at a member that cannot read it now.
func (h *hooks) waiting(now time.Duration, at uint32, s *slot) {
	for _, f := range h.onWaiting {
		f(now, at, s)
	}
}

// received: by reads s, which has arrived and is not held back.
func (h *hooks) received(now time.Duration, by uint32, s *slot) {
	for _, f := range h.onReceived {
		f(now, by, s)
	}
}

// event: by has concluded something.
func (h *hooks) event(now time.Duration, by uint32, e swim.Event) {
	for _, f := range h.onEvent {
		f(now, by, e)
	}
}

// fault: the schedule has done something to a member; what is a sentence
// without its subject.
func (h *hooks) fault(now time.Duration, id uint32, what string) {
	for _, f := range h.onFault {
		f(now, id, what)
	}
}

// crashed: a running member's process has ended without a word.
func (h *hooks) crashed(now time.Duration, id uint32) {
	for _, f := range h.onCrash {
		f(now, id)
	}
}

// leaves: a running member is about to say goodbye.
func (h *hooks) leaves(now time.Duration, id uint32) {
	for _, f := range h.onLeave {
		f(now, id)
	}
}

// joins: a new process has asked to be let in.
func (h *hooks) joins(now time.Duration, id uint32) {
	for _, f := range h.onJoin {
		f(now, id)
	}
}

// heldBack: a member's messages begin to be held back.
func (h *hooks) heldBack(now time.Duration, id uint32) {
	for _, f := range h.onHeld {
		f(now, id)
	}
}

// stall: a member can no longer send and read, or can again.
func (h *hooks) stall(now time.Duration, id uint32, stalled bool) {
	for _, f := range h.onStall {
		f(now, id, stalled)
	}
}

// freed: s, which its sender held back, leaves for to.
func (h *hooks) freed(now time.Duration, to uint32, s *slot) {
	for _, f := range h.onFreed {
		f(now, to, s)
	}
}
