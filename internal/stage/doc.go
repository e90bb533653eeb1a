// Package stage is where the tests of the protocol packages play: a group in
// manual time, over a network that loses only what it is told to lose. Nothing in
// it is random but what the members draw themselves from their seeds, and so a
// test can say who hears what and when.
//
//	script.go    stories in testdata, and the vocabulary they are told in
//	cluster.go   the members, the clock and the messages in flight
//	trace.go     what happened, in words
package stage
