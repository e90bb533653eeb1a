package wire

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
