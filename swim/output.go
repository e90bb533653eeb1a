package swim

// Output collects what a Node wants done. Its slices, and the Updates of its
// messages, are valid until the next Reset; reuse one Output for every call so
// that the steady state allocates nothing.
type Output struct {
	Sends  []Send
	Events []Event

	updates []Update // backing store of the messages' Updates
}

// Reset empties the Output and keeps its memory.
func (o *Output) Reset() {
	o.Sends = o.Sends[:0]
	o.Events = o.Events[:0]
	o.updates = o.updates[:0]
}

func (o *Output) send(to ID, m Message) { o.Sends = append(o.Sends, Send{To: to, Message: m}) }

func (o *Output) event(e Event) { o.Events = append(o.Events, e) }

// EventKind says what a member concluded.
type EventKind uint8

const (
	// ProbeFailed: no ack of Member reached the reporter by the end of the
	// protocol period, directly or through a helper. Detection, in the paper's words.
	ProbeFailed EventKind = iota + 1
	// Suspected: the reporter now suspects Member.
	Suspected
	// Cleared: the reporter no longer suspects Member.
	Cleared
	// Confirmed: the reporter holds Member for faulty and took it off its list.
	Confirmed
	// SuspicionConfirmed: By suspects Member too, which shortens the
	// reporter's suspicion of it (Lifeguard §IV-B).
	SuspicionConfirmed
	// Joined: Member is new on the reporter's list, or back on it.
	Joined
	// Departed: Member left of its own will.
	Departed
	// Refuted: the reporter heard that it is suspected itself, or worse, and
	// raised its incarnation.
	Refuted
	// Excluded: the reporter heard that it was declared faulty itself.
	Excluded
	// Stopped: the reporter has ended its protocol: it left, or it was
	// excluded and stops when excluded.
	Stopped
)

var eventNames = [...]string{
	ProbeFailed: "probe failed", Suspected: "suspected", Cleared: "cleared", Confirmed: "confirmed",
	SuspicionConfirmed: "suspicion confirmed",
	Joined:             "joined", Departed: "departed", Refuted: "refuted", Excluded: "excluded", Stopped: "stopped",
}

func (k EventKind) String() string {
	if int(k) < len(eventNames) && eventNames[k] != "" {
		return eventNames[k]
	}
	return "unknown event"
}

// Event is a change in what the reporting member believes.
type Event struct {
	Kind        EventKind
	Member      ID     // whom it is about
	By          ID     // who said so first; the reporter itself where it found out itself
	Incarnation uint32 // of Member, after the change
}
