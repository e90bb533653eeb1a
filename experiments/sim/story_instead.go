package sim

import (
	"context"
	"fmt"
	"time"

	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/swim"
)

// verdicts is who declared whom faulty in a trial, and when first.
type verdicts struct {
	own   map[verdict]time.Duration // by its own probe or time-out
	first map[uint32]verdict        // the first about each member
}

// verdict is one member's about another.
type verdict struct{ by, about uint32 }

// withLifeguard runs a trial again with all of Lifeguard on, for the difference
// that would have made; nil if all of it was on, or the protocol does not suspect.
// Seed, schedule and phases are the same; what is drawn after members first act
// otherwise is not.
func (w *World) withLifeguard(ctx context.Context, spec trial.Spec) (*verdicts, error) {
	s, err := newScenario(spec)
	if err != nil {
		return nil, err
	}
	l := &s.System.Lifeguard
	if !s.System.Suspicion || l.LHAProbe && l.LHASuspicion && l.Buddy {
		return nil, nil
	}
	l.LHAProbe, l.LHASuspicion, l.Buddy = true, true, true
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("with all of Lifeguard on: %w", err)
	}
	c, err := w.clusterOf(s)
	if err != nil {
		return nil, err
	}
	v := &verdicts{own: map[verdict]time.Duration{}, first: map[uint32]verdict{}}
	c.hooks.onEvent = append(c.hooks.onEvent, func(now time.Duration, by uint32, e swim.Event) {
		if e.Kind != swim.Confirmed || uint32(e.By) != by {
			return
		}
		this := verdict{by, uint32(e.Member)}
		if _, before := v.own[this]; !before {
			v.own[this] = now
		}
		if _, before := v.first[this.about]; !before {
			v.first[this.about] = this
		}
	})
	return v, c.run(ctx)
}

// tell says what has become of a verdict.
func (v *verdicts) tell(by, about uint32) string {
	const lead = "In the same trial with all of Lifeguard on, "
	if at, same := v.own[verdict{by, about}]; same {
		return fmt.Sprintf(lead+"%d declares %d faulty all the same, at %s.", by, about, seconds(at))
	}
	if other, is := v.first[about]; is {
		return fmt.Sprintf(lead+"%d does not declare %d faulty, but %d does, at %s.", by, about, other.by, seconds(v.own[other]))
	}
	return fmt.Sprintf(lead+"nobody declares %d faulty.", about)
}
