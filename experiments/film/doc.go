// Package film records what the live pages of repro serve show: an embedding
// finding its shape, and a simulated group of members watching each other.
//
//	datasets ──▶ vivaldi.Cloud ──▶ Embedding: where every node was, frame by frame ──┐
//	                                 │ align: undo the drift and spin no distance sees ├─▶ Encode ──▶ page
//	trial.Spec ─▶ sim.World ──────▶ Cluster: every change of mind, every message ────┘
//
// A film is a recording and not a drawing: it holds what was, in milliseconds and
// seconds of virtual time, and leaves it to the page what to make of it. The same
// options give the same film, byte for byte.
package film
