package live

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Query says which members are looked for, as Consul's and Serf's users do.
type Query struct {
	// Tags must all be a member's. An empty value asks for the tag alone.
	Tags map[string]string
	// Healthy leaves out all but those that are alive and neither suspected nor
	// about to leave.
	Healthy bool
	// Near sorts by the estimated round trip to the member of that name, those
	// without a coordinate last; empty sorts by name.
	Near string
}

// Find lists the members that a query asks for.
func (m *Member) Find(q Query) ([]Peer, error) {
	all := m.Members()
	found := slices.DeleteFunc(slices.Clone(all), func(p Peer) bool {
		if q.Healthy && p.Status() != "alive" {
			return true
		}
		for tag, want := range q.Tags {
			if got, ok := p.Tags[tag]; !ok || want != "" && got != want {
				return true
			}
		}
		return false
	})
	if q.Near == "" {
		return found, nil
	}
	near, err := placed(all, q.Near)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(found, func(a, b Peer) int { return cmp.Compare(rank(&near, &a), rank(&near, &b)) })
	return found, nil
}

// rank is the estimated round trip between two, none to oneself, and the longest
// where nothing is known.
func rank(from, to *Peer) time.Duration {
	switch {
	case from.Name == to.Name:
		return 0
	case !to.HasCoordinate:
		return never
	}
	return distance(&from.Coordinate, &to.Coordinate)
}

// placed finds a member that has a coordinate.
func placed(all []Peer, name string) (Peer, error) {
	i, ok := slices.BinarySearchFunc(all, name, func(p Peer, name string) int { return strings.Compare(p.Name, name) })
	switch {
	case !ok:
		return Peer{}, fmt.Errorf("live: no member is called %q", name)
	case !all[i].HasCoordinate:
		return Peer{}, fmt.Errorf("live: %s has told no coordinate", name)
	}
	return all[i], nil
}

// RTT estimates the round trip between any two members by their coordinates; they
// need never have met.
func (m *Member) RTT(one, other string) (time.Duration, error) {
	all := m.Members()
	a, err := placed(all, one)
	if err != nil {
		return 0, err
	}
	b, err := placed(all, other)
	if err != nil {
		return 0, err
	}
	return rank(&a, &b), nil
}

// Centre is a data centre, by the members' tag dc, and how far away it is.
type Centre struct {
	Name    string
	Members int           // those with a coordinate
	RTT     time.Duration // the median over its members
}

// NearestCentres sorts the data centres by the median of the round trips from the
// named member to their healthy members, as Consul does: a few members at odd
// places do not move a median.
func (m *Member) NearestCentres(from string) ([]Centre, error) {
	all := m.Members()
	near, err := placed(all, from)
	if err != nil {
		return nil, err
	}
	trips := map[string][]time.Duration{}
	for i := range all {
		if p := &all[i]; p.HasCoordinate && p.Status() == "alive" && p.Tags["dc"] != "" {
			trips[p.Tags["dc"]] = append(trips[p.Tags["dc"]], rank(&near, p))
		}
	}
	centres := make([]Centre, 0, len(trips))
	for name, t := range trips {
		slices.Sort(t)
		centres = append(centres, Centre{name, len(t), t[len(t)/2]})
	}
	slices.SortFunc(centres, func(a, b Centre) int { return cmp.Or(cmp.Compare(a.RTT, b.RTT), strings.Compare(a.Name, b.Name)) })
	return centres, nil
}
