package figure

import (
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Layers, back to front: whatever is wide lies behind whatever is thin, and
// published points lie on top, where a reader looks for them.
const (
	bandLayer = iota
	trialLayer
	lineLayer
	markerLayer
)

// data draws one layer of all series.
type data struct {
	page  page
	layer int
}

// Plot implements plot.Plotter.
func (d data) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	for i, s := range d.page.fig.Series {
		t := trace{s, d.page.looks[i], c, toX, toY}
		trials := t.look.alpha < 1
		switch {
		case d.layer == bandLayer && t.look.band:
			t.drawBand()
		case d.layer == trialLayer && trials:
			drawMarkers(c, t.look, t.visible())
		case d.layer == lineLayer && s.Kind == Bars:
			t.drawBars(d.page.fig, i)
		case d.layer == lineLayer && t.look.width > 0:
			c.StrokeLines(t.look.lineStyle(), c.ClipLinesXY(t.path(s.Y))...)
		case d.layer == markerLayer && !trials:
			if s.Kind == Points && t.look.errorBar {
				t.drawErrorBars(t.points(s.Y), t.look.color)
			}
			switch {
			case t.look.radius > 0 && t.look.sparse > 0:
				drawMarkers(c, t.look, t.waymarks())
			case t.look.radius > 0:
				drawMarkers(c, t.look, t.visible())
			}
		}
	}
}

// trace is a series on its way to the canvas.
type trace struct {
	Series
	look     look
	c        draw.Canvas
	toX, toY func(float64) vg.Length
}

func (t trace) points(ys []float64) []vg.Point {
	points := make([]vg.Point, len(ys))
	for i, y := range ys {
		points[i] = vg.Point{X: t.toX(t.X[i]), Y: t.toY(y)}
	}
	return points
}

// visible returns the points within the axes.
func (t trace) visible() []vg.Point {
	var inside []vg.Point
	for _, p := range t.points(t.Y) {
		if t.c.Contains(p) {
			inside = append(inside, p)
		}
	}
	return inside
}

// path is the line through ys; a step keeps its value until the next x.
func (t trace) path(ys []float64) []vg.Point {
	points := t.points(ys)
	if t.Kind != Step {
		return points
	}
	var stairs []vg.Point
	if t.Cumulative && len(points) > 0 && len(ys) == len(t.Y) && !t.hasInterval() {
		stairs = append(stairs, vg.Point{X: points[0].X, Y: t.toY(0)})
	}
	for i, p := range points {
		if i > 0 {
			stairs = append(stairs, vg.Point{X: p.X, Y: points[i-1].Y})
		}
		stairs = append(stairs, p)
	}
	return stairs
}

// waymarkGap is how far apart the markers of a dense line stand, along the line.
const waymarkGap = 56.0

// waymarks are places along a dense line for its markers: as many as tell it
// from others without hiding it. Lines that lie on each other have theirs in
// different places.
func (t trace) waymarks() []vg.Point {
	var places []vg.Point
	next := t.look.sparse * waymarkGap
	for _, line := range t.c.ClipLinesXY(t.path(t.Y)) {
		for i := 1; i < len(line); i++ {
			a, b := line[i-1], line[i]
			length := math.Hypot((b.X - a.X).Points(), (b.Y - a.Y).Points())
			for ; next <= length && length > 0; next += waymarkGap {
				share := vg.Length(next / length)
				places = append(places, vg.Point{X: a.X + share*(b.X-a.X), Y: a.Y + share*(b.Y-a.Y)})
			}
			next -= length
		}
	}
	return places
}

func (t trace) drawBand() {
	outline := t.path(t.Low)
	high := t.path(t.High)
	for i := len(high) - 1; i >= 0; i-- {
		outline = append(outline, high[i])
	}
	if inside := t.c.ClipPolygonXY(outline); len(inside) > 2 {
		fill(t.c, inside, translucent(t.look.color, bandAlpha))
	}
}

// drawBars draws the bars of series number index beside those of the others.
func (t trace) drawBars(f Figure, index int) {
	place, count := 0, 0
	var xs []vg.Length
	for i, s := range f.Series {
		if s.Kind != Bars {
			continue
		}
		if i < index {
			place++
		}
		count++
		for _, x := range s.X {
			xs = append(xs, t.toX(x))
		}
	}
	slices.Sort(xs)
	slot := t.c.Size().X / 2
	for i := 1; i < len(xs); i++ {
		if d := xs[i] - xs[i-1]; d > 0.01 {
			slot = min(slot, d)
		}
	}
	width := slot * 0.8 / vg.Length(count)
	// Bars rise from zero. A log axis has none: the smallest number there is
	// lies below its end.
	base := max(t.c.Min.Y, min(t.c.Max.Y, t.toY(math.SmallestNonzeroFloat64)))
	tops := t.points(t.Y)
	for i := range tops {
		tops[i].X += (vg.Length(place)+0.5)*width - slot*0.4
		left, right := tops[i].X-width*0.46, tops[i].X+width*0.46
		bar := t.c.ClipPolygonXY([]vg.Point{{X: left, Y: base}, {X: right, Y: base}, {X: right, Y: tops[i].Y}, {X: left, Y: tops[i].Y}})
		if len(bar) < 3 {
			continue
		}
		drawBar(t.c, t.look, bar)
	}
	if t.look.errorBar {
		t.drawErrorBars(tops, ink)
	}
}

// drawBar draws one bar, whose corners are outline.
func drawBar(c draw.Canvas, l look, outline []vg.Point) {
	if !l.hollow {
		fill(c, outline, translucent(l.color, barAlpha))
		return
	}
	fill(c, outline, color.NRGBA{0xFF, 0xFF, 0xFF, 0xFF})
	c.StrokeLines(draw.LineStyle{Color: l.color, Width: 1}, append(outline, outline[0]))
}

// drawErrorBars draws the interval of each point at the point's x.
func (t trace) drawErrorBars(at []vg.Point, col color.Color) {
	for i, p := range at {
		low, high := t.toY(t.Low[i]), t.toY(t.High[i])
		if !t.c.ContainsX(p.X) || high < t.c.Min.Y || low > t.c.Max.Y {
			continue
		}
		errorBar(t.c, col, p.X, max(low, t.c.Min.Y), min(high, t.c.Max.Y))
	}
}

// errorBar is a thin line with short caps.
func errorBar(c draw.Canvas, col color.Color, x, low, high vg.Length) {
	style := draw.LineStyle{Color: col, Width: 0.9}
	const halfCap = 2.2
	c.StrokeLine2(style, x, low, x, high)
	c.StrokeLine2(style, x-halfCap, low, x+halfCap, low)
	c.StrokeLine2(style, x-halfCap, high, x+halfCap, high)
}

func (l look) lineStyle() draw.LineStyle {
	dashes := make([]vg.Length, len(l.dash))
	for i, d := range l.dash {
		dashes[i] = vg.Length(d)
	}
	return draw.LineStyle{Color: l.color, Width: vg.Length(l.width), Dashes: dashes}
}

func translucent(c color.NRGBA, alpha float64) color.NRGBA {
	c.A = uint8(math.Round(alpha * 255))
	return c
}

func fill(c draw.Canvas, outline []vg.Point, col color.NRGBA) {
	c.SetColor(col)
	c.Fill(closed(outline))
}

func closed(outline []vg.Point) vg.Path {
	var path vg.Path
	path.Move(outline[0])
	for _, p := range outline[1:] {
		path.Line(p)
	}
	path.Close()
	return path
}

// sheets is the number of paths that a cloud of translucent points is spread
// over. Points of one path do not darken each other, points of different paths
// do: sixteen show density as well as a path each, in a third of the bytes.
const sheets = 16

// drawMarkers draws the marker at each place.
func drawMarkers(c draw.Canvas, l look, at []vg.Point) {
	if l.alpha < 1 {
		c.SetColor(translucent(l.color, l.alpha))
		for sheet := range min(sheets, len(at)) {
			var path vg.Path
			for i := sheet; i < len(at); i += sheets {
				path = append(path, closed(around(at[i], polygon(8, 22.5, 1), l.radius))...)
			}
			c.Fill(path)
		}
		return
	}
	for _, p := range at {
		outline := l.outline(p)
		if l.hollow {
			c.SetColor(color.White)
			c.Fill(outline)
			c.SetLineStyle(draw.LineStyle{Color: l.color, Width: 1.1})
			c.Stroke(outline)
			continue
		}
		c.SetColor(l.color)
		c.Fill(outline)
	}
}

// outline is the marker's shape around p.
func (l look) outline(p vg.Point) vg.Path {
	if corners := l.marker.corners(); corners != nil {
		return closed(around(p, corners, l.radius))
	}
	// Four Bézier curves: the arcs of vg come out of the PDF canvas as separate
	// shapes.
	const k = 0.5522847498 // control point of a quarter circle of radius 1
	r := vg.Length(l.radius)
	at := func(x, y float64) vg.Point { return vg.Point{X: p.X + r*vg.Length(x), Y: p.Y + r*vg.Length(y)} }
	var path vg.Path
	path.Move(at(1, 0))
	path.CubeTo(at(1, k), at(k, 1), at(0, 1))
	path.CubeTo(at(-k, 1), at(-1, k), at(-1, 0))
	path.CubeTo(at(-1, -k), at(-k, -1), at(0, -1))
	path.CubeTo(at(k, -1), at(1, -k), at(1, 0))
	path.Close()
	return path
}

func around(p vg.Point, corners [][2]float64, radius float64) []vg.Point {
	points := make([]vg.Point, len(corners))
	for i, c := range corners {
		points[i] = vg.Point{X: p.X + vg.Length(radius*c[0]), Y: p.Y + vg.Length(radius*c[1])}
	}
	return points
}
