// Package stream runs members with everything around the algorithm, latency and
// update filters, adjustment, gravity and neighbour decay, on round trips that
// change from frame to frame, as they were recorded. Package embedding asks how
// well a settled group predicts one fixed matrix; this one asks what a group that
// never settles does.
//
//	system ─▶ vivaldi.MemberConfig ─┐
//	network ─▶ frames of round trips ├─▶ world ─▶ tally ─▶ Observations
//	run ─▶ passes, samples ─────────┘
//
// In a frame every member takes the same number of samples, each of a raw round
// trip of that frame. Before a member learns a sample it predicts it, by the
// coordinates that applications are shown; errors are those of such predictions.
// A frame counts as a second on the members' clocks.
package stream
