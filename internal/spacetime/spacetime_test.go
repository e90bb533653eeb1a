package spacetime

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/experiments/trial"
)

const ms = time.Millisecond

// refuted is a small story: 1 is stalled, 0 suspects it, and 1 refutes.
var refuted = trial.SpaceTime{
	Title: "0 accuses 1 <which is running>", From: 0, To: 5 * time.Second,
	Members: []trial.SpaceTimeMember{{ID: 0, Role: "accuser"}, {ID: 1, Role: "accused"}},
	Messages: []trial.SpaceTimeMessage{
		{From: 0, To: 1, Label: "ping", Written: 0, Left: 0, Arrived: 1 * ms, Read: 2 * time.Second, LostAt: trial.Never},
		{From: 1, To: 0, Label: "ack", Written: 2 * time.Second, Left: 2 * time.Second, Arrived: 2001 * ms, Read: 2001 * ms, LostAt: trial.Never},
		{From: 0, To: 1, Label: "gone", Written: 3 * time.Second, Left: 3 * time.Second, Arrived: trial.Never, Read: trial.Never, Lost: "lost on the way", LostAt: 3 * time.Second},
		{From: 7, To: 0, Label: "news", Written: 4 * time.Second, Left: 4 * time.Second, Arrived: 4001 * ms, Read: 4001 * ms, LostAt: trial.Never},
		{From: 1, To: 0, Label: "late", Written: 4 * time.Second, Left: trial.Never, Arrived: trial.Never, Read: trial.Never, LostAt: trial.Never},
	},
	Spans: []trial.SpaceTimeSpan{
		{Member: 0, State: trial.Suspecting, From: time.Second, To: 2001 * ms},
		{Member: 1, State: trial.Stalled, From: 0, To: 2 * time.Second},
	},
	Marks: []trial.SpaceTimeMark{{Member: 0, At: time.Second, Text: "probe failed"}, {Member: 0, At: time.Second, Text: "suspects"}},
}

func TestAnAxisKeepsTheOrderOfInstants(t *testing.T) {
	a := newAxis(refuted)
	require.Equal(t, []time.Duration{0, ms, time.Second, 2 * time.Second, 2001 * ms, 3 * time.Second, 4 * time.Second, 4001 * ms, 5 * time.Second}, a.instants)
	assert.Zero(t, a.heights[0])
	for i := 1; i < len(a.heights); i++ {
		assert.GreaterOrEqual(t, a.heights[i]-a.heights[i-1], step, "room for a label")
	}
	assert.Greater(t, a.heights[5]-a.heights[4], a.heights[1]-a.heights[0], "a second is longer than a millisecond")
	assert.Less(t, a.heights[5]-a.heights[4], 10*(a.heights[1]-a.heights[0]), "but not a thousand times")
}

func TestAnInstantBetweenTwoLiesBetweenThem(t *testing.T) {
	a := newAxis(refuted)
	assert.InDelta(t, (a.height(3*time.Second)+a.height(4*time.Second))/2, a.height(3500*ms), 1e-9)
	assert.Equal(t, a.length(), a.height(time.Hour))
	assert.Equal(t, 0.0, a.height(-time.Hour))
}

func TestMarksOfOneInstantAreStacked(t *testing.T) {
	alone := refuted
	alone.Marks = refuted.Marks[:1]
	assert.InDelta(t, newAxis(alone).length()+line, newAxis(refuted).length(), 1e-9)
}

// A member that stalls all the time does not fill the axis with that.
func TestFrequentStallsTakeNoRoom(t *testing.T) {
	often := refuted
	for i := range 100 {
		often.Spans = append(often.Spans, trial.SpaceTimeSpan{
			Member: 0, State: trial.Stalled, From: time.Duration(10*i) * ms, To: time.Duration(10*i+3) * ms,
		})
	}
	assert.Equal(t, newAxis(refuted), newAxis(often))
}

func TestTheDrawingIsWellFormedAndTellsAll(t *testing.T) {
	svg, err := SVG(refuted)
	require.NoError(t, err)
	d := xml.NewDecoder(bytes.NewReader(svg))
	var texts []string
	elements := map[string]int{}
	within := ""
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		switch x := token.(type) {
		case xml.StartElement:
			within = x.Name.Local
			elements[within]++
		case xml.EndElement:
			within = ""
		case xml.CharData:
			if within == "text" || within == "title" {
				texts = append(texts, string(x))
			}
		}
	}
	for _, text := range []string{
		"0 accuses 1 <which is running>", "0", "1", "accuser", "accused", "ping", "ack", "gone, lost on the way",
		"news, from 7", "late (held back)", "probe failed", "suspects", "2.001000",
	} {
		assert.Contains(t, texts, text)
	}
	assert.Equal(t, 1, elements["circle"], "two marks of one instant share a dot")

	again, err := SVG(refuted)
	require.NoError(t, err)
	assert.Equal(t, string(svg), string(again))
}

func TestNothingIsNotDrawn(t *testing.T) {
	for _, s := range []trial.SpaceTime{{}, {Members: refuted.Members}} {
		_, err := SVG(s)
		assert.EqualError(t, err, "space-time diagram: there is nothing to draw; want a member and some time")
	}
}
