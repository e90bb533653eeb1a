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
	// places are the coordinates that they said they are at, by handle; as long as
	// the largest handle of one that has said.
	places []place
	names  map[string]swim.ID
	free   []swim.ID
	limit  int
	// longest is the length of the longest name there has been.
	longest int
}

// peer is one member. There may be thousands: it has no timer, no goroutine, and
// nothing on the heap of its own but its name and metadata.
type peer struct {
	name  []byte // nil: the handle is free
	meta  []byte
	addr  netip.AddrPort
	vsn   wire.Versions
	since time.Duration // of its present state
	heard time.Duration // when it last acked
	rtt   time.Duration // of its last ack; 0: none has come
	// serfTime is Serf's logical time of its last join or leave.
	serfTime uint64
	// leavesBy is until when it is believed that it is about to leave, as it has
	// announced; 0: it has not.
	leavesBy time.Duration
	failed   bool // it was declared faulty and has not come back
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
	id, ok := d.names[string(name)]
	return id, ok
}

// at is a peer by its handle; nil for handles that mean nobody.
func (d *directory) at(id swim.ID) *peer {
	if int64(id) >= int64(len(d.peers)) || d.peers[id].name == nil {
		return nil
	}
	return &d.peers[id]
}

// name is a peer's name; empty for Nobody.
func (d *directory) name(id swim.ID) []byte {
	if p := d.at(id); p != nil {
		return p.name
	}
	return nil
}

// full says whether a newcomer needs another's handle.
func (d *directory) full() bool { return len(d.names) >= d.limit }

// add gives a newcomer a handle. There must be room.
func (d *directory) add(name []byte) swim.ID {
	var id swim.ID
	if n := len(d.free); n > 0 {
		id, d.free = d.free[n-1], d.free[:n-1]
	} else {
		id = swim.ID(len(d.peers))
		d.peers = append(grown(d.peers), peer{})
	}
	d.peers[id] = peer{name: append([]byte(nil), name...)}
	d.names[string(name)] = id
	d.longest = max(d.longest, len(name))
	return id
}

// grown makes room in the way that wastes least: a member is in memory for long.
func grown[T any](s []T) []T {
	if len(s) < cap(s) {
		return s
	}
	return append(make([]T, 0, len(s)+len(s)/8+4), s...)
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
	for int(id) >= len(d.places) {
		d.places = append(grown(d.places), place{})
	}
	d.places[id] = place{c, true}
}

// remove forgets a peer.
func (d *directory) remove(id swim.ID) {
	delete(d.names, string(d.peers[id].name))
	d.peers[id] = peer{}
	if int(id) < len(d.places) {
		d.places[id] = place{}
	}
	d.free = append(d.free, id)
}

// byAddr finds who is at an address. Only members of memberlist's that are so old
// that they do not tell their names are looked up by it.
func (d *directory) byAddr(a netip.AddrPort) (swim.ID, bool) {
	for id := range d.peers {
		if d.peers[id].name != nil && d.peers[id].addr == a {
			return swim.ID(id), true
		}
	}
	return swim.Nobody, false
}
