package lab

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"go/parser"
	"go/scanner"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// ownedBy names the packages that serve some protocols alone. What a trial of
// another protocol does cannot depend on them, so a change there reruns
// nothing of the others. Every other package counts for every protocol.
var ownedBy = map[string][]string{
	"swim":                        {"swim"},
	"lifeguard":                   {"swim"},
	"vivaldi":                     {"vivaldi", "vivaldi_stream", "coordinates", "swim"}, // members may keep coordinates
	"experiments/sim/embedding":   {"vivaldi"},
	"experiments/sim/stream":      {"vivaldi_stream"},
	"experiments/sim/coordinates": {"coordinates"},
	"experiments/sim/preset":      {"coordinates", "swim"},
	"experiments/sim/picture":     {"vivaldi", "vivaldi_stream", "coordinates"},
	"experiments/sim/quantile":    {"vivaldi", "coordinates"},
}

// Code is the source code that trials run, read once.
type Code struct {
	packages map[string]*codePackage // by folder
	modules  map[string]string       // module path -> version, from go.mod

	mu    sync.Mutex
	known map[string]string // fingerprints by protocol
}

type codePackage struct {
	hash    [sha256.Size]byte
	imports []string
}

// ReadCode reads the Go sources of a file tree that looks like the repository.
// Tests do not count, and neither do comments and layout: what is hashed is the
// sequence of tokens. Of other modules the version in go.mod counts, where a
// package here imports them.
func ReadCode(tree fs.FS) (*Code, error) {
	c := &Code{packages: map[string]*codePackage{}, modules: map[string]string{}, known: map[string]string{}}
	files := map[string][]string{}
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
			files[path.Dir(name)] = append(files[path.Dir(name)], name)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for folder, names := range files {
		slices.Sort(names)
		if c.packages[folder], err = readPackage(tree, names); err != nil {
			return nil, err
		}
	}
	mod, err := fs.ReadFile(tree, "go.mod")
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(mod)) {
		if f := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "require ")); len(f) >= 2 && strings.HasPrefix(f[1], "v") {
			c.modules[f[0]] = f[1]
		}
	}
	return c, nil
}

func readPackage(tree fs.FS, names []string) (*codePackage, error) {
	h := sha256.New()
	p := &codePackage{}
	for _, name := range names {
		text, err := fs.ReadFile(tree, name)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(h, "file %s\n", path.Base(name))
		set := token.NewFileSet()
		var s scanner.Scanner
		var bad error
		s.Init(set.AddFile(name, -1, len(text)), text, func(at token.Position, message string) {
			bad = fmt.Errorf("%s: %s", at, message)
		}, 0)
		separator := token.ILLEGAL // one that has not been written yet
		for {
			_, tok, literal := s.Scan()
			if tok == token.EOF {
				break
			}
			// Before a closing bracket a separator is a matter of layout.
			closes := tok == token.RBRACE || tok == token.RPAREN || tok == token.RBRACK
			if separator != token.ILLEGAL && !closes {
				fmt.Fprintf(h, "%d\n", separator)
			}
			separator = token.ILLEGAL
			if tok == token.SEMICOLON || tok == token.COMMA {
				separator = tok
				continue
			}
			fmt.Fprintf(h, "%d %s\n", tok, literal)
		}
		if bad != nil {
			return nil, bad
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ImportsOnly)
		if err != nil {
			return nil, err
		}
		for _, spec := range file.Imports {
			if imported, err := strconv.Unquote(spec.Path.Value); err == nil {
				p.imports = append(p.imports, imported)
			}
		}
	}
	h.Sum(p.hash[:0])
	return p, nil
}

// Fingerprint hashes the code that a trial of the protocol can run.
func (c *Code) Fingerprint(protocol string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if known, ok := c.known[protocol]; ok {
		return known, nil
	}
	h := sha256.New()
	versions := map[string]string{}
	folders := slices.Sorted(mapKeys(c.packages))
	if len(folders) == 0 {
		return "", fmt.Errorf("no source code to take the fingerprint of")
	}
	for _, folder := range folders {
		if owners, owned := ownedBy[folder]; owned && !slices.Contains(owners, protocol) {
			continue
		}
		p := c.packages[folder]
		fmt.Fprintf(h, "package %s %x\n", folder, p.hash)
		for _, imported := range p.imports {
			if module := c.moduleOf(imported); module != "" {
				versions[module] = c.modules[module]
			}
		}
	}
	for _, module := range slices.Sorted(mapKeys(versions)) {
		fmt.Fprintf(h, "module %s %s\n", module, versions[module])
	}
	c.known[protocol] = hex.EncodeToString(h.Sum(nil)[:16])
	return c.known[protocol], nil
}

// moduleOf finds the required module that holds a package, "" for the standard
// library and this module.
func (c *Code) moduleOf(imported string) string {
	best := ""
	for module := range c.modules {
		if (imported == module || strings.HasPrefix(imported, module+"/")) && len(module) > len(best) {
			best = module
		}
	}
	return best
}
