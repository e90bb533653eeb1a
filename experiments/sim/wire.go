package sim

import (
	"fmt"

	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/swim"
)

// Wire is the `system.wire` section: how messages are encoded. Nothing is
// encoded in virtual time, but sizes decide how much news fits a datagram, and
// bytes sent are a measure.
type Wire struct {
	// Codec is memberlist, or none: then a datagram's room is MaxUpdates, and
	// bytes are not counted.
	Codec string `key:"codec"`
	// NameBytes is the length of a member's name, MetaBytes of the metadata
	// that an alive message carries, and PayloadBytes of what an ack does
	// (a network coordinate).
	NameBytes    int `key:"name_bytes"`
	MetaBytes    int `key:"meta_bytes"`
	PayloadBytes int `key:"payload_bytes"`
	// PacketBytes is how large a datagram may become; 1400 if not given.
	PacketBytes int `key:"packet_bytes"`
}

// check says what is wrong with the section.
func (w Wire) check() error {
	if w.Codec != "" && w.Codec != "none" && w.Codec != "memberlist" {
		return &trial.KeyError{Key: "system.wire.codec", Got: quoted(w.Codec), Want: "none or memberlist"}
	}
	for _, size := range []struct {
		key   string
		bytes int
	}{{"name_bytes", w.NameBytes}, {"meta_bytes", w.MetaBytes}, {"payload_bytes", w.PayloadBytes}, {"packet_bytes", w.PacketBytes}} {
		if size.bytes < 0 || size.bytes > maxPacket {
			return &trial.KeyError{Key: "system.wire." + size.key, Got: size.bytes, Want: fmt.Sprintf("0 to %d", maxPacket)}
		}
	}
	return nil
}

// maxPacket is the largest datagram there is.
const maxPacket = 65507

// measure has the configuration measure messages as the codec would encode them.
func (w Wire) measure(c *swim.Config) {
	if w.Codec != "memberlist" {
		return
	}
	c.Sizer = memberlistSizes{w}
	c.PacketBytes = w.PacketBytes
	if c.PacketBytes == 0 {
		c.PacketBytes = 1400
	}
}

// memberlistSizes measures messages in memberlist's encoding: a type byte and a
// msgpack map of field names, without compression, encryption or label. A
// datagram with more than one part is a compound: 2 bytes, and 2 a part.
type memberlistSizes struct{ Wire }

const (
	compoundHeader = 2 // type and count
	partHeader     = 2 // length
	header         = 2 // a message's type byte and its map's header
)

// field is the size of a map's key and of a value.
func field(name string, value int) int { return 1 + len(name) + value }

// text is the size of a string or byte slice in the old msgpack encoding.
func text(n int) int {
	if n < 32 {
		return 1 + n
	}
	return 3 + n
}

// The sizes of numbers as they typically are: ports take 3 bytes, sequence
// numbers of a member that has run for some minutes 3, incarnations 1.
const (
	portBytes        = 3
	seqBytes         = 3
	incarnationBytes = 1
	addrBytes        = 1 + 4
	versionBytes     = 1 + 6
)

// MessageBytes implements [swim.Sizer].
func (s memberlistSizes) MessageBytes(k swim.Kind) int {
	name := text(s.NameBytes)
	source := field("SourceAddr", addrBytes) + field("SourcePort", portBytes) + field("SourceNode", name)
	parts := compoundHeader + partHeader // of the message itself, once news is on board
	switch k {
	case swim.Ping:
		return parts + header + field("SeqNo", seqBytes) + field("Node", name) + source
	case swim.PingReq:
		return parts + header + field("SeqNo", seqBytes) + field("Target", addrBytes) + field("Port", portBytes) + field("Node", name) + field("Nack", 1) + source
	case swim.Ack:
		return parts + header + field("SeqNo", seqBytes) + field("Payload", text(s.PayloadBytes))
	case swim.Nack:
		return parts + header + field("SeqNo", seqBytes)
	case swim.News:
		return compoundHeader
	case swim.Join, swim.Welcome, swim.Sync, swim.SyncReply:
		return header + field("Nodes", 3) + field("UserStateLen", 1) + field("Join", 1)
	}
	return 0
}

// UpdateBytes implements [swim.Sizer].
func (s memberlistSizes) UpdateBytes(u swim.Update) int {
	name := text(s.NameBytes)
	if u.State == swim.Alive {
		return partHeader + header + field("Incarnation", incarnationBytes) + field("Node", name) +
			field("Addr", addrBytes) + field("Port", portBytes) + field("Meta", text(s.MetaBytes)) + field("Vsn", versionBytes)
	}
	return partHeader + header + field("Incarnation", incarnationBytes) + field("Node", name) + field("From", name)
}

// rowBytes is the size of one member in a list that goes over a stream.
func (s memberlistSizes) rowBytes() int {
	return 1 + field("Name", text(s.NameBytes)) + field("Addr", addrBytes) + field("Port", portBytes) +
		field("Meta", text(s.MetaBytes)) + field("Incarnation", incarnationBytes) + field("State", 1) + field("Vsn", versionBytes)
}

// bytes is the size of a whole message.
func (s memberlistSizes) bytes(m *swim.Message) int {
	n := s.MessageBytes(m.Kind)
	switch m.Kind {
	case swim.Join, swim.Welcome, swim.Sync, swim.SyncReply:
		return n + len(m.Updates)*s.rowBytes()
	}
	if len(m.Updates) == 0 && m.Kind != swim.News {
		return n - compoundHeader - partHeader // alone, it is no compound
	}
	if len(m.Updates) == 1 && m.Kind == swim.News {
		return s.UpdateBytes(m.Updates[0]) - partHeader
	}
	for i := range m.Updates {
		n += s.UpdateBytes(m.Updates[i])
	}
	return n
}
