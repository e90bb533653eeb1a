package sim

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"

	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/swim/live/wire"
)

// program is what members of a program say in messages beside what the protocol
// does: what system.wire.contents names. How far a message can be compressed hangs on it.
type program struct {
	// port is at which members listen, each at an address of its own, 10.0.x.y.
	port uint16
	// tags are those of Serf in a member's metadata; nil is no metadata at all. The
	// value "uuid" stands for a random one.
	tags     map[string]string
	versions wire.Versions
	// source says whether a ping or ping-req names its sender and its address, as
	// memberlist's do today and, as we remember, did not before 2020.
	source bool
	// serf says whether an exchange of lists bears Serf's state, and acks a coordinate.
	serf bool
}

// uuidTag stands for a tag whose value is the member's own.
const uuidTag = "uuid"

// programs are the contents that definitions can name. Consul's tags are those that
// `consul members -detailed` shows of a client of that version (0.6.4 of 2016, 0.8.5 of
// 2017) in the default data centre dc1. Their protocol versions are assumed to be today's.
var programs = map[string]program{
	"memberlist": {port: 7946, versions: wire.MemberlistVersions, source: true},
	"serf":       {port: 7946, versions: wire.SerfVersions, source: true, serf: true, tags: map[string]string{}},
	"consul-0.6": {port: 8301, versions: wire.ConsulVersions, serf: true, tags: map[string]string{
		"build": "0.6.4:32a1ed7c", "dc": "dc1", "role": "node", "vsn": "2", "vsn_max": "3", "vsn_min": "1",
	}},
	"consul-0.8": {port: 8301, versions: wire.ConsulVersions, serf: true, tags: map[string]string{
		"build": "0.8.5:2c77151", "dc": "dc1", "id": uuidTag, "role": "node", "vsn": "2", "vsn_max": "3", "vsn_min": "2",
	}},
}

// maxNamed is how many members there can be names of one length for.
const maxNamed = 1000

// identity is a member's name, address and metadata.
type identity struct {
	name []byte
	addr netip.AddrPort
	meta []byte
}

// identities are those of so many members. All have names and metadata of the same size.
func (p program) identities(n int) []identity {
	members := make([]identity, n)
	for id := range members {
		members[id] = identity{
			name: fmt.Appendf(nil, "node-%03d", id),
			addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(id / 250), byte(1 + id%250)}), p.port),
			meta: p.metaOf(id),
		}
	}
	return members
}

// metaOf is a member's metadata.
func (p program) metaOf(id int) []byte {
	if p.tags == nil {
		return nil
	}
	tags := make(map[string]string, len(p.tags))
	for name, value := range p.tags {
		if value == uuidTag {
			value = uuid(id)
		}
		tags[name] = value
	}
	meta, err := wire.AppendTags(nil, tags)
	if err != nil {
		panic(fmt.Sprintf("sim: tags of a program that we name: %v", err))
	}
	return meta
}

// uuid is a random identity, the same for a member in all trials.
func uuid(id int) string {
	rng := rand.New(rand.NewPCG(uint64(id), 0x75756964))
	a, b := rng.Uint64(), rng.Uint64()
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", a>>32, a>>16&0xffff, a&0xffff, b>>48, b&(1<<48-1))
}

// sizes are the sizes of a wire section that says the contents instead of sizes.
func (w Wire) sizes() Wire {
	p, named := programs[w.Contents]
	if !named {
		return w
	}
	w.NameBytes, w.MetaBytes = len(p.identities(1)[0].name), len(p.metaOf(0))
	if w.carriesCoordinates() {
		w.PayloadBytes = wire.CoordinateSize
	}
	return w
}

// carriesCoordinates says whether acks bear Serf's coordinates.
func (w Wire) carriesCoordinates() bool { return programs[w.Contents].serf && !w.DisableCoordinates }

// checkContents says what is wrong with the keys that say what messages contain.
func (w Wire) checkContents() error {
	if w.Contents == "" {
		for key, given := range map[string]bool{"compress": w.Compress, "disable_coordinates": w.DisableCoordinates} {
			if given {
				return &trial.KeyError{Key: "system.wire." + key, Got: true, Want: "contents to go with it, one of " + programNames()}
			}
		}
		return nil
	}
	p, named := programs[w.Contents]
	switch {
	case !named:
		return &trial.KeyError{Key: "system.wire.contents", Got: quoted(w.Contents), Want: "one of " + programNames()}
	case w.Codec != "memberlist":
		return &trial.KeyError{Key: "system.wire.contents", Got: quoted(w.Contents), Want: "codec: memberlist to go with it"}
	case w.NameBytes > 0 || w.MetaBytes > 0 || w.PayloadBytes > 0:
		return &trial.KeyError{Key: "system.wire.contents", Got: quoted(w.Contents), Want: "no name_bytes, meta_bytes or payload_bytes beside it: it says what their contents are"}
	case w.DisableCoordinates && !p.serf:
		return &trial.KeyError{Key: "system.wire.disable_coordinates", Got: true, Want: "contents with coordinates, such as serf"}
	}
	return nil
}

func programNames() string {
	names := make([]string, 0, len(programs))
	for name := range programs {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}
