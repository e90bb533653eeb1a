package figure_test

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/internal/figure"
)

// keep writes a drawing into the folder that SWIMLAB_DRAWINGS names, for the
// eyes of whoever changes the looks.
func keep(t *testing.T, f figure.Figure, extension string, content []byte) {
	t.Helper()
	if dir := os.Getenv("SWIMLAB_DRAWINGS"); dir != "" {
		require.NoError(t, os.WriteFile(filepath.Join(dir, filepath.Base(f.ID)+extension), content, 0o644))
	}
}

func TestTheSameFigureGivesTheSameBytes(t *testing.T) {
	for _, f := range examples() {
		renderers := map[string]func() ([]byte, error){
			".svg": f.SVG, ".pdf": f.PDF, ".csv": f.CSV,
			".js": func() ([]byte, error) { c, err := f.Chart(); return []byte(c.Option), err },
		}
		for extension, render := range renderers {
			first, err := render()
			require.NoError(t, err, f.ID)
			second, err := render()
			require.NoError(t, err, f.ID)
			assert.True(t, bytes.Equal(first, second), "%s%s differs from one drawing to the next", f.ID, extension)
			keep(t, f, extension, first)
		}
	}
}

func TestFiguresCanBeDrawnSideBySide(t *testing.T) {
	f := detection()
	want, err := f.PDF()
	require.NoError(t, err)
	for range 4 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			got, err := f.PDF()
			require.NoError(t, err)
			assert.True(t, bytes.Equal(want, got))
			_, err = f.SVG()
			assert.NoError(t, err)
		})
	}
}

func TestSVGIsXMLThatSaysWhatItShowsAndWhereItComesFrom(t *testing.T) {
	f := detection()
	f.Title = `Nasty <title> & "quotes"`
	f.Series[0].Name = `a < b & "c"`
	svg, err := f.SVG()
	require.NoError(t, err)
	texts := textOf(t, svg)
	assert.Contains(t, texts, f.Title)
	assert.Contains(t, texts, f.Series[0].Name)
	assert.Contains(t, texts, f.Caption)
	assert.Contains(t, texts, "key: "+origin.Key)
	assert.Contains(t, texts, "detection time (protocol periods)")
	assert.Contains(t, texts, origin.Line())
	assert.NotContains(t, string(svg), "font-family:Liberation Sans;", "every text needs a face to fall back on")
}

func textOf(t *testing.T, document []byte) string {
	t.Helper()
	var b strings.Builder
	for d := xml.NewDecoder(bytes.NewReader(document)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return b.String()
		}
		require.NoError(t, err)
		if text, ok := token.(xml.CharData); ok {
			b.Write(text)
		}
	}
}

func TestPDFHasPropertiesAndNoDate(t *testing.T) {
	pdf, err := detection().PDF()
	require.NoError(t, err)
	assert.NotContains(t, string(pdf), "CreationDate")
	assert.NotContains(t, string(pdf), "ModDate")

	info, err := exec.LookPath("pdfinfo")
	if err != nil {
		t.Skip("pdfinfo is not installed; the document's properties stay unread")
	}
	file := filepath.Join(t.TempDir(), "f.pdf")
	require.NoError(t, os.WriteFile(file, pdf, 0o644))
	out, err := exec.Command(info, "-enc", "UTF-8", file).CombinedOutput()
	require.NoError(t, err, string(out))
	assert.Contains(t, string(out), "Time until a crash is first detected")
	assert.Contains(t, string(out), origin.Key)
	assert.NotContains(t, string(out), "rror", "the reader must find no fault with the file")
}

func TestCSVHoldsEveryPointExactly(t *testing.T) {
	f := detection()
	f.Series[0].Name = "a, \"quoted\" name"
	text, err := f.CSV()
	require.NoError(t, err)
	assert.Contains(t, string(text), "# experiment: example/fig1\n")
	assert.Contains(t, string(text), "# y: detection time (protocol periods)\n")

	reader := csv.NewReader(bytes.NewReader(text))
	reader.Comment = '#'
	rows, err := reader.ReadAll()
	require.NoError(t, err)
	assert.Equal(t, []string{"series", "role", "x", "y", "low", "high"}, rows[0])
	rows = rows[1:]
	for _, s := range f.Series {
		for i := range s.X {
			row := rows[0]
			rows = rows[1:]
			assert.Equal(t, s.Label(), row[0])
			y, err := strconv.ParseFloat(row[3], 64)
			require.NoError(t, err)
			assert.Equal(t, s.Y[i], y)
			assert.Equal(t, s.Low == nil, row[4] == "")
		}
	}
	assert.Empty(t, rows)
}

func TestChartCannotEndItsScriptElement(t *testing.T) {
	f := configurations()
	f.Series[0].Name = `</script><script>alert("1")</script>`
	f.X.Ticks[0].Label = `</script>'"\`
	f.X.Label = `__f__alert(1)__f__ & </script>`
	c, err := f.Chart()
	require.NoError(t, err)
	assert.NotContains(t, c.Option, "</")
	assert.NotContains(t, c.Option, "\x00")
	assert.NotContains(t, c.Option, `\u0000`)
	assert.Contains(t, c.Option, `"__f__alert(1)__f__ \u0026 `, "text stays text")
	assert.Equal(t, "chart-example-configurations", c.ID)
}

func TestChartsAreJavaScript(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed; the charts stay unparsed")
	}
	for _, f := range examples() {
		c, err := f.Chart()
		require.NoError(t, err)
		file := filepath.Join(t.TempDir(), "chart.js")
		program := figure.ChartScript + "\nvar option = " + c.Option + ";\n" +
			"option.series.forEach(function (s) { if (s.type === 'custom' && typeof s.renderItem !== 'function') throw s.name; });\n"
		require.NoError(t, os.WriteFile(file, []byte(program), 0o644))
		out, err := exec.Command(node, file).CombinedOutput()
		assert.NoError(t, err, string(out))
	}
}

func TestDenseCloudsStaySmall(t *testing.T) {
	f := detection()
	for i := range 10000 {
		f.Series[1].X = append(f.Series[1].X, float64(8+i%33))
		f.Series[1].Y = append(f.Series[1].Y, 1+float64(i%97)/20)
	}
	svg, err := f.SVG()
	require.NoError(t, err)
	assert.Less(t, len(svg), 1_500_000)
}

func TestFixedRangeCutsWhatLiesOutside(t *testing.T) {
	f := scaling()
	f.X.Min, f.X.Max = new(1e3), new(1e4)
	f.Y.Max = new(0.01)
	for _, render := range []func() ([]byte, error){f.SVG, f.PDF} {
		_, err := render()
		assert.NoError(t, err)
	}
}
