package swim

import "time"

// Hold is what happens to a process that cannot get its messages out: each task
// that sends waits until Release in the midst of the first message that it wants to
// send, the failure detector with its ping or its first call for help, gossip with
// the first message of a round, push/pull before it has written its list. What else
// the task would have sent is written at the release, and so with the news of then.
// Time-outs of suspicions go on, since they send nothing. It is the anomaly that
// Lifeguard's authors injected into real agents, whose sends blocked while their
// timers ran.
//
// What is sent while held, those first messages, nacks, and answers to messages
// handled meanwhile, is in the Output like any other; the caller keeps it back until
// the release. Holds do not nest: the first Release ends them all.
func (n *Node) Hold() { n.held = true }

// Release ends a Hold. The tasks that were stuck go on in the order in which they
// got stuck, each as far as it gets. Gossip finishes its round, and one that came
// due meanwhile follows at once. The failure detector asks the helpers that it has
// yet to ask; a ping that waited is waited for from now on, but its period has been
// running all the while. Helpers are asked before the probe is given up, though the
// period may leave them no time to answer: the agents call for help first and look
// at the clock then, and so a member that was held misses its helpers' nacks.
func (n *Node) Release(now time.Duration, out *Output) {
	n.held = false
	if n.gossiping && n.stuck && n.gossipAt < n.stuckAt {
		n.gossipOn(now, out)
	}
	n.probeOn(now, out)
	n.gossipOn(now, out)
	n.Tick(now, out)
}

// gossipOn lets gossip go on if it is stuck.
func (n *Node) gossipOn(now time.Duration, out *Output) {
	if !n.gossiping {
		return
	}
	n.gossiping = false
	n.tell(n.untold, now, out)
	if n.nextGossip <= now {
		n.gossipRound(now, out)
	}
}

// probeOn lets the failure detector go on if it is stuck.
func (n *Node) probeOn(now time.Duration, out *Output) {
	if !n.stuck {
		return
	}
	n.stuck = false
	switch {
	case n.asking:
		n.asking = false
		n.ask(n.unasked, now, out)
	case n.probe.helpAt != never:
		n.probe.helpAt = min(n.probe.helpAt+now-n.stuckAt, n.nextPeriod)
		if n.probe.helpAt <= now {
			n.askHelpers(now, out)
		}
	}
	if n.nextPeriod <= now {
		n.endPeriod(now, out)
		n.beginPeriod(now, out)
	}
}

// stick notes that the failure detector has something to send, and says whether it
// must wait because the member is held.
func (n *Node) stick(now time.Duration) bool {
	if n.held {
		n.stuck, n.stuckAt = true, now
	}
	return n.held
}
