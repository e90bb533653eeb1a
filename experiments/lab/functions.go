package lab

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/swimlab/swimlab/experiments/closedform"
)

// A function of the expression language. Its parameters have been through normal.
type function func(args []any) (any, error)

// functions by name; experiments/README.md explains each to its user.
var functions = map[string]function{}

func functionNames() []string { return slices.Sorted(maps.Keys(functions)) }

func init() {
	functions["where"] = whereCall
	functions["by"] = byCall
	functions["at"] = atCall
	functions["crossing"] = crossingCall
	functions["slope"] = slopeCall
	for name, s := range statistics {
		functions[name] = statisticCall(name, s.args, s.of)
	}
	for name, f := range map[string]func(float64) float64{
		"exp": math.Exp, "log": math.Log, "log2": math.Log2, "log10": math.Log10, "sqrt": math.Sqrt,
		"abs": math.Abs, "ceil": math.Ceil, "floor": math.Floor, "round": math.Round,
	} {
		functions[name] = numeric(name, []string{"x"}, func(a []float64) float64 { return f(a[0]) })
	}
	functions["within"] = numeric("within", []string{"x", "low", "high"}, func(a []float64) float64 {
		if a[1] <= a[0] && a[0] <= a[2] {
			return 1
		}
		return 0
	})
	for _, f := range closedform.Functions {
		functions[f.Name] = numeric(f.Name, f.Args, f.Of)
	}
}

// checked is how expr calls a function.
func checked(name string, f function) func(...any) (any, error) {
	return func(params ...any) (any, error) {
		args := make([]any, len(params))
		for i, p := range params {
			var err error
			if args[i], err = normal(p); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
		return f(args)
	}
}

// numeric makes a function of numbers that takes lists too, element by element.
func numeric(name string, names []string, of func([]float64) float64) function {
	return func(args []any) (any, error) {
		if len(args) != len(names) {
			return nil, fmt.Errorf("%s wants %d arguments: %s(%s)", name, len(names), name, strings.Join(names, ", "))
		}
		long := list{}
		for i, a := range args {
			switch v := a.(type) {
			case float64:
			case list:
				if long.values != nil && len(long.values) != len(v.values) {
					return nil, fmt.Errorf("%s is given lists of %d and %d", name, len(long.values), len(v.values))
				}
				long = v
			default:
				return nil, fmt.Errorf("%s: %s is %s; want a number or a list", name, names[i], describe(a))
			}
		}
		at := func(i int) float64 {
			point := make([]float64, len(args))
			for k, a := range args {
				if l, ok := a.(list); ok {
					point[k] = l.values[i]
				} else {
					point[k] = a.(float64)
				}
			}
			return of(point)
		}
		if long.values == nil {
			return at(0), nil
		}
		result := list{labels: long.labels, values: make([]float64, len(long.values))}
		for i := range result.values {
			result.values[i] = at(i)
		}
		return result, nil
	}
}

// statisticCall takes a sample to a number, groups to a list, and for those
// statistics that have a plain meaning a list or several numbers to a number.
func statisticCall(name string, names []string, of statistic) function {
	usage := name + "(" + strings.Join(append([]string{"x"}, names...), ", ") + ")"
	return func(args []any) (any, error) {
		if len(args) == 0 {
			return nil, fmt.Errorf("%s is given nothing; want %s", name, usage)
		}
		numbers := make([]float64, 0, len(args)-1)
		for _, a := range args[1:] {
			if n, ok := a.(float64); ok {
				numbers = append(numbers, n)
			}
		}
		switch x := args[0].(type) {
		case *sample, groups:
			if len(numbers) != len(names) || len(args)-1 != len(names) {
				return nil, fmt.Errorf("%s is given %d arguments; want %s", name, len(args), usage)
			}
			if s, ok := x.(*sample); ok {
				return of(s, numbers)
			}
			g := x.(groups)
			l := list{labels: g.labels}
			for i, s := range g.parts {
				v, err := of(s, numbers)
				if err != nil {
					return nil, fmt.Errorf("at %s: %w", g.labels[i], err)
				}
				l.values = append(l.values, v)
			}
			return l, nil
		case float64:
			if len(numbers) == len(args)-1 && (name == "min" || name == "max") {
				return plain(name, append([]float64{x}, numbers...))
			}
		case list:
			if len(args) == 1 {
				return plain(name, x.values)
			}
		}
		return nil, fmt.Errorf("%s does not work on %s; want %s of a measure", name, describe(args[0]), usage)
	}
}

// plain is a statistic of a handful of numbers.
func plain(name string, values []float64) (any, error) {
	if len(values) == 0 {
		return nil, fmt.Errorf("%s of an empty list", name)
	}
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	switch name {
	case "mean":
		return sum / float64(len(values)), nil
	case "sum":
		return sum, nil
	case "count":
		return float64(len(values)), nil
	case "min":
		return slices.Min(values), nil
	case "max":
		return slices.Max(values), nil
	case "median":
		s := slices.Sorted(slices.Values(values))
		return (s[(len(s)-1)/2] + s[len(s)/2]) / 2, nil
	}
	return nil, fmt.Errorf("%s wants a measure, not a list", name)
}

// whereCall keeps the cells that a filter names: where(x, {members: 28}), or
// with several levels {members: [8, 16]}.
func whereCall(args []any) (any, error) {
	const usage = "where(x, {axis: value})"
	if len(args) != 2 {
		return nil, fmt.Errorf("where is given %d arguments; want %s", len(args), usage)
	}
	s, isSample := args[0].(*sample)
	filter, isFilter := args[1].(map[string]any)
	if !isSample || !isFilter || len(filter) == 0 {
		return nil, fmt.Errorf("where does not work on %s; want %s of a measure", describe(args[0]), usage)
	}
	return once(s, fmt.Sprintf("where %#v", filter), func() (*sample, error) {
		plan := s.eval.results.Plan
		wanted, err := plan.filter(filter)
		if err != nil {
			return nil, err
		}
		return s.inSome(plan.match(s.cells, wanted), wanted)
	})
}

// inSome returns the sample in the cells that a filter has left, if there are any.
func (s *sample) inSome(cells []int, wanted map[string][]string) (*sample, error) {
	if len(cells) == 0 {
		return nil, &NotRun{s.eval.results.Plan.lacks(wanted)}
	}
	return s.in(cells), nil
}

// filter reads {axis: value or list of values}.
func (p *Plan) filter(filter map[string]any) (map[string][]string, error) {
	wanted := map[string][]string{}
	for _, axis := range slices.Sorted(maps.Keys(filter)) {
		at, ok := p.axis(axis)
		if !ok {
			return nil, p.noAxis(axis)
		}
		values, many := filter[axis].([]any)
		if !many {
			values = []any{filter[axis]}
		}
		for _, v := range values {
			name, ok := scalarText(v)
			if !ok {
				return nil, fmt.Errorf("%s: %v is not valid; want a level of the axis or a list of them", axis, v)
			}
			if known := p.Definition.levelNames(p.Axes[at]); !slices.Contains(known, name) {
				return nil, fmt.Errorf("%s has no level %s%s; want one of %s", axis, name, didYouMean(name, known), strings.Join(known, ", "))
			}
			wanted[axis] = append(wanted[axis], name)
		}
	}
	return wanted, nil
}

func describeFilter(wanted map[string][]string) string {
	var parts []string
	for _, axis := range slices.Sorted(maps.Keys(wanted)) {
		parts = append(parts, axis+"="+strings.Join(wanted[axis], "|"))
	}
	return strings.Join(parts, " ")
}

// byCall cuts a sample up by an axis.
func byCall(args []any) (any, error) {
	const usage = `by(x, "axis")`
	if len(args) != 2 {
		return nil, fmt.Errorf("by is given %d arguments; want %s", len(args), usage)
	}
	s, isSample := args[0].(*sample)
	name, isText := args[1].(string)
	if !isSample || !isText {
		return nil, fmt.Errorf("by does not work on %s and %s; want %s", describe(args[0]), describe(args[1]), usage)
	}
	return once(s, "by "+name, func() (groups, error) {
		plan := s.eval.results.Plan
		at, ok := plan.axis(name)
		if !ok {
			return groups{}, plan.noAxis(name)
		}
		g := groups{}
		for _, level := range plan.Axes[at].Levels {
			if cells := plan.match(s.cells, map[string][]string{name: {level.Name}}); len(cells) > 0 {
				g.parts = append(g.parts, s.in(cells))
				g.labels = append(g.labels, name+"="+level.Name)
			}
		}
		return g, nil
	})
}

// atCall takes a curve's value at x, or at each of several x: that of its last
// point at or before x, and its first value before them all.
func atCall(args []any) (any, error) {
	return curveCall("at", "x", args, func(x float64) func(xs, ys []float64) []float64 {
		return func(xs, ys []float64) []float64 {
			if len(xs) == 0 {
				return nil
			}
			i := sort.Search(len(xs), func(i int) bool { return xs[i] > x })
			return []float64{ys[max(i-1, 0)]}
		}
	})
}

// crossingCall takes the x at which a curve first reaches y; trials whose curve
// never does give no value.
func crossingCall(args []any) (any, error) {
	return curveCall("crossing", "y", args, func(y float64) func(xs, ys []float64) []float64 {
		return func(xs, ys []float64) []float64 {
			for i := range ys {
				switch {
				case ys[i] == y:
					return []float64{xs[i]}
				case i > 0 && (ys[i-1] < y) != (ys[i] < y):
					share := (y - ys[i-1]) / (ys[i] - ys[i-1])
					return []float64{xs[i-1] + share*(xs[i]-xs[i-1])}
				}
			}
			return nil
		}
	})
}

func curveCall(name, argument string, args []any, value func(float64) func(xs, ys []float64) []float64) (any, error) {
	usage := fmt.Sprintf("%s(curve, %s)", name, argument)
	if len(args) != 2 {
		return nil, fmt.Errorf("%s is given %d arguments; want %s", name, len(args), usage)
	}
	take := func(s *sample, v float64) (*sample, error) {
		if !s.isCurve() {
			return nil, fmt.Errorf("%s wants a curve, and %s is none", name, s.measure)
		}
		return s.with(step{name: name + strconv.FormatFloat(v, 'g', -1, 64), curve: value(v)}), nil
	}
	switch x := args[0].(type) {
	case *sample:
		switch v := args[1].(type) {
		case float64:
			return take(x, v)
		case list:
			g := groups{}
			for _, place := range v.values {
				s, err := take(x, place)
				if err != nil {
					return nil, err
				}
				g.parts = append(g.parts, s)
				g.labels = append(g.labels, argument+"="+strconv.FormatFloat(place, 'g', -1, 64))
			}
			return g, nil
		}
	case groups:
		if v, ok := args[1].(float64); ok {
			return x.each(func(s *sample) (*sample, error) { return take(s, v) })
		}
	}
	return nil, fmt.Errorf("%s does not work on %s and %s; want %s", name, describe(args[0]), describe(args[1]), usage)
}

func slopeCall(args []any) (any, error) {
	const usage = `slope(x, "axis")`
	if len(args) != 2 {
		return nil, fmt.Errorf("slope is given %d arguments; want %s", len(args), usage)
	}
	s, isSample := args[0].(*sample)
	axis, isText := args[1].(string)
	if !isSample || !isText {
		return nil, fmt.Errorf("slope does not work on %s and %s; want %s", describe(args[0]), describe(args[1]), usage)
	}
	return slope(s, axis)
}
