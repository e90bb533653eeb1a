package vivaldi

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Located is somebody and where they are; the zero Coordinate if that is unknown.
type Located[ID any] struct {
	ID         ID
	Coordinate Coordinate
}

// Ranked is somebody and how far away they are predicted to be.
type Ranked[ID any] struct {
	ID ID
	// Distance is the predicted round trip, [Unknown] if there is no prediction.
	Distance time.Duration
}

// Unknown is the distance to somebody whose coordinate is unknown: farther than
// anybody's.
const Unknown = time.Duration(math.MaxInt64)

// Distance is the predicted round trip between two coordinates, [Unknown] if
// either is unknown, if they are of different spaces, or if what they hold is no
// number.
func Distance(a, b *Coordinate) time.Duration {
	if !a.Known() || a.Dimensions != b.Dimensions || a.Radius != b.Radius {
		return Unknown
	}
	return a.Distance(*b)
}

// Rank sorts members by their predicted distance from a place, nearest first.
// Members as far as each other stay in the order given; those whose distance is
// unknown come last, in the order given. So with a place that is unknown itself
// the order is the one given.
func Rank[ID any](from Coordinate, members []Located[ID]) []Ranked[ID] {
	ranked := make([]Ranked[ID], len(members))
	for i := range members {
		ranked[i] = Ranked[ID]{members[i].ID, Distance(&from, &members[i].Coordinate)}
	}
	slices.SortStableFunc(ranked, func(a, b Ranked[ID]) int { return cmp.Compare(a.Distance, b.Distance) })
	return ranked
}

// Nearest is the first k of [Rank], without those whose distance is unknown: it
// may return fewer, or none.
func Nearest[ID any](from Coordinate, members []Located[ID], k int) []Ranked[ID] {
	ranked := Rank(from, members)
	known, _ := slices.BinarySearchFunc(ranked, Unknown, func(r Ranked[ID], d time.Duration) int { return cmp.Compare(r.Distance, d) })
	return ranked[:max(min(k, known), 0)]
}

// RankGroups sorts groups of members, such as data centres, by the median of
// their members' predicted distances from a place, as Consul chooses the data
// centre to fail over to. Of an even number of distances the median is the
// greater of the two in the middle. Members whose distance is unknown are left
// out; a group with no other has the distance [Unknown] and comes last. Groups
// as far as each other stay in the order given.
func RankGroups[ID any](from Coordinate, groups []Group[ID]) []Ranked[ID] {
	ranked := make([]Ranked[ID], len(groups))
	var distances []time.Duration
	for i := range groups {
		distances = distances[:0]
		for j := range groups[i].Members {
			if d := Distance(&from, &groups[i].Members[j]); d != Unknown {
				distances = append(distances, d)
			}
		}
		ranked[i] = Ranked[ID]{groups[i].ID, Unknown}
		if len(distances) > 0 {
			slices.Sort(distances)
			ranked[i].Distance = distances[len(distances)/2]
		}
	}
	slices.SortStableFunc(ranked, func(a, b Ranked[ID]) int { return cmp.Compare(a.Distance, b.Distance) })
	return ranked
}

// Group is a group of members and where they are.
type Group[ID any] struct {
	ID      ID
	Members []Coordinate
}
