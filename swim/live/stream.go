package live

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"time"

	"github.com/swimlab/swimlab/swim"
	"github.com/swimlab/swimlab/swim/live/wire"
)

// accept serves streams, so many at a time. The others wait with the system, which
// bounds their number; each of those served has its time.
func (m *Member) accept() {
	defer m.work.Done()
	for {
		select {
		case m.slots <- struct{}{}:
		case <-m.closed.Done():
			return
		}
		conn, err := m.transport.Accept()
		if err != nil {
			<-m.slots
			if m.closed.Err() != nil || !m.pauseAfter(err) {
				return
			}
			continue
		}
		if !m.track(conn) {
			return
		}
		go func() {
			defer func() { <-m.slots }()
			defer m.untrack(conn)
			m.serve(conn)
		}()
	}
}

// track has Shutdown end a stream and wait for its goroutine; false if it has begun.
func (m *Member) track(conn net.Conn) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.isEnd {
		_ = conn.Close()
		return false
	}
	m.work.Add(1)
	m.conns[conn] = struct{}{}
	_ = conn.SetDeadline(time.Now().Add(m.cfg.StreamTimeout))
	return true
}

// eager is a stream that must begin soon: one that says nothing keeps a place from
// others no longer than that, and has its whole time once it has begun.
type eager struct {
	net.Conn
	whole time.Duration
	begun bool
}

// firstWord is how long an inbound stream may be silent.
const firstWord = 2 * time.Second

func (e *eager) Read(p []byte) (int, error) {
	if !e.begun {
		_ = e.SetReadDeadline(time.Now().Add(min(firstWord, e.whole)))
	}
	n, err := e.Conn.Read(p)
	if !e.begun {
		e.begun = true
		_ = e.SetReadDeadline(time.Now().Add(e.whole))
	}
	return n, err
}

func (m *Member) untrack(conn net.Conn) {
	_ = conn.Close()
	m.mu.Lock()
	delete(m.conns, conn)
	m.mu.Unlock()
	m.work.Done()
}

// serve answers the one message that a stream brings.
func (m *Member) serve(conn net.Conn) {
	in, err := m.env.ReadRequest(&eager{Conn: conn, whole: m.cfg.StreamTimeout})
	if err != nil {
		if errors.Is(err, io.EOF) {
			return // nothing was said
		}
		m.mu.Lock()
		m.unread(err)
		m.mu.Unlock()
		m.reply(conn, (&wire.ErrorResponse{Text: []byte(err.Error())}).Append(nil))
		return
	}
	if body := m.answerStream(in, conn); body != nil {
		m.reply(conn, body)
	}
}

func (m *Member) reply(conn net.Conn, body []byte) {
	b, err := m.env.AppendAnswer(nil, body)
	if err == nil {
		_, err = conn.Write(b)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stats.streams.out += uint64(len(b))
	if err != nil {
		m.stats.sendErrors++
	}
}

// answerStream gives the answer to what a stream has brought; nil is none.
func (m *Member) answerStream(in *wire.Incoming, conn net.Conn) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	for m.faults.blocked && !m.isEnd {
		m.unblocked.Wait()
	}
	now := m.input()
	m.stats.streams.in++
	switch in.Type {
	case wire.TypePing:
		if len(in.Ping.Node) > 0 && string(in.Ping.Node) != m.cfg.Name || m.node.Stopped() {
			m.refuse(NotForUs)
			return nil
		}
		return (&wire.Ack{SeqNo: in.Ping.SeqNo}).Append(nil)
	case wire.TypePushPull:
		// The answer is this member's list as it was before the exchange, also for
		// those whose own is refused: they find out by it.
		m.joinEcho = in.PushPull.Join
		m.disputed = m.disputes(m.disputed[:0], &in.PushPull)
		m.node.Handle(now, stranger, &swim.Message{Kind: swim.Sync, Stream: true}, &m.out)
		m.settle(now)
		answer := m.takeList()
		if err := m.merge(&in.PushPull, now); err != nil {
			m.log.Warn("list refused", "from", conn.RemoteAddr(), "error", err)
		}
		m.settle(now)
		if len(answer) == 0 {
			return nil // it has left
		}
		return answer
	case wire.TypeUser:
		m.userMessage(in.User.Data, now)
		m.settle(now)
	default:
		m.stats.refused[Unread]++
	}
	return nil
}

// disputes appends what the answer to a list must say beside what every list says:
// that members are gone which the other holds for alive. The core leaves out who
// has been gone for longer than the dead are told; but one that was out of reach
// for so long, and is not told now, would go on as if it were a member, and its
// news of itself would be too old for those who remember its end. memberlist
// forgets the end instead, and takes it for new.
func (m *Member) disputes(updates []swim.Update, p *wire.PushPull) []swim.Update {
	var told map[swim.ID]bool // a name may be on a stranger's list any number of times
	for row := range p.Rows() {
		id, known := m.dir.find(row.Name)
		if !known || id == self || row.State != wire.StateAlive && row.State != wire.StateSuspect {
			continue
		}
		if e := m.node.Lookup(id); !e.State.InGroup() && e.Incarnation >= row.Incarnation && !told[id] {
			if told == nil {
				told = map[swim.ID]bool{}
			}
			told[id] = true
			updates = append(updates, swim.Update{Member: id, Incarnation: e.Incarnation, From: self, State: e.State})
		}
	}
	return updates
}

// merge takes in another's list. Rows that no member here can be are passed over
// one by one; memberlist refuses the list for one of them, and so one odd member
// stops every exchange of a group.
func (m *Member) merge(p *wire.PushPull, now time.Duration) error {
	var odd error
	good := 0
	for row := range p.Rows() {
		if v := wire.ParseVersions(row.Vsn); !v.Valid() || !m.understands(v) {
			m.refuse(OtherVersions)
			if odd == nil {
				odd = otherVersions{fmt.Errorf("live: %s speaks versions %v; want such as the %v family's %v", row.Name, v.Bytes(), m.cfg.Family, m.versions)}
			}
			continue
		}
		good++
		switch row.State {
		case wire.StateAlive:
			m.aliveNews(swim.SyncReply, &wire.Alive{Incarnation: row.Incarnation, Node: row.Name, Addr: row.Addr, Meta: row.Meta, Vsn: row.Vsn}, now)
		case wire.StateSuspect, wire.StateDead:
			m.accusation(swim.SyncReply, row.Name, nil, row.Incarnation, swim.Suspect, now)
		case wire.StateLeft:
			m.accusation(swim.SyncReply, row.Name, row.Name, row.Incarnation, swim.Left, now)
		default:
			m.refuse(NotValid)
		}
	}
	if good == 0 && odd != nil {
		return odd
	}
	m.mergeSerf(p.UserState, now)
	m.stats.exchanges++
	return nil
}

// otherVersions is an error that errors.Is takes for wire.Incompatible.
type otherVersions struct{ error }

func (otherVersions) Unwrap() error { return wire.Incompatible }

// exchangeWith exchanges lists with a member, as the core wants it from time to
// time. A stream that finds no room among the outbound ones is left out.
func (m *Member) exchangeWith(id swim.ID, updates []swim.Update) {
	p := m.dir.at(id)
	if p == nil {
		return
	}
	to, list := p.addr(), m.appendList(nil, updates, false)
	m.stream(func(ctx context.Context) {
		if err := m.exchange(ctx, to, list); err != nil {
			m.log.Debug("exchange of lists", "with", to, "error", err)
		}
	})
}

// listedBy takes in whether the list of whoever is at an address has this member on it.
// That list was made before the other read this member's own, so that once is nothing. One
// that has been told and does not list it ignores it, as Consul's agents do whose data
// centre, segment or id is not theirs; they say so to nobody. In a large group the same
// member is asked seldom: there several lists in a row are as good.
func (m *Member) listedBy(to netip.AddrPort, listed bool, now time.Duration) {
	const inARow = 3
	id, ok := m.dir.byAddr(to)
	if !ok || id == self {
		return
	}
	p := m.dir.at(id)
	told := p.told
	p.told = true
	if listed {
		m.missing = 0
		return
	}
	if m.missing++; !told && m.missing < inARow {
		return
	}
	m.stats.unlisted++
	m.log.Warn("ignored: a member's list is without this one, of which it has been told", "by", string(p.name()), "at", to)
	m.publish(Event{Kind: Unlisted, Member: m.cfg.Name, By: string(p.name()), Addr: to}, now)
}

// stream has f use a stream, if there are not too many. The lock is held.
func (m *Member) stream(f func(context.Context)) {
	if m.isEnd {
		return
	}
	select {
	case m.outbound <- struct{}{}:
	default:
		m.stats.streams.dropped++
		return
	}
	m.work.Add(1)
	go func() {
		defer m.work.Done()
		defer func() { <-m.outbound }()
		ctx, cancel := context.WithTimeout(m.closed, m.cfg.StreamTimeout)
		defer cancel()
		m.waitWhileBlocked()
		f(ctx)
	}()
}

// ask opens a stream, says one thing and hears the answer.
func (m *Member) ask(ctx context.Context, to netip.AddrPort, message []byte) (*wire.Incoming, error) {
	b, err := m.env.AppendRequest(nil, message)
	if err != nil {
		return nil, err
	}
	if m.cutOff(to) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	conn, err := m.transport.Dial(ctx, to)
	if err != nil {
		m.mu.Lock()
		m.stats.sendErrors++
		m.mu.Unlock()
		return nil, err
	}
	if !m.track(conn) {
		return nil, net.ErrClosed
	}
	defer m.untrack(conn)
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	if _, err := conn.Write(b); err != nil {
		return nil, unanswered(ctx, err)
	}
	m.mu.Lock()
	m.stats.streams.out += uint64(len(b))
	m.mu.Unlock()
	in, err := m.env.ReadAnswer(conn)
	switch {
	case err != nil:
		return nil, unanswered(ctx, err)
	case in.Type == wire.TypeError:
		return nil, refused(in.Error.Text)
	}
	return in, nil
}

// unanswered says what an error of a stream that was opened comes to.
func unanswered(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil, errors.Is(err, os.ErrDeadlineExceeded):
		return errors.New("connected, but no answer came in time")
	case errors.Is(err, io.EOF):
		return errors.New("closed without an answer")
	}
	return err
}

// refused is what the other says who could not make anything of what was said.
type refused string

func (e refused) Error() string { return "refused: " + string(e) }

// exchange exchanges lists with whoever is at an address.
func (m *Member) exchange(ctx context.Context, to netip.AddrPort, list []byte) error {
	in, err := m.ask(ctx, to, list)
	if err != nil {
		return err
	}
	if in.Type != wire.TypePushPull {
		return fmt.Errorf("answered with %v; want its list", in.Type)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.input()
	if err = m.merge(&in.PushPull, now); err == nil {
		m.listedBy(to, m.isOn(&in.PushPull), now)
	}
	m.settle(now)
	return err
}

// isOn says whether this member is on a list, in whatever state.
func (m *Member) isOn(p *wire.PushPull) bool {
	for row := range p.Rows() {
		if string(row.Name) == m.cfg.Name {
			return true
		}
	}
	return false
}

// pingOverStream pings a target that did not answer in time where datagrams may
// not get through.
func (m *Member) pingOverStream(id swim.ID, seq uint32) {
	p := m.dir.at(id)
	if p == nil || !p.vsn.UnderstandsStreamPing() {
		return
	}
	to := p.addr()
	ping := (&wire.Ping{SeqNo: seq + m.seqBase, Node: p.name(), Source: m.advertise, SourceNode: m.name}).Append(nil)
	m.stream(func(ctx context.Context) {
		in, err := m.ask(ctx, to, ping)
		if err != nil || in.Type != wire.TypeAck || in.Ack.SeqNo != seq+m.seqBase {
			return
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		now := m.input()
		m.stats.streamAcks++
		m.node.Handle(now, id, &swim.Message{Kind: swim.Ack, Seq: seq, Target: id, Stream: true}, &m.out)
		m.settle(now)
	})
}
