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
	about index[suspicion]
}

// turn is when a suspect's time is up.
type turn struct {
	deadline time.Duration
	member   ID
}

// suspicion is what is known of one. With the member's handle it fills a cache line.
type suspicion struct {
	began    halves
	deadline halves
	size     int32 // of the group when it began; its time-out is of a group of that size
	// by are the members known to suspect it, the first one included; those
	// after it are confirmations, of which limit count.
	by    [1 + MaxConfirmations]ID
	count uint8
	limit uint8
}

// halves is a time that needs not be aligned to 8 bytes.
type halves [2]uint32

func halvesOf(d time.Duration) halves { return halves{uint32(d), uint32(d >> 32)} }

func (h halves) whole() time.Duration { return time.Duration(uint64(h[1])<<32 | uint64(h[0])) }

// confirmations is how many members have confirmed the suspicion.
func (s *suspicion) confirmations() int { return max(int(s.count)-1, 0) }

// knows says whether a member is known to suspect.
func (s *suspicion) knows(by ID) bool { return slices.Contains(s.by[:s.count], by) }

// start starts a suspicion, in place of the one that there is.
func (s *suspicions) start(member ID, x suspicion) {
	p, was := s.about.at(member)
	if was {
		s.unqueue(member, p.deadline.whole())
	}
	*p = x
	s.queue(member, x.deadline.whole())
}

// queue puts a turn behind those that are due at the same time: first suspected,
// first confirmed.
func (s *suspicions) queue(member ID, deadline time.Duration) {
	s.turns = slices.Insert(s.turns, s.behind(deadline), turn{deadline, member})
}

// of returns the suspicion of a member, valid until another starts or ends; nil if
// there is none.
func (s *suspicions) of(member ID) *suspicion { return s.about.get(member) }

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
	s.unqueue(member, x.deadline.whole())
	s.about.remove(member)
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
	s.unqueue(member, x.deadline.whole())
	x.deadline = halvesOf(deadline)
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
	size := n.GroupSize()
	x.began, x.size = halvesOf(now), int32(size)
	x.limit = uint8(min(n.policy.Confirmations(size), MaxConfirmations))
	x.deadline = halvesOf(now + n.policy.SuspicionTimeout(size, x.confirmations()))
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
		n.suspicions.postpone(u.Member, x, x.began.whole()+n.policy.SuspicionTimeout(int(x.size), x.confirmations()))
		out.event(Event{Kind: SuspicionConfirmed, Member: u.Member, By: u.From, Incarnation: u.Incarnation})
	}
	n.spread(u, u.From == n.id, out)
}
