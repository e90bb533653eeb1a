package sim

import (
	"math/rand/v2"

	"github.com/swimlab/swimlab/swim"
)

// rosterFrom is the size from which on the members of a group share a roster
// unless the definition says otherwise. A list in each of 4,096 members takes
// 200 MB.
const rosterFrom = 4096

// sharesRoster says whether the members keep their lists as differences from a
// roster. Both kinds of table give the same distributions of results, but not the
// same draws: a trial's bytes depend on the choice.
func (s System) sharesRoster() bool {
	return s.Table == "roster" || s.Table == "auto" && s.Members >= rosterFrom
}

// tableOfMember is the list of one of the group at time 0.
func (c *Cluster) tableOfMember(id swim.ID, rng *rand.Rand) swim.Table {
	if c.roster != nil {
		return swim.NewRosterTable(id, c.roster, rng)
	}
	return swim.NewDenseTableOf(id, c.scenario.System.Members, rng)
}

// tableOfNewcomer is the list of a process that is about to join.
func (c *Cluster) tableOfNewcomer(id swim.ID, rng *rand.Rand) swim.Table {
	if c.roster != nil {
		return swim.NewRosterTableOfNewcomer(id, c.roster, rng)
	}
	return swim.NewDenseTable()
}
