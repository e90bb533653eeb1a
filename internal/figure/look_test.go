package figure

import (
	"encoding/xml"
	"fmt"
	"image/color"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	xfont "golang.org/x/image/font"
)

func numbersTo(n int) []float64 {
	xs := make([]float64, n)
	for i := range xs {
		xs[i] = float64(i + 1)
	}
	return xs
}

func TestSeriesOfOneKeyDifferInMarker(t *testing.T) {
	xs := numbersTo(3)
	f := Figure{Series: []Series{
		{Name: "a", Key: "memberlist", X: xs, Y: xs}, {Name: "b", Key: "simulation", X: xs, Y: xs},
		{Name: "c", Key: "memberlist", X: xs, Y: xs}, {Name: "d", Key: "simulation", X: xs, Y: xs},
	}}.withDefaults()
	looks := f.looks()
	worn := map[string]bool{}
	for _, l := range looks {
		worn[fmt.Sprint(l.color, l.marker)] = true
	}
	assert.Len(t, worn, 4)
	assert.Equal(t, looks[0].color, looks[2].color, "the colour is the key's")
	assert.Equal(t, StyleOf("simulation").Marker, looks[1].marker)
}

func TestKeysThatNobodyRegisteredNeverShareAColour(t *testing.T) {
	xs := numbersTo(3)
	var f Figure
	for i := range len(palette) {
		f.Series = append(f.Series, Series{Name: "x", Key: fmt.Sprintf("unheard of %d", i), X: xs, Y: xs})
	}
	worn := map[color.NRGBA]bool{}
	for _, l := range f.withDefaults().looks() {
		worn[l.color] = true
	}
	assert.Len(t, worn, len(palette))
}

func TestDenseLinesHaveMarkersInDifferentPlaces(t *testing.T) {
	xs := numbersTo(200)
	f := Figure{Series: []Series{{Key: "swim", X: xs, Y: xs}, {Key: "lifeguard", X: xs, Y: xs}, {Name: "published", Role: Published, Kind: Step, X: xs, Y: xs}}}.withDefaults()
	first := map[float64]bool{}
	for _, l := range f.looks() {
		assert.Positive(t, l.radius)
		assert.Positive(t, l.sparse)
		assert.Less(t, l.sparse, 1.0)
		first[l.sparse] = true
	}
	assert.Len(t, first, 3)

	alone := Figure{Series: f.Series[:1]}.looks()
	assert.Zero(t, alone[0].radius, "one line is told from no other")
}

func TestClosedFormsDifferInDash(t *testing.T) {
	xs := numbersTo(3)
	f := Figure{Series: []Series{
		{Name: "a", Key: "level-1", Role: Analytic, X: xs, Y: xs}, {Name: "b", Key: "level-3", Role: Analytic, X: xs, Y: xs},
	}}.withDefaults()
	looks := f.looks()
	assert.NotEqual(t, looks[0].dash, looks[1].dash, "for who prints in grey")
}

func TestEveryTextIsHeldWhereItIsAligned(t *testing.T) {
	f := Figure{
		ID: "a/b", Title: "Title", X: Axis{Label: "across"}, Y: Axis{Label: "up"},
		Series: []Series{{Name: "one", Key: "swim", X: []float64{1, 2}, Y: []float64{100, 200}}, {Name: "two", Key: "lifeguard", X: []float64{1, 2}, Y: []float64{150, 300}}},
	}
	svg, err := f.SVG()
	require.NoError(t, err)
	type text struct {
		Anchor string  `xml:"text-anchor,attr"`
		Length float64 `xml:"textLength,attr"`
		Says   string  `xml:",chardata"`
	}
	anchors := map[string]string{}
	for d := xml.NewDecoder(strings.NewReader(string(svg))); ; {
		token, err := d.Token()
		if err != nil {
			break
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "text" {
			var at text
			require.NoError(t, d.DecodeElement(&at, &start))
			assert.Positive(t, at.Length, at.Says)
			anchors[at.Says] = at.Anchor
		}
	}
	assert.Equal(t, "", anchors["one"], "a legend's text begins beside its sample")
	assert.Equal(t, "middle", anchors["across"])
	assert.Equal(t, "middle", anchors["up"])
	assert.Equal(t, "end", anchors["100"], "a label of the y axis ends at its tick")
}

func TestLegendEntriesLeaveRoomForAWiderFace(t *testing.T) {
	xs := numbersTo(3)
	var f Figure
	for _, name := range []string{"a fairly long label", "another of them", "and a third one", "and the last"} {
		f.Series = append(f.Series, Series{Name: name, Key: name, X: xs, Y: xs})
	}
	p := layOut(f)
	for _, row := range p.legend {
		for i, e := range row {
			end := e.x + legendHand + 4 + 1.15*legendStyle.Width(e.label).Points()
			if i+1 < len(row) {
				assert.Less(t, end, row[i+1].x)
			} else {
				assert.LessOrEqual(t, end, pageWidth-pageMargin)
			}
		}
	}
}

func TestLinesOfATitleAreOfAboutTheSameLength(t *testing.T) {
	style := textStyle(titleSize, xfont.WeightBold, color.Black)
	lines := wrap("How soon the members hear of a goodbye, 128 members", style)
	require.Len(t, lines, 2)
	assert.Greater(t, style.Width(lines[1]), style.Width(lines[0])/2, "no word stands alone")
	assert.Equal(t, []string{"unbreakablyLongWord"}, wrapTo("unbreakablyLongWord", style, 10))
}
