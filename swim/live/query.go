package live

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"net/netip"
	"strings"
	"time"

	"github.com/swimlab/swimlab/swim"
	"github.com/swimlab/swimlab/swim/live/wire"
)

// Serf's queries: a member says that it has got one, answers it, and has the others
// hear of it. Those whose names begin with _serf_ Serf asks of every member.

// UserQuery is a question that a user of Serf asks all members, or some.
type UserQuery struct {
	Name    string
	Payload []byte
	From    string // the member that asks
}

// asked is a query that is being answered.
type asked struct {
	ltime   uint64
	id      uint32
	asker   swim.ID
	name    []byte // the asker's
	addr    netip.AddrPort
	relays  int
	timeout time.Duration
}

// queries is what a member knows of Serf's queries and events.
type queries struct {
	queryClock, eventClock uint64 // Serf's logical times of either
	asked, told            recent
	queryRate, eventRate   bucket
	relayRate              bucket
	users, own             chan struct{} // slots of queries being answered: users', Serf's own
	asking                 []*asking     // this member's own, in the order of time
}

const (
	// serfMemory is how many events, or queries, Serf's clocks may be ahead of one
	// that is still news: Serf's EventBuffer and QueryBuffer.
	serfMemory = 512
	// maxResponse is the largest answer that Serf's members send, with all that goes
	// round it: Serf's QueryResponseSizeLimit.
	maxResponse = 1024
	// maxRelays is through how many others an answer goes at the most, whatever is
	// asked for. It is the most that Consul's users can ask for.
	maxRelays = 5
	// answering is how many queries of users are answered at a time, and longestQuery for
	// how long; of Serf's own, whatever the users' take, answeringOwn are.
	answering    = 8
	answeringOwn = 2
	longestQuery = time.Minute
	// internal is what the names of Serf's own queries begin with.
	internal = "_serf_"
)

func newQueries(l Limits) queries {
	return queries{
		queryRate: newBucket(l.Queries), eventRate: newBucket(l.Events), relayRate: newBucket(l.Relays),
		users: make(chan struct{}, answering), own: make(chan struct{}, answeringOwn),
	}
}

// recent remembers the last messages of others by their hashes. What is taken in of
// them in a second is bounded, so that a message is remembered for longer than others
// repeat it.
type recent struct {
	seed   maphash.Seed
	hashes []uint64
	next   int
}

// remembered is how many messages are.
const remembered = 1024

func (r *recent) hash(message []byte) uint64 {
	if r.hashes == nil {
		r.seed = maphash.MakeSeed()
	}
	return maphash.Bytes(r.seed, message)
}

func (r *recent) has(message []byte) bool {
	h := r.hash(message)
	for _, x := range r.hashes {
		if x == h {
			return true
		}
	}
	return false
}

func (r *recent) add(message []byte) {
	h := r.hash(message)
	if len(r.hashes) < remembered {
		r.hashes = append(r.hashes, h)
		return
	}
	r.hashes[r.next] = h
	r.next = (r.next + 1) % remembered
}

// A logical time that leaves no room for later ones would end its clock. No honest
// group comes near either of these.
const (
	// endOfTime is the first time that is not taken from a list of members.
	endOfTime = 1 << 62
	// maxLeap is how far ahead of the clock a message's time may be: it takes 2³⁰ forged
	// ones to get from the end of time to where there are no more numbers.
	maxLeap = 1 << 32
)

// witness moves a clock on to a time heard of.
func witness(clock *uint64, t uint64) {
	if t >= *clock {
		*clock = t + 1
	}
}

// isForged says whether a message's time is one that a clock must not be moved to.
func isForged(clock, t uint64) bool { return t >= clock && t-clock >= maxLeap }

// witnessList moves a clock on to the time of a list of members: what bears that time
// has not been said yet.
func witnessList(clock *uint64, t uint64) {
	if t > 0 && t <= endOfTime {
		witness(clock, t-1)
	}
}

// isNews says whether a message of Serf's users is to be taken in: it is not of too
// long ago, nor known, nor one too many. From then on it is known.
func (m *Member) isNews(clock *uint64, known *recent, rate *bucket, ltime uint64, key []byte, now time.Duration) bool {
	switch {
	case *clock > serfMemory && ltime < *clock-serfMemory:
		m.refuse(Old)
		return false
	case isForged(*clock, ltime):
		m.refuse(NotValid)
		return false
	case known.has(key):
		return false
	case !rate.take(now):
		m.refuse(TooMany)
		return false
	}
	known.add(key)
	witness(clock, ltime)
	return true
}

// told takes in an event of Serf's users.
func (m *Member) told(e *wire.SerfUserEvent, data []byte, now time.Duration) {
	s := &m.queries
	if m.isNews(&s.eventClock, &s.told, &s.eventRate, e.LTime, data, now) {
		m.publish(Event{Kind: UserMessage, Member: string(e.Name), Payload: copied(e.Payload)}, now)
		m.passOn(data, now)
	}
}

// queried takes in a query: it is passed on, and answered if it is for this member.
func (m *Member) queried(q *wire.SerfQuery, data []byte, now time.Duration) {
	if m.node.Stopped() {
		return
	}
	if len(data) > m.cfg.PacketBytes { // Serf sends 1,024 bytes at the most
		m.refuse(Oversized)
		return
	}
	key := queryKey(q)
	if s := &m.queries; !m.isNews(&s.queryClock, &s.asked, &s.queryRate, q.LTime, key[:], now) {
		return
	}
	m.stats.queries++
	if q.Flags&wire.SerfNoBroadcast == 0 {
		m.passOn(data, now)
	}
	asker, ok := m.askerOf(q)
	if !ok {
		m.refuse(UnknownMember)
		return
	}
	own := strings.HasPrefix(string(q.Name), internal)
	x := Event{Kind: Queried, Member: string(q.Name), By: string(m.dir.name(asker))}
	if !own { // of Serf's own, some have keys in them
		x.Payload = copied(q.Payload)
	}
	m.publish(x, now)
	if !m.passes(q.Filters) {
		return
	}
	p := m.dir.at(asker)
	a := asked{
		ltime: q.LTime, id: q.ID, asker: asker, name: p.name(), addr: p.addr(), relays: min(int(q.RelayFactor), maxRelays),
		timeout: min(q.Timeout, longestQuery),
	}
	m.ack(&a, q.Flags, now)
	switch {
	case a.timeout <= 0:
	case own:
		m.internalQuery(a, string(q.Name[len(internal):]), q.Payload, now)
	default:
		m.userQuery(a, UserQuery{Name: string(q.Name), Payload: copied(q.Payload), From: string(p.name())})
	}
}

// queryKey is what a query is known by.
func queryKey(q *wire.SerfQuery) (key [12]byte) {
	binary.LittleEndian.PutUint64(key[:8], q.LTime)
	binary.LittleEndian.PutUint32(key[8:], q.ID)
	return key
}

// ack says that a query is here, if its flags ask for that.
func (m *Member) ack(a *asked, flags uint32, now time.Duration) {
	if flags&wire.SerfAck != 0 {
		m.respond(a, wire.SerfAck, nil, now)
	}
}

// userQuery has the application answer a query, if it does.
func (m *Member) userQuery(a asked, q UserQuery) {
	if m.cfg.Queries != nil {
		m.later(a, m.queries.users, func(ctx context.Context) ([]byte, error) { return m.cfg.Queries(ctx, q) })
	}
}

// askerOf is the member that a query comes from. Serf sends the answers to whatever
// address a query has in it, so that anybody can have a whole group write to a third
// party. Here they go to members only, where the list has them.
func (m *Member) askerOf(q *wire.SerfQuery) (swim.ID, bool) {
	at := unmap(q.Asker)
	id, ok := m.dir.find(q.SourceNode)
	if len(q.SourceNode) == 0 { // it does not say
		id, ok = m.dir.byAddr(at)
	}
	return id, ok && id != self && m.dir.at(id).addr() == at && m.node.Lookup(id).State.InGroup()
}

// internalQuery answers what Serf asks of every member.
func (m *Member) internalQuery(a asked, name string, payload []byte, now time.Duration) {
	switch name {
	case "ping": // the ack is all
	case "conflict":
		if string(payload) != m.cfg.Name { // others are to say who it is
			m.answerWith(&a, m.listedAs(payload, now).Append(nil), now)
		}
	case "install-key", "use-key", "remove-key", "list-keys":
		payload = copied(payload)
		m.later(a, m.queries.own, func(context.Context) ([]byte, error) { return m.keyQuery(name, payload), nil })
	default:
		m.log.Debug("query", "name", internal+name, "error", "is not known")
	}
}

// listedAs is a member as it is listed here; nil if it is not.
func (m *Member) listedAs(name []byte, now time.Duration) *wire.SerfMember {
	id, ok := m.dir.find(name)
	if !ok {
		return nil
	}
	p, status := m.dir.at(id), wire.SerfAlive
	switch s := m.node.Lookup(id).State; {
	case s == swim.Left:
		status = wire.SerfLeft
	case s == swim.Faulty:
		status = wire.SerfFailed
	case p.isLeaving(now):
		status = wire.SerfLeaving
	}
	tags, _ := wire.DecodeTags(p.meta()) // what is odd has none
	return &wire.SerfMember{Name: p.name(), Addr: p.addr(), Tags: tags, Status: status, Versions: p.vsn}
}

// later has f find the answer to a query outside the lock, if there is a slot for it.
// No answer is sent for a nil or an error, nor after the asker's time.
func (m *Member) later(a asked, slots chan struct{}, f func(context.Context) ([]byte, error)) {
	if m.isEnd {
		return
	}
	select {
	case slots <- struct{}{}:
	default:
		m.refuse(TooMany)
		return
	}
	m.work.Add(1)
	go func() {
		defer m.work.Done()
		defer func() { <-slots }()
		ctx, cancel := context.WithTimeout(m.closed, a.timeout)
		defer cancel()
		payload, err := f(ctx)
		if err == nil {
			err = ctx.Err()
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		switch {
		case err != nil:
			m.log.Warn("query not answered", "error", err)
		case payload != nil && !m.isEnd && !m.node.Stopped():
			m.answerWith(&a, payload, m.now())
		}
	}()
}

func (m *Member) answerWith(a *asked, payload []byte, now time.Duration) {
	m.respond(a, 0, payload, now)
}

// respond sends the asker an answer, or the news that the query is here, and once
// more through so many others as it wants.
func (m *Member) respond(a *asked, flags uint32, payload []byte, now time.Duration) {
	// The list may have given the handle to another meanwhile, or the asker have moved.
	if p := m.dir.at(a.asker); p == nil || string(p.name()) != string(a.name) || p.addr() != a.addr {
		return
	}
	response := &wire.SerfQueryResponse{LTime: a.ltime, ID: a.id, From: m.name, Flags: flags, Payload: payload}
	raw := response.Append(nil)
	if len(raw) > maxResponse {
		m.log.Warn("query not answered", "error", fmt.Sprintf("the answer is %d bytes; want at most %d", len(raw), maxResponse))
		return
	}
	if a.asker == self {
		m.answered(response, now)
		return
	}
	m.stats.responses++
	m.sendSerf(a.addr, raw, now)
	m.relayed(a, raw, now)
}

// sendSerf sends one member a message of Serf's.
func (m *Member) sendSerf(to netip.AddrPort, data []byte, now time.Duration) {
	m.writer.Reset()
	m.writer.Add(wire.AppendUser(nil, data))
	m.sealTo(to, swim.News, now)
}
