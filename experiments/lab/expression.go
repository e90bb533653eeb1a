package lab

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"
)

// expression is a measured expression or a closed form, compiled. The language
// is expr-lang's, with the functions of functions.go instead of its own and
// with arithmetic that works on numbers, lists and samples alike.
type expression struct {
	source  string
	program *vm.Program
}

// compile compiles source; names are what it may refer to besides functions.
// Functions and names do not meet: an axis may be called fraction.
func compile(source string, names []string) (*expression, error) {
	seen := &resolver{}
	options := []expr.Option{
		expr.DisableAllBuiltins(), expr.AllowUndefinedVariables(), expr.Optimize(false),
		expr.Patch(seen), expr.Patch(&arithmetic{}), expr.Function("operate", operateCall),
	}
	for name, f := range functions {
		options = append(options, expr.Function(callPrefix+name, checked(name, f)))
	}
	for _, name := range syntax {
		options = append(options, expr.Function(name, checked(name, functions[name])))
	}
	program, err := expr.Compile(quoteLevels(source), options...)
	if seen.err != nil {
		return nil, seen.err
	}
	for _, n := range seen.names {
		if !slices.Contains(names, n.Value) {
			return nil, errors.New(n.Value + " is not known" + didYouMean(n.Value, names) + "; want one of " + strings.Join(names, ", "))
		}
	}
	if err != nil {
		var positioned *file.Error
		if errors.As(err, &positioned) {
			return nil, fmt.Errorf("%s (at column %d of %q)", positioned.Message, positioned.Column+1, source)
		}
		return nil, err
	}
	return &expression{source, program}, nil
}

var (
	filterForm = regexp.MustCompile(`\{[^{}]*\}`)
	wordForm   = regexp.MustCompile(`"[^"]*"|'[^']*'|[A-Za-z0-9_.:-]+`)
)

// quoteLevels puts quotes around the words of {axis: word}, so that levels such
// as 2d_height or synthetic-internet are written bare, as in the sweep itself.
func quoteLevels(source string) string {
	return filterForm.ReplaceAllStringFunc(source, func(filter string) string {
		return wordForm.ReplaceAllStringFunc(filter, func(word string) string {
			_, notNumber := strconv.ParseFloat(word, 64)
			isKey := strings.HasSuffix(word, ":")
			if isKey || notNumber == nil || word == "true" || word == "false" || strings.ContainsAny(word, `"'`) {
				return word
			}
			return `"` + word + `"`
		})
	})
}

// syntax are the functions that expr's parser treats as syntax of its own unless
// they are declared under their own name. No axis and no measure can have it.
var syntax = []string{"count", "sum"}

// callPrefix keeps functions apart from names in expr's one space of names.
const callPrefix = "call_"

// resolver finds out which words of an expression are functions and which are
// names, and refuses functions that nobody knows.
type resolver struct {
	names []*ast.IdentifierNode
	err   error
}

// Visit implements ast.Visitor; it sees the parts of a node before the node.
func (r *resolver) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		r.names = append(r.names, n)
	case *ast.CallNode:
		called, ok := n.Callee.(*ast.IdentifierNode)
		if !ok {
			return
		}
		r.names = slices.DeleteFunc(r.names, func(other *ast.IdentifierNode) bool { return other == called })
		if _, known := functions[called.Value]; !known && r.err == nil {
			r.err = errors.New("the function " + called.Value + " is not known" + meantFunction(called.Value) + "; want one of " + strings.Join(functionNames(), ", "))
		}
		called.Value = callPrefix + called.Value
	case *ast.MemberNode:
		r.err = errors.New("fields and methods are not part of the language; want functions, such as where(x, {axis: value})")
	}
}

// arithmetic turns every operator on values into a call of operate, so that it
// works on lists and samples too.
type arithmetic struct{}

var operators = []string{"+", "-", "*", "/", "%", "**", "^", "<", "<=", ">", ">=", "==", "!="}

// Visit implements ast.Visitor.
func (*arithmetic) Visit(node *ast.Node) {
	call := func(operator string, left, right ast.Node) {
		ast.Patch(node, &ast.CallNode{Callee: &ast.IdentifierNode{Value: "operate"},
			Arguments: []ast.Node{&ast.StringNode{Value: operator}, left, right}})
	}
	switch n := (*node).(type) {
	case *ast.BinaryNode:
		if slices.Contains(operators, n.Operator) {
			call(n.Operator, n.Left, n.Right)
		}
	case *ast.UnaryNode:
		if n.Operator == "-" {
			call("*", &ast.IntegerNode{Value: -1}, n.Node)
		}
	}
}

// isName says that source is a bare name, such as a measure's.
func isName(source string) bool { return keyForm.MatchString(source) && !strings.Contains(source, ".") }
