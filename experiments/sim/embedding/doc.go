// Package embedding runs protocol "vivaldi" in the simulation: it embeds a
// recorded matrix of round-trip times into a coordinate space and says how well
// the coordinates predict it.
//
//	system ─▶ vivaldi.Config ─┐
//	                          ├─▶ rounds: each node, in shuffled order, samples ─▶ measures:
//	network.dataset ─▶ matrix ┘          each of its fixed neighbours once          predictions
//	   (mean of directions)              (vivaldi.Cloud, no clock needed)           against the matrix
//
// A trial is a pure function of its Spec and the dataset. Its random choices come
// from three streams of the trial's seed: who is whose neighbour, in which order
// the nodes act, and which way coincident nodes part. So two spaces tried with
// one seed see the same neighbours in the same order, and their difference is the
// spaces' own.
//
// The setup follows the evaluation of Dabek et al., SIGCOMM 2004: a fixed set of
// neighbours for each node, drawn at random or half of them near, and errors
// taken over all measured pairs, probed or not.
package embedding
