package coordinates

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/vivaldi"
)

func config2D() vivaldi.Config { return vivaldi.Paper(vivaldi.Euclidean(2).WithHeight()) }

func liarsOf(kind string, share float64, n int) *liars {
	a := Attack{Kind: kind, Share: share, Reach: time.Second, Delay: 500 * ms, ClaimedError: 0.01}
	return newLiars(a, config2D(), n, rand.New(rand.NewPCG(1, 2)))
}

func (l *liars) count() int {
	n := 0
	for _, is := range l.is {
		if is {
			n++
		}
	}
	return n
}

func TestAShareOfTheNodesLiesAndNeverTheVictim(t *testing.T) {
	for share, want := range map[float64]int{0: 0, 0.05: 5, 0.3: 30, 0.5: 50, 0.9: 90} {
		for _, kind := range []string{"disorder", "repulsion", "lure", "isolation"} {
			l := liarsOf(kind, share, 100)
			assert.Equal(t, want, l.count(), "%s by %v", kind, share)
			assert.False(t, l.is[l.victim])
		}
	}
	assert.Zero(t, liarsOf("none", 0.5, 100).count())
}

// The liars of a small attack are among those of a larger one with the same seed,
// so that a sweep over shares adds liars and changes nothing else.
func TestMoreLiarsAreTheSameAndOthers(t *testing.T) {
	few, many := liarsOf("disorder", 0.1, 100), liarsOf("disorder", 0.3, 100)
	assert.Equal(t, few.victim, many.victim)
	for i, is := range few.is {
		if is {
			assert.True(t, many.is[i])
		}
	}
}

func TestALiarDelaysAndNeverHurries(t *testing.T) {
	at := vivaldi.Coordinate{Dimensions: 2, Height: 0.004}
	honest := reply{vivaldi.Coordinate{Dimensions: 2, Height: 0.002}, 0.1, 80 * ms}
	for _, kind := range []string{"disorder", "repulsion", "lure", "isolation"} {
		l := liarsOf(kind, 0.5, 10)
		for range 200 {
			at.Vec[0], at.Vec[1] = 2*l.rng.Float64()-1, 2*l.rng.Float64()-1
			r := l.lie(l.someLiar(), l.victim, at, 0.2, honest)
			assert.GreaterOrEqual(t, r.rtt, honest.rtt, kind)
			assert.LessOrEqual(t, r.rtt, honest.rtt+l.Delay, kind)
			assert.Equal(t, 0.01, r.estimate)
		}
	}
}

func TestRepulsionAndLureMoveTheirVictimTowardsWhereTheLiarWantsIt(t *testing.T) {
	for kind, within := range map[string]float64{"repulsion": 0.2, "lure": 0.1} {
		l := liarsOf(kind, 0.5, 10)
		node, err := vivaldi.NewNode(config2D(), l.rng)
		require.NoError(t, err)
		honest := reply{vivaldi.Coordinate{Dimensions: 2, Height: 0.002}, 0.1, 80 * ms}
		liar := l.someLiar()
		_, far := between(node.Coordinate(), l.wanted[liar])
		assert.InDelta(t, 1, far, 1e-9, "the reach")
		for range 200 {
			r := l.lie(liar, 0, node.Coordinate(), node.ErrorEstimate(), honest)
			require.NoError(t, node.Update(&r.place, r.estimate, r.rtt))
		}
		_, left := between(node.Coordinate(), l.wanted[liar])
		assert.Less(t, left, within, "%s: what is left are heights and the honest round trip", kind)
	}
}

func TestIsolationIsHonestToEverybodyElse(t *testing.T) {
	l := liarsOf("isolation", 0.5, 10)
	honest := reply{vivaldi.Coordinate{Dimensions: 2, Height: 0.002}, 0.1, 80 * ms}
	for to := range 10 {
		r := l.lie(l.someLiar(), to, vivaldi.Coordinate{Dimensions: 2, Height: 0.001}, 0.1, honest)
		if to == l.victim {
			assert.NotEqual(t, honest, r)
		} else {
			assert.Equal(t, honest, r)
		}
	}
	for _, place := range l.wanted {
		if place.Dimensions > 0 {
			assert.Equal(t, l.wanted[l.someLiar()], place, "the liars agree")
		}
	}
}

func (l *liars) someLiar() int {
	for i, is := range l.is {
		if is {
			return i
		}
	}
	return -1
}

var attacked = map[string]any{"samples": 400, "attack_after": 200}

func underAttack(kind string, share float64, guards map[string]any) map[string]any {
	s := map[string]any{"attack": map[string]any{"kind": kind, "share": share}}
	if guards != nil {
		s["guards"] = guards
	}
	return s
}

func TestUntilTheAttackBeginsNothingIsDifferent(t *testing.T) {
	world := scattered(40)
	curve := func(kind string) []float64 {
		o := observe(t, specOf(underAttack(kind, 0.3, nil), attacked, "honest_error_over_time"), world.open)
		s := o.Series["honest_error_over_time"]
		var before []float64
		for i, x := range s.X {
			if x <= 200 {
				before = append(before, s.Y[i])
			}
		}
		require.Len(t, before, 10)
		return before
	}
	assert.Equal(t, curve("disorder"), curve("repulsion"))
}

func TestLiarsDisturbHonestNodesAndTheOutlierGuardStopsAFew(t *testing.T) {
	world := scattered(80)
	measure := []string{"honest_error", "honest_error_ms", "displacement_ms", "refused_honest", "refused_lies"}
	for _, kind := range []string{"disorder", "repulsion", "lure"} {
		calm := observe(t, specOf(underAttack(kind, 0, nil), attacked, measure...), world.open)
		assert.Empty(t, calm.Samples["refused_lies"], "there are no lies")
		assert.Less(t, one(t, calm, "honest_error"), 0.03, "the world fits")
		hit := observe(t, specOf(underAttack(kind, 0.1, nil), attacked, measure...), world.open)
		assert.Greater(t, one(t, hit, "honest_error"), 5*one(t, calm, "honest_error"), kind)
		assert.Greater(t, one(t, hit, "displacement_ms"), 2*one(t, calm, "displacement_ms"), "%s; calm nodes turn together", kind)
		assert.Zero(t, one(t, hit, "refused_lies"), "these lies are within vivaldi's bounds")
		guarded := observe(t, specOf(underAttack(kind, 0.1, map[string]any{"outlier": 5}), attacked, measure...), world.open)
		assert.Less(t, one(t, guarded, "honest_error"), one(t, hit, "honest_error")/5, kind)
		assert.Greater(t, one(t, guarded, "refused_lies"), 0.8, kind)
		assert.Less(t, one(t, guarded, "refused_honest"), 0.2, kind)
	}
}

func TestIsolationHitsItsVictimAlone(t *testing.T) {
	world := scattered(80)
	measure := []string{"victim_stretch", "victim_displacement_ms", "honest_error", "displacement_ms"}
	calm := observe(t, specOf(underAttack("isolation", 0, nil), attacked, measure...), world.open)
	o := observe(t, specOf(underAttack("isolation", 0.3, nil), attacked, measure...), world.open)
	assert.Greater(t, one(t, o, "victim_stretch"), 1.5)
	assert.Greater(t, one(t, o, "victim_displacement_ms"), 150.0)
	assert.Less(t, one(t, o, "honest_error"), 0.06)
	assert.Less(t, one(t, o, "displacement_ms"), 1.5*one(t, calm, "displacement_ms"))
}
