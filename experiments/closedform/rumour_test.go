package closedform_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/swimlab/swimlab/experiments/closedform"
)

func TestResidueSolvesItsEquation(t *testing.T) {
	for tellings, share := range map[float64]float64{1.5: 0.4172, 2: 0.2032, 4: 0.01983, 8: 3.364e-4, 12: 6.145e-6} {
		s := closedform.Residue(tellings)
		assert.InEpsilon(t, share, s, 5e-4, "t = %v", tellings)
		assert.InEpsilon(t, math.Exp(-tellings*(1-s)), s, 1e-9, "t = %v", tellings)
	}
	assert.Equal(t, 1.0, closedform.Residue(1), "told once, news does not spread in a large group")
}

func TestRetransmitLimitStepsAt10And100(t *testing.T) {
	for n, limit := range map[float64]float64{3: 4, 9: 4, 10: 8, 99: 8, 100: 12, 999: 12, 1000: 16} {
		assert.Equal(t, limit, closedform.RetransmitLimit(n, 4), "n = %v", n)
	}
}

// Worked out by hand, member by member.
func TestUnreachedOfSmallGroups(t *testing.T) {
	third := 1.0 / 3
	for _, c := range []struct {
		n, sources, tellings, fanout int
		want                         []float64
	}{
		{2, 1, 1, 1, []float64{1, 0}},
		{3, 1, 0, 3, []float64{0, 0, 1}},
		{3, 1, 1, 1, []float64{0.5, 0.5, 0}}, // the one told tells the source or the third
		{4, 1, 1, 1, []float64{2 * third * third, 4 * third * third, third, 0}},
		{4, 1, 3, 3, []float64{1, 0, 0, 0}},                                                              // one round reaches all
		{4, 3, 2, 2, []float64{1 - third*third*third, third * third * third, 0, 0}},                      // each of three passes one over
		{4, 3, 2, 1, []float64{1 - math.Pow(2*third, 6), math.Pow(2*third, 6), 0, 0}},                    // in rounds of one, it may tell one twice
		{9, 8, 4, 3, []float64{1 - math.Pow(5.0/8*7/8, 8), math.Pow(5.0/8*7/8, 8), 0, 0, 0, 0, 0, 0, 0}}, // a round of three and one more
	} {
		got := closedform.Unreached(c.n, c.sources, c.tellings, c.fanout)
		assert.InDeltaSlice(t, c.want, got, 1e-12, "%+v", c)
	}
}

// The model itself, in time: all tell in the same rounds, those that have just been
// told from the next one on. When somebody tells must not matter.
func TestUnreachedIsWhatTellingInStepLeaves(t *testing.T) {
	const trials = 5_000
	rng := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct{ n, sources, tellings, fanout int }{{9, 2, 4, 3}, {9, 1, 2, 3}, {33, 2, 4, 3}, {33, 2, 4, 1}} {
		want := closedform.Unreached(c.n, c.sources, c.tellings, c.fanout)
		got := make([]float64, c.n)
		for range trials {
			got[tellInStep(c.n, c.sources, c.tellings, c.fanout, rng)] += 1.0 / trials
		}
		sum := 0.0
		for k, p := range want {
			sum += p
			assert.InDelta(t, p, got[k], 4*math.Sqrt(p*(1-p)/trials)+3.0/trials, "%+v: %d unreached", c, k)
		}
		assert.InDelta(t, 1, sum, 1e-12)
	}
}

func tellInStep(n, sources, tellings, fanout int, rng *rand.Rand) (unreached int) {
	left := make([]int, n) // tellings, for those that have the news
	has := make([]bool, n)
	for i := range sources {
		has[i], left[i] = true, tellings
	}
	for telling := true; telling; {
		telling = false
		var told []int
		for i := range n {
			if left[i] == 0 {
				continue
			}
			for _, j := range rng.Perm(n - 1)[:min(fanout, left[i])] {
				if j >= i {
					j++
				}
				told = append(told, j)
				left[i]--
				telling = true
			}
		}
		for _, j := range told {
			if !has[j] {
				has[j], left[j] = true, tellings
			}
		}
	}
	for _, h := range has {
		if !h {
			unreached++
		}
	}
	return unreached
}

// In a large group the share missed is that of the equation, whatever the fan-out.
func TestNewsMissedOfALargeGroupIsTheResidue(t *testing.T) {
	for _, fanout := range []float64{1, 3} {
		assert.InEpsilon(t, closedform.Residue(4), closedform.NewsMissed(400, 2, 4, fanout)/400, 0.02, "fan-out %v", fanout)
	}
}

func TestNewsIsIncompleteWhereSomebodyIsMissed(t *testing.T) {
	p := closedform.Unreached(9, 2, 4, 3)
	assert.InDelta(t, 1-p[0], closedform.NewsIncomplete(9, 2, 4, 3), 1e-12)
	assert.InDelta(t, 0.0558, closedform.NewsIncomplete(9, 2, 4, 3), 5e-5)
	for _, args := range [][4]float64{{0, 2, 4, 3}, {9, 0, 4, 3}, {9, 2, -1, 3}, {9, 2, 4, 0}, {5000, 2, 4, 3}, {math.NaN(), 2, 4, 3}} {
		assert.True(t, math.IsNaN(closedform.NewsIncomplete(args[0], args[1], args[2], args[3])), "%v", args)
		assert.True(t, math.IsNaN(closedform.NewsMissed(args[0], args[1], args[2], args[3])), "%v", args)
	}
}
