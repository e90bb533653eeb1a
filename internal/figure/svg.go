package figure

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/swimlab/swimlab/internal/provenance"
)

// SVG draws the figure as an SVG image. Title and caption are in it as text for
// screen readers, the provenance as metadata. Type is Liberation Sans, or where
// a reader has none, a face of the same widths, or any other: see [svgCanvas].
func (f Figure) SVG() ([]byte, error) {
	if err := f.Validate(); err != nil {
		return nil, err
	}
	p := layOut(f)
	canvas := &svgCanvas{Canvas: vgsvg.New(pageWidth, vg.Length(p.height))}
	p.draw(canvas)
	var drawn bytes.Buffer
	if _, err := canvas.WriteTo(&drawn); err != nil {
		return nil, fmt.Errorf("figure %s: %w", f.ID, err)
	}
	return f.describeSVG(canvas.holdTexts(drawn.Bytes()))
}

// describeSVG replaces the head that vgsvg wrote by one with description.
func (f Figure) describeSVG(drawn []byte) ([]byte, error) {
	_, body, ok := bytes.Cut(drawn, []byte("<svg "))
	if !ok {
		return nil, errors.New("figure " + f.ID + ": the drawing has no svg element")
	}
	attributes, body, ok := bytes.Cut(body, []byte(">\n"))
	if !ok {
		return nil, errors.New("figure " + f.ID + ": the drawing's svg element does not end")
	}
	var out bytes.Buffer
	out.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n<svg role=\"img\" ")
	out.WriteString(strings.Join(strings.Fields(string(attributes)), " ") + ">\n")
	out.WriteString("<title>" + escapeXML(f.Title) + "</title>\n")
	out.WriteString("<desc>" + escapeXML(provenance.OneLine(f.Caption)) + "</desc>\n")
	out.WriteString("<metadata>\n")
	for _, field := range f.Provenance.Fields() {
		out.WriteString(escapeXML(field.Name+": "+field.Value) + "\n")
	}
	out.WriteString("</metadata>\n")
	out.Write(bytes.ReplaceAll(body,
		[]byte("font-family:Liberation Sans;font-variant:normal;"),
		[]byte("font-family:'Liberation Sans',Arial,Arimo,Helvetica,'Nimbus Sans',sans-serif;")))
	return out.Bytes(), nil
}

func escapeXML(s string) string {
	var b strings.Builder
	// A strings.Builder does not fail.
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}
