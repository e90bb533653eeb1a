package swim

import (
	"cmp"
	"math/rand/v2"
	"slices"
)

// RosterTable is a [Table] for a member of a very large simulated group: a
// roster shared with all others, and the few entries in which this member's view
// differs from it. It takes some hundred bytes, and a dozen more for each
// difference.
//
// # The probing order
//
// One pass goes through the places of a permutation of the roster, drawn anew for
// each pass, and skips who is not live. A member that the permutation has no fair
// place for, because it is not on the roster or has come back from the dead
// during the pass, is a guest: it is put between two places, any of the gaps
// before, between and behind all places and guests being equally likely. As with
// [DenseTable] everybody else keeps their turn, which is what the bound of §4.3
// rests on.
//
// # Cost
//
// Lookup takes the logarithm of the number of differences, Next and Pick that
// times about one, as long as most of the group is live. With fewer than half of
// it live, Pick walks the roster, and Next passes by all who have gone.
type RosterTable struct {
	roster      *Roster
	key         uint64 // of this pass's permutation
	owner       ID
	place       uint32 // the next place of the permutation
	live        int32
	nextGuest   int32 // guests[:nextGuest] have been probed in this pass
	differences []difference
	guests      []guest // in the order of their turns
	// heard marks the members of the roster that the owner, who joined later,
	// has heard of; nil once that is all of them, as it is in the established group.
	heard   []uint64
	unheard uint32 // how many are not marked
}

var _ Table = (*RosterTable)(nil)

// difference is an entry that is not the roster's. A table has them in the order
// of their handles, so that those of members beyond the roster are the last.
type difference struct {
	id          ID
	incarnation uint32
	state       State
	guest       bool // among the guests of this pass
}

func (d difference) entry() Entry { return Entry{Incarnation: d.incarnation, State: d.state} }

// guest is a member whose turn comes before a place of the permutation.
type guest struct {
	id     ID
	before uint32
}

// NewRosterTable returns owner's table of the established group, itself one of
// it, with the probing order drawn from rng.
func NewRosterTable(owner ID, roster *Roster, rng *rand.Rand) *RosterTable {
	t := &RosterTable{roster: roster, owner: owner, key: rng.Uint64(), live: int32(roster.size)}
	if owner < ID(roster.size) {
		t.live--
	}
	return t
}

// NewRosterTableOfNewcomer returns the empty table of a member that is about to
// join a group most of which is the roster.
func NewRosterTableOfNewcomer(owner ID, roster *Roster, rng *rand.Rand) *RosterTable {
	t := NewRosterTable(owner, roster, rng)
	t.live, t.unheard = 0, uint32(t.live)
	if t.unheard > 0 {
		t.heard = make([]uint64, (roster.size+63)/64)
	}
	return t
}

// find returns where the difference of a member is, or would be.
func (t *RosterTable) find(id ID) (int, bool) {
	return slices.BinarySearchFunc(t.differences, id, func(d difference, id ID) int { return cmp.Compare(d.id, id) })
}

// onRoster is what a table without differences holds of a member.
func (t *RosterTable) onRoster(id ID) Entry {
	if id >= ID(t.roster.size) || id == t.owner || t.heard != nil && t.heard[id>>6]>>(id&63)&1 == 0 {
		return Entry{}
	}
	return Entry{State: Alive}
}

// Lookup implements [Table].
func (t *RosterTable) Lookup(id ID) Entry {
	if len(t.differences) > 0 { // as nearly never
		if i, is := t.find(id); is {
			return t.differences[i].entry()
		}
	}
	return t.onRoster(id)
}

// Store implements [Table].
func (t *RosterTable) Store(id ID, e Entry, rng *rand.Rand) {
	i, differs := t.find(id)
	was := t.onRoster(id)
	if differs {
		was = t.differences[i].entry()
	}
	t.hear(id)
	if !differs {
		t.differences = slices.Insert(t.differences, i, difference{id: id})
	}
	d := &t.differences[i]
	d.incarnation, d.state = e.Incarnation, e.State
	switch is := e.State.InGroup(); {
	case is && !was.State.InGroup():
		t.live++
		// Nobody knows yet which place the permutation has for a member
		// never heard of: it is as random as any.
		if id >= ID(t.roster.size) || was.State != Unknown {
			d.guest = true
			t.invite(id, rng)
		}
	case was.State.InGroup() && !is:
		t.live--
		if d.guest {
			d.guest = false
			t.dismiss(id)
		}
	}
	if !d.guest && e == t.onRoster(id) {
		t.differences = slices.Delete(t.differences, i, i+1)
	}
}

// hear marks a member of the roster as heard of.
func (t *RosterTable) hear(id ID) {
	if t.heard == nil || id >= ID(t.roster.size) || id == t.owner {
		return
	}
	word, bit := &t.heard[id>>6], uint64(1)<<(id&63)
	if *word&bit != 0 {
		return
	}
	*word |= bit
	if t.unheard--; t.unheard == 0 {
		t.heard = nil
	}
}

// Live implements [Table].
func (t *RosterTable) Live() int { return int(t.live) }

// beyond are the differences about members that are not on the roster.
func (t *RosterTable) beyond() []difference {
	n := len(t.differences)
	if n == 0 || t.differences[n-1].id < ID(t.roster.size) {
		return nil
	}
	first, _ := t.find(ID(t.roster.size))
	return t.differences[first:]
}

// Pick implements [Table].
func (t *RosterTable) Pick(rng *rand.Rand) (ID, bool) {
	if t.live == 0 {
		return Nobody, false
	}
	beyond := t.beyond()
	known := int(t.roster.size) + len(beyond)
	if 2*int(t.live) < known {
		return t.pickOfFew(rng), true
	}
	for {
		i := rng.IntN(known)
		if extra := i - int(t.roster.size); extra >= 0 {
			if d := beyond[extra]; d.state.InGroup() {
				return d.id, true
			}
		} else if t.Lookup(ID(i)).State.InGroup() {
			return ID(i), true
		}
	}
}

// pickOfFew counts off the live members, where chance would too often meet others.
func (t *RosterTable) pickOfFew(rng *rand.Rand) ID {
	picked, left := Nobody, rng.IntN(int(t.live))
	t.walk(func(id ID, e Entry) bool {
		if e.State.InGroup() {
			if left == 0 {
				picked = id
				return false
			}
			left--
		}
		return true
	})
	return picked
}

// Sample implements [Table]. It draws and rejects: k is small beside the group,
// or else the whole group is taken.
func (t *RosterTable) Sample(dst []ID, k int, without ID, rng *rand.Rand) []ID {
	candidates := t.Live()
	if t.Lookup(without).State.InGroup() {
		candidates--
	}
	if candidates <= k {
		t.walk(func(id ID, e Entry) bool {
			if e.State.InGroup() && id != without {
				dst = append(dst, id)
			}
			return true
		})
		return dst
	}
	first := len(dst)
	for len(dst) < first+k {
		id, _ := t.Pick(rng)
		if id != without && !slices.Contains(dst[first:], id) {
			dst = append(dst, id)
		}
	}
	return dst
}

// Each implements [Table].
func (t *RosterTable) Each(f func(ID, Entry)) {
	t.walk(func(id ID, e Entry) bool {
		f(id, e)
		return true
	})
}

// walk calls f with every member that has an entry, in the order of their
// handles, as long as f says so.
func (t *RosterTable) walk(f func(ID, Entry) bool) {
	rest := t.differences
	for id := range ID(t.roster.size) {
		e := t.onRoster(id)
		if len(rest) > 0 && rest[0].id == id {
			e, rest = rest[0].entry(), rest[1:]
		}
		if e.State != Unknown && !f(id, e) {
			return
		}
	}
	for _, d := range rest {
		if d.state != Unknown && !f(d.id, d.entry()) {
			return
		}
	}
}
