package figure

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/swimlab/swimlab/internal/number"
)

// span is the range of an axis.
type span struct{ min, max float64 }

func (s *span) include(v float64) {
	s.min = math.Min(s.min, v)
	s.max = math.Max(s.max, v)
}

// spans returns the ranges of both axes: what the axes fix, else what the data
// needs with a little air around it.
func (f Figure) spans() (x, y span) {
	x = span{math.Inf(1), math.Inf(-1)}
	y = x
	bars := false
	for _, s := range f.Series {
		for i := range s.X {
			x.include(s.X[i])
			y.include(s.Y[i])
			if s.hasInterval() {
				y.include(s.Low[i])
				y.include(s.High[i])
			}
		}
		if s.Kind == Bars && len(s.X) > 0 {
			bars = true
		}
	}
	for _, t := range f.X.Ticks {
		x.include(t.Value)
	}
	if bars {
		half := f.barSlot() / 2
		if f.X.Scale == Linear {
			x = span{x.min - half, x.max + half}
		}
		if f.Y.Scale == Linear {
			y.include(0)
		}
	}
	// A value axis starts at zero when that costs little, so that heights can
	// be compared; a place axis only when the data comes close to zero.
	return f.X.fit(x, 0.15, !bars), f.Y.fit(y, 0.60, true)
}

// barSlot is the room of one group of bars, in units of x.
func (f Figure) barSlot() float64 {
	slot := math.Inf(1)
	var xs []float64
	for _, s := range f.Series {
		if s.Kind == Bars {
			xs = append(xs, s.X...)
		}
	}
	slices.Sort(xs)
	for i := 1; i < len(xs); i++ {
		if d := xs[i] - xs[i-1]; d > 0 {
			slot = math.Min(slot, d)
		}
	}
	if math.IsInf(slot, 1) {
		return 1
	}
	return slot
}

// fit turns the data's range into the axis's. zeroBelow is the share of the
// maximum below which a minimum is pulled down to zero.
func (a Axis) fit(data span, zeroBelow float64, air bool) span {
	fitted := data
	if a.Scale == Log {
		if data.min == data.max {
			fitted = span{data.min / 2, data.max * 2}
		} else if air {
			margin := math.Pow(data.max/data.min, 0.05)
			fitted = span{data.min / margin, data.max * margin}
		}
		// Range and margin can leave the range of numbers at its very ends.
		fitted.min = math.Max(fitted.min, math.SmallestNonzeroFloat64)
		fitted.max = math.Min(fitted.max, math.MaxFloat64)
	} else {
		if data.min == data.max {
			half := math.Abs(data.min) / 2
			if half == 0 {
				half = 1
			}
			fitted = span{data.min - half, data.max + half}
			if data.min > 0 {
				fitted.min = 0
			}
		}
		fromZero := data.min >= 0 && data.min <= zeroBelow*data.max
		margin := 0.04 * (fitted.max - fitted.min)
		if fromZero {
			fitted.min = 0
		} else if air && data.max != 0 {
			fitted.min -= margin
		}
		if air {
			fitted.max += margin
		}
	}
	if a.Min != nil {
		fitted.min = *a.Min
	}
	if a.Max != nil {
		fitted.max = *a.Max
	}
	if fitted.min >= fitted.max { // one end is fixed beyond the data
		if a.Max == nil {
			fitted.max = fitted.min + math.Max(math.Abs(fitted.min), 1)
		} else if a.Scale == Log {
			fitted.min = fitted.max / 10
		} else {
			fitted.min = fitted.max - math.Max(math.Abs(fitted.max), 1)
		}
	}
	return fitted
}

// mark is a place on an axis; without a label it is a minor tick.
type mark struct {
	value float64
	label string
}

// marks returns the ticks of an axis over its range, about want one of them with
// labels.
func (a Axis) marks(r span, want int) []mark {
	if a.Ticks != nil {
		marks := make([]mark, 0, len(a.Ticks))
		for _, t := range a.Ticks {
			marks = append(marks, mark{t.Value, t.Label})
		}
		return marks
	}
	if a.Scale == Log {
		return logMarks(r, want)
	}
	return linearMarks(r, want)
}

// linearMarks puts labels at multiples of 1, 2 or 5 times a power of ten.
func linearMarks(r span, want int) []mark {
	// The step nearest to the wish on a log scale; the limits are the geometric
	// means of neighbouring steps.
	rough := (r.max - r.min) / float64(want)
	power := math.Floor(math.Log10(rough))
	var step float64
	switch leading := rough / math.Pow(10, power); {
	case leading < math.Sqrt2:
		step = 1
	case leading < math.Sqrt(10):
		step = 2
	case leading < math.Sqrt(50):
		step = 5
	default:
		step, power = 1, power+1
	}
	step *= math.Pow(10, power)
	decimals := -power
	var marks []mark
	const slack = 1e-9 // lets a tick at the very end of the range survive rounding
	for k := math.Ceil(r.min/step - slack); k <= math.Floor(r.max/step+slack); k++ {
		label := number.Fixed(k*step, int(math.Max(decimals, 0)))
		if decimals > 6 || power > 9 {
			label = number.Rounded(k*step, 6)
		}
		marks = append(marks, mark{k * step, tickText(label)})
	}
	return marks
}

// logMarks labels powers of ten, and 2 and 5 between them where there is room;
// the other multiples are minor ticks. A range too short for that is ticked
// like a linear one.
func logMarks(r span, want int) []mark {
	decades := math.Log10(r.max / r.min)
	if decades < 0.7 {
		return linearMarks(r, want)
	}
	every := int(math.Max(1, math.Ceil(decades/float64(want+2))))
	var marks []mark
	for e := int(math.Floor(math.Log10(r.min))); e <= int(math.Ceil(math.Log10(r.max))); e++ {
		for digit := 1; digit <= 9; digit++ {
			v, err := strconv.ParseFloat(strconv.Itoa(digit)+"e"+strconv.Itoa(e), 64)
			if err != nil || v < r.min*(1-1e-12) || v > r.max*(1+1e-12) {
				continue
			}
			label := ""
			if digit == 1 && e%every == 0 || decades <= 2.2 && (digit == 2 || digit == 5) {
				label = powerText(digit, e)
			}
			marks = append(marks, mark{v, label})
		}
	}
	return marks
}

// fewValues is how many measured places an axis can name one by one.
const fewValues = 9

// sweptValues are the places at which a figure has measured values, in order;
// nil when they are many or none.
func (f Figure) sweptValues() []float64 {
	var values []float64
	for _, s := range f.Series {
		if s.Role == Measured && !f.isTrials(s) {
			values = append(values, s.X...)
		}
	}
	slices.Sort(values)
	values = slices.Compact(values)
	if len(values) > fewValues {
		return nil
	}
	return values
}

// valueMarks marks values on a log axis. width is the share of the axis that a
// label takes; a value whose label has no room beside the one before gets a
// minor tick.
func valueMarks(values []float64, r span, width func(label string) float64) []mark {
	var marks []mark
	end := math.Inf(-1)
	for _, v := range values {
		m := mark{v, tickText(number.Exact(v))}
		half := width(m.label) / 2
		place := math.Log(v/r.min) / math.Log(r.max/r.min)
		if place-half < end {
			m.label = ""
		} else {
			end = place + half
		}
		marks = append(marks, m)
	}
	return marks
}

// powerText writes digit times ten to the e: plainly from 0.001 to 1,000,000,
// beyond that as a power.
func powerText(digit, e int) string {
	if e >= -3 && e <= 6 {
		return tickText(number.Exact(float64(digit) * math.Pow(10, float64(e))))
	}
	text := "10" + strings.NewReplacer(
		"-", "⁻", "0", "⁰", "1", "¹", "2", "²", "3", "³", "4", "⁴", "5", "⁵", "6", "⁶", "7", "⁷", "8", "⁸", "9", "⁹",
	).Replace(strconv.Itoa(e))
	if digit != 1 {
		text = strconv.Itoa(digit) + "·" + text
	}
	return text
}

// tickText sets a number as typographers do: thousands apart, a true minus.
func tickText(s string) string {
	return strings.Replace(number.Grouped(s), "-", "−", 1)
}
