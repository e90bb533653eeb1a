package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/swimlab/swimlab/experiments/lab"
)

func TestWhatSeveralExperimentsLackIsOneLine(t *testing.T) {
	lacks := func(id, experiment, reason string) lab.Claim {
		return lab.Claim{ID: id, Experiment: experiment, Verdict: lab.NotRunVerdict, Reason: reason}
	}
	const planetlab, king = "needs planetlab", "needs king"
	var out bytes.Buffer
	s := session{format: "text"}
	s.printNotRun(&out, []lab.Claim{
		lacks("a/one.x", "a/one", king), lacks("a/one.y", "a/one", planetlab), lacks("a/one.z", "a/one", planetlab),
		{ID: "a/one.ran", Experiment: "a/one", Verdict: lab.Reproduced, Reason: planetlab},
		lacks("b/two.x", "b/two", planetlab), lacks("b/two.y", "b/two", "0 of 3 trials of x=1"), lacks("b/two.z", "b/two", "0 of 3 trials of x=2"),
	})
	assert.Equal(t, `not run: a/one.x: needs king
not run: a/one.y (and 2 more, of 2 experiments in all): needs planetlab
not run: b/two.y (and 1 more of b/two): 0 of 3 trials of x=1
`, out.String())
}
