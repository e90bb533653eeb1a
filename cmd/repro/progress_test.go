package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestOutlook(t *testing.T) {
	began := time.Date(2018, 6, 25, 9, 0, 0, 0, time.UTC)
	run := &tally{total: 400, done: 100, began: began}
	assert.Equal(t, "100 of 400 trials in 2m0s, 6m0s left at this pace", run.outlook(began.Add(2*time.Minute), 0))
	assert.Equal(t, "100 of 400 trials in 2m0s, 6m0s left at this pace; then 70 trials of other experiments", run.outlook(began.Add(2*time.Minute), 70))
}

func TestLongRunsTellHowFarTheyAre(t *testing.T) {
	var out bytes.Buffer
	w := newProgress(&out)
	w.Begin("dice/wait", 50, 10)
	w.Begin("dice/later", 7, 0)
	w.Begin("dice/cached", 5, 5)
	w.Advance("dice/wait")
	assert.Equal(t, 2, strings.Count(out.String(), "\n"), "too early for more than the announcements: %s", &out)
	w.told = w.told.Add(-tellEvery) // as if so much time had passed
	w.Advance("dice/wait")
	w.Advance("dice/wait")
	assert.Equal(t, 1, strings.Count(out.String(), "dice/wait: 2 of 40 trials in "), out.String())
	assert.Equal(t, 1, strings.Count(out.String(), "; then 7 trials of other experiments"), out.String())
}
