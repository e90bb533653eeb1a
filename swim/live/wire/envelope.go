package wire

import (
	"crypto/rand"
	"io"
)

// Options are how a group wraps what it sends; its members must agree.
type Options struct {
	// Label keeps groups apart: what bears another label is refused. At most
	// [MaxLabel] bytes; empty for none.
	Label string
	// LabelStripped says that something before this member takes the label from
	// what comes in (memberlist's SkipInboundLabelCheck).
	LabelStripped bool
	// Keys encrypt and decrypt; nil for a plain group.
	Keys *Keyring
	// SendPlain and AcceptPlain are for the time in which a group changes to
	// encryption (memberlist's GossipVerifyOutgoing and GossipVerifyIncoming,
	// negated).
	SendPlain, AcceptPlain bool
	// PaddedCipher encrypts as members did that speak memberlist's protocol
	// version 1. Both ways are understood always.
	PaddedCipher bool
	// Compress compresses packets that become smaller by it, and every stream.
	// What is compressed is understood always.
	Compress bool
	// MaxStream limits what a stream may bring and expand to; 0 is [MaxStream].
	MaxStream int
	// Nonces is where nonces come from; nil is crypto/rand, and all but tests
	// need that.
	Nonces io.Reader
}

// Envelope wraps and unwraps a group's packets and streams. It may be used by
// many goroutines; the [PacketWriter] and [PacketReader] that it makes may not.
type Envelope struct {
	Options
	label []byte
}

// NewEnvelope checks the options.
func NewEnvelope(o Options) (*Envelope, error) {
	if len(o.Label) > MaxLabel {
		return nil, &Error{TooLarge, "label", "", plural(len(o.Label), "byte"), "at most " + decimal(MaxLabel)}
	}
	if o.MaxStream < 0 || o.MaxStream > MaxStream {
		return nil, &Error{TooLarge, "options", "MaxStream", o.MaxStream, "0 to " + decimal(MaxStream)}
	}
	if o.MaxStream == 0 {
		o.MaxStream = MaxStream
	}
	if o.Nonces == nil {
		o.Nonces = rand.Reader
	}
	return &Envelope{Options: o, label: []byte(o.Label)}, nil
}

// Overhead is how many bytes label and encryption add to a packet. As memberlist
// plans it, compression and the checksum are not counted.
func (e *Envelope) Overhead() int {
	n := 0
	if e.Label != "" {
		n += labelHeader + len(e.Label)
	}
	if e.encrypts() {
		n += sealOverhead
		if e.PaddedCipher {
			n += padding
		}
	}
	return n
}

const labelHeader = 2 // type and length

func (e *Envelope) encrypts() bool { return e.Keys != nil && !e.SendPlain }

// appendLabel appends the label's header.
func (e *Envelope) appendLabel(b []byte) []byte {
	if e.Label == "" {
		return b
	}
	return append(append(b, byte(TypeHasLabel), byte(len(e.Label))), e.Label...)
}

// checkLabel compares the label of something received with that of the group.
func (e *Envelope) checkLabel(what string, label []byte) error {
	want := e.Label
	if e.LabelStripped {
		want = ""
	}
	if string(label) == want {
		return nil
	}
	if want == "" {
		return &Error{WrongLabel, what, "", quoted(label), "none"}
	}
	return &Error{WrongLabel, what, "", quoted(label), quoted([]byte(want))}
}
