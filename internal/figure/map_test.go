package figure_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/internal/figure"
)

func TestAMapNamesWhatItShows(t *testing.T) {
	f := placements()
	svg, err := f.SVG()
	require.NoError(t, err)
	texts := textOf(t, svg)
	for _, text := range []string{"after 1 s", "after 300 s", "Europe", "Asia", "Atlantis", "100 ms"} {
		assert.Contains(t, texts, text)
	}
	csv, err := f.CSV()
	require.NoError(t, err)
	assert.Contains(t, string(csv), "# x, y, height: ms\n")
	assert.Contains(t, string(csv), "\npanel,name,group,x,y,height\n")
	assert.Equal(t, 80, strings.Count(string(csv), ",host "), "a line a place")
	chart, err := f.Chart()
	require.NoError(t, err)
	assert.Contains(t, chart.Option, `"swimlabAspect":`)
	assert.Contains(t, chart.Option, "swimlab.place(")
}

func TestAMapOfOnePointCanBeDrawn(t *testing.T) {
	f := placements()
	f.Map = &figure.Map{Columns: 1, Unit: "ms", Panels: []figure.Panel{{Places: []figure.Place{{Name: "all"}, {Name: "here"}}}}}
	for _, render := range []func() ([]byte, error){f.SVG, f.PDF, f.CSV} {
		_, err := render()
		assert.NoError(t, err)
	}
}

func TestAWrongMapIsRefusedByItsPlace(t *testing.T) {
	for says, spoil := range map[string]func(*figure.Figure){
		"panel 1 place 3 (host d) is at NaN":     func(f *figure.Figure) { f.Map.Panels[1].Places[3].X = math.NaN() },
		"panel 0 place 0 (host a) has height -1": func(f *figure.Figure) { f.Map.Panels[0].Places[0].Height = -1 },
		"map has 2 panels in 0 columns":          func(f *figure.Figure) { f.Map.Columns = 0 },
		"has a map and 2 series beside it":       func(f *figure.Figure) { f.Series = make([]figure.Series, 2) },
		"has no points to draw":                  func(f *figure.Figure) { f.Map.Panels = []figure.Panel{{}} },
		"panel 0 title":                          func(f *figure.Figure) { f.Map.Panels[0].Title = "two\nlines" },
	} {
		f := placements()
		spoil(&f)
		assert.ErrorContains(t, f.Validate(), says)
	}
}
