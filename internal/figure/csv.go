package figure

import (
	"bytes"
	"encoding/csv"
	"fmt"

	"github.com/swimlab/swimlab/internal/number"
	"github.com/swimlab/swimlab/internal/provenance"
)

// CSV is the figure's data in long form, one line a point, every number in its
// shortest exact text. Lines that begin with "# " say what the columns hold
// and where the data comes from; low and high are empty where a series has no
// interval.
func (f Figure) CSV() ([]byte, error) {
	if err := f.Validate(); err != nil {
		return nil, err
	}
	f = f.withDefaults()
	var out bytes.Buffer
	comment := func(name, value string) {
		if value = provenance.OneLine(value); value != "" {
			fmt.Fprintf(&out, "# %s: %s\n", name, value)
		}
	}
	comment("figure", f.ID)
	comment("title", f.Title)
	comment("x", f.X.Title())
	comment("y", f.Y.Title())
	if f.Map != nil {
		comment("x, y, height", f.Map.Unit)
	}
	comment("watermark", f.Watermark)
	out.WriteString(f.Provenance.Comments())
	w := csv.NewWriter(&out)
	if f.Map != nil {
		if err := w.WriteAll(f.Map.rows()); err != nil {
			return nil, fmt.Errorf("figure %s: %w", f.ID, err)
		}
		return out.Bytes(), nil
	}
	rows := [][]string{{"series", "role", "x", "y", "low", "high"}}
	for _, s := range f.Series {
		for i := range s.X {
			row := []string{s.Label(), string(s.Role), number.Exact(s.X[i]), number.Exact(s.Y[i]), "", ""}
			if s.hasInterval() {
				row[4], row[5] = number.Exact(s.Low[i]), number.Exact(s.High[i])
			}
			rows = append(rows, row)
		}
	}
	if err := w.WriteAll(rows); err != nil {
		return nil, fmt.Errorf("figure %s: %w", f.ID, err)
	}
	return out.Bytes(), nil
}

// rows are the places of all panels, one a line.
func (m Map) rows() [][]string {
	rows := [][]string{{"panel", "name", "group", "x", "y", "height"}}
	for _, p := range m.Panels {
		for _, at := range p.Places {
			rows = append(rows, []string{p.Title, at.Name, at.Group, number.Exact(at.X), number.Exact(at.Y), number.Exact(at.Height)})
		}
	}
	return rows
}
