package lab

import (
	"fmt"
	"slices"
	"strings"

	"github.com/swimlab/swimlab/internal/table"
)

// Tables fills every table of the experiment that can be filled from the
// trials that are here. missing says of each one that has rows which cannot be
// filled why not; such a table is among the filled ones, marked as partial,
// unless it would be empty.
func (r *Results) Tables() (filled []Drawing[table.Table], missing map[string]string, err error) {
	missing = map[string]string{}
	for i, spec := range r.Plan.Definition.Tables {
		d, why, err := r.table(spec)
		if err != nil {
			return nil, nil, r.Plan.Definition.doc.blame(fmt.Sprintf("tables.%d", i), "%v", err)
		}
		if why != "" {
			missing[r.artifactName(spec.Name, nil)] = why
		}
		if len(d.What.Rows) > 0 {
			filled = append(filled, d)
		}
	}
	return filled, missing, nil
}

// table fills one table. why says what keeps rows from being filled.
func (r *Results) table(spec TableSpec) (d Drawing[table.Table], why string, err error) {
	where, err := r.Plan.filter(spec.Where)
	if err != nil {
		return d, "", err
	}
	cells := r.Plan.match(r.all(), where)
	if len(cells) == 0 {
		return d, r.Plan.lacks(where), nil
	}
	name := r.artifactName(spec.Name, nil)
	t := table.Table{ID: name, Title: spec.Title, Caption: oneLine(spec.Caption), Columns: r.columns(spec), Provenance: r.provenance(cells)}
	if t.Title == "" {
		t.Title = r.Plan.Definition.Title
	}
	for _, note := range spec.Notes {
		t.Notes = append(t.Notes, oneLine(note))
	}
	for _, row := range r.rows(spec, cells) {
		line, err := r.tableRow(spec, row)
		if reason, absent := asNotRun(err); absent {
			why = reason
			continue
		}
		if err != nil {
			return d, "", err
		}
		t.Rows = append(t.Rows, line)
	}
	if r.Plan.Profile == Smoke {
		t.Notes = append(t.Notes, "Smoke run: too few trials to mean anything.")
	}
	if why != "" {
		t.Notes = append(t.Notes, "Rows are missing: "+why)
	}
	return Drawing[table.Table]{Name: name, What: t, Cells: cells, Partial: why != ""}, why, t.Validate()
}

// columns are the row axes and then the columns asked for, each with another
// for its interval where that is wanted.
func (r *Results) columns(spec TableSpec) []table.Column {
	var columns []table.Column
	for _, axis := range spec.Rows {
		columns = append(columns, table.Column{Name: strings.ReplaceAll(axis, "_", " ")})
	}
	for _, c := range spec.Columns {
		columns = append(columns, table.Column{Name: c.head(), Unit: c.Unit})
		if c.Interval && r.Plan.Trials > 1 {
			columns = append(columns, table.Column{Name: "95 % interval", Align: table.Right})
		}
	}
	return columns
}

// head is a column's title; a published one says how its numbers are known.
func (c ColumnSpec) head() string {
	if c.Known != "" {
		return c.Label + " (" + c.Known + ")"
	}
	return c.Label
}

// tableLine is one row to fill.
type tableLine struct {
	levels []Level // of the Rows axes
	fixed  map[string]Level
	cells  []int
}

// rows multiplies the levels of the Rows axes, the first slowest, and keeps
// those that have cells.
func (r *Results) rows(spec TableSpec, cells []int) []tableLine {
	rows := []tableLine{{fixed: map[string]Level{}, cells: cells}}
	for _, name := range spec.Rows {
		at, _ := r.Plan.axis(name)
		var split []tableLine
		for _, row := range rows {
			for _, level := range r.Plan.Axes[at].Levels {
				kept := r.Plan.match(row.cells, map[string][]string{name: {level.Name}})
				if len(kept) == 0 {
					continue
				}
				fixed := map[string]Level{name: level}
				for k, v := range row.fixed {
					fixed[k] = v
				}
				split = append(split, tableLine{append(slices.Clone(row.levels), level), fixed, kept})
			}
		}
		rows = split
	}
	return rows
}

func (r *Results) tableRow(spec TableSpec, row tableLine) ([]table.Cell, error) {
	var line []table.Cell
	for _, level := range row.levels {
		if x, ok := level.Number(); ok {
			line = append(line, table.Number(x))
		} else {
			line = append(line, table.Text(level.Label))
		}
	}
	for _, c := range spec.Columns {
		if c.Published != nil {
			line = append(line, c.published(row.levels))
			continue
		}
		cells, err := r.measuredCells(c, row)
		if err != nil {
			return nil, fmt.Errorf("column %q: %w", c.Label, err)
		}
		line = append(line, cells...)
	}
	return line, nil
}

// measuredCells is the value and, where asked for, its interval.
func (r *Results) measuredCells(c ColumnSpec, row tableLine) ([]table.Cell, error) {
	x, err := compile(c.Value, r.Plan.Definition.names())
	if err != nil {
		return nil, err
	}
	if err := r.need(row.cells); err != nil {
		return nil, err
	}
	e := r.evaluate(row.cells, row.fixed)
	withInterval := c.Interval && r.Plan.Trials > 1
	var estimate Estimate
	if withInterval {
		var estimates []Estimate
		if estimates, _, err = e.estimates(x); err == nil {
			estimate = estimates[0]
		}
	} else {
		var value any
		value, err = e.run(x)
		if text, ok := value.(string); ok && err == nil {
			return []table.Cell{table.Text(text)}, nil
		}
		estimate.Value, _ = value.(float64)
		if err == nil {
			err = finite(estimate.Value)
		}
	}
	switch {
	case isNoValue(err) && withInterval:
		return []table.Cell{table.Text("–"), table.Text("")}, nil
	case isNoValue(err):
		return []table.Cell{table.Text("–")}, nil
	case err != nil:
		return nil, err
	case !withInterval:
		return []table.Cell{c.cell(estimate.Value)}, nil
	case estimate.Interval == nil:
		return []table.Cell{c.cell(estimate.Value), table.Text("")}, nil
	}
	interval := "[" + formatNumber(estimate.Interval.Low, c.Digits) + ", " + formatNumber(estimate.Interval.High, c.Digits) + "]"
	return []table.Cell{c.cell(estimate.Value), table.Text(interval)}, nil
}

func (c ColumnSpec) cell(v float64) table.Cell {
	if c.Digits != nil {
		return table.Fixed(v, *c.Digits)
	}
	return table.Rounded(v, significant)
}

// published finds the row's number in the literature; a row without one is
// left empty.
func (c ColumnSpec) published(levels []Level) table.Cell {
next:
	for _, row := range c.Published {
		for i, level := range levels {
			if name, _ := scalarText(row[i]); name != level.Name {
				continue next
			}
		}
		switch v := row[len(levels)].(type) {
		case int:
			return c.exactly(float64(v))
		case float64:
			return c.exactly(v)
		case string:
			return table.Text(v)
		}
	}
	return table.Text("")
}

// exactly is a published number as published, or with the digits asked for.
func (c ColumnSpec) exactly(v float64) table.Cell {
	if c.Digits != nil {
		return table.Fixed(v, *c.Digits)
	}
	return table.Number(v)
}
