package live

import "time"

// Refusal is why something that came in was not taken.
type Refusal uint8

const (
	// NotForUs: a ping of another name.
	NotForUs Refusal = iota
	// UnknownMember: an indirect ping by or of, or news about, nobody on the list.
	UnknownMember
	// TooMany: more of it came in a second than is served.
	TooMany
	// Conflict: news of a name at another address than the one it is known at.
	Conflict
	// OtherVersions: a member that speaks versions that are not understood here.
	OtherVersions
	// NotValid: a member without a name, address or incarnation that may be.
	NotValid
	// Full: a newcomer for whom the list has no room.
	Full
	// Oversized: a datagram longer than what is read.
	Oversized
	// Unsolicited: an ack of no ping, an answer to no query.
	Unsolicited
	// Unread: what the codec refused, see [wire.Reason].
	Unread
	// Old: a query or an event of Serf's users from before many others.
	Old

	numRefusals
)

var refusalNames = [numRefusals]string{
	NotForUs: "not_for_us", UnknownMember: "unknown_member", TooMany: "too_many", Conflict: "conflict",
	OtherVersions: "other_versions", NotValid: "not_valid", Full: "full", Oversized: "oversized",
	Unsolicited: "unsolicited", Unread: "unread", Old: "old",
}

func (r Refusal) String() string { return refusalNames[r] }

// bucket lets so much through in a second and no more.
type bucket struct {
	rate int
	left int
	from time.Duration // when the present second began
}

func newBucket(rate int) bucket { return bucket{rate: rate, left: rate} }

func (b *bucket) take(now time.Duration) bool {
	if now-b.from >= time.Second {
		b.from, b.left = now, b.rate
	}
	if b.left <= 0 {
		return false
	}
	b.left--
	return true
}
