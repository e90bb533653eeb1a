package figure

import "github.com/swimlab/swimlab/internal/provenance"

// Figure is the neutral description of one figure.
type Figure struct {
	// ID names the figure among all figures: lower-case words of letters,
	// digits, "-", "_" and ".", parted by slashes: "swim2002/fig3a".
	ID string
	// Title is one line above the figure.
	Title string
	// Caption is the paragraph below it: what is shown, of what, with which
	// interval. It is also the description that a screen reader reads.
	Caption string
	X, Y    Axis
	Series  []Series
	// Map, if there is one, is shown in place of axes and series, which it must
	// then be without.
	Map *Map
	// Watermark is written large and pale behind the data, for runs that must
	// not be mistaken for results: "SMOKE RUN".
	Watermark  string
	Provenance provenance.Record
}

// Scale is how an axis turns values into lengths.
type Scale string

// The zero Scale is Linear.
const (
	Linear Scale = "linear"
	Log    Scale = "log"
)

// Axis is one axis.
type Axis struct {
	Label string
	// Unit is written behind the label in parentheses; empty for pure numbers.
	Unit  string
	Scale Scale
	// Min and Max fix the range; nil lets the data decide.
	Min, Max *float64
	// Ticks replace the automatic ticks, for axes whose values are names.
	Ticks []Tick
}

// Tick is a labelled place on an axis.
type Tick struct {
	Value float64
	Label string
}

// Title is the axis's label with its unit: "detection time (periods)".
func (a Axis) Title() string {
	if a.Unit == "" || a.Unit == "1" {
		return a.Label
	}
	if a.Label == "" {
		return "(" + a.Unit + ")"
	}
	return a.Label + " (" + a.Unit + ")"
}

// Role says how a series came to be.
type Role string

// The zero Role is Measured.
const (
	Measured  Role = "measured"
	Analytic  Role = "analytic"
	Published Role = "published"
	Reference Role = "reference"
)

// Kind says how a series is drawn.
type Kind string

// The zero Kind is Line. A Step keeps each value until the next x, as a
// distribution function does.
const (
	Line   Kind = "line"
	Points Kind = "points"
	Step   Kind = "step"
	Bars   Kind = "bars"
)

// Series is one curve, cloud or row of bars.
type Series struct {
	// Name stands in the legend. Empty takes the registry's name of Key.
	Name string
	// Key is the name under which the registry keeps colour, marker and dash:
	// "lifeguard", "vivaldi-2d-height".
	Key  string
	Role Role
	Kind Kind
	X, Y []float64
	// Low and High are the interval around each y, both nil when there is
	// none: a band around lines and steps, error bars on points and bars.
	// Points of role Measured without an interval are single trials when the
	// figure also has a summary of the same Key, or when they are many.
	Low, High []float64
	// Cumulative says of a Step that it is a distribution function: it rises
	// from zero at its first x.
	Cumulative bool
}

// Label is the series's name in the legend.
func (s Series) Label() string {
	if s.Name != "" {
		return s.Name
	}
	return StyleOf(s.Key).Name
}

// hasInterval is true when the series brings Low and High.
func (s Series) hasInterval() bool { return s.Low != nil }

// withDefaults returns a copy in which every zero Role, Kind and Scale says
// what it means, so that no renderer needs to know the defaults.
func (f Figure) withDefaults() Figure {
	if f.X.Scale == "" {
		f.X.Scale = Linear
	}
	if f.Y.Scale == "" {
		f.Y.Scale = Linear
	}
	if f.Map != nil {
		f.Series = f.Map.series()
	}
	series := make([]Series, len(f.Series))
	for i, s := range f.Series {
		if s.Role == "" {
			s.Role = Measured
		}
		if s.Kind == "" {
			s.Kind = Line
		}
		series[i] = s
	}
	f.Series = series
	return f
}
