package wire

import (
	"encoding/binary"
	"hash/crc32"
)

// ChecksumBytes is what a checksum, where there is one, takes of a datagram: type and CRC-32.
const ChecksumBytes = 5

const (
	compoundHeader = 2 // type and number of parts
	partHeader     = 2 // length
)

// PacketWriter gathers messages into one datagram. It is used again and again, and
// then allocates nothing.
//
//	w.Reset()
//	w.Add(ping.Append(buf[:0]))
//	for more && w.Add(news.Append(buf[:0])) { … }
//	packet, err := w.Seal(false)
type PacketWriter struct {
	env    *Envelope
	limit  int // of the messages and what makes a compound of them
	bodies []byte
	sizes  []uint16
	plain  []byte
	packed []byte
	out    []byte
}

// NewPacketWriter makes a writer of datagrams of at most so many bytes, to which
// the checksum's 5 may come; memberlist plans 1400 in the same way.
func (e *Envelope) NewPacketWriter(packetBytes int) (*PacketWriter, error) {
	least := e.Overhead() + compoundHeader + partHeader + 1
	if packetBytes < least || packetBytes > MaxPacket-ChecksumBytes {
		return nil, &Error{TooLarge, "packet writer", "packet bytes", packetBytes, decimal(least) + " to " + decimal(MaxPacket-ChecksumBytes)}
	}
	return &PacketWriter{env: e, limit: packetBytes - e.Overhead()}, nil
}

// Reset begins a new datagram.
func (w *PacketWriter) Reset() { w.bodies, w.sizes = w.bodies[:0], w.sizes[:0] }

// Trim gives back the memory that large datagrams have taken. It is as after a Reset.
func (w *PacketWriter) Trim() { *w = PacketWriter{env: w.env, limit: w.limit} }

// Parts is the number of messages in the datagram.
func (w *PacketWriter) Parts() int { return len(w.sizes) }

// Room is the size of the largest message that can be added.
func (w *PacketWriter) Room() int {
	n := len(w.sizes)
	switch n {
	case 0:
		return w.limit
	case MaxParts:
		return 0
	}
	return max(0, w.limit-compoundHeader-(n+1)*partHeader-len(w.bodies))
}

// Add adds a message, and reports whether there was room for it.
func (w *PacketWriter) Add(message []byte) bool {
	if len(message) == 0 || len(message) > w.Room() {
		return false
	}
	w.bodies = append(w.bodies, message...)
	w.sizes = append(w.sizes, uint16(len(message)))
	return true
}

// Seal gives the datagram, which is valid until the next Reset. A checksum may be asked
// for if the receiver is known to understand it ([Versions.UnderstandsCRC]).
// Without a message there is nothing to send, and the result is nil.
func (w *PacketWriter) Seal(checksum bool) ([]byte, error) {
	if len(w.sizes) == 0 {
		return nil, nil
	}
	w.plain = append(w.plain[:0], make([]byte, ChecksumBytes)...)
	if len(w.sizes) > 1 {
		w.plain = append(w.plain, byte(TypeCompound), byte(len(w.sizes)))
		for _, n := range w.sizes {
			w.plain = append(w.plain, byte(n>>8), byte(n))
		}
	}
	w.plain = append(w.plain, w.bodies...)
	plain := w.plain

	if w.env.Compress {
		var err error
		w.packed, err = appendCompressed(append(w.packed[:0], make([]byte, ChecksumBytes)...), plain[ChecksumBytes:])
		if err != nil {
			return nil, err
		}
		if len(w.packed) < len(plain) {
			plain = w.packed
		}
	}
	if checksum {
		plain[0] = byte(TypeHasCRC)
		binary.BigEndian.PutUint32(plain[1:], crc32.ChecksumIEEE(plain[ChecksumBytes:]))
	} else {
		plain = plain[ChecksumBytes:]
	}
	if !w.env.encrypts() && w.env.Label == "" {
		return plain, nil
	}
	w.out = w.env.appendLabel(w.out[:0])
	if !w.env.encrypts() {
		w.out = append(w.out, plain...)
		return w.out, nil
	}
	var err error
	w.out, err = w.env.appendSealed(w.out, plain, w.env.label)
	return w.out, err
}

// PacketReader takes datagrams apart. It is used again and again, and then
// allocates nothing but what its answers need.
type PacketReader struct {
	env      *Envelope
	opened   []byte
	expanded []byte
	budget   int // bytes that this packet may still expand to
	visit    func(Type, []byte)
}

// NewPacketReader makes a reader.
func (e *Envelope) NewPacketReader() *PacketReader { return &PacketReader{env: e} }

// Read calls visit for every message in a datagram: with its type, which is none of
// the layers', and with what follows the type. The bytes are valid until the
// next Read. Where something is wrong, what came before it has been visited.
func (r *PacketReader) Read(packet []byte, visit func(t Type, body []byte)) error {
	r.expanded, r.budget, r.visit = r.expanded[:0], MaxExpandedPacket, visit
	plain, err := r.open(packet)
	if err != nil {
		return err
	}
	if len(plain) > 0 && Type(plain[0]) == TypeHasCRC {
		if plain, err = checked(plain); err != nil {
			return err
		}
	}
	return r.walk(plain, 0)
}

// open takes label and encryption from a packet.
func (r *PacketReader) open(packet []byte) ([]byte, error) {
	const what = "packet"
	var label []byte
	if len(packet) > 0 && Type(packet[0]) == TypeHasLabel {
		if len(packet) < labelHeader || len(packet) < labelHeader+int(packet[1]) {
			return nil, &Error{Truncated, what, "label", plural(len(packet), "byte"), "its length and so many more"}
		}
		if packet[1] == 0 {
			return nil, &Error{Malformed, what, "label", "length 0", "1 to " + decimal(MaxLabel)}
		}
		label, packet = packet[labelHeader:labelHeader+int(packet[1])], packet[labelHeader+int(packet[1]):]
	}
	if err := r.env.checkLabel(what, label); err != nil {
		return nil, err
	}
	if r.env.Keys == nil {
		return packet, nil
	}
	opened, err := r.env.appendOpened(r.opened[:0], what, packet, r.env.label)
	if err != nil {
		if r.env.AcceptPlain {
			return packet, nil
		}
		return nil, err
	}
	r.opened = opened
	return opened, nil
}

// checked takes the checksum from a message.
func checked(b []byte) ([]byte, error) {
	if len(b) < ChecksumBytes {
		return nil, &Error{Truncated, "checksum", "", plural(len(b), "byte"), "at least " + decimal(ChecksumBytes)}
	}
	want, rest := binary.BigEndian.Uint32(b[1:]), b[ChecksumBytes:]
	if got := crc32.ChecksumIEEE(rest); got != want {
		return nil, &Error{BadChecksum, "packet", "", hex32(got), hex32(want)}
	}
	return rest, nil
}

// walk visits a message, or those within it.
func (r *PacketReader) walk(b []byte, depth int) error {
	if len(b) == 0 {
		return &Error{Truncated, "message", "", "0 bytes", "a type"}
	}
	if depth > MaxDepth {
		return &Error{TooDeep, "packet", "", depth, "at most " + decimal(MaxDepth)}
	}
	switch t, body := Type(b[0]), b[1:]; t {
	case TypeCompound:
		return r.compound(body, depth)
	case TypeCompress:
		start := len(r.expanded)
		expanded, err := appendExpanded(r.expanded, body, r.budget)
		if err != nil {
			return err
		}
		r.expanded = expanded
		r.budget -= len(expanded) - start
		return r.walk(expanded[start:], depth+1)
	case TypeHasCRC, TypeHasLabel, TypeEncrypt, TypePushPull, TypeError:
		return &Error{Unsupported, "packet", "message type", t, "one of a datagram's messages"}
	default:
		if int(t) >= len(typeNames) {
			return &Error{Unsupported, "packet", "message type", byte(t), "one that is known"}
		}
		r.visit(t, body)
		return nil
	}
}

// compound visits the messages of a compound. Of one that is cut short, those that
// are whole; and one that is wrong does not stop those after it. The first fault
// is reported.
func (r *PacketReader) compound(b []byte, depth int) error {
	const what = "compound"
	if len(b) == 0 {
		return &Error{Truncated, what, "count", "0 bytes", "1"}
	}
	n := int(b[0])
	if len(b) < 1+n*partHeader {
		return &Error{Truncated, what, "lengths", plural(len(b)-1, "byte"), decimal(n * partHeader)}
	}
	sizes, bodies := b[1:1+n*partHeader], b[1+n*partHeader:]
	var first error
	for k := range n {
		size := int(binary.BigEndian.Uint16(sizes[k*partHeader:]))
		if size > len(bodies) {
			if first == nil {
				first = &Error{Truncated, what, "part " + decimal(k+1) + " of " + decimal(n), plural(len(bodies), "byte"), decimal(size)}
			}
			break
		}
		if err := r.walk(bodies[:size:size], depth+1); err != nil && first == nil {
			first = err
		}
		bodies = bodies[size:]
	}
	return first
}
