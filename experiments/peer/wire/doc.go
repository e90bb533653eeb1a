// Package wire records what HashiCorp's memberlist and Serf write, as data to test package
// swim/live/wire with.
//
// The unmodified library runs in virtual time (testing/synctest) as three members on a
// network in memory that writes everything down. They join, probe, gossip, send the
// application's messages, fall silent, are suspected, declared dead and refute, and
// leave; with labels, compression and keys of every size. Each run checks that
// our codec reads all of it; with -golden, one datagram or stream of every kind is
// written to swim/live/wire/testdata/golden:
//
//	go test ./wire -run TestMemberlistSpeaks -golden
//
// In one of the groups, consul-compressed, the members say what the simulator's contents
// consul-0.8 are, and experiments/sim holds its sizes against theirs.
//
// Serf does the same as four members that ask and answer queries, through relays and by
// themselves, change their keys, tell events and leave, over IPv4 and IPv6. Its messages are
// taken out of memberlist's packets:
//
//	go test ./wire -run TestSerfSpeaks -golden
package wire
