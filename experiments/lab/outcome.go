package lab

import (
	"maps"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/swimlab/swimlab/internal/figure"
	"github.com/swimlab/swimlab/internal/table"
)

// Outcome is everything that follows from the results of one experiment.
type Outcome struct {
	Plan    *Plan
	Claims  []Claim
	Numbers []Number
	Figures []Drawing[figure.Figure]
	Tables  []Drawing[table.Table]
	// Pictures are of single trials.
	Pictures []Drawing[Picture]
	// Missing says of each figure, picture and table that could not be drawn, or not
	// wholly, why not, by its name.
	Missing map[string]string

	results *Results
}

// Evaluate reads the stored results of plans and works out what follows from
// them. It runs no trial.
func (l *Lab) Evaluate(plans []*Plan) ([]*Outcome, error) {
	outcomes := make([]*Outcome, len(plans))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, p := range plans {
		group.Go(func() (err error) {
			outcomes[i], err = l.evaluate(p)
			return err
		})
	}
	return outcomes, group.Wait()
}

func (l *Lab) evaluate(p *Plan) (*Outcome, error) {
	r, err := l.Load(p)
	if err != nil {
		return nil, err
	}
	o := &Outcome{Plan: p, results: r}
	if o.Claims, err = r.Judge(); err != nil {
		return nil, err
	}
	if o.Numbers, err = r.Numbers(); err != nil {
		return nil, err
	}
	if o.Figures, o.Missing, err = r.Figures(); err != nil {
		return nil, err
	}
	var missing map[string]string
	if o.Tables, missing, err = r.Tables(); err != nil {
		return nil, err
	}
	maps.Copy(o.Missing, missing)
	if o.Pictures, missing, err = l.pictures(r); err != nil {
		return nil, err
	}
	maps.Copy(o.Missing, missing)
	return o, nil
}

// Claims collects the claims of several outcomes, in their order.
func Claims(outcomes []*Outcome) []Claim {
	var claims []Claim
	for _, o := range outcomes {
		claims = append(claims, o.Claims...)
	}
	return claims
}
