package vivaldi

import (
	"iter"
	"time"
)

// recent remembers the members heard of last: at most so many, each in a slot of
// its own number. When all slots are taken, the member heard of longest ago
// gives up its slot.
type recent[ID comparable] struct {
	slots      map[ID]int32
	entries    []recentEntry[ID]
	used       int32
	head, tail int32 // heard of last and longest ago; −1 for none
}

type recentEntry[ID comparable] struct {
	id           ID
	at           time.Duration // when it was last heard of
	newer, older int32         // neighbours in the order of hearing; −1 for none
	linked       bool          // in that order at all
	forgotten    bool
}

func newRecent[ID comparable](size int) recent[ID] {
	return recent[ID]{
		slots:   make(map[ID]int32, size),
		entries: make([]recentEntry[ID], size),
		head:    -1,
		tail:    -1,
	}
}

// hear notes that a member was heard of now, and returns its slot and whether
// what the slot held is void: the member's first sample, or the first after a
// silence of more than maxAge (0 for no limit).
func (r *recent[ID]) hear(id ID, now, maxAge time.Duration) (slot int32, fresh bool) {
	slot, found := r.slots[id]
	switch {
	case found:
		fresh = maxAge > 0 && now-r.entries[slot].at > maxAge
	case int(r.used) < len(r.entries):
		slot, fresh = r.used, true
		r.used++
	default:
		slot, fresh = r.tail, true
		if e := &r.entries[slot]; !e.forgotten {
			delete(r.slots, e.id)
		}
	}
	e := &r.entries[slot]
	if e.linked {
		r.unlink(slot)
	}
	e.id, e.at, e.forgotten, e.linked = id, now, false, true
	e.newer, e.older = -1, r.head
	if r.head >= 0 {
		r.entries[r.head].newer = slot
	} else {
		r.tail = slot
	}
	r.head = slot
	if !found {
		r.slots[id] = slot
	}
	return slot, fresh
}

// forget frees a member's slot: it is the next to be taken once all are.
func (r *recent[ID]) forget(id ID) {
	slot, found := r.slots[id]
	if !found {
		return
	}
	delete(r.slots, id)
	r.unlink(slot)
	e := &r.entries[slot]
	var nobody ID
	e.id, e.forgotten = nobody, true
	e.older, e.newer = -1, r.tail
	if r.tail >= 0 {
		r.entries[r.tail].older = slot
	} else {
		r.head = slot
	}
	r.tail = slot
}

func (r *recent[ID]) unlink(slot int32) {
	e := &r.entries[slot]
	if e.newer >= 0 {
		r.entries[e.newer].older = e.older
	} else {
		r.head = e.older
	}
	if e.older >= 0 {
		r.entries[e.older].newer = e.newer
	} else {
		r.tail = e.newer
	}
}

// all yields the slot and the age of every member heard of at most maxAge ago (0
// for no limit), latest first.
func (r *recent[ID]) all(now, maxAge time.Duration) iter.Seq2[int32, time.Duration] {
	return func(yield func(int32, time.Duration) bool) {
		for slot := r.head; slot >= 0; slot = r.entries[slot].older {
			e := &r.entries[slot]
			age := max(now-e.at, 0)
			if e.forgotten || maxAge > 0 && age > maxAge || !yield(slot, age) {
				return
			}
		}
	}
}
