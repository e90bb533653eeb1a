package wire

import "fmt"

// Type is the first byte of a message.
type Type uint8

const (
	TypePing         Type = 0
	TypeIndirectPing Type = 1
	TypeAck          Type = 2
	TypeSuspect      Type = 3
	TypeAlive        Type = 4
	TypeDead         Type = 5
	TypePushPull     Type = 6
	TypeCompound     Type = 7
	TypeUser         Type = 8
	TypeCompress     Type = 9
	TypeEncrypt      Type = 10
	TypeNack         Type = 11
	TypeHasCRC       Type = 12
	TypeError        Type = 13
	TypeHasLabel     Type = 244
)

var typeNames = [...]string{
	"ping", "indirect ping", "ack", "suspect", "alive", "dead", "push/pull", "compound", "user", "compress", "encrypt", "nack",
	"has CRC", "error",
}

func (t Type) String() string {
	if int(t) < len(typeNames) {
		return typeNames[t]
	}
	if t == TypeHasLabel {
		return "has label"
	}
	return fmt.Sprintf("Type(%d)", uint8(t))
}
