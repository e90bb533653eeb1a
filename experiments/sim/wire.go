package sim

import (
	"fmt"

	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/swim"
)

// Wire is the `system.wire` section: how messages are encoded. Sizes decide how
// much news fits a datagram, and bytes sent are a measure. Only for the latter, and
// only where Contents says what is in them, are messages encoded.
type Wire struct {
	// Codec is memberlist, or none: then a datagram's room is MaxUpdates, and
	// bytes are not counted.
	Codec string `key:"codec"`
	// NameBytes is the length of a member's name, MetaBytes of the metadata
	// that an alive message carries, and PayloadBytes of what an ack does;
	// with system.coordinates that is the coordinate.
	NameBytes    int `key:"name_bytes"`
	MetaBytes    int `key:"meta_bytes"`
	PayloadBytes int `key:"payload_bytes"`
	// PacketBytes is how large a datagram may become; 1400 if not given.
	PacketBytes int `key:"packet_bytes"`
	// Contents names the program whose names, addresses, metadata, coordinates and
	// state the messages contain: memberlist, serf, consul-0.6 or consul-0.8, see
	// programs. It takes the place of the sizes above. Messages are encoded then,
	// and bytes are exactly those of the codec.
	Contents string `key:"contents"`
	// DisableCoordinates has acks bear no coordinate, as Serf's and Consul's
	// option of this name does.
	DisableCoordinates bool `key:"disable_coordinates"`
	// Compress compresses what is sent, as memberlist does unless told otherwise.
	// How much news fits a datagram is planned without it, there and here: it
	// changes bytes and nothing else. It needs Contents.
	Compress bool `key:"compress"`
}

// check says what is wrong with the section.
func (w Wire) check() error {
	if w.Codec != "" && w.Codec != "none" && w.Codec != "memberlist" {
		return &trial.KeyError{Key: "system.wire.codec", Got: quoted(w.Codec), Want: "none or memberlist"}
	}
	if err := w.checkContents(); err != nil {
		return err
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
	c.Sizer = newMemberlistSizes(w.sizes())
	c.PacketBytes = w.PacketBytes
	if c.PacketBytes == 0 {
		c.PacketBytes = 1400
	}
}

// memberlistSizes measures messages in memberlist's encoding: a type byte and a
// msgpack map of field names, without compression, encryption or label. A
// datagram with more than one part is a compound: 2 bytes, and 2 a part. Gossip
// sent by itself is preceded by a checksum; probes are not, because memberlist
// looks up by address whether the receiver understands one, and finds names.
//
// All sizes but those of numbers are the same for all members, and kept here.
type memberlistSizes struct {
	kinds        [swim.SyncReply + 1]int // a message without its sequence number's value
	alive, other int                     // a piece of news without its incarnation's value
	row          int                     // a row of a list without its incarnation's value
}

func newMemberlistSizes(w Wire) *memberlistSizes {
	name, meta := text(w.NameBytes), text(w.MetaBytes)
	seq := field("SeqNo", 0)
	node := field("Node", name)
	addr := field("Addr", addrBytes) + field("Port", portBytes)
	source := field("SourceAddr", addrBytes) + field("SourcePort", portBytes) + field("SourceNode", name)
	if p, named := programs[w.Contents]; named && !p.source {
		source = 0
	}
	s := &memberlistSizes{
		alive: header + field("Incarnation", 0) + node + addr + field("Meta", meta) + field("Vsn", versionBytes),
		other: header + field("Incarnation", 0) + node + field("From", name),
		row:   1 + field("Name", name) + addr + field("Meta", meta) + field("Incarnation", 0) + field("State", 1) + field("Vsn", versionBytes),
	}
	s.kinds[swim.Ping] = header + seq + node + source
	s.kinds[swim.PingReq] = header + seq + field("Target", addrBytes) + field("Port", portBytes) + node + field("Nack", 1) + source
	s.kinds[swim.Ack] = header + seq + field("Payload", text(w.PayloadBytes))
	s.kinds[swim.Nack] = header + seq
	return s
}

const (
	checksum       = 5 // type and CRC-32
	compoundHeader = 2 // type and count
	partHeader     = 2 // length
	header         = 2 // a message's type byte and its map's header

	portBytes    = 3
	addrBytes    = 1 + 4
	versionBytes = 1 + 6
	// roomForSeq is what a sequence number takes when room is planned before
	// the number is known: that of a member that has run for some minutes.
	roomForSeq = 3
)

// field is the size of a map's key and of a value.
func field(name string, value int) int { return 1 + len(name) + value }

// text is the size of a string or byte slice of n bytes, as msgpack had it before
// there were short byte slices.
func text(n int) int {
	if n < 32 {
		return 1 + n
	}
	return 3 + n
}

// whole is the size of a whole number.
func whole(n uint32) int {
	switch {
	case n < 1<<7:
		return 1
	case n < 1<<8:
		return 2
	case n < 1<<16:
		return 3
	}
	return 5
}

// signed is the size of a whole number of Go's type int, which the codec writes in
// its signed formats.
func signed(n int) int {
	switch {
	case n < 1<<7:
		return 1
	case n < 1<<15:
		return 3
	}
	return 5
}

// update is the size of one piece of news as a message of its own.
func (s *memberlistSizes) update(u *swim.Update) int {
	if u.State == swim.Alive {
		return s.alive + whole(u.Incarnation)
	}
	return s.other + whole(u.Incarnation)
}

// list is the size of a list of members, as it goes over a stream.
func (s *memberlistSizes) list(rows []swim.Update) int {
	n := header + field("Nodes", signed(len(rows))) + field("UserStateLen", whole(0)) + field("Join", 1)
	for i := range rows {
		n += s.row + whole(rows[i].Incarnation)
	}
	return n
}

// MessageBytes implements [swim.Sizer].
func (s *memberlistSizes) MessageBytes(k swim.Kind) int {
	if k == swim.News {
		return compoundHeader
	}
	return compoundHeader + partHeader + s.kinds[k] + roomForSeq
}

// UpdateBytes implements [swim.Sizer].
func (s *memberlistSizes) UpdateBytes(u swim.Update) int { return partHeader + s.update(&u) }

// bytes is the size of a whole message.
func (s *memberlistSizes) bytes(m *swim.Message) int {
	n, parts := s.kinds[m.Kind]+whole(m.Seq), 1
	switch m.Kind {
	case swim.Join, swim.Welcome, swim.Sync, swim.SyncReply:
		return s.list(m.Updates)
	case swim.News:
		n, parts = checksum, 0
	}
	for i := range m.Updates {
		n += s.update(&m.Updates[i])
		parts++
	}
	if parts > 1 {
		n += compoundHeader + parts*partHeader
	}
	return n
}
