package sim

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/experiments/trial"
)

func spec(seed uint64) trial.Spec {
	return trial.Spec{
		Experiment: "test", World: "simulation", Seed: seed,
		System:  map[string]any{"protocol": "swim", "members": 16, "protocol_period": "2s"},
		Network: map[string]any{"latency": map[string]any{"uniform": []any{"200us", "800us"}}},
		Faults:  []any{map[string]any{"at": map[string]any{"uniform": []any{"20s", "22s"}}, "crash": map[string]any{"members": 1}}},
		Run:     map[string]any{"duration": "120s", "stop_when": "removed"},
		Measure: []string{"first_detection", "removal", "sent_mean", "infection_median", "suspicion_time"},
	}
}

func TestShow(t *testing.T) {
	w := NewWorld(nil)
	for seed := range uint64(3) {
		o, err := w.Run(context.Background(), spec(seed))
		require.NoError(t, err)
		t.Log(o)
	}
	var b bytes.Buffer
	require.NoError(t, w.Trace(context.Background(), spec(1), trial.TraceOptions{Summary: true, Members: []int{3}}, &b))
	t.Log(b.String())
}
