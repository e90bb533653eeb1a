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
	work := maxWork
	for _, filter := range filters {
		pass, err := m.passesOne(filter, &work)
		if err != nil {
			m.log.Debug("query", "filter", err)
		}
		if err != nil || !pass {
			return false
		}
	}
	return true
}

func (m *Member) passesOne(filter []byte, work *int) (bool, error) {
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
	tags, err := wire.DecodeTags(m.dir.at(self).meta())
	if err != nil {
		return false, err
	}
	return matches(string(tag.Expr), tags[string(tag.Tag)], work)
}

// A short expression may stand for a large program: of x{1000} there can be many. All
// that a query's expressions may cost is some milliseconds.
const (
	maxPattern = 1024 // bytes: all of one of Serf's queries
	maxSteps   = 2000
	// maxWork is in steps, each as often as there are bytes in the tag that it is tried at.
	maxWork = 200_000
)

// matches says whether a stranger's expression has a match in a text, if that is small
// work; it is taken off.
func matches(expr, text string, work *int) (bool, error) {
	if len(expr) > maxPattern {
		return false, fmt.Errorf("live: expression of %d bytes; want at most %d", len(expr), maxPattern)
	}
	tree, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return false, err
	}
	n := steps(tree)
	if n > maxSteps {
		return false, fmt.Errorf("live: expression of more than %d steps; want at most so many", maxSteps)
	}
	const compiling = 50 // bytes of text for which a step could be tried instead
	if *work -= n * (len(text) + 1 + compiling); *work < 0 {
		return false, fmt.Errorf("live: the expressions of one query take more than %d steps; want at most so many", maxWork)
	}
	pattern, err := regexp.Compile(expr)
	return err == nil && pattern.MatchString(text), err
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
