package table

import (
	"html"
	"strings"
	"unicode"

	pretty "github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// writer hands the table to go-pretty. cell gives each cell's text and escape
// is applied to heads and cells alike.
func (t Table) writer(cell func(Cell) string, escape func(string) string) pretty.Writer {
	w := pretty.NewWriter()
	style := pretty.StyleLight
	style.Format = pretty.FormatOptions{} // heads as they are written, not in capitals
	style.HTML = pretty.HTMLOptions{EscapeText: true, EmptyColumn: "", Newline: "<br>"}
	w.SetStyle(style)
	head := make(pretty.Row, len(t.Columns))
	for i, c := range t.Columns {
		head[i] = escape(c.Title())
	}
	w.AppendHeader(head)
	w.SetColumnConfigs(t.configs())
	for _, cells := range t.Rows {
		row := make(pretty.Row, len(cells))
		for i, c := range cells {
			row[i] = escape(cell(c))
		}
		w.AppendRow(row)
	}
	return w
}

// configs align the columns.
func (t Table) configs() []pretty.ColumnConfig {
	configs := make([]pretty.ColumnConfig, len(t.Columns))
	for i := range t.Columns {
		align := text.AlignLeft
		if t.align(i) == Right {
			align = text.AlignRight
		}
		configs[i] = pretty.ColumnConfig{Number: i + 1, Align: align, AlignHeader: align}
	}
	return configs
}

func shown(c Cell) string      { return c.shown }
func verbatim(s string) string { return s }

// Text is the table in a frame of box-drawing characters, for terminals.
func (t Table) Text() (string, error) {
	return t.TextIn(0)
}

// text is the table for terminals of a width.
func (t Table) text(width int) string {
	var b strings.Builder
	if t.Title != "" {
		b.WriteString(t.Title + "\n")
	}
	w := t.writer(shown, verbatim)
	if width > 0 {
		t.narrow(w, width)
	}
	b.WriteString(w.Render() + "\n")
	for _, p := range t.paragraphs() {
		b.WriteString(p + "\n")
	}
	if line := t.Provenance.Line(); line != "" {
		b.WriteString("[" + line + "]\n")
	}
	return b.String()
}

// Markdown is the table in GitHub's Markdown.
func (t Table) Markdown() (string, error) {
	if err := t.Validate(); err != nil {
		return "", err
	}
	var b strings.Builder
	if t.Title != "" {
		b.WriteString("**" + escapeMarkdownPipes(t.Title) + "**\n\n")
	}
	b.WriteString(t.writer(shown, escapeMarkdown).RenderMarkdown() + "\n")
	for _, p := range t.paragraphs() {
		b.WriteString("\n" + escapeMarkdownPipes(p) + "\n")
	}
	if line := t.Provenance.Line(); line != "" {
		b.WriteString("\n<sub>" + escapeMarkdownPipes(line) + "</sub>\n")
	}
	return b.String(), nil
}

// escapeMarkdown escapes what is markup within a line, except the pipe, which
// go-pretty escapes in cells. An underscore between letters is none.
func escapeMarkdown(s string) string {
	runes := []rune(s)
	word := func(i int) bool {
		return i >= 0 && i < len(runes) && (unicode.IsLetter(runes[i]) || unicode.IsDigit(runes[i]))
	}
	var b strings.Builder
	for i, r := range runes {
		if strings.ContainsRune("\\`*[]<>&~$", r) || r == '_' && !(word(i-1) && word(i+1)) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func escapeMarkdownPipes(s string) string {
	return strings.ReplaceAll(escapeMarkdown(s), "|", `\|`)
}

// CSV is the table's data: numbers exact, provenance in lines that begin with
// "# ".
func (t Table) CSV() (string, error) {
	if err := t.Validate(); err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("# table: " + t.ID + "\n")
	if t.Title != "" {
		b.WriteString("# title: " + t.Title + "\n")
	}
	b.WriteString(t.Provenance.Comments())
	for line := range strings.Lines(t.writer(Cell.exact, verbatim).RenderCSV() + "\n") {
		if strings.HasPrefix(line, "#") { // a head such as "#" is no comment
			first, rest, found := strings.Cut(strings.TrimSuffix(line, "\n"), ",")
			line = `"` + first + `"`
			if found {
				line += "," + rest
			}
			line += "\n"
		}
		b.WriteString(line)
	}
	return b.String(), nil
}

// HTML is the table as an HTML fragment: a table element with its title as
// caption, then caption and notes as paragraphs.
func (t Table) HTML() (string, error) {
	if err := t.Validate(); err != nil {
		return "", err
	}
	w := t.writer(Cell.typeset, verbatim)
	w.Style().HTML.CSSClass = "data"
	if t.Title != "" {
		w.SetTitle("%s", t.Title)
	}
	// All text is escaped, so only go-pretty's own heads match.
	fragment := strings.ReplaceAll(w.RenderHTML(), "<th", `<th scope="col"`)
	fragment = strings.ReplaceAll(fragment, `<th scope="col"ead>`, "<thead>")
	var b strings.Builder
	b.WriteString(fragment + "\n")
	for _, p := range t.paragraphs() {
		b.WriteString(`<p class="note">` + html.EscapeString(p) + "</p>\n")
	}
	return b.String(), nil
}
