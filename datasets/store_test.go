package datasets

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// write puts a file into a test's directory.
func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	file := filepath.Join(dir, filepath.FromSlash(name))
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
	require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	return file
}

// ownSlices makes a set of one's own with three slices of two nodes.
func ownSlices(t *testing.T, dir string) {
	t.Helper()
	var sums []fileSum
	for name, text := range map[string]string{
		"raw/t_1":  "0 10\n20 0\n",
		"raw/t_2":  "0 0\n40 0\n",
		"raw/t_10": "0 13\n30 0\n",
	} {
		write(t, dir, "office/"+name, text)
		sums = append(sums, fileSum{name, sha256Hex([]byte(text))})
	}
	write(t, dir, "office/SHA256SUMS", string(formatSums(sums)))
	write(t, dir, "office/dataset.yaml", `name: office
title: Two laptops
kind: recording
licence: CC0-1.0
unit: ms
quantity: one_way
format: frames
shape: {nodes: 2, frames: 3, directed: true}
missing: [0]
`)
}

func TestASetOfOnesOwnIsFoundBesideTheKnownOnes(t *testing.T) {
	dir := t.TempDir()
	ownSlices(t, dir)
	s := NewStore("", dir)

	sets, err := s.Sets()
	require.NoError(t, err)
	assert.Equal(t, "office", sets[len(sets)-1].Name)
	ok, _ := s.Available("office")
	assert.True(t, ok)
	found, err := s.Dir("office")
	require.NoError(t, err)
	assert.Equal(t, filepath.Join(dir, "office"), found)
}

func TestTheStaticMatrixIsTheMedianOfTheSlicesThatMeasuredThePair(t *testing.T) {
	dir := t.TempDir()
	ownSlices(t, dir)
	s := NewStore("", dir)

	m, err := s.Open("office")
	require.NoError(t, err)
	v, ok := m.RTT(0, 1)
	assert.True(t, ok)
	assert.Equal(t, 23*ms, v, "10 and 13 one way; the slice with 0 does not count")
	v, _ = m.RTT(1, 0)
	assert.Equal(t, 60*ms, v, "the middle of 20, 30 and 40 one way")
}

func TestSlicesAreInTheOrderOfTheirNumbers(t *testing.T) {
	dir := t.TempDir()
	ownSlices(t, dir)
	s := NewStore("", dir)

	f, err := s.OpenFrames("office")
	require.NoError(t, err)
	assert.Equal(t, 3, f.Len())
	assert.Equal(t, 2, f.Nodes())
	last, err := f.Frame(3)
	require.NoError(t, err)
	v, _ := last.RTT(0, 1)
	assert.Equal(t, 26*ms, v, "t_10 comes after t_2")
	_, err = f.Frame(4)
	assert.EqualError(t, err, "office: there is no slice 4; want 1 to 3")

	named, err := s.Open("office:3")
	require.NoError(t, err)
	assert.Equal(t, last.SHA256(), named.SHA256())

	whole, err := s.Digest("office")
	require.NoError(t, err)
	slice, err := s.Digest("office:3")
	require.NoError(t, err)
	assert.NotEqual(t, whole, slice)

	_, err = s.OpenFrames("aws2025")
	assert.EqualError(t, err, `dataset "aws2025" has no slices of time; want a set with shape.frames, such as seattle99`)
}

func TestAChangedFileIsRefused(t *testing.T) {
	dir := t.TempDir()
	ownSlices(t, dir)
	file := write(t, dir, "office/raw/t_2", "0 1\n1 0\n")

	_, err := NewStore("", dir).Open("office")
	var wrong *ChecksumError
	require.True(t, errors.As(err, &wrong))
	assert.Equal(t, file, wrong.File)
	assert.NotContains(t, err.Error(), "\n")
}

func TestAMissingSetSaysWhereItWasSoughtAndHowToGetIt(t *testing.T) {
	dir := t.TempDir()
	s := NewStore("", dir)
	_, err := s.Open("seattle99")
	var missing *MissingError
	require.True(t, errors.As(err, &missing))
	assert.EqualError(t, err, "dataset seattle99 is not here (not in "+dir+"); get it with: repro datasets fetch seattle99, or name a directory that has it in REPRO_DATASETS")

	write(t, dir, "seattle99/raw/SeattleData_1", "")
	ok, why := s.Available("seattle99")
	assert.False(t, ok)
	assert.Contains(t, why, "lacks 687 of 688 files, first raw/SeattleData_10")

	_, why = s.Available("king1740")
	assert.Contains(t, why, "repro datasets import king1740 FILE")
}

func TestTheDigestOfAPinnedSetNeedsNoFiles(t *testing.T) {
	digest, err := NewStore("").Digest("planetlab490")
	require.NoError(t, err)
	assert.Equal(t, "d43ad175e8b16c3a9859da2fa5273ceba202a7c657aa84e12f1141660e80bf16", digest)
}

func TestNamesWithOptions(t *testing.T) {
	s := NewStore("")
	for name, nodes := range map[string]int{
		"synthetic-internet":      256,
		"synthetic-internet:40":   40,
		"synthetic-internet:40:9": 40,
		"synthetic-grid":          400,
		"synthetic-grid:10":       10,
	} {
		m, err := s.Open(name)
		require.NoError(t, err, name)
		assert.Equal(t, nodes, m.Len(), name)
		digest, err := s.Digest(name)
		require.NoError(t, err)
		assert.Equal(t, m.SHA256(), digest, name)
	}
	for name, want := range map[string]string{
		"synthetic-internet:1":     `dataset "synthetic-internet:1" is not valid; want synthetic-internet:NODES or synthetic-internet:NODES:SEED with 2 to 4096 nodes and a seed from 0`,
		"synthetic-internet:9:-1":  `dataset "synthetic-internet:9:-1" is not valid; want synthetic-internet:NODES or synthetic-internet:NODES:SEED with 2 to 4096 nodes and a seed from 0`,
		"synthetic-internet:9:1:1": `dataset "synthetic-internet:9:1:1" is not valid; want synthetic-internet:NODES or synthetic-internet:NODES:SEED with 2 to 4096 nodes and a seed from 0`,
		"synthetic-grid:9999":      `dataset "synthetic-grid:9999" is not valid; want synthetic-grid:NODES with 2 to 4096 nodes`,
		"synthetic-grid:":          `dataset "synthetic-grid:" is not valid; want synthetic-grid:NODES with 2 to 4096 nodes`,
		"seattle99:0":              `dataset "seattle99:0" is not valid; want seattle99:SLICE with a slice from 1 to 688`,
		"seattle99:01":             `dataset "seattle99:01" is not valid; want seattle99:SLICE with a slice from 1 to 688`,
		"seattle99:689":            `dataset "seattle99:689" is not valid; want seattle99:SLICE with a slice from 1 to 688`,
		"aws2025:1":                `dataset "aws2025:1" is not valid; want aws2025`,
		"planetlab":                `no dataset is called "planetlab"; want one of synthetic-internet, synthetic-grid, planetlab490, seattle99, wondernetwork242, aws2025, king1740`,
		"../aws2025":               `no dataset is called "../aws2025"; want one of synthetic-internet, synthetic-grid, planetlab490, seattle99, wondernetwork242, aws2025, king1740`,
	} {
		_, err := s.Open(name)
		assert.EqualError(t, err, want)
		assert.EqualError(t, s.Check(name), want)
		ok, why := s.Available(name)
		assert.False(t, ok)
		assert.Equal(t, want, why)
	}
	assert.NoError(t, s.Check("seattle99:688"), "known, though not here")
}

func TestASetIsLoadedOnceForAllWhoAsk(t *testing.T) {
	s := NewStore("")
	got := make([]*Matrix, 8)
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() {
			m, err := s.Open("synthetic-internet:32")
			assert.NoError(t, err)
			got[i] = m
		})
	}
	wg.Wait()
	for _, m := range got {
		assert.Same(t, got[0], m)
	}
}

func TestTheEnvironmentMustNameADirectory(t *testing.T) {
	file := write(t, t.TempDir(), "file", "")
	t.Setenv(EnvDir, file)
	_, err := Default()
	assert.ErrorContains(t, err, `REPRO_DATASETS: "`+file+`" is not a directory; want one with a folder for each set`)

	dir := t.TempDir()
	t.Setenv(EnvDir, dir)
	t.Setenv("XDG_CACHE_HOME", filepath.Join(dir, "cache"))
	s, err := Default()
	require.NoError(t, err)
	assert.Equal(t, dir, s.places()[0])
}

func TestABadEntryOfOnesOwnNamesItsFile(t *testing.T) {
	dir := t.TempDir()
	ownSlices(t, dir)
	file := filepath.Join(dir, "office", ownManifest)
	good, err := os.ReadFile(file)
	require.NoError(t, err)
	for _, c := range []struct{ old, new, want string }{
		{"unit: ms", "unit: furlong", `:5: unit: "furlong" is not a unit; want us, ms or s`},
		{"name: office", "name: home", `: name: "home" is not valid; want "office", as its folder`},
		{"frames: 3", "frames: 4", "office: has 3 raw files; want 4, one for each slice of time"},
		{"nodes: 2", "nodes: 3", ":1: 2 numbers; want 3, one for each node"},
	} {
		write(t, dir, "office/dataset.yaml", strings.Replace(string(good), c.old, c.new, 1))
		_, err := NewStore("", dir).Open("office")
		assert.ErrorContains(t, err, c.want)
	}
}

func TestGridIsEuclidean(t *testing.T) {
	m, err := Grid(12, 10*ms) // four columns, three rows
	require.NoError(t, err)
	v, _ := m.RTT(0, 11)
	assert.Equal(t, time.Duration(36055513), v, "10 ms · √(3² + 2²)")
	assert.Zero(t, Summarize(m).TIV)
	assert.Zero(t, Summarize(m).ShorterDetour)

	_, err = Grid(1, ms)
	assert.EqualError(t, err, "synthetic grid: nodes: 1 is not valid; want 2 to 4096")
	_, err = Grid(4, 0)
	assert.EqualError(t, err, "synthetic grid: spacing: 0s is not valid; want more than 0")
}
