package live

import (
	"net/netip"
	"time"

	"github.com/swimlab/swimlab/swim"
	"github.com/swimlab/swimlab/swim/live/wire"
)

// directory is what a member knows of the others beside what the protocol's core
// does: the core has dense handles, the world has names and addresses. A handle is
// given to the next newcomer once its holder is forgotten.
type directory struct {
	peers []peer // by handle; the member's own is 0
	names names
	free  []swim.ID
	limit int
	// places are the coordinates that they said they are at, and times Serf's logical
	// times of their last join or leave, by handle; both are as long as the largest
	// handle of one that has said.
	places []place
	times  []uint64
	// longest is the length of the longest name there has been.
	longest int
}

// peer is one member. There may be thousands: it has no timer, no goroutine, and
// nothing on the heap of its own but its text.
type peer struct {
	text    []byte        // name and metadata, one behind the other; nil: the handle is free
	since   time.Duration // of its present state
	heard   time.Duration // when it last acked
	rtt     time.Duration // of its last ack; 0: none has come
	ip      [16]byte      // an IPv4 address in its long form
	port    uint16
	vsn     wire.Versions
	nameLen uint8
	hasMeta bool // metadata may be empty, or not be there
	failed  bool // it was declared faulty and has not come back
	told    bool // it has had a list that this member is on, in its present incarnation
	// leavesBy is until which second of protocol time it is believed that it is about
	// to leave, as it has announced; 0: it has not.
	leavesBy uint32
}

// isLeaving says whether it is believed that a member is about to leave.
func (p *peer) isLeaving(now time.Duration) bool { return now < time.Duration(p.leavesBy)*time.Second }

func (p *peer) name() []byte { return p.text[:p.nameLen:p.nameLen] }

// meta is the metadata; nil and empty are told apart.
func (p *peer) meta() []byte {
	if !p.hasMeta {
		return nil
	}
	return p.text[p.nameLen:]
}

func (p *peer) addr() netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom16(p.ip).Unmap(), p.port)
}

// is sets what a member says of itself.
func (p *peer) is(addr netip.AddrPort, vsn wire.Versions, meta []byte) {
	p.ip, p.port, p.vsn = addr.Addr().As16(), addr.Port(), vsn
	p.setMeta(meta)
}

func (p *peer) setMeta(meta []byte) {
	p.hasMeta = meta != nil
	if string(p.text[p.nameLen:]) != string(meta) {
		p.text = append(append(make([]byte, 0, int(p.nameLen)+len(meta)), p.name()...), meta...)
	}
}

// place is a coordinate that may not be there.
type place struct {
	wire.Coordinate
	known bool
}

// self is the member's own handle.
const self swim.ID = 0

// stranger is a handle for whoever is at the other end and has none. It is in no
// table.
const stranger swim.ID = swim.Nobody - 1

func (d *directory) find(name []byte) (swim.ID, bool) {
	return d.names.find(name, d.peers)
}

// at is a peer by its handle; nil for handles that mean nobody.
func (d *directory) at(id swim.ID) *peer {
	if int64(id) >= int64(len(d.peers)) || d.peers[id].text == nil {
		return nil
	}
	return &d.peers[id]
}

// name is a peer's name; empty for Nobody.
func (d *directory) name(id swim.ID) []byte {
	if p := d.at(id); p != nil {
		return p.name()
	}
	return nil
}

// full says whether a newcomer needs another's handle.
func (d *directory) full() bool { return d.names.len() >= d.limit }

// add gives a newcomer a handle. There must be room, and name be no longer than [MaxName].
func (d *directory) add(name []byte) swim.ID {
	var id swim.ID
	if n := len(d.free); n > 0 {
		id, d.free = d.free[n-1], d.free[:n-1]
	} else {
		id = swim.ID(len(d.peers))
		d.peers = append(grown(d.peers), peer{})
	}
	d.peers[id] = peer{text: append(make([]byte, 0, len(name)), name...), nameLen: uint8(len(name))}
	d.names.add(id, d.peers)
	d.longest = max(d.longest, len(name))
	return id
}

// grown makes room in the way that wastes least: a member is in memory for long.
func grown[T any](s []T) []T {
	if len(s) < cap(s) {
		return s
	}
	return append(make([]T, 0, len(s)+len(s)/16+4), s...)
}

// place is where a peer said it is; nil if it has not.
func (d *directory) place(id swim.ID) *wire.Coordinate {
	if int(id) >= len(d.places) || !d.places[id].known {
		return nil
	}
	return &d.places[id].Coordinate
}

// put notes where a peer said it is.
func (d *directory) put(id swim.ID, c wire.Coordinate) {
	d.places = upTo(d.places, id)
	d.places[id] = place{c, true}
}

// time is Serf's logical time of a peer's last join or leave; 0 if it has told none.
func (d *directory) time(id swim.ID) uint64 {
	if int(id) >= len(d.times) {
		return 0
	}
	return d.times[id]
}

func (d *directory) setTime(id swim.ID, t uint64) {
	d.times = upTo(d.times, id)
	d.times[id] = t
}

// upTo lengthens a table by handle until it has a row for one.
func upTo[T any](s []T, id swim.ID) []T {
	for int(id) >= len(s) {
		var none T
		s = append(grown(s), none)
	}
	return s
}

// remove forgets a peer.
func (d *directory) remove(id swim.ID) {
	d.names.remove(id, d.peers)
	d.peers[id] = peer{}
	if int(id) < len(d.times) {
		d.times[id] = 0
	}
	if int(id) < len(d.places) {
		d.places[id] = place{}
	}
	d.free = append(d.free, id)
}

// byAddr finds who is at an address. It is for what is rare: exchanges of lists, and
// members of memberlist's that are so old that they do not tell their names.
func (d *directory) byAddr(a netip.AddrPort) (swim.ID, bool) {
	for id := range d.peers {
		if d.peers[id].text != nil && d.peers[id].addr() == a {
			return swim.ID(id), true
		}
	}
	return swim.Nobody, false
}
