// Package film records what the live pages of repro serve show: an embedding
// finding its shape, and a simulated group of members watching each other.
//
//	choices ──▶ trial.Spec ─┬─▶ sim/embedding   ─┐ picture.Watcher
//	                        ├─▶ sim/coordinates ─┼─▶ camera ─▶ align, judge ─▶ Embedding ─┐
//	definition ─▶ trial.Spec┼─▶ sim/stream      ─┘   frames    undo drift     errors      ├─▶ Encode ─▶ page
//	                        │                                  and spin                    │
//	                        └─▶ sim.World ───────────────────▶ every change of mind ─▶ Cluster
//
// There is one way to film an embedding: the world that runs its trials in
// experiments runs one before a camera, which looks between two samples and changes
// nothing. What a reader puts together on the page is such a trial, too.
//
// A film is a recording and not a drawing: it holds what was, in milliseconds and
// seconds of virtual time, and leaves it to the page what to make of it. The same
// options give the same film, byte for byte. What a page computes itself, the round
// trip that two places predict, it computes as [Embedding.Predicted] does.
package film
