// Package memberlist is the world "memberlist": HashiCorp's library, unmodified, in
// virtual time. The program that runs it is built from experiments/peer, a module
// of its own; this package only knows what it can be asked.
package memberlist

import (
	"path/filepath"
	"slices"

	"github.com/swimlab/swimlab/experiments/external"
	"github.com/swimlab/swimlab/experiments/trial"
)

// Version is that of the library, as experiments/peer requires it.
const Version = "v0.7.0"

// Observed lists the simulator's measures that can be observed of the library.
var Observed = []string{
	"anomaly_detected", "anomaly_detection", "anomaly_dissemination", "bytes_sent", "false_positives", "false_positives_at_healthy",
	"first_detection", "first_detection_s", "health_score", "health_score_distressed", "infection_latency", "infection_max",
	"infection_median", "infection_missed", "messages_sent", "probe_failures", "probe_failures_at_healthy",
	"refutations", "removal", "sent_mean", "sent_sd", "undetected",
}

// World returns the world for the repository at root. Its measures are those of
// the simulation, by name, unit and meaning.
func World(root string, simulation trial.World) trial.World {
	measures := slices.DeleteFunc(slices.Clone(simulation.Measures("swim")), func(m trial.Measure) bool { return !slices.Contains(Observed, m.Name) })
	return &external.World{
		Called:   "memberlist",
		Runs:     "hashicorp/memberlist " + Version + ", unmodified, in virtual time",
		Observes: map[string][]trial.Measure{"swim": measures},
		Program:  external.GoProgram(filepath.Join(root, "experiments", "peer"), "./memberlist", filepath.Join(root, ".repro", "bin", "memberlist")),
	}
}
