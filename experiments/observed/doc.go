// Package observed turns what members told during a trial into the simulator's
// measures, for worlds that run an implementation in the simulator's place: by the
// same names, of the same things.
//
//	members ──concluded──▶ Record ──Measure──▶ samples
//	schedule ──crashes, holdings──▶ ┘
package observed
