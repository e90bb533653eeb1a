// Package swim is the group membership protocol of
//
//	A. Das, I. Gupta, A. Motivala: SWIM: Scalable Weakly-consistent
//	Infection-style Process Group Membership Protocol. DSN 2002.
//
// as a deterministic state machine. It has no clock, no socket, no goroutine and
// no random source of its own: the caller owns all four, and so the same code
// runs in virtual time and over real sockets.
//
//	                ┌────────────────── Node ───────────────────┐
//	Handle(message) │  probe.go         failure detector, §3.1  │
//	───────────────▶│    ping → ack | ping-req × k → ack, nack  │  Output.Sends
//	Tick(now)       │       │ failed        ▲ target            │ ───────────────▶
//	───────────────▶│       ▼               │                   │
//	Join, Leave     │  membership.go    the list, §4.2  (Table) │  Output.Events
//	───────────────▶│    alive → suspect → faulty               │ ───────────────▶
//	Hold, Release   │    order.go, suspicion.go                 │
//	───────────────▶│       │ news          ▲ news              │  Deadline()
//	                │       ▼               │                   │ ───────────────▶
//	                │  gossip.go        dissemination, §4.1     │
//	                │    piggybacked on every message           │  Policy
//	                │  spread.go        as deployed             │ ◀──────────────▶
//	                │    gossip by itself, exchange of lists    │
//	                └───────────────────────────────────────────┘
//
// # Use
//
// A [Node] is one member's protocol. Give it messages with [Node.Handle] and
// call [Node.Tick] once the time that [Node.Deadline] names has come. Both leave
// what the member wants done in an [Output]: messages to send, and events that
// say what the member now believes. Time is a duration since any fixed start
// that the caller likes; it must not run backwards. Where a message arrives at the
// instant at which something is due, the order is the caller's: a message that is
// handled first is in time. So the loop around a Node is
//
//	for {
//		select {
//		case m := <-inbox:
//			node.Handle(time.Since(start), m.from, &m.message, &out)
//		case <-timer.C:
//			node.Tick(time.Since(start), &out)
//		}
//		// send out.Sends, tell out.Events
//		out.Reset()
//		timer.Reset(node.Deadline() - time.Since(start))
//	}
//
// which the example of an event loop has in full. A Node in use never fails: what a
// peer sends is heeded or not, and what can be wrong with a configuration
// [Config.Validate] says beforehand.
//
// Members are dense handles ([ID]); names and addresses live with the caller. What
// the member believes of them [Node.Lookup] and [Node.Each] tell at any time.
//
// [Node.Start] begins among members that know each other; [Node.Join] with one that
// knows a single other. [Node.Announce], [Node.Exchange], [Node.Forget], [Node.Rest],
// [Node.CatchUp] and [Node.Trim] are for processes that run for months over real
// sockets, and [Node.Hold] and [Node.Release] for experiments with those whose sends
// block.
//
// The package's example plays two members through a crash. notebooks/READING.md sets the
// paper's sections beside these files, their tests and the experiments.
//
// # Messages
//
// Ping, PingReq and Ack are the failure detector's. Every one of them carries
// news ([Update]) in SWIM with infection-style dissemination, and none in
// SWIM:Basic, where news goes out alone as a multicast. Join asks a member for
// its list and Welcome answers it: the paper leaves joining to "well-known
// servers" or a broadcast, and this is the former. Nack is Lifeguard's; Sync and
// SyncReply exchange lists, as deployments do.
//
// # Where the paper leaves a choice
//
// Each choice is a field of [Config] with a comment; [Paper] gives the paper's.
//
// # What deployments added
//
// SWIM as it runs today is mostly HashiCorp's memberlist, which differs from the
// paper in a dozen ways. Each is a field of Config, too, off in its zero value;
// [Deployed] has them all, and [Fixed] puts right those that are known to be
// mistaken. DEPLOYED.md tabulates them: source, cost, gain.
//
// # The extension point
//
// A [Policy] adapts a member's timing, and what it says, to what it has seen. The
// Lifeguard paper's are in package lifeguard; this package knows none but the
// plain one, and counts nacks and confirmations for whoever wants to know.
package swim
