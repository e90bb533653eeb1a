package notebook

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// book makes a notebook of code cells.
func bookOf(cells ...string) *Notebook {
	n := &Notebook{Format: 4, Minor: 5, Metadata: map[string]any{}}
	for i, source := range cells {
		n.Cells = append(n.Cells, Cell{Kind: "code", ID: string(rune('a' + i)), Source: source})
	}
	return n
}

// module is an empty Go module to run notebooks in.
func module(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.org/empty\n\ngo 1.26\n"), 0o644))
	return dir
}

func run(t *testing.T, n *Notebook) (*Notebook, error) {
	t.Helper()
	dir := module(t)
	return Run(t.Context(), dir, dir, n)
}

func stdout(t *testing.T, c Cell) string {
	t.Helper()
	require.Len(t, c.Outputs, 1)
	require.Equal(t, "stream", c.Outputs[0].Kind)
	require.Equal(t, "stdout", c.Outputs[0].Name)
	return c.Outputs[0].Text
}

func TestDeclarationsPersistAndMainDoesNot(t *testing.T) {
	out, err := run(t, bookOf(
		"import \"fmt\"\n\ntype point struct{ x, y int }\n\nfunc (p point) String() string { return fmt.Sprintf(\"<%d,%d>\", p.x, p.y) }",
		"var origin = point{}\n%%\norigin.x = 7\nfmt.Println(origin)",
		"func main() { fmt.Println(origin) }", // a new program: origin is as declared
		"func (p point) String() string { return \"a point\" }\n%%\nfmt.Println(origin)",
	))
	require.NoError(t, err)
	assert.Empty(t, out.Cells[0].Outputs)
	assert.Equal(t, "<7,0>\n", stdout(t, out.Cells[1]))
	assert.Equal(t, "<0,0>\n", stdout(t, out.Cells[2]))
	assert.Equal(t, "a point\n", stdout(t, out.Cells[3]))
	for i, c := range out.Cells {
		assert.Equal(t, i+1, c.Count)
	}
}

func TestCommandsShapeTheProgram(t *testing.T) {
	out, err := run(t, bookOf(
		"!*go mod edit -replace example.org/empty=..\n%autoget\nimport (\n\t\"flag\"\n\t\"fmt\"\n\t\"os\"\n)\n\nvar n = flag.Int(\"n\", 1, \"\")",
		"%% -n 3\nfmt.Println(*n)",
		"//gonb:%args -n 4 \\\n  \"two words\"\nfunc main() { flag.Parse(); fmt.Println(*n, flag.Arg(0)) }",
		"func answer() { fmt.Println(*n, len(os.Args)) }\n%exec answer -n 42",
		"%env COLOUR \"deep blue\"\n%%\nfmt.Println(os.Getenv(\"COLOUR\"))",
		"func init_colour() { os.Setenv(\"COLOUR\", \"red\") }\n%%\nfmt.Println(os.Getenv(\"COLOUR\"))",
		"%rm init_colour\n%%\nfmt.Println(os.Getenv(\"COLOUR\"))",
	))
	require.NoError(t, err)
	assert.Equal(t, "3\n", stdout(t, out.Cells[1]))
	assert.Equal(t, "4 two words\n", stdout(t, out.Cells[2]))
	assert.Equal(t, "42 3\n", stdout(t, out.Cells[3]))
	assert.Equal(t, "Set: COLOUR=\"deep blue\"\ndeep blue\n", stdout(t, out.Cells[4]))
	assert.Equal(t, "red\n", stdout(t, out.Cells[5]))
	assert.Equal(t, "deep blue\n", stdout(t, out.Cells[6]))
}

func TestConstGroupsKeepTheirCount(t *testing.T) {
	out, err := run(t, bookOf(
		"import \"fmt\"\n\nconst (\n\talive = iota\n\tsuspect\n\tfaulty\n)\n\nconst (\n\tpi = 3\n\te  = 2\n)",
		"const pi = 4\n%%\nfmt.Println(alive, suspect, faulty, pi, e)",
	))
	require.NoError(t, err)
	assert.Equal(t, "0 1 2 4 2\n", stdout(t, out.Cells[1]))
}

func TestPicturesKeepTheirPlaceAmongPrints(t *testing.T) {
	out, err := run(t, bookOf("import \"fmt\"\n%%\nfmt.Println(\"before\")\nfmt.Printf(\"\\x1eshow image/svg+xml 6\\n<svg/>\\n\")\nfmt.Println(\"after\")"))
	require.NoError(t, err)
	assert.Equal(t, []Output{
		{Kind: "stream", Name: "stdout", Text: "before\n"},
		{Kind: "display_data", Data: map[string]string{"image/svg+xml": "<svg/>"}},
		{Kind: "stream", Name: "stdout", Text: "after\n"},
	}, out.Cells[0].Outputs)

	_, err = run(t, bookOf("import \"fmt\"\n%%\nfmt.Printf(\"\\x1eshow image/svg+xml 60\\n<svg/>\\n\")"))
	assert.ErrorContains(t, err, `cell 1 (id a): shows a malformed picture: its head is "image/svg+xml 60"`)
}

func TestErrorsBlameTheCellAndItsLine(t *testing.T) {
	for name, c := range map[string]struct {
		cells []string
		want  string
	}{
		"syntax":           {[]string{"import \"fmt\"", "\nfmt.Println(1)"}, "cell 2 (id b): line 2: "},
		"type":             {[]string{"func f() int {\n\treturn \"one\"\n}", "%%\nprintln(f())"}, "cell 1 (id a): does not compile\ncell 1, line 2: "},
		"unknown name":     {[]string{"func f() int { return 1 }", "%%\n_ = f()\nprintln(g())"}, "cell 2 (id b): does not compile\ncell 2, line 3: undefined: g"},
		"panic":            {[]string{"%%\nvar x []int\nprintln(x[3])"}, "cell 1, line 3"},
		"exit":             {[]string{"import \"os\"\n%%\nos.Exit(3)"}, "cell 1 (id a): exit status 3"},
		"shell":            {[]string{"!rm -rf x"}, "cell 1 (id a): line 1: \"!rm -rf x\" runs a shell, which a run without Jupyter does not"},
		"unknown command":  {[]string{"\n%cd .."}, "cell 1 (id a): line 2: %cd is not run without Jupyter; want one of %%, %main"},
		"magic cell":       {[]string{"%%bash\nls"}, "%%bash is not run without Jupyter"},
		"remove":           {[]string{"%rm ghost"}, "line 1: %rm: no cell above declares \"ghost\""},
		"internal":         {[]string{"import \"example.org/empty/internal/x\""}, "line 1: imports \"example.org/empty/internal/x\"; want public packages only"},
		"two values":       {[]string{"%env COLOUR deep blue"}, "line 1: %env takes a name and a value, got 3 words"},
		"exec of nothing":  {[]string{"%exec"}, "line 1: %exec names no function"},
		"too much":         {[]string{"import \"fmt\"\n%%\nfor { fmt.Println(\"all work and no play\") }"}, "printed more than"},
		"last cell broken": {[]string{"func f() int { return \"one\" }"}, "cell 1 (id a): does not compile"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := run(t, bookOf(c.cells...))
			require.Error(t, err)
			assert.Contains(t, err.Error(), c.want)
			var cellErr *CellError
			assert.True(t, errors.As(err, &cellErr))
		})
	}
}

func TestACellMayFailOnPurpose(t *testing.T) {
	n := bookOf("%%\npanic(\"on purpose\")", "%%\nvar unused int", "import \"fmt\"\n%%\nfmt.Println(\"still here\")")
	n.Cells[0].Metadata = map[string]any{"tags": []any{"raises-exception"}}
	n.Cells[1].Metadata = map[string]any{"tags": []any{"raises-exception"}}
	out, err := run(t, n)
	require.NoError(t, err)
	assert.Equal(t, []Output{
		{Kind: "stream", Name: "stderr", Text: "panic: on purpose\n"},
		{Kind: "error", ErrorName: "failed", ErrorValue: "exit status 2", Traceback: []string{}},
	}, out.Cells[0].Outputs)
	assert.Equal(t, "error", out.Cells[1].Outputs[0].Kind)
	assert.Equal(t, "cell 2, line 2: declared and not used: unused", out.Cells[1].Outputs[0].ErrorValue)
	assert.Equal(t, "still here\n", stdout(t, out.Cells[2]))

	n = bookOf("%%\nprintln(\"fine\")")
	n.Cells[0].Metadata = map[string]any{"tags": []any{"raises-exception"}}
	_, err = run(t, n)
	assert.ErrorContains(t, err, "did not fail")
}

func TestARunCanBeStopped(t *testing.T) {
	dir := module(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() { // once the cell runs, stop it
		for {
			if _, err := os.Stat(filepath.Join(dir, "running")); err == nil {
				cancel(errors.New("enough"))
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
	}()
	_, err := Run(ctx, dir, dir, bookOf("import \"os\"\n%%\nos.Create(\"running\")\nfor {\n}"))
	assert.EqualError(t, err, "cell 1 (id a): was stopped: enough")
}

func TestNothingIsLeftInTheModule(t *testing.T) {
	dir := module(t)
	_, err := Run(t.Context(), dir, dir, bookOf("%%\nprintln(1)"))
	require.NoError(t, err)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1)
	assert.Equal(t, "go.mod", entries[0].Name())
}
