package notebook

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strings"
)

// session is what persists from cell to cell: the declarations made so far,
// in the order in which they were first made, and the arguments and
// environment of the programs to come.
type session struct {
	decls   []decl
	imports []importSpec
	args    []string
	env     []string // NAME=value
}

// decl is one declaration that is replaced as a whole. A const or var
// specification of several names, and a const group whose lines lean on each
// other, is one decl with several keys.
type decl struct {
	keys []string // "f", "T", "T.method"
	text string   // complete, with its keyword
	uses []string // names that may be packages: x of every x.y inside
	cell int
	line int
}

type importSpec struct {
	name string // by which the code calls it; "_" and "." as written
	text string // without the keyword
}

// program is what one cell runs.
type program struct {
	source string
	args   []string
	env    []string
	prints string // by its commands, before it starts
	main   bool   // false when the cell only declares
}

// add takes in the next cell, numbered from 1 among the code cells, and
// returns its program. Its error begins with the line.
func (s *session) add(number int, cell string) (program, error) {
	code, commands, err := splitCommands(cell)
	if err != nil {
		return program{}, err
	}
	var p program
	for _, c := range commands {
		switch c.Name {
		case "main", "args":
			s.args = c.Args
		case "exec":
			s.args = c.Args[1:]
		case "env":
			name, value, err := envOf(c.Args)
			if err != nil {
				return program{}, fmt.Errorf("line %d: %w", c.Line, err)
			}
			s.env = append(s.env, name+"="+value)
			p.prints += fmt.Sprintf("Set: %s=%q\n", name, value) // as GoNB says it
		case "rm":
			for _, name := range c.Args {
				if !s.remove(name) {
					return program{}, fmt.Errorf("line %d: %%rm: no cell above declares %q", c.Line, name)
				}
			}
		case "reset":
			s.decls, s.imports = nil, nil
		}
	}
	main, err := s.declare(number, code)
	if err != nil {
		return program{}, err
	}
	p.main = main != nil
	p.source = s.render(main)
	p.args = slices.Clone(s.args)
	p.env = slices.Clone(s.env)
	return p, nil
}

func envOf(args []string) (name, value string, err error) {
	if len(args) == 1 {
		name, value, ok := strings.Cut(args[0], "=")
		if ok && name != "" {
			return name, value, nil
		}
	}
	if len(args) == 2 {
		return args[0], args[1], nil
	}
	return "", "", fmt.Errorf("%%env takes a name and a value, got %d words", len(args))
}

// declare parses a cell and merges what it declares. It returns the cell's
// main, which does not persist, or nil.
func (s *session) declare(number int, code []string) (*decl, error) {
	// On one line with the first of the cell, so that lines keep their numbers.
	src := "package main;" + strings.Join(code, "\n")
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		if list, ok := err.(scanner.ErrorList); ok && len(list) > 0 {
			return nil, fmt.Errorf("line %d: %s", list[0].Pos.Line, list[0].Msg)
		}
		return nil, err
	}
	text := func(from, to token.Pos) string {
		return src[fset.Position(from).Offset:fset.Position(to).Offset]
	}
	for _, spec := range file.Imports {
		if strings.Contains(spec.Path.Value, "/internal/") {
			return nil, fmt.Errorf("line %d: imports %s; want public packages only, GoNB builds outside the module", fset.Position(spec.Pos()).Line, spec.Path.Value)
		}
		s.addImport(importOf(spec))
	}
	var main *decl
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			from := d.Pos()
			if d.Doc != nil {
				from = d.Doc.Pos()
			}
			fn := decl{keys: []string{funcKey(d)}, text: text(from, d.End()), uses: qualifiers(d), cell: number, line: fset.Position(from).Line}
			switch {
			case d.Recv == nil && d.Name.Name == "main":
				main = &fn
			case d.Recv == nil && strings.HasPrefix(d.Name.Name, "init_"):
				at := fset.Position(d.Name.Pos()).Offset - fset.Position(from).Offset
				fn.text = fn.text[:at] + "init" + fn.text[at+len(d.Name.Name):]
				s.put(fn)
			default:
				s.put(fn)
			}
		case *ast.GenDecl:
			if d.Tok == token.IMPORT {
				continue
			}
			if d.Tok == token.CONST && leansOnGroup(d) {
				group := decl{text: text(d.Pos(), d.End()), uses: qualifiers(d), cell: number, line: fset.Position(d.Pos()).Line}
				for _, spec := range d.Specs {
					group.keys = append(group.keys, specKeys(spec)...)
				}
				s.put(group)
				continue
			}
			for _, spec := range d.Specs {
				s.put(decl{
					keys: specKeys(spec), text: d.Tok.String() + " " + text(spec.Pos(), spec.End()),
					uses: qualifiers(spec), cell: number, line: fset.Position(spec.Pos()).Line,
				})
			}
		}
	}
	return main, nil
}

// put adds a declaration in the place of the first one that it replaces.
func (s *session) put(d decl) {
	at := len(s.decls)
	var kept []decl
	for _, old := range s.decls {
		if slices.ContainsFunc(old.keys, func(k string) bool { return k != "_" && slices.Contains(d.keys, k) }) {
			at = min(at, len(kept))
			continue
		}
		kept = append(kept, old)
	}
	s.decls = slices.Insert(kept, min(at, len(kept)), d)
}

func (s *session) remove(name string) bool {
	before := len(s.decls) + len(s.imports)
	s.decls = slices.DeleteFunc(s.decls, func(d decl) bool { return slices.Contains(d.keys, name) })
	s.imports = slices.DeleteFunc(s.imports, func(i importSpec) bool { return i.name == name })
	return len(s.decls)+len(s.imports) < before
}

func (s *session) addImport(spec importSpec) {
	for i, old := range s.imports {
		if old.text == spec.text || old.name == spec.name && spec.name != "_" && spec.name != "." {
			s.imports[i] = spec
			return
		}
	}
	s.imports = append(s.imports, spec)
}

// render writes the program of the declarations so far and the cell's main.
// Of the imports it keeps those in use, as goimports does for GoNB.
func (s *session) render(main *decl) string {
	decls := s.decls
	if main != nil {
		decls = append(slices.Clone(decls), *main)
	} else {
		decls = append(slices.Clone(decls), decl{text: "func main() {}"})
	}
	used := map[string]bool{}
	for _, d := range decls {
		for _, name := range d.uses {
			used[name] = true
		}
	}
	var b strings.Builder
	b.WriteString("package main\n\n")
	for _, spec := range s.imports {
		if used[spec.name] || spec.name == "_" || spec.name == "." {
			fmt.Fprintf(&b, "import %s\n", spec.text)
			delete(used, spec.name)
		}
	}
	if used["flag"] {
		b.WriteString("import \"flag\"\n") // for the flag.Parse that begins main
	}
	for _, d := range decls {
		b.WriteString("\n")
		if d.cell > 0 {
			// Compilers and panics then blame the notebook's cell and line.
			fmt.Fprintf(&b, "//line %s%d:%d\n", cellFile, d.cell, d.line)
		}
		b.WriteString(d.text)
		b.WriteString("\n")
	}
	return b.String()
}

// cellFile begins the file names of line directives. It is absolute because
// the go command shortens relative names after its own taste.
const cellFile = "/cell-"

// cellPosition matches a position in an error of the go command or a panic.
var cellPosition = regexp.MustCompile(regexp.QuoteMeta(cellFile) + `(\d+):(\d+)(:\d+)?`)

// blameCells turns "/cell-3:7:2" into "cell 3, line 7".
func blameCells(message string) string {
	return cellPosition.ReplaceAllString(message, "cell $1, line $2")
}

func funcKey(d *ast.FuncDecl) string {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return d.Name.Name
	}
	t := d.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.ParenExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name + "." + d.Name.Name
		default:
			return d.Name.Name
		}
	}
}

// leansOnGroup says whether a const group must stay whole: it counts with
// iota or repeats a value by leaving it out.
func leansOnGroup(d *ast.GenDecl) bool {
	leans := false
	for _, spec := range d.Specs {
		v := spec.(*ast.ValueSpec)
		leans = leans || len(v.Values) == 0
		ast.Inspect(v, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			leans = leans || ok && id.Name == "iota"
			return true
		})
	}
	return leans
}

func specKeys(spec ast.Spec) []string {
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		return []string{spec.Name.Name}
	case *ast.ValueSpec:
		var keys []string
		for _, name := range spec.Names {
			keys = append(keys, name.Name)
		}
		return keys
	}
	return nil
}

// qualifiers lists the x of every x.y, which may be packages.
func qualifiers(n ast.Node) []string {
	var names []string
	ast.Inspect(n, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok && !slices.Contains(names, x.Name) {
				names = append(names, x.Name)
			}
		}
		return true
	})
	return names
}

var majorVersion = regexp.MustCompile(`^v[0-9]+$`)

// importOf guesses a package's name from its path, as readers do: the last
// element that is no major version. A package of another name needs an alias.
func importOf(spec *ast.ImportSpec) importSpec {
	quoted := spec.Path.Value
	if spec.Name != nil {
		return importSpec{name: spec.Name.Name, text: spec.Name.Name + " " + quoted}
	}
	p := strings.Trim(quoted, "\"`")
	if majorVersion.MatchString(path.Base(p)) {
		p = path.Dir(p)
	}
	return importSpec{name: path.Base(p), text: quoted}
}
