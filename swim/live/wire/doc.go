// Package wire is the wire format of HashiCorp's memberlist and of Serf on top of it,
// as far as a member needs it that lives among theirs.
//
// A datagram is layers around messages, and a stream is layers around one message:
//
//	datagram                              stream
//	┌ label      envelope.go ┐            ┌ label       (opener only)
//	│┌ encrypted cipher.go   │            │┌ encrypted  framed
//	││┌ checksum packet.go   │            ││┌ compressed
//	│││┌ compressed           │            │││ ping · ack · error     stream.go
//	││││┌ compound            │            │││ user
//	│││││ ping · indirect ping · ack ·     │││ push/pull: header, rows, user state
//	│││││ nack · suspect · dead · alive    │││                        pushpull.go
//	│││││ user             message.go      │││
//
// A [PacketWriter] and a [PacketReader] put on and take off a datagram's layers,
// [Envelope.AppendRequest] and [Envelope.ReadRequest] (for the other direction
// AppendAnswer and ReadAnswer) those of a stream. What all the members of a group
// agree on is in the [Envelope]'s [Options]; keys can be changed while it runs
// ([Keyring]).
//
// # Messages
//
// A message is a type byte and a msgpack map. Every message has Append, Size and
// Decode. Append and Decode allocate nothing: they append to the caller's buffer,
// and give slices of the packet. Size is exact, so that a sender can fill a
// datagram to the last byte.
//
// The output is the same bytes as memberlist's. The input may be all that memberlist's
// decoder accepts: keys in any order, unknown and missing keys, arrays for maps,
// numbers in any width, newer msgpack's texts and bytes.
//
// The msgpack here is the package's own, for these few messages are most of what a
// member's processor does. hashicorp/go-msgpack, which memberlist uses, is what the
// tests hold it against, value by value and byte by byte; the benchmarks have both
// in one run. Nothing here is recursive but compounds and compressed messages, up to
// [MaxDepth].
//
// # Trust
//
// No input makes a decoder panic, nor take memory or time out of proportion to its size
// and the limits in limits.go. Faults are [Error]s with a [Reason]. Without keys
// anybody may say anything, which is memberlist's design: this package says what
// was said, not whether it is true.
//
// # Serf
//
// Serf's tags are in the metadata of alive messages (tags.go), its coordinates in the
// payload of acks (coordinate.go), its intents and events in user messages and its
// clocks in the user state of push/pull (serf.go). Its queries, the answers to them and
// the relays that the answers may take are user messages, too (serf_query.go); what
// Serf asks of itself is in their payloads (serf_keys.go, serf_member.go). A relay asks
// its receiver to send anything to any address: who reads one decides what goes where.
package wire
