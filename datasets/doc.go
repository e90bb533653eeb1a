// Package datasets holds round-trip times between Internet hosts: recorded ones
// of other people's measurements, and a synthetic Internet for those who have
// no network at hand.
//
//	manifest.yaml ─┐                        ┌─▶ Matrix   one RTT for each ordered pair
//	checksums/     ├─▶ Store ──parse──────┤
//	raw files ─────┘    │                   └─▶ Frames   the same, slice of time after slice
//	                      │
//	cities.go ─▶ Synthetic┘
//
// The manifest says of every set where it comes from, how it was measured, its
// licence, its unit and its traps. Raw files are kept as their origin
// published them and are checked by sha256 each time they are read. What leaves
// the package is always a full round trip as a [time.Duration]: unit and
// direction are settled once, at parsing, by the types [Unit] and [Quantity].
//
// A [Store] finds a set by name: built in, in a directory of the caller (the
// command uses $REPRO_DATASETS), or in the cache where [Store.Fetch] and
// [Store.Import] write.
//
//	store, err := datasets.Default()
//	m, err := store.Open("synthetic-internet:512:7")
//	rtt, ok := m.RTT(0, 1)
package datasets
