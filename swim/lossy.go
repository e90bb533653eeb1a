package swim

// lossy makes the gossip buffer lose news as memberlist's broadcast queue does
// (queue.go, TransmitLimitedQueue). That is a tree ordered by how often a piece of
// news was sent, its size and its number; what is equal in all three replaces what is
// there. Numbers should be unique and are not, because they start again at 1
// whenever the tree is empty, and it is so
//
//   - for the moment in which a message takes all that waits, before what is to be
//     sent again is put back under its old number;
//   - for the moment in which the only news that waits makes way for newer news about
//     the same member, which has its number by then.
//
// So what a member says first after a silence, such as its own refutation when
// suspicions begin to fly, has the number of what it hears next. If that is as large,
// and has come to be sent as often, the refutation is gone.
type lossy struct {
	// recycled says that numbers have started again while news waited, so that two
	// pieces may come to be equal.
	recycled bool
	// replaced are members about whom news was replaced, and its key. The queue goes by
	// it when there is news about the same member again, and takes out what now has
	// that key, whoever it is about.
	replaced map[ID]uint64
}

// superseded is called before news is put about a member of whom none waits, and says
// whether there is some that was replaced.
func (l *lossy) superseded(g *gossip, id ID) bool {
	key, is := l.replaced[id]
	if !is {
		return false
	}
	delete(l.replaced, id)
	if at := search(g.turns, key); at < len(g.turns) && g.turns[at].key == key {
		l.lose(g, at)
	}
	return true
}

// queued is called when news has been put in its turn, newest in its place. alone
// says that it has superseded all that waited.
func (l *lossy) queued(g *gossip, turn int, alone bool) {
	if l.recycled && turn+1 < len(g.turns) && g.turns[turn].key == g.turns[turn+1].key {
		l.lose(g, turn+1)
	}
	if alone {
		g.born, l.recycled = 0, true
	}
}

// restart is called when a message has taken all that waits, and what is to be sent
// again has its turn again; leads says that a piece that it leads with has not yet.
func (l *lossy) restart(g *gossip, leads bool) {
	g.born, l.recycled = 0, leads || len(g.turns) > 0
}

// repeated is called when some of what waits has been sent and has its turn again.
func (l *lossy) repeated(g *gossip, again []place) {
	if !l.recycled {
		return
	}
	for _, p := range again {
		at := search(g.turns, p.key)
		if at+1 == len(g.turns) || g.turns[at+1].key != p.key {
			continue
		}
		if g.turns[at].at == p.at { // the other one was there before
			at++
		}
		l.lose(g, at)
	}
}

// lose takes out what has a turn: it is not sent any more.
func (l *lossy) lose(g *gossip, turn int) {
	p := g.turns[turn]
	if l.replaced == nil {
		l.replaced = map[ID]uint64{}
	}
	l.replaced[g.rumors[p.at].update.Member] = p.key
	g.turns = append(g.turns[:turn], g.turns[turn+1:]...)
	g.drop(p.at)
}
