package table

import (
	"fmt"
	"math"
	"strings"

	"github.com/swimlab/swimlab/internal/number"
	"github.com/swimlab/swimlab/internal/provenance"
)

// Table is the neutral description of one table.
type Table struct {
	// ID names the table among all tables, in the form of a figure's ID.
	ID string
	// Title is one line above the table, Caption the paragraph below it.
	Title, Caption string
	Columns        []Column
	// Rows hold one cell for each column.
	Rows [][]Cell
	// Notes stand below the table, a paragraph each.
	Notes      []string
	Provenance provenance.Record
}

// Column is the head of one column.
type Column struct {
	Name string
	// Unit is written behind the name in parentheses.
	Unit string
	// Align is Left or Right; empty aligns numbers right and texts left.
	Align Align
}

// Align is where a column's cells stand.
type Align string

// The alignments of a column.
const (
	Left  Align = "left"
	Right Align = "right"
)

// Title is the column's name with its unit.
func (c Column) Title() string {
	if c.Unit == "" || c.Unit == "1" {
		return c.Name
	}
	return c.Name + " (" + c.Unit + ")"
}

// Cell is a text, a number, or nothing: the zero Cell is empty.
type Cell struct {
	shown  string
	value  float64
	number bool
}

// Text is a cell of text.
func Text(s string) Cell { return Cell{shown: s} }

// Number shows v with all its digits.
func Number(v float64) Cell { return Cell{number.Exact(v), v, true} }

// Rounded shows v with at most so many significant digits.
func Rounded(v float64, digits int) Cell { return Cell{number.Rounded(v, digits), v, true} }

// Fixed shows v with exactly so many decimals.
func Fixed(v float64, decimals int) Cell { return Cell{number.Fixed(v, decimals), v, true} }

// exact is the cell for machines.
func (c Cell) exact() string {
	if c.number {
		return number.Exact(c.value)
	}
	return c.shown
}

// typeset is the cell for print, with a true minus sign.
func (c Cell) typeset() string {
	if c.number {
		return strings.ReplaceAll(c.shown, "-", "−")
	}
	return c.shown
}

// align decides the alignment of column i. An empty cell or a dash, which
// stands for a number that is not there, decides nothing.
func (t Table) align(i int) Align {
	if t.Columns[i].Align != "" {
		return t.Columns[i].Align
	}
	numbers := false
	for _, row := range t.Rows {
		if blank := row[i].shown == "" || row[i].shown == "–"; !blank && !row[i].number {
			return Left
		}
		numbers = numbers || row[i].number
	}
	if numbers {
		return Right
	}
	return Left
}

// Validate reports the first thing that would make the table wrong; the error
// names table, row and column.
func (t Table) Validate() error {
	if err := provenance.CheckID(t.ID); err != nil {
		return fmt.Errorf("table: %w", err)
	}
	fail := func(format string, args ...any) error {
		return fmt.Errorf("table %s: %s", t.ID, fmt.Sprintf(format, args...))
	}
	if len(t.Columns) == 0 {
		return fail("has no columns")
	}
	if err := provenance.CheckLine(t.Title); err != nil {
		return fail("title %q %v", t.Title, err)
	}
	for _, paragraph := range append([]string{t.Caption}, t.Notes...) {
		if err := provenance.CheckLine(provenance.OneLine(paragraph)); err != nil {
			return fail("caption or note %q %v", paragraph, err)
		}
	}
	for _, field := range t.Provenance.Fields() {
		if err := provenance.CheckLine(field.Value); err != nil {
			return fail("provenance %s %q %v", field.Name, field.Value, err)
		}
	}
	for i, c := range t.Columns {
		if err := provenance.CheckLine(c.Title()); err != nil {
			return fail("column %d: %q %v", i, c.Title(), err)
		}
		if c.Align != "" && c.Align != Left && c.Align != Right {
			return fail("column %d (%q): align %q is not valid; want left or right", i, c.Name, c.Align)
		}
	}
	for i, row := range t.Rows {
		if len(row) != len(t.Columns) {
			return fail("row %d has %d cells but there are %d columns", i, len(row), len(t.Columns))
		}
		for k, cell := range row {
			if math.IsNaN(cell.value) || math.IsInf(cell.value, 0) {
				return fail("row %d, column %d (%q) is %v; want a finite number", i, k, t.Columns[k].Name, cell.value)
			}
			if err := provenance.CheckLine(cell.shown); err != nil {
				return fail("row %d, column %d (%q): %q %v", i, k, t.Columns[k].Name, cell.shown, err)
			}
		}
	}
	return nil
}

// paragraphs are caption and notes, folded, in the order in which they stand
// below the table.
func (t Table) paragraphs() []string {
	var lines []string
	for _, p := range append([]string{t.Caption}, t.Notes...) {
		if p = provenance.OneLine(p); p != "" {
			lines = append(lines, p)
		}
	}
	return lines
}
