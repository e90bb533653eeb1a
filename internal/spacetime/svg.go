package spacetime

import (
	"encoding/xml"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/swimlab/swimlab/experiments/trial"
)

const (
	columnWidth = 180.0
	firstColumn = 0.95  // of a width from the instants to the first line: room for news from outside
	lastColumn  = 0.45  // and more than a width behind the last: room for what it concludes
	timesWidth  = 96.0  // of the column of instants on the left
	head        = 108.0 // above the first instant
	foot        = 70.0  // below the last
)

// legendWidth is what the legend takes.
const legendWidth = 780.0

// colours, in the manner of the figures: a message is dark, what is wrong warm.
const (
	ink        = "#222222"
	faint      = "#9aa0a6"
	stalled    = "#d9dde2"
	suspecting = "#e69f00"
	convinced  = "#c0392b"
	probes     = "#0072b2"
)

// SVG draws the diagram.
func SVG(s trial.SpaceTime) ([]byte, error) {
	if len(s.Members) == 0 || s.To <= s.From {
		return nil, errors.New("space-time diagram: there is nothing to draw; want a member and some time")
	}
	d := drawing{SpaceTime: s, axis: newAxis(s), x: map[int]float64{}, leaving: map[departure]int{}}
	for i, m := range s.Members {
		d.x[m.ID] = timesWidth + columnWidth*(float64(i)+firstColumn)
	}
	for _, m := range s.Messages {
		d.leaving[departure{m.From, m.Left}]++
	}
	d.width = max(timesWidth+columnWidth*(float64(len(s.Members))+lastColumn), legendWidth)
	d.height = head + d.length() + foot
	d.open()
	d.times()
	d.spans()
	d.members()
	for _, m := range s.Messages {
		d.message(m)
	}
	d.marks()
	d.legend()
	d.print("</svg>\n")
	return []byte(d.out.String()), nil
}

// drawing is an SVG under way.
type drawing struct {
	trial.SpaceTime
	axis
	x             map[int]float64 // of each member's line
	leaving       map[departure]int
	width, height float64
	out           strings.Builder
}

// departure is when and where messages leave.
type departure struct {
	from int
	at   time.Duration
}

func (d *drawing) print(format string, args ...any) { fmt.Fprintf(&d.out, format, args...) }

// y is where an instant is drawn.
func (d *drawing) y(t time.Duration) float64 { return head + d.axis.height(t) }

// text writes a line of text with a light edge, so that it reads on lines too.
func (d *drawing) text(x, y float64, attributes, s string) {
	d.print(`<text x="%.1f" y="%.1f" %s>%s</text>`+"\n", x, y, attributes, escape(s))
}

func (d *drawing) line(x1, y1, x2, y2 float64, attributes string) {
	d.print(`<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" %s/>`+"\n", x1, y1, x2, y2, attributes)
}

func (d *drawing) open() {
	d.print(`<?xml version="1.0" encoding="UTF-8"?>` + "\n")
	d.print(`<svg role="img" xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" viewBox="0 0 %.0f %.0f" font-family="'Liberation Sans',Arial,Arimo,Helvetica,'Nimbus Sans',sans-serif" font-size="12.5">`+"\n",
		d.width, d.height, d.width, d.height)
	d.print("<title>%s</title>\n", escape(d.Title))
	d.print("<style>text{paint-order:stroke;stroke:#ffffff;stroke-width:3px;stroke-linejoin:round;fill:%s}</style>\n", ink)
	d.print(`<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0,0.8 L8,4 L0,7.2 z" fill="context-stroke"/></marker></defs>` + "\n")
	d.print(`<rect width="100%%" height="100%%" fill="#ffffff"/>` + "\n")
	d.text(12, 26, `font-size="16" font-weight="bold"`, d.Title)
	d.text(12, 44, `fill-opacity="0.7"`, "Time runs downwards, in seconds. Instants keep their order; distances between them are shortened.")
}

// times labels the instants.
func (d *drawing) times() {
	for i, t := range d.instants {
		y := head + d.heights[i]
		d.line(timesWidth-6, y, d.width-8, y, `stroke="#eef0f2"`)
		d.text(timesWidth-10, y+4, `text-anchor="end" fill-opacity="0.75"`, fmt.Sprintf("%.6f", t.Seconds()))
	}
}

// members draws each member's name and its line through time.
func (d *drawing) members() {
	for _, m := range d.Members {
		x := d.x[m.ID]
		d.line(x, head-10, x, head+d.length()+10, fmt.Sprintf(`stroke="%s" stroke-width="1.2"`, ink))
		d.text(x, head-34, `text-anchor="middle" font-size="14" font-weight="bold"`, fmt.Sprint(m.ID))
		d.text(x, head-18, `text-anchor="middle" font-style="italic"`, m.Role)
	}
}

// spans shades what members are in: stalled widely, and the rest upon that.
func (d *drawing) spans() {
	for _, l := range []struct {
		state trial.SpaceTimeState
		width float64
		fill  string
	}{{trial.Stalled, 22, stalled}, {trial.Suspecting, 7, suspecting}, {trial.Convinced, 7, convinced}} {
		for _, s := range d.Spans {
			if s.State == l.state {
				y := d.y(s.From)
				d.box(d.x[s.Member]-l.width/2, y, l.width, max(d.y(s.To)-y, 1), l.fill)
			}
		}
	}
}

func (d *drawing) box(x, y, w, h float64, fill string) {
	d.print(`<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>`+"\n", x, y, w, h, fill)
}

// message draws a message's way: dotted while it is held back at either end, and
// an arrow between them.
func (d *drawing) message(m trial.SpaceTimeMessage) {
	from, known := d.x[m.From]
	to := d.x[m.To]
	label := m.Label
	if !known { // from one without a column: a short arrow from the left
		from = to - 0.2*columnWidth
		label = fmt.Sprintf("%s, from %d", label, m.From)
	}
	style := fmt.Sprintf(`stroke="%s" stroke-width="1.3" fill="none"`, probes)
	held := style + ` stroke-dasharray="1.5 3"`
	side := math.Copysign(14, to-from)
	left := min(m.Left, d.To)
	if m.Written < left && known {
		d.print(`<path d="M%.1f,%.1f h%.1f V%.1f h%.1f" %s/>`+"\n", from, d.y(m.Written), side, d.y(left), -side, held)
	}
	if m.Left > d.To {
		d.text(from+side+math.Copysign(4, side), d.y(m.Written)+4, anchor(side), label+" (held back)")
		return
	}
	x1, y1, x2, y2 := from, d.y(m.Left), to, d.y(m.Arrived)
	if m.Lost != "" && m.Arrived == trial.Never {
		x2, y2 = from+0.72*(to-from), y1+8
		d.line(x1, y1, x2, y2, style)
		d.cross(x2, y2)
		label += ", " + m.Lost
	} else {
		d.line(x1, y1, x2, y2, style+` marker-end="url(#tip)"`)
	}
	if m.Arrived < m.Read && m.Arrived < d.To {
		until := d.y(min(m.Read, m.LostAt, d.To))
		d.print(`<path d="M%.1f,%.1f h%.1f V%.1f" %s/>`+"\n", to, y2, -side, until, held)
		switch {
		case m.Read <= d.To:
			d.print(`<path d="M%.1f,%.1f h%.1f" %s marker-end="url(#tip)"/>`+"\n", to-side, until, side, style)
		case m.LostAt <= d.To:
			d.cross(to-side, until)
			fallthrough
		default:
			label += ", not read"
		}
	}
	style = fmt.Sprintf(`fill="%s" style="fill:%s"`, probes, probes)
	if !known { // beside the tail, and so clear of the receiver's line
		d.text(x1-4, y1+2, `text-anchor="end" `+style, label)
		return
	}
	// The label lies on the arrow near its tail, away from others' arrows to the
	// same receiver; or near its tip, where the sender's own leave together.
	at := 0.3
	if d.leaving[departure{m.From, m.Left}] > 1 {
		at = 0.78
	}
	d.text(x1+at*(x2-x1), y1+at*(y2-y1)-3, `text-anchor="middle" `+style, label)
}

// cross marks the end of a message that is lost.
func (d *drawing) cross(x, y float64) {
	d.print(`<path d="M%.1f,%.1f l8,8 m-8,0 l8,-8" stroke="%s" stroke-width="2"/>`+"\n", x-4, y-4, convinced)
}

func anchor(side float64) string {
	if side < 0 {
		return `text-anchor="end"`
	}
	return `text-anchor="start"`
}

// marks writes what members did and concluded, beside their lines.
func (d *drawing) marks() {
	type place struct {
		member int
		at     time.Duration
	}
	stacked := map[place]float64{}
	for _, m := range d.Marks {
		p := place{m.Member, m.At}
		x, y := d.x[m.Member], d.y(m.At)
		if stacked[p] == 0 {
			d.print(`<circle cx="%.1f" cy="%.1f" r="3.2" fill="%s"/>`+"\n", x, y, ink)
		}
		d.text(x+8, y+4+line*stacked[p], `font-weight="bold"`, m.Text)
		stacked[p]++
	}
}

func (d *drawing) legend() {
	y := d.height - 16
	x := 12.0
	entry := func(fill, name string) {
		d.box(x, y-9, 14, 10, fill)
		d.text(x+20, y, "", name)
		x += 34 + 7.4*float64(len(name))
	}
	entry(stalled, "can neither send nor read")
	entry(suspecting, "suspects the accused")
	entry(convinced, "holds it for faulty")
	d.line(x, y-4, x+22, y-4, fmt.Sprintf(`stroke="%s" stroke-width="1.3" stroke-dasharray="1.5 3"`, probes))
	d.text(x+28, y, "", "message held back")
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder does not fail
	return b.String()
}
