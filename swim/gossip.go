package swim

import (
	"cmp"
	"math"
	"slices"
)

// gossip is the buffer of recent news that infection-style dissemination
// piggybacks on messages (§4.1). Each update is sent a limited number of times,
// and where not all fit, those sent fewer times go first, the newest of them
// before the others; or, of them, the largest before the others.
type gossip struct {
	turns  []place // in the order of sending
	rumors []rumor // what the turns stand for, in no order
	free   []uint32
	about  index[uint32] // the rumor about a member
	gone   int           // rumors of members that are not in the group
	bytes  int           // of all rumors
	least  int           // no rumor is smaller
	born   uint32        // counts updates put, to tell new from old

	largestFirst bool // Config.LargestFirst
}

// rumor is an update and how many messages have borne it.
type rumor struct {
	update Update
	size   int32 // by the Sizer; 0 without one
	born   uint32
	sent   uint32
}

// place is a rumor's turn. Fewest times sent, then largest if that counts, then
// newest, is first: the smallest key.
type place struct {
	key uint64
	at  uint32 // in rumors
}

// What a key is made of, from the highest bits on: how often the rumor was sent,
// how small it is, how old it is.
const (
	sentBits, sizeBits, bornBits = 20, 12, 32

	// onceMore is what sending adds to the key.
	onceMore = 1 << (sizeBits + bornBits)
	// maxSent bounds how often a rumor is sent: about a million times.
	maxSent = 1<<sentBits - 1
	// largest is the size, in bytes, that all larger rumors are taken to have.
	largest = 1<<sizeBits - 1
)

func (g *gossip) key(r *rumor) uint64 {
	k := uint64(r.sent)<<(sizeBits+bornBits) | uint64(^r.born)
	if g.largestFirst {
		k |= uint64(largest-min(r.size, largest)) << bornBits
	}
	return k
}

// search returns how many turns come before a key. Written out, it is a tenth of a
// storm's simulation faster than with a function to compare by.
func search(turns []place, key uint64) int {
	lo, hi := 0, len(turns)
	for lo < hi {
		if mid := int(uint(lo+hi) >> 1); turns[mid].key < key {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// has says whether news about a member still waits to be sent.
func (g *gossip) has(id ID) bool {
	_, is := g.about.get(id)
	return is
}

// len is how many updates wait.
func (g *gossip) len() int { return len(g.turns) }

// put adds news, in place of older news about the same member. size is what the
// Sizer says of it.
func (g *gossip) put(u Update, size int) {
	at, is := g.about.get(u.Member)
	switch n := len(g.free); {
	case is:
		g.pull(at)
		g.count(at, -1)
	case n > 0:
		at, g.free = g.free[n-1], g.free[:n-1]
	default:
		at = uint32(len(g.rumors))
		g.rumors = append(g.rumors, rumor{})
	}
	if !is {
		g.about.set(u.Member, at)
	}
	if g.born == math.MaxUint32 {
		g.renumber()
	}
	g.born++
	g.rumors[at] = rumor{update: u, size: int32(size), born: g.born}
	if len(g.turns) == 0 {
		g.least = size
	}
	g.least = min(g.least, size)
	g.count(at, 1)
	key, first := g.key(&g.rumors[at]), 0 // never sent and newest of all
	if g.largestFirst {
		first = search(g.turns, key)
	}
	g.turns = slices.Insert(g.turns, first, place{key, at})
}

// renumber counts the rumors that wait anew, the oldest first, so that the count
// of all there ever were does not run over in a member that lives for years.
func (g *gossip) renumber() {
	byAge := slices.Clone(g.turns)
	slices.SortFunc(byAge, func(p, q place) int { return cmp.Compare(g.rumors[p.at].born, g.rumors[q.at].born) })
	for i, p := range byAge {
		g.rumors[p.at].born = uint32(i + 1)
	}
	for i := range g.turns {
		g.turns[i].key = g.key(&g.rumors[g.turns[i].at])
	}
	g.born = uint32(len(byAge))
}

// count adds a rumor to the totals, or takes it off them.
func (g *gossip) count(at uint32, by int) {
	r := &g.rumors[at]
	g.bytes += by * int(r.size)
	if !r.update.State.InGroup() {
		g.gone += by
	}
}

// pull takes away a rumor's turn.
func (g *gossip) pull(at uint32) {
	i := search(g.turns, g.key(&g.rumors[at]))
	g.turns = slices.Delete(g.turns, i, i+1)
}

// drop forgets a rumor that has no turn any more.
func (g *gossip) drop(at uint32) {
	g.count(at, -1)
	g.about.remove(g.rumors[at].update.Member)
	g.free = append(g.free, at)
}

// forget drops news about a member, and what it has said of others.
func (g *gossip) forget(id ID) {
	g.turns = slices.DeleteFunc(g.turns, func(p place) bool {
		u := &g.rumors[p.at].update
		if u.Member != id && u.From != id {
			return false
		}
		g.drop(p.at)
		return true
	})
}

// take appends to dst the updates that the next message bears, as many as it has
// room for, and forgets those that have now been borne limit times. News about
// led, which the message leads with already, counts as borne and is not repeated.
func (g *gossip) take(dst []Update, room room, limit int, balanced bool, led ID) []Update {
	gone, bytes := g.gone, g.bytes
	leader, leads := g.about.get(led)
	if leads {
		g.pull(leader)
		bytes -= int(g.rumors[leader].size)
		if !g.rumors[leader].update.State.InGroup() {
			gone--
		}
	}
	if room.take(len(g.turns), bytes) {
		dst = g.takeAll(dst, limit)
	} else {
		share := [2]int{room.updates, room.updates} // how many of each kind: live, gone
		if balanced && room.updates > 1 {           // one place cannot be halved: it goes to whatever is first
			share = shares(len(g.turns)-gone, gone, room.updates)
		}
		dst = g.takeSome(dst, room, share, limit)
	}
	if leads {
		g.rumors[leader].sent++
		if int(g.rumors[leader].sent) >= limit {
			g.drop(leader)
			return dst
		}
		key := g.key(&g.rumors[leader])
		i := search(g.turns, key)
		g.turns = slices.Insert(g.turns, i, place{key, leader})
	}
	return dst
}

// takeAll is take for the usual case that everything fits. Sent once more each,
// the updates keep their order.
func (g *gossip) takeAll(dst []Update, limit int) []Update {
	kept := len(g.turns)
	for i := range g.turns {
		p := &g.turns[i]
		r := &g.rumors[p.at]
		dst = append(dst, r.update)
		p.key += onceMore
		r.sent++
		if int(r.sent) >= limit {
			kept = min(kept, i)
			g.drop(p.at)
		}
	}
	g.turns = g.turns[:kept]
	return dst
}

// takeSome is take for when some updates must be left out.
func (g *gossip) takeSome(dst []Update, room room, share [2]int, limit int) []Update {
	var taken [maxUpdates]int32
	n := 0
	for i := range g.turns {
		if room.updates == 0 || room.sized && room.bytes < g.least {
			break
		}
		r := &g.rumors[g.turns[i].at]
		kind := 0
		if !r.update.State.InGroup() {
			kind = 1
		}
		if share[kind] == 0 || !room.take(1, int(r.size)) {
			continue
		}
		share[kind]--
		dst = append(dst, r.update)
		r.sent++
		taken[n] = int32(i)
		n++
	}
	g.repeat(taken[:n], limit)
	return dst
}

// repeat gives the rumors taken their next turns, or none to those sent limit
// times. What was sent once more keeps its order, so that this is one merge, and
// each rumor moves back: the place of writing never overtakes that of reading.
func (g *gossip) repeat(taken []int32, limit int) {
	if len(taken) == 0 {
		return
	}
	var again [maxUpdates]place
	n := 0
	for _, i := range taken {
		if p := g.turns[i]; int(g.rumors[p.at].sent) < limit {
			again[n] = place{p.key + onceMore, p.at}
			n++
		} else {
			g.drop(p.at)
		}
	}
	w, next := int(taken[0]), 0
	read := w // before it all is merged
	for _, i := range taken {
		// What lies between two that were taken.
		for ; read < int(i); read++ {
			for next < n && again[next].key < g.turns[read].key {
				g.turns[w] = again[next]
				w, next = w+1, next+1
			}
			g.turns[w] = g.turns[read]
			w++
		}
		read++
	}
	for ; next < n; next++ {
		skip := search(g.turns[read:], again[next].key)
		w += copy(g.turns[w:], g.turns[read:read+skip])
		read += skip
		g.turns[w] = again[next]
		w++
	}
	if w < read {
		w += copy(g.turns[w:], g.turns[read:])
		g.turns = g.turns[:w]
	}
}

// shares divides the room of one message equally between news of live members
// and news of failed ones; what one kind cannot fill goes to the other.
func shares(live, gone, room int) [2]int {
	few := min(gone, room/2)
	live = min(live, room-few)
	return [2]int{live, min(gone, room-live)}
}
