package wire

// msgpack as memberlist uses it: the specification of before 2013, in which one
// raw type serves texts and bytes. A struct is a map from its fields' Go names, in
// the order of their bytes; the decoder of hashicorp/go-msgpack takes much more,
// and so does the reader here.

// The formats' first bytes.
const (
	mpFixMap   = 0x80 // to 0x8f
	mpFixArray = 0x90 // to 0x9f
	mpFixRaw   = 0xa0 // to 0xbf
	mpNil      = 0xc0
	mpFalse    = 0xc2
	mpTrue     = 0xc3
	mpBin8     = 0xc4
	mpBin16    = 0xc5
	mpBin32    = 0xc6
	mpExt8     = 0xc7
	mpExt16    = 0xc8
	mpExt32    = 0xc9
	mpFloat    = 0xca
	mpDouble   = 0xcb
	mpUint8    = 0xcc
	mpUint16   = 0xcd
	mpUint32   = 0xce
	mpUint64   = 0xcf
	mpInt8     = 0xd0
	mpInt16    = 0xd1
	mpInt32    = 0xd2
	mpInt64    = 0xd3
	mpFixExt1  = 0xd4
	mpFixExt2  = 0xd5
	mpFixExt4  = 0xd6
	mpFixExt8  = 0xd7
	mpFixExt16 = 0xd8
	mpStr8     = 0xd9
	mpRaw16    = 0xda
	mpRaw32    = 0xdb
	mpArray16  = 0xdc
	mpArray32  = 0xdd
	mpMap16    = 0xde
	mpMap32    = 0xdf
	mpNegative = 0xe0 // to 0xff
)

// contents says what the number after a value's first byte is, and what follows.
type contents uint8

const (
	nothing     contents = iota // the number is the value
	ownBytes                    // a number of bytes
	extBytes                    // a number of bytes, a type before them
	fixRawBytes                 // their number is in the first byte
	fixExtBytes                 // so it is here
	arrayItems                  // a number of values
	mapItems                    // a number of pairs
)

// headOf gives the width of the number that follows a first byte, and what it means.
func headOf(c byte) (width int, what contents, ok bool) {
	switch {
	case c < mpFixMap || c >= mpNegative:
		return 0, nothing, true
	case c < mpFixArray:
		return 0, mapItems, true
	case c < mpFixRaw:
		return 0, arrayItems, true
	case c < mpNil:
		return 0, fixRawBytes, true
	}
	switch c {
	case mpNil, mpFalse, mpTrue:
		return 0, nothing, true
	case mpBin8, mpStr8:
		return 1, ownBytes, true
	case mpBin16, mpRaw16:
		return 2, ownBytes, true
	case mpBin32, mpRaw32:
		return 4, ownBytes, true
	case mpExt8:
		return 1, extBytes, true
	case mpExt16:
		return 2, extBytes, true
	case mpExt32:
		return 4, extBytes, true
	case mpFixExt1, mpFixExt2, mpFixExt4, mpFixExt8, mpFixExt16:
		return 0, fixExtBytes, true
	case mpUint8, mpInt8:
		return 1, nothing, true
	case mpUint16, mpInt16:
		return 2, nothing, true
	case mpFloat, mpUint32, mpInt32:
		return 4, nothing, true
	case mpDouble, mpUint64, mpInt64:
		return 8, nothing, true
	case mpArray16:
		return 2, arrayItems, true
	case mpArray32:
		return 4, arrayItems, true
	case mpMap16:
		return 2, mapItems, true
	case mpMap32:
		return 4, mapItems, true
	}
	return 0, nothing, false
}

// formatName describes a value by its first byte.
func formatName(c byte) string {
	switch _, what, ok := headOf(c); {
	case !ok:
		return "an unknown format"
	case what == mapItems:
		return "a map"
	case what == arrayItems:
		return "an array"
	case what == ownBytes || what == fixRawBytes:
		return "a text"
	case what == extBytes || what == fixExtBytes:
		return "an extension"
	case c == mpNil:
		return "nil"
	case c == mpTrue || c == mpFalse:
		return "true or false"
	case c == mpFloat || c == mpDouble:
		return "a number with a fraction"
	}
	return "a whole number"
}
