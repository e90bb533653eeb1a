package live

import (
	"fmt"
	"regexp"
	"regexp/syntax"

	"github.com/swimlab/swimlab/swim/live/wire"
)

// passes says whether a query's filters are for this member: all must be. Whatever is
// not understood lets nobody pass.
func (m *Member) passes(filters [][]byte) bool {
	for _, filter := range filters {
		pass, err := m.passesOne(filter)
		if err != nil {
			m.log.Debug("query", "filter", err)
		}
		if err != nil || !pass {
			return false
		}
	}
	return true
}

func (m *Member) passesOne(filter []byte) (bool, error) {
	t, body, err := wire.SplitFilter(filter)
	if err != nil {
		return false, err
	}
	if t == wire.SerfFilterNodes {
		var nodes wire.SerfNodeFilter
		if err := nodes.Decode(body); err != nil {
			return false, err
		}
		for _, name := range nodes {
			if string(name) == m.cfg.Name {
				return true, nil
			}
		}
		return false, nil
	}
	var tag wire.SerfTagFilter
	if err := tag.Decode(body); err != nil {
		return false, err
	}
	pattern, err := compile(string(tag.Expr))
	if err != nil {
		return false, err
	}
	tags, err := wire.DecodeTags(m.dir.at(self).meta)
	return pattern.MatchString(tags[string(tag.Tag)]), err
}

// A short expression may stand for a large program: of x{1000} there can be many.
const (
	maxPattern = 1024 // bytes: all of one of Serf's queries
	maxSteps   = 2000
)

// compile compiles a stranger's expression, if that is small work.
func compile(expr string) (*regexp.Regexp, error) {
	if len(expr) > maxPattern {
		return nil, fmt.Errorf("live: expression of %d bytes; want at most %d", len(expr), maxPattern)
	}
	tree, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil, err
	}
	if n := steps(tree); n > maxSteps {
		return nil, fmt.Errorf("live: expression of more than %d steps; want at most so many", maxSteps)
	}
	return regexp.Compile(expr)
}

// steps is about the size of the program that an expression becomes; once it is too
// large, how much too large is not counted. The parser bounds the recursion's depth.
func steps(tree *syntax.Regexp) int {
	if tree.Op == syntax.OpLiteral {
		return len(tree.Rune)
	}
	n := 1
	for _, sub := range tree.Sub {
		n = min(n+steps(sub), maxSteps+1)
	}
	if tree.Op == syntax.OpRepeat {
		n = min((n-1)*max(tree.Min+1, tree.Max), maxSteps) + 1
	}
	return n
}
