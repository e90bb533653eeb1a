package figure

import (
	"image/color"
	"math"
	"strings"

	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A page is laid out from the top in rows that never overlap:
//
//	title
//	legend, as many rows as it takes
//	plot area, always of the same height, or a map, as high as its panels
//	small print: where the figure comes from
//
// All lengths are points. A column of a two-column paper is about three quarters
// of the width, so the type comes out there at 6.5 to 7.5 points.
const (
	pageWidth   = 320.0
	plotHeight  = 190.0
	pageMargin  = 6.0
	rowGap      = 5.0
	titleSize   = 10.5
	labelSize   = 10.0
	tickSize    = 9.0
	legendSize  = 9.0
	printSize   = 6.0
	legendHand  = 20.0 // length of the sample before a legend's text
	legendGap   = 8.0  // between two entries
	lineSpacing = 1.25
)

// fontSlack is how much wider than Liberation Sans, with which all is measured,
// the face may be that a reader has in its place: DejaVu Sans and Verdana are
// up to a fifth wider.
const fontSlack = 1.18

var (
	axisColor  = color.NRGBA{0x44, 0x44, 0x44, 0xFF}
	gridColor  = color.NRGBA{0xE6, 0xE6, 0xE6, 0xFF}
	printColor = color.NRGBA{0x80, 0x80, 0x80, 0xFF}
	markColor  = color.NRGBA{0xE9, 0xE4, 0xE0, 0xFF}
)

// page is a figure with everything measured, ready to be drawn on any canvas.
type page struct {
	fig    Figure
	looks  []look
	title  []string
	legend [][]legendEntry
	print  []string
	height float64
	// plotHeight is that of the plot area or the map.
	plotHeight float64
}

type legendEntry struct {
	look  look
	kind  Kind
	x     float64 // of the sample's left end, from the page's left edge
	label string
}

func textStyle(size float64, weight xfont.Weight, c color.Color) text.Style {
	return text.Style{
		Color:   c,
		Font:    font.Font{Typeface: "Liberation", Variant: "Sans", Weight: weight, Size: vg.Length(size)},
		XAlign:  draw.XLeft,
		YAlign:  draw.YBottom,
		Handler: aligning{plot.DefaultTextHandler},
	}
}

var (
	titleStyle  = textStyle(titleSize, xfont.WeightBold, color.Black)
	legendStyle = textStyle(legendSize, xfont.WeightNormal, color.Black)
	printStyle  = textStyle(printSize, xfont.WeightNormal, printColor)
)

// layOut measures f, which must be valid.
func layOut(f Figure) page {
	f = f.withDefaults()
	p := page{fig: f, looks: f.looks()}
	p.title = wrap(f.Title, titleStyle)
	p.print = wrap(f.Provenance.Line(), printStyle)
	p.layOutLegend()
	p.plotHeight = plotHeight
	if f.Map != nil {
		p.plotHeight = f.Map.sheet(pageWidth - 2*pageMargin).total()
	}
	p.height = 2*pageMargin + p.plotHeight +
		rows(len(p.title), titleSize) + rows(len(p.legend), legendSize) + rows(len(p.print), printSize)
	return p
}

// rows is the height of n rows of text and the gap to what follows.
func rows(n int, size float64) float64 {
	if n == 0 {
		return 0
	}
	return float64(n)*size*lineSpacing + rowGap
}

// layOutLegend lists each label once, from left to right and top to bottom. A
// figure with a single series needs no legend: its title says what it shows.
func (p *page) layOutLegend() {
	if len(p.fig.Series) < 2 {
		return
	}
	seen := map[string]bool{}
	x := pageMargin
	for i, s := range p.fig.Series {
		l := p.looks[i]
		if seen[l.label] || len(s.X) == 0 {
			continue
		}
		seen[l.label] = true
		width := legendHand + 4 + fontSlack*legendStyle.Width(l.label).Points()
		if len(p.legend) == 0 || x+width > pageWidth-pageMargin && x > pageMargin {
			p.legend = append(p.legend, nil)
			x = pageMargin
		}
		last := len(p.legend) - 1
		p.legend[last] = append(p.legend[last], legendEntry{l, s.Kind, x, l.label})
		x += width + legendGap
	}
}

// wrap breaks s between words into lines as wide as the page.
func wrap(s string, style text.Style) []string {
	return wrapTo(s, style, pageWidth-2*pageMargin)
}

// wrapTo breaks s between words into as few lines as fit into room with any
// face, and these into lines of about the same length.
func wrapTo(s string, style text.Style, room float64) []string {
	room /= fontSlack
	lines := fillLines(s, style, room)
	if len(lines) < 2 {
		return lines
	}
	for narrower := room * 0.95; narrower > room/2; narrower *= 0.95 {
		balanced := fillLines(s, style, narrower)
		if len(balanced) > len(lines) {
			break
		}
		lines = balanced
	}
	return lines
}

// fillLines fills one line after the other with words.
func fillLines(s string, style text.Style, room float64) []string {
	var lines []string
	for _, word := range strings.Fields(s) {
		if n := len(lines); n > 0 {
			if longer := lines[n-1] + " " + word; style.Width(longer).Points() <= room {
				lines[n-1] = longer
				continue
			}
		}
		lines = append(lines, word)
	}
	return lines
}

// draw draws the page on a canvas of its size.
func (p page) draw(canvas vg.CanvasSizer) {
	c := draw.New(canvas)
	c.SetColor(color.White)
	c.Fill(c.Rectangle.Path())

	y := vg.Length(p.height - pageMargin)
	for _, line := range p.title {
		y -= titleSize * lineSpacing
		c.FillText(titleStyle, vg.Point{X: pageMargin, Y: y}, line)
	}
	if len(p.title) > 0 {
		y -= rowGap
	}
	for _, row := range p.legend {
		y -= legendSize * lineSpacing
		for _, e := range row {
			p.drawEntry(c, e, y)
		}
	}
	bottom := vg.Length(pageMargin)
	for i := len(p.print) - 1; i >= 0; i-- {
		c.FillText(printStyle, vg.Point{X: pageMargin, Y: bottom}, p.print[i])
		bottom += printSize * lineSpacing
	}
	if len(p.print) > 0 {
		bottom += rowGap
	}
	area := draw.Canvas{Canvas: c.Canvas, Rectangle: vg.Rectangle{
		Min: vg.Point{X: pageMargin, Y: bottom},
		Max: vg.Point{X: pageWidth - pageMargin, Y: bottom + vg.Length(p.plotHeight)},
	}}
	if p.fig.Map != nil {
		p.drawMap(area)
		return
	}
	p.drawPlot(area)
}

// drawPlot draws axes and data, and beside them the axes' titles. gonum/plot
// could write those itself, but reserves room for them as if the middle of a
// log axis were the mean of its ends.
func (p page) drawPlot(c draw.Canvas) {
	const row = labelSize * lineSpacing
	style := textStyle(labelSize, xfont.WeightNormal, color.Black)
	style.XAlign = draw.XCenter
	xTitle := wrapTo(p.fig.X.Title(), style, c.Size().X.Points()*0.9)
	yTitle := wrapTo(p.fig.Y.Title(), style, c.Size().Y.Points()*0.95)
	inner := c
	if n := len(xTitle); n > 0 {
		inner.Min.Y += vg.Length(float64(n)*row + 3)
	}
	if n := len(yTitle); n > 0 {
		inner.Min.X += vg.Length(float64(n)*row + 3)
	}
	g := p.plot()
	g.Draw(inner)
	data := g.DataCanvas(inner)
	middle := data.Center()
	for i, line := range xTitle {
		c.FillText(style, vg.Point{X: middle.X, Y: c.Min.Y + vg.Length(float64(len(xTitle)-1-i)*row)}, line)
	}
	style.Rotation = math.Pi / 2
	for i, line := range yTitle {
		// A title longer than the axis is centred on the whole plot.
		c.FillText(style, vg.Point{X: c.Min.X + vg.Length(labelSize+float64(i)*row), Y: p.titleMiddle(style, c, middle.Y, line)}, line)
	}
}

// titleMiddle is where a line of the y axis's title has its middle: at the
// axis's, or so far from there that it does not leave the canvas.
func (p page) titleMiddle(style text.Style, c draw.Canvas, middle vg.Length, line string) vg.Length {
	half := style.Width(line) * fontSlack / 2
	return max(c.Min.Y+half, min(middle, c.Max.Y-half))
}

// drawEntry draws one legend entry whose row has its bottom at y.
func (p page) drawEntry(c draw.Canvas, e legendEntry, y vg.Length) {
	left, right := vg.Length(e.x), vg.Length(e.x+legendHand)
	middle := y + legendSize*0.5
	if e.kind == Bars || e.look.band {
		half := vg.Length(4)
		box := []vg.Point{{X: left, Y: middle - half}, {X: right, Y: middle - half}, {X: right, Y: middle + half}, {X: left, Y: middle + half}}
		if e.kind == Bars {
			drawBar(c, e.look, box)
		} else {
			fill(c, box, translucent(e.look.color, bandAlpha))
		}
	}
	if e.look.width > 0 {
		c.StrokeLine2(e.look.lineStyle(), left, middle, right, middle)
	}
	centre := vg.Point{X: (left + right) / 2, Y: middle}
	if e.look.errorBar && e.kind == Points {
		errorBar(c, e.look.color, centre.X, middle-5, middle+5)
	}
	if e.look.radius > 0 {
		sample := e.look
		if sample.alpha < 1 { // one translucent dot alone would hardly be seen
			sample.alpha, sample.radius = 0.6, 1.8
		}
		drawMarkers(c, sample, []vg.Point{centre})
	}
	c.FillText(legendStyle, vg.Point{X: right + 4, Y: y}, e.label)
}

// plot builds the axes and adds what is drawn between them, back to front.
func (p page) plot() *plot.Plot {
	f := p.fig
	g := plot.New()
	g.BackgroundColor = nil
	xr, yr := f.spans()
	setAxis(&g.X, f.X, xr, f.xMarks(xr))
	setAxis(&g.Y, f.Y, yr, f.Y.marks(yr, 5))
	g.X.Tick.Label.YAlign = draw.YTop
	g.X.Tick.Label.XAlign = draw.XCenter
	g.Y.Tick.Label.XAlign = draw.XRight
	g.Y.Tick.Label.YAlign = draw.YCenter
	g.Add(grid{f}, watermark(f.Watermark))
	for layer := bandLayer; layer <= markerLayer; layer++ {
		g.Add(data{p, layer})
	}
	return g
}

// xMarks are the marks of the x axis: its names, broken into lines where they
// would touch each other; on a log axis the few values that were measured; else
// round numbers.
func (f Figure) xMarks(r span) []mark {
	style := textStyle(tickSize, xfont.WeightNormal, axisColor)
	room := pageWidth - 2*pageMargin - 40 // about what the y axis leaves
	if f.X.Ticks != nil {
		marks := f.X.marks(r, 0)
		for i := range marks {
			marks[i].label = strings.Join(wrapTo(marks[i].label, style, room/float64(len(marks))-3), "\n")
		}
		return marks
	}
	if values := f.sweptValues(); f.X.Scale == Log && values != nil {
		return valueMarks(values, r, func(label string) float64 {
			return (style.Width(label).Points()*fontSlack + 4) / room
		})
	}
	return f.X.marks(r, 6)
}

func setAxis(axis *plot.Axis, a Axis, r span, marks []mark) {
	axis.Min, axis.Max = r.min, r.max
	if a.Scale == Log {
		axis.Scale = plot.LogScale{}
	}
	axis.Padding = 0
	axis.Color, axis.Width = axisColor, 0.7
	axis.Tick.Color, axis.Tick.Width, axis.Tick.Length = axisColor, 0.7, 4
	axis.Tick.Label = textStyle(tickSize, xfont.WeightNormal, axisColor)
	var ticks []plot.Tick
	for _, m := range marks {
		if m.value >= r.min && m.value <= r.max {
			ticks = append(ticks, plot.Tick{Value: m.value, Label: m.label})
		}
	}
	axis.Tick.Marker = plot.ConstantTicks(ticks)
}

// grid draws a pale line at each labelled tick; axes whose ticks are names have
// no line there.
type grid struct{ fig Figure }

func (g grid) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	style := draw.LineStyle{Color: gridColor, Width: 0.5}
	for _, t := range p.X.Tick.Marker.Ticks(p.X.Min, p.X.Max) {
		if t.Label != "" && g.fig.X.Ticks == nil {
			x := toX(t.Value)
			c.StrokeLine2(style, x, c.Min.Y, x, c.Max.Y)
		}
	}
	for _, t := range p.Y.Tick.Marker.Ticks(p.Y.Min, p.Y.Max) {
		if t.Label != "" && g.fig.Y.Ticks == nil {
			y := toY(t.Value)
			c.StrokeLine2(style, c.Min.X, y, c.Max.X, y)
		}
	}
}

// watermark is written along the plot area's diagonal, as large as fits.
type watermark string

func (w watermark) Plot(c draw.Canvas, _ *plot.Plot) {
	if w == "" {
		return
	}
	size := c.Size()
	style := textStyle(100, xfont.WeightBold, markColor)
	diagonal := math.Hypot(size.X.Points(), size.Y.Points())
	style.Font.Size = vg.Length(math.Min(100*0.75*diagonal/style.Width(string(w)).Points(), 64))
	style.XAlign, style.YAlign = draw.XCenter, draw.YCenter
	angle := math.Atan2(size.Y.Points(), size.X.Points())
	c.Push()
	defer c.Pop()
	c.Translate(c.Center())
	c.Rotate(angle)
	c.FillText(style, vg.Point{}, string(w))
}
