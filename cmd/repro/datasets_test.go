package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/datasets"
)

// datasetsCommand runs "repro datasets" on a cache of its own, as a user would.
func datasetsCommand(t *testing.T, format string) (cache string, run func(args ...string) (string, error)) {
	t.Helper()
	cache = filepath.Join(t.TempDir(), "cache")
	return cache, func(args ...string) (string, error) {
		cmd := newDatasetsCommand(
			func() (*datasets.Store, error) { return datasets.NewStore(cache), nil },
			func() string { return format },
		)
		cmd.SilenceErrors = true
		var out bytes.Buffer
		cmd.SetOut(&out)
		cmd.SetErr(&bytes.Buffer{})
		cmd.SetArgs(args)
		err := cmd.ExecuteContext(t.Context())
		return out.String(), err
	}
}

func TestTheListShowsWhatIsHereAndHowToGetTheRest(t *testing.T) {
	_, run := datasetsCommand(t, "text")
	out, err := run("list")
	require.NoError(t, err)
	assert.Regexp(t, `synthetic-internet +│ synthetic +│ +256 │ +│ yes `, out)
	assert.Regexp(t, `seattle99 +│ fetched +│ +99 │ +688 │ no `, out)

	out, err = run("list", "seattle99")
	require.NoError(t, err)
	assert.Contains(t, out, "raw values rtt in s\n")
	assert.Contains(t, out, "licence    MIT\n")
	assert.Contains(t, out, "trap       The resolution is 10 ms")
	assert.Contains(t, out, "get it with: repro datasets fetch seattle99")

	_, run = datasetsCommand(t, "markdown")
	out, err = run("list")
	require.NoError(t, err)
	assert.Contains(t, out, "| king1740 | imported |")

	_, run = datasetsCommand(t, "json")
	out, err = run("list")
	require.NoError(t, err)
	var listed []listedDataset
	require.NoError(t, json.Unmarshal([]byte(out), &listed))
	assert.Equal(t, "synthetic-internet", listed[0].Name)
	assert.True(t, listed[0].Available)
	assert.Contains(t, out, `"commit": "a5845579654bf3b7f191d2697c0de24ec485b8e9"`)
}

func TestAnImportedFileIsVerifiedUnderItsName(t *testing.T) {
	cache, run := datasetsCommand(t, "json")
	file := filepath.Join(t.TempDir(), "rtts.txt")
	require.NoError(t, os.WriteFile(file, []byte("0 10 -1\n10 0 20\n10 20 0\n"), 0o644))

	out, err := run("import", "office", file, "--unit", "ms", "--quantity", "one_way", "--missing", "-1")
	require.NoError(t, err)
	assert.Equal(t, "office is in "+filepath.Join(cache, "office")+"\n", out)

	out, err = run("verify", "office")
	require.NoError(t, err)
	var verified []verifiedDataset
	require.NoError(t, json.Unmarshal([]byte(out), &verified))
	assert.True(t, verified[0].OK)
	assert.InDelta(t, 1.0/6, verified[0].Statistics.MissingDirected, 1e-12)
	assert.EqualValues(t, 40e6, verified[0].Statistics.Max, "20 ms one way")
}

func TestVerifyFailsWhenARawFileWasChanged(t *testing.T) {
	cache, run := datasetsCommand(t, "text")
	file := filepath.Join(t.TempDir(), "rtts.txt")
	require.NoError(t, os.WriteFile(file, []byte("0 10\n10 0\n"), 0o644))
	_, err := run("import", "office", file, "--unit", "ms", "--quantity", "rtt")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(cache, "office", "raw", "matrix"), []byte("0 11\n10 0\n"), 0o644))

	out, err := run("verify")
	assert.EqualError(t, err, "1 of 3 datasets cannot be trusted: office")
	assert.Regexp(t, `synthetic-grid +│ +400 │ +0\.0 │ +10 │`, out)
	assert.Contains(t, out, "office failed: "+filepath.Join(cache, "office", "raw", "matrix")+": sha256 is ")
}

func TestFetchTakesOnlyTheFilesThatWerePublished(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte(`{"metadata": {}}`))
	}))
	defer server.Close()
	cache, run := datasetsCommand(t, "text")
	_, err := run("fetch", "aws2025", "--from", server.URL)
	require.ErrorContains(t, err, "dataset aws2025: "+server.URL+"/web-utilities/aws-ping-p50-1y.json: sha256 is ")
	assert.NotContains(t, err.Error(), "\n")
	assert.NoDirExists(t, filepath.Join(cache, "aws2025"))
}

func TestBadDatasetRequestsGetOneLineAndLeaveNothing(t *testing.T) {
	cache, run := datasetsCommand(t, "text")
	file := filepath.Join(t.TempDir(), "rtts.txt")
	require.NoError(t, os.WriteFile(file, []byte("0 NaN\n10 0\n"), 0o644))
	short := filepath.Join(t.TempDir(), "short.txt")
	require.NoError(t, os.WriteFile(short, []byte("0 10 20\n10 0 30\n"), 0o644))
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"import", "office", short, "--unit", "ms", "--quantity", "rtt"}, short + ": ends after 2 lines; want 3 lines of 3 numbers"},
		{[]string{"verify", "planetlab"}, `no dataset is called "planetlab"; want one of`},
		{[]string{"verify", "king1740"}, "1 of 1 datasets cannot be trusted: king1740"},
		{[]string{"list", "planetlab"}, `no dataset is called "planetlab"; want one of`},
		{[]string{"fetch", "king1740"}, "dataset king1740 is imported and cannot be fetched"},
		{[]string{"fetch"}, "wants the names of the sets"},
		{[]string{"fetch", "aws2025", "seattle99", "--from", "http://x"}, "--from http://x: 2 names are not valid; want one"},
		{[]string{"import", "office", file}, `--unit is missing; want us, ms or s, for office is in no manifest`},
		{[]string{"import", "office", file, "--unit", "sec"}, `--unit: "sec" is not a unit; want us, ms or s`},
		{[]string{"import", "office", file, "--unit", "s", "--quantity", "ping"}, `--quantity: "ping" is not a quantity; want rtt or one_way`},
		{[]string{"import", "office", file, "--unit", "ms", "--quantity", "rtt"}, file + `:1: number 2: "NaN"; want a positive number of ms`},
		{[]string{"import", "king1740", file}, file + ":1: 2 numbers; want 1740, one for each node"},
		{[]string{"import", "office", file + "x", "--unit", "ms", "--quantity", "rtt"}, "no such file"},
	} {
		_, err := run(c.args...)
		require.ErrorContains(t, err, c.want, c.args)
		assert.NotContains(t, err.Error(), "\n")
	}
	assert.NoDirExists(t, cache)
}
