package live

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/swimlab/swimlab/swim"
	"github.com/swimlab/swimlab/swim/live/wire"
)

// Peer is what a member knows of one of its group, itself included.
type Peer struct {
	Name  string
	Addr  netip.AddrPort
	State swim.State
	// Leaving says that it has announced to leave.
	Leaving     bool
	Incarnation uint32
	Tags        map[string]string // in families that have them
	Meta        []byte            // as it came
	Versions    wire.Versions
	// Since is for how long it has been in this state.
	Since time.Duration
	// RTT is the last round trip measured to it; 0 if there was none.
	RTT time.Duration
	// Coordinate is where it said it is, if HasCoordinate.
	Coordinate    wire.Coordinate
	HasCoordinate bool
}

// Status is the state that Serf's users know: alive, suspect, leaving, left, failed.
func (p Peer) Status() string {
	switch {
	case p.State == swim.Faulty:
		return "failed"
	case p.Leaving && p.State.InGroup():
		return "leaving"
	}
	return p.State.String()
}

// Name is the member's name.
func (m *Member) Name() string { return m.cfg.Name }

// Addr is the address at which others reach the member.
func (m *Member) Addr() netip.AddrPort { return m.advertise }

// Members lists all that the member knows, itself and those that have gone
// included, by name.
func (m *Member) Members() []Peer {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	peers := make([]Peer, 0, m.dir.names.len())
	for i := range m.dir.peers {
		if p, ok := m.peer(swim.ID(i), now); ok {
			peers = append(peers, p)
		}
	}
	slices.SortFunc(peers, func(a, b Peer) int { return strings.Compare(a.Name, b.Name) })
	return peers
}

// Lookup is what the member knows of one by its name.
func (m *Member) Lookup(name string) (Peer, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	id, ok := m.dir.find([]byte(name))
	if !ok {
		return Peer{}, false
	}
	return m.peer(id, m.now())
}

// GroupSize is the number of members in the group, this one included.
func (m *Member) GroupSize() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.node.GroupSize()
}

func (m *Member) peer(id swim.ID, now time.Duration) (Peer, bool) {
	p := m.dir.at(id)
	if p == nil {
		return Peer{}, false
	}
	e := m.node.Lookup(id)
	if e.State == swim.Unknown {
		return Peer{}, false
	}
	x := Peer{
		Name: string(p.name()), Addr: p.addr(), State: e.State, Leaving: p.isLeaving(now), Incarnation: e.Incarnation,
		Meta: copied(p.meta()), Versions: p.vsn, Since: now - p.since, RTT: p.rtt,
	}
	if c := m.dir.place(id); c != nil {
		x.Coordinate, x.HasCoordinate = *c, true
	}
	if id == self && m.vivaldi != nil {
		x.Coordinate, x.HasCoordinate = onWire(m.vivaldi), true
	}
	if m.cfg.Family.hasSerf() {
		x.Tags, _ = wire.DecodeTags(p.meta()) // what is odd has none
	}
	return x, true
}

// SetTags changes what the member tells others of itself, and has them hear of it.
func (m *Member) SetTags(tags map[string]string) error {
	cfg := m.cfg
	cfg.Tags = tags
	if !cfg.Family.hasSerf() {
		return fmt.Errorf("live: %s: the plain family has no tags; want SetMeta", cfg.Name)
	}
	meta, err := cfg.meta()
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.setMeta(meta)
	return nil
}

// SetMeta is SetTags for the family that has metadata instead.
func (m *Member) SetMeta(meta []byte) error {
	switch {
	case m.cfg.Family.hasSerf():
		return fmt.Errorf("live: %s: the metadata of the %v family are tags; want SetTags", m.cfg.Name, m.cfg.Family)
	case len(meta) > wire.MaxMeta:
		return fmt.Errorf("live: %s: %d bytes of metadata; want at most %d", m.cfg.Name, len(meta), wire.MaxMeta)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.setMeta(meta)
	return nil
}

func (m *Member) setMeta(meta []byte) {
	m.dir.at(self).setMeta(meta)
	now := m.input()
	m.announceAgain(now)
	m.settle(now)
}
