package wire

import (
	"fmt"

	"github.com/swimlab/swimlab/swim"
)

// State is a member's state in a list of members.
type State uint8

const (
	StateAlive   State = 0
	StateSuspect State = 1
	StateDead    State = 2
	StateLeft    State = 3
)

func (s State) String() string {
	switch s {
	case StateAlive:
		return "alive"
	case StateSuspect:
		return "suspect"
	case StateDead:
		return "dead"
	case StateLeft:
		return "left"
	}
	return fmt.Sprintf("State(%d)", uint8(s))
}

// ListedAs is the state that a list of members has for one of the core's.
func ListedAs(s swim.State) State {
	switch s {
	case swim.Suspect:
		return StateSuspect
	case swim.Faulty:
		return StateDead
	case swim.Left:
		return StateLeft
	}
	return StateAlive
}
