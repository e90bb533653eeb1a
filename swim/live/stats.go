package live

import (
	"time"

	"github.com/swimlab/swimlab/swim"
	"github.com/swimlab/swimlab/swim/live/wire"
)

// stats is what a member counts. The lock guards it.
type stats struct {
	sent     [swim.SyncReply + 1]traffic // datagrams, by what they lead with
	received traffic
	heard    [numKinds]uint64 // messages in datagrams
	streams  struct{ in, out, dropped uint64 }
	refused  [numRefusals]uint64
	unread   [wire.NumReasons]uint64

	sendErrors, lost, exchanges, streamAcks    uint64
	probesFailed, suspectedOwn, suspectedHeard uint64
	cleared, failed, left, falsePositives      uint64
	refutations, late, eventsDropped           uint64
	queries, responses, relays, asked, answers uint64
	samples, coordinatesRefused                uint64
	unlisted                                   uint64
	coordinateError                            float64
	suspicionTime, detectionTime, echoTime     histogram
}

type traffic struct{ packets, bytes uint64 }

func (t *traffic) add(n int) {
	t.packets++
	t.bytes += uint64(n)
}

// numKinds is one more than the largest type of a message in a datagram, and one
// for all others.
const numKinds = int(wire.TypeNack) + 2

func kindOf(t wire.Type) int {
	return min(int(t), numKinds-1)
}

// bounds are the upper bounds, in seconds, of a histogram's buckets.
var bounds = [...]float64{0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60}

type histogram struct {
	counts [len(bounds)]uint64
	count  uint64
	sum    float64
}

func (h *histogram) observe(d time.Duration) {
	s := d.Seconds()
	h.count++
	h.sum += s
	for i, b := range bounds {
		if s <= b {
			h.counts[i]++
			return
		}
	}
}
