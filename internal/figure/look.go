package figure

import (
	"image/color"
	"slices"
	"strings"
)

// look is how one series of one figure is drawn: the registry's style, changed
// by what the series is. Both renderers read it, so that they agree.
type look struct {
	label    string
	color    color.NRGBA
	marker   Marker
	dash     []float64
	width    float64 // of the line, in points; 0 for none
	radius   float64 // of the marker, in points; 0 for none
	hollow   bool
	alpha    float64 // of the markers
	band     bool
	errorBar bool
	// sparse is above 0 where markers stand far apart along a dense line: the
	// share of their distance before the first.
	sparse float64
}

const (
	bandAlpha = 0.20
	barAlpha  = 0.85
	// denseLine is the number of points from which markers on a line would
	// only thicken it.
	denseLine = 24
	// manyPoints is the number of points from which a cloud is drawn as trials
	// even where nothing sums it up.
	manyPoints = 60
)

// looks decides how each series of f is drawn. Closed forms differ in their
// dash, published series that share a colour in their marker.
func (f Figure) looks() []look {
	looks := make([]look, len(f.Series))
	dashUse := 0
	markerUse := map[color.NRGBA]int{}
	worn := wardrobe{}
	dense, denseUse := 0, 0
	for _, s := range f.Series {
		if s.isDense() {
			dense++
		}
	}
	for i, s := range f.Series {
		style := worn.dress(s, f.isTrials(s))
		l := look{label: s.Label(), color: style.Color, marker: style.Marker, dash: style.Dash, alpha: 1}
		if f.Map != nil {
			l.radius = dotRadius
			looks[i] = l
			continue
		}
		switch s.Kind {
		case Line, Step:
			l.width = 1.5
			l.band = s.hasInterval()
			if s.Kind == Line && len(s.X) <= denseLine {
				l.radius = 2.4
			} else if dense > 1 && s.isDense() {
				l.radius = 2.4
				l.sparse = (float64(denseUse) + 0.5) / float64(dense)
				denseUse++
			}
		case Points:
			l.radius = 3
			l.errorBar = s.hasInterval()
			if f.isTrials(s) {
				l.radius, l.alpha, l.marker = 1.3, 0.25, Circle
			}
		case Bars:
			l.errorBar = s.hasInterval()
		}
		switch s.Role {
		case Analytic:
			patterns := [][]float64{dashed, dashDotted, dotted, longDashed}
			l.dash = patterns[dashUse%len(patterns)]
			dashUse++
			l.width = min(l.width, 1.3) // a form is thinner than what is measured
			if s.Kind != Points {
				l.radius = 0
			}
		case Published:
			l.hollow = true
			l.radius = 3.2
			if s.Kind == Line || s.Kind == Step {
				l.width = 0.8
			}
			if s.Kind == Bars || s.Kind == Step && l.sparse == 0 {
				l.radius = 0
			}
			if s.styleKey() == "published" {
				l.marker = markers[markerUse[l.color]%len(markers)]
				markerUse[l.color]++
			}
		case Reference:
			l.color, l.dash = grey, dotted
			l.width = min(l.width, 1.1)
			if s.Kind == Line {
				l.radius = 0
			}
		}
		looks[i] = l
	}
	return looks
}

// isDense is true of lines and steps with so many points that a marker at each
// would only thicken them.
func (s Series) isDense() bool {
	return (s.Role == Measured || s.Role == Published) && (s.Kind == Step || s.Kind == Line && len(s.X) > denseLine)
}

// wardrobe keeps measured series of one figure apart. The styles of registered
// keys are what they are everywhere. A second series of one key takes a marker of
// its own, and a key that nobody registered a colour of its own, where theirs is
// taken.
type wardrobe struct {
	keys    map[string]color.NRGBA // the colour of each key so far
	markers []Marker
}

func (w *wardrobe) dress(s Series, trials bool) Style {
	style := StyleOf(s.styleKey())
	if s.Role != Measured || trials {
		return style
	}
	if w.keys == nil {
		w.keys = map[string]color.NRGBA{}
	}
	switch worn, again := w.keys[style.Key]; {
	case again:
		style.Color = worn
		for _, m := range markers {
			if !slices.Contains(w.markers, m) {
				style.Marker = m
				break
			}
		}
	case !slices.Contains(Keys(), style.Key):
		for _, c := range palette {
			if w.taken(style.Color) {
				style.Color = c
			}
		}
	}
	w.keys[style.Key] = style.Color
	w.markers = append(w.markers, style.Marker)
	return style
}

func (w *wardrobe) taken(c color.NRGBA) bool {
	for _, worn := range w.keys {
		if worn == c {
			return true
		}
	}
	return false
}

// styleKey is the key whose style the series wears: its own, or that of its
// role where it has none.
func (s Series) styleKey() string {
	if s.Key != "" {
		return s.Key
	}
	if s.Role != Measured {
		return string(s.Role)
	}
	return strings.ToLower(s.Name)
}

// isTrials is true when s is a cloud of single trials rather than a handful of
// values that each count.
func (f Figure) isTrials(s Series) bool {
	if s.Role != Measured || s.Kind != Points || s.hasInterval() {
		return false
	}
	if len(s.X) >= manyPoints {
		return true
	}
	for _, other := range f.Series {
		summary := other.Kind != Points || other.hasInterval()
		if other.Role == Measured && other.Key == s.Key && summary {
			return true
		}
	}
	return false
}
