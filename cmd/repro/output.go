package main

import (
	"encoding/json"
	"io"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	tables "github.com/swimlab/swimlab/internal/table"
)

// newTable is a table of the terminal's, written to w when it is rendered.
func newTable(w io.Writer) table.Writer {
	t := table.NewWriter()
	t.SetOutputMirror(w)
	t.SetStyle(table.StyleLight)
	t.Style().Format.Header = text.FormatDefault
	return t
}

// render writes a table as text, or as Markdown if that is the format.
func render(t table.Writer, format string) {
	if format == "markdown" {
		t.RenderMarkdown()
		return
	}
	t.Render()
}

// printTable writes a table of the report's kind, as text that fits the terminal or as
// Markdown.
func printTable(w io.Writer, t tables.Table, format string) error {
	written := func() (string, error) { return t.TextIn(terminalWidth(w)) }
	if format == "markdown" {
		written = t.Markdown
	}
	out, err := written()
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, out)
	return err
}

// printJSON writes a value as indented JSON, with <, > and & as they are.
func printJSON(w io.Writer, value any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(value)
}
