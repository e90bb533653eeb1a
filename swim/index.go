package swim

import "math/bits"

// index finds what is kept about members, of whom there are few and whose handles
// are dense: an open hash table with linear probing, what is kept in its slots. With
// Go maps in its place they took about a fifth of the simulation of a storm.
type index[V any] struct {
	slots []indexSlot[V] // a power of two of them, at most half of them in use
	used  int
}

type indexSlot[V any] struct {
	id    ID // Nobody: the slot is free
	value V
}

// home is the slot that a member has unless others were there first.
func (x *index[V]) home(id ID) int {
	return int(uint32(id) * 0x9e3779b9 >> (32 - bits.Len(uint(len(x.slots)-1))))
}

// find returns the slot of a member, or the free one that it would get.
func (x *index[V]) find(id ID) *indexSlot[V] {
	for i := x.home(id); ; i++ {
		if s := &x.slots[i&(len(x.slots)-1)]; s.id == id || s.id == Nobody {
			return s
		}
	}
}

// get returns what is kept about a member, valid until the next at or remove; nil if
// nothing is.
func (x *index[V]) get(id ID) *V {
	if x.used == 0 || id == Nobody {
		return nil
	}
	s := x.find(id)
	if s.id != id {
		return nil
	}
	return &s.value
}

// at returns where something is kept about a member, and whether anything was. It is
// valid until the next at or remove.
func (x *index[V]) at(id ID) (v *V, was bool) {
	if 2*(x.used+1) > len(x.slots) {
		x.grow()
	}
	s := x.find(id)
	if was = s.id == id; !was {
		x.used++
		*s = indexSlot[V]{id: id}
	}
	return &s.value, was
}

func (x *index[V]) grow() {
	old := x.slots
	x.slots = make([]indexSlot[V], max(4, 2*len(old)))
	for i := range x.slots {
		x.slots[i].id = Nobody
	}
	for _, s := range old {
		if s.id != Nobody {
			*x.find(s.id) = s
		}
	}
}

// remove frees a member's slot and moves up those behind it that would not be
// found any more (D. Knuth, The Art of Computer Programming 3, 6.4, algorithm R).
func (x *index[V]) remove(id ID) {
	if x.used == 0 || id == Nobody {
		return
	}
	last := len(x.slots) - 1
	at := x.home(id)
	for x.slots[at].id != id {
		if x.slots[at].id == Nobody {
			return
		}
		at = (at + 1) & last
	}
	x.used--
	for next := at; ; {
		next = (next + 1) & last
		s := &x.slots[next]
		if s.id == Nobody {
			break
		}
		if (next-x.home(s.id))&last >= (next-at)&last { // its home is not behind the gap
			x.slots[at] = *s
			at = next
		}
	}
	x.slots[at] = indexSlot[V]{id: Nobody}
}
