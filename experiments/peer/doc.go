// Package peer holds other people's implementations against ours: the same
// samples to both, and the clock on both in one run.
//
// It is a module of its own, so that nobody who uses swimlab depends on them.
package peer
