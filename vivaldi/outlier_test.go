package vivaldi

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAnOutlierIsManyTimesTheMedianOfTheWindow(t *testing.T) {
	o := newOutliers(RefuseOutliers(5, 5))
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	for _, off := range []int{10, 2, 4, 1000, 6} {
		assert.False(t, o.standsOut(ms(off)), "nothing stands out of a window that is not full")
	}
	// 2 4 6 10 1000
	assert.False(t, o.standsOut(ms(30)), "five times the median 6")
	// 2 4 6 30 1000: the first, 10, is forgotten
	assert.True(t, o.standsOut(ms(31)))
	// 4 6 30 31 1000
	assert.False(t, o.standsOut(ms(150)), "five times 30")
	assert.Len(t, o.off, 5)
	assert.IsNonDecreasing(t, o.sorted)
	assert.ElementsMatch(t, o.off, o.sorted)
}

// A member that was put somewhere else has a memory as if it were new: the springs of its new
// place leave it in the order in which they came.
func TestTheMemoryOfSpringsBeginsAnew(t *testing.T) {
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	fresh, used := newOutliers(RefuseOutliers(2, 3)), newOutliers(RefuseOutliers(2, 3))
	for _, off := range []int{7, 7, 7, 7, 7} {
		used.standsOut(ms(off))
	}
	used.reset()
	for i, off := range []int{1, 10, 100, 10, 150, 25, 15, 60, 9, 200} {
		assert.Equal(t, fresh.standsOut(ms(off)), used.standsOut(ms(off)), "spring %d", i)
		assert.Equal(t, fresh.sorted, used.sorted, "spring %d", i)
	}
}

// What is refused is remembered too: a member that is at a wrong place finds all
// springs off, and soon nothing stands out.
func TestAMemberAtAWrongPlaceCanMoveAgain(t *testing.T) {
	o := newOutliers(RefuseOutliers(5, 16))
	for range 16 {
		o.standsOut(5 * time.Millisecond)
	}
	refused := 0
	for range 100 {
		if o.standsOut(200 * time.Millisecond) {
			refused++
		}
	}
	assert.Equal(t, 8, refused, "until half of the window is as far off")
}

func TestAMemberRefusesAPeerThatDisagreesWithAllOthers(t *testing.T) {
	const honest = 20 * time.Millisecond
	config := MemberConfig{Config: Paper(Euclidean(2)), Outliers: RefuseOutliers(5, 8)}
	m, err := NewMember[string](config, rand.New(rand.NewPCG(1, 1)))
	require.NoError(t, err)
	peer := Coordinate{Dimensions: 2, Vec: [MaxDimensions]float64{0.02}}
	for now := range 200 {
		require.NoError(t, m.Update(time.Duration(now)*time.Second, "honest", &peer, 0.1, honest+time.Duration(now%3)*time.Millisecond))
	}
	before, estimate := m.Coordinate(), m.ErrorEstimate()
	liar := Coordinate{Dimensions: 2, Vec: [MaxDimensions]float64{5}}
	err = m.Update(200*time.Second, "liar", &liar, 0, honest)
	assert.ErrorIs(t, err, ErrOutlier)
	assert.ErrorContains(t, err, "want at most 5 times the median of the last 8 samples")
	assert.Equal(t, before, m.Coordinate())
	assert.Equal(t, estimate, m.ErrorEstimate())
	assert.Equal(t, uint64(1), m.Refusals()[Outlier])
	assert.NoError(t, m.Update(201*time.Second, "honest", &peer, 0.1, honest))

	elsewhere := Coordinate{Dimensions: 2, Vec: [MaxDimensions]float64{1}}
	require.NoError(t, m.Restore(elsewhere, 0.1))
	assert.NoError(t, m.Update(202*time.Second, "liar", &liar, 0, honest), "put somewhere else, it knows no springs")
}

func TestTheRefusalOfOutliersNamesWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		config OutlierConfig
		says   string
	}{
		{OutlierConfig{Multiple: -1, Window: 8}, "vivaldi: Outliers.Multiple: -1 is not valid; want a multiple of the median, such as 5, or 0"},
		{OutlierConfig{Multiple: 5}, "vivaldi: Outliers.Window: 0 is not valid; want 1 to 10000"},
		{OutlierConfig{Multiple: 5, Window: 10_001}, "vivaldi: Outliers.Window: 10001 is not valid; want 1 to 10000"},
	} {
		assert.EqualError(t, c.config.Validate(), c.says)
	}
	assert.NoError(t, OutlierConfig{Window: -1}.Validate(), "nothing is refused")
}

// An honest member whose link slows down is no outlier for long: its own springs
// are all off, so it moves, and the others find it where it says it is.
func TestAMemberWhoseLinkSlowsDownIsFollowed(t *testing.T) {
	const n, slow = 24, 0
	rng := rand.New(rand.NewPCG(7, 7))
	config := MemberConfig{Config: Paper(Euclidean(2).WithHeight()), Outliers: RefuseOutliers(5, 32)}
	members, places := make([]*Member[int], n), make([]Coordinate, n)
	for i := range members {
		members[i] = newMember(t, config)
		places[i] = Coordinate{Dimensions: 2, Vec: [MaxDimensions]float64{0.1 * rng.Float64(), 0.1 * rng.Float64()}, Height: 0.002}
	}
	// rounds lets everybody sample everybody so often, and returns the mean
	// relative error of the slow member's pairs.
	now := time.Duration(0)
	rounds := func(count int) float64 {
		for range count {
			now += time.Second
			for i, m := range members {
				j := (i + 1 + rng.IntN(n-1)) % n
				place := members[j].Coordinate()
				_ = m.Update(now, j, &place, members[j].ErrorEstimate(), places[i].Distance(places[j])) // refused or not
			}
		}
		var sum float64
		for j := 1; j < n; j++ {
			place, truth := members[j].Coordinate(), places[slow].Distance(places[j])
			sum += float64((members[slow].Distance(&place) - truth).Abs()) / float64(truth)
		}
		return sum / (n - 1)
	}
	rounds(400)
	places[slow].Height = 0.5
	require.Greater(t, rounds(1), 0.5, "nobody knows yet")
	assert.Less(t, rounds(100), 0.05)
}
