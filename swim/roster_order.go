package swim

import (
	"math/rand/v2"
	"slices"
)

// This file is a RosterTable's probing order.

// Next implements [Table].
func (t *RosterTable) Next(rng *rand.Rand) (ID, bool) {
	if t.live == 0 {
		return Nobody, false
	}
	for {
		if g := int(t.nextGuest); g < len(t.guests) && t.guests[g].before <= t.place {
			t.nextGuest++
			return t.guests[g].id, true
		}
		if t.place == t.roster.size {
			t.beginPass(rng)
			continue
		}
		id := t.roster.seat(t.key, t.place)
		t.place++
		if t.hasPlace(id) {
			return id, true
		}
	}
}

// hasPlace says whether it is a member's turn at its place of the permutation:
// it is live, and no guest.
func (t *RosterTable) hasPlace(id ID) bool {
	if len(t.differences) > 0 {
		if i, is := t.find(id); is {
			d := &t.differences[i]
			return d.state.InGroup() && !d.guest
		}
	}
	return t.onRoster(id).State.InGroup()
}

// beginPass draws a new permutation. It has places for the members of the roster
// that were guests; the others are invited anew.
func (t *RosterTable) beginPass(rng *rand.Rand) {
	t.key, t.place, t.nextGuest = rng.Uint64(), 0, 0
	if len(t.guests) == 0 {
		return
	}
	t.guests = t.guests[:0]
	kept := t.differences[:0]
	for _, d := range t.differences {
		d.guest = d.id >= ID(t.roster.size) && d.state.InGroup()
		if d.guest {
			t.invite(d.id, rng)
		}
		if d.guest || d.entry() != t.onRoster(d.id) {
			kept = append(kept, d)
		}
	}
	t.differences = kept
}

// invite gives a guest a turn. In the sequence of all places and guests, guest g
// is number before+g; the new one becomes number i.
func (t *RosterTable) invite(id ID, rng *rand.Rand) {
	i := uint32(rng.IntN(int(t.roster.size) + len(t.guests) + 1))
	g := 0
	for g < len(t.guests) && t.guests[g].before+uint32(g) < i {
		g++
	}
	t.guests = slices.Insert(t.guests, g, guest{id: id, before: i - uint32(g)})
	if i < t.place+uint32(t.nextGuest) {
		t.nextGuest++
	}
}

func (t *RosterTable) dismiss(id ID) {
	g := slices.IndexFunc(t.guests, func(g guest) bool { return g.id == id })
	t.guests = slices.Delete(t.guests, g, g+1)
	if int32(g) < t.nextGuest {
		t.nextGuest--
	}
}
