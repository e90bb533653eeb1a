package lab

import "slices"

// Verdict is the outcome of a claim.
type Verdict string

const (
	Reproduced    Verdict = "reproduced"
	NotReproduced Verdict = "not_reproduced"
	NotRunVerdict Verdict = "not_run"
)

// Claim is a claim with its verdict, in the form in which `repro claims` prints it.
type Claim struct {
	ID         string `json:"id"` // "swim2002/fig3a.mean"
	Paper      string `json:"paper"`
	Experiment string `json:"experiment"`
	Statement  string `json:"statement"`
	Location   string `json:"location"`
	// Known says how the published value is known: read, digitised, derived,
	// analytic or remembered.
	Known     string `json:"known"`
	Published any    `json:"published"` // number, list of numbers, text or null
	Measured  any    `json:"measured"`  // number, list of numbers, bool or null
	// Low and High are the 95 % bootstrap interval, in the shape of Measured;
	// null where there is none.
	Low       any     `json:"low"`
	High      any     `json:"high"`
	Kind      string  `json:"kind"`
	Tolerance string  `json:"tolerance"`
	Verdict   Verdict `json:"verdict"`
	Reason    string  `json:"reason"`

	spec ClaimSpec
}

// Judge judges all claims of an experiment against what its trials observed.
func (r *Results) Judge() ([]Claim, error) {
	d := r.Plan.Definition
	var claims []Claim
	for i := range d.Claims {
		c, err := r.judge(i)
		if err != nil {
			return nil, err
		}
		claims = append(claims, c)
	}
	return claims, nil
}

// Regressed lists the claims that are not reproduced although they were in an
// earlier set of verdicts, by id.
func Regressed(claims []Claim, before map[string]Verdict) []Claim {
	return slices.DeleteFunc(slices.Clone(claims), func(c Claim) bool {
		return c.Verdict != NotReproduced || before[c.ID] != Reproduced
	})
}
