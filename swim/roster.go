package swim

import "math"

// Roster is an established group 0…n−1 in which everybody is alive in
// incarnation 0: what the tables of a whole simulation have in common. It does
// not change, and any number of [RosterTable]s share it.
type Roster struct {
	size uint32
	// columns·rows ≥ size is the smallest nearly square board that seats all.
	columns, rows uint32
}

// NewRoster returns the roster of a group 0…n−1.
func NewRoster(n int) *Roster {
	r := &Roster{size: uint32(n)}
	if n > 0 {
		r.columns = uint32(math.Ceil(math.Sqrt(float64(n))))
		r.rows = (r.size + r.columns - 1) / r.columns
	}
	return r
}

// Len is the number of members on the roster.
func (r *Roster) Len() int { return int(r.size) }

// seat is the member at a place of the order that key stands for: a
// pseudo-random permutation of 0…n−1 computed where a list would cost 4n bytes
// in each of n members.
//
// It is a Feistel network of six rounds over the two coordinates of a board,
// each in turn shifted by a keyed hash of the other. (With four, places next to
// each other would seat neighbours more often than chance does.) A seat beyond the last
// member is walked on from (J. Black, P. Rogaway: Ciphers with Arbitrary Finite
// Domains, CT-RSA 2002, sections 3 and 4). Less than one in √n is.
func (r *Roster) seat(key uint64, place uint32) ID {
	x, y := place%r.columns, place/r.columns
	for {
		for round := uint64(0); round < 6; round += 2 {
			y = shift(y, hash(key, round, x), r.rows)
			x = shift(x, hash(key, round+1, y), r.columns)
		}
		if id := y*r.columns + x; id < r.size {
			return ID(id)
		}
	}
}

// shift moves x round a ring by a share of its length, by/2³².
func shift(x, by, ring uint32) uint32 {
	x += uint32(uint64(by) * uint64(ring) >> 32)
	if x >= ring {
		x -= ring
	}
	return x
}

// hash mixes a coordinate and the round's number into the key, with the
// finaliser of SplitMix64 (G. Steele, D. Lea, C. Flood, OOPSLA 2014).
func hash(key, round uint64, coordinate uint32) uint32 {
	z := key + (round<<32|uint64(coordinate))*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return uint32((z ^ z>>31) >> 32)
}
