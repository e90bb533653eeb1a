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
	began    time.Duration
	size     int // of the group when it began; its time-out is of a group of that size
	// by are the members known to suspect it, the first one included; those
	// after it are confirmations.
	by    [1 + MaxConfirmations]ID
	count uint8
}

// confirmations is how many members have confirmed the suspicion.
func (s *suspicion) confirmations() int { return max(int(s.count)-1, 0) }

// knows says whether a member is known to suspect.
func (s *suspicion) knows(by ID) bool { return slices.Contains(s.by[:s.count], by) }

// add starts a suspicion.
func (s *suspicions) add(x suspicion) {
	s.remove(x.member)
	s.insert(x)
}

// insert puts a suspicion behind those that are due at the same time: first
// suspected, first confirmed.
func (s *suspicions) insert(x suspicion) {
	at := len(*s)
	for at > 0 && (*s)[at-1].deadline > x.deadline {
		at--
	}
	*s = slices.Insert(*s, at, x)
}

func (s *suspicions) remove(member ID) {
	if i := s.index(member); i >= 0 {
		*s = slices.Delete(*s, i, i+1)
	}
}

// index finds the suspicion of a member; -1 if there is none.
func (s suspicions) index(member ID) int {
	return slices.IndexFunc(s, func(x suspicion) bool { return x.member == member })
}

// next is when the first of them runs out; never if there is none.
func (s suspicions) next() time.Duration {
	if len(s) == 0 {
		return never
	}
	return s[0].deadline
}

// suspect starts the time-out of a suspicion that by has raised, Nobody if it is
// not known who.
func (n *Node) suspect(member, by ID, now time.Duration) {
	x := suspicion{member: member, began: now, size: n.GroupSize()}
	if by != Nobody {
		x.by[0], x.count = by, 1
	}
	x.deadline = now + n.policy.SuspicionTimeout(x.size, 0)
	n.suspicions.add(x)
}

// restartSuspicions gives every suspect its whole time anew, in a group whose
// size is now known.
func (n *Node) restartSuspicions(now time.Duration) {
	began := n.suspicions
	n.suspicions = nil
	for _, x := range began {
		x.began, x.size = now, n.GroupSize()
		x.deadline = now + n.policy.SuspicionTimeout(x.size, x.confirmations())
		n.suspicions.insert(x)
	}
}

// confirmSuspicion counts a further member's suspicion of a suspect towards its
// time-out, if it is new and still counts, and passes it on (Lifeguard §IV-B:
// the first K are re-gossiped).
func (n *Node) confirmSuspicion(u Update, out *Output) {
	i := n.suspicions.index(u.Member)
	if i < 0 || u.From == Nobody {
		return
	}
	x := n.suspicions[i]
	if x.confirmations() >= min(n.policy.Confirmations(x.size), MaxConfirmations) || x.knows(u.From) {
		return
	}
	x.by[x.count] = u.From
	x.count++
	if x.count == 1 { // the first whose name is known confirms nobody
		n.suspicions[i] = x
	} else {
		x.deadline = x.began + n.policy.SuspicionTimeout(x.size, x.confirmations())
		n.suspicions.remove(u.Member)
		n.suspicions.insert(x)
		out.event(Event{Kind: SuspicionConfirmed, Member: u.Member, By: u.From, Incarnation: u.Incarnation})
	}
	n.spread(u, u.From == n.id, out)
}
