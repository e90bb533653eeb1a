package swim_test

import (
	"testing"

	"github.com/swimlab/swimlab/internal/stage"
)

// The stories in testdata; their vocabulary is that of [stage.Play].
func TestScenarios(t *testing.T) { stage.Play(t, nil) }
