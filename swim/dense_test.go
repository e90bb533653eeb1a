package swim_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/swimlab/swimlab/swim"
)

// plainTable is what a Table should be, said as plainly as possible: a map, and
// the pass as two lists, of those who had their turn and those who wait for it.
// It makes the same draws as DenseTable.
type plainTable struct {
	entries    map[swim.ID]swim.Entry
	done, todo []swim.ID
}

func (p *plainTable) live() []swim.ID {
	var ids []swim.ID
	for _, id := range slices.Sorted(maps.Keys(p.entries)) {
		if p.entries[id].State.InGroup() {
			ids = append(ids, id)
		}
	}
	return ids
}

func (p *plainTable) store(id swim.ID, e swim.Entry, rng *rand.Rand) {
	was := p.entries[id].State.InGroup()
	p.entries[id] = e
	switch {
	case !was && e.State.InGroup():
		if i := rng.IntN(len(p.done) + len(p.todo) + 1); i < len(p.done) {
			p.done = slices.Insert(p.done, i, id)
		} else {
			p.todo = slices.Insert(p.todo, i-len(p.done), id)
		}
	case was && !e.State.InGroup():
		other := func(x swim.ID) bool { return x == id }
		p.done = slices.DeleteFunc(p.done, other)
		p.todo = slices.DeleteFunc(p.todo, other)
	}
}

func (p *plainTable) nextTarget(rng *rand.Rand) (swim.ID, bool) {
	if len(p.done)+len(p.todo) == 0 {
		return swim.Nobody, false
	}
	if len(p.todo) == 0 {
		p.todo, p.done = p.done, nil
		for i := len(p.todo) - 1; i > 0; i-- {
			j := rng.IntN(i + 1)
			p.todo[i], p.todo[j] = p.todo[j], p.todo[i]
		}
	}
	id := p.todo[0]
	p.todo = p.todo[1:]
	p.done = append(p.done, id)
	return id, true
}

func TestDenseTableAgreesWithPlainTable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		rng, twin := rand.New(rand.NewPCG(seed, 0)), rand.New(rand.NewPCG(seed, 0))
		dense, plain := swim.NewDenseTable(), &plainTable{entries: map[swim.ID]swim.Entry{}}
		anyone := rapid.Custom(func(t *rapid.T) swim.ID { return swim.ID(rapid.IntRange(0, 12).Draw(t, "id")) })

		t.Repeat(map[string]func(*rapid.T){
			"store": func(t *rapid.T) {
				id := anyone.Draw(t, "who")
				e := swim.Entry{
					State:       swim.State(rapid.IntRange(int(swim.Alive), int(swim.Left)).Draw(t, "state")),
					Incarnation: rapid.Uint32Range(0, 3).Draw(t, "incarnation"),
				}
				dense.Store(id, e, rng)
				plain.store(id, e, twin)
			},
			"next": func(t *rapid.T) {
				got, ok := dense.Next(rng)
				want, wantOK := plain.nextTarget(twin)
				require.Equal(t, want, got)
				require.Equal(t, wantOK, ok)
			},
			"pick": func(t *rapid.T) {
				id, ok := dense.Pick(rng)
				require.Equal(t, len(plain.live()) > 0, ok)
				if ok {
					require.Contains(t, plain.live(), id)
					twin.IntN(len(plain.live()))
				}
			},
			"sample": func(t *rapid.T) {
				k, without := rapid.IntRange(0, 6).Draw(t, "k"), anyone.Draw(t, "without")
				mine := []swim.ID{42}
				own := rand.New(rand.NewPCG(seed, 1))

				got := dense.Sample(mine, k, without, own)

				eligible := slices.DeleteFunc(plain.live(), func(id swim.ID) bool { return id == without })
				require.Equal(t, swim.ID(42), got[0], "appended")
				got = slices.Sorted(slices.Values(got[1:]))
				require.Len(t, got, min(k, len(eligible)))
				require.Len(t, slices.Compact(slices.Clone(got)), len(got), "distinct")
				require.Subset(t, eligible, got)
			},
			"": func(t *rapid.T) {
				require.Equal(t, len(plain.live()), dense.Live())
				for id := range swim.ID(14) {
					require.Equal(t, plain.entries[id], dense.Lookup(id))
				}
				var each []swim.ID
				dense.Each(func(id swim.ID, e swim.Entry) {
					require.Equal(t, plain.entries[id], e)
					each = append(each, id)
				})
				require.Equal(t, slices.Sorted(maps.Keys(plain.entries)), each)
			},
		})
	})
}

// Each pair of helpers is as likely as any other, the excluded one never among them.
func TestSampleIsUniform(t *testing.T) {
	const draws = 10_000
	rng := rand.New(rand.NewPCG(1, 1))
	table := swim.NewDenseTableOf(0, 7, rng)
	pairs := map[[2]swim.ID]int{}
	var buf []swim.ID
	for range draws {
		buf = table.Sample(buf[:0], 2, 3, rng)
		slices.Sort(buf)
		pairs[[2]swim.ID(buf)]++
	}
	assert.Len(t, pairs, 10, "of {1, 2, 4, 5, 6}")
	for pair, times := range pairs {
		assert.InDelta(t, draws/10, times, 150, "%v", pair) // 5 sd
	}
}

func TestEstablishedTable(t *testing.T) {
	table := swim.NewDenseTableOf(2, 4, rand.New(rand.NewPCG(1, 1)))
	assert.Equal(t, 3, table.Live())
	assert.Equal(t, swim.Entry{}, table.Lookup(2), "the owner is not in its own table")
	assert.Equal(t, swim.Entry{State: swim.Alive}, table.Lookup(3))
	assert.Equal(t, swim.Entry{}, table.Lookup(swim.Nobody))
}
