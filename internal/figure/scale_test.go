package figure

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

func labels(marks []mark) []string {
	var texts []string
	for _, m := range marks {
		if m.label != "" {
			texts = append(texts, m.label)
		}
	}
	return texts
}

func TestLinearTicksAreRound(t *testing.T) {
	assert.Equal(t, []string{"0", "20", "40", "60", "80", "100"}, labels(linearMarks(span{0, 104}, 6)))
	assert.Equal(t, []string{"0.0", "0.2", "0.4", "0.6", "0.8", "1.0"}, labels(linearMarks(span{0, 1}, 6)))
	assert.Equal(t, []string{"−0.02", "−0.01", "0.00", "0.01"}, labels(linearMarks(span{-0.025, 0.015}, 5)))
	assert.Equal(t, []string{"0", "20,000", "40,000"}, labels(linearMarks(span{0, 50000}, 3)))
}

func TestLogTicksAreDecades(t *testing.T) {
	assert.Equal(t, []string{"10", "100", "1000", "10,000"}, labels(logMarks(span{6, 20000}, 6)))
	assert.Equal(t, []string{"1", "2", "5", "10", "20"}, labels(logMarks(span{0.9, 30}, 6)))
	assert.Equal(t, []string{"10⁻¹²", "10⁻⁸", "10⁻⁴", "1", "10,000", "10⁸", "10¹²"}, labels(logMarks(span{1e-13, 1e13}, 6)))
	assert.Equal(t, []string{"100", "120", "140", "160"}, labels(logMarks(span{98, 170}, 4)), "less than a decade is ticked like a linear axis")
}

func TestRangesGiveDataAirAndStartAtZeroWhereThatIsCheap(t *testing.T) {
	data := Figure{Series: []Series{{Name: "a", X: []float64{8, 40}, Y: []float64{1, 2}, Low: []float64{0.5, 1.5}, High: []float64{1.5, 3}}}}.withDefaults()
	x, y := data.spans()
	assert.Less(t, x.min, 8.0)
	assert.Greater(t, x.min, 0.0, "x from 8 would waste a fifth of the width")
	assert.Zero(t, y.min)
	assert.Greater(t, y.max, 3.0, "the interval counts")
}

func TestRangesOfASingleValue(t *testing.T) {
	for _, v := range []float64{0, 5, -5, 1e300, -1e300, 1e-300} {
		for _, scale := range []Scale{Linear, Log} {
			if scale == Log && v <= 0 {
				continue
			}
			a := Axis{Scale: scale}
			r := a.fit(span{v, v}, 0.5, true)
			assert.Less(t, r.min, r.max, "%v %v", scale, v)
			assert.True(t, r.min <= v && v <= r.max, "%v %v", scale, v)
			assert.NotEmpty(t, a.marks(r, 5), "%v %v", scale, v)
		}
	}
}

func TestABoundBeyondTheDataStillLeavesARange(t *testing.T) {
	for _, a := range []Axis{
		{Scale: Linear, Min: new(100.0)}, {Scale: Linear, Max: new(-100.0)},
		{Scale: Log, Min: new(100.0)}, {Scale: Log, Max: new(0.01)},
	} {
		r := a.fit(span{1, 2}, 0.5, true)
		assert.Less(t, r.min, r.max)
		if a.Scale == Log {
			assert.Positive(t, r.min)
		}
	}
}

func TestBarsStandOnZeroAndKeepHalfASlotAtEachEnd(t *testing.T) {
	f := Figure{Series: []Series{{Name: "a", Kind: Bars, X: []float64{0, 2, 4}, Y: []float64{10, 11, 12}}}}.withDefaults()
	x, y := f.spans()
	assert.Equal(t, span{-1, 5}, x)
	assert.Zero(t, y.min)
	assert.Equal(t, 2.0, f.barSlot())
}

func TestTrialsAreTheCloudBehindASummary(t *testing.T) {
	few := []float64{1, 2, 3}
	f := Figure{Series: []Series{
		{Name: "mean", Key: "swim", X: few, Y: few},
		{Name: "trials", Key: "swim", Kind: Points, X: few, Y: few},
		{Name: "alone", Key: "lifeguard", Kind: Points, X: few, Y: few},
		{Name: "published", Role: Published, Kind: Points, X: few, Y: few},
	}}.withDefaults()
	looks := f.looks()
	assert.Less(t, looks[1].alpha, 1.0)
	assert.Equal(t, 1.0, looks[2].alpha, "three values that nothing sums up are a result each")
	assert.True(t, looks[3].hollow)
	assert.Zero(t, looks[3].width)
}

func TestPowersBeyondPlainNumbers(t *testing.T) {
	assert.Equal(t, "1,000,000", powerText(1, 6))
	assert.Equal(t, "10⁷", powerText(1, 7))
	assert.Equal(t, "5·10⁻⁴", powerText(5, -4))
	assert.False(t, math.IsNaN(Axis{Scale: Log}.fit(span{1e-300, 1e300}, 0.5, true).max))
}

func TestALogAxisNamesTheFewValuesThatWereMeasured(t *testing.T) {
	f := Figure{X: Axis{Scale: Log}, Series: []Series{
		{Name: "a", X: []float64{8, 32, 128}, Y: []float64{1, 2, 3}}, {Name: "b", X: []float64{32, 64}, Y: []float64{1, 2}},
		{Name: "form", Role: Analytic, X: []float64{5, 6, 7}, Y: []float64{1, 1, 1}},
	}}.withDefaults()
	assert.Equal(t, []string{"8", "32", "64", "128"}, labels(f.xMarks(span{6, 160})))
	for x := range fewValues {
		f.Series[0].X, f.Series[0].Y = append(f.Series[0].X, float64(1000+x)), append(f.Series[0].Y, 1)
	}
	assert.Equal(t, []string{"10", "100", "1000"}, labels(f.xMarks(span{6, 2000})))

	marks := valueMarks([]float64{100, 101, 1000}, span{90, 1100}, func(string) float64 { return 0.1 })
	assert.Equal(t, []string{"100", "1000"}, labels(marks), "what has no room beside its neighbour stays without a label")
	assert.Len(t, marks, 3)
}

func TestNamesUnderAnAxisBreakIntoLines(t *testing.T) {
	f := Figure{}
	for i := range 7 {
		f.X.Ticks = append(f.X.Ticks, Tick{Value: float64(i), Label: "sphere of 30 ms"})
	}
	for _, label := range labels(f.xMarks(span{-0.5, 6.5})) {
		assert.Equal(t, "sphere\nof 30\nms", label)
	}
}
