package lab

import (
	"fmt"
	"slices"

	"github.com/swimlab/swimlab/internal/figure"
)

// drawMap draws the places of the first trial: a panel for each combination of
// the series axes' levels, those of the last axis side by side.
func (s *sketch) drawMap(facet *Level) (Drawing[figure.Figure], error) {
	measure := s.spec.Y[0].Value
	m := &figure.Map{Unit: s.Plan.Units[measure]}
	unknown := slices.Clone(s.spec.Labels)
	lines := s.lines()
	for _, l := range lines {
		if len(l.cells) != 1 {
			return Drawing[figure.Figure]{}, fmt.Errorf("%d cells for one panel; want series, facet or where to leave one", len(l.cells))
		}
		places, ok := s.Results.cells[l.cells[0]].trials[0].Maps[measure]
		if !ok {
			return Drawing[figure.Figure]{}, fmt.Errorf("%s is no map", measure)
		}
		panel := figure.Panel{Title: l.label}
		if len(lines) == 1 {
			panel.Title = ""
		}
		for _, p := range places {
			labelled := slices.Contains(s.spec.Labels, p.Name)
			unknown = slices.DeleteFunc(unknown, func(name string) bool { return name == p.Name })
			panel.Places = append(panel.Places, figure.Place{Name: p.Name, Group: p.Group, X: p.X, Y: p.Y, Height: p.Height, Labelled: labelled})
		}
		m.Panels = append(m.Panels, panel)
	}
	if len(unknown) > 0 && s.spec.Facet == "" {
		return Drawing[figure.Figure]{}, fmt.Errorf("no place is called %s", unknown[0])
	}
	m.Columns = s.columns(lines)
	return s.finish(figure.Figure{Map: m}, facet)
}

// columns is how many panels stand in a row: the levels of the last axis that is
// drawn, as far as they occur.
func (s *sketch) columns(lines []lineCells) int {
	axes := s.seriesAxes()
	if len(axes) == 0 {
		return 1
	}
	at, _ := s.Plan.axis(axes[len(axes)-1])
	seen := map[string]bool{}
	for _, l := range lines {
		seen[s.Plan.Cells[l.cells[0]].Levels[at].Name] = true
	}
	return len(seen)
}
