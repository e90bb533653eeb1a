package swim

import "time"

// Hold is what happens to a process that cannot get its messages out: whatever
// task next wants to send waits until Release, the failure detector with its ping
// or its call for help, gossip and push/pull altogether. Time-outs of suspicions
// go on, since they send nothing. It is the anomaly that Lifeguard's authors
// injected into real agents, whose sends blocked while their timers ran.
//
// A ping sent while held is in the Output like any other; the caller keeps it
// back until the release. So are answers to messages handled meanwhile. Holds do
// not nest: the first Release ends them all.
func (n *Node) Hold() { n.held = true }

// Release ends a Hold. The failure detector goes on where it was stuck: a ping
// that waited is waited for from now on, but its period has been running all the
// while. Helpers are asked before the probe is given up, though the period may
// leave them no time to answer: the agents call for help first and look at the
// clock then, and so a member that was held misses its helpers' nacks.
func (n *Node) Release(now time.Duration, out *Output) {
	if n.stuck && n.probe.out && n.probe.helpAt != never && n.probe.helpAt > n.stuckAt {
		n.probe.helpAt = min(n.probe.helpAt+now-n.stuckAt, n.nextPeriod)
	}
	n.held, n.stuck = false, false
	n.Tick(now, out)
}

// stick notes that the failure detector wants to send, and says whether it must
// wait because the member is held.
func (n *Node) stick(now time.Duration) bool {
	if n.held {
		n.stuck, n.stuckAt = true, now
	}
	return n.held
}
