package wire

import (
	"bytes"
	"compress/lzw"
	"errors"
	"io"
	"sync"
)

// Compression is LZW as GIF has it: least significant bits first, literals of 8 bits.

const (
	lzwAlgorithm = 0
	literalWidth = 8
)

var compressFields = []string{"Algo", "Buf"}

// A packer is 80 kB and an unpacker 20 kB; they are shared, and given back to the
// garbage collector in quiet times.

type packer struct {
	out sink
	lzw lzw.Writer
}

// sink is a buffer that the packer writes to without putting another before it.
type sink struct{ bytes.Buffer }

func (*sink) Flush() error { return nil }

type unpacker struct {
	in  bytes.Reader
	lzw lzw.Reader
}

var (
	packers   = sync.Pool{New: func() any { return new(packer) }}
	unpackers = sync.Pool{New: func() any { return new(unpacker) }}
)

// appendCompressed appends a compress message with the plain one in it.
func appendCompressed(b, plain []byte) ([]byte, error) {
	p := packers.Get().(*packer)
	defer packers.Put(p)
	p.out.Reset()
	p.lzw.Reset(&p.out, lzw.LSB, literalWidth)
	if _, err := p.lzw.Write(plain); err != nil {
		return b, err
	}
	if err := p.lzw.Close(); err != nil {
		return b, err
	}
	b = append(b, byte(TypeCompress), mpFixMap|2)
	b = appendUint(appendKey(b, "Algo"), lzwAlgorithm)
	b = appendText(appendKey(b, "Buf"), p.out.Bytes())
	if p.out.Cap() > MaxPacket { // a stream's
		p.out = sink{}
	}
	return b, nil
}

// appendExpanded appends to b what a compress message's body expands to, if that is
// at most limit bytes.
func appendExpanded(b, body []byte, limit int) ([]byte, error) {
	const what = "compress"
	r := reader{b: body, what: what}
	var packed []byte
	var algorithm uint64
	r.fields(compressFields, func(field int) {
		switch field {
		case 0:
			algorithm = r.uint(8)
		case 1:
			packed = r.bytes()
		}
	})
	if r.err != nil {
		return b, r.err
	}
	if algorithm != lzwAlgorithm {
		return b, &Error{Unsupported, what, "Algo", algorithm, "0, which is LZW"}
	}
	u := unpackers.Get().(*unpacker)
	defer unpackers.Put(u)
	u.in.Reset(packed)
	defer u.in.Reset(nil)
	u.lzw.Reset(&u.in, lzw.LSB, literalWidth)

	start := len(b)
	for {
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		n, err := u.lzw.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		switch {
		case len(b)-start > limit:
			return b[:start], &Error{TooLarge, what, "Buf", "more", plural(limit, "byte") + " expanded"}
		case errors.Is(err, io.EOF):
			return b, nil
		case errors.Is(err, io.ErrUnexpectedEOF):
			return b[:start], &Error{Truncated, what, "Buf", plural(len(packed), "byte"), "an end mark"}
		case err != nil:
			return b[:start], &Error{Malformed, what, "Buf", err, "LZW"}
		}
	}
}
