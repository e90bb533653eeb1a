package figure

import (
	"bytes"
	"fmt"
	"image/color"
	"regexp"
	"strings"
	"unicode/utf16"

	xfont "golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgpdf"

	"github.com/swimlab/swimlab/internal/provenance"
)

// PDF draws the figure as a PDF page of its own size, with the title, caption
// and provenance in the document's properties and without a date.
func (f Figure) PDF() (out []byte, err error) {
	if err := f.Validate(); err != nil {
		return nil, err
	}
	// The canvas unpacks fonts into the system's temporary folder and panics
	// where it cannot.
	defer func() {
		if r := recover(); r != nil {
			out, err = nil, fmt.Errorf("figure %s: cannot draw a PDF: %v", f.ID, r)
		}
	}()
	p := layOut(f)
	canvas := vgpdf.New(pageWidth, vg.Length(p.height))
	p.draw(pdfCanvas{canvas})
	var drawn bytes.Buffer
	if _, err := canvas.WriteTo(&drawn); err != nil {
		return nil, fmt.Errorf("figure %s: %w", f.ID, err)
	}
	return f.describePDF(drawn.Bytes())
}

// pdfCanvas mends what vgpdf.Canvas does not do: translucent colours, and text
// beyond the letters of Western Europe.
type pdfCanvas struct{ *vgpdf.Canvas }

// SetColor hands on c with its components straight. vgpdf takes them as
// color.Color gives them, multiplied by alpha, and then applies alpha again.
func (c pdfCanvas) SetColor(col color.Color) {
	c.Canvas.SetColor(straight(color.NRGBAModel.Convert(col).(color.NRGBA)))
}

// straight is a colour whose components are not multiplied by alpha.
type straight color.NRGBA

func (s straight) RGBA() (r, g, b, a uint32) {
	return uint32(s.R) * 0x101, uint32(s.G) * 0x101, uint32(s.B) * 0x101, uint32(s.A) * 0x101
}

// FillString writes text as text where the canvas's single-byte encoding has
// its letters, and as outlines where it has not. Bold text too is outlined: a
// second font would come into the file in an order that changes from run to
// run.
func (c pdfCanvas) FillString(face font.Face, at vg.Point, s string) {
	if encoded, ok := windows1252(s); ok && face.Font.Weight == xfont.WeightNormal {
		at.Y += baselineSink * face.Font.Size
		c.Canvas.FillString(face, at, encoded)
		return
	}
	fillOutlines(c, face, at, s)
}

// baselineSink is how far below the baseline vgpdf's table cells set
// Liberation Sans, as a share of the type's size.
const baselineSink = 0.02

// windows1252 encodes s; false when a letter is missing there.
func windows1252(s string) (string, bool) {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r < 0x80, r >= 0xA0 && r <= 0xFF:
			b.WriteByte(byte(r))
		case r == '–':
			b.WriteByte(0x96)
		case r == '—':
			b.WriteByte(0x97)
		default:
			return "", false
		}
	}
	return b.String(), true
}

// fillOutlines draws each letter's shape, with at as the start of the baseline.
func fillOutlines(c vg.Canvas, face font.Face, at vg.Point, s string) {
	var buf sfnt.Buffer
	units := fixed.Int26_6(face.Face.UnitsPerEm()) // one pixel an em unit keeps all digits
	scale := face.Font.Size.Points() / float64(units)
	pen := at
	for _, r := range s {
		glyph, err := face.Face.GlyphIndex(&buf, r)
		if err != nil {
			panic(err)
		}
		segments, err := face.Face.LoadGlyph(&buf, glyph, units, nil)
		if err != nil {
			panic(err)
		}
		point := func(p fixed.Point26_6) vg.Point {
			return vg.Point{X: pen.X + vg.Length(float64(p.X)*scale), Y: pen.Y - vg.Length(float64(p.Y)*scale)}
		}
		var path vg.Path
		for i, seg := range segments {
			switch seg.Op {
			case sfnt.SegmentOpMoveTo:
				if i > 0 {
					path.Close()
				}
				path.Move(point(seg.Args[0]))
			case sfnt.SegmentOpLineTo:
				path.Line(point(seg.Args[0]))
			case sfnt.SegmentOpQuadTo:
				path.QuadTo(point(seg.Args[0]), point(seg.Args[1]))
			case sfnt.SegmentOpCubeTo:
				path.CubeTo(point(seg.Args[0]), point(seg.Args[1]), point(seg.Args[2]))
			}
		}
		if len(path) > 0 {
			path.Close()
			c.Fill(path)
		}
		advance, err := face.Face.GlyphAdvance(&buf, glyph, units, xfont.HintingNone)
		if err != nil {
			panic(err)
		}
		pen.X += vg.Length(float64(advance) * scale)
	}
}

var (
	pdfDate  = regexp.MustCompile(`/(CreationDate|ModDate) \(D:\d{14}\)`)
	pdfSize  = regexp.MustCompile(`/Size (\d+)`)
	pdfRoot  = regexp.MustCompile(`/Root (\d+ 0 R)`)
	pdfStart = regexp.MustCompile(`startxref\n(\d+)\n%%EOF`)
)

// describePDF blanks the dates and appends the figure's description the way
// the format provides for changes to a finished file: a new object, its place,
// and a trailer that points back (ISO 32000-1, 7.5.6 "Incremental updates").
func (f Figure) describePDF(drawn []byte) ([]byte, error) {
	// Blanks of the same length keep every byte offset of the file valid.
	drawn = pdfDate.ReplaceAllFunc(drawn, func(m []byte) []byte { return bytes.Repeat([]byte{' '}, len(m)) })
	size, root, start := pdfSize.FindSubmatch(drawn), pdfRoot.FindSubmatch(drawn), pdfStart.FindSubmatch(drawn)
	if size == nil || root == nil || start == nil {
		return nil, fmt.Errorf("figure %s: the drawn PDF has no trailer", f.ID)
	}
	object := string(size[1])
	var out bytes.Buffer
	out.Write(drawn)
	if !bytes.HasSuffix(drawn, []byte("\n")) {
		out.WriteByte('\n')
	}
	place := out.Len()
	var keywords []string
	for _, field := range f.Provenance.Fields() {
		keywords = append(keywords, field.Name+": "+field.Value)
	}
	fmt.Fprintf(&out, "%s 0 obj\n<<\n/Title %s\n/Subject %s\n/Keywords %s\n>>\nendobj\n", object,
		pdfText(f.Title), pdfText(provenance.OneLine(f.Caption)), pdfText(strings.Join(keywords, "; ")))
	table := out.Len()
	var next int
	if _, err := fmt.Sscan(object, &next); err != nil {
		return nil, fmt.Errorf("figure %s: the drawn PDF counts %s objects", f.ID, object)
	}
	fmt.Fprintf(&out, "xref\n%s 1\n%010d 00000 n \ntrailer\n<<\n/Size %d\n/Root %s\n/Info %s 0 R\n/Prev %s\n>>\nstartxref\n%d\n%%%%EOF\n",
		object, place, next+1, root[1], object, start[1], table)
	return out.Bytes(), nil
}

// pdfText is a text string of any letters: UTF-16 in hexadecimal.
func pdfText(s string) string {
	var b strings.Builder
	b.WriteString("<FEFF")
	for _, unit := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04X", unit)
	}
	b.WriteString(">")
	return b.String()
}
