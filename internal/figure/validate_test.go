package figure_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/internal/figure"
)

func TestExamplesAreValid(t *testing.T) {
	for _, f := range examples() {
		assert.NoError(t, f.Validate())
	}
}

func TestValidateBlamesFigureSeriesAndIndex(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for name, c := range map[string]struct {
		spoil func(*figure.Figure)
		want  string
	}{
		"bad id":            {func(f *figure.Figure) { f.ID = "Fig 3/../a" }, `figure: id "Fig 3/../a" is not valid; want lower-case letters, digits, "-", "_" and ".", parted by "/", such as "swim2002/fig3a"`},
		"climbing id":       {func(f *figure.Figure) { f.ID = "a..b" }, `figure: id "a..b" is not valid`},
		"NaN":               {func(f *figure.Figure) { f.Series[0].Y[3] = nan }, `figure example/detection: series 0 ("mean, 95 % interval"): y[3] is NaN; want a finite number`},
		"infinite x":        {func(f *figure.Figure) { f.Series[3].X[1] = inf }, `series 3 ("SWIM 2002, figure 3(a)"): x[1] is +Inf; want a finite number`},
		"infinite interval": {func(f *figure.Figure) { f.Series[0].High[2] = inf }, `high[2] is +Inf`},
		"lengths":           {func(f *figure.Figure) { f.Series[0].X = f.Series[0].X[1:] }, `8 x values but 9 y values; want as many`},
		"interval lengths":  {func(f *figure.Figure) { f.Series[0].Low = f.Series[0].Low[1:] }, `9 y values but 8 low and 9 high; want as many`},
		"half an interval":  {func(f *figure.Figure) { f.Series[0].High = nil }, `has only one of low and high; want both or none`},
		"crossed interval":  {func(f *figure.Figure) { f.Series[0].Low[1] = 99 }, `low[1] 99 is above high[1]`},
		"zero on log":       {func(f *figure.Figure) { f.Y.Scale = figure.Log; f.Series[1].Y[5] = 0 }, `series 1 ("single trials"): y[5] is 0; want a positive number on a log axis`},
		"log bound":         {func(f *figure.Figure) { f.X.Scale, f.X.Min = figure.Log, new(0.0) }, `x axis: min is 0; want a positive number on a log axis`},
		"scale":             {func(f *figure.Figure) { f.X.Scale = "cubic" }, `x axis: scale "cubic" is not valid; want linear or log`},
		"bounds":            {func(f *figure.Figure) { f.Y.Min, f.Y.Max = new(2.0), new(1.5) }, `y axis: min 2 is not below max 1.5`},
		"tick":              {func(f *figure.Figure) { f.X.Ticks = []figure.Tick{{Value: nan, Label: "a"}} }, `x axis: ticks[0] is NaN`},
		"role":              {func(f *figure.Figure) { f.Series[0].Role = "guessed" }, `role "guessed" is not valid; want measured, analytic, published or reference`},
		"kind":              {func(f *figure.Figure) { f.Series[0].Kind = "pie" }, `kind "pie" is not valid; want line, points, step or bars`},
		"nameless":          {func(f *figure.Figure) { f.Series[0].Name, f.Series[0].Key = "", "" }, `series 0 (""): has neither a name nor a key`},
		"comment":           {func(f *figure.Figure) { f.Series[1].Name = "# trials" }, `series 1 ("# trials"): name begins with "#", which begins a comment in the data file`},
		"x out of order":    {func(f *figure.Figure) { f.Series[0].X[1] = 1 }, `x[1] 1 comes after x[0] 8; want x not decreasing in a step or a band`},
		"no points":         {func(f *figure.Figure) { f.Series = nil }, `figure example/detection: has no points to draw`},
		"control character": {func(f *figure.Figure) { f.Title = "a\x00b" }, `title "a\x00b" has a control character; want one line of plain text`},
		"broken letters":    {func(f *figure.Figure) { f.Series[0].Name = "\xff" }, `is not valid UTF-8`},
		"provenance":        {func(f *figure.Figure) { f.Provenance.Seeds = "1\n2" }, `provenance seeds "1\n2" has a control character`},
	} {
		t.Run(name, func(t *testing.T) {
			f := detection()
			c.spoil(&f)
			err := f.Validate()
			require.Error(t, err)
			assert.Contains(t, err.Error(), c.want)
			assert.NotContains(t, err.Error(), "\n")

			_, svg := f.SVG()
			_, pdf := f.PDF()
			_, csv := f.CSV()
			_, chart := f.Chart()
			for _, refused := range []error{svg, pdf, csv, chart} {
				assert.EqualError(t, refused, err.Error(), "nothing is drawn of a figure that is not valid")
			}
		})
	}
}

func TestAxisTitleHasTheUnit(t *testing.T) {
	assert.Equal(t, "delay (ms)", figure.Axis{Label: "delay", Unit: "ms"}.Title())
	assert.Equal(t, "members", figure.Axis{Label: "members", Unit: "1"}.Title(), "a pure number has no unit to show")
	assert.Equal(t, "(ms)", figure.Axis{Unit: "ms"}.Title())
}
