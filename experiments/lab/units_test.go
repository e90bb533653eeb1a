package lab

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestUnitsOfExpressions(t *testing.T) {
	units := map[string]string{"wait": "s", "detection": "periods", "sent": "messages", "lost": "1", "size": "members"}
	for source, want := range map[string]string{
		"mean(wait)":                             "s",
		"max(median(by(wait, \"n\")))":           "s",
		"-quantile(where(wait, {n: 3}), 0.99)":   "s",
		"mean(wait) - 2":                         "s",
		"2 + mean(wait)":                         "s",
		"at(size, 175)":                          "members",
		"n > 3 ? mean(wait) : max(wait)":         "s",
		"1000 * mean(wait)":                      "", // milliseconds, it may be
		"mean(wait) / mean(detection)":           "",
		"count(wait) / trials(wait)":             "",
		"slope(wait, \"n\")":                     "",
		"mean(wait) < 3 and mean(detection) < 2": "",
		"detection_time(1)":                      "",
		"mean(sent) + mean(size)":                "", // both are counts
		"sum(sent) + sum(sent)":                  "messages",
	} {
		got, err := unitOf(source, units)
		require.NoError(t, err, source)
		assert.Equal(t, want, got, source)
	}
	for source, message := range map[string]string{
		"mean(wait) + mean(detection)":              "+ takes s and periods together; want one unit, by a factor such as 1000 *",
		"mean(wait) - (2 + max(lost))":              "- takes s and a pure number together",
		"mean(wait) + mean(lost) + 1":               "+ takes s and a pure number together",
		"median(where(wait, {n: 3})) < max(sent)":   "< takes s and messages together",
		"1 * (mean(wait) == min(detection))":        "== takes s and periods together",
		"n > 3 ? mean(wait) : mean(detection)":      "?: takes s and periods together",
		"mean(wait) > mean(detection) or n == 1":    "> takes s and periods together",
		"abs(max(by(wait, \"n\")) - max(sent)) > 1": "- takes s and messages together",
	} {
		_, err := unitOf(source, units)
		assert.ErrorContains(t, err, message, source)
	}
}

func TestAClaimIsInTheUnitOfWhatItMeasures(t *testing.T) {
	for _, c := range []struct{ replace, with, message string }{
		{"tolerance: 25%\n    unit: throws", "tolerance: 25%\n    unit: ms", ""}, // throws are counted: ms may be a label
		{"{id: longest, value: max(wait), unit: throws}", "{id: longest, value: max(wait) + max(sixes), unit: throws}", ""},
	} {
		require.Contains(t, diceDefinition, c.replace)
		l := newLab(t, newRepository(t, map[string]string{"dice/wait.yaml": strings.Replace(diceDefinition, c.replace, c.with, 1)}), nil)
		definitions, err := l.Discover()
		require.NoError(t, err)
		_, err = l.Plan(definitions[0])
		assert.NoError(t, err)
	}
	d, err := parseDefinition("experiments/dice/wait.yaml", []byte(strings.Replace(diceDefinition, "tolerance: 25%\n    unit: throws", "tolerance: 25%\n    unit: ms", 1)), diceCurves)
	require.NoError(t, err)
	p := &Plan{Definition: d, Units: map[string]string{"wait": "s", "sixes": "1", "total": "points"}}
	assert.ErrorContains(t, p.checkUnits(), "experiments/dice/wait.yaml:51: claims.0.unit: ms is not the unit of mean(where(wait, {sides: 6, variant: \"fair\"})), which is in s; want that, or a factor in the expression")
	p.Units["wait"] = "ms"
	assert.NoError(t, p.checkUnits())
	d.Values[0].Value = "max(wait) + max(sixes)"
	assert.ErrorContains(t, p.checkUnits(), "values.0.value: + takes ms and a pure number together")
}
