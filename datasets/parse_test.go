package datasets

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var milliseconds = scale{unit: Millisecond, quantity: RTT}

func TestATableHasOneLineForEachNode(t *testing.T) {
	for name, text := range map[string]string{
		"tabs":           "0\t1.5\t2\n3\t0\t4\n5\t6\t0\n",
		"spaces":         " 0  1.5 2 \n3 0 4\n5 6 0",
		"commas":         "0,1.5,2\r\n3,0,4\r\n5,6,0\r\n",
		"odd diagonal":   "nan 1.5 2\n3 -7 4\n5 6 x\n",
		"blank line end": "0 1.5 2\n3 0 4\n5 6 0\n\n",
	} {
		values, err := parseTable(rawFile{name, []byte(text)}, 3, milliseconds)
		require.NoError(t, err, name)
		assert.Equal(t, []time.Duration{0, 1500 * time.Microsecond, 2 * ms, 3 * ms, 0, 4 * ms, 5 * ms, 6 * ms, 0}, values, name)
	}
}

func TestOnlyTheNumbersThatTheManifestListsAreMissing(t *testing.T) {
	f := rawFile{"king", []byte("0 -1\n0 0\n")}
	values, err := parseTable(f, 2, scale{unit: Microsecond, quantity: RTT, missing: []float64{0, -1}})
	require.NoError(t, err)
	assert.Equal(t, make([]time.Duration, 4), values)

	_, err = parseTable(f, 2, scale{unit: Microsecond, quantity: RTT, missing: []float64{0}})
	assert.EqualError(t, err, `king:1: number 2: "-1"; want a positive number of us`)
}

func TestABadTableIsRefusedInOneLineThatNamesThePlace(t *testing.T) {
	for text, want := range map[string]string{
		"0 1 2\n3 0 4\n":               "f: ends after 2 lines; want 3 lines of 3 numbers",
		"":                             "f: ends after 0 lines; want 3 lines of 3 numbers",
		"0 1 2\n3 0 4\n5 6":            "f:3: 2 numbers; want 3, one for each node",
		"0 1 2 9\n":                    "f:1: 4 numbers; want 3, one for each node",
		"0 1 2\n\n3 0 4\n5 6 0\n":      "f:2: 0 numbers; want 3, one for each node",
		"0 1 2\n3 0 4\n5 6 0\n7 8 9\n": "f:4: one line more; want 3 lines of 3 numbers",
		"0 1 2\n3 0 NaN\n5 6 0\n":      `f:2: number 3: "NaN"; want a positive number of ms`,
		"0 1 2\n3 0 4\n-5 6 0\n":       `f:3: number 1: "-5"; want a positive number of ms`,
		"0 1 2\n3 0 +Inf\n5 6 0\n":     `f:2: number 3: "+Inf"; want a positive number of ms`,
		"0 x 2\n3 0 4\n5 6 0\n":        `f:1: number 2: "x"; want a positive number of ms`,
		"0 0 2\n3 0 4\n5 6 0\n":        `f:1: number 2: "0"; want a positive number of ms`,
		"0 1 2\n3 0 4e9\n5 6 0\n":      `f:2: number 3: "4e9"; want a round trip of at most 2m0s; is the unit really ms?`,
	} {
		_, err := parseTable(rawFile{"f", []byte(text)}, 3, milliseconds)
		assert.EqualError(t, err, want)
	}
}

func TestASetWithoutUnitIsNotParsed(t *testing.T) {
	d := Dataset{Name: "tiny", Quantity: RTT, Format: FormatTable, Shape: Shape{Nodes: 2}}
	_, err := d.parse([]rawFile{{"f", []byte("0 1\n1 0\n")}})
	assert.EqualError(t, err, `tiny: "no unit" is not a unit; want us, ms or s`)
}

const regions = `{"metadata": {"percentile": "p_50", "timeframe": "1Y", "unit": "milliseconds"},
 "data": {"b": {"a": 10.5, "b": 3}, "a": {"b": 12}}}`

func TestCloudpingRegionsAreInAlphabeticalOrder(t *testing.T) {
	m, err := parseCloudping(rawFile{"aws.json", []byte(regions)}, milliseconds)
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "b"}, m.Names())
	v, ok := m.RTT(1, 0)
	assert.True(t, ok)
	assert.Equal(t, 10500*time.Microsecond, v)
	_, ok = m.RTT(1, 1)
	assert.False(t, ok, "a region's time to itself is dropped")
}

func TestABadCloudpingTreeIsRefused(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"12}}}", "12", "aws.json:2: unexpected EOF; want one whole JSON object with metadata and data"},
		{"milliseconds", "seconds", `aws.json: metadata.unit: "seconds" read as ms; want "milliseconds" read as ms`},
		{"10.5", "-10.5", "aws.json: data.b.a: -10.5; want a positive number of ms"},
		{"10.5", `"fast"`, "aws.json:2: data: a string; want a number of milliseconds"},
		{`"a": {"b": 12}`, `"a": {"b": 12, "c": 1, "d": 1}`, "aws.json: data.a: 3 targets; want at most 2, one for each region"},
	} {
		_, err := parseCloudping(rawFile{"aws.json", []byte(strings.Replace(regions, c.old, c.new, 1))}, milliseconds)
		assert.EqualError(t, err, c.want)
	}
}

// pingFile writes a city's file with a row for each "Label|average|mdev".
func pingFile(name string, rows ...string) rawFile {
	text := strings.Join(pingHeader, ",") + "\n"
	for _, row := range rows {
		f := strings.Split(row, "|")
		text += `"` + f[0] + `",9km,9,` + f[1] + "ms," + f[1] + ",1%,1,1ms,1,1ms,1," + f[2] + "ms," + f[2] + ",2018-11-10 12:23:34\n"
	}
	return rawFile{name, []byte(text)}
}

func wonderFiles() []rawFile {
	return []rawFile{
		{"raw/cities.csv", []byte("city,Lat,Long,Population\nNew York,40.7,-74,8000000\nSao+Paulo,-23.5,-46.6,1\nYork,54,-1.1,2\n")},
		pingFile("raw/YorkPing.csv", "New York United States, North America|70.5|0.5", "Carlow Ireland, Eurasia|9|1", "York United Kingdom, Eurasia|1|1"),
		pingFile("raw/New+YorkPing.csv", "York United Kingdom, Eurasia|71|0", "Sao Paulo Brazil, South America|120|2.25"),
		pingFile("raw/Sao+PauloPing.csv"),
	}
}

func TestWonderNetworkKnowsCitiesByTheirFilesAndPlacesByTheTable(t *testing.T) {
	m, err := parseWonderNetwork(wonderFiles(), milliseconds)
	require.NoError(t, err)
	assert.Equal(t, []string{"New York", "Sao Paulo", "York"}, m.Names())

	v, ok := m.RTT(2, 0)
	assert.True(t, ok)
	assert.Equal(t, 70500*time.Microsecond, v, "York pinged New York, not itself")
	j, ok := m.Jitter(2, 0)
	assert.True(t, ok)
	assert.Equal(t, 500*time.Microsecond, j)
	_, ok = m.RTT(1, 0)
	assert.False(t, ok)
	_, ok = m.Jitter(1, 0)
	assert.False(t, ok)

	at, ok := m.Location(1)
	assert.True(t, ok)
	assert.Equal(t, Location{City: "Sao Paulo", Region: "South America", Latitude: -23.5, Longitude: -46.6}, at)

	s := m.Symmetric()
	j, ok = s.Jitter(0, 2)
	assert.True(t, ok)
	assert.Equal(t, 250*time.Microsecond, j)
	j, ok = s.Jitter(1, 0)
	assert.True(t, ok)
	assert.Equal(t, 2250*time.Microsecond, j, "the only direction")
}

func TestABadWonderNetworkFileIsRefused(t *testing.T) {
	for _, c := range []struct {
		file     int
		old, new string
		want     string
	}{
		{0, "-46.6", "-460", "raw/cities.csv:3: -23.5, -460; want a latitude and a longitude in degrees"},
		{0, "Lat,Long", "Long,Lat", `raw/cities.csv:1: header "city,Long,Lat,Population"; want city,Lat,Long,Population`},
		{1, "70.5ms,70.5", "70.5ms,-70.5", `raw/YorkPing.csv:2: Average: "-70.5"; want a positive number of ms`},
		{1, "70.5ms,70.5", "70.5ms,NaN", `raw/YorkPing.csv:2: Average: "NaN"; want a positive number of ms`},
		{1, "0.5ms,0.5", "0.5ms,NaN", `raw/YorkPing.csv:2: mdev: "NaN"; want a number of ms from 0`},
		{1, "Carlow Ireland", "Cork Ireland", `raw/YorkPing.csv:3: City: "Cork Ireland"; want a city that has a file of its own`},
		{1, "Carlow Ireland", "New York United States", `raw/YorkPing.csv:3: City: "New York United States" stands twice; want each city once`},
		{1, ",2018-11-10 12:23:34\n\"Carlow", "\n\"Carlow", "raw/YorkPing.csv:2: 13 columns; want 14"},
		{3, "City", "Town", `raw/Sao+PauloPing.csv:1: header "Town,Distance,hidden,Average,hidden.1,% of SOLf/o,hidden.2,min,hidden.3,max,hidden.4,mdev,hidden.5,Last Checked"; want ` + strings.Join(pingHeader, ",")},
	} {
		files := wonderFiles()
		files[c.file].data = []byte(strings.Replace(string(files[c.file].data), c.old, c.new, 1))
		_, err := parseWonderNetwork(files, milliseconds)
		assert.EqualError(t, err, c.want)
	}
}
