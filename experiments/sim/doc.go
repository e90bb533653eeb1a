// Package sim is the first of the lab's worlds: a group of any number of members
// in virtual time, bit-for-bit repeatable.
//
//	 Spec ─▶ Scenario ─▶ Cluster ───────────────────────────────────┐
//	(scenario.go)        │  queue     what happens next, and when   │
//	                     │  members   a swim.Node each, its faults  │
//	                     │  network   delay, loss, partitions       │─▶ measures ─▶ Observations
//	                     │  schedule  crashes, pauses, joins …      │─▶ trace, for people
//	                     └──────────────────────────────────────────┘
//
// One trial runs on one goroutine and takes every random choice from its seed:
// a stream for each member, one for the network and one for the schedule, so
// that a change in one does not shuffle the others. Trials run beside each other
// and share nothing.
//
// What a member does is package swim's own code. What this package adds is the
// world around it, and that is its model:
//
//   - A message takes the network's latency from sender to receiver, or is lost.
//     Handling it takes no time, unless a fault of the schedule says otherwise.
//   - Clocks are exact. Members begin their protocol periods at independent,
//     uniformly random phases, or all at once if the scenario says so.
//   - A paused member does nothing at all: what reaches it waits. When it goes
//     on, what a slowness had held back leaves first; then the timers that came
//     due meanwhile fire, before the waiting messages are read, as in a process
//     whose sockets are read by the same processor that runs its timers.
//   - A process that restarts is a new member, on the machine it ran on.
//   - A member that is slow in processing messages, in the way of the Lifeguard
//     paper, goes on by the clock, but what it sends and what it is sent waits,
//     and so does each task of its protocol that wants to send.
//   - A member that is short of processor time stalls and runs by turns. It may
//     take time for each message, one after the other, and lose those for which
//     its buffer has no room; its timers do not wait for messages.
//   - Members may keep network coordinates, with package vivaldi's code: an ack
//     bears its sender's, and a member learns from the round trips of its probes.
//   - Nothing is encoded. Sizes are computed as the codec would make them, and
//     decide how much news fits a datagram. Where the scenario says what messages
//     contain, those that are counted in bytes are encoded after all, and
//     compressed if it says so, with the codec of the live member.
package sim
