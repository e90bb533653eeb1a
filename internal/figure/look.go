package figure

import (
	"image/color"
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

// looks decides how each series of f is drawn. Closed forms that share a
// colour differ in their dash; published series that share one, in marker.
func (f Figure) looks() []look {
	looks := make([]look, len(f.Series))
	dashUse := map[color.NRGBA]int{}
	markerUse := map[color.NRGBA]int{}
	for i, s := range f.Series {
		style := StyleOf(s.styleKey())
		l := look{label: s.Label(), color: style.Color, marker: style.Marker, dash: style.Dash, alpha: 1}
		if f.Map != nil {
			l.radius, l.marker = dotRadius, Circle
			looks[i] = l
			continue
		}
		switch s.Kind {
		case Line, Step:
			l.width = 1.5
			l.band = s.hasInterval()
			if s.Kind == Line && len(s.X) <= denseLine {
				l.radius = 2.4
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
			l.dash = patterns[dashUse[l.color]%len(patterns)]
			dashUse[l.color]++
			l.width = min(l.width, 1.3) // a form is thinner than what is measured
			if s.Kind == Line {
				l.radius = 0
			}
		case Published:
			l.hollow = true
			l.radius = 3.2
			if s.Kind == Line || s.Kind == Step {
				l.width = 0.8
			}
			if s.Kind == Step || s.Kind == Bars {
				l.radius = 0
			}
			markers := []Marker{Circle, Square, Triangle, Diamond, InvertedTriangle, Pentagon}
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
