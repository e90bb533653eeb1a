package trial_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/experiments/trial"
)

type target struct {
	Members int `key:"members"`
}

type fault struct {
	At    time.Duration `key:"at"`
	Crash *target       `key:"crash"`
	Pause *pause        `key:"pause"`
}

type pause struct {
	target `key:",squash"`
	For    time.Duration `key:"for"`
}

func TestDecodeTakesWhatTheStructHas(t *testing.T) {
	var f fault
	require.NoError(t, trial.Decode("faults.0", map[string]any{"at": "60s", "crash": map[string]any{"members": 2}}, &f))
	assert.Equal(t, 60*time.Second, f.At)
	assert.Equal(t, &target{2}, f.Crash)
}

// One line each: the key with its whole path, what was given, what would be right.
func TestDecodeRefuses(t *testing.T) {
	for _, c := range []struct {
		section map[string]any
		message string
	}{
		{map[string]any{"when": "60s"}, "faults.0.when: unknown key; want one of at, crash, pause"},
		{map[string]any{"crash": map[string]any{"mebers": 1}}, "faults.0.crash.mebers: unknown key; want one of members"},
		{map[string]any{"pause": map[string]any{"until": "3s"}}, "faults.0.pause.until: unknown key; want one of for, members"},
		{map[string]any{"crash": map[string]any{"members": 16.5}}, "faults.0.crash.members: 16.5 is not valid; want a whole number"},
		{map[string]any{"at": 60}, `faults.0.at: 60 is not valid; want a duration with its unit, such as "200ms" or "2s"`},
		{map[string]any{"at": "60"}, `faults.0.at: "60" is not valid; want a duration with its unit, such as "200ms" or "2s"`},
	} {
		var f fault
		err := trial.Decode("faults.0", c.section, &f)
		var blamed *trial.KeyError
		require.ErrorAs(t, err, &blamed)
		assert.Equal(t, c.message, err.Error())
	}
}
