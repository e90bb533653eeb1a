package swim

// Order is a precedence order of news: what news replaces what belief.
type Order uint8

const (
	// PaperOrder is the order of §4.2, [Update.Overrides]. A Confirm is final.
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
	DeployedOrder
)

// overrides says whether the news u replaces what e holds about the same member.
func (o Order) overrides(u Update, e Entry) bool {
	if o == PaperOrder {
		return u.Overrides(e)
	}
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
