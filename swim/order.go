package swim

// Order is a precedence order of news: what news replaces what belief.
type Order uint8

const (
	// PaperOrder is the order of §4.2:
	//
	//	Alive   i  overrides  Alive j, Suspect j    if i > j
	//	Suspect i  overrides  Suspect j             if i > j
	//	                      Alive j               if i ≥ j
	//	Confirm    overrides  Alive j, Suspect j    always
	//
	// Nothing overrides a Confirm. A voluntary leave ranks as a Confirm that the
	// member gave of itself. Any news of a member never heard of is new.
	//
	// It is a join-semilattice, ordered by incarnation and then by Alive before
	// Suspect, with those that have gone above all: members that have heard the same
	// news hold the same, in whatever order it came and however often. Only of
	// one that has gone they may differ in whether it was confirmed or left, and
	// in the incarnation.
	PaperOrder Order = iota
	// DeployedOrder is HashiCorp memberlist's. It keeps the members it holds
	// for faulty in mind and lets them come back with a higher incarnation:
	//
	//	Alive   i  overrides  Alive, Suspect, Confirm, Left j   if i > j
	//	Suspect i  overrides  Alive j                           if i ≥ j
	//	Confirm i  overrides  Alive j, Suspect j                if i ≥ j
	//
	// Only an Alive makes a member known. A Confirm of an older incarnation
	// is stale, and not, as in the paper, final.
	//
	// It is no semilattice: a Suspect 3 counts for nothing with who holds Suspect 2,
	// so that an Alive 3 which comes after both clears the member there, and not
	// where it came between them. Such members agree again with the next refutation,
	// or when the suspicion ends.
	DeployedOrder
)

// Overrides says whether the news u replaces what e holds about the same member.
func (o Order) Overrides(u Update, e Entry) bool {
	if o == DeployedOrder {
		return deployedOverrides(u, e)
	}
	switch e.State {
	case Unknown:
		return u.State >= Alive && u.State <= Left
	case Faulty, Left:
		return false
	}
	switch u.State {
	case Alive:
		return u.Incarnation > e.Incarnation
	case Suspect:
		if e.State == Alive {
			return u.Incarnation >= e.Incarnation
		}
		return u.Incarnation > e.Incarnation
	case Faulty, Left:
		return true
	}
	return false
}

func deployedOverrides(u Update, e Entry) bool {
	switch {
	case e.State == Unknown:
		return u.State == Alive
	case u.State == Alive:
		return u.Incarnation > e.Incarnation
	case u.State == Suspect:
		return e.State == Alive && u.Incarnation >= e.Incarnation
	case u.State == Faulty || u.State == Left:
		return e.State.InGroup() && u.Incarnation >= e.Incarnation
	}
	return false
}
