package live

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"net"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/swimlab/swimlab/swim"
	"github.com/swimlab/swimlab/swim/live/wire"
)

// Question is a query that a member asks all members, or some: Serf's users know it as
// serf query.
type Question struct {
	// Name says what is asked, to whoever answers; it does not begin with _serf_. With
	// payload, filters and what goes round them it may take 1,024 bytes.
	Name    string
	Payload []byte
	// Nodes are the names of those who are asked; none is everybody.
	Nodes []string
	// Tags has for a tag the expression that must have a match in it: only those are asked
	// of whom all have. A tag that a member has not is empty.
	Tags map[string]string
	// NoAcks leaves out that everybody says at once that the question has arrived.
	NoAcks bool
	// Relays is through how many others each answer is to come once more, for networks
	// that lose datagrams; 0 to 255. Serf's agents do so up to the size of the group, a
	// [Member] up to 5.
	Relays int
	// Timeout is how long answers are waited for, which those asked know; 0 is as long as
	// in Serf: 16 rounds of gossip for each power of ten that the group is large.
	Timeout time.Duration
}

// Answer is a member's answer to a [Question].
type Answer struct {
	From string
	// Ack says that this is none yet: the question has arrived.
	Ack     bool
	Payload []byte
	// After is how long after the question it came.
	After time.Duration
}

// maxQuery is the largest query that Serf's members send, with all that goes round it:
// Serf's QuerySizeLimit.
const maxQuery = 1024

// asking is a question that is not over.
type asking struct {
	ltime uint64
	id    uint32
	at    time.Duration
	c     chan Answer
	has   map[answered]bool // relays bring what has come
}

// answered is one's ack, or one's answer.
type answered struct {
	from string
	ack  bool
}

// Asks says whether a member is one of those who are asked.
func (q *Question) Asks(p Peer) bool {
	if len(q.Nodes) > 0 && !slices.Contains(q.Nodes, p.Name) {
		return false
	}
	work := maxWork
	for tag, expr := range q.Tags {
		if ok, err := matches(expr, p.Tags[tag], &work); err != nil || !ok {
			return false
		}
	}
	return true
}

// filters are as Serf sends them.
func (q *Question) filters() (filters [][]byte) {
	if len(q.Nodes) > 0 {
		var nodes wire.SerfNodeFilter
		for _, name := range q.Nodes {
			nodes = append(nodes, []byte(name))
		}
		filters = append(filters, nodes.Append(nil))
	}
	for _, tag := range slices.Sorted(maps.Keys(q.Tags)) {
		filters = append(filters, (&wire.SerfTagFilter{Tag: []byte(tag), Expr: []byte(q.Tags[tag])}).Append(nil))
	}
	return filters
}

// Validate says what is wrong with the question, if anything.
func (q *Question) Validate() error {
	switch {
	case q.Name == "":
		return errors.New("live: a question without a name; want one, such as load")
	case strings.HasPrefix(q.Name, internal):
		return fmt.Errorf("live: question %q is not valid: names with %s are Serf's own; want another", q.Name, internal)
	case q.Relays < 0 || q.Relays > math.MaxUint8:
		return fmt.Errorf("live: question %s: answers through %d others are not valid; want 0 to %d", q.Name, q.Relays, math.MaxUint8)
	case q.Timeout < 0:
		return fmt.Errorf("live: question %s: a time-out of %v is not valid; want more than 0, or 0 for Serf's", q.Name, q.Timeout)
	}
	for tag, expr := range q.Tags {
		if _, err := regexp.Compile(expr); err != nil {
			return fmt.Errorf("live: question %s: tag %s: %w", q.Name, tag, err)
		}
	}
	return nil
}

// Ask asks all members, or some, a question. Their acks and answers come over the channel,
// each once and this member's own among them; it is closed when the question's time is
// over, ctx is done, or the member is shut down. There is room in it for all of them.
//
// Members hear of the question as of other news: most within a few rounds of gossip, some
// perhaps never. A [Member] answers only those whom it has heard of, so who has just joined
// had better wait for that ([Member.NewsTime]).
func (m *Member) Ask(ctx context.Context, q Question) (<-chan Answer, error) {
	if err := q.Validate(); err != nil {
		return nil, err
	}
	if !m.cfg.Family.hasSerf() {
		return nil, fmt.Errorf("live: %s: members of the %v family ask nothing; want serf or consul", m.cfg.Name, m.cfg.Family)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.isEnd || m.node.Stopped() {
		return nil, net.ErrClosed
	}
	now := m.input()
	s := &m.queries
	a := &asking{ltime: max(s.queryClock, 1), id: m.rng.Uint32(), at: now, has: map[answered]bool{}, c: make(chan Answer, 2*m.dir.names.len())}
	timeout := q.Timeout
	if timeout == 0 {
		timeout = m.queryTime()
	}
	query := wire.SerfQuery{
		LTime: a.ltime, ID: a.id, Asker: m.advertise, SourceNode: m.name, Filters: q.filters(), RelayFactor: uint8(q.Relays),
		Timeout: timeout, Name: []byte(q.Name), Payload: q.Payload,
	}
	if !q.NoAcks {
		query.Flags = wire.SerfAck
	}
	raw := query.Append(nil)
	if most := min(maxQuery, m.cfg.PacketBytes); len(raw) > most {
		return nil, fmt.Errorf("live: question %s takes %d bytes with its filters; want at most %d", q.Name, len(raw), most)
	}
	key := queryKey(&query)
	s.asked.add(key[:])
	witness(&s.queryClock, a.ltime)
	s.asking = append(s.asking, a)
	m.work.Add(1)
	go m.endOf(ctx, a, timeout)

	m.stats.asked++
	m.broadcast(raw, now)
	if p, _ := m.peer(self, now); q.Asks(p) {
		own := asked{ltime: a.ltime, id: a.id, asker: self, name: m.name, addr: m.advertise, timeout: min(timeout, longestQuery)}
		m.ack(&own, query.Flags, now)
		m.userQuery(own, UserQuery{Name: q.Name, Payload: copied(q.Payload), From: m.cfg.Name})
	}
	m.settle(now)
	return a.c, nil
}

// endOf ends a question when its time is over.
func (m *Member) endOf(ctx context.Context, a *asking, timeout time.Duration) {
	defer m.work.Done()
	t := time.NewTimer(timeout)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	case <-m.closed.Done():
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	s := &m.queries
	s.asking = slices.DeleteFunc(s.asking, func(x *asking) bool { return x == a })
	close(a.c)
}

// queryTime is for how long Serf waits for answers: its QueryTimeoutMult rounds of gossip
// for each power of ten.
func (m *Member) queryTime() time.Duration {
	const rounds = 16
	powers := math.Ceil(math.Log10(float64(m.node.GroupSize() + 1)))
	return time.Duration(rounds*powers) * max(m.cfg.Protocol.GossipInterval, time.Millisecond)
}

// NewsTime is how long this member goes on passing on a piece of news in a group as large
// as now: after that long nearly all have heard of who has just joined.
func (m *Member) NewsTime() time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	return time.Duration(m.cfg.Protocol.RetransmitLimit(m.node.GroupSize())) * m.cfg.Protocol.GossipInterval
}

// answered takes in an answer to one of this member's questions. What comes of nobody on
// the list is not taken, nor what is more than there is room for.
func (m *Member) answered(r *wire.SerfQueryResponse, now time.Duration) {
	s := &m.queries
	i := slices.IndexFunc(s.asking, func(a *asking) bool { return a.ltime == r.LTime && a.id == r.ID })
	if i < 0 {
		m.refuse(Unsolicited) // or too late
		return
	}
	if id, ok := m.dir.find(r.From); !ok || m.node.Lookup(id).State == swim.Unknown {
		m.refuse(UnknownMember)
		return
	}
	a, x := s.asking[i], answered{string(r.From), r.Flags&wire.SerfAck != 0}
	if a.has[x] {
		return
	}
	answer := Answer{From: x.from, Ack: x.ack, After: now - a.at}
	if !x.ack {
		answer.Payload = copied(r.Payload)
	}
	select {
	case a.c <- answer:
		a.has[x] = true
		m.stats.answers++
	default:
		m.refuse(TooMany)
	}
}
