package live

import (
	"time"

	"github.com/swimlab/swimlab/swim/live/wire"
)

// relayed has others send an answer on, each in its own datagram, so that the asker
// gets it though a datagram is lost. As with Serf, a group that is too small for so
// many does without.
func (m *Member) relayed(a *asked, response []byte, now time.Duration) {
	if a.relays == 0 || m.node.GroupSize() < a.relays+1 {
		return
	}
	raw := (&wire.SerfRelay{To: a.addr, Name: a.name, Message: response}).Append(nil)
	if len(raw) > maxResponse {
		return
	}
	left := a.relays
	for _, id := range m.some(a.relays + 1) {
		if p := m.dir.at(id); left > 0 && id != a.asker && p.vsn.DMax >= relayVersion && m.queries.relayRate.take(now) {
			m.sendSerf(p.addr(), raw, now)
			left--
		}
	}
}

// relayVersion is the first of Serf's versions whose members relay.
const relayVersion = 5

// relay sends another's answer on to who asked. Serf sends anything to anywhere, so
// that whoever can reach a member can write in its name. Here it is an answer to a
// query, to a member of the group, where the list has it, and so many in a second.
func (m *Member) relay(r *wire.SerfRelay, now time.Duration) {
	var response wire.SerfQueryResponse
	t, body, err := wire.SplitSerf(r.Message)
	if err == nil && t == wire.SerfTypeQueryResponse {
		err = response.Decode(body)
	}
	if err != nil {
		m.unread(err)
		return
	}
	if t != wire.SerfTypeQueryResponse || len(r.Message) > maxResponse {
		m.refuse(NotValid)
		return
	}
	if !m.queries.relayRate.take(now) {
		m.refuse(TooMany)
		return
	}
	to, ok := m.askerOf(&wire.SerfQuery{Asker: r.To, SourceNode: r.Name})
	if _, member := m.dir.find(response.From); !ok || !member {
		m.refuse(UnknownMember)
		return
	}
	m.stats.relays++
	m.sendSerf(m.dir.at(to).addr(), r.Message, now)
}
