package swim_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/swimlab/swimlab/swim"
)

// The tests of this file are about agreement: what members hold that have heard the
// same news, each in an order of its own.

// anyNews is news about member 3, such as a group may spread.
var anyNews = rapid.Custom(func(t *rapid.T) swim.Update {
	return swim.Update{
		Member:      3,
		From:        swim.ID(rapid.IntRange(1, 4).Draw(t, "from")),
		Incarnation: rapid.Uint32Range(0, 4).Draw(t, "incarnation"),
		State:       swim.State(rapid.IntRange(int(swim.Alive), int(swim.Left)).Draw(t, "state")),
	}
})

// heard is what a member of a group holds of member 3 after news, one message each.
// At its beginning it may know of it or not.
func heard(t require.TestingT, order swim.Order, known bool, news []swim.Update) swim.Entry {
	rng := rand.New(rand.NewPCG(1, 1))
	table := swim.NewDenseTableOf(0, 5, rng)
	if !known {
		table = swim.NewDenseTableOf(0, 3, rng)
	}
	s := subject{swim.NewNode(0, paper(func(c *swim.Config) { c.Order = order }), table, rng), t}
	s.Start(time.Hour)
	for _, u := range news {
		s.news(0, 1, u)
	}
	return s.Lookup(3)
}

// reordered is the same news in another order, some of it twice.
func reordered(t *rapid.T, news []swim.Update) []swim.Update {
	again := rapid.Permutation(news).Draw(t, "order")
	if len(news) == 0 {
		return again
	}
	for range rapid.IntRange(0, 3).Draw(t, "times heard again") {
		u := rapid.SampledFrom(news).Draw(t, "heard again")
		again = slices.Insert(again, rapid.IntRange(0, len(again)).Draw(t, "place"), u)
	}
	return again
}

// The order of §4.2 is a join-semilattice: who has heard the same news holds the same,
// in whatever order it came and however often. Of one that has gone it is the same
// that it has gone.
func TestWhoHeardTheSameHoldsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		news := rapid.SliceOfN(anyNews, 0, 8).Draw(t, "news")
		known := rapid.Bool().Draw(t, "known")

		one := heard(t, swim.PaperOrder, known, news)
		other := heard(t, swim.PaperOrder, known, reordered(t, news))

		if gone := one.State == swim.Faulty || one.State == swim.Left; gone {
			require.Contains(t, []swim.State{swim.Faulty, swim.Left}, other.State)
		} else {
			require.Equal(t, one, other)
		}
	})
}

// What two members have heard apart, each may as well be told by the other: lists can
// be merged in any grouping.
func TestMergedListsHoldWhatWasHeardByEither(t *testing.T) {
	inGroup := anyNews.Filter(func(u swim.Update) bool { return u.State.InGroup() })
	rapid.Check(t, func(t *rapid.T) {
		one := rapid.SliceOfN(inGroup, 0, 6).Draw(t, "one's news")
		other := rapid.SliceOfN(inGroup, 0, 6).Draw(t, "the other's")
		row := func(e swim.Entry) swim.Update {
			return swim.Update{Member: 3, From: 1, Incarnation: e.Incarnation, State: e.State}
		}

		merged := heard(t, swim.PaperOrder, true, append(slices.Clone(one), row(heard(t, swim.PaperOrder, true, other))))

		require.Equal(t, heard(t, swim.PaperOrder, true, append(slices.Clone(one), other...)), merged)
	})
}

// memberlist's order is none: what it makes of a newer suspicion of a suspect depends
// on whether the Alive between the two has been heard.
func TestDeployedOrderDependsOnTheOrderOfArrival(t *testing.T) {
	refuted := []swim.Update{suspect(3, 2), alive(3, 3), suspect(3, 3)}
	late := []swim.Update{suspect(3, 2), suspect(3, 3), alive(3, 3)}

	assert.Equal(t, swim.Entry{State: swim.Suspect, Incarnation: 3}, heard(t, swim.DeployedOrder, true, refuted))
	assert.Equal(t, swim.Entry{State: swim.Alive, Incarnation: 3}, heard(t, swim.DeployedOrder, true, late))
}

// A refutation wins over every older suspicion, and by memberlist's order over every
// older Confirm, in whatever order they come: nobody who has heard it holds the member
// for anything but alive.
func TestARefutationWinsInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		order := rapid.SampledFrom([]swim.Order{swim.PaperOrder, swim.DeployedOrder}).Draw(t, "order")
		refutation := alive(3, rapid.Uint32Range(1, 5).Draw(t, "refuted with"))
		older := anyNews.Filter(func(u swim.Update) bool {
			return u.Incarnation < refutation.Incarnation && (u.State.InGroup() || order == swim.DeployedOrder)
		})
		news := append(rapid.SliceOfN(older, 0, 8).Draw(t, "older news"), refutation)

		got := heard(t, order, rapid.Bool().Draw(t, "known"), reordered(t, news))

		require.Equal(t, swim.Entry{State: swim.Alive, Incarnation: refutation.Incarnation}, got)
	})
}
