package live

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/swimlab/swimlab/swim"
	"github.com/swimlab/swimlab/swim/live/wire"
)

// Traffic is what a member has sent and received so far.
type Traffic struct {
	PacketsOut, BytesOut, PacketsIn, BytesIn uint64
	StreamsIn, StreamBytesOut                uint64
}

// Traffic counts datagrams, and streams apart.
func (m *Member) Traffic() Traffic {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := Traffic{
		PacketsIn: m.stats.received.packets, BytesIn: m.stats.received.bytes,
		StreamsIn: m.stats.streams.in, StreamBytesOut: m.stats.streams.out,
	}
	for _, s := range m.stats.sent {
		t.PacketsOut += s.packets
		t.BytesOut += s.bytes
	}
	return t
}

// Status is how a member is, at one moment.
type Status struct {
	Name    string
	Members map[string]int // by status
	// Health is Lifeguard's score of the member itself: 0 is healthy.
	Health                     int
	Incarnation                uint32
	FalsePositives, Refuted    uint64
	Suspected, Failed, Late    uint64
	Refused                    map[string]uint64 // what came in and was not taken, by why
	CoordinateError            float64           // mean relative error of the last predictions
	EventsDropped, PacketsLost uint64
}

// Status says how the member is.
func (m *Member) Status() Status {
	peers := m.Members()
	m.mu.Lock()
	defer m.mu.Unlock()
	s := Status{
		Name: m.cfg.Name, Members: map[string]int{}, Health: m.policy.Health().Score(), Incarnation: m.node.Incarnation(),
		FalsePositives: m.stats.falsePositives, Refuted: m.stats.refutations,
		Suspected: m.stats.suspectedOwn + m.stats.suspectedHeard, Failed: m.stats.failed, Late: m.stats.late,
		Refused: map[string]uint64{}, CoordinateError: m.stats.coordinateError,
		EventsDropped: m.stats.eventsDropped, PacketsLost: m.stats.lost,
	}
	for _, p := range peers {
		s.Members[p.Status()]++
	}
	for r, n := range m.stats.refused {
		if n > 0 {
			s.Refused[Refusal(r).String()] = n
		}
	}
	return s
}

// WriteMetrics writes the member's metrics as Prometheus reads them.
func (m *Member) WriteMetrics(w io.Writer) error {
	peers := m.Members()
	m.mu.Lock()
	s, health, incarnation, group := m.stats, m.policy.Health().Score(), m.node.Incarnation(), m.node.GroupSize()
	estimate := 0.0
	if m.vivaldi != nil {
		estimate = m.vivaldi.ErrorEstimate()
	}
	m.mu.Unlock()

	x := exposition{w: bufio.NewWriter(w)}
	x.family("members", "gauge", "Members known, by status.")
	byStatus := map[string]uint64{}
	for _, p := range peers {
		byStatus[p.Status()]++
	}
	for _, status := range []string{"alive", "suspect", "leaving", "left", "failed"} {
		x.value(`{status="`+status+`"}`, float64(byStatus[status]))
	}
	x.gauge("group_size", "Members of the group, this one included.", float64(group))
	x.gauge("health_score", "Lifeguard's score of this member's own health, 0 if it has no reason to doubt it.", float64(health))
	x.gauge("incarnation", "This member's incarnation.", float64(incarnation))

	x.counter("probes_failed_total", "Probes of others that no ack answered.", s.probesFailed)
	x.family("suspicions_total", "counter", "Suspicions begun, by whose probe had failed.")
	x.value(`{by="self"}`, float64(s.suspectedOwn))
	x.value(`{by="others"}`, float64(s.suspectedHeard))
	x.counter("suspicions_cleared_total", "Suspicions that the suspect refuted in time.", s.cleared)
	x.counter("members_failed_total", "Members declared faulty, here or elsewhere.", s.failed)
	x.counter("members_left_total", "Members that left of their own will.", s.left)
	x.counter("false_positives_total", "Members declared faulty that came back under their name: declared by mistake, or started again.", s.falsePositives)
	x.counter("refutations_total", "Suspicions of this member, or worse, that it refuted.", s.refutations)
	x.counter("late_total", "Wake-ups later than this member tolerates.", s.late)
	x.histogram("suspicion_seconds", "From a suspicion to its refutation.", &s.suspicionTime)
	x.histogram("detection_seconds", "From a member's last ack here to its being declared faulty.", &s.detectionTime)
	x.histogram("echo_seconds", "From a new incarnation of this member to its first repetition by another: how fast its news gets about.", &s.echoTime)

	x.family("packets_sent_total", "counter", "Datagrams sent, by the message that they lead with.")
	for k := swim.Ping; k <= swim.SyncReply; k++ {
		if n := s.sent[k].packets; n > 0 {
			x.value(label("kind", k.String()), float64(n))
		}
	}
	x.family("packet_bytes_sent_total", "counter", "Bytes of datagrams sent, by the message that they lead with.")
	for k := swim.Ping; k <= swim.SyncReply; k++ {
		if n := s.sent[k].bytes; n > 0 {
			x.value(label("kind", k.String()), float64(n))
		}
	}
	x.counter("packets_received_total", "Datagrams received.", s.received.packets)
	x.counter("packet_bytes_received_total", "Bytes of datagrams received.", s.received.bytes)
	x.family("messages_received_total", "counter", "Messages in datagrams received, by type.")
	for t, n := range s.heard {
		if n > 0 {
			x.value(label("type", wire.Type(t).String()), float64(n))
		}
	}
	x.counter("streams_received_total", "Streams that brought a message.", s.streams.in)
	x.counter("stream_bytes_sent_total", "Bytes sent over streams.", s.streams.out)
	x.counter("streams_dropped_total", "Streams not opened, for as many as there may be were open.", s.streams.dropped)
	x.counter("exchanges_total", "Exchanges of lists.", s.exchanges)
	x.counter("unlisted_total", "Lists without this member, of members that had been told of it: they ignore it.", s.unlisted)
	x.counter("stream_acks_total", "Probes that only a stream answered: datagrams are lost or filtered.", s.streamAcks)
	x.counter("send_errors_total", "Datagrams and streams that the system refused.", s.sendErrors)
	x.counter("packets_lost_total", "Datagrams lost by the faults that were set.", s.lost)

	x.family("refused_total", "counter", "What came in and was not taken, by why.")
	for r, n := range s.refused {
		x.value(label("reason", Refusal(r).String()), float64(n))
	}
	x.family("unread_total", "counter", "What the codec refused, by why.")
	for r := 1; r < len(s.unread); r++ {
		x.value(label("reason", wire.Reason(r).String()), float64(s.unread[r]))
	}
	x.counter("events_dropped_total", "Events for which a subscriber had no room.", s.eventsDropped)

	x.counter("queries_total", "Queries of Serf's taken in.", s.queries)
	x.counter("query_responses_total", "Answers to queries sent, and acks of them.", s.responses)
	x.counter("questions_total", "Queries asked by this member.", s.asked)
	x.counter("question_answers_total", "Answers to queries of this member, and acks of them.", s.answers)
	x.counter("query_relays_total", "Others' answers to queries sent on.", s.relays)

	x.counter("coordinate_samples_total", "Round trips that moved this member's coordinate.", s.samples)
	x.counter("coordinates_refused_total", "Round trips and coordinates that cannot be.", s.coordinatesRefused)
	x.gauge("coordinate_error", "Mean relative error of the last predictions of a round trip.", s.coordinateError)
	x.gauge("coordinate_error_estimate", "This member's own estimate of its coordinate's error.", estimate)
	return x.flush()
}

// exposition is Prometheus's text format.
type exposition struct {
	w    *bufio.Writer
	name string
}

func (x *exposition) family(name, kind, help string) {
	x.name = "swimlab_" + name
	fmt.Fprintf(x.w, "# HELP %s %s\n# TYPE %s %s\n", x.name, help, x.name, kind)
}

func (x *exposition) value(labels string, v float64) {
	fmt.Fprintf(x.w, "%s%s %s\n", x.name, labels, strconv.FormatFloat(v, 'g', -1, 64))
}

func (x *exposition) gauge(name, help string, v float64) {
	x.family(name, "gauge", help)
	x.value("", v)
}

func (x *exposition) counter(name, help string, v uint64) {
	x.family(name, "counter", help)
	x.value("", float64(v))
}

func (x *exposition) histogram(name, help string, h *histogram) {
	x.family(name, "histogram", help)
	family := x.name
	x.name = family + "_bucket"
	var below uint64
	for i, b := range bounds {
		below += h.counts[i]
		x.value(`{le="`+strconv.FormatFloat(b, 'g', -1, 64)+`"}`, float64(below))
	}
	x.value(`{le="+Inf"}`, float64(h.count))
	x.name = family + "_sum"
	x.value("", h.sum)
	x.name = family + "_count"
	x.value("", float64(h.count))
}

func (x *exposition) flush() error { return x.w.Flush() }

func label(name, value string) string {
	return "{" + name + `="` + strings.NewReplacer(" ", "_", "-", "_", `"`, "").Replace(value) + `"}`
}
