package wire

import (
	"encoding/binary"
	"errors"
	"io"
)

// A stream is one message from who opened it, and one in answer to pings and lists.
// The caller sets the deadline.

// UserMessage is an application's message over a stream.
type UserMessage struct{ Data []byte }

// Append appends the message to b.
func (m *UserMessage) Append(b []byte) []byte {
	b = append(b, byte(TypeUser), mpFixMap|1)
	b = appendInt(appendKey(b, "UserMsgLen"), int64(len(m.Data)))
	return append(b, m.Data...)
}

// Size is the number of bytes that Append appends.
func (m *UserMessage) Size() int {
	return 2 + sizeKey("UserMsgLen") + sizeInt(int64(len(m.Data))) + len(m.Data)
}

var userFields = []string{"UserMsgLen"}

// Incoming is a message that came over a stream. Type says which of the others it is.
type Incoming struct {
	Type     Type
	Ping     Ping
	Ack      Ack
	PushPull PushPull
	User     UserMessage
	Error    ErrorResponse
}

// AppendRequest wraps a message of the one who opened the stream and appends it to b.
// The message must not overlap b.
func (e *Envelope) AppendRequest(b, message []byte) ([]byte, error) {
	return e.appendStream(e.appendLabel(b), message)
}

// AppendAnswer wraps a message of the one to whom the stream was opened: without the
// label, which is still authenticated.
func (e *Envelope) AppendAnswer(b, message []byte) ([]byte, error) {
	return e.appendStream(b, message)
}

func (e *Envelope) appendStream(b, message []byte) (_ []byte, err error) {
	if e.Compress {
		if message, err = appendCompressed(nil, message); err != nil {
			return b, err
		}
	}
	if !e.encrypts() {
		return append(b, message...), nil
	}
	b = append(b, byte(TypeEncrypt))
	b = binary.BigEndian.AppendUint32(b, uint32(e.sealedSize(len(message))))
	return e.appendSealed(b, message, e.streamData(b[len(b)-frameHeader:]))
}

const frameHeader = 5 // type and length

// streamData is what is authenticated with a frame: its header and the label.
func (e *Envelope) streamData(header []byte) []byte {
	return append(append(make([]byte, 0, len(header)+len(e.label)), header...), e.label...)
}

// ReadRequest reads what the one who opened a stream has sent.
func (e *Envelope) ReadRequest(r io.Reader) (*Incoming, error) {
	s := &source{r: r, limit: e.MaxStream + MaxLabel + labelHeader + frameHeader + sealOverhead + padding}
	var label []byte
	first, err := s.peek("stream")
	if err != nil {
		return nil, err
	}
	if Type(first) == TypeHasLabel {
		header, err := s.next(labelHeader, "label")
		if err != nil {
			return nil, err
		}
		if header[1] == 0 {
			return nil, &Error{Malformed, "stream", "label", "length 0", "1 to " + decimal(MaxLabel)}
		}
		if label, err = s.next(int(header[1]), "label"); err != nil {
			return nil, err
		}
	}
	if err := e.checkLabel("stream", label); err != nil {
		return nil, err
	}
	return e.readStream(s)
}

// ReadAnswer reads what came back over a stream that this member opened.
func (e *Envelope) ReadAnswer(r io.Reader) (*Incoming, error) {
	return e.readStream(&source{r: r, limit: e.MaxStream + frameHeader + sealOverhead + padding})
}

func (e *Envelope) readStream(s *source) (*Incoming, error) {
	first, err := s.peek("stream")
	if err != nil {
		return nil, err
	}
	switch {
	case Type(first) == TypeEncrypt:
		plain, err := e.openFrame(s)
		if err != nil {
			return nil, err
		}
		s = &source{b: plain, limit: len(plain)}
	case e.Keys != nil && !e.AcceptPlain:
		return nil, &Error{NotDecrypted, "stream", "message type", Type(first), "encryption"}
	}
	if first, err = s.peek("stream"); err != nil {
		return nil, err
	}
	if Type(first) == TypeCompress {
		s.i++
		body, err := s.value("compress", e.MaxStream)
		if err != nil {
			return nil, err
		}
		expanded, err := appendExpanded(nil, body, e.MaxStream)
		if err != nil {
			return nil, err
		}
		s = &source{b: expanded, limit: len(expanded)}
	}
	return s.message()
}

// openFrame reads an encrypted frame.
func (e *Envelope) openFrame(s *source) ([]byte, error) {
	const what = "stream"
	if e.Keys == nil {
		return nil, &Error{NotDecrypted, what, "message type", TypeEncrypt, "a plain stream: this member has no key"}
	}
	header, err := s.next(frameHeader, "frame")
	if err != nil {
		return nil, err
	}
	size := binary.BigEndian.Uint32(header[1:])
	if limit := e.MaxStream + sealOverhead + padding; int64(size) > int64(limit) {
		return nil, &Error{TooLarge, what, "frame", size, "at most " + plural(limit, "byte")}
	}
	associated := e.streamData(header) // before more is read and header moves
	sealed, err := s.next(int(size), "frame")
	if err != nil {
		return nil, err
	}
	return e.appendOpened(nil, what, sealed, associated)
}

// source is what a stream has brought so far. It holds no more memory than twice what
// came, whatever sizes were announced.
type source struct {
	r     io.Reader // nil: nothing more comes
	b     []byte
	i     int // all before it is taken
	limit int // of b
}

const firstRead = 4096

// need reads until n bytes beyond i are there.
func (s *source) need(n int, what string) error {
	for len(s.b)-s.i < n {
		missing := n - (len(s.b) - s.i)
		if missing > s.limit-len(s.b) && s.r != nil {
			return &Error{TooLarge, "stream", what, "more", "at most " + plural(s.limit, "byte")}
		}
		if s.r == nil {
			return &Error{Truncated, "stream", what, plural(len(s.b)-s.i, "byte"), decimal(n)}
		}
		if len(s.b) == cap(s.b) {
			grown := make([]byte, len(s.b), min(s.limit, max(firstRead, 2*len(s.b))))
			copy(grown, s.b)
			s.b = grown
		}
		got, err := io.ReadAtLeast(s.r, s.b[len(s.b):cap(s.b)], min(missing, cap(s.b)-len(s.b)))
		s.b = s.b[:len(s.b)+got]
		switch {
		case err == nil:
		case errors.Is(err, io.EOF) && len(s.b) == 0:
			return io.EOF // nothing was said
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return &Error{Truncated, "stream", what, plural(len(s.b)-s.i, "byte"), decimal(n)}
		default:
			return err
		}
	}
	return nil
}

func (s *source) peek(what string) (byte, error) {
	if err := s.need(1, what); err != nil {
		return 0, err
	}
	return s.b[s.i], nil
}

// next takes n bytes. They are valid until more is read.
func (s *source) next(n int, what string) ([]byte, error) {
	if err := s.need(n, what); err != nil {
		return nil, err
	}
	s.i += n
	return s.b[s.i-n : s.i : s.i], nil
}

// value takes a msgpack value of at most limit bytes.
func (s *source) value(what string, limit int) ([]byte, error) {
	var scan scanner
	for {
		scan.b = s.b[s.i:]
		done, short := scan.run()
		if done {
			if scan.i > limit {
				break
			}
			return s.next(scan.i, what)
		}
		if scan.bad {
			return nil, &Error{Malformed, "stream", what, formatName(scan.b[scan.i]), "a value"}
		}
		if short > limit-len(scan.b) {
			break
		}
		if err := s.need(len(scan.b)+short, what); err != nil {
			return nil, err
		}
	}
	return nil, &Error{TooLarge, "stream", what, "more", "at most " + plural(limit, "byte")}
}

// message reads a message and its body.
func (s *source) message() (*Incoming, error) {
	t, err := s.next(1, "message")
	if err != nil {
		return nil, err
	}
	m := &Incoming{Type: Type(t[0])}
	switch m.Type {
	case TypePing, TypeAck, TypeError:
		body, err := s.value(m.Type.String(), MaxPacket)
		if err != nil {
			return nil, err
		}
		switch m.Type {
		case TypePing:
			return m, m.Ping.Decode(body)
		case TypeAck:
			return m, m.Ack.Decode(body)
		}
		return m, m.Error.Decode(body)
	case TypePushPull:
		return m, s.pushPull(&m.PushPull)
	case TypeUser:
		header, err := s.value("user", MaxRow)
		if err != nil {
			return nil, err
		}
		size := 0
		r := reader{b: header, what: "user"}
		r.fields(userFields, func(int) { size = r.count(MaxStream) })
		if r.err != nil {
			return nil, r.err
		}
		m.User.Data, err = s.next(size, "user")
		return m, err
	}
	return nil, &Error{Unsupported, "stream", "message type", m.Type, "ping, ack, push/pull, user or error"}
}

// pushPull reads a list, and finds every row good.
func (s *source) pushPull(p *PushPull) error {
	header, err := s.value("push/pull", MaxRow)
	if err != nil {
		return err
	}
	var h PushPullHeader
	if err := h.decode(header); err != nil {
		return err
	}
	start := s.i
	for range h.Nodes {
		b, err := s.value("push/pull row", MaxRow)
		if err != nil {
			return err
		}
		var row Row
		if err := row.decode(b); err != nil {
			return err
		}
	}
	end := s.i
	if err := s.need(h.UserStateLen, "user state"); err != nil {
		return err
	}
	*p = PushPull{Join: h.Join, Nodes: h.Nodes, UserState: s.b[end : end+h.UserStateLen : end+h.UserStateLen], rows: s.b[start:end:end]}
	return nil
}
