package loopback

import (
	"time"

	"github.com/swimlab/swimlab/lifeguard"
	"github.com/swimlab/swimlab/swim"
)

// Settings is the first line that a member's process reads.
type Settings struct {
	Name string
	// Bind is "ip:port"; port 0 is any.
	Bind   string
	Family string
	// Meta is how many bytes of metadata it has; in families with tags, about so many.
	Meta int
	// Protocol and Lifeguard are the profile's of a local network unless given.
	Protocol  *swim.Config      `json:",omitempty"`
	Lifeguard *lifeguard.Config `json:",omitempty"`
	// PacketBytes and StreamTimeout are the profile's if 0.
	PacketBytes   int
	StreamTimeout time.Duration
	// AsPublished leaves out what the papers do not have: doubts of one's own
	// health at the start and after waking late.
	AsPublished bool
	// MaxNames and ReclaimAfter are the profile's if 0: how many names it keeps, and
	// when one that was declared faulty may come back at another address.
	MaxNames     int
	ReclaimAfter time.Duration
	Seed         uint64
	Faults       Faults
	// Every is how often it reports its status unasked.
	Every time.Duration
}

// Faults are [live.Faults] on their way between two processes.
type Faults struct {
	LossOut, LossIn float64
	Delay, Jitter   time.Duration
	// Cut are the addresses with which nothing is exchanged, streams included.
	Cut []string `json:",omitempty"`
}

// Command is every other line that it reads: one of its fields.
type Command struct {
	Join    string  `json:",omitempty"` // the address of a member
	Leave   bool    `json:",omitempty"`
	Blocks  *Blocks `json:",omitempty"`
	Faults  *Faults `json:",omitempty"`
	Status  bool    `json:",omitempty"` // report it now
	Collect bool    `json:",omitempty"` // report it once garbage has been collected
}

// Blocks has a member's messages be blocked for Blocked and let through for Normal by
// turns, from an instant of the machine's clock, in nanoseconds, on, for For. The
// member keeps the time itself: a command would come late on a busy machine.
type Blocks struct {
	Start                int64
	Blocked, Normal, For time.Duration
}

// Report is a line that a member's process writes: one of its fields.
type Report struct {
	Ready  string  `json:",omitempty"` // it listens at this address
	Error  string  `json:",omitempty"`
	Event  *Event  `json:",omitempty"`
	Status *Status `json:",omitempty"`
	Left   bool    `json:",omitempty"` // it has said goodbye
}

// Event is a [live.Event] and its instant, in nanoseconds of the machine's clock.
type Event struct {
	At         int64
	Kind       string
	Member, By string
	Text       string
}

// Status is how a member is.
type Status struct {
	At              int64 // nanoseconds of the machine's clock
	Known           int   // members alive or suspected, itself included
	Health          int
	Incarnation     uint32
	Suspected       uint64 // suspicions that it began or heard of
	FalsePositives  uint64
	CoordinateError float64
	RTT             time.Duration // the median of the last round trips to others
	Messages, Bytes uint64        // sent so far, streams' included
	Dropped         uint64        // events that it could not report
	CPU             time.Duration
	Memory          uint64 // resident bytes of its own; 0 where that is not known
	Heap            uint64 // bytes in use on the heap, garbage included
	Routines        int    // goroutines
	Late            uint64 // wake-ups later than it tolerates
	Refused         uint64 // messages and streams that came in and were not taken
	Collected       bool   `json:",omitempty"` // this answers Command.Collect
	// Changed has the status of those members whose status is another than in the
	// report before.
	Changed map[string]string `json:",omitempty"`
}
