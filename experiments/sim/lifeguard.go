package sim

import (
	"errors"
	"strings"

	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/lifeguard"
)

// Lifeguard is the `system.lifeguard` section: which components are on, and
// their parameters. See lifeguard.Config.
type Lifeguard struct {
	LHAProbe     bool `key:"lha_probe"`
	LHASuspicion bool `key:"lha_suspicion"`
	Buddy        bool `key:"buddy"`

	S               int     `key:"s"`
	ScoreAcked      int     `key:"score_acked"`
	ScoreFailed     int     `key:"score_failed"`
	ScoreMissedNack int     `key:"score_missed_nack"`
	ScoreRefuted    int     `key:"score_refuted"`
	EveryNack       bool    `key:"every_nack"`
	NacksExcuse     bool    `key:"nacks_excuse"`
	NackShare       float64 `key:"nack_share"`
	KeepTimeout     bool    `key:"keep_timeout"`
	Beta            float64 `key:"beta"`
	K               int     `key:"k"`
	KFromAlpha      bool    `key:"k_from_alpha"`
}

// lifeguardOf is the Lifeguard that goes with a preset, all components off:
// memberlist's with deployed, the paper's otherwise.
func lifeguardOf(preset string) Lifeguard {
	c := lifeguard.Paper()
	if preset == "deployed" {
		c = lifeguard.Deployed()
	}
	return Lifeguard{
		S: c.S, ScoreAcked: c.Scores.Acked, ScoreFailed: c.Scores.Failed, ScoreMissedNack: c.Scores.MissedNack, ScoreRefuted: c.Scores.Refuted,
		EveryNack: c.Scores.EveryNack, NacksExcuse: c.Scores.NacksExcuse, NackShare: c.NackShare, KeepTimeout: c.KeepTimeout,
		Beta: c.Beta, K: c.K, KFromAlpha: c.KFromAlpha,
	}
}

func (l Lifeguard) config() lifeguard.Config {
	return lifeguard.Config{
		LHAProbe: l.LHAProbe, LHASuspicion: l.LHASuspicion, Buddy: l.Buddy,
		S: l.S, NackShare: l.NackShare, KeepTimeout: l.KeepTimeout, Beta: l.Beta, K: l.K, KFromAlpha: l.KFromAlpha,
		Scores: lifeguard.Scores{
			Acked: l.ScoreAcked, Failed: l.ScoreFailed, MissedNack: l.ScoreMissedNack, Refuted: l.ScoreRefuted,
			EveryNack: l.EveryNack, NacksExcuse: l.NacksExcuse,
		},
	}
}

// on says whether any component is.
func (l Lifeguard) on() bool { return l.LHAProbe || l.LHASuspicion || l.Buddy }

func (l Lifeguard) check() error {
	if err := l.config().Validate(); err != nil {
		return &trial.KeyError{Key: "system.lifeguard", Err: errors.New(strings.TrimPrefix(err.Error(), "lifeguard: "))}
	}
	return nil
}
