package report_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/internal/report"
)

// open loads a page of a report in a browser without network and returns what
// stands there in the end.
func open(t *testing.T, page string) string {
	t.Helper()
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed; the pages stay unopened")
	}
	out, err := exec.Command(chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND",
		"--user-data-dir="+t.TempDir(), "--virtual-time-budget=5000", "--dump-dom", "file://"+page).Output()
	if err != nil {
		t.Skip("chromium does not start here: ", err)
	}
	return string(out)
}

func TestWithoutTheChartScriptTheDrawnFiguresStay(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "report")
	require.NoError(t, example().Write(dir, report.Options{}))
	page := open(t, filepath.Join(dir, "swim2002", "fig3a.html"))
	assert.Equal(t, 3, strings.Count(page, "<figure id="), "two figures and a picture")
	assert.NotContains(t, page, `class="live"`)
	assert.NotContains(t, page, "_echarts_instance_")
}

func TestWithTheChartScriptChartsTakeTheirPlace(t *testing.T) {
	assets := filepath.Join(t.TempDir(), "assets")
	require.NoError(t, report.InstallAssets(chartScript(t), assets))
	dir := filepath.Join(t.TempDir(), "report")
	require.NoError(t, example().Write(dir, report.Options{AssetsDir: assets}))
	page := open(t, filepath.Join(dir, "swim2002", "fig3a.html"))
	assert.Equal(t, 2, strings.Count(page, `class="live"`), "both figures")
	assert.Contains(t, page, ">detection time (protocol periods)</text>")
	assert.Contains(t, page, `fill="#0072b2" fill-opacity="0.2"`, "the band")
}
