package live

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"github.com/swimlab/swimlab/lifeguard"
	"github.com/swimlab/swimlab/swim"
	"github.com/swimlab/swimlab/swim/live/wire"
)

// Family is whose groups a member can be in. It sets the versions that it tells
// others, which they insist on, and how its tags are written.
type Family uint8

const (
	// Serf is Serf's: tags in the metadata, coordinates in the acks, intents.
	Serf Family = iota
	// Plain is that of memberlist without more, and so Alertmanager's. Its members
	// have no tags, and metadata is the application's.
	Plain
	// Consul is Consul's, which is Serf's with an older delegate version.
	Consul
)

func (f Family) String() string {
	switch f {
	case Serf:
		return "serf"
	case Plain:
		return "plain"
	case Consul:
		return "consul"
	}
	return fmt.Sprintf("Family(%d)", uint8(f))
}

// ParseFamily reads a family's name; alertmanager is another for plain.
func ParseFamily(s string) (Family, error) {
	switch s {
	case "serf":
		return Serf, nil
	case "plain", "alertmanager", "memberlist":
		return Plain, nil
	case "consul":
		return Consul, nil
	}
	return 0, fmt.Errorf("live: family %q is not known; want serf, consul, alertmanager or plain", s)
}

func (f Family) versions() wire.Versions {
	switch f {
	case Plain:
		return wire.MemberlistVersions
	case Consul:
		return wire.ConsulVersions
	}
	return wire.SerfVersions
}

// hasSerf says whether members speak Serf on top of memberlist.
func (f Family) hasSerf() bool { return f != Plain }

// Config is all of a member that is not up to chance. Begin with [LAN], [WAN] or
// [Local].
type Config struct {
	// Name is the member's name, unique in its group.
	Name string
	// Bind is the address, "ip:port", that it listens on, for datagrams and for
	// streams; port 0 takes any that is free for both. Empty is "0.0.0.0:7946".
	Bind string
	// Advertise is the address at which others reach it, if that is not Bind:
	// it must be set where Bind is not one address.
	Advertise netip.AddrPort
	// Transport takes the place of sockets; Bind is then not looked at.
	Transport Transport

	// Family is whose groups the member can be in.
	Family Family
	// Tags are what it tells others of itself, in families that have them.
	// Written as Serf does they must fit 512 bytes.
	Tags map[string]string
	// Meta is its metadata in the family that has no tags, at most 512 bytes.
	Meta []byte

	// Protocol and Lifeguard are the protocol's parameters.
	Protocol  swim.Config
	Lifeguard lifeguard.Config
	// NoCoordinates leaves Vivaldi out: no coordinate is sent, none is kept.
	NoCoordinates bool
	// Incarnation is the one before the first, for a member that remembers it.
	Incarnation uint32

	// Queries answers the queries of Serf's users, in families that have them. It is
	// called in a goroutine of its own, a few at a time, until the context is done:
	// at the asker's time-out, or when the member is shut down, which waits for it.
	// No answer is sent for a nil or an error, nor for one that takes more than Serf's
	// 1,024 bytes with what goes round it. Without it a member says that it has got a query, if that is asked for,
	// and no more. What Serf asks of every member by itself is answered always.
	Queries func(context.Context, UserQuery) ([]byte, error)

	// Label keeps groups apart that might hear of each other.
	Label string
	// Keys encrypt what members send each other; nil is a plain group. The ring
	// may be changed while the member runs, and Serf's queries change it: whoever has
	// a key may have the members' keys told and changed, as with Serf.
	Keys *wire.Keyring
	// KeyringFile is the file that the ring is written to, as Serf's agents keep it,
	// when a query has changed it; empty is none. See [LoadKeyring].
	KeyringFile string
	// AcceptPlain and SendPlain are for a group that is being changed to encryption.
	AcceptPlain, SendPlain bool
	// Compress compresses what becomes smaller by it. What others have compressed
	// is always understood.
	Compress bool
	// PacketBytes is the largest datagram sent, 1,400 in memberlist. Longer
	// ones are cut up on their way in most networks, and lost with any of the pieces.
	PacketBytes int
	// StreamTimeout is how long a whole exchange over a stream may take.
	StreamTimeout time.Duration

	// FirstDoubt is Lifeguard's health score that the member begins with: it knows
	// nothing of how it fares yet, and where many start together all of them fare
	// badly. Each probe that is acked takes one off, as ever, so that 3 are gone
	// after 9 protocol periods; until then it detects failures later. 0 is the
	// paper's.
	FirstDoubt int
	// Lateness is how the member takes it that it was woken late.
	Lateness Lateness
	// Limits bound what others can have the member do.
	Limits Limits
	// ForgetAfter is how long a member that has gone is still listed, and told
	// from a stranger: 24 hours in Serf. When the list is full, those gone for
	// longest make room before that.
	ForgetAfter time.Duration
	// ReclaimAfter is after which time a member declared faulty may come back at
	// another address: 30 s, as in Consul. With 0, as memberlist comes, it may not
	// until it is forgotten, and a stranger's two datagrams, of its leaving and
	// its return elsewhere, keep it out for so long. One that left may at once.
	ReclaimAfter time.Duration

	// Seed makes the member's choices repeatable; 0 draws one.
	Seed uint64
	// Log hears what an operator wants to know; nil is nobody.
	Log *slog.Logger
}

// Lateness is what a member makes of being woken later than it asked for: by a
// starved processor, a suspended machine, a stopped process. Its time-outs have
// then run out while answers lay unread, and memberlist holds the others for dead.
type Lateness struct {
	// After is how late is late; 0 switches all of this off.
	After time.Duration
	// Drain lets it read for so long what has come meanwhile before any time-out
	// is looked at.
	Drain time.Duration
	// Doubt is added to Lifeguard's health score for each late wake-up: evidence
	// of local ill health that the paper's members cannot have, since they see
	// only what fails to come back.
	Doubt int
}

// Limits bound what strangers can have a member do. In a group without keys
// everybody is one.
type Limits struct {
	// Members is the largest number of names kept, the gone included.
	Members int
	// Datagram is the largest datagram read; a longer one is refused. Room for those
	// longer than PacketBytes is made once one has come, which is refused itself:
	// nobody sends any but messages of applications, and those at their own risk.
	Datagram int
	// Streams is how many inbound streams are served at a time; the next wait
	// where the system keeps them. Outbound bounds the member's own.
	Streams, Outbound int
	// StreamBytes is the most that a stream may bring, and expand to.
	StreamBytes int
	// Relays is how many indirect pings for others are served in a second, and how
	// many of Serf's answers go on through others.
	Relays int
	// Answers is how many pings of strangers are answered in a second.
	Answers int
	// Broadcasts is how many of others' messages wait to be passed on at a time.
	Broadcasts int
	// Queries and Events are how many queries, and events, of Serf's users are taken
	// in, passed on and answered in a second.
	Queries, Events int
}

func defaults(name string, p swim.Config) Config {
	l := lifeguard.Deployed()
	l.NackShare = lifeguard.Paper().NackShare
	// The ack to a ping that tells of a suspicion bears its refutation. Where much is
	// lost, as in a flood, it may be the only copy that arrives.
	p.AnswerFirst, p.LoneSuspicion = false, false
	return Config{
		Name:          name,
		Protocol:      p,
		Lifeguard:     l,
		PacketBytes:   1400,
		StreamTimeout: 10 * time.Second,
		FirstDoubt:    3,
		Lateness:      Lateness{After: p.PingTimeout / 2, Drain: p.PingTimeout / 2, Doubt: 1},
		Limits: Limits{
			Members:     16384,
			Datagram:    16 << 10,
			Streams:     64,
			Outbound:    8,
			StreamBytes: 8 << 20,
			Relays:      128,
			Answers:     256,
			Broadcasts:  64,
			Queries:     32,
			Events:      64,
		},
		ForgetAfter:  24 * time.Hour,
		ReclaimAfter: 30 * time.Second,
	}
}

// LAN is a member in a local network, with the constants of memberlist's LAN
// profile, the deviations from the papers that [swim.Fixed] puts right, acks that bear the
// refutation of what the ping told, and nacks early enough to count.
func LAN(name string) Config { return defaults(name, swim.Fixed()) }

// WAN is a member of a group that spans data centres, with the constants of
// memberlist's WAN profile.
func WAN(name string) Config {
	p := swim.Fixed()
	p.ProtocolPeriod, p.PingTimeout = 5*time.Second, 3*time.Second
	p.SuspicionMult = 6
	p.GossipInterval, p.GossipNodes, p.GossipToTheDead = 500*time.Millisecond, 4, time.Minute
	p.PushPullInterval = time.Minute
	c := defaults(name, p)
	c.StreamTimeout = 30 * time.Second
	return c
}

// Local is a member on a loopback interface, with the constants of memberlist's
// Local profile. They have news told but twice in groups of up to nine: gossip leaves more
// than half of the newcomers to a group of eight unknown to somebody until lists are
// exchanged, every 15 s (experiments/joining).
func Local(name string) Config {
	p := swim.Fixed()
	p.PingTimeout = 200 * time.Millisecond
	p.PingReqMembers = 1
	p.SuspicionMult, p.RetransmitMult = 3, 2
	p.GossipInterval, p.GossipToTheDead = 100*time.Millisecond, 15*time.Second
	p.PushPullInterval = 15 * time.Second
	c := defaults(name, p)
	c.StreamTimeout = time.Second
	return c
}

// MaxName is the longest name of a member.
const MaxName = 255

// Validate says what is wrong with the configuration, if anything.
func (c *Config) Validate() error {
	switch {
	case c.Name == "" || len(c.Name) > MaxName:
		return fmt.Errorf("live: name %q is not valid; want 1 to %d bytes", c.Name, MaxName)
	case c.Family > Consul:
		return fmt.Errorf("live: unknown family %d", c.Family)
	case c.Protocol.Order != swim.DeployedOrder || !c.Protocol.RefuteConfirm:
		return fmt.Errorf("live: %s: the precedence order is not memberlist's; want swim.DeployedOrder and RefuteConfirm", c.Name)
	case c.Protocol.Dissemination == swim.Multicast:
		return fmt.Errorf("live: %s: there is no multicast here; want infection", c.Name)
	case len(c.Meta) > wire.MaxMeta:
		return fmt.Errorf("live: %s: %d bytes of metadata; want at most %d", c.Name, len(c.Meta), wire.MaxMeta)
	case c.Family == Plain && len(c.Tags) > 0:
		return fmt.Errorf("live: %s: the plain family has no tags; want Meta", c.Name)
	case c.Family != Plain && len(c.Meta) > 0:
		return fmt.Errorf("live: %s: the metadata of the %v family are tags; want Tags", c.Name, c.Family)
	case c.KeyringFile != "" && c.Keys == nil:
		return fmt.Errorf("live: %s: a keyring file %s and no keys; want Keys, such as LoadKeyring gives", c.Name, c.KeyringFile)
	case c.StreamTimeout <= 0:
		return fmt.Errorf("live: %s: a stream time-out of %v is not valid; want more than 0", c.Name, c.StreamTimeout)
	case c.Limits.Datagram < c.PacketBytes || c.Limits.Datagram > wire.MaxPacket:
		return fmt.Errorf("live: %s: datagrams of at most %d bytes are not valid; want %d, what is sent, to %d", c.Name, c.Limits.Datagram, c.PacketBytes, wire.MaxPacket)
	case c.Limits.Members < 1 || c.Limits.Streams < 1 || c.Limits.Outbound < 1:
		return fmt.Errorf("live: %s: limits of %d members, %d streams and %d outbound are not all valid; want 1 or more", c.Name, c.Limits.Members, c.Limits.Streams, c.Limits.Outbound)
	}
	if err := c.Protocol.Validate(); err != nil {
		return err
	}
	return c.Lifeguard.Validate()
}

// meta is the metadata that the member tells others.
func (c *Config) meta() ([]byte, error) {
	if !c.Family.hasSerf() {
		return c.Meta, nil
	}
	b, err := wire.AppendTags(nil, c.Tags)
	if err != nil {
		return nil, fmt.Errorf("live: tags of %s: %w", c.Name, err)
	}
	return b, nil
}
