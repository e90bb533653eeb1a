// Package coordinates runs protocol "coordinates" in the simulation: hosts of a
// recorded matrix of round-trip times that find their Vivaldi coordinates from
// one sample each a round, and what is done with the coordinates then.
//
//	network.dataset ─▶ hosts ──▶ rounds: each node, in shuffled order, ──▶ measures:
//	                             samples one peer                           errors against the matrix
//	system ─┬─▶ pattern: which peer is next ──┘   │                         nearest of k services
//	        ├─▶ attack:  what a liar replies ─────┤                         nearest data centre
//	        └─▶ guards:  what a node refuses ─────┘                         what liars achieve
//
// It differs from package embedding, whose subject is how well a space can hold
// the round trips once every node has had enough samples: here the subjects are
// the order in which peers are met, the decisions that rest on the coordinates,
// and peers that lie. So nodes are live [vivaldi.Member]s that take samples one by
// one, as members of a cluster do, and every reply may be false.
//
// A trial is a pure function of its Spec and the dataset. Each purpose has a
// stream of random numbers of its own, so that two patterns, or an attack and its
// absence, tried with one seed meet the same luck in everything else.
package coordinates
