package wire

// Limits on what is read. Memory and time spent on an input are in proportion to
// its size; where it may ask for more than it brings, these are the bounds.
const (
	// MaxPacket is the largest datagram there is, and MaxExpandedPacket what one
	// may become by all its decompressions together. memberlist allows 40 MiB.
	MaxPacket         = 65535
	MaxExpandedPacket = 64 << 10
	// MaxStream is what a stream may bring and what it may expand to, unless
	// [Envelope.MaxStream] says less. It is memberlist's limit on a list's
	// bytes; memberlist lets it expand to the double.
	MaxStream = 20 << 20
	// MaxNodes is the number of rows in one list of members, memberlist's limit.
	MaxNodes = 1 << 20
	// MaxRow is the largest row of a list.
	MaxRow = 64 << 10
	// MaxDepth is how deep compounds and compressed messages may lie within each
	// other. memberlist writes compressed(compound(messages)), and reads any depth.
	MaxDepth = 4
	// MaxParts is the number of messages in a compound: its count is a byte.
	MaxParts = 255
	// MaxPart is the largest message in a compound: its length is two bytes.
	MaxPart = 65535
	// MaxLabel is the largest label: its length is a byte.
	MaxLabel = 255
	// MaxMeta is the largest metadata of a member that memberlist sends.
	MaxMeta = 512
)
