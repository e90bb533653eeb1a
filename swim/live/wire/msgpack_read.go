package wire

import (
	"math"
)

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
	return r.countOf(c, mpFixArray, mpArray16, mpArray32)
}

func (r *reader) mapLen(c byte) (n int, ok bool) {
	return r.countOf(c, mpFixMap, mpMap16, mpMap32)
}

// countOf reads the number that goes with a first byte, if that is one of three: the one
// that has the number in its last four bits, or those before numbers of 2 and 4 bytes.
func (r *reader) countOf(c, fix, of2, of4 byte) (n int, ok bool) {
	switch {
	case c&0xf0 == fix:
		return int(c & 0x0f), true
	case c == of2:
		return int(r.number(2)), true
	case c == of4:
		return int(r.number(4)), true
	}
	return 0, false
}

// isNil passes over a nil, and says whether there was one.
func (r *reader) isNil() bool {
	if r.i >= len(r.b) || r.b[r.i] != mpNil {
		return false
	}
	r.i++
	return true
}

// arrayHeader reads the number of values in an array; they can be there. A nil is none.
func (r *reader) arrayHeader() int {
	return r.header(mpFixArray, mpArray16, mpArray32, 1, "an array")
}

// mapHeader reads the number of pairs in a map; they can be there. A nil is none.
func (r *reader) mapHeader() int { return r.header(mpFixMap, mpMap16, mpMap32, 2, "a map") }

// header reads a number of items, each of so many values; see countOf.
func (r *reader) header(fix, of2, of4 byte, values int, want string) int {
	c, ok := r.head()
	if !ok || c == mpNil {
		return 0
	}
	n, ok := r.countOf(c, fix, of2, of4)
	if !ok {
		r.wrong(c, want)
	}
	if !r.enough(values * n) {
		return 0
	}
	return n
}

// texts reads a list of texts, of which there may be so many. A nil is nil.
func (r *reader) texts(limit int) [][]byte {
	if r.isNil() {
		return nil
	}
	n := r.atMost(r.arrayHeader(), limit)
	if r.err != nil {
		return nil
	}
	list := make([][]byte, 0, n)
	for ; n > 0 && r.err == nil; n-- {
		list = append(list, r.bytes())
	}
	return list
}

// tags reads a map of texts. A nil is nil.
func (r *reader) tags() map[string]string {
	if r.isNil() {
		return nil
	}
	tags := map[string]string{}
	for n := r.mapHeader(); n > 0 && r.err == nil; n-- {
		name := string(r.bytes())
		tags[name] = string(r.bytes())
	}
	return tags
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
