package sim

import (
	"math"
	"math/bits"
	"slices"
	"time"
)

// event is something due at an instant of virtual time. Events of the same
// instant happen in the order in which they were scheduled.
type event struct {
	at   time.Duration
	seq  uint64
	node uint32
	what uint32
}

func (e event) before(f event) bool {
	if e.at != f.at {
		return e.at < f.at
	}
	return e.seq < f.seq
}

// queue is the pending events in the order of their times: a timing wheel of two
// levels. Events are thrown unsorted into buckets by time; a bucket is sorted
// when it comes due, and what is scheduled into the due bucket meanwhile is
// inserted in its place. With buckets that hold a few events each, both are
// cheaper than a heap's walk, and memory is read in order.
//
// The near level divides the present window of time into wheelSize buckets; the
// far level has a bucket for each of the wheelSize windows that follow; what is
// later still waits in a list of its own.
type queue struct {
	due   []event // the bucket being emptied, in order
	next  int     // due[next:] is still to come
	shift uint    // a near bucket is 1<<shift nanoseconds wide
	count int
	seq   uint64

	bucket int64 // number of the due bucket, from time zero
	near   wheel
	far    wheel
	later  []event
}

const (
	wheelBits = 10
	wheelSize = 1 << wheelBits
	wheelMask = wheelSize - 1
)

// never is an instant that does not come.
const never = time.Duration(math.MaxInt64)

// wheel is a ring of buckets with a map of those that are not empty.
type wheel struct {
	buckets  [wheelSize][]event
	occupied [wheelSize / 64]uint64
	spare    [][]event // the memory of buckets emptied, for those filled next
}

func (w *wheel) put(i int64, e event) {
	i &= wheelMask
	b := w.buckets[i]
	if n := len(w.spare); b == nil && n > 0 {
		b, w.spare = w.spare[n-1], w.spare[:n-1]
	}
	w.buckets[i] = append(b, e)
	w.occupied[i>>6] |= 1 << (i & 63)
}

// take empties a bucket. give its memory back once its events are read.
func (w *wheel) take(i int64) []event {
	i &= wheelMask
	full := w.buckets[i]
	w.buckets[i] = nil
	w.occupied[i>>6] &^= 1 << (i & 63)
	return full
}

// give keeps the memory of a bucket for another.
func (w *wheel) give(read []event) { w.spare = append(w.spare, read[:0]) }

// after returns the first occupied bucket from i on within [i, wheelSize).
func (w *wheel) after(i int64) (int64, bool) {
	for word := i >> 6; word < wheelSize/64; word++ {
		set := w.occupied[word]
		if word == i>>6 {
			set &= ^uint64(0) << (i & 63)
		}
		if set != 0 {
			return word<<6 + int64(bits.TrailingZeros64(set)), true
		}
	}
	return 0, false
}

// newQueue returns an empty queue for about rate events a second of virtual
// time: its buckets then hold about eight each. A wrong guess costs time only.
func newQueue(rate float64) *queue {
	width := 8e9 / max(rate, 1)
	return &queue{shift: uint(min(max(bits.Len64(uint64(width))-1, 10), 34))}
}

// push schedules an event. at must not lie before the event popped last.
func (q *queue) push(at time.Duration, node, what uint32) {
	q.seq++
	q.count++
	q.place(event{at, q.seq, node, what})
}

func (q *queue) place(e event) {
	b := int64(e.at) >> q.shift
	switch window := b >> wheelBits; {
	case b <= q.bucket:
		q.insert(e)
	case window == q.bucket>>wheelBits:
		q.near.put(b, e)
	case window-q.bucket>>wheelBits < wheelSize:
		q.far.put(window, e)
	default:
		q.later = append(q.later, e)
	}
}

// insert puts an event into its place among those due.
func (q *queue) insert(e event) {
	lo, hi := q.next, len(q.due)
	for lo < hi {
		if mid := (lo + hi) / 2; q.due[mid].before(e) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	q.due = slices.Insert(q.due, lo, e)
}

// pop removes the next event; false if there is none at or before limit.
func (q *queue) pop(limit time.Duration) (event, bool) {
	for q.next == len(q.due) {
		if q.count == 0 || !q.advance(int64(limit)>>q.shift) {
			return event{}, false
		}
	}
	e := q.due[q.next]
	if e.at > limit {
		return event{}, false
	}
	q.next++
	q.count--
	return e, true
}

// advance makes the next bucket that holds anything the due one; false if that
// lies beyond the last bucket.
func (q *queue) advance(last int64) bool {
	for {
		if i, ok := q.near.after((q.bucket + 1) & wheelMask); ok && (q.bucket+1)&wheelMask != 0 {
			b := q.bucket&^wheelMask | i
			if b > last {
				return false
			}
			q.bucket = b
			q.near.give(q.due)
			q.due, q.next = q.near.take(b), 0
			sortEvents(q.due)
			return true
		}
		if !q.nextWindow(last >> wheelBits) {
			return false
		}
		if q.next < len(q.due) {
			return true
		}
	}
}

// nextWindow moves on to the next window that holds anything and spreads its
// events over the near level.
func (q *queue) nextWindow(last int64) bool {
	window := q.bucket>>wheelBits + 1
	for {
		if window > last {
			return false
		}
		if window&wheelMask == 0 { // the far level has come round: fill it anew
			q.bucket = window<<wheelBits - 1
			waiting := q.later
			q.later = nil
			for _, e := range waiting {
				if w := int64(e.at) >> q.shift >> wheelBits; w-window < wheelSize {
					q.far.put(w, e)
				} else {
					q.later = append(q.later, e)
				}
			}
		}
		i, ok := q.far.after(window & wheelMask)
		if !ok {
			window = window&^wheelMask + wheelSize
			continue
		}
		window = window&^wheelMask | i
		if window > last {
			return false
		}
		break
	}
	// The window's first bucket is the due one from here on.
	q.bucket = window << wheelBits
	q.due, q.next = q.due[:0], 0
	full := q.far.take(window)
	for _, e := range full {
		q.place(e) // near, or due: never back into the far level
	}
	q.far.give(full)
	return true
}

// sortEvents sorts a bucket. Most are short and nearly in order.
func sortEvents(es []event) {
	if len(es) > 64 {
		slices.SortFunc(es, func(a, b event) int {
			if a.before(b) {
				return -1
			}
			return 1
		})
		return
	}
	for i := 1; i < len(es); i++ {
		e := es[i]
		j := i
		for ; j > 0 && e.before(es[j-1]); j-- {
			es[j] = es[j-1]
		}
		es[j] = e
	}
}
