package datasets

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheManifestIsSound(t *testing.T) {
	sets, err := Manifest()
	require.NoError(t, err)
	var names []string
	for _, d := range sets {
		names = append(names, d.Name)
		assert.NotEmpty(t, d.Citation, d.Name)
		assert.NotEmpty(t, d.Measured, d.Name)
		assert.NotEmpty(t, d.Traps, d.Name)
		for _, f := range d.sums {
			_, err := d.remote(f.path)
			assert.NoError(t, err, "every raw file has a path at its origin")
		}
		if d.Format == FormatFrames {
			assert.Len(t, d.sums, d.Shape.Frames, d.Name)
		}
	}
	assert.Equal(t, []string{"synthetic-internet", "synthetic-grid", "planetlab490", "seattle99", "wondernetwork242", "aws2025", "king1740"}, names)
}

func TestACityIsFoundInItsOwnFolderAtTheOrigin(t *testing.T) {
	set, err := NewStore("").Dataset("wondernetwork242")
	require.NoError(t, err)
	remote, err := set.remote("raw/Joao+PessoaPing.csv")
	require.NoError(t, err)
	assert.Equal(t, "core/src/main/resources/Data/Joao+Pessoa/Joao+PessoaPing.csv", remote)
	_, err = set.remote("raw/LICENSE")
	assert.EqualError(t, err, `wondernetwork242: origin.files: nothing matches "raw/LICENSE"; want a pattern that does`)
}

const goodEntry = `- name: tiny
  title: Three nodes
  kind: imported
  licence: none
  unit: ms
  quantity: rtt
  format: table
  shape: {nodes: 3}
`

func TestABadManifestIsRefusedInOneLineThatNamesTheKey(t *testing.T) {
	_, err := decodeManifest("m.yaml", []byte(goodEntry))
	require.NoError(t, err)

	for _, c := range []struct{ old, new, want string }{
		{"title:", "titel:", "m.yaml:2: unknown key titel; want a key of datasets/README.md"},
		{"unit: ms", "unit: msec", `m.yaml:5: unit: "msec" is not a unit; want us, ms or s`},
		{"  unit: ms\n", "", `m.yaml: tiny: unit: "no unit" is not valid; want us, ms or s`},
		{"quantity: rtt", "quantity: ping", `m.yaml:6: quantity: "ping" is not a quantity; want rtt or one_way`},
		{"  quantity: rtt\n", "", `m.yaml: tiny: quantity: "no quantity" is not valid; want rtt or one_way`},
		{"nodes: 3", "nodes: -3", `m.yaml: tiny: shape.nodes: "-3" is not valid; want at least 2`},
		{"nodes: 3", "nodes: three", "m.yaml:8: cannot unmarshal !!str `three` into int"},
		{"kind: imported", "kind: borrowed", `m.yaml: tiny: kind: "borrowed" is not valid; want synthetic, fetched, imported or recording`},
		{"kind: imported", "kind: fetched", `m.yaml: tiny: origin.url: "" is not valid; want the address of the raw files`},
		{"kind: imported", "kind: synthetic", `m.yaml: tiny: format: "table" is not valid; want none, for a set that is computed`},
		{"format: table", "format: frames", `m.yaml: tiny: shape.frames: "0" is not valid; want the number of slices where format is frames, and none elsewhere`},
		{"format: table", "format: xml", `m.yaml: tiny: format: "xml" is not valid; want table, frames, wondernetwork or cloudping`},
		{"name: tiny", "name: Tiny:1", `m.yaml: Tiny:1: name: "Tiny:1" is not valid; want lower-case letters, digits, - and _`},
		{goodEntry, goodEntry + goodEntry, "m.yaml: tiny: name: stands twice; want each name once"},
		{goodEntry, "", "m.yaml: is empty; want at least one dataset"},
		{"unit: ms", "unit: [ms", "m.yaml:4: did not find expected ',' or ']'"},
	} {
		_, err := decodeManifest("m.yaml", []byte(strings.Replace(goodEntry, c.old, c.new, 1)))
		assert.EqualError(t, err, c.want)
	}
}

func TestAListOfChecksumsMayNotLeaveItsDirectory(t *testing.T) {
	digest := strings.Repeat("a", 64)
	for _, line := range []string{digest + "  ../x", digest + "  /etc/passwd", digest + " x", "aa  raw/x", ""} {
		_, err := parseSums("SHA256SUMS", []byte(line+"\n"))
		assert.ErrorContains(t, err, "SHA256SUMS:1: ", line)
	}
	sums, err := parseSums("SHA256SUMS", []byte(digest+"  raw/a b\n"))
	require.NoError(t, err)
	assert.Equal(t, []fileSum{{"raw/a b", digest}}, sums)
	assert.Equal(t, digest+"  raw/a b\n", string(formatSums(sums)))
}
