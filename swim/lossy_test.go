package swim

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// tree is memberlist's queue said plainly: items in the order of their keys, of which
// each is there once, and the latest item of each name.
type tree struct {
	items []*treeItem
	named map[ID]*treeItem
	id    uint32
}

type treeItem struct {
	update   Update
	size, id int
	sent     int
}

// before is the order of sending.
func (a *treeItem) before(b *treeItem) bool {
	switch {
	case a.sent != b.sent:
		return a.sent < b.sent
	case a.size != b.size:
		return a.size > b.size
	}
	return a.id > b.id
}

func (q *tree) same(x *treeItem) int {
	return slices.IndexFunc(q.items, func(y *treeItem) bool { return !x.before(y) && !y.before(x) })
}

func (q *tree) add(x *treeItem) {
	if i := q.same(x); i >= 0 {
		q.items[i] = x
	} else {
		i := slices.IndexFunc(q.items, x.before)
		if i < 0 {
			i = len(q.items)
		}
		q.items = slices.Insert(q.items, i, x)
	}
	q.named[x.update.Member] = x
}

func (q *tree) remove(x *treeItem) {
	if i := q.same(x); i >= 0 {
		q.items = slices.Delete(q.items, i, i+1)
	}
	delete(q.named, x.update.Member)
	if len(q.items) == 0 {
		q.id = 0
	}
}

func (q *tree) put(u Update, size int) {
	q.id++
	x := &treeItem{update: u, size: size, id: int(q.id)}
	if old := q.named[u.Member]; old != nil {
		q.remove(old)
	}
	q.add(x)
}

func (q *tree) take(bytes, limit int) (taken []Update) {
	var again []*treeItem
	for _, x := range slices.Clone(q.items) {
		if x.size > bytes {
			continue
		}
		bytes -= x.size
		taken = append(taken, x.update)
		q.remove(x)
		if x.sent+1 < limit {
			x.sent++
			again = append(again, x)
		}
	}
	for _, x := range again {
		q.add(x)
	}
	return taken
}

func newLossy() gossip { return gossip{largestFirst: true, lossy: &lossy{}} }

func TestLossyQueueAgreesWithATreeOfWhichEachKeyIsThereOnce(t *testing.T) {
	lost := 0
	rapid.Check(t, func(t *rapid.T) {
		buffer, plain := newLossy(), tree{named: map[ID]*treeItem{}}
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				u := Update{Member: ID(rapid.IntRange(0, 8).Draw(t, "member")), State: Alive}
				size := rapid.IntRange(1, 2).Draw(t, "size")
				buffer.put(u, size)
				plain.put(u, size)
			},
			"take": func(t *rapid.T) {
				bytes := rapid.IntRange(0, 8).Draw(t, "bytes")
				got := buffer.take(nil, room{updates: 64, sized: true, bytes: bytes}, 4, false, Nobody)
				require.Equal(t, plain.take(bytes, 4), got)
			},
			"": func(t *rapid.T) {
				require.Equal(t, len(plain.items), buffer.len())
				for id := range ID(9) {
					waits := slices.ContainsFunc(plain.items, func(x *treeItem) bool { return x.update.Member == id })
					require.Equal(t, waits, buffer.has(id))
				}
				lost += len(buffer.lossy.replaced)
			},
		})
	})
	assert.Positive(t, lost, "some was lost")
}

// What a member says first is lost once what it hears next has been sent as often.
func TestLossyQueueLosesWhatWasSaidFirst(t *testing.T) {
	for _, lossyQueue := range []bool{false, true} {
		g := gossip{largestFirst: true}
		if lossyQueue {
			g = newLossy()
		}
		packet := room{updates: 64, sized: true, bytes: 10}
		g.put(Update{Member: 1, State: Alive}, 10)
		require.Len(t, g.take(nil, packet, 12, false, Nobody), 1, "goes out alone")
		g.put(Update{Member: 2, State: Alive}, 10)
		require.Equal(t, ID(2), g.take(nil, packet, 12, false, Nobody)[0].Member, "which was sent less often")

		assert.Equal(t, !lossyQueue, g.has(1))
		assert.True(t, g.has(2))
	}
}

// A leader that a message has beside what it takes has its turn like the others.
func TestLossyQueueWithALeader(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := newLossy()
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				g.put(Update{Member: ID(rapid.IntRange(0, 8).Draw(t, "member")), State: Alive}, 1)
			},
			"take": func(t *rapid.T) {
				bytes, led := rapid.IntRange(0, 8).Draw(t, "bytes"), ID(rapid.IntRange(0, 8).Draw(t, "led"))
				for _, u := range g.take(nil, room{updates: 64, sized: true, bytes: bytes}, 4, false, led) {
					require.NotEqual(t, led, u.Member)
				}
			},
			"": func(t *rapid.T) {
				for i, p := range g.turns {
					require.Equal(t, g.key(&g.rumors[p.at]), p.key)
					require.True(t, i == 0 || g.turns[i-1].key < p.key, "no two are equal")
				}
			},
		})
	})
}
