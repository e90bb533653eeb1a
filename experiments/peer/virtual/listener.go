package virtual

import (
	"bytes"
	"time"

	"github.com/hashicorp/memberlist"

	"github.com/swimlab/swimlab/experiments/observed"
)

// listener is the library's ear at one member. memberlist has no hook for a failed
// probe or a refutation, only a line in its log.
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
func (l listener) NotifyJoin(n *memberlist.Node) { l.g.concluded(l.id, observed.Returned, n.Name) }

// NotifyLeave implements [memberlist.EventDelegate]. It is told of members that
// were declared faulty and of those that said goodbye.
func (l listener) NotifyLeave(n *memberlist.Node) { l.g.concluded(l.id, observed.Failed, n.Name) }

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
			l.g.concluded(l.id, observed.ProbeFailed, string(name))
		}
	} else if bytes.HasPrefix(line, saysRefuting) {
		l.g.concluded(l.id, observed.Refuted, l.g.members[l.id].name)
	}
	return len(line), nil
}
