package sim

import (
	"math/rand/v2"
	"time"

	"github.com/swimlab/swimlab/lifeguard"
	"github.com/swimlab/swimlab/swim"
)

// Cluster is a group of members in virtual time.
type Cluster struct {
	scenario *Scenario
	config   swim.Config
	now      time.Duration
	queue    *queue
	members  []member
	roster   *swim.Roster // nil if every member has a list of its own
	links    links
	rng      *rand.Rand // of the schedule
	hooks    hooks

	slots     []slot   // messages on their way
	written   uint64   // messages until now
	freeSlots []uint32 // slots not in use
	calls     []func() // things to do at an instant, for events of kind callEvent
	freeCalls []uint32 // places in calls not in use
	out       swim.Output
	events    uint64
	over      bool // a stop condition has ended the trial early

	// crashesToCome counts the crash faults of the schedule still to happen.
	crashesToCome int
	surveyor      *surveyor // of the members' coordinates; nil if they keep none
	// results memoises what several measures have from one observer.
	results map[*observer]func() map[string][]float64
}

// member is a process: a protocol and what the schedule has done to it.
type member struct {
	node *swim.Node // nil before the process first starts
	// lifeguard is what its protocol adapts by; nil if Lifeguard is off.
	lifeguard *lifeguard.Policy
	// up is false before it starts and after a crash.
	up bool
	// replaced is true once a crashed process has come back as another member.
	replaced bool
	// tainted is true once any fault has touched the member; it is no longer
	// what Lifeguard calls healthy then.
	tainted bool
	// timerDue: a timer came due while it was paused.
	timerDue bool
	// paused and blocked count the faults that now stop the whole process, or
	// only its messages; stuck is true from a block's beginning until the
	// protocol has been released from it, which a pause puts off.
	paused, blocked int16
	stuck           bool
	// labour is how a starved member handles messages; nil if it is not starved.
	labour *labour
	// wake is when the member's earliest pending timer event is due.
	wake time.Duration
	// deadline is when the protocol, at its last call, wanted to be called next.
	deadline time.Duration
	// inbox and outbox hold the slots that wait for a pause or block to end.
	inbox  []uint32
	outbox []held
	// connected are those to whom a stream stands that was opened before a pause.
	connected []uint32
}

// streams of random numbers, each from the trial's seed.
const (
	networkStream uint64 = 1 + iota
	scheduleStream
	phaseStream
	hostStream
	memberStream // and those of the members after it
)

// stream returns the random source of one purpose.
func stream(seed, purpose uint64) *rand.Rand {
	// PCG mixes its two words thoroughly, but streams of neighbouring seeds
	// should not share a word: spread the seed first.
	z := seed + 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return rand.New(rand.NewPCG(z^z>>31, purpose))
}

// newCluster builds the group of a scenario at time 0.
func newCluster(s *Scenario, rtts RTTs) *Cluster {
	capacity := s.capacity()
	c := &Cluster{
		scenario: s,
		config:   s.System.config(),
		rng:      stream(s.Seed, scheduleStream),
		members:  make([]member, capacity),
		links:    links{Network: s.Network, rng: stream(s.Seed, networkStream), rtts: rtts},
	}
	// A member's period is a ping and an ack delivered, a timer and one more
	// that a timely ack made void.
	c.queue = newQueue(4 * float64(capacity) / c.config.ProtocolPeriod.Seconds())
	if rtts != nil {
		c.links.host = s.placeOnHosts(rtts.Len(), stream(s.Seed, hostStream))
	}
	if s.System.sharesRoster() {
		c.roster = swim.NewRoster(s.System.Members)
	}
	phases := stream(s.Seed, phaseStream)
	for id := range s.System.Members {
		rng := c.memberRand(uint32(id))
		table := c.tableOfMember(swim.ID(id), rng)
		m := &c.members[id]
		*m = c.newMember(uint32(id), table, rng)
		var phase time.Duration
		if s.System.Phases == "uniform" {
			phase = time.Duration(phases.Int64N(int64(c.config.ProtocolPeriod)))
		}
		m.node.Start(phase)
		c.schedule(uint32(id))
	}
	if s.System.Coordinates != nil {
		c.survey()
	}
	c.scheduleFaults()
	return c
}

// newMember makes a process that has yet to begin its protocol, with its
// Lifeguard if that is on.
func (c *Cluster) newMember(id uint32, table swim.Table, rng *rand.Rand) member {
	m := member{node: swim.NewNode(swim.ID(id), c.config, table, rng), up: true, wake: never}
	if l := c.scenario.System.Lifeguard; l.on() {
		m.lifeguard = lifeguard.New(c.config, l.config())
		m.node.Adapt(m.lifeguard)
	}
	return m
}

func (c *Cluster) memberRand(id uint32) *rand.Rand {
	return stream(c.scenario.Seed, memberStream+uint64(id))
}
