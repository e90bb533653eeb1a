package swim

import (
	"cmp"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// plainGossip is the buffer said plainly: sort everything for every message.
type plainGossip struct {
	largestFirst bool

	rumors []plainRumor
	born   int
}

type plainRumor struct {
	update           Update
	size, sent, born int
}

func (p *plainGossip) put(u Update, size int) {
	p.rumors = slices.DeleteFunc(p.rumors, func(r plainRumor) bool { return r.update.Member == u.Member })
	p.born++
	p.rumors = append(p.rumors, plainRumor{update: u, born: p.born, size: size})
}

func (p *plainGossip) take(room room, limit int, balanced bool, led ID) []Update {
	slices.SortFunc(p.rumors, func(a, b plainRumor) int {
		bySize := 0
		if p.largestFirst {
			bySize = cmp.Compare(b.size, a.size)
		}
		return cmp.Or(cmp.Compare(a.sent, b.sent), bySize, cmp.Compare(b.born, a.born))
	})
	waiting, all := map[bool]int{}, 0 // by whether the member is in the group
	for _, r := range p.rumors {
		if r.update.Member != led {
			waiting[r.update.State.InGroup()]++
			all++
		}
	}
	places := map[bool]int{true: room.updates, false: room.updates}
	if balanced && room.updates > 1 {
		// Deal the places out in turn, live first, to the kinds that can fill them.
		places = map[bool]int{}
		for turn, dealt := true, 0; dealt < min(room.updates, all); turn = !turn {
			if places[turn] < waiting[turn] {
				places[turn]++
				dealt++
			}
		}
	}
	var taken []Update
	var left []plainRumor
	for _, r := range p.rumors {
		kind := r.update.State.InGroup()
		fits := len(taken) < room.updates && (!room.sized || r.size <= room.bytes)
		if r.update.Member == led || fits && places[kind] > 0 {
			if r.update.Member != led {
				places[kind]--
				room.bytes -= r.size
				taken = append(taken, r.update)
			}
			if r.sent++; r.sent >= limit {
				continue
			}
		}
		left = append(left, r)
	}
	p.rumors = left
	return taken
}

func TestGossipAgreesWithPlainGossip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// The count of all rumors runs over at 2³².
		buffer := gossip{born: rapid.OneOf(rapid.Just[uint32](0), rapid.Uint32Range(math.MaxUint32-9, math.MaxUint32)).Draw(t, "rumors before")}
		var plain plainGossip
		balanced := rapid.Bool().Draw(t, "balanced")
		largestFirst := rapid.Bool().Draw(t, "largest first")
		buffer.largestFirst, plain.largestFirst = largestFirst, largestFirst
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				u := Update{
					Member: ID(rapid.IntRange(0, 20).Draw(t, "member")),
					State:  State(rapid.IntRange(int(Alive), int(Left)).Draw(t, "state")),
				}
				size := rapid.IntRange(1, 9).Draw(t, "size") * (int(u.State) + 1)
				buffer.put(u, size)
				plain.put(u, size)
			},
			"take": func(t *rapid.T) {
				room := room{updates: rapid.IntRange(0, 8).Draw(t, "places")}
				if rapid.Bool().Draw(t, "sized") {
					room.sized, room.bytes = true, rapid.IntRange(-5, 150).Draw(t, "bytes")
				}
				limit := rapid.IntRange(1, 5).Draw(t, "limit")  // it falls as the group shrinks
				led := ID(rapid.IntRange(0, 40).Draw(t, "led")) // mostly nobody of whom there is news
				got := buffer.take([]Update{{Member: 77}}, room, limit, balanced, led)
				require.Equal(t, ID(77), got[0].Member, "appended")
				require.Equal(t, plain.take(room, limit, balanced, led), append([]Update(nil), got[1:]...))
			},
			"": func(t *rapid.T) {
				require.Equal(t, len(plain.rumors), buffer.len())
				for id := range ID(22) {
					waits := slices.ContainsFunc(plain.rumors, func(r plainRumor) bool { return r.update.Member == id })
					require.Equal(t, waits, buffer.has(id))
				}
			},
		})
	})
}
