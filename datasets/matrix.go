package datasets

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"sync"
	"time"
)

// Matrix holds the round-trip time of every ordered pair of n nodes. It never
// changes once made, so any number of goroutines may read it.
type Matrix struct {
	n      int
	rtt    []time.Duration // n×n, row i column j is from i to j and back; 0 is missing
	jitter []time.Duration // the same shape, or nil
	names  []string
	places []Location // nil, or one for each node; the zero Location is unknown

	digest func() string
}

// Location is where a node stands.
type Location struct {
	City      string
	Region    string  // continent, as the source names it
	Latitude  float64 // degrees, north positive
	Longitude float64 // degrees, east positive
}

// FromFunc builds a matrix of n nodes from the full round trip that rtt gives
// for each i ≠ j, 0 where there is none. It refuses negative times.
func FromFunc(n int, rtt func(i, j int) time.Duration) (*Matrix, error) {
	if n < 1 {
		return nil, fmt.Errorf("a matrix of %d nodes is not valid; want at least 1", n)
	}
	values := make([]time.Duration, n*n)
	for i := range n {
		for j := range n {
			if i == j {
				continue
			}
			v := rtt(i, j)
			if v < 0 {
				return nil, fmt.Errorf("the round trip from %d to %d is %v; want 0 (missing) or more", i, j, v)
			}
			values[i*n+j] = v
		}
	}
	return newMatrix(values, numbered(n)), nil
}

// newMatrix takes over its arguments. len(rtt) is the square of len(names).
func newMatrix(rtt []time.Duration, names []string) *Matrix {
	m := &Matrix{n: len(names), rtt: rtt, names: names}
	for i := range m.n {
		m.rtt[i*m.n+i] = 0
	}
	m.digest = sync.OnceValue(m.hash)
	return m
}

func numbered(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = strconv.Itoa(i)
	}
	return names
}

// Len is the number of nodes.
func (m *Matrix) Len() int { return m.n }

// RTT is the full round trip that i measured to j. It is false where the set has
// no measurement, and for i == j, which no set measures.
func (m *Matrix) RTT(i, j int) (time.Duration, bool) {
	v := m.rtt[i*m.n+j]
	return v, v > 0
}

// Jitter is the mean deviation of single round trips from RTT(i, j). It is
// false where the set does not know it.
func (m *Matrix) Jitter(i, j int) (time.Duration, bool) {
	if m.jitter == nil || m.rtt[i*m.n+j] == 0 {
		return 0, false
	}
	return m.jitter[i*m.n+j], true
}

// Name is the source's name of node i, or its number.
func (m *Matrix) Name(i int) string { return m.names[i] }

// Names lists the names of all nodes, in the matrix's order.
func (m *Matrix) Names() []string { return append([]string(nil), m.names...) }

// Location is where node i stands, false when the source does not say.
func (m *Matrix) Location(i int) (Location, bool) {
	if m.places == nil || m.places[i] == (Location{}) {
		return Location{}, false
	}
	return m.places[i], true
}

// Symmetric returns the matrix in which both directions of a pair are the mean
// of the two where both were measured, and the measured one where only one was.
func (m *Matrix) Symmetric() *Matrix {
	s := newMatrix(m.symmetric(m.rtt), m.names)
	s.places = m.places
	if m.jitter != nil {
		s.jitter = m.symmetric(m.jitter)
	}
	return s
}

// symmetric averages values over the directions that have an RTT.
func (m *Matrix) symmetric(values []time.Duration) []time.Duration {
	out := make([]time.Duration, len(values))
	for i := range m.n {
		for j := range i {
			there, back := i*m.n+j, j*m.n+i
			mean := (values[there] + values[back]) / 2
			switch {
			case m.rtt[back] == 0:
				mean = values[there]
			case m.rtt[there] == 0:
				mean = values[back]
			}
			out[there], out[back] = mean, mean
		}
	}
	return out
}

// SHA256 is the hex digest of the matrix's content: number of nodes, names,
// and all values in nanoseconds, row by row.
func (m *Matrix) SHA256() string { return m.digest() }

func (m *Matrix) hash() string {
	h := sha256.New()
	fmt.Fprintf(h, "rtt matrix 1\n%d\n%q\n", m.n, m.names)
	writeDurations(h, m.rtt)
	writeDurations(h, m.jitter)
	return hex.EncodeToString(h.Sum(nil))
}

func writeDurations(w io.Writer, values []time.Duration) {
	const chunk = 4096
	buf := make([]byte, 0, 8*chunk)
	for len(values) > 0 {
		k := min(chunk, len(values))
		buf = buf[:0]
		for _, v := range values[:k] {
			buf = binary.LittleEndian.AppendUint64(buf, uint64(v))
		}
		w.Write(buf)
		values = values[k:]
	}
}
