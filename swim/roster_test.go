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

// passes watches who is probed, and knows of each live member whether it has had
// its turn in this pass, waits for it, or may have it or not, as one that came
// while the pass was under way.
type passes struct {
	done, waiting, either map[swim.ID]bool
	// after holds whose turn came, or who came, when nobody was waiting any
	// more: that may have been the end of one pass or the beginning of the next.
	after map[swim.ID]bool
}

func newPasses(live []swim.ID) *passes {
	p := &passes{}
	p.begin(live)
	return p
}

func (p *passes) begin(live []swim.ID) {
	p.done, p.waiting, p.either, p.after = map[swim.ID]bool{}, map[swim.ID]bool{}, p.after, map[swim.ID]bool{}
	if p.either == nil {
		p.either = map[swim.ID]bool{}
	}
	for _, id := range live {
		p.waiting[id] = !p.either[id]
	}
	maps.DeleteFunc(p.waiting, func(_ swim.ID, waits bool) bool { return !waits })
}

func (p *passes) joins(id swim.ID) {
	p.either[id] = true
	if len(p.waiting) == 0 {
		p.after[id] = true
	}
}

func (p *passes) leaves(id swim.ID) {
	for _, group := range []map[swim.ID]bool{p.done, p.waiting, p.either, p.after} {
		delete(group, id)
	}
}

// turn takes note of a member's turn: in this pass, or in a new one, which must
// not begin as long as somebody waits.
func (p *passes) turn(t require.TestingT, id swim.ID, live []swim.ID) {
	require.Contains(t, live, id)
	if p.done[id] {
		require.Empty(t, p.waiting, "%d has its second turn and others none", id)
		p.begin(live)
	}
	if len(p.waiting) == 0 {
		p.after[id] = true
	}
	delete(p.waiting, id)
	delete(p.either, id)
	p.done[id] = true
}

func TestRosterTableAgreesWithPlainTable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		n := rapid.IntRange(0, 10).Draw(t, "on the roster")
		owner := swim.ID(rapid.IntRange(0, 10).Draw(t, "owner"))
		roster, plain := swim.NewRoster(n), &plainTable{entries: map[swim.ID]swim.Entry{}}
		var table *swim.RosterTable
		if rapid.Bool().Draw(t, "newcomer") {
			table = swim.NewRosterTableOfNewcomer(owner, roster, rng)
		} else {
			table = swim.NewRosterTable(owner, roster, rng)
			for id := range swim.ID(n) {
				plain.entries[id] = swim.Entry{State: swim.Alive}
			}
			delete(plain.entries, owner)
		}
		turns := newPasses(plain.live())
		anyone := rapid.Custom(func(t *rapid.T) swim.ID { return swim.ID(rapid.IntRange(0, 13).Draw(t, "id")) })

		t.Repeat(map[string]func(*rapid.T){
			"store": func(t *rapid.T) {
				id := anyone.Filter(func(id swim.ID) bool { return id != owner }).Draw(t, "who")
				e := swim.Entry{
					State:       swim.State(rapid.IntRange(int(swim.Alive), int(swim.Left)).Draw(t, "state")),
					Incarnation: rapid.Uint32Range(0, 2).Draw(t, "incarnation"),
				}
				was := plain.entries[id].State.InGroup()
				table.Store(id, e, rng)
				plain.entries[id] = e
				switch is := e.State.InGroup(); {
				case is && !was:
					turns.joins(id)
				case was && !is:
					turns.leaves(id)
				}
			},
			"next": func(t *rapid.T) {
				id, ok := table.Next(rng)
				require.Equal(t, len(plain.live()) > 0, ok)
				if ok {
					turns.turn(t, id, plain.live())
				} else {
					require.Equal(t, swim.Nobody, id)
				}
			},
			"pick": func(t *rapid.T) {
				id, ok := table.Pick(rng)
				require.Equal(t, len(plain.live()) > 0, ok)
				if ok {
					require.Contains(t, plain.live(), id)
				} else {
					require.Equal(t, swim.Nobody, id)
				}
			},
			"sample": func(t *rapid.T) {
				k, without := rapid.IntRange(0, 6).Draw(t, "k"), anyone.Draw(t, "without")

				got := table.Sample([]swim.ID{42}, k, without, rng)

				eligible := slices.DeleteFunc(plain.live(), func(id swim.ID) bool { return id == without })
				require.Equal(t, swim.ID(42), got[0], "appended")
				got = slices.Sorted(slices.Values(got[1:]))
				require.Len(t, got, min(k, len(eligible)))
				require.Len(t, slices.Compact(slices.Clone(got)), len(got), "distinct")
				require.Subset(t, eligible, got)
			},
			"": func(t *rapid.T) {
				require.Equal(t, len(plain.live()), table.Live())
				for id := range swim.ID(15) {
					require.Equal(t, plain.entries[id], table.Lookup(id))
				}
				require.Equal(t, swim.Entry{}, table.Lookup(swim.Nobody))
				var each []swim.ID
				table.Each(func(id swim.ID, e swim.Entry) {
					require.Equal(t, plain.entries[id], e)
					each = append(each, id)
				})
				require.Equal(t, slices.Sorted(maps.Keys(plain.entries)), each)
			},
		})
	})
}

// A pass over groups of many sizes, of boards that are square, nearly so, or one
// member too small: everybody once, the owner never, and another order next time.
func TestAPassVisitsEverybodyOnce(t *testing.T) {
	sizes := []int{1000, 1023, 1024, 1025, 4096, 4097, 9999, 10_000, 10_001, 65_537}
	for n := 2; n <= 130; n++ {
		sizes = append(sizes, n)
	}
	for _, n := range sizes {
		rng := rand.New(rand.NewPCG(1, uint64(n)))
		owner := swim.ID(n / 2)
		table := swim.NewRosterTable(owner, swim.NewRoster(n), rng)
		var before []swim.ID
		for range 2 {
			pass := make([]swim.ID, n-1)
			for i := range pass {
				pass[i], _ = table.Next(rng)
			}
			if n > 12 { // two orders of 11 are the same once in 4·10⁷
				require.NotEqual(t, before, pass, "%d members", n)
			}
			before = slices.Clone(pass)
			slices.Sort(pass)
			require.NotContains(t, pass, owner)
			require.Len(t, slices.Compact(pass), n-1, "%d members", n)
			require.Less(t, pass[len(pass)-1], swim.ID(n))
		}
	}
}

// §4.3: "the time interval between successive selections of the same target is at
// most 2·n−1 protocol periods". Here n counts whoever was in the group between
// the two, as members come and go.
func TestTheGapIsBoundedWhileMembersComeAndGo(t *testing.T) {
	const n = 24
	for seed := range uint64(50) {
		rng := rand.New(rand.NewPCG(seed, 2))
		table := swim.NewRosterTable(0, swim.NewRoster(n), rng)
		live := map[swim.ID]bool{}
		// since says when a member was last selected, and company who has been
		// in the group from then on. Members 1 to 4 stay.
		since, company := map[swim.ID]int{}, map[swim.ID]map[swim.ID]bool{}
		for id := swim.ID(1); id < n; id++ {
			live[id] = true
		}
		newcomer, worst := swim.ID(n), 0
		for period := range 2000 {
			switch rng.IntN(4) {
			case 0:
				table.Store(newcomer, swim.Entry{State: swim.Alive}, rng)
				live[newcomer] = true
				for _, met := range company {
					met[newcomer] = true
				}
				newcomer++
			case 1:
				if gone, _ := table.Pick(rng); gone > 4 {
					table.Store(gone, swim.Entry{State: swim.Left}, rng)
					delete(live, gone)
				}
			}
			id, ok := table.Next(rng)
			require.True(t, ok)
			require.True(t, live[id], "%d is no longer there", id)
			if last, again := since[id]; again {
				gap, bound := period-last, 2*len(company[id])-1
				require.LessOrEqual(t, gap, bound, "seed %d: member %d", seed, id)
				worst = max(worst, gap)
			}
			since[id], company[id] = period, maps.Clone(live)
		}
		assert.Greater(t, worst, n, "the bound is put to the test")
	}
}

// chiSquare is Pearson's statistic of counts that should all be the same.
func chiSquare(counts []int) float64 {
	total := 0
	for _, c := range counts {
		total += c
	}
	want, sum := float64(total)/float64(len(counts)), 0.0
	for _, c := range counts {
		sum += (float64(c) - want) * (float64(c) - want) / want
	}
	return sum
}

// Any member is as likely at any place of a pass as any other member: 19×19 cells
// of freedom, whose chi-square stays below 450.6 in 999 of 1000 cases.
func TestEveryPlaceOfAPassIsAsLikely(t *testing.T) {
	const n, draws = 20, 20_000
	rng := rand.New(rand.NewPCG(3, 3))
	table := swim.NewRosterTable(n, swim.NewRoster(n), rng)
	counts := make([]int, n*n)
	for range draws {
		for place := range n {
			id, _ := table.Next(rng)
			counts[place*n+int(id)]++
		}
	}
	assert.Less(t, chiSquare(counts), 450.6)
	assert.Less(t, chiSquare(counts[:n]), 43.8, "those who are first: 19 degrees of freedom")
}

// Nor does who was probed last say anything about who will be next: in a group of
// 64 the step from one to the other is anything from 1 to 63.
func TestOneTurnDoesNotForetellTheNext(t *testing.T) {
	const n, draws = 64, 3000
	rng := rand.New(rand.NewPCG(4, 4))
	table := swim.NewRosterTable(n, swim.NewRoster(n), rng)
	steps := make([]int, n)
	for range draws {
		last, _ := table.Next(rng)
		for range n - 1 {
			id, _ := table.Next(rng)
			steps[(id-last)%n]++
			last = id
		}
	}
	assert.Zero(t, steps[0])
	assert.Less(t, chiSquare(steps[1:]), 102.2, "62 degrees of freedom, 999 of 1000")
}

// One that comes after four of ten turns enters at any of the eleven places: before
// each of those to come, or else among those passed or behind everybody, where its
// first turn is in the next pass or looks like it. That it has had a turn already,
// before it was declared faulty and came back, makes no difference.
func TestANewcomerEntersAtARandomPlace(t *testing.T) {
	const n, passed, draws = 10, 4, 11_000
	for _, name := range []string{"beyond the roster", "back from the dead"} {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(5, 5))
			turns := make([]int, n-passed+1) // the last: none of these
			for range draws {
				table := swim.NewRosterTable(n, swim.NewRoster(n), rng)
				var guest swim.ID
				for range passed {
					guest, _ = table.Next(rng)
				}
				if name == "beyond the roster" {
					guest = 77
				} else {
					table.Store(guest, swim.Entry{State: swim.Faulty}, rng)
				}
				table.Store(guest, swim.Entry{State: swim.Alive, Incarnation: 1}, rng)
				turn := 0
				for ; turn < n-passed; turn++ {
					if id, _ := table.Next(rng); id == guest {
						break
					}
				}
				turns[turn]++
			}
			const want = draws / (n + 1)
			for turn := range n - passed {
				assert.InDelta(t, want, turns[turn], 130, "turn %d", turn) // 4 sd
			}
			assert.InDelta(t, (passed+1)*want, turns[n-passed], 220, "no turn") // 4 sd
		})
	}
}

// Each pair of helpers is as likely as any other, in a table that is as its
// roster and in one of whose members most have gone.
func TestRosterSampleIsUniform(t *testing.T) {
	const draws = 20_000
	for name, n := range map[string]int{"most are live": 8, "few are live": 40} {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(6, 6))
			table := swim.NewRosterTable(0, swim.NewRoster(n), rng)
			for id := swim.ID(6); id < swim.ID(n); id++ {
				table.Store(id, swim.Entry{State: swim.Faulty}, rng)
			}
			table.Store(99, swim.Entry{State: swim.Alive}, rng) // a newcomer: 1 to 5 and 99 are live
			require.Equal(t, 6, table.Live())
			pairs, picks := map[[2]swim.ID]int{}, map[swim.ID]int{}
			var buf []swim.ID
			for range draws {
				buf = table.Sample(buf[:0], 2, 3, rng)
				slices.Sort(buf)
				pairs[[2]swim.ID(buf)]++
				id, _ := table.Pick(rng)
				picks[id]++
			}
			assert.Len(t, pairs, 10, "of {1, 2, 4, 5, 99}")
			assert.Less(t, chiSquare(slices.Collect(maps.Values(pairs))), 27.9, "9 degrees of freedom, 999 of 1000")
			assert.Len(t, picks, 6, "and 3")
			assert.Less(t, chiSquare(slices.Collect(maps.Values(picks))), 20.5, "5 degrees of freedom, 999 of 1000")
		})
	}
}

func TestTheTableOfANewcomer(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	const n = 100
	table := swim.NewRosterTableOfNewcomer(n, swim.NewRoster(n), rng)
	_, ok := table.Next(rng)
	assert.False(t, ok, "it knows nobody yet")
	assert.Equal(t, swim.Entry{}, table.Lookup(3))
	for id := range swim.ID(n) { // the list it is given
		table.Store(id, swim.Entry{State: swim.Alive}, rng)
	}
	assert.Equal(t, n, table.Live())
	pass := make([]swim.ID, n)
	for i := range pass {
		pass[i], _ = table.Next(rng)
	}
	slices.Sort(pass)
	assert.Len(t, slices.Compact(pass), n, "its first pass visits everybody once")
}

func TestRosterTableAllocatesNothingInTheSteadyState(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	table := swim.NewRosterTable(0, swim.NewRoster(100), rng)
	suspect := swim.Entry{State: swim.Suspect}
	for id := swim.ID(1); id < 20; id++ {
		table.Store(id, suspect, rng)
		table.Store(id+100, suspect, rng)
	}
	var buf [3]swim.ID
	i := swim.ID(0)
	assert.Zero(t, testing.AllocsPerRun(1000, func() {
		i = 1 + (i+1)%110
		table.Next(rng)
		table.Pick(rng)
		table.Sample(buf[:0], 3, i, rng)
		table.Store(i, swim.Entry{State: swim.Alive, Incarnation: 1}, rng)
		table.Store(i, swim.Entry{State: swim.Faulty, Incarnation: 1}, rng)
		table.Store(i, swim.Entry{State: swim.Alive}, rng)
	}))
}

func BenchmarkRosterNext(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	table := swim.NewRosterTable(0, swim.NewRoster(1_000_000), rng)
	b.ReportAllocs()
	for b.Loop() {
		table.Next(rng)
	}
}
