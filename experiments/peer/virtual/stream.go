package virtual

import (
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// stream is one end of a connection. As over TCP, what is written waits in the
// receiver's buffer, so a write ends at once even if nobody reads; and what was
// written before the sender gave up can still be read.
type stream struct {
	local, remote *endpoint
	in, out       *half

	mu            sync.Mutex
	readDeadline  time.Time
	writeDeadline time.Time
}

// half is the bytes that travel in one direction.
type half struct {
	mu      sync.Mutex
	arrived []byte
	ended   bool          // nothing more will arrive
	closed  bool          // the reader has closed its end
	news    chan struct{} // closed, and made anew, when one of these changes
	coming  []func()      // what is on its way, in order
	last    time.Time     // when the last of it arrives: nothing overtakes
}

func newHalf() *half { return &half{news: make(chan struct{})} }

// change has something happen to the buffer, and tells the reader.
func (h *half) change(f func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f()
	close(h.news)
	h.news = make(chan struct{})
}

// next is the arrival of what has been on its way for longest. Two timers of one
// instant may fire in either order; what they bring may not.
func (h *half) next() {
	h.change(func() {
		f := h.coming[0]
		h.coming = h.coming[1:]
		f()
	})
}

// connect makes the two ends of a connection.
func connect(a, b *endpoint) (atA, atB *stream) {
	there, back := newHalf(), newHalf()
	return &stream{local: a, remote: b, in: back, out: there}, &stream{local: b, remote: a, in: there, out: back}
}

// Write implements [net.Conn].
func (s *stream) Write(b []byte) (int, error) {
	s.local.count(len(b))
	if !s.local.gate.pass() {
		return 0, net.ErrClosed
	}
	s.mu.Lock()
	deadline := s.writeDeadline
	s.mu.Unlock()
	if !deadline.IsZero() && !time.Now().Before(deadline) {
		return 0, os.ErrDeadlineExceeded
	}
	sent := append([]byte(nil), b...)
	s.later(func() { s.out.arrived = append(s.out.arrived, sent...) })
	return len(b), nil
}

// later has something happen to the other end's buffer once it has travelled there.
func (s *stream) later(f func()) {
	if !s.local.net.reaches(s.local, s.remote) {
		return
	}
	h := s.out
	h.mu.Lock()
	at := time.Now().Add(s.local.net.latency())
	if at.Before(h.last) {
		at = h.last
	}
	h.last = at
	h.coming = append(h.coming, f)
	h.mu.Unlock()
	time.AfterFunc(time.Until(at), h.next)
}

// Read implements [net.Conn]. A member whose messages are held back receives
// them, and gets no further with them.
func (s *stream) Read(b []byte) (int, error) {
	for {
		h := s.in
		h.mu.Lock()
		if h.closed {
			h.mu.Unlock()
			return 0, net.ErrClosed
		}
		if len(h.arrived) > 0 {
			n := copy(b, h.arrived)
			h.arrived = h.arrived[n:]
			h.mu.Unlock()
			if !s.local.gate.pass() {
				return 0, net.ErrClosed
			}
			return n, nil
		}
		if h.ended {
			h.mu.Unlock()
			return 0, io.EOF
		}
		news := h.news
		h.mu.Unlock()
		s.mu.Lock()
		deadline := s.readDeadline
		s.mu.Unlock()
		if deadline.IsZero() {
			<-news
			continue
		}
		left := time.Until(deadline)
		if left <= 0 {
			return 0, os.ErrDeadlineExceeded
		}
		timer := time.NewTimer(left)
		select {
		case <-news:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// Close implements [net.Conn].
func (s *stream) Close() error {
	s.in.change(func() { s.in.closed = true })
	s.later(func() { s.out.ended = true })
	return nil
}

// LocalAddr implements [net.Conn].
func (s *stream) LocalAddr() net.Addr { return &net.TCPAddr{IP: s.local.ip, Port: port} }

// RemoteAddr implements [net.Conn].
func (s *stream) RemoteAddr() net.Addr { return &net.TCPAddr{IP: s.remote.ip, Port: port} }

// SetDeadline implements [net.Conn].
func (s *stream) SetDeadline(t time.Time) error { s.deadlines(&t, &t); return nil }

// SetReadDeadline implements [net.Conn].
func (s *stream) SetReadDeadline(t time.Time) error { s.deadlines(&t, nil); return nil }

// SetWriteDeadline implements [net.Conn].
func (s *stream) SetWriteDeadline(t time.Time) error { s.deadlines(nil, &t); return nil }

func (s *stream) deadlines(read, write *time.Time) {
	s.mu.Lock()
	if read != nil {
		s.readDeadline = *read
	}
	if write != nil {
		s.writeDeadline = *write
	}
	s.mu.Unlock()
	s.in.change(func() {}) // a reader that waits looks again
}
