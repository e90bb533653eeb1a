package swim

import "time"

// row is an entry of the list as it goes to others, told by this member.
func (n *Node) row(id ID, e Entry) Update {
	return Update{Member: id, Incarnation: e.Incarnation, From: n.id, State: e.State}
}

// askToJoin sends the contact a request, with the news of oneself on board, and
// sets the time of the next try.
func (n *Node) askToJoin(now time.Duration, out *Output) {
	n.nextPeriod = now + n.cfg.ProtocolPeriod
	first := len(out.updates)
	out.updates = append(out.updates, Update{Member: n.id, Incarnation: n.incarnation, From: n.id, State: Alive})
	out.send(n.contact, Message{Kind: Join, Target: n.id, Stream: n.joinsOverStream(), Updates: out.updates[first : first+1 : first+1]})
}

// joinsOverStream says whether joining is an exchange of lists over a stream, as
// with memberlist.
func (n *Node) joinsOverStream() bool { return n.cfg.PushPullInterval > 0 }

// welcome answers a newcomer with the list. Its request has already been taken
// in as news like any other, and is now spread as such. One that was declared
// faulty before, or left, is told just that; where that is not final, it is told
// so on the list and refutes it.
func (n *Node) welcome(newcomer ID, out *Output) {
	if n.cfg.Order == DeployedOrder {
		n.sendList(newcomer, Welcome, n.joinsOverStream(), out)
		return
	}
	first := len(out.updates)
	if e := n.table.Lookup(newcomer); !e.State.InGroup() {
		out.updates = append(out.updates, n.row(newcomer, e))
	} else {
		out.updates = append(out.updates, n.row(n.id, n.Lookup(n.id))) // Left, if it is about to go
		n.table.Each(func(id ID, e Entry) {
			if id != newcomer {
				out.updates = append(out.updates, n.row(id, e))
			}
		})
	}
	out.send(newcomer, Message{Kind: Welcome, Target: newcomer, Stream: n.joinsOverStream(), Updates: out.updates[first:len(out.updates):len(out.updates)]})
}

// welcomed begins the protocol of a member that has just been given the list.
// A Welcome that names no live member is a refusal: there is nobody to probe.
func (n *Node) welcomed(now time.Duration) {
	if n.life != joining || n.table.Live() == 0 {
		return
	}
	n.run(now)
	// The suspects' time was set while the list was still being read and the
	// group looked smaller than it is.
	n.restartSuspicions(now)
}
