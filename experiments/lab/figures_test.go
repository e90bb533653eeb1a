package lab

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/internal/figure"
)

// diceOutcome runs the dice experiment, changed by replacing parts of its text.
func diceOutcome(t *testing.T, replacements ...string) *Outcome {
	t.Helper()
	text := strings.NewReplacer(replacements...).Replace(diceDefinition)
	l := newLab(t, newRepository(t, map[string]string{"dice/wait.yaml": text}), nil)
	definitions, err := l.Discover()
	require.NoError(t, err)
	p, err := l.Plan(definitions[0])
	require.NoError(t, err)
	runAll(t, l, p)
	outcomes, err := l.Evaluate([]*Plan{p})
	require.NoError(t, err)
	return outcomes[0]
}

func (o *Outcome) figure(t *testing.T, name string) figure.Figure {
	t.Helper()
	for _, d := range o.Figures {
		if d.Name == name {
			return d.What
		}
	}
	require.Fail(t, "no figure "+name)
	return figure.Figure{}
}

func series(t *testing.T, f figure.Figure, name string) figure.Series {
	t.Helper()
	for _, s := range f.Series {
		if s.Name == name {
			return s
		}
	}
	require.Fail(t, "no series "+name)
	return figure.Series{}
}

func TestAFigureOverAnAxisShowsWhatWasAskedFor(t *testing.T) {
	f := diceOutcome(t).figure(t, "dice-wait")
	fair := series(t, f, "fair dice")
	assert.Equal(t, []float64{2, 4, 6}, fair.X)
	assert.Equal(t, "swim", fair.Key)
	for i := range fair.X {
		assert.Less(t, fair.Low[i], fair.Y[i])
		assert.Greater(t, fair.High[i], fair.Y[i])
	}
	loaded := series(t, f, "loaded dice")
	assert.Equal(t, []float64{1, 1, 1}, loaded.Y)
	assert.Len(t, series(t, f, "fair dice, single trials").X, 3*shownTrials)

	formula := series(t, f, "mean of the geometric distribution")
	assert.Equal(t, figure.Analytic, formula.Role)
	assert.Equal(t, formula.X, formula.Y)
	assert.Equal(t, 2.0, formula.X[0])
	assert.Equal(t, 6.0, formula.X[len(formula.X)-1])
	published := series(t, f, "Pascal")
	assert.Equal(t, figure.Published, published.Role)
	assert.Equal(t, "throws (throws)", f.Y.Title())
	assert.Contains(t, f.Caption, "40 trials at each point; with 95 % bootstrap intervals of the mean. Pascal: read, letter to Fermat.")
	assert.Equal(t, "1-40", f.Provenance.Seeds)
	assert.Empty(t, f.Provenance.Commit, "a committed file cannot hold its own commit")
	assert.Empty(t, f.Watermark)
}

func TestAFacetGivesOneFigureALevel(t *testing.T) {
	o := diceOutcome(t)
	f := o.figure(t, "dice-wait-total-4")
	assert.Equal(t, "How long until the highest face shows, 4", f.Title)
	loaded := series(t, f, "loaded dice")
	require.Len(t, loaded.X, 12)
	assert.Equal(t, 48.0, loaded.Y[11], "twelve throws of four")
	assert.Equal(t, loaded.Y, loaded.Low, "loaded dice do not vary")
	fair := series(t, f, "fair dice")
	assert.Less(t, fair.Low[11], fair.Y[11])
}

func TestADistributionEndsAtOne(t *testing.T) {
	f := diceOutcome(t).figure(t, "dice-wait-waits")
	s := series(t, f, "sides 6")
	assert.Equal(t, figure.Step, s.Kind)
	assert.IsIncreasing(t, s.X)
	assert.IsIncreasing(t, s.Y)
	assert.Equal(t, 1.0, s.Y[len(s.Y)-1])
	assert.InDelta(t, 1.0/6, s.Y[0], 0.12, "one throw in six succeeds at once")
	assert.Equal(t, "wait (throws)", f.X.Title())
}

func TestAHistogramHoldsEveryValue(t *testing.T) {
	f := diceOutcome(t, "kind: cdf", "kind: histogram, bins: 7").figure(t, "dice-wait-waits")
	for _, s := range f.Series {
		sum := 0.0
		for _, y := range s.Y {
			sum += y
		}
		assert.Len(t, s.X, 7)
		assert.InDelta(t, 1, sum, 1e-12)
	}
}

func TestALogAxisLeavesOutWhatHasNoPlaceThere(t *testing.T) {
	f := diceOutcome(t, "y_axis: {label: throws, unit: throws}", "y_axis: {scale: log}", "    y: wait\n    show", "    y: mean(wait) - 1\n    show", "y: x}", "y: x - 3}").figure(t, "dice-wait")
	for _, s := range f.Series {
		for i, y := range s.Y {
			assert.Positive(t, y)
			if s.Low != nil {
				assert.Positive(t, s.Low[i])
			}
		}
		assert.NotEqual(t, "loaded dice", s.Name, "a wait of zero has no place at all")
	}
	formula := series(t, f, "mean of the geometric distribution")
	assert.Greater(t, formula.X[0], 3.0)
}

func TestAnAxisWithoutNumbersIsDrawnAsBars(t *testing.T) {
	f := diceOutcome(t, "x: sides\n    y: wait", "x: variant\n    y: wait", "reference: [{label: mean of the geometric distribution, y: x}]", "where: {sides: 6}", "[[2, 2], [6, 6]]", "[[0, 6]]").figure(t, "dice-wait")
	require.Len(t, f.X.Ticks, 2)
	assert.Equal(t, "loaded dice", f.X.Ticks[1].Label)
	s := series(t, f, "wait")
	assert.Equal(t, figure.Bars, s.Kind)
	assert.Equal(t, 1.0, s.Y[1])
}

func TestASmokeRunIsMarked(t *testing.T) {
	l, p := diceLab(t, func(c *Config) { c.Profile = Smoke })
	runAll(t, l, p)
	outcomes, err := l.Evaluate([]*Plan{p})
	require.NoError(t, err)
	assert.Equal(t, "SMOKE RUN", outcomes[0].Figures[0].What.Watermark)
	assert.Error(t, l.Publish([]*Definition{p.Definition}, outcomes), "and never published")
}

func TestATableHasARowForEachCombination(t *testing.T) {
	o := diceOutcome(t)
	require.Len(t, o.Tables, 1)
	text, err := o.Tables[0].What.CSV()
	require.NoError(t, err)
	var rows []string
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		if !strings.HasPrefix(line, "#") {
			rows = append(rows, line)
		}
	}
	require.Len(t, rows, 7)
	assert.Equal(t, "variant,sides,throws (throws),95 % interval,expected,Pascal (read)", rows[0])
	assert.Regexp(t, `^fair dice,2,[0-9.]+,"\[[0-9.]+, [0-9.]+\]",2,2$`, rows[1])
	assert.Regexp(t, `^fair dice,4,.*,4,$`, rows[2], "nobody published a value for four sides")
	assert.Equal(t, `loaded dice,6,1,"[1.00, 1.00]",6,`, rows[6])
}

func TestCurvesOnDifferentGridsMeetOnACommonOne(t *testing.T) {
	curves := []seededCurve{{x: []float64{0, 2}, y: []float64{1, 3}}, {x: []float64{1, 4}, y: []float64{5, 7}, seed: 1}}
	xs := grid(curves)
	assert.Equal(t, 0.0, xs[0])
	assert.Equal(t, 4.0, xs[len(xs)-1])
	assert.Len(t, xs, curvePoints+1)
	y, ok := curves[0].at(3.9)
	assert.True(t, ok)
	assert.Equal(t, 3.0, y, "a curve keeps its last value")
	_, ok = curves[1].at(0.5)
	assert.False(t, ok, "before its first point it has none")
	assert.Equal(t, []float64{1, 2}, grid([]seededCurve{{x: []float64{1, 2}}, {x: []float64{1, 2}}}))
}

func TestAMapShowsThePlacesOfTheFirstTrial(t *testing.T) {
	f := diceOutcome(t, "measure: [wait, sixes, total]", "measure: [wait, sixes, total, seats]",
		"{name: waits, kind: cdf, y: wait, where: {variant: fair}}", "{name: seats, kind: map, y: seats, series: [variant, sides], where: {sides: [2, 6]}, labels: [player 2]}").figure(t, "dice-wait-seats")
	require.NotNil(t, f.Map)
	assert.Equal(t, "cm", f.Map.Unit)
	assert.Equal(t, 2, f.Map.Columns, "the levels of the last axis stand side by side")
	require.Len(t, f.Map.Panels, 4)
	assert.Equal(t, "loaded dice, sides 2", f.Map.Panels[2].Title)
	for _, p := range f.Map.Panels {
		require.Len(t, p.Places, 4)
		assert.True(t, p.Places[2].Labelled)
		assert.False(t, p.Places[1].Labelled)
	}
	assert.Equal(t, 1.0, f.Map.Panels[3].Places[3].Height, "loaded dice show it at once")
	assert.Contains(t, f.Caption, "Places of the first trial.")
}

func TestWrongMapsAreRefused(t *testing.T) {
	for replaced, says := range map[string]string{
		"kind: map, y: [wait, total]":            "figures.2.y: 2 lines; want one measure that is a map",
		"kind: cdf, y: wait, labels: [player 1]": "figures.2.labels: kind cdf has no places; want kind map",
	} {
		_, err := parseDefinition("experiments/dice/wait.yaml", []byte(strings.Replace(diceDefinition, "kind: cdf, y: wait", replaced, 1)), nil)
		assert.ErrorContains(t, err, says)
	}
}

func TestPlainValuesAreWrittenAsAFigureSays(t *testing.T) {
	f := diceOutcome(t, "facet: sides", `facet: sides, levels: {sides: "{} sides"}`).figure(t, "dice-wait-total-4")
	assert.Equal(t, "How long until the highest face shows, 4 sides", f.Title)

	f = diceOutcome(t, "{name: waits, kind: cdf, y: wait, where: {variant: fair}}", `{name: waits, kind: cdf, y: [{label: wait, value: wait}], where: {variant: fair}, levels: {sides: "n = {}"}}`).figure(t, "dice-wait-waits")
	var names, keys []string
	for _, s := range f.Series {
		names, keys = append(names, s.Name), append(keys, s.Key)
		assert.True(t, s.Cumulative)
	}
	assert.Equal(t, []string{"n = 2", "n = 4", "n = 6"}, names, "a single line needs no name before its levels")
	assert.Equal(t, []string{"level-1", "level-3", "level-6"}, keys, "neighbours are told apart by the levels' styles")
}

func TestDatasetsHaveTheirNameAndStyle(t *testing.T) {
	axis := Axis{Name: "dataset", Levels: []Level{{Name: "planetlab490", Label: "planetlab490", Value: "planetlab490"}, {Name: "2048ms", Label: "2048ms", Value: "2048ms"}}}
	s := &sketch{}
	assert.Equal(t, "PlanetLab-490", s.levelName("dataset", axis.Levels[0]))
	assert.Equal(t, "planetlab490", axis.levelStyle(axis.Levels[0]))
	assert.Equal(t, "2048 ms", s.levelText("dataset", axis.Levels[1]))
	assert.Empty(t, axis.levelStyle(Level{Name: "fair", Label: "fair dice"}), "a bundle's style stands in its definition")
}

func TestLevelsOfAFigureMustBeAnAxisAndHoldTheValue(t *testing.T) {
	for levels, says := range map[string]string{
		`{faces: "{}"}`: "figures.1.levels.faces: ",
		`{sides: "n"}`:  `figures.1.levels.sides: "n" has no place for the value; want {} in it`,
	} {
		_, err := parseDefinition("experiments/dice/wait.yaml", []byte(strings.Replace(diceDefinition, "facet: sides", "facet: sides, levels: "+levels, 1)), nil)
		assert.ErrorContains(t, err, says)
	}
}
