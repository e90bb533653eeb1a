package lab

import (
	"fmt"
	"math"
)

// list is several numbers; labels, where there are any, say what each is for.
type list struct {
	values []float64
	labels []string
}

// groups is a sample cut up by the levels of an axis, or a curve taken at
// several places. A statistic of it is a list.
type groups struct {
	parts  []*sample
	labels []string
}

// normal turns what the expression engine gives into the types that the
// functions here work with.
func normal(value any) (any, error) {
	switch v := value.(type) {
	case int:
		return float64(v), nil
	case []int: // the range 0..5
		l := list{}
		for _, n := range v {
			l.values = append(l.values, float64(n))
		}
		return l, nil
	case []any:
		l := list{}
		for _, item := range v {
			n, err := normal(item)
			if err != nil {
				return nil, err
			}
			number, ok := n.(float64)
			if !ok {
				return nil, fmt.Errorf("a list holds %s; want numbers", describe(n))
			}
			l.values = append(l.values, number)
		}
		return l, nil
	}
	return value, nil
}

func describe(value any) string {
	switch v := value.(type) {
	case float64:
		return fmt.Sprint("the number ", v)
	case list:
		return "a list of numbers"
	case *sample:
		return fmt.Sprintf("all values of %s (take mean, median or another statistic)", v.measure)
	case groups:
		return "values by group (take mean, median or another statistic)"
	case bool:
		return fmt.Sprint(v)
	case string:
		return fmt.Sprintf("the text %q", v)
	case nil:
		return "nothing"
	}
	return fmt.Sprintf("a %T", value)
}

// operateCall is the function behind every operator.
func operateCall(params ...any) (any, error) {
	operator := params[0].(string)
	a, err := normal(params[1])
	if err != nil {
		return nil, err
	}
	b, err := normal(params[2])
	if err != nil {
		return nil, err
	}
	return operate(operator, a, b)
}

func operate(operator string, a, b any) (any, error) {
	switch x := a.(type) {
	case *sample:
		if number, ok := b.(float64); ok {
			return x.pointwise(operator, number, false)
		}
	case groups:
		if number, ok := b.(float64); ok {
			return x.each(func(s *sample) (*sample, error) { return s.pointwise(operator, number, false) })
		}
	case float64:
		switch y := b.(type) {
		case float64:
			return scalar(operator, x, y)
		case list:
			return elementwise(operator, list{values: repeat(x, len(y.values)), labels: y.labels}, y)
		case *sample:
			return y.pointwise(operator, x, true)
		case groups:
			return y.each(func(s *sample) (*sample, error) { return s.pointwise(operator, x, true) })
		}
	case list:
		switch y := b.(type) {
		case float64:
			return elementwise(operator, x, list{values: repeat(y, len(x.values))})
		case list:
			return elementwise(operator, x, y)
		}
	case string:
		if y, ok := b.(string); ok && (operator == "==" || operator == "!=") {
			return (x == y) == (operator == "=="), nil
		}
	}
	return nil, fmt.Errorf("%s does not work on %s and %s", operator, describe(a), describe(b))
}

// scalar gives a number, or for a comparison a bool.
func scalar(operator string, a, b float64) (any, error) {
	switch operator {
	case "+":
		return a + b, nil
	case "-":
		return a - b, nil
	case "*":
		return a * b, nil
	case "/":
		return a / b, nil
	case "%":
		return math.Mod(a, b), nil
	case "**", "^":
		return math.Pow(a, b), nil
	case "<":
		return a < b, nil
	case "<=":
		return a <= b, nil
	case ">":
		return a > b, nil
	case ">=":
		return a >= b, nil
	case "==":
		return a == b, nil
	case "!=":
		return a != b, nil
	}
	return nil, fmt.Errorf("operator %s is not known", operator)
}

// elementwise pairs two lists; a comparison holds when it holds for all pairs.
func elementwise(operator string, a, b list) (any, error) {
	if len(a.values) != len(b.values) {
		return nil, fmt.Errorf("%s pairs a list of %d with a list of %d", operator, len(a.values), len(b.values))
	}
	result, holds, compares := list{labels: a.labels}, true, false
	if result.labels == nil {
		result.labels = b.labels
	}
	for i := range a.values {
		v, err := scalar(operator, a.values[i], b.values[i])
		if err != nil {
			return nil, err
		}
		switch v := v.(type) {
		case float64:
			result.values = append(result.values, v)
		case bool:
			holds, compares = holds && v, true
		}
	}
	if compares {
		return holds, nil
	}
	return result, nil
}

// pointwise combines every value of a sample with a number.
func (s *sample) pointwise(operator string, number float64, numberFirst bool) (*sample, error) {
	if s.isCurve() {
		return nil, s.usable()
	}
	probe, err := scalar(operator, 1, 1)
	if err != nil {
		return nil, err
	}
	_, truth := probe.(bool)
	name := fmt.Sprint(operator, number)
	if numberFirst {
		name = fmt.Sprint(number, operator)
	}
	return s.with(step{name: name, truth: truth, pointed: func(v float64) float64 {
		a, b := v, number
		if numberFirst {
			a, b = number, v
		}
		switch r, _ := scalar(operator, a, b); r := r.(type) {
		case float64:
			return r
		case bool:
			if r {
				return 1
			}
		}
		return 0
	}}), nil
}

func (g groups) each(change func(*sample) (*sample, error)) (groups, error) {
	changed := groups{labels: g.labels}
	for _, s := range g.parts {
		c, err := change(s)
		if err != nil {
			return groups{}, err
		}
		changed.parts = append(changed.parts, c)
	}
	return changed, nil
}

func repeat(v float64, n int) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = v
	}
	return values
}
