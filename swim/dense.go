package swim

import (
	"math/rand/v2"
	"slices"
)

// DenseTable is a Table for a member that knows most of its group: an entry for
// every handle up to the largest, and the probing order as a list. It takes
// 12 bytes a member.
type DenseTable struct {
	entries []Entry
	order   []ID // live members; order[:next] have been probed in this pass
	next    int
}

// NewDenseTable returns an empty table.
func NewDenseTable() *DenseTable { return &DenseTable{} }

// NewDenseTableOf returns owner's table of an established group 0…n−1 in which
// everybody is alive in incarnation 0, with the probing order drawn from rng.
func NewDenseTableOf(owner ID, n int, rng *rand.Rand) *DenseTable {
	t := &DenseTable{entries: make([]Entry, n), order: make([]ID, 0, max(n-1, 0))}
	for id := range ID(n) {
		if id != owner {
			t.entries[id] = Entry{State: Alive}
			t.order = append(t.order, id)
		}
	}
	t.shuffle(rng)
	return t
}

func (t *DenseTable) shuffle(rng *rand.Rand) {
	order := t.order
	for i := len(order) - 1; i > 0; i-- {
		j := rng.IntN(i + 1)
		order[i], order[j] = order[j], order[i]
	}
	t.next = 0
}

// Lookup implements [Table].
func (t *DenseTable) Lookup(id ID) Entry {
	if int(id) >= len(t.entries) {
		return Entry{}
	}
	return t.entries[id]
}

// Store implements [Table].
func (t *DenseTable) Store(id ID, e Entry, rng *rand.Rand) {
	if int(id) >= len(t.entries) {
		t.entries = append(t.entries, make([]Entry, int(id)+1-len(t.entries))...)
	}
	was := t.entries[id].State.InGroup()
	t.entries[id] = e
	switch is := e.State.InGroup(); {
	case is && !was:
		t.insert(id, rng.IntN(len(t.order)+1))
	case was && !is:
		t.remove(id)
	}
}

// insert puts id at place i of the order and moves the rest down, so that
// everybody else keeps their turn: what the bound of §4.3 rests on.
func (t *DenseTable) insert(id ID, i int) {
	t.order = slices.Insert(t.order, i, id)
	if i < t.next {
		t.next++
	}
}

func (t *DenseTable) remove(id ID) {
	i := slices.Index(t.order, id)
	t.order = slices.Delete(t.order, i, i+1)
	if i < t.next {
		t.next--
	}
}

// Live implements [Table].
func (t *DenseTable) Live() int { return len(t.order) }

// Next implements [Table].
func (t *DenseTable) Next(rng *rand.Rand) (ID, bool) {
	if len(t.order) == 0 {
		return Nobody, false
	}
	if t.next >= len(t.order) {
		t.shuffle(rng)
	}
	id := t.order[t.next]
	t.next++
	return id, true
}

// Pick implements [Table].
func (t *DenseTable) Pick(rng *rand.Rand) (ID, bool) {
	if len(t.order) == 0 {
		return Nobody, false
	}
	return t.order[rng.IntN(len(t.order))], true
}

// Sample implements [Table]. It draws and rejects: k is small beside the group,
// or else the whole group is taken.
func (t *DenseTable) Sample(dst []ID, k int, without ID, rng *rand.Rand) []ID {
	candidates := len(t.order)
	if t.Lookup(without).State.InGroup() {
		candidates--
	}
	if candidates <= k {
		for _, id := range t.order {
			if id != without {
				dst = append(dst, id)
			}
		}
		return dst
	}
	first := len(dst)
	for len(dst) < first+k {
		id := t.order[rng.IntN(len(t.order))]
		if id != without && !slices.Contains(dst[first:], id) {
			dst = append(dst, id)
		}
	}
	return dst
}

// Each implements [Table].
func (t *DenseTable) Each(f func(ID, Entry)) {
	for id, e := range t.entries {
		if e.State != Unknown {
			f(ID(id), e)
		}
	}
}
