package wire

import "fmt"

// Reason is the kind of fault that an [Error] reports; match it with errors.Is.
// A member counts refused packets by it.
type Reason uint8

const (
	// Truncated: the input ends before what it announces.
	Truncated Reason = iota + 1
	// Malformed: the input is not what the format has at this place.
	Malformed
	// TooLarge: a size, count or expansion is over its limit.
	TooLarge
	// TooDeep: compounds or compressed messages within each other, beyond [MaxDepth].
	TooDeep
	// WrongLabel: the packet or stream is of another group.
	WrongLabel
	// NotDecrypted: no key of the ring opens it, or it is plain and must not be.
	NotDecrypted
	// BadChecksum: the CRC-32 is not that of the message.
	BadChecksum
	// Unsupported: a version, algorithm or message type that is not known here.
	Unsupported
	// Incompatible: the protocol versions of two members have none in common.
	Incompatible

	// NumReasons is one more than the largest Reason.
	NumReasons
)

var reasonNames = [...]string{
	Truncated: "truncated", Malformed: "malformed", TooLarge: "too large", TooDeep: "nested too deep",
	WrongLabel: "wrong label", NotDecrypted: "not decrypted", BadChecksum: "bad checksum",
	Unsupported: "unsupported", Incompatible: "incompatible",
}

func (r Reason) String() string {
	if int(r) < len(reasonNames) && r > 0 {
		return reasonNames[r]
	}
	return fmt.Sprintf("Reason(%d)", uint8(r))
}

// Error implements error, so that errors.Is(err, wire.Truncated) asks for a reason.
func (r Reason) Error() string { return r.String() }

// Error says what was wrong with what was read or is to be written.
type Error struct {
	Reason Reason
	// What is the message or layer, and Field the part of it; Field may be empty.
	What, Field string
	// Got is the offending value, and Want says what would have been right.
	Got  any
	Want string
}

func (e *Error) Error() string {
	what := e.What
	if e.Field != "" {
		what += ": " + e.Field
	}
	if e.Want == "" {
		return fmt.Sprintf("wire: %s: %s: %v", what, e.Reason, e.Got)
	}
	return fmt.Sprintf("wire: %s: %s: %v; want %s", what, e.Reason, e.Got, e.Want)
}

// Unwrap gives the [Reason].
func (e *Error) Unwrap() error { return e.Reason }
