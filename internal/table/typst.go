package table

import "strings"

// Typst is the table as a call of Typst's table function, with rules above,
// below and under the head. Texts are string literals, in which Typst sees no
// markup.
func (t Table) Typst() (string, error) {
	if err := t.Validate(); err != nil {
		return "", err
	}
	var b strings.Builder
	for _, line := range t.origin() {
		b.WriteString("// " + line + "\n")
	}
	aligns := make([]string, len(t.Columns))
	columns := make([]string, len(t.Columns))
	heads := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		columns[i] = "auto"
		aligns[i] = string(t.align(i))
		heads[i] = "strong(" + typstString(c.Title()) + ")"
	}
	// The comma after the last item keeps an array of one an array.
	b.WriteString("#table(\n" +
		"  columns: (" + strings.Join(columns, ", ") + ",),\n" +
		"  align: (" + strings.Join(aligns, ", ") + ",),\n" +
		"  stroke: none,\n  table.hline(),\n" +
		"  table.header(" + strings.Join(heads, ", ") + "),\n" +
		"  table.hline(stroke: 0.5pt),\n")
	for _, row := range t.Rows {
		cells := make([]string, len(row))
		for i, c := range row {
			cells[i] = typstString(c.typeset())
		}
		b.WriteString("  " + strings.Join(cells, ", ") + ",\n")
	}
	b.WriteString("  table.hline(),\n)\n")
	return b.String(), nil
}

func typstString(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
