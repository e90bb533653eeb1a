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

	largestFirst bool   // Config.LargestFirst
	lossy        *lossy // Config.LossyQueue; nil for a queue that loses nothing
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
	key  uint64
	at   uint32 // in rumors
	size int32  // the rumor's, so that one that does not fit need not be fetched
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

// gallop is search where few turns are expected to come before the key.
func gallop(turns []place, key uint64) int {
	step := 1
	for step <= len(turns) && turns[step-1].key < key {
		step *= 2
	}
	from := step / 2
	return from + search(turns[from:min(step, len(turns))], key)
}

// has says whether news about a member still waits to be sent.
func (g *gossip) has(id ID) bool {
	return g.about.get(id) != nil
}

// len is how many updates wait.
func (g *gossip) len() int { return len(g.turns) }

// put adds news, in place of older news about the same member. size is what the
// Sizer says of it.
func (g *gossip) put(u Update, size int) {
	superseded := g.has(u.Member)
	if g.lossy != nil && !superseded {
		superseded = g.lossy.superseded(g, u.Member)
	}
	about, is := g.about.at(u.Member)
	turn := len(g.turns) // of what makes way
	switch n := len(g.free); {
	case is:
		turn = search(g.turns, g.key(&g.rumors[*about]))
		g.count(*about, -1)
	case n > 0:
		*about, g.free = g.free[n-1], g.free[:n-1]
	default:
		*about = uint32(len(g.rumors))
		g.rumors = append(g.rumors, rumor{})
	}
	at := *about
	if g.born == math.MaxUint32 {
		g.renumber()
	}
	g.born++
	g.rumors[at] = rumor{update: u, size: int32(size), born: g.born}
	alone := len(g.turns) == 0 || is && len(g.turns) == 1
	if alone {
		g.least = size
	}
	g.least = min(g.least, size)
	g.count(at, 1)
	first := g.insert(place{g.key(&g.rumors[at]), at, int32(size)}, turn)
	if g.lossy != nil {
		g.lossy.queued(g, first, superseded && alone)
	}
}

// insert gives new news its turn and returns which. The one that turn has, if any,
// makes way: only what lies between the two moves.
func (g *gossip) insert(p place, turn int) int {
	first := 0 // never sent and newest of all
	if g.largestFirst {
		first = search(g.turns, p.key)
	}
	switch {
	case turn == len(g.turns):
		g.turns = slices.Insert(g.turns, first, p)
		return first
	case first > turn:
		first--
		copy(g.turns[turn:first], g.turns[turn+1:first+1])
	default:
		copy(g.turns[first+1:turn+1], g.turns[first:turn])
	}
	g.turns[first] = p
	return first
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
	if g.lossy != nil {
		delete(g.lossy.replaced, id)
	}
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
	var leader uint32
	leading := g.about.get(led)
	leads := leading != nil
	if leads {
		leader = *leading
		g.pull(leader)
		bytes -= int(g.rumors[leader].size)
		if !g.rumors[leader].update.State.InGroup() {
			gone--
		}
	}
	if room.take(len(g.turns), bytes) {
		dst = g.takeAll(dst, limit)
		if g.lossy != nil {
			g.lossy.restart(g, leads)
		}
	} else {
		var share *[2]int                 // how many of each kind: live, gone
		if balanced && room.updates > 1 { // one place cannot be halved: it goes to whatever is first
			s := shares(len(g.turns)-gone, gone, room.updates)
			share = &s
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
		p := place{key, leader, g.rumors[leader].size}
		g.turns = slices.Insert(g.turns, i, p)
		if g.lossy != nil {
			g.lossy.repeated(g, []place{p})
		}
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

// takeSome is take for when some updates must be left out. share is how many of each
// kind may be taken; nil if it does not matter.
func (g *gossip) takeSome(dst []Update, room room, share *[2]int, limit int) []Update {
	var taken [maxUpdates]int32
	var again [maxUpdates]place // those of them that have another turn
	n, kept := 0, 0
	for i := range g.turns {
		if room.updates == 0 || room.sized && room.bytes < g.least {
			break
		}
		p := g.turns[i]
		if room.sized && int(p.size) > room.bytes || share != nil && !g.dealt(p.at, share) {
			continue
		}
		room.take(1, int(p.size))
		r := &g.rumors[p.at]
		dst = append(dst, r.update)
		taken[n] = int32(i)
		n++
		r.sent++
		if int(r.sent) >= limit {
			g.drop(p.at)
			continue
		}
		p.key += onceMore
		again[kept] = p
		kept++
	}
	if n > 0 {
		g.repeat(taken[:n], again[:kept])
	}
	return dst
}

// dealt takes one place from the share of a rumor's kind, and says whether there was any.
func (g *gossip) dealt(at uint32, share *[2]int) bool {
	kind := &share[0]
	if !g.rumors[at].update.State.InGroup() {
		kind = &share[1]
	}
	if *kind == 0 {
		return false
	}
	*kind--
	return true
}

// repeat takes away the turns taken and puts in those that are to come again. What
// was sent once more keeps its order, so that this is one merge, and each rumor moves
// back: the place of writing never overtakes that of reading.
func (g *gossip) repeat(taken []int32, again []place) {
	turns := g.turns
	w, next := int(taken[0]), 0
	read := w     // before it all is merged
	same := false // whether two have the same key
	for _, i := range taken {
		// What lies between two that were taken.
		for ; read < int(i); read++ {
			p := turns[read]
			for next < len(again) && again[next].key <= p.key {
				same = same || again[next].key == p.key
				turns[w] = again[next]
				w, next = w+1, next+1
			}
			turns[w] = p
			w++
		}
		read++
	}
	for _, p := range again[next:] {
		if read < len(turns) && turns[read].key < p.key { // rather not: they have been neighbours before
			before := gallop(turns[read:], p.key)
			w += copy(turns[w:], turns[read:read+before])
			read += before
		}
		same = same || read < len(turns) && turns[read].key == p.key
		turns[w] = p
		w++
	}
	if w < read {
		w += copy(turns[w:], turns[read:])
		g.turns = turns[:w]
	}
	if same {
		g.lossy.repeated(g, again)
	}
}

// shares divides the room of one message equally between news of live members
// and news of failed ones; what one kind cannot fill goes to the other.
func shares(live, gone, room int) [2]int {
	few := min(gone, room/2)
	live = min(live, room-few)
	return [2]int{live, min(gone, room-live)}
}
