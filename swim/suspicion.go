package swim

import (
	"slices"
	"time"
)

// suspicions are the suspects on a member's list and when each will be declared
// faulty, in the order of those times (§4.2). There are few at a time.
type suspicions []suspicion

type suspicion struct {
	member   ID
	deadline time.Duration
}

// add starts the time-out of a suspicion, or starts it anew.
func (s *suspicions) add(member ID, deadline time.Duration) {
	s.remove(member)
	// Behind those that are due at the same time: first suspected, first confirmed.
	at := len(*s)
	for at > 0 && (*s)[at-1].deadline > deadline {
		at--
	}
	*s = slices.Insert(*s, at, suspicion{member, deadline})
}

func (s *suspicions) remove(member ID) {
	for i, x := range *s {
		if x.member == member {
			*s = slices.Delete(*s, i, i+1)
			return
		}
	}
}

// next is when the first of them runs out; never if there is none.
func (s suspicions) next() time.Duration {
	if len(s) == 0 {
		return never
	}
	return s[0].deadline
}
