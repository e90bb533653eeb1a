package virtual

import (
	"bytes"
	"sync"
	"time"

	"github.com/hashicorp/memberlist"
)

// record is what the library told during a trial. memberlist has no hook for a
// failed probe or a refutation, only a line in its log.
type record struct {
	mu       sync.Mutex
	events   []event
	sent     [][]float64 // messages of each member in each protocol period from the warm-up on
	received [][]float64
	messages float64 // from the warm-up on
	bytes    float64
	healthy  tally // health scores
	ill      tally
	// refutes counts raised incarnations.
	refutes float64
}

// event is something that a member concluded about another.
type event struct {
	at        time.Duration
	kind      kind
	by, about int
	// innocent: the member concerned was running and untouched by any fault.
	// byTouched: the one that concluded was not.
	innocent, byTouched bool
}

type kind uint8

const (
	probeFailed kind = iota // a probe, helpers and stream included, came to nothing
	confirmed               // declared faulty
	departed                // heard to have left
	returned                // on the list again
)

// tally is a running mean.
type tally struct{ n, sum float64 }

func (t *tally) add(x float64) { t.n++; t.sum += x }

// listener is the library's ear at one member.
type listener struct {
	g  *group
	id int
}

var (
	_ memberlist.EventDelegate = listener{}
	_ memberlist.Delegate      = listener{}
	_ memberlist.PingDelegate  = listener{}
)

// NotifyJoin implements [memberlist.EventDelegate].
func (l listener) NotifyJoin(n *memberlist.Node) { l.g.concluded(l.id, returned, n.Name) }

// NotifyLeave implements [memberlist.EventDelegate]. It is told of members that
// were declared faulty and of those that said goodbye.
func (l listener) NotifyLeave(n *memberlist.Node) { l.g.concluded(l.id, confirmed, n.Name) }

// NotifyUpdate implements [memberlist.EventDelegate].
func (l listener) NotifyUpdate(*memberlist.Node) {}

// NodeMeta implements [memberlist.Delegate].
func (l listener) NodeMeta(int) []byte { return make([]byte, l.g.System.Wire.MetaBytes) }

// NotifyMsg implements [memberlist.Delegate].
func (l listener) NotifyMsg([]byte) {}

// GetBroadcasts implements [memberlist.Delegate].
func (l listener) GetBroadcasts(int, int) [][]byte { return nil }

// LocalState implements [memberlist.Delegate].
func (l listener) LocalState(bool) []byte { return nil }

// MergeRemoteState implements [memberlist.Delegate].
func (l listener) MergeRemoteState([]byte, bool) {}

// AckPayload implements [memberlist.PingDelegate].
func (l listener) AckPayload() []byte { return make([]byte, l.g.System.Wire.PayloadBytes) }

// NotifyPingComplete implements [memberlist.PingDelegate].
func (l listener) NotifyPingComplete(*memberlist.Node, time.Duration, []byte) {}

// What the log says, up to the name or to the end.
var (
	saysProbeFailed = []byte("[INFO] memberlist: Suspect ")
	saysNoAcks      = []byte(" has failed, no acks received")
	saysRefuting    = []byte("[WARN] memberlist: Refuting ")
)

// Write is memberlist's log, a line at a time.
func (l listener) Write(line []byte) (int, error) {
	if rest, ok := bytes.CutPrefix(line, saysProbeFailed); ok {
		if name, _, ok := bytes.Cut(rest, saysNoAcks); ok {
			l.g.concluded(l.id, probeFailed, string(name))
		}
	} else if bytes.HasPrefix(line, saysRefuting) {
		l.g.record.mu.Lock()
		l.g.record.refutes++
		l.g.record.mu.Unlock()
	}
	return len(line), nil
}
