package lab

import (
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/parser"
)

// Measures have units and numbers in expressions have none, so no unit is ever
// converted here. What can be seen without running is seen: seconds added to
// periods, or a claim in milliseconds of something measured in seconds.

// measuring are units that a number cannot do without; the others count things,
// and things of different kinds may be added and compared.
var measuring = []string{"ns", "us", "ms", "s", "min", "h", "periods", "bytes"}

// unitNames are other spellings of them.
var unitNames = map[string]string{"µs": "us", "second": "s", "seconds": "s", "period": "periods", "protocol period": "periods", "protocol periods": "periods", "byte": "bytes"}

func sameUnit(a, b string) bool {
	plain := func(u string) string {
		u = strings.TrimSpace(u)
		if name, known := unitNames[u]; known {
			return name
		}
		return u
	}
	a, b = plain(a), plain(b)
	return a == b || !slices.Contains(measuring, a) || !slices.Contains(measuring, b)
}

// meter finds the unit of every part of an expression, where it can be told: ""
// stands for any. It implements ast.Visitor.
type meter struct {
	measures map[string]string // units by measure
	of       map[ast.Node]string
	err      error
}

// unitOf returns the unit of what an expression gives, "" where it cannot be told,
// and an error if it mixes units. Whatever else is wrong with it is for [compile].
func unitOf(source string, measures map[string]string) (string, error) {
	tree, err := parser.ParseWithConfig(quoteLevels(source), grammar)
	if err != nil {
		return "", nil
	}
	m := &meter{measures: measures, of: map[ast.Node]string{}}
	ast.Walk(&tree.Node, m)
	return m.of[tree.Node], m.err
}

// grammar is the language's: that of expr with our functions in place of its own.
var grammar = func() *conf.Config {
	c := conf.CreateNew()
	expr.DisableAllBuiltins()(c)
	for _, name := range syntax {
		expr.Function(name, checked(name, functions[name]))(c)
	}
	return c
}()

// Visit implements ast.Visitor; it sees the parts of a node before the node.
func (m *meter) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		m.of[n] = m.measures[n.Value]
	case *ast.UnaryNode:
		m.of[n] = m.of[n.Node]
	case *ast.BinaryNode:
		m.of[n] = m.operation(n.Operator, m.of[n.Left], m.of[n.Right])
	case *ast.ConditionalNode:
		m.of[n] = m.operation("?:", m.of[n.Exp1], m.of[n.Exp2])
	case *ast.CallNode:
		called, ok := n.Callee.(*ast.IdentifierNode)
		if !ok || len(n.Arguments) == 0 {
			return
		}
		switch called.Value {
		case "mean", "median", "quantile", "min", "max", "sd", "sum", "where", "instead", "by", "at", "abs", "ceil", "floor", "round":
			m.of[n] = m.of[n.Arguments[0]]
		}
	}
}

// operation is the unit of two things taken together. A factor may convert, so
// that a product's unit is not known.
func (m *meter) operation(operator, a, b string) string {
	switch operator {
	case "+", "-", "<", "<=", ">", ">=", "==", "!=", "?:":
	default:
		return ""
	}
	if a != "" && b != "" && !mixes(a, b) {
		if a == b && (operator == "+" || operator == "-" || operator == "?:") {
			return a
		}
		return ""
	}
	if a != "" && b != "" && m.err == nil {
		m.err = fmt.Errorf("%s takes %s and %s together; want one unit, by a factor such as 1000 *", operator, unitInWords(a), unitInWords(b))
	}
	if operator == "+" || operator == "-" || operator == "?:" {
		return a + b // the one that is known
	}
	return ""
}

// mixes says that two units of what is measured do not go together.
func mixes(a, b string) bool {
	return a != b && (slices.Contains(measuring, a) || slices.Contains(measuring, b))
}

func unitInWords(unit string) string {
	if unit == "1" {
		return "a pure number"
	}
	return unit
}

// checkUnits compares the units of expressions with one another, and with those
// that claims, values and columns are said to be in.
func (p *Plan) checkUnits() error {
	d := p.Definition
	check := func(key, source, unitKey, unit string) error {
		measured, err := unitOf(source, p.Units)
		if err != nil {
			return d.doc.blame(key, "%v", err)
		}
		if unit != "" && measured != "" && !sameUnit(unit, measured) {
			return d.doc.blame(unitKey, "%s is not the unit of %s, which is in %s; want that, or a factor in the expression", unit, source, measured)
		}
		return nil
	}
	for i, f := range d.Figures {
		for k, line := range f.Y {
			// What an axis says is for readers: where a period takes a second, s is no slip.
			if err := check(fmt.Sprintf("figures.%d.y.%d.value", i, k), line.Value, "", ""); err != nil {
				return err
			}
		}
	}
	for i, t := range d.Tables {
		for k, c := range t.Columns {
			key := fmt.Sprintf("tables.%d.columns.%d.", i, k)
			if err := check(key+"value", c.Value, key+"unit", c.Unit); err != nil {
				return err
			}
		}
	}
	for i, v := range d.Values {
		key := fmt.Sprintf("values.%d.", i)
		if err := check(key+"value", v.Value, key+"unit", v.Unit); err != nil {
			return err
		}
	}
	for i, c := range d.Claims {
		key := fmt.Sprintf("claims.%d.", i)
		if err := check(key+"measured", c.Measured, key+"unit", c.Unit); err != nil {
			return err
		}
		if err := check(key+"expect", c.Expect, key+"unit", c.Unit); err != nil {
			return err
		}
	}
	return nil
}
