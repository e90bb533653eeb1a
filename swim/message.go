package swim

import "fmt"

// Kind is a message's type.
type Kind uint8

const (
	// Ping asks the receiver for an Ack (§3.1).
	Ping Kind = iota + 1
	// PingReq asks the receiver to ping Target and pass its ack on (§3.1).
	PingReq
	// Ack answers a Ping. Passed on by a helper it answers a PingReq; Target
	// is then still the member that was pinged.
	Ack
	// News is updates alone: the multicast of SWIM:Basic (§3.2).
	News
	// Join asks the receiver to let the sender into the group.
	Join
	// Welcome answers a Join with the receiver's membership list.
	Welcome
	// Nack tells the member that asked for help that the helper has no ack of
	// Target yet (Lifeguard §IV-A).
	Nack
	// Sync bears the sender's membership list and asks for the receiver's;
	// SyncReply is the answer (push/pull anti-entropy; not in the paper).
	Sync
	SyncReply
)

func (k Kind) String() string {
	switch k {
	case Ping:
		return "ping"
	case PingReq:
		return "ping-req"
	case Ack:
		return "ack"
	case News:
		return "news"
	case Join:
		return "join"
	case Welcome:
		return "welcome"
	case Nack:
		return "nack"
	case Sync:
		return "sync"
	case SyncReply:
		return "sync reply"
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// Message is what members send each other. Who sent it and to whom it goes is
// the caller's to carry.
type Message struct {
	Kind Kind
	// Seq tells one probe from another: the paper's protocol period number pr,
	// "unique at Mi". An Ack bears the Seq of the Ping or PingReq it answers.
	Seq uint32
	// Target is the member being probed, in Ping, PingReq, Ack and Nack. An Ack
	// or Nack that came without it, as memberlist's do, has Nobody, and is told by
	// its Seq alone.
	Target ID
	// Nack asks the receiver of a PingReq for a Nack if no ack comes in time.
	Nack bool
	// Stream is a message that goes over a reliable stream, not as a datagram.
	Stream bool
	// Updates is the news on board, as much as Config allows a datagram; in a
	// Welcome, Sync or SyncReply it is the whole list.
	Updates []Update
}

// answers says whether an Ack or Nack belongs to a ping of target.
func (m *Message) answers(seq uint32, target ID) bool {
	return m.Seq == seq && (m.Target == target || m.Target == Nobody)
}

// Send is a message on its way.
type Send struct {
	To      ID // Nobody: to every other member, by multicast
	Message Message
}
