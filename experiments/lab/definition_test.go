package lab

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var diceCurves = map[string]bool{"total": true}

func TestADefinitionIsReadAsWritten(t *testing.T) {
	d, err := parseDefinition("experiments/dice/wait.yaml", []byte(diceDefinition), diceCurves)
	require.NoError(t, err)
	assert.Equal(t, "pascal1654, section 1", d.Source.String())
	assert.Equal(t, "dadgar2018, section IV-A", Source{Paper: "dadgar2018", Section: "IV-A"}.String())
	assert.Equal(t, "lee2006, abstract", Source{Paper: "lee2006", Section: "abstract"}.String())
	assert.Equal(t, []string{"sides", "variant"}, []string{d.axes[0].Name, d.axes[1].Name}, "axes keep their order")
	assert.Equal(t, "system.sides", d.axes[0].Key)
	assert.Equal(t, []string{"2", "4", "6"}, d.axes[0].names())
	assert.Equal(t, Level{Name: "loaded", Label: "loaded dice", Style: "lifeguard", Set: map[string]any{"system.loaded": true}, path: "sweep.variant.1"}, d.axes[1].Levels[1])
	assert.Equal(t, "letter to Fermat", d.Figures[0].Published[0].Source)
	assert.Equal(t, 0.25, d.Claims[0].Tolerance.Value)
}

// Each mistake gets one line that names the file, the line, the key, the value
// and what would be right.
func TestMistakesAreBlamedOnTheirLine(t *testing.T) {
	for _, c := range []struct{ name, replace, with, message string }{
		{"unknown key at the top", "title: How", "titel: How",
			`:3: titel: unknown key (did you mean title?); want one of claims, `},
		{"unknown key in a claim", "    tolerance: 25%", "    tolerence: 25%",
			`claims.0.tolerence: unknown key (did you mean tolerance?)`},
		{"duplicate key", "version: 1\n", "version: 1\nversion: 2\n", `:3: key "version" is given twice; the first is on line 2`},
		{"capital letters", "version: 1", "Version: 1", `:2: "Version" is not a key; want lower_snake`},
		{"wrong type", "version: 1", "version: one", `:2: version: one is not valid; want a whole number`},
		{"version below 1", "version: 1", "version: 0", `:2: version: 0 is not valid; want 1 or more`},
		{"empty value", "title: How long until the highest face shows", "title:", `:3: title: no value; want one, or leave the key out`},
		{"empty section", "run: {throws: 12}", "run: {}", `:11: run: an empty section`},
		{"not a number", "{throws: 12}", "{throws: .nan}", `:11: run.throws: .nan is not valid; want a finite number`},
		{"infinite", "{throws: 12}", "{throws: -.inf}", `want a finite number`},
		{"not YAML", "run: {throws: 12}", "run: {throws: 12", `not YAML`},
		{"a date", "title: How long until the highest face shows", "title: 1654-07-29", `would be read as timestamp; put it in quotes`},
		{"no trials for a profile", "trials: {smoke: 2, ", "trials: {", `trials.smoke: missing; want the number of seeds`},
		{"no trials at all", "smoke: 2", "smoke: 0", `:17: trials.smoke: 0 is not valid; want 1 to 1000000 seeds`},
		{"unknown profile", "  smoke: {sweep", "  smok: {sweep", `profiles.smok: profile "smok" is not known (did you mean smoke?)`},
		{"profile of an unknown axis", "sweep: {sides: [2, 4]}", "sweep: {side: [2, 4]}", `profiles.smoke.sweep.side: the sweep has no axis side (did you mean sides?)`},
		{"axis without values", "sides: [2, 4, 6]", "sides: []", `:13: sweep.sides: [] is not valid; want a list of values`},
		{"value listed twice", "sides: [2, 4, 6]", "sides: [2, 4, 4]", `:13: sweep.sides.2: 4 is listed twice`},
		{"axis called as a measure", "  sides: [2, 4, 6]", "  run.wait: [2, 4, 6]", `sweep.run.wait: wait is already the name of a measure`},
		{"bundle without a name", "{name: fair, label", "{label", `:15: sweep.variant.0.name: missing`},
		{"bundle that sets the title", "{system.loaded: false}", "{title: false}", `title cannot be set; want a path below system, network, faults, run`},
		{"unknown axis in a figure", "    x: sides", "    x: side", `figures.0.x: there is no axis side (did you mean sides?); want one of sides, variant`},
		{"unknown kind of figure", "kind: cdf", "kind: cfd", `figures.2.kind: "cfd" is not known (did you mean cdf?)`},
		{"unknown level in a figure", "where: {variant: fair}", "where: {variant: fare}", `variant has no level fare (did you mean fair?)`},
		{"points of different length", "[6, 6]]", "[6, 6, 5, 7]]", `figures.0.published.0.points.1: [6, 6, 5, 7] is not valid`},
		{"unknown name", "measured: 'mean(where(wait", "measured: 'mean(where(wiat", `claims.0.measured: wiat is not known (did you mean wait?); want one of wait, sixes, total, sides, variant`},
		{"unknown function", "measured: 'mean(", "measured: 'meen(", `claims.0.measured: the function meen is not known (did you mean mean?)`},
		{"unknown level", "{sides: 6, variant", "{sides: 5, variant", `claims.0.measured: sides has no level 5`},
		{"unbalanced expression", "measured: 'mean(where", "measured: '(mean(where", `claims.0.measured: `},
		{"a measure is no number", "value: max(wait)", "value: wait", `values.0.value: wait gives all values of wait (take mean, median or another statistic)`},
		{"a curve is no sample", "value: max(wait)", "value: max(total)", `values.0.value: total is a curve; take its value with at(total, x)`},
		{"slope over bundles", `"sides")`, `"variant")`, `claims.1.measured: axis variant has the level fair, which is no number`},
		{"negative tolerance", "tolerance: 25%", "tolerance: -1", `claims.0.tolerance: -1 is negative`},
		{"tolerance without a unit", "tolerance: 25%", "tolerance: 25 percent", `claims.0.tolerance: "25 percent" is not valid; want a number, a share such as "5%"`},
		{"tolerance of the wrong kind", "kind: relative", "kind: range", `claims.0.tolerance: kind range wants the two ends`},
		{"unknown kind of claim", "kind: trend", "kind: trent", `claims.1.kind: "trent" is not known (did you mean trend?)`},
		{"unknown knowledge", "known: read\n    measured: 'mean", "known: heard\n    measured: 'mean", `claims.0.known: "heard" is not known`},
		{"remembered without an expectation", "known: read\n    measured: 'mean", "known: remembered\n    measured: 'mean", `claims.0.expect: missing; a remembered value is not judged against`},
		{"two claims of one id", "  - id: longer", "  - id: mean_of_six", `claims.1.id: "mean_of_six" is not valid: claims.0.id on line 43 has it; want another`},
		{"half a version", "version: 1", "version: 1.5", `:2: version: 1.5 is not valid; want a whole number`},
		{"half a seed", "smoke: 2", "smoke: 2.5", `:17: trials.smoke: 2.5 is not valid; want a whole number`},
		{"a number too large to hold", "version: 1", "version: 99999999999999999999", `:2: version: 99999999999999999999 is not valid; want a number up to 9007199254740992`},
		{"a whole number too large to hold", "throws: 12", "throws: 9007199254740993", `:11: run.throws: 9007199254740993 is not valid; want a whole number up to 9007199254740992`},
		{"more seeds than anybody has", "smoke: 2", "smoke: 999999999999", `:17: trials.smoke: 999999999999 is not valid; want 1 to 1000000 seeds`},
		{"an empty list in a section", "{throws: 12}", "{throws: []}", `:11: run.throws: an empty list; want values, or leave the key out`},
		{"a tab", "  sides: [2, 4, 6]", "\tsides: [2, 4, 6]", `:13: not YAML: the line begins with a tab; want spaces`},
		{"a control character", "title: How", "title: \x01How", `:3: not YAML: the line holds the control character '\x01'; want text in UTF-8`},
		{"a bundle's name of two words", "{name: fair,", "{name: a fair one,", `:15: sweep.variant.0.name: "a fair one" is not valid; want one word`},
		{"bundles and plain values", "    - {name: fair,", "    - plain\n    - {name: fair,", `:16: sweep.variant.1: {label: fair dice, name: fair, set: {system.loaded: false}, style: swim} is not valid; want a plain value as in the items before`},
		{"a style with a slip", "style: lifeguard", "style: lifegaurd", `:16: sweep.variant.1.style: "lifegaurd" is not registered (did you mean lifeguard?)`},
		{"a profile's axis with a slip", "sweep: {sides: [2, 4]}", "sweep: {side: [2, 4]}", `(did you mean sides?); want one of sides, variant`},
		{"an axis twice in a figure", "kind: curve, y: total, facet: sides", "kind: curve, y: total, series: [sides], facet: sides", `figures.1.series: sides is the figure's facet already; want each axis once`},
		{"an axis upside down", "unit: throws}\n    reference", "unit: throws, min: 3, max: 1}\n    reference", `:27: figures.0.y_axis.min: 3 is not valid; want less than max, 1`},
		{"zero on a logarithmic axis", "unit: throws}\n    reference", "unit: throws, scale: log, min: 0}\n    reference", `figures.0.y_axis.min: 0 is not valid on a logarithmic axis; want a number above 0`},
		{"names on a logarithmic axis", "    x: sides", "    x: variant\n    x_axis: {scale: log}", `figures.0.x_axis.scale: log is not valid: variant has the level fair, which is no number`},
		{"a histogram of less than nothing", "kind: cdf", "kind: histogram, bins: -3", `figures.2.bins: -3 is not valid; want 1 to 1000`},
		{"quantiles in the wrong order", "show: [band]}", "show: [band], band: [0.9, 0.1]}", `figures.1.band: [0.9, 0.1] is not valid; want two quantiles, the lower first`},
		{"a curve of values", "kind: cdf", "kind: curve", `figures.2.y.0.value: wait is no curve; want kind xy, cdf or histogram for its values`},
		{"two figures of one name", "{name: total,", "{name: wait,", `figures.1.name: "wait" is not valid: figures.0.name on line 22 has it; want another`},
		{"a published row of an unknown level", "[fair, 6, 6.0]", "[fare, 6, 6.0]", `tables.0.columns.2.published.1: variant has no level fare (did you mean fair?); want one of fair, loaded`},
		{"a published row without its number", "[fair, 6, 6.0]", "[fair, 6]", `tables.0.columns.2.published.1: [fair, 6] is not valid; want 2 levels, of variant, sides, and a number`},
		{"less than no decimals", "unit: throws, digits: 2", "unit: throws, digits: -2", `tables.0.columns.0.digits: -2 is not valid; want 0 to 12 decimals`},
		{"a text in place of a number", "published: 6\n", "published: .NaN.\n", `claims.0.published: ".NaN." is a text, and kind relative compares numbers`},
		{"a range upside down", "kind: relative\n    tolerance: 25%", "kind: range\n    tolerance: [9, 3]", `claims.0.tolerance: [9, 3] is not valid; want a number, a share such as "5%", or for kind range [low, high], the lower end first`},
		{"a share beyond all", "kind: trend\n    trend: rising", "kind: order\n    share: 150%", `claims.1.share: 150% is not valid; want a share of the seeds`},
		{"a function of other tools", "measured: 'mean(", "measured: 'avg(", `claims.0.measured: the function avg is not known (did you mean mean?)`},
		{"a comma without quotes", "{id: longest, value: max(wait), unit: throws}", "{id: longest, value: quantile(wait, 0.9), unit: throws}", `values.0: "0.9)" is not a key; want quotes around an expression that holds a comma`},
		{"a statistic of other tools", "kind: cdf, y: wait,", "x: sides, y: wait, statistic: avg,", `figures.2.statistic: "avg" is not known (did you mean mean?); want one of mean, median, min, max, sd`},
		{"column with neither", "value: mean(wait), unit: throws, digits: 2, interval: true", "unit: throws", `tables.0.columns.0.value: want either value or published`},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Contains(t, diceDefinition, c.replace)
			broken := strings.Replace(diceDefinition, c.replace, c.with, 1)
			_, err := parseDefinition("experiments/dice/wait.yaml", []byte(broken), diceCurves)
			require.Error(t, err)
			assert.Contains(t, err.Error(), c.message)
			assert.True(t, strings.HasPrefix(err.Error(), "experiments/dice/wait.yaml:"), err.Error())
			assert.NotContains(t, err.Error(), "\n", "one line")
			var at *FileError
			require.True(t, errors.As(err, &at))
			assert.Positive(t, at.Line)
		})
	}
}

func TestTheWorkedExampleOfTheHandbookIsADefinition(t *testing.T) {
	handbook, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	_, example, found := strings.Cut(string(handbook), "```yaml\nid: mine2026/helpers")
	require.True(t, found)
	example, _, _ = strings.Cut("id: mine2026/helpers"+example, "```")
	d, err := parseDefinition("experiments/mine2026/helpers.yaml", []byte(example), nil)
	require.NoError(t, err)
	assert.NoError(t, d.checkName())
}

func TestTheHandbookNamesEveryFunctionAndKind(t *testing.T) {
	handbook, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	for _, name := range functionNames() {
		assert.Regexp(t, `[\x60 ]`+name+`[\x60( ]`, string(handbook))
	}
	for _, name := range append(slices.Clone(kinds), knowledge...) {
		assert.Contains(t, string(handbook), "`"+name+"`")
	}
}

func TestAnEmptyFileIsNoDefinition(t *testing.T) {
	for text, message := range map[string]string{
		"":             "the file is empty; want a definition",
		"- a\n":        ":1: want keys such as id and title at the top",
		"a: 1\n---\nb": "a second document begins here",
	} {
		_, err := parseDefinition("x.yaml", []byte(text), nil)
		require.Error(t, err, text)
		assert.Contains(t, err.Error(), message)
	}
}

func TestDefinitionsAreFoundByTheirFolder(t *testing.T) {
	second := strings.Replace(diceDefinition, "version: 1", "version: 2", 1)
	root := newRepository(t, map[string]string{
		"dice/wait.yaml":    second,
		"dice/wait.v1.yaml": diceDefinition,
		"cards/draw.yaml":   strings.Replace(diceDefinition, "id: dice/wait", "id: cards/draw", 1),
		"cards/notes.txt":   "no definition",
	})
	l := newLab(t, root, nil)
	definitions, err := l.Discover()
	require.NoError(t, err)
	var addresses []string
	for _, d := range definitions {
		addresses = append(addresses, d.Address())
	}
	assert.Equal(t, []string{"cards/draw", "dice/wait", "dice/wait@1"}, addresses)
	assert.Len(t, Current(definitions), 2)

	old, err := Find(definitions, "dice/wait@1")
	require.NoError(t, err)
	assert.Equal(t, 1, old.Version)
	p, err := l.Plan(old)
	require.NoError(t, err)
	assert.Len(t, p.Cells, 6, "an old version stays runnable")

	_, err = Find(definitions, "dice/weit")
	assert.EqualError(t, err, "experiment \"dice/weit\" is not known (did you mean dice/wait?); `repro list` names them all")
	_, err = Find(definitions, "draw")
	assert.ErrorContains(t, err, "did you mean cards/draw?")

	for name, want := range map[string][]string{
		"dice/...": {"dice/wait"}, "...": {"cards/draw", "dice/wait"}, "dice/wait@1": {"dice/wait@1"},
	} {
		meant, err := Match(definitions, name)
		require.NoError(t, err)
		var got []string
		for _, d := range meant {
			got = append(got, d.Address())
		}
		assert.Equal(t, want, got, name)
	}
	for _, name := range []string{"dise/...", "dice...", "dice/wait/..."} {
		_, err = Match(definitions, name)
		assert.ErrorContains(t, err, "no experiment is meant by \""+name+"\"", name)
		assert.ErrorContains(t, err, "want one of cards/..., dice/...", name)
	}
	_, err = Match(definitions, "dise/...")
	assert.ErrorContains(t, err, "(did you mean dice/...?)")
}

func TestAllBrokenDefinitionsAreReported(t *testing.T) {
	root := newRepository(t, map[string]string{
		"dice/wait.yaml":    strings.Replace(diceDefinition, "id: dice/wait", "id: dice/weight", 1),
		"dice/wait.v2.yaml": diceDefinition,
		"dice/fine.yaml":    strings.Replace(diceDefinition, "id: dice/wait", "id: dice/fine", 1),
	})
	_, err := newLab(t, root, nil).Discover()
	require.Error(t, err)
	assert.Equal(t, []string{
		"experiments/dice/wait.v2.yaml:2: version: 1 does not fit the file's name; want 2",
		"experiments/dice/wait.yaml:1: id: dice/weight does not fit the file's name; want dice/wait",
	}, strings.Split(err.Error(), "\n"))
}

func TestAVersionIsNeverLowered(t *testing.T) {
	root := newRepository(t, map[string]string{"dice/wait.yaml": diceDefinition})
	require.NoError(t, os.MkdirAll(filepath.Join(root, "paper"), 0o755))
	record := func(version string) error {
		lock := "format: " + strconv.Itoa(lockFormat) + "\nexperiments: [{id: dice/wait, version: " + version + ", trials: 1, claims: []}]\n"
		require.NoError(t, os.WriteFile(filepath.Join(root, LockFile), []byte(lock), 0o644))
		_, err := newLab(t, root, nil).Discover()
		return err
	}
	assert.NoError(t, record("1"))
	assert.EqualError(t, record("3"), "experiments/dice/wait.yaml:2: version: 1 is lower than the 3 that paper/repro.lock records; want that, or a higher one for a new meaning")
}

func TestTheRootIsFoundFromBelow(t *testing.T) {
	root := newRepository(t, map[string]string{"dice/wait.yaml": diceDefinition})
	found, err := FindRoot(root + "/experiments/dice")
	require.NoError(t, err)
	assert.Equal(t, root, found)
	_, err = FindRoot(t.TempDir())
	assert.ErrorContains(t, err, "is not inside the swimlab repository")
}
