package swim

import (
	"slices"
	"time"
)

// suspicions are the suspects on a member's list and when each will be declared
// faulty, in the order of those times (§4.2). There are few at a time, but for
// storms in large groups.
type suspicions struct {
	turns []turn
	about index[*suspicion]
	spare []*suspicion // not in use
}

// turn is when a suspect's time is up.
type turn struct {
	deadline time.Duration
	member   ID
}

type suspicion struct {
	began    time.Duration
	deadline time.Duration
	size     int // of the group when it began; its time-out is of a group of that size
	// by are the members known to suspect it, the first one included; those
	// after it are confirmations, of which limit count.
	by    [1 + MaxConfirmations]ID
	count uint8
	limit uint8
}

// confirmations is how many members have confirmed the suspicion.
func (s *suspicion) confirmations() int { return max(int(s.count)-1, 0) }

// knows says whether a member is known to suspect.
func (s *suspicion) knows(by ID) bool { return slices.Contains(s.by[:s.count], by) }

// start starts a suspicion.
func (s *suspicions) start(member ID, x suspicion) {
	s.remove(member)
	var p *suspicion
	if n := len(s.spare); n > 0 {
		p, s.spare = s.spare[n-1], s.spare[:n-1]
	} else {
		p = new(suspicion)
	}
	*p = x
	s.about.set(member, p)
	s.queue(member, x.deadline)
}

// queue puts a turn behind those that are due at the same time: first suspected,
// first confirmed.
func (s *suspicions) queue(member ID, deadline time.Duration) {
	s.turns = slices.Insert(s.turns, s.behind(deadline), turn{deadline, member})
}

// of returns the suspicion of a member; nil if there is none.
func (s *suspicions) of(member ID) *suspicion {
	x, _ := s.about.get(member)
	return x
}

// behind is the place of a turn after all those due by then.
func (s *suspicions) behind(deadline time.Duration) int {
	at := len(s.turns)
	for at > 0 && s.turns[at-1].deadline > deadline {
		at--
	}
	return at
}

func (s *suspicions) remove(member ID) {
	x := s.of(member)
	if x == nil {
		return
	}
	s.about.remove(member)
	s.spare = append(s.spare, x)
	s.unqueue(member, x.deadline)
}

func (s *suspicions) unqueue(member ID, deadline time.Duration) {
	at := s.behind(deadline) - 1
	for s.turns[at].member != member {
		at--
	}
	s.turns = slices.Delete(s.turns, at, at+1)
}

// postpone gives a suspect another deadline.
func (s *suspicions) postpone(member ID, x *suspicion, deadline time.Duration) {
	s.unqueue(member, x.deadline)
	x.deadline = deadline
	s.queue(member, deadline)
}

// next is when the first of them runs out; never if there is none.
func (s *suspicions) next() time.Duration {
	if len(s.turns) == 0 {
		return never
	}
	return s.turns[0].deadline
}

// suspect starts the time-out of a suspicion that by has raised, Nobody if it is
// not known who.
func (n *Node) suspect(member, by ID, now time.Duration) {
	x := suspicion{}
	if by != Nobody {
		x.by[0], x.count = by, 1
	}
	n.startSuspicion(member, x, now)
}

// startSuspicion gives a suspect its whole time from now on, in a group of the
// size that it has now.
func (n *Node) startSuspicion(member ID, x suspicion, now time.Duration) {
	x.began, x.size = now, n.GroupSize()
	x.limit = uint8(min(n.policy.Confirmations(x.size), MaxConfirmations))
	x.deadline = now + n.policy.SuspicionTimeout(x.size, x.confirmations())
	n.suspicions.start(member, x)
}

// restartSuspicions gives every suspect its whole time anew, in a group whose
// size is now known.
func (n *Node) restartSuspicions(now time.Duration) {
	began := n.suspicions
	n.suspicions = suspicions{}
	for _, t := range began.turns {
		n.startSuspicion(t.member, *began.of(t.member), now)
	}
}

// confirmSuspicion counts a further member's suspicion of a suspect towards its
// time-out, if it is new and still counts, and passes it on (Lifeguard §IV-B:
// the first K are re-gossiped).
func (n *Node) confirmSuspicion(u Update, out *Output) {
	if u.From == Nobody {
		return
	}
	x := n.suspicions.of(u.Member)
	if x == nil || x.confirmations() >= int(x.limit) || x.knows(u.From) {
		return
	}
	x.by[x.count] = u.From
	x.count++
	if x.count > 1 { // the first whose name is known confirms nobody
		n.suspicions.postpone(u.Member, x, x.began+n.policy.SuspicionTimeout(x.size, x.confirmations()))
		out.event(Event{Kind: SuspicionConfirmed, Member: u.Member, By: u.From, Incarnation: u.Incarnation})
	}
	n.spread(u, u.From == n.id, out)
}
