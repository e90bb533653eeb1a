package wire

import (
	"encoding/binary"
	"math"
)

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

// reader reads one msgpack value. The first fault sticks: from then on every
// method gives a zero, and err says what it was.
type reader struct {
	b     []byte
	i     int
	what  string // the message
	field string // the field being read
	err   error
}

func (r *reader) fail(reason Reason, got any, want string) {
	if r.err == nil {
		r.err = &Error{Reason: reason, What: r.what, Field: r.field, Got: got, Want: want}
	}
	r.i = len(r.b)
}

// take gives the next n bytes.
func (r *reader) take(n int) []byte {
	if left := len(r.b) - r.i; n > left {
		r.fail(Truncated, left, plural(n, "byte"))
		return nil
	}
	r.i += n
	return r.b[r.i-n : r.i : r.i]
}

// number takes a big-endian number of n bytes.
func (r *reader) number(n int) uint64 {
	var v uint64
	for _, c := range r.take(n) {
		v = v<<8 | uint64(c)
	}
	return v
}

// head takes a first byte; ok is false at the end.
func (r *reader) head() (c byte, ok bool) {
	if r.i >= len(r.b) {
		r.fail(Truncated, 0, "a value")
		return 0, false
	}
	c = r.b[r.i]
	r.i++
	return c, true
}

func (r *reader) wrong(c byte, want string) { r.fail(Malformed, formatName(c), want) }

// rawLen reads the length that goes with a raw value's first byte.
func (r *reader) rawLen(c byte) (n int, ok bool) {
	switch {
	case c&0xe0 == mpFixRaw:
		return int(c & 0x1f), true
	case c == mpStr8 || c == mpBin8:
		return int(r.number(1)), true
	case c == mpRaw16 || c == mpBin16:
		return int(r.number(2)), true
	case c == mpRaw32 || c == mpBin32:
		return int(r.number(4)), true
	}
	return 0, false
}

// bytes reads a text or bytes, which may come as an array of numbers, too. They lie in
// the reader's input where that is possible.
func (r *reader) bytes() []byte {
	c, ok := r.head()
	if !ok || c == mpNil {
		return nil
	}
	if n, ok := r.rawLen(c); ok {
		return r.take(n)
	}
	n, ok := r.arrayLen(c)
	if !ok {
		r.wrong(c, "a text")
		return nil
	}
	if !r.enough(n) {
		return nil
	}
	s := make([]byte, n)
	for k := range s {
		s[k] = byte(r.uint(8))
	}
	return s
}

func (r *reader) arrayLen(c byte) (n int, ok bool) {
	switch {
	case c&0xf0 == mpFixArray:
		return int(c & 0x0f), true
	case c == mpArray16:
		return int(r.number(2)), true
	case c == mpArray32:
		return int(r.number(4)), true
	}
	return 0, false
}

func (r *reader) mapLen(c byte) (n int, ok bool) {
	switch {
	case c&0xf0 == mpFixMap:
		return int(c & 0x0f), true
	case c == mpMap16:
		return int(r.number(2)), true
	case c == mpMap32:
		return int(r.number(4)), true
	}
	return 0, false
}

// arrayHeader reads the number of values in an array; they can be there. A nil is none.
func (r *reader) arrayHeader() int {
	c, ok := r.head()
	if !ok || c == mpNil {
		return 0
	}
	n, ok := r.arrayLen(c)
	if !ok {
		r.wrong(c, "an array")
	}
	if !r.enough(n) {
		return 0
	}
	return n
}

// mapHeader reads the number of pairs in a map; they can be there. A nil is none.
func (r *reader) mapHeader() int {
	c, ok := r.head()
	if !ok || c == mpNil {
		return 0
	}
	n, ok := r.mapLen(c)
	if !ok {
		r.wrong(c, "a map")
	}
	if !r.enough(2 * n) {
		return 0
	}
	return n
}

// signed reads the rest of a whole number as go-msgpack does: above is true for one
// that only 64 unsigned bits hold.
func (r *reader) signed(c byte) (v int64, above, ok bool) {
	switch c {
	case mpUint8:
		return int64(r.number(1)), false, true
	case mpUint16:
		return int64(r.number(2)), false, true
	case mpUint32:
		return int64(r.number(4)), false, true
	case mpUint64:
		n := r.number(8)
		return int64(n), n > math.MaxInt64, true
	case mpInt8:
		return int64(int8(r.number(1))), false, true
	case mpInt16:
		return int64(int16(r.number(2))), false, true
	case mpInt32:
		return int64(int32(r.number(4))), false, true
	case mpInt64:
		return int64(r.number(8)), false, true
	}
	if c < mpFixMap || c >= mpNegative {
		return int64(int8(c)), false, true
	}
	return 0, false, false
}

// uint reads a number that must fit into so many unsigned bits. A nil is 0.
func (r *reader) uint(bits uint) uint64 {
	c, ok := r.head()
	if !ok || c == mpNil {
		return 0
	}
	v, above, ok := r.signed(c)
	switch {
	case !ok:
		r.wrong(c, "a whole number")
		return 0
	case v < 0 && !above:
		r.fail(Malformed, v, "0 or more")
		return 0
	case bits < 64 && (above || v>>bits != 0):
		r.fail(TooLarge, uint64(v), plural(int(bits), "bit"))
		return 0
	}
	return uint64(v)
}

// int reads a signed number. A nil is 0.
func (r *reader) int() int64 {
	c, ok := r.head()
	if !ok || c == mpNil {
		return 0
	}
	v, above, ok := r.signed(c)
	switch {
	case !ok:
		r.wrong(c, "a whole number")
		return 0
	case above:
		r.fail(TooLarge, uint64(v), "63 bits")
		return 0
	}
	return v
}

// count reads a number of things, of which there may be so many.
func (r *reader) count(limit int) int {
	n := r.int()
	if n < 0 || n > int64(limit) {
		r.fail(TooLarge, n, "0 to "+decimal(limit))
		return 0
	}
	return int(n)
}

// atMost refuses more of something than limit.
func (r *reader) atMost(n, limit int) int {
	if n > limit {
		r.fail(TooLarge, n, "at most "+decimal(limit))
		return 0
	}
	return n
}

// bool reads true or false, for which 1 and 0 stand, too. A nil is false.
func (r *reader) bool() bool {
	c, ok := r.head()
	if !ok {
		return false
	}
	switch c {
	case mpTrue, 1:
		return true
	case mpFalse, 0, mpNil:
		return false
	}
	r.wrong(c, "true or false")
	return false
}

// float reads a number that may have a fraction. A nil is 0.
func (r *reader) float() float64 {
	c, ok := r.head()
	if !ok {
		return 0
	}
	switch c {
	case mpNil:
		return 0
	case mpDouble:
		return math.Float64frombits(r.number(8))
	case mpFloat:
		return float64(math.Float32frombits(uint32(r.number(4))))
	}
	v, above, ok := r.signed(c)
	switch {
	case !ok:
		r.wrong(c, "a number")
	case above:
		return float64(uint64(v))
	}
	return float64(v)
}

// fields reads a struct: a map from the fields' names, in any order, with any of
// them missing and others between them; or an array of the fields in the order in
// which they are declared, which is that of names. It calls set with a field's
// index to have its value read.
func (r *reader) fields(names []string, set func(field int)) {
	c, ok := r.head()
	if !ok || c == mpNil {
		return
	}
	if n, ok := r.arrayLen(c); ok {
		if !r.enough(n) {
			return
		}
		for k := 0; k < n && r.err == nil; k++ {
			if k < len(names) {
				r.field = names[k]
				set(k)
			} else {
				r.skip()
			}
		}
		return
	}
	n, ok := r.mapLen(c)
	if !ok {
		r.wrong(c, "a map or an array")
		return
	}
	if !r.enough(2 * n) {
		return
	}
	next := 0 // where the field is if they are in the order expected
	for ; n > 0 && r.err == nil; n-- {
		key := r.bytes()
		if len(key) == 0 { // go-msgpack trips over it
			r.fail(Malformed, "an empty key", "a field's name")
			return
		}
		k := index(names, key, next)
		if k < 0 {
			r.skip()
			continue
		}
		next = k + 1
		r.field = names[k]
		set(k)
		r.field = ""
	}
}

// enough reports whether n more values can be there, each of which takes a byte.
func (r *reader) enough(n int) bool {
	if left := len(r.b) - r.i; n > left {
		r.fail(Truncated, left, "bytes for "+plural(n, "value"))
		return false
	}
	return r.err == nil
}

// index finds key among names, beginning at from.
func index(names []string, key []byte, from int) int {
	for k := range names {
		if k += from; k >= len(names) {
			k -= len(names)
		}
		if names[k] == string(key) {
			return k
		}
	}
	return -1
}

// skip passes over one value, however deep: it only counts what is still to come.
func (r *reader) skip() {
	s := scanner{b: r.b, i: r.i}
	done, short := s.run()
	switch {
	case s.bad:
		r.wrong(r.b[s.i], "a value")
	case !done:
		r.fail(Truncated, len(r.b)-r.i, "at least "+plural(short, "byte")+" more")
	default:
		r.i = s.i
	}
}

// scanner finds the end of a value without recursion. It can be continued when
// more of the input is there.
type scanner struct {
	b       []byte
	i       int  // all before it is passed
	pending int  // values still to come, beside the one that begins
	started bool // pending counts
	bad     bool // the byte at i begins no value
}

// run goes on to the end of the value. If that is not in b, it says how many bytes
// there must be at least beyond what is.
func (s *scanner) run() (done bool, short int) {
	if !s.started {
		s.started, s.pending = true, 1
	}
	for s.pending > 0 {
		left := len(s.b) - s.i
		if left == 0 {
			return false, s.pending
		}
		c := s.b[s.i]
		width, items, ok := headOf(c)
		if !ok {
			s.bad = true
			return false, 0
		}
		size := 1 + width
		if size > left {
			return false, size - left
		}
		n := 0
		for _, x := range s.b[s.i+1 : s.i+size] {
			n = n<<8 | int(x)
		}
		switch items {
		case ownBytes:
			size += n
		case extBytes:
			size += n + 1
		case arrayItems:
			if width == 0 {
				n = int(c & 0x0f)
			}
			s.pending += n
		case mapItems:
			if width == 0 {
				n = int(c & 0x0f)
			}
			s.pending += 2 * n
		case fixRawBytes:
			size += int(c & 0x1f)
		case fixExtBytes:
			size += 1 + 1<<(c-mpFixExt1)
		}
		if size > left {
			return false, size - left
		}
		s.i += size
		s.pending--
	}
	return true, 0
}

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
