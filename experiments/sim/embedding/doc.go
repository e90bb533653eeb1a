// Package embedding runs protocol "vivaldi" in the simulation: it embeds
// round-trip times, recorded or of a made-up network, into a coordinate space and says how well
// the coordinates predict it.
//
//	system ─▶ vivaldi.Config ──┐
//	                           ├─▶ world: rounds, or seconds ─▶ view: predictions ─▶ measures,
//	network ─▶ matrix ─────────┤     ▲    with a schedule        against the matrix    maps, frames
//	  dataset, grid,           │     └── faults: join, slow          ▲                  of a film
//	  transit_stub             └─▶ fit: landmarks, direct ───────────┘
//
// In a round every node, in an order shuffled anew, samples each of its neighbours
// once, likewise. In a second every node samples one neighbour drawn at random, as
// in the simulator of the paper's authors; nodes can join later and links change.
// Beside Vivaldi stand the methods it is compared with: landmarks, after GNP, and
// direct optimisation of the same objective with all round trips at hand.
//
// A trial is a pure function of its Spec and the dataset. Its random choices come
// from streams of the trial's seed, one for each concern: who is whose neighbour, in
// which order the nodes act, which way coincident nodes part, and so on. So two spaces tried with
// one seed see the same neighbours in the same order, and their difference is the
// spaces' own.
//
// The setup follows the evaluation of Dabek et al., SIGCOMM 2004: a fixed set of
// neighbours for each node, drawn at random or half of them near, and errors
// taken over all measured pairs, probed or not.
package embedding
