package swim

import "math/rand/v2"

// Table is a member's view of the group. It is a seam because groups differ in
// size by five orders of magnitude: a live member keeps a [DenseTable], while the
// members of a very large simulation share one [Roster], and each keeps only its
// few differences from it in a [RosterTable]. What they choose has the same
// distribution; they draw differently from rng, so the choices are not the same.
//
// The owner itself is never in its own table. Live members are those whose
// state is InGroup. Every random choice comes from the rng handed in, so that a
// Table is as deterministic as its caller.
type Table interface {
	// Lookup returns what is believed of id; the zero Entry if nothing is.
	Lookup(id ID) Entry
	// Store replaces what is believed of id. A member that becomes live
	// enters the probing order at a random place; one that ceases to be live
	// drops out of it.
	Store(id ID, e Entry, rng *rand.Rand)
	// Live is the number of live members, the owner not counted.
	Live() int
	// Next returns the next live member in probing order, redrawing the order
	// after each pass, and false if there is none.
	Next(rng *rand.Rand) (ID, bool)
	// Pick returns a live member drawn uniformly, and false if there is none.
	Pick(rng *rand.Rand) (ID, bool)
	// Sample appends to dst up to k distinct live members drawn uniformly,
	// never without, and returns the extended slice.
	Sample(dst []ID, k int, without ID, rng *rand.Rand) []ID
	// Each calls f with every member that has an entry, in the order of
	// their handles.
	Each(f func(ID, Entry))
}
