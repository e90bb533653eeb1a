package table

import "strings"

// LaTeX is the table as a tabular with the rules of the booktabs package. It
// brings no float and no caption: the paper that includes it has its own.
func (t Table) LaTeX() (string, error) {
	if err := t.Validate(); err != nil {
		return "", err
	}
	var b strings.Builder
	for _, line := range t.origin() {
		b.WriteString("% " + line + "\n")
	}
	b.WriteString(`\begin{tabular}{`)
	heads := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		b.WriteString(string(t.align(i)[0])) // l or r
		heads[i] = escapeLaTeX(c.Title())
	}
	b.WriteString("}\n\\toprule\n" + strings.Join(heads, " & ") + " \\\\\n\\midrule\n")
	for _, row := range t.Rows {
		cells := make([]string, len(row))
		for i, c := range row {
			cells[i] = escapeLaTeX(c.typeset())
		}
		b.WriteString(strings.Join(cells, " & ") + " \\\\\n")
	}
	b.WriteString("\\bottomrule\n\\end{tabular}\n")
	return b.String(), nil
}

// latexEscapes also protects "[" and "*", which the end of the row before
// would take as its argument, and spells out what pdfTeX has no letter for.
var latexEscapes = strings.NewReplacer(
	`\`, `\textbackslash{}`, `{`, `\{`, `}`, `\}`, `$`, `\$`, `&`, `\&`, `%`, `\%`, `#`, `\#`, `_`, `\_`,
	`^`, `\textasciicircum{}`, `~`, `\textasciitilde{}`, `<`, `\textless{}`, `>`, `\textgreater{}`, `|`, `\textbar{}`, `"`, `{\char34}`,
	`[`, `{[}`, `*`, `{*}`,
	`−`, `$-$`, `×`, `$\times$`, `±`, `$\pm$`, `≤`, `$\le$`, `≥`, `$\ge$`, `≈`, `$\approx$`, `√`, `$\surd$`, `∞`, `$\infty$`,
	`λ`, `$\lambda$`, `µ`, `$\mu$`, `μ`, `$\mu$`, `→`, `$\to$`, `·`, `$\cdot$`,
)

func escapeLaTeX(s string) string { return latexEscapes.Replace(s) }

// origin is what the comments at the head of a typesetter's file say.
func (t Table) origin() []string {
	lines := []string{"table: " + t.ID}
	for _, f := range t.Provenance.Fields() {
		lines = append(lines, f.Name+": "+f.Value)
	}
	return lines
}
