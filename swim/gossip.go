package swim

import "slices"

// maxUpdates bounds Config.MaxUpdates: more than fit a datagram would be no piggyback.
const maxUpdates = 64

// gossip is the buffer of recent news that infection-style dissemination
// piggybacks on messages (§4.1). Each update is sent a limited number of times,
// and where not all fit, those sent fewer times go first, the newest of them
// before the others.
type gossip struct {
	// items is in the order of sending: fewest times sent, then newest.
	items []rumor
	born  uint32 // counts updates put, to tell new from old
}

// rumor is an update and how many messages have borne it.
type rumor struct {
	update Update
	born   uint32
	sent   uint32
}

func (r rumor) before(s rumor) bool {
	if r.sent != s.sent {
		return r.sent < s.sent
	}
	return r.born > s.born
}

// put adds news, in place of older news about the same member.
func (g *gossip) put(u Update) {
	for i := range g.items {
		if g.items[i].update.Member == u.Member {
			g.items = slices.Delete(g.items, i, i+1)
			break
		}
	}
	g.born++
	// Never sent and newest of all: it comes first.
	g.items = slices.Insert(g.items, 0, rumor{update: u, born: g.born})
}

// has says whether news about a member still waits to be sent.
func (g *gossip) has(id ID) bool {
	return slices.ContainsFunc(g.items, func(r rumor) bool { return r.update.Member == id })
}

// room is what one message still has room for: so many updates, and where a
// Sizer measures them, so many bytes.
type room struct {
	updates int
	bytes   int
	sizer   Sizer // nil: bytes do not count
}

// room is what a datagram of a kind has room for.
func (n *Node) room(k Kind) room {
	r := room{updates: n.cfg.MaxUpdates}
	if n.cfg.Sizer != nil {
		r.updates, r.sizer = maxUpdates, n.cfg.Sizer
		r.bytes = n.cfg.PacketBytes - n.cfg.Sizer.MessageBytes(k)
	}
	return r
}

// take uses room for an update, and says whether there was any.
func (r *room) take(u Update) bool {
	if r.updates == 0 {
		return false
	}
	if r.sizer != nil {
		size := r.sizer.UpdateBytes(u)
		if size > r.bytes {
			return false
		}
		r.bytes -= size
	}
	r.updates--
	return true
}

// take appends to dst the updates that the next message bears, as many as it has
// room for, and forgets those that have now been borne limit times. News about
// led, which the message leads with already, counts as borne and is not repeated.
func (g *gossip) take(dst []Update, room room, limit int, balanced bool, led ID) []Update {
	if len(g.items) == 0 {
		return dst
	}
	if room.sizer == nil && len(g.items) <= room.updates {
		return g.takeAll(dst, limit, led)
	}
	share := [2]int{room.updates, room.updates} // how many of each kind: live, failed
	if balanced && room.updates > 1 {           // one place cannot be halved: it goes to whatever is first
		share = g.shares(room.updates, led)
	}
	var taken [maxUpdates + 1]rumor
	n, kept := 0, g.items[:0]
	for _, r := range g.items {
		if r.update.Member == led {
			taken[n] = r
			n++
			continue
		}
		kind := 0
		if !r.update.State.InGroup() {
			kind = 1
		}
		if share[kind] == 0 || !room.take(r.update) {
			kept = append(kept, r)
			continue
		}
		share[kind]--
		dst = append(dst, r.update)
		taken[n] = r
		n++
	}
	for i := range n {
		r := taken[i]
		r.sent++
		if int(r.sent) >= limit {
			continue
		}
		at, _ := slices.BinarySearchFunc(kept, r, func(a, b rumor) int {
			if a.before(b) {
				return -1
			}
			return 1
		})
		kept = slices.Insert(kept, at, r)
	}
	g.items = kept
	return dst
}

// takeAll is take for the usual case that everything fits. Sent once more each,
// the items keep their order.
func (g *gossip) takeAll(dst []Update, limit int, led ID) []Update {
	kept := g.items[:0]
	for _, r := range g.items {
		if r.update.Member != led {
			dst = append(dst, r.update)
		}
		if r.sent++; int(r.sent) < limit {
			kept = append(kept, r)
		}
	}
	g.items = kept
	return dst
}

// shares divides the room of one message equally between news of live members
// and news of failed ones, led left out; what one kind cannot fill goes to the other.
func (g *gossip) shares(room int, led ID) [2]int {
	var have [2]int
	for _, r := range g.items {
		switch {
		case r.update.Member == led:
		case r.update.State.InGroup():
			have[0]++
		default:
			have[1]++
		}
	}
	failed := min(have[1], room/2)
	live := min(have[0], room-failed)
	failed = min(have[1], room-live)
	return [2]int{live, failed}
}
