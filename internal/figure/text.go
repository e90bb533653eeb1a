package figure

import (
	"bytes"
	"fmt"
	"strings"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// A drawing is measured with Liberation Sans and read with whatever face the
// reader has. gonum/plot writes every text from where its left end would be,
// so with another face centred text would stand beside its middle and tick
// labels would run into their axis. In an SVG each text is therefore held at
// the point that it is aligned to, and told how long it is.

// aligning is a text handler that says to an [svgCanvas] how the text that
// follows is aligned.
type aligning struct{ text.Handler }

// Draw implements text.Handler.
func (a aligning) Draw(c vg.Canvas, txt string, sty text.Style, at vg.Point) {
	if svg := svgBelow(c); svg != nil {
		svg.align = sty.XAlign
	}
	a.Handler.Draw(c, txt, sty, at)
}

// svgBelow is the canvas that c draws on in the end, if that is an SVG: areas of
// a canvas are canvases on it.
func svgBelow(c vg.Canvas) *svgCanvas {
	for {
		switch area := c.(type) {
		case *svgCanvas:
			return area
		case draw.Canvas:
			c = area.Canvas
		case *draw.Canvas:
			c = area.Canvas
		default:
			return nil
		}
	}
}

// svgCanvas remembers of each text what vgsvg has no attribute for.
type svgCanvas struct {
	*vgsvg.Canvas
	align text.XAlignment
	texts []svgText
}

type svgText struct {
	align text.XAlignment
	width vg.Length
}

// FillString writes s, whose left end belongs at a point when it is set in the
// face it was measured with.
func (c *svgCanvas) FillString(face font.Face, at vg.Point, s string) {
	width := face.Width(s)
	c.texts = append(c.texts, svgText{c.align, width})
	at.X -= vg.Length(c.align) * width
	c.Canvas.FillString(face, at, s)
}

// holdTexts gives every text of a drawing the attributes that say where it is
// held and how long it is. vgsvg has escaped what is written, so a text's
// element cannot be mistaken for another's.
func (c *svgCanvas) holdTexts(drawn []byte) []byte {
	parts := bytes.Split(drawn, []byte("<text "))
	if len(parts) != len(c.texts)+1 {
		panic(fmt.Sprintf("%d texts were drawn and %d written", len(c.texts), len(parts)-1))
	}
	var out bytes.Buffer
	out.Write(parts[0])
	for i, part := range parts[1:] {
		out.WriteString("<text " + c.texts[i].attributes())
		out.Write(part)
	}
	return out.Bytes()
}

// attributes are those of the text's element.
func (t svgText) attributes() string {
	var b strings.Builder
	switch {
	case t.align <= text.XAlignment(draw.XRight):
		b.WriteString(`text-anchor="end" `)
	case t.align < 0:
		b.WriteString(`text-anchor="middle" `)
	}
	fmt.Fprintf(&b, `textLength="%.5g" lengthAdjust="spacingAndGlyphs" `, t.width.Points())
	return b.String()
}
