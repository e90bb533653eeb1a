package table_test

import (
	"encoding/csv"
	"encoding/xml"
	"flag"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/internal/provenance"
	"github.com/swimlab/swimlab/internal/table"
)

var rewrite = flag.Bool("rewrite", false, "write the golden files anew")

// nasty has a cell for each character that one of the forms takes as markup.
func nasty() table.Table {
	return table.Table{
		ID: "example/nasty", Title: `Costs < 5 % & "more" | $x_1$`,
		Caption: "Each row holds *what* some\n  markup takes for its own.",
		Columns: []table.Column{{Name: "#"}, {Name: "name"}, {Name: "detection time", Unit: "ms"}, {Name: "share", Unit: "%"}, {Name: "as text", Align: table.Right}},
		Rows: [][]table.Cell{
			{table.Text("#1"), table.Text("a,b"), table.Number(1.0 / 3), table.Fixed(12.345, 1), table.Text("x")},
			{table.Text("[2]"), table.Text(`say "hi" \ bye`), table.Rounded(-1234.5678, 3), table.Fixed(0, 1), table.Text("<b>&amp;</b>")},
			{table.Text("*3"), table.Text("a|b ~ `c` _d_ e_f"), {}, table.Fixed(100, 1), table.Text("{$x^2$} 100 % #let")},
			{table.Text("4"), table.Text("λ·log n ≤ µ → 日本"), table.Number(1e-9), table.Fixed(-0.04, 1), table.Text("// c /* d */")},
		},
		Notes:      []string{"Numbers are invented: 5 * 3 < 16."},
		Provenance: provenance.Record{Experiment: "example/nasty", Version: 2, Profile: "smoke", Seeds: "1-3", Key: "0123456789abcdef"},
	}
}

func forms(t table.Table) map[string]func() (string, error) {
	return map[string]func() (string, error){"txt": t.Text, "md": t.Markdown, "csv": t.CSV, "html": t.HTML, "tex": t.LaTeX, "typ": t.Typst}
}

func TestEveryFormIsGolden(t *testing.T) {
	for extension, render := range forms(nasty()) {
		got, err := render()
		require.NoError(t, err)
		golden := filepath.Join("testdata", "nasty."+extension)
		if *rewrite {
			require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
		}
		want, err := os.ReadFile(golden)
		require.NoError(t, err)
		assert.Equal(t, string(want), got, "%s; go test -rewrite accepts it", golden)
	}
}

func TestCSVReadsBackExactly(t *testing.T) {
	text, err := nasty().CSV()
	require.NoError(t, err)
	r := csv.NewReader(strings.NewReader(text))
	r.Comment = '#'
	rows, err := r.ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 5)
	assert.Equal(t, []string{"#", "name", "detection time (ms)", "share (%)", "as text"}, rows[0])
	assert.Equal(t, []string{"#1", "a,b", "0.3333333333333333", "12.345", "x"}, rows[1])
	assert.Equal(t, `say "hi" \ bye`, rows[2][1])
	assert.Equal(t, "-1234.5678", rows[2][2], "a CSV holds the number, not its rounded form")
	assert.Equal(t, "", rows[3][2])
}

func TestHTMLIsWellFormedAndHasHeads(t *testing.T) {
	text, err := nasty().HTML()
	require.NoError(t, err)
	var table struct {
		Caption string   `xml:"table>caption"`
		Heads   []string `xml:"table>thead>tr>th"`
		Rows    []struct {
			Cells []string `xml:"td"`
		} `xml:"table>tbody>tr"`
	}
	require.NoError(t, xml.Unmarshal([]byte("<html>"+text+"</html>"), &table))
	assert.Equal(t, nasty().Title, table.Caption)
	assert.Equal(t, "detection time (ms)", table.Heads[2])
	assert.Equal(t, "<b>&amp;</b>", table.Rows[1].Cells[4])
	assert.Equal(t, "−1235", table.Rows[1].Cells[2])
	assert.Contains(t, text, `<th scope="col" align="right">detection time (ms)</th>`)
}

func TestNumbersStandRightAndTextsLeft(t *testing.T) {
	tex, err := nasty().LaTeX()
	require.NoError(t, err)
	assert.Contains(t, tex, `\begin{tabular}{llrrr}`)

	missing := nasty()
	missing.Rows[2][2] = table.Text("–")
	tex, err = missing.LaTeX()
	require.NoError(t, err)
	assert.Contains(t, tex, `\begin{tabular}{llrrr}`, "a missing number does not turn numbers into text")
}

func TestValidateBlamesRowAndColumn(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*table.Table)
		want  string
	}{
		"id":        {func(t *table.Table) { t.ID = "../up" }, `table: id "../up" is not valid`},
		"columns":   {func(t *table.Table) { t.Columns = nil }, `table example/nasty: has no columns`},
		"row":       {func(t *table.Table) { t.Rows[1] = t.Rows[1][:4] }, `row 1 has 4 cells but there are 5 columns`},
		"NaN":       {func(t *table.Table) { t.Rows[2][2] = table.Number(math.NaN()) }, `row 2, column 2 ("detection time") is NaN; want a finite number`},
		"infinite":  {func(t *table.Table) { t.Rows[0][3] = table.Fixed(math.Inf(-1), 1) }, `row 0, column 3 ("share") is -Inf; want a finite number`},
		"two lines": {func(t *table.Table) { t.Rows[0][1] = table.Text("a\nb") }, `row 0, column 1 ("name"): "a\nb" has a control character; want one line of plain text`},
		"terminal":  {func(t *table.Table) { t.Rows[0][1] = table.Text("\x1b[31mred") }, `has a control character`},
		"title":     {func(t *table.Table) { t.Title = "a\nb" }, `title "a\nb" has a control character; want one line of plain text`},
		"note":      {func(t *table.Table) { t.Notes[0] = "\x00" }, `caption or note "\x00" has a control character`},
		"align":     {func(t *table.Table) { t.Columns[0].Align = "middle" }, `column 0 ("#"): align "middle" is not valid; want left or right`},
	} {
		t.Run(name, func(t *testing.T) {
			bad := nasty()
			c.spoil(&bad)
			err := bad.Validate()
			require.Error(t, err)
			assert.Contains(t, err.Error(), c.want)
			assert.NotContains(t, err.Error(), "\n")
			for extension, render := range forms(bad) {
				_, refused := render()
				assert.EqualError(t, refused, err.Error(), extension)
			}
		})
	}
}

func TestATableWithoutRowsIsStillATable(t *testing.T) {
	empty := nasty()
	empty.Rows = nil
	for extension, render := range forms(empty) {
		got, err := render()
		require.NoError(t, err, extension)
		assert.Contains(t, got, "name", extension)
	}
}

func TestATableFitsATerminal(t *testing.T) {
	long := table.Table{ID: "a/b", Columns: []table.Column{{Name: "experiment"}, {Name: "false positives"}, {Name: "what it is"}}, Rows: [][]table.Cell{
		{table.Text("agreement/loopback-slow-members.memberlist-fp"), table.Number(123456789), table.Text("What a member does that is asked by another and does not answer before its time-out")},
	}}
	whole, err := long.Text()
	require.NoError(t, err)
	unlimited, err := long.TextIn(0)
	require.NoError(t, err)
	assert.Equal(t, whole, unlimited)
	for _, width := range []int{80, 60, 45} {
		text, err := long.TextIn(width)
		require.NoError(t, err)
		for _, line := range strings.Split(text, "\n") {
			assert.LessOrEqual(t, utf8.RuneCountInString(line), width, line)
		}
		assert.Contains(t, text, "123456789", "a number stays in one piece")
	}
}

func TestLongWordsBreakAfterASign(t *testing.T) {
	assert.Equal(t, "agreement/\nloopback-load", table.Wrap("agreement/loopback-load", 14))
	assert.Equal(t, "two words\nand more", table.Wrap("two words and more", 10))
	assert.Equal(t, "abcdef\nghij", table.Wrap("abcdefghij", 6))
	assert.Equal(t, "short", table.Wrap("short", 6))
}
