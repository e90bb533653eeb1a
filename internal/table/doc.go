// Package table describes a table once and writes it everywhere.
//
//	            ┌─ go-pretty ─▶ Text, Markdown, CSV, HTML
//	Table ──────┤
//	            └─────────────▶ LaTeX, Typst   for papers
//
// Cells keep their value and how many digits of it people see: a CSV holds the
// exact number, every other form the shown one. Every form is escaped, so that
// no text in a cell can become markup, and the same Table always gives the
// same bytes.
package table
