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
	return once(s, fmt.Sprintf("instead %#v", filter), func() (*sample, error) {
		plan := s.eval.results.Plan
		wanted, err := plan.filter(filter)
		if err != nil {
			return nil, err
		}
		return s.inSome(plan.counterparts(s.cells, wanted), wanted)
	})
}

// counterparts lists the cells with one of the wanted levels on every axis that
// the filter names, and on all other axes the levels of one of own.
func (p *Plan) counterparts(own []int, filter map[string][]string) []int {
	circumstances := func(cell int) string {
		var names []string
		for at, axis := range p.Axes {
			if _, free := filter[axis.Name]; !free {
				names = append(names, p.Cells[cell].Levels[at].Name)
			}
		}
		return fmt.Sprintf("%q", names)
	}
	known := map[string]bool{}
	for _, cell := range own {
		known[circumstances(cell)] = true
	}
	all := make([]int, len(p.Cells))
	for cell := range all {
		all[cell] = cell
	}
	return slices.DeleteFunc(p.match(all, filter), func(cell int) bool { return !known[circumstances(cell)] })
}
