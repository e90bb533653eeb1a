// Package lifeguard is local health awareness for the SWIM protocol:
//
//	A. Dadgar, J. Phillips, J. Currey: Lifeguard: Local Health Awareness for
//	More Accurate Failure Detection. DSN-W 2018 (arXiv 1707.00788).
//
// A member that is slow to process messages takes every other for dead, because
// it sees their acks too late. Lifeguard lets it doubt itself first. Its three
// components switch on one by one:
//
//	LHA-Probe      health.go     how slow am I? a score of 0…S, from one's own
//	                             probes, missed nacks and refutations; probe less
//	                             often and wait longer while it is high
//	LHA-Suspicion  suspicion.go  suspect for long, unless others confirm
//	               Buddy System  tell a suspect of its suspicion with the very
//	                             next ping, so that it can refute it
//
// [Policy] plugs them into [swim.Node] through swim's extension point; package
// swim knows nothing of this one. [Paper] is Lifeguard as published, [Deployed] as
// memberlist has it; swim/DEPLOYED.md tabulates the difference.
//
// The package's example is a member whom nothing reaches: how it comes to doubt
// itself, and for how long it suspects others.
package lifeguard
