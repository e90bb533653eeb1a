package loopback

import (
	"slices"
	"time"
)

// rule is an interference of the schedule with the network of some members: they
// lose messages, or are cut off from all others.
type rule struct {
	who             []int
	lossIn, lossOut float64
	cut             bool
}

// interfere puts a rule on the network, for a while or, with 0, to the end.
func (g *group) interfere(r *rule, d time.Duration) {
	g.mu.Lock()
	g.rules = append(g.rules, r)
	g.mu.Unlock()
	g.tellOfRules(r)
	if d == 0 {
		return
	}
	g.later(g.now()+d, func() {
		g.mu.Lock()
		g.rules = slices.DeleteFunc(g.rules, func(x *rule) bool { return x == r })
		g.mu.Unlock()
		g.tellOfRules(r)
	})
}

// tellOfRules tells the shells of the members that a rule is about, which are all
// where it cuts, and with nil.
func (g *group) tellOfRules(r *rule) {
	type telling struct {
		to *Process
		Faults
	}
	var all []telling
	g.mu.Lock()
	for id, p := range g.processes {
		if p != nil && (r == nil || r.cut || slices.Contains(r.who, id)) {
			all = append(all, telling{p, g.shell(id)})
		}
	}
	g.mu.Unlock()
	for _, t := range all {
		t.to.Tell(Command{Faults: &t.Faults})
	}
}

// shell is what a member's shell is to do to its traffic. Two losses one after the
// other let through what both do. g.mu is held.
func (g *group) shell(id int) Faults {
	f := g.faults
	for _, r := range g.rules {
		inside := slices.Contains(r.who, id)
		if inside {
			f.LossIn = 1 - (1-f.LossIn)*(1-r.lossIn)
			f.LossOut = 1 - (1-f.LossOut)*(1-r.lossOut)
		}
		if !r.cut {
			continue
		}
		for other, p := range g.processes {
			if p != nil && slices.Contains(r.who, other) != inside {
				f.Cut = append(f.Cut, p.Addr)
			}
		}
	}
	return f
}
