package swim

import (
	"cmp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// plainGossip is the buffer said plainly: sort everything for every message.
type plainGossip struct {
	rumors []rumor
	born   uint32
}

func (p *plainGossip) put(u Update) {
	p.rumors = slices.DeleteFunc(p.rumors, func(r rumor) bool { return r.update.Member == u.Member })
	p.born++
	p.rumors = append(p.rumors, rumor{update: u, born: p.born})
}

func (p *plainGossip) take(room, limit int, balanced bool, led ID) []Update {
	slices.SortFunc(p.rumors, func(a, b rumor) int {
		return cmp.Or(cmp.Compare(a.sent, b.sent), cmp.Compare(b.born, a.born))
	})
	waiting, all := map[bool]int{}, 0 // by whether the member is in the group
	for _, r := range p.rumors {
		if r.update.Member != led {
			waiting[r.update.State.InGroup()]++
			all++
		}
	}
	places := map[bool]int{true: room, false: room}
	if balanced && room > 1 {
		// Deal the places out in turn, live first, to the kinds that can fill them.
		places = map[bool]int{}
		for turn, dealt := true, 0; dealt < min(room, all); turn = !turn {
			if places[turn] < waiting[turn] {
				places[turn]++
				dealt++
			}
		}
	}
	var taken []Update
	var left []rumor
	for _, r := range p.rumors {
		kind := r.update.State.InGroup()
		if r.update.Member == led || len(taken) < room && places[kind] > 0 {
			if r.update.Member != led {
				places[kind]--
				taken = append(taken, r.update)
			}
			if r.sent++; int(r.sent) >= limit {
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
		var buffer gossip
		var plain plainGossip
		balanced := rapid.Bool().Draw(t, "balanced")
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				u := Update{
					Member: ID(rapid.IntRange(0, 20).Draw(t, "member")),
					State:  State(rapid.IntRange(int(Alive), int(Left)).Draw(t, "state")),
				}
				buffer.put(u)
				plain.put(u)
			},
			"take": func(t *rapid.T) {
				places := rapid.IntRange(1, 8).Draw(t, "room")
				limit := rapid.IntRange(1, 5).Draw(t, "limit")  // it falls as the group shrinks
				led := ID(rapid.IntRange(0, 40).Draw(t, "led")) // mostly nobody of whom there is news
				got := buffer.take([]Update{{Member: 77}}, room{updates: places}, limit, balanced, led)
				require.Equal(t, ID(77), got[0].Member, "appended")
				require.Equal(t, plain.take(places, limit, balanced, led), append([]Update(nil), got[1:]...))
			},
			"": func(t *rapid.T) {
				require.Len(t, buffer.items, len(plain.rumors))
				for id := range ID(22) {
					waits := slices.ContainsFunc(plain.rumors, func(r rumor) bool { return r.update.Member == id })
					require.Equal(t, waits, buffer.has(id))
				}
			},
		})
	})
}
