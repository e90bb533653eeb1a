package lab

import (
	"fmt"
	"slices"
)

func init() { functions["instead"] = insteadCall }

// insteadCall is x in the cells that differ from its own in the axes named:
// in the row of another configuration, instead(x, {config: swim}) is x under
// plain SWIM and otherwise the same circumstances.
func insteadCall(args []any) (any, error) {
	const usage = "instead(x, {axis: value})"
	if len(args) != 2 {
		return nil, fmt.Errorf("instead is given %d arguments; want %s", len(args), usage)
	}
	s, isSample := args[0].(*sample)
	filter, isFilter := args[1].(map[string]any)
	if !isSample || !isFilter || len(filter) == 0 {
		return nil, fmt.Errorf("instead does not work on %s; want %s of a measure", describe(args[0]), usage)
	}
	plan := s.eval.results.Plan
	wanted, err := plan.filter(filter)
	if err != nil {
		return nil, err
	}
	var cells []int
	for other := range plan.Cells {
		if len(plan.match([]int{other}, wanted)) == 0 {
			continue
		}
		for _, own := range s.cells {
			if plan.differOnlyIn(other, own, wanted) {
				cells = append(cells, other)
				break
			}
		}
	}
	if len(cells) == 0 {
		return nil, &NotRun{fmt.Sprintf("profile %s has no cell with %s", plan.Profile, describeFilter(wanted))}
	}
	return s.in(cells), nil
}

// differOnlyIn says whether two cells have the same levels on all axes but those
// of the filter.
func (p *Plan) differOnlyIn(a, b int, filter map[string][]string) bool {
	return !slices.ContainsFunc(p.Axes, func(axis Axis) bool {
		at, _ := p.axis(axis.Name)
		_, free := filter[axis.Name]
		return !free && p.Cells[a].Levels[at].Name != p.Cells[b].Levels[at].Name
	})
}
