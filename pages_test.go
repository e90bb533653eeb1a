package swimlab_test

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// pages are the Markdown files and notebooks of the repository, but for what is built.
func pages(t *testing.T) []string {
	var found []string
	require.NoError(t, filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (name == "report" || entry.Name() == "node_modules" || entry.Name() == "testdata" || name != "." && strings.HasPrefix(entry.Name(), ".")) {
			return filepath.SkipDir
		}
		if ext := path.Ext(name); ext == ".md" || ext == ".ipynb" {
			found = append(found, filepath.ToSlash(name))
		}
		return nil
	}))
	require.NotEmpty(t, found)
	return found
}

func read(t *testing.T, name string) string {
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(text)
}

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// A page's links lead to files that there are, and to headings in them.
func TestLinksLeadSomewhere(t *testing.T) {
	for _, page := range pages(t) {
		for _, m := range link.FindAllStringSubmatch(read(t, page), -1) {
			target, heading, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			file := page
			if target != "" {
				file = path.Join(path.Dir(page), target)
			}
			if _, err := os.Stat(file); !assert.NoError(t, err, "%s: link to %s", page, m[1]) || heading == "" {
				continue
			}
			assert.Contains(t, headings(read(t, file)), heading, "%s: link to %s", page, m[1])
		}
	}
}

var (
	fenced = regexp.MustCompile("(?ms)^```.*?^```")
	titled = regexp.MustCompile(`(?m)^#+ +(.*)$`)
	linked = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
)

// headings are the names by which a page's headings can be linked to.
func headings(page string) []string {
	var names []string
	for _, m := range titled.FindAllStringSubmatch(fenced.ReplaceAllString(page, ""), -1) {
		names = append(names, strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
				return unicode.ToLower(r)
			}
			return -1
		}, linked.ReplaceAllString(m[1], "$1")))
	}
	return names
}

var (
	testNamed       = regexp.MustCompile("`(Test[A-Za-z0-9_]+)`")
	experimentNamed = regexp.MustCompile("`((?:swim2002|lifeguard2018|vivaldi2004|currey2019|attacks2006|ledlie2007|agreement|joining)/[a-z0-9-]+)`")
	fileNamed       = regexp.MustCompile("`([a-z0-9_/]+\\.go)`")
)

// What the reading guide names is there: tests, experiments, files.
func TestReadingGuideNamesWhatThereIs(t *testing.T) {
	guide := read(t, "notebooks/READING.md")
	var tests strings.Builder
	for _, folder := range []string{"swim", "lifeguard", "vivaldi"} {
		files, err := filepath.Glob(folder + "/*_test.go")
		require.NoError(t, err)
		for _, file := range files {
			tests.WriteString(read(t, file))
		}
	}
	for _, m := range testNamed.FindAllStringSubmatch(guide, -1) {
		assert.Contains(t, tests.String(), "func "+m[1]+"(t *testing.T)")
	}
	for _, m := range fileNamed.FindAllStringSubmatch(guide, -1) {
		found := false
		for _, folder := range []string{".", "swim", "vivaldi"} {
			_, err := os.Stat(path.Join(folder, m[1]))
			found = found || err == nil
		}
		assert.True(t, found, "%s is in none of the folders", m[1])
	}
}

var (
	metricNamed = regexp.MustCompile("`swimlab_([a-z_]+)`")
	knobNamed   = regexp.MustCompile("`(?:Protocol|Lifeguard)\\.([A-Za-z]+)`")
)

// The operator's page names metrics that are written, and fields that can be set.
func TestOperatorsPageNamesWhatThereIs(t *testing.T) {
	page, metrics := read(t, "swim/live/OPERATING.md"), read(t, "swim/live/metrics.go")
	for _, m := range metricNamed.FindAllStringSubmatch(page, -1) {
		assert.Contains(t, metrics, `("`+m[1]+`", `)
	}
	fields := read(t, "swim/config.go") + read(t, "lifeguard/config.go")
	for _, m := range knobNamed.FindAllStringSubmatch(page, -1) {
		assert.Regexp(t, `(?m)^\t`+m[1]+` +\S`, fields)
	}
}

// Every experiment that a page names has a definition.
func TestExperimentsNamedArePresent(t *testing.T) {
	for _, page := range pages(t) {
		if strings.HasPrefix(page, "paper/") {
			continue // generated
		}
		for _, m := range experimentNamed.FindAllStringSubmatch(read(t, page), -1) {
			_, err := os.Stat("experiments/" + m[1] + ".yaml")
			assert.NoError(t, err, "%s names %s", page, m[1])
		}
	}
}
