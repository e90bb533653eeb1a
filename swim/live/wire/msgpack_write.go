package wire

import (
	"encoding/binary"
	"math"
)

// appendKey appends the name of a field.
func appendKey(b []byte, name string) []byte {
	return append(append(b, mpFixRaw|byte(len(name))), name...)
}

func appendRawHeader(b []byte, n int) []byte {
	switch {
	case n < 32:
		return append(b, mpFixRaw|byte(n))
	case n < 1<<16:
		return append(b, mpRaw16, byte(n>>8), byte(n))
	}
	return binary.BigEndian.AppendUint32(append(b, mpRaw32), uint32(n))
}

// appendText appends a text, of which the empty one and none are the same.
func appendText[T ~string | ~[]byte](b []byte, s T) []byte {
	return append(appendRawHeader(b, len(s)), s...)
}

// appendTexts appends a list of texts, of which the empty one and none are the same.
func appendTexts(b []byte, list [][]byte) []byte {
	b = appendArrayHeader(b, len(list))
	for _, s := range list {
		b = appendText(b, s)
	}
	return b
}

// appendBytes appends bytes, which may be nil.
func appendBytes(b, s []byte) []byte {
	if s == nil {
		return append(b, mpNil)
	}
	return appendText(b, s)
}

// appendUint appends a number whose Go type is unsigned.
func appendUint(b []byte, n uint64) []byte {
	switch {
	case n < 1<<7:
		return append(b, byte(n))
	case n < 1<<8:
		return append(b, mpUint8, byte(n))
	case n < 1<<16:
		return append(b, mpUint16, byte(n>>8), byte(n))
	case n < 1<<32:
		return binary.BigEndian.AppendUint32(append(b, mpUint32), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(b, mpUint64), n)
}

// appendInt appends a number whose Go type is signed. go-msgpack v2 writes such
// numbers in signed formats, v0.5.5 the positive ones in unsigned.
func appendInt(b []byte, n int64) []byte {
	switch {
	case n >= -32 && n <= math.MaxInt8:
		return append(b, byte(n))
	case n >= math.MinInt8 && n <= math.MaxInt8:
		return append(b, mpInt8, byte(n))
	case n >= math.MinInt16 && n <= math.MaxInt16:
		return append(b, mpInt16, byte(n>>8), byte(n))
	case n >= math.MinInt32 && n <= math.MaxInt32:
		return binary.BigEndian.AppendUint32(append(b, mpInt32), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(b, mpInt64), uint64(n))
}

func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, mpTrue)
	}
	return append(b, mpFalse)
}

func appendFloat(b []byte, v float64) []byte {
	return binary.BigEndian.AppendUint64(append(b, mpDouble), math.Float64bits(v))
}

func appendArrayHeader(b []byte, n int) []byte {
	switch {
	case n < 16:
		return append(b, mpFixArray|byte(n))
	case n < 1<<16:
		return append(b, mpArray16, byte(n>>8), byte(n))
	}
	return binary.BigEndian.AppendUint32(append(b, mpArray32), uint32(n))
}

func appendMapHeader(b []byte, n int) []byte {
	switch {
	case n < 16:
		return append(b, mpFixMap|byte(n))
	case n < 1<<16:
		return append(b, mpMap16, byte(n>>8), byte(n))
	}
	return binary.BigEndian.AppendUint32(append(b, mpMap32), uint32(n))
}

// The sizes of what the functions above append.

func sizeKey(name string) int { return 1 + len(name) }

func sizeText(n int) int {
	switch {
	case n < 32:
		return 1 + n
	case n < 1<<16:
		return 3 + n
	}
	return 5 + n
}

func sizeBytes(s []byte) int {
	if s == nil {
		return 1
	}
	return sizeText(len(s))
}

func sizeUint(n uint64) int {
	switch {
	case n < 1<<7:
		return 1
	case n < 1<<8:
		return 2
	case n < 1<<16:
		return 3
	case n < 1<<32:
		return 5
	}
	return 9
}

func sizeInt(n int64) int {
	switch {
	case n >= -32 && n <= math.MaxInt8:
		return 1
	case n >= math.MinInt8 && n <= math.MaxInt8:
		return 2
	case n >= math.MinInt16 && n <= math.MaxInt16:
		return 3
	case n >= math.MinInt32 && n <= math.MaxInt32:
		return 5
	}
	return 9
}
