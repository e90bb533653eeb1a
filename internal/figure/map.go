package figure

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"strings"

	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/swimlab/swimlab/internal/provenance"
)

// Map is what a figure of places shows instead of series over axes: panels side
// by side, all of one scale, with the same length for the same distance in every
// direction. A place is a dot in its group's colour; its height is a bar that
// rises from it.
type Map struct {
	Panels []Panel
	// Columns is how many panels stand in a row.
	Columns int
	// Unit is that of all lengths: "ms".
	Unit string
}

// Panel is one map.
type Panel struct {
	Title  string
	Places []Place
}

// Place is one dot.
type Place struct {
	Name string
	// Group is what the colour tells; its lower-case form is its key in the registry.
	Group        string
	X, Y, Height float64
	// Labelled places have their name beside them, where there is room.
	Labelled bool
}

// groups lists the groups of all panels: those of the registry in its order, then
// the others by their letters.
func (m Map) groups() []string {
	var names []string
	for _, p := range m.Panels {
		for _, at := range p.Places {
			if !slices.Contains(names, at.Group) {
				names = append(names, at.Group)
			}
		}
	}
	keys := Keys()
	rank := func(name string) int {
		if i := slices.Index(keys, groupKey(name)); i >= 0 {
			return i
		}
		return len(keys)
	}
	slices.SortFunc(names, func(a, b string) int {
		if d := rank(a) - rank(b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	return names
}

func groupKey(group string) string {
	if group == "" {
		return "places"
	}
	return strings.ReplaceAll(strings.ToLower(group), " ", "-")
}

// series are the groups as series, for legend and looks.
func (m Map) series() []Series {
	var all []Series
	for _, name := range m.groups() {
		s := Series{Key: groupKey(name), Role: Measured, Kind: Points}
		if !slices.Contains(Keys(), s.Key) {
			s.Name = name
		}
		for _, p := range m.Panels {
			for _, at := range p.Places {
				if at.Group == name {
					s.X, s.Y = append(s.X, at.X), append(s.Y, at.Y)
				}
			}
		}
		all = append(all, s)
	}
	return all
}

func (m Map) check() error {
	if m.Columns < 1 || len(m.Panels) == 0 {
		return fmt.Errorf("map has %d panels in %d columns; want 1 or more of each", len(m.Panels), m.Columns)
	}
	if err := provenance.CheckLine(m.Unit); err != nil {
		return fmt.Errorf("map unit %q %v", m.Unit, err)
	}
	for i, p := range m.Panels {
		if err := provenance.CheckLine(p.Title); err != nil {
			return fmt.Errorf("panel %d title %q %v", i, p.Title, err)
		}
		for k, at := range p.Places {
			for _, text := range []string{at.Name, at.Group} {
				if err := provenance.CheckLine(text); err != nil {
					return fmt.Errorf("panel %d place %d %q %v", i, k, text, err)
				}
			}
			for _, v := range []float64{at.X, at.Y, at.Height} {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					return fmt.Errorf("panel %d place %d (%s) is at %v, %v, height %v; want finite numbers", i, k, at.Name, at.X, at.Y, at.Height)
				}
			}
			if at.Height < 0 {
				return fmt.Errorf("panel %d place %d (%s) has height %v; want 0 or more", i, k, at.Name, at.Height)
			}
		}
	}
	return nil
}

// extent is what every panel must hold: the places and the bars on them.
func (m Map) extent() (x, y span) {
	x = span{math.Inf(1), math.Inf(-1)}
	y = x
	for _, p := range m.Panels {
		for _, at := range p.Places {
			x.include(at.X)
			y.include(at.Y)
			y.include(at.Y + at.Height)
		}
	}
	for _, s := range []*span{&x, &y} {
		if s.max-s.min < 1e-9 { // everything on one point
			s.min, s.max = s.min-1, s.max+1
		}
	}
	return x, y
}

// mapSheet is how a map's panels are laid out, in points.
type mapSheet struct {
	x, y          span
	scale         float64 // points for one unit
	width, height float64 // of a panel, without its title
	title         float64 // height of the titles' row
	rows          int
}

const (
	panelGap    = 8.0
	panelAir    = 6.0 // around the outermost places
	mapHeight   = 300.0
	scaleBarRow = 16.0
	dotRadius   = 1.9
	smallDot    = 1.2 // where there are many in a small panel
	placeSize   = 7.0
)

// sheet fits the panels into a width; the height follows, up to a limit.
func (m Map) sheet(width float64) mapSheet {
	s := mapSheet{rows: (len(m.Panels) + m.Columns - 1) / m.Columns}
	s.x, s.y = m.extent()
	for _, p := range m.Panels {
		if p.Title != "" {
			s.title = legendSize * lineSpacing
		}
	}
	columns, rows := float64(m.Columns), float64(s.rows)
	s.width = (width - panelGap*(columns-1)) / columns
	across, down := s.x.max-s.x.min, s.y.max-s.y.min
	room := (mapHeight - panelGap*(rows-1)) / rows
	s.scale = min((s.width-2*panelAir)/across, max(room-2*panelAir, 40)/down)
	s.height = down*s.scale + 2*panelAir
	return s
}

// total is the height of all rows and the scale bar.
func (s mapSheet) total() float64 {
	return float64(s.rows)*(s.height+s.title) + panelGap*float64(s.rows-1) + scaleBarRow
}

// drawMap draws the panels from the top of c downwards.
func (p page) drawMap(c draw.Canvas) {
	m := p.fig.Map
	s := m.sheet(c.Size().X.Points())
	watermark(p.fig.Watermark).Plot(c, nil)
	style := textStyle(legendSize, xfont.WeightNormal, color.Black)
	style.XAlign = draw.XCenter
	for i, panel := range m.Panels {
		column, row := i%m.Columns, i/m.Columns
		left := c.Min.X + vg.Length(float64(column)*(s.width+panelGap))
		top := c.Max.Y - vg.Length(float64(row)*(s.height+s.title+panelGap))
		c.FillText(style, vg.Point{X: left + vg.Length(s.width/2), Y: top - legendSize*lineSpacing + 2}, panel.Title)
		frame := vg.Rectangle{
			Min: vg.Point{X: left, Y: top - vg.Length(s.title+s.height)},
			Max: vg.Point{X: left + vg.Length(s.width), Y: top - vg.Length(s.title)},
		}
		p.drawPanel(draw.Canvas{Canvas: c.Canvas, Rectangle: frame}, s, panel)
	}
	p.drawScaleBar(c, s)
}

func (p page) drawPanel(c draw.Canvas, s mapSheet, panel Panel) {
	frame := c.Rectangle
	corners := []vg.Point{frame.Min, {X: frame.Max.X, Y: frame.Min.Y}, frame.Max, {X: frame.Min.X, Y: frame.Max.Y}, frame.Min}
	c.StrokeLines(draw.LineStyle{Color: gridColor, Width: 0.7}, corners)
	middle := (s.x.min + s.x.max) / 2
	at := func(x, y float64) vg.Point {
		return vg.Point{X: c.Center().X + vg.Length((x-middle)*s.scale), Y: c.Min.Y + vg.Length(panelAir+(y-s.y.min)*s.scale)}
	}
	look := map[string]look{}
	for i, name := range p.fig.Map.groups() {
		look[name] = p.looks[i]
	}
	for _, place := range panel.Places {
		if place.Height > 0 {
			line := draw.LineStyle{Color: translucent(look[place.Group].color, 0.55), Width: 1.1}
			foot, head := at(place.X, place.Y), at(place.X, place.Y+place.Height)
			c.StrokeLine2(line, foot.X, foot.Y, head.X, head.Y)
		}
	}
	radius := dotRadius
	if s.width < 140 && len(panel.Places) > 150 {
		radius = smallDot
	}
	var taken []vg.Rectangle
	var dots []vg.Point
	for _, place := range panel.Places {
		l := look[place.Group]
		l.radius = radius
		centre := at(place.X, place.Y)
		drawMarkers(c, l, []vg.Point{centre})
		dots = append(dots, centre)
		if place.Labelled {
			taken = append(taken, boxAround(centre, radius))
		}
	}
	for _, place := range panel.Places {
		if place.Labelled {
			taken = drawLabel(c, place.Name, at(place.X, place.Y), dots, taken)
		}
	}
}

func boxAround(p vg.Point, radius float64) vg.Rectangle {
	r := vg.Length(radius)
	return vg.Rectangle{Min: vg.Point{X: p.X - r, Y: p.Y - r}, Max: vg.Point{X: p.X + r, Y: p.Y + r}}
}

// drawLabel writes a name near its dot, where it covers no other name and as few
// dots as can be, with a line to the dot where it stands off. Without such a place
// within the panel it is left out.
func drawLabel(c draw.Canvas, name string, dot vg.Point, dots []vg.Point, taken []vg.Rectangle) []vg.Rectangle {
	style := textStyle(placeSize, xfont.WeightNormal, ink)
	width, height := fontSlack*style.Width(name), vg.Length(placeSize)
	const beside = dotRadius + 1.5
	best, cheapest, away := vg.Rectangle{}, math.Inf(1), 0.0
	for _, off := range []float64{beside, 9, 16, 24, 34, 46} {
		for direction := range 8 {
			sin, cos := math.Sincos(float64(direction) * math.Pi / 4)
			// The box touches a circle of radius off around the dot.
			centre := vg.Point{
				X: dot.X + vg.Length(cos)*(vg.Length(off)+width/2),
				Y: dot.Y + vg.Length(sin)*(vg.Length(off)+height/2),
			}
			box := vg.Rectangle{
				Min: vg.Point{X: centre.X - width/2, Y: centre.Y - height/2},
				Max: vg.Point{X: centre.X + width/2, Y: centre.Y + height/2},
			}
			inside := box.Min.X >= c.Min.X && box.Max.X <= c.Max.X && box.Min.Y >= c.Min.Y && box.Max.Y <= c.Max.Y
			if !inside || slices.ContainsFunc(taken, func(other vg.Rectangle) bool { return overlap(box, other) }) {
				continue
			}
			cost := off
			for _, d := range dots {
				if overlap(box, boxAround(d, dotRadius)) {
					cost += 12
				}
			}
			if cost < cheapest {
				best, cheapest, away = box, cost, off
			}
		}
	}
	if math.IsInf(cheapest, 1) {
		return taken
	}
	if away > beside {
		end := vg.Point{X: max(best.Min.X, min(dot.X, best.Max.X)), Y: max(best.Min.Y, min(dot.Y, best.Max.Y))}
		c.StrokeLine2(draw.LineStyle{Color: grey, Width: 0.5}, dot.X, dot.Y, end.X, end.Y)
	}
	fill(c, []vg.Point{best.Min, {X: best.Max.X, Y: best.Min.Y}, best.Max, {X: best.Min.X, Y: best.Max.Y}}, translucent(white, 0.75))
	style.XAlign = draw.XCenter
	c.FillText(style, vg.Point{X: (best.Min.X + best.Max.X) / 2, Y: best.Min.Y + 1}, name)
	return append(taken, best)
}

var white = rgb(0xFF, 0xFF, 0xFF)

func overlap(a, b vg.Rectangle) bool {
	return a.Min.X < b.Max.X && b.Min.X < a.Max.X && a.Min.Y < b.Max.Y && b.Min.Y < a.Max.Y
}

// drawScaleBar says how long a length is, at the bottom left.
func (p page) drawScaleBar(c draw.Canvas, s mapSheet) {
	length := scaleBar(s.width / 3 / s.scale)
	style := draw.LineStyle{Color: axisColor, Width: 1}
	left, right, y := c.Min.X, c.Min.X+vg.Length(length*s.scale), c.Min.Y+4
	c.StrokeLine2(style, left, y, right, y)
	c.StrokeLine2(style, left, y-2.5, left, y+2.5)
	c.StrokeLine2(style, right, y-2.5, right, y+2.5)
	c.FillText(textStyle(tickSize, xfont.WeightNormal, axisColor), vg.Point{X: right + 5, Y: c.Min.Y - 1}, scaleBarText(length, p.fig.Map.Unit))
}

// scaleBar is the longest of 1, 2 and 5 times a power of ten up to a length.
func scaleBar(longest float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(longest)))
	for _, digit := range []float64{5, 2} {
		if digit*power <= longest {
			return digit * power
		}
	}
	return power
}

func scaleBarText(length float64, unit string) string {
	return strings.TrimSpace(fmt.Sprintf("%g %s", length, unit))
}
