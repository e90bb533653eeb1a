package swim

import (
	"fmt"
	"math"
)

// ID is a member's dense handle: 0, 1, 2, … in whatever order the caller met
// the members. A process that comes back after it was declared faulty is a new
// member and needs a new ID, because the paper lets nothing override a Confirm;
// under [DeployedOrder] it may keep the old one.
//
// A [DenseTable] takes room for every handle up to the largest that it has heard
// of. A codec that reads strangers' messages must hand out handles itself, or
// bound them.
type ID uint32

// Nobody is no member's handle. As the To of a [Send] it means everybody.
const Nobody ID = math.MaxUint32

// State is what a member believes of another (§4.2).
type State uint8

const (
	// Unknown is a member never heard of.
	Unknown State = iota
	// Alive is a member believed to work.
	Alive
	// Suspect is a member that failed a probe and may yet clear itself. It
	// is still in the group: it is probed and asked for help like any other.
	Suspect
	// Faulty is a member declared failed by a Confirm. It is out of the group.
	Faulty
	// Left is a member that said goodbye. It is out of the group.
	Left
)

// InGroup says whether a member in this state belongs to the membership list.
func (s State) InGroup() bool { return s == Alive || s == Suspect }

func (s State) String() string {
	switch s {
	case Unknown:
		return "unknown"
	case Alive:
		return "alive"
	case Suspect:
		return "suspect"
	case Faulty:
		return "faulty"
	case Left:
		return "left"
	}
	return fmt.Sprintf("State(%d)", uint8(s))
}

// Entry is one row of a membership list. The zero Entry is a member never heard of.
type Entry struct {
	// Incarnation is the newest incarnation number heard of. Only the member
	// itself ever raises it (§4.2).
	Incarnation uint32
	State       State
}

// Update is one piece of news about a member, the unit of dissemination:
// {Alive|Suspect|Confirm Member, Incarnation}, as told by From.
type Update struct {
	Member      ID
	Incarnation uint32
	// From is who first said so: the member whose probe failed, for a
	// suspicion. The paper's "Suspect Mj: Mi suspects Mj" is {Member: j, From: i}.
	// Nobody is the author of a suspicion found in a list, which names none.
	From  ID
	State State
}

func (u Update) String() string {
	return fmt.Sprintf("%v %d inc %d by %d", u.State, u.Member, u.Incarnation, u.From)
}
