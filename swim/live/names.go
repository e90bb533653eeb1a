package live

import (
	"hash/maphash"

	"github.com/swimlab/swimlab/swim"
)

// names finds peers by their names. It keeps no name: it is an open hash table of
// handles with linear probing, and looks at the peers themselves, which takes a tenth
// of the memory of a map by names. The hash is seeded, so that strangers cannot choose
// names that collide.
type names struct {
	slots []swim.ID // a power of two of them, at most three quarters in use; Nobody: free
	used  int
	seed  maphash.Seed
}

func (n *names) len() int { return n.used }

// home is the slot that a name has unless others were there first.
func (n *names) home(name []byte) int {
	return int(maphash.Bytes(n.seed, name) & uint64(len(n.slots)-1))
}

// slot is where a name is, or the free slot where it would be.
func (n *names) slot(name []byte, peers []peer) int {
	for i := n.home(name); ; i = (i + 1) & (len(n.slots) - 1) {
		if id := n.slots[i]; id == swim.Nobody || string(peers[id].name()) == string(name) {
			return i
		}
	}
}

func (n *names) find(name []byte, peers []peer) (swim.ID, bool) {
	if n.used == 0 {
		return swim.Nobody, false
	}
	id := n.slots[n.slot(name, peers)]
	return id, id != swim.Nobody
}

// add adds a peer, whose name must be new.
func (n *names) add(id swim.ID, peers []peer) {
	if 4*(n.used+1) > 3*len(n.slots) {
		n.grow(peers)
	}
	n.used++
	n.slots[n.slot(peers[id].name(), peers)] = id
}

func (n *names) grow(peers []peer) {
	if len(n.slots) == 0 {
		n.seed = maphash.MakeSeed()
	}
	old := n.slots
	n.slots = make([]swim.ID, max(8, 2*len(old)))
	for i := range n.slots {
		n.slots[i] = swim.Nobody
	}
	for _, id := range old {
		if id != swim.Nobody {
			n.slots[n.slot(peers[id].name(), peers)] = id
		}
	}
}

// remove frees a peer's slot and moves up those behind it that would not be found any
// more (D. Knuth, The Art of Computer Programming 3, 6.4, algorithm R).
func (n *names) remove(id swim.ID, peers []peer) {
	last := len(n.slots) - 1
	at := n.slot(peers[id].name(), peers)
	n.used--
	for next := (at + 1) & last; n.slots[next] != swim.Nobody; next = (next + 1) & last {
		if home := n.home(peers[n.slots[next]].name()); (next-home)&last >= (next-at)&last { // its home is not behind the gap
			n.slots[at] = n.slots[next]
			at = next
		}
	}
	n.slots[at] = swim.Nobody
}
