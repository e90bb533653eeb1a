package report_test

import (
	"bytes"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/internal/report"
)

// files reads a folder into memory, by slash path.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(p)
		name, _ := filepath.Rel(dir, p)
		all[filepath.ToSlash(name)] = string(content)
		return err
	}))
	return all
}

func write(t *testing.T, s report.Site) map[string]string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "report")
	require.NoError(t, s.Write(dir, report.Options{}))
	return files(t, dir)
}

func TestTheSameSiteGivesTheSameBytes(t *testing.T) {
	first, second := write(t, example()), write(t, example())
	require.Equal(t, len(first), len(second))
	for name := range first {
		assert.True(t, first[name] == second[name], "%s differs from one writing to the next", name)
	}
}

func TestFiguresAndTablesLieBesideTheirPage(t *testing.T) {
	all := write(t, example())
	for _, name := range []string{
		"index.html", "style.css", "charts.js", "swim2002/fig3a.html", "swim2002/fig4.html", "vivaldi2004/cdf.html",
		"swim2002/fig3a/fig3a.svg", "swim2002/fig3a/fig3a.pdf", "swim2002/fig3a/fig3a.csv",
		"swim2002/fig3a/fig3a-values.txt", "swim2002/fig3a/fig3a-values.md", "swim2002/fig3a/fig3a-values.csv",
		"swim2002/fig3a/fig3a-values.html", "swim2002/fig3a/fig3a-values.tex", "swim2002/fig3a/fig3a-values.typ",
	} {
		assert.Contains(t, all, name)
	}
}

func TestAPictureIsToldInWordsToo(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "report")
	require.NoError(t, example().Write(dir, report.Options{}))
	page, err := os.ReadFile(filepath.Join(dir, "swim2002", "fig3a.html"))
	require.NoError(t, err)
	assert.Contains(t, string(page), `<img class="picture" src="fig3a/fig3a-story.svg"`)
	assert.Contains(t, string(page), "<pre>1.000 s: 5 &lt;crashes&gt;.\n    Nobody knows.</pre>")
	words, err := os.ReadFile(filepath.Join(dir, "swim2002", "fig3a", "fig3a-story.txt"))
	require.NoError(t, err)
	assert.Equal(t, "1.000 s: 5 <crashes>.\n    Nobody knows.\n", string(words))
}

var links = regexp.MustCompile(`(?:href|src)="([^"]*)"`)

func TestNoLinkLeadsNowhere(t *testing.T) {
	all := write(t, example())
	for name, content := range all {
		if !strings.HasSuffix(name, ".html") {
			continue
		}
		for _, match := range links.FindAllStringSubmatch(content, -1) {
			address, err := url.Parse(match[1])
			require.NoError(t, err)
			if address.Scheme != "" {
				assert.Equal(t, report.ScriptURL, match[1], "the report links to the network for the chart script alone")
				continue
			}
			target := name
			if address.Path != "" {
				target = path.Join(path.Dir(name), address.Path)
			}
			if assert.Contains(t, all, target, "%s links to %s", name, match[1]) && address.Fragment != "" {
				assert.Contains(t, all[target], `id="`+address.Fragment+`"`, "%s links to %s", name, match[1])
			}
		}
	}
}

func TestTheOverviewCountsVerdictsAndListsEveryClaim(t *testing.T) {
	index := write(t, example())["index.html"]
	assert.Contains(t, index, "3 experiments, 3 claims")
	for _, text := range []string{"1 reproduced", "1 not reproduced", "1 not run", "SWIM (DSN 2002)", "Vivaldi (SIGCOMM 2004)", "e/(e−1) protocol periods", "Suspicion lowers false positives"} {
		assert.Contains(t, index, text)
	}
	assert.Equal(t, 1, strings.Count(index, ">SWIM (DSN 2002)</h2>"), "a paper is one group")
	assert.Contains(t, index, `<a href="#paper-1">Vivaldi (SIGCOMM 2004)</a>`)
	assert.Contains(t, index, `<h2 id="paper-1">Vivaldi (SIGCOMM 2004)</h2>`)
}

func TestAPageStandsWithoutScript(t *testing.T) {
	page := write(t, example())["swim2002/fig3a.html"]
	assert.Contains(t, page, `<img class="drawn" src="fig3a/fig3a.svg" alt="Time until a crash is first detected. Mean time`)
	assert.Contains(t, page, `<script defer src="`+report.ScriptURL+`" integrity="sha384-`)
	assert.Contains(t, page, "1.582 periods")
	assert.Contains(t, page, "[1.571, 1.615]")
	assert.Contains(t, page, "smoke run: three seeds")
}

func TestTextsCannotBecomeMarkup(t *testing.T) {
	for name, content := range write(t, example()) {
		if strings.HasSuffix(name, ".html") {
			assert.NotContains(t, content, "<script>alert", name)
			assert.NotContains(t, content, "excludes <0>", name)
		}
	}
}

func TestABroughtScriptIsUsedFromDisk(t *testing.T) {
	script := chartScript(t)
	assets := filepath.Join(t.TempDir(), "assets")
	require.NoError(t, report.InstallAssets(script, assets))
	dir := filepath.Join(t.TempDir(), "report")
	require.NoError(t, example().Write(dir, report.Options{AssetsDir: assets}))
	all := files(t, dir)
	assert.Contains(t, all, "assets/"+report.ScriptName)
	assert.Contains(t, all["swim2002/fig3a.html"], `src="../assets/echarts.min.js"`)
	assert.NotContains(t, all["swim2002/fig3a.html"], "https://")
}

// chartScript is the file that SWIMLAB_ECHARTS names; the repository holds no
// copy.
func chartScript(t *testing.T) string {
	t.Helper()
	script := os.Getenv("SWIMLAB_ECHARTS")
	if script == "" {
		t.Skip("SWIMLAB_ECHARTS does not name a copy of echarts.min.js")
	}
	return script
}

func TestAnotherScriptIsRefused(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "some.js")
	assets := filepath.Join(dir, "assets")

	require.NoError(t, os.WriteFile(file, []byte("<html>404</html>"), 0o644))
	assert.ErrorContains(t, report.InstallAssets(file, assets), file+" is not Apache ECharts; want echarts.min.js of its version 5.6.0")

	require.NoError(t, os.WriteFile(file, []byte("/* echarts 4 */"), 0o644))
	assert.ErrorContains(t, report.InstallAssets(file, assets), "has sha256")
	assert.ErrorContains(t, report.InstallAssets(filepath.Join(dir, "none.js"), assets), "cannot read")
	assert.NoDirExists(t, assets, "nothing is left behind")

	require.NoError(t, os.Mkdir(assets, 0o755))
	require.NoError(t, os.Rename(file, filepath.Join(assets, report.ScriptName)))
	assert.ErrorContains(t, example().Write(filepath.Join(dir, "report"), report.Options{AssetsDir: assets}), "has sha256")
	assert.NoDirExists(t, filepath.Join(dir, "report"))
}

func TestANewReportReplacesTheOldOneWhole(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "report")
	require.NoError(t, example().Write(dir, report.Options{}))
	smaller := example()
	smaller.Pages = smaller.Pages[1:2]
	require.NoError(t, smaller.Write(dir, report.Options{}))
	all := files(t, dir)
	assert.Contains(t, all, "swim2002/fig4.html")
	assert.NotContains(t, all, "swim2002/fig3a.html", "a page of an earlier report must not outlive it")
	assertAlone(t, parent)
}

// assertAlone checks that parent holds the report and no traces of building it.
func assertAlone(t *testing.T, parent string) {
	t.Helper()
	entries, err := os.ReadDir(parent)
	require.NoError(t, err)
	require.Len(t, entries, 1)
	assert.Equal(t, "report", entries[0].Name())
}

func TestAFailedReportLeavesTheOldOne(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "report")
	require.NoError(t, example().Write(dir, report.Options{}))
	before := files(t, dir)

	broken := example()
	broken.Pages[2].Figures[0].Series[1].X[7] = 0
	err := broken.Write(dir, report.Options{})
	assert.EqualError(t, err, `report: page vivaldi2004/cdf: figure vivaldi2004/cdf: series 1 ("Vivaldi 3D"): x[7] is 0; want a positive number on a log axis`)
	assert.Equal(t, before, files(t, dir))
	assertAlone(t, parent)
}

func TestAForeignFolderIsNotReplaced(t *testing.T) {
	dir := t.TempDir()
	mine := filepath.Join(dir, "thesis.txt")
	require.NoError(t, os.WriteFile(mine, []byte("years of work"), 0o644))
	err := example().Write(dir, report.Options{})
	assert.EqualError(t, err, "report: cannot write to "+dir+": the folder holds other files and no earlier report; want a new or an empty folder")
	assert.FileExists(t, mine)
}

func TestAnUnwritablePlaceGivesOneLine(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	for _, dir := range []string{file, filepath.Join(file, "report")} {
		err := example().Write(dir, report.Options{})
		assert.EqualError(t, err, "report: cannot write to "+dir+": not a directory")
	}
	if os.Getuid() != 0 {
		locked := filepath.Join(t.TempDir(), "locked")
		require.NoError(t, os.Mkdir(locked, 0o555))
		err := example().Write(filepath.Join(locked, "report"), report.Options{})
		assert.EqualError(t, err, "report: cannot write to "+filepath.Join(locked, "report")+": permission denied")
	}
}

func TestALinkToTheReportStaysALink(t *testing.T) {
	parent := t.TempDir()
	real, link := filepath.Join(parent, "real"), filepath.Join(parent, "latest")
	require.NoError(t, example().Write(real, report.Options{}))
	require.NoError(t, os.Symlink(real, link))
	require.NoError(t, example().Write(link, report.Options{}))
	info, err := os.Lstat(link)
	require.NoError(t, err)
	assert.NotZero(t, info.Mode()&fs.ModeSymlink)
	assert.FileExists(t, filepath.Join(real, "index.html"))
}

func TestASiteThatWouldOverwriteItselfIsRefused(t *testing.T) {
	for want, spoil := range map[string]func(*report.Site){
		`report: page 1: id "../up" is not valid`:              func(s *report.Site) { s.Pages[1].ID = "../up" },
		`report: two pages have the id swim2002/fig3a`:         func(s *report.Site) { s.Pages[1].ID = "swim2002/fig3a" },
		`report: page index: the report keeps the name`:        func(s *report.Site) { s.Pages[1].ID = "index" },
		`swim2002/fig3a and other/fig3a would share the files`: func(s *report.Site) { s.Pages[0].Figures[1].ID = "other/fig3a" },
		`two claims have the id mean`:                          func(s *report.Site) { s.Pages[0].Claims[1].ID = "mean" },
		`claim mean: verdict "maybe" is not valid`:             func(s *report.Site) { s.Pages[0].Claims[0].Verdict = "maybe" },
	} {
		s := example()
		spoil(&s)
		dir := filepath.Join(t.TempDir(), "report")
		assert.ErrorContains(t, s.Write(dir, report.Options{}), want)
		assert.NoDirExists(t, dir)
	}
}

func TestAnEmptySiteIsAReport(t *testing.T) {
	all := write(t, report.Site{Title: "nothing yet"})
	assert.Contains(t, all["index.html"], "0 experiments, 0 claims")
	assert.True(t, bytes.Contains([]byte(all["charts.js"]), []byte("swimlab")))
}
