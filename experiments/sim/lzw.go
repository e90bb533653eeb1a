package sim

import "math/bits"

// lzwLength finds how many bytes LZW makes of a text, as compress/lzw writes it with
// least significant bits first and literals of 8 bits, without writing them.
//
// A trial has some 100,000 datagrams of half a kilobyte. The standard library's writer
// clears a table of 64 kB before each; here an entry bears the number of the text, or
// of the part of it since the last clear code, and those of others count as empty.
type lzwLength struct {
	// table holds the codes of known strings, by hash: text, key and code in one
	// word. A key is the code of all but the last byte, and that byte.
	table [lzwTable]uint64
	text  uint64
}

const (
	lzwLiteral = 8
	lzwClear   = 1 << lzwLiteral // starts the dictionary anew
	lzwEOF     = lzwClear + 1
	lzwMaxCode = 1<<12 - 1

	lzwCodeBits = 12
	lzwKeyBits  = lzwCodeBits + lzwLiteral
	lzwTextBits = 64 - lzwKeyBits - lzwCodeBits
	// lzwTable is the table's length: twice the codes that there can be.
	lzwTable = 1 << 13
)

// of is the number of bytes of the compressed text; enough or more if that is not
// less than enough, which is found out sooner.
func (l *lzwLength) of(text []byte, enough int) int {
	if len(text) == 0 {
		return (2*(lzwLiteral+1) + 7) / 8 // clear and end codes
	}
	l.forget()
	// A short text needs, and reads, a part of the table only.
	size := bits.Len(uint(min(4*len(text), lzwTable-1)))
	table, mask, shift := &l.table, uint32(1)<<size-1, 32-size
	width, high, overflow := lzwLiteral+1, uint32(lzwEOF), uint32(2*lzwClear)
	written := width // bits: the clear code
	most := 8 * enough
	stamp := l.text << lzwKeyBits
	code := uint32(text[0])
scan:
	for _, b := range text[1:] {
		key := code<<lzwLiteral | uint32(b)
		hash := key * 0x9e3779b1 >> shift
		for {
			e := table[hash%lzwTable]
			if e>>lzwCodeBits == stamp|uint64(key) {
				code = uint32(e) & lzwMaxCode
				continue scan
			}
			if e>>(lzwCodeBits+lzwKeyBits) != l.text {
				break
			}
			hash = (hash + 1) & mask
		}
		if written += width; written >= most {
			return enough
		}
		code = uint32(b)
		if high++; high == overflow {
			width, overflow = width+1, overflow<<1
		}
		if high == lzwMaxCode {
			written += width // a clear code
			width, high, overflow = lzwLiteral+1, lzwEOF, 2*lzwClear
			l.forget()
			stamp = l.text << lzwKeyBits
			continue
		}
		table[hash%lzwTable] = (stamp|uint64(key))<<lzwCodeBits | uint64(high)
	}
	written += width // the last code
	if high++; high == overflow {
		width++
	}
	if high == lzwMaxCode {
		written += width
		width = lzwLiteral + 1
	}
	written += width // the end code
	return (written + 7) / 8
}

// forget empties the table.
func (l *lzwLength) forget() {
	if l.text++; l.text == 1<<lzwTextBits {
		clear(l.table[:])
		l.text = 1
	}
}
