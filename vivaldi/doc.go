// Package vivaldi is the decentralised network coordinate system of Dabek, Cox,
// Kaashoek and Morris, "Vivaldi: A Decentralized Network Coordinate System",
// SIGCOMM 2004.
//
// Every node keeps a coordinate such that the distance between two coordinates
// predicts the round-trip time between their nodes. A node that measures a
// round trip to a peer, and learns the peer's coordinate and error estimate with
// the reply, moves a little along the spring between the two:
//
//	         rtt = 80 ms measured, 50 ms predicted
//	peer o~~~~~~~~~~~~~~~~~~o──▶ me      pushed away by δ·(80−50) ms
//
//	              sample (peer's coordinate, its error estimate, rtt)
//	                                  │
//	         ┌────────────────────────▼───────────────────────┐
//	Config ──▶ kernel: refuse nonsense                        │
//	         │         w  = e_i/(e_i+e_j)   whom to trust     │
//	         │         e_i, δ = c_c·w       estimate and step │
//	         │         x_i += δ·(rtt−dist)·u(x_i−x_j)         │──▶ Space: what a
//	         └───────▲────────────────────────────────▲───────┘   distance and a
//	                 │                                │           move are
//	       Node: one live member            Cloud: N simulated members
//	                                        in one slice
//
// [Node] and [Cloud] share that one kernel, so a result about a simulated cloud
// is a result about the code a live member runs. Nothing here has a clock, a
// socket, a goroutine or a global random source, and no update allocates.
//
// Round-trip times and distances are time.Duration at the API: always the full
// round trip, never half of it. Inside, and in a [Coordinate], they are float64
// seconds.
//
// What later papers and deployments added stands around the kernel, each a part
// with a config of its own that is off in its zero value, and [Member] bundles them:
//
//	raw sample ─▶ Filter ─▶ Outliers ─▶ kernel ─▶ Adjustment ─▶ Gravity ─▶ UpdateFilter ─▶ application
//	      │                    │         ▲ │                                              coordinate
//	      └────▶ Refusals ◀────┘         │ └─▶ system coordinate, for replies
//	                              neighbour decay
//
// [Paper] is the algorithm as published, [Serf] what HashiCorp runs, to 1e-12 s,
// and [Recommended] what our own experiments say. [Rank], [Nearest] and
// [RankGroups] answer who is near. A sample that cannot be true is refused and
// counted, so that one broken peer cannot spoil the others. A new geometry belongs
// in [Space]: it must say how far apart two points are and move one along the line
// between them.
//
// The package's example is two members that find out how far apart they are; those of
// [Member] and [Nearest] show the whole pipeline and a choice by coordinates.
//
// The arithmetic never lets the compiler fuse a product with a sum, so that the
// same samples give the same coordinates to the last bit on every architecture; on
// a sphere, whose sines are the standard library's, to all but that.
package vivaldi
