package lab

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// judged judges one claim on two cells whose means are 2 (n = 10) and 7 (n = 20).
func judged(t *testing.T, spec ClaimSpec) Claim {
	t.Helper()
	r := resultsOf([]float64{10, 20}, [][][]float64{{{1, 2}, {3}}, {{5}, {7, 9}}})
	spec.ID, spec.Statement, spec.Location = "c", "the claim", "p. 1"
	d := r.Plan.Definition
	if spec.Known == "" {
		spec.Known = "read"
	}
	key, err := d.checkKind(spec)
	require.NoError(t, err, key)
	d.Claims = []ClaimSpec{spec}
	claims, err := r.Judge()
	require.NoError(t, err)
	return claims[0]
}

func numbers(values ...float64) Published { return Published{Numbers: values, List: len(values) > 1} }

func tolerance(t *testing.T, value any) Tolerance {
	t.Helper()
	var tol Tolerance
	require.NoError(t, tol.UnmarshalKey(value))
	return tol
}

func TestVerdictsByKind(t *testing.T) {
	const low, both = "mean(where(v, {n: 10}))", `mean(by(v, "n"))`
	for _, c := range []struct {
		name    string
		spec    ClaimSpec
		verdict Verdict
		reason  string
	}{
		{"exact", ClaimSpec{Kind: "exact", Published: numbers(2), Measured: low}, Reproduced, "is exactly 2"},
		{"not exact", ClaimSpec{Kind: "exact", Published: numbers(2.0001), Measured: low}, NotReproduced, "is not exactly 2"},
		{"relative", ClaimSpec{Kind: "relative", Published: numbers(2.09), Tolerance: tolerance(t, "5%"), Measured: low}, Reproduced, "is within 2.09 ± 5%"},
		{"relative, outside", ClaimSpec{Kind: "relative", Published: numbers(1.582), Tolerance: tolerance(t, "5%"), Measured: low, Unit: "periods"}, NotReproduced, "measured 2 [1.5, 3] periods is not within 1.582 periods ± 5%"},
		{"absolute", ClaimSpec{Kind: "absolute", Published: numbers(2.1), Tolerance: tolerance(t, 0.2), Measured: low}, Reproduced, "± 0.2"},
		{"range", ClaimSpec{Kind: "range", Published: Published{Text: "about two"}, Tolerance: tolerance(t, []any{1, 3.5}), Measured: low}, Reproduced, "is within [1, 3.5]"},
		{"range, outside", ClaimSpec{Kind: "range", Published: numbers(12), Tolerance: tolerance(t, []any{9, 17}), Measured: low}, NotReproduced, "is not within [9, 17]"},
		{"at most", ClaimSpec{Kind: "at_most", Published: numbers(7), Measured: "max(" + both + ")"}, Reproduced, "is at most 7"},
		{"at most, with tolerance", ClaimSpec{Kind: "at_most", Published: numbers(6), Tolerance: tolerance(t, "20%"), Measured: "max(" + both + ")"}, Reproduced, "is at most 7.2"},
		{"at least", ClaimSpec{Kind: "at_least", Published: numbers(3), Measured: low}, NotReproduced, "is not at least 3"},
		{"a list", ClaimSpec{Kind: "relative", Published: numbers(2, 7.1), Tolerance: tolerance(t, "2%"), Measured: both}, Reproduced, "all 2 values are within what is claimed"},
		{"a list with one outside", ClaimSpec{Kind: "relative", Published: numbers(2, 9), Tolerance: tolerance(t, "2%"), Measured: both}, NotReproduced, "measured at n=20: 7 [5, 8] is not within 9 ± 2%"},
		{"a formula at each level", ClaimSpec{Kind: "exact", Expect: "n / 2 - 3", Known: "analytic", Measured: both}, Reproduced, "all 2 values"},
		{"a condition", ClaimSpec{Kind: "order", Published: Published{Text: "larger"}, Measured: low + " < 3"}, Reproduced, "holds: "},
		{"a condition that fails", ClaimSpec{Kind: "order", Published: Published{Text: "larger"}, Measured: low + " > 3"}, NotReproduced, "does not hold: "},
		{"in most seeds", ClaimSpec{Kind: "order", Share: tolerance(t, "50%"), Published: Published{Text: "smaller"}, Measured: low + " < 2"}, Reproduced, "holds in 50% of 2 seeds; 50% was asked"},
		{"in too few seeds", ClaimSpec{Kind: "order", Share: tolerance(t, "90%"), Published: Published{Text: "smaller"}, Measured: low + " < 2"}, NotReproduced, "holds in 50% of 2 seeds; 90% was asked"},
		{"a rising list", ClaimSpec{Kind: "order", Order: "rising", Published: Published{Text: "rises"}, Measured: both}, Reproduced, "in the claimed order"},
		{"a list that does not fall", ClaimSpec{Kind: "order", Order: "falling", Published: Published{Text: "falls"}, Measured: both}, NotReproduced, "n=10 and n=20 are not falling: 2 [1.5, 3], then 7 [5, 8]"},
		{"equal is not rising", ClaimSpec{Kind: "order", Order: "rising", Published: Published{Text: "rises"}, Measured: "[" + low + ", " + low + "]"}, NotReproduced, "number 1 and 2 are not rising"},
		{"a trend", ClaimSpec{Kind: "trend", Trend: "rising", Published: Published{Text: "rises"}, Measured: `slope(v, "n")`}, Reproduced, "is rising"},
		{"no trend", ClaimSpec{Kind: "trend", Trend: "none", Tolerance: tolerance(t, 0.1), Published: Published{Text: "no correlation"}, Measured: `slope(v, "n")`}, NotReproduced, "is not flat within ± 0.1"},
		{"the other trend", ClaimSpec{Kind: "trend", Trend: "falling", Published: Published{Text: "falls"}, Measured: `slope(v, "n")`}, NotReproduced, "is not falling"},
		{"remembered", ClaimSpec{Kind: "relative", Known: "remembered", Published: numbers(12.4), Expect: "2", Tolerance: tolerance(t, "1%"), Measured: low}, Reproduced, "judged against our own expectation, because the published value is only remembered"},
		{"no number", ClaimSpec{Kind: "exact", Published: numbers(2), Measured: "mean(v) / 0"}, NotReproduced, "the expression gives +Inf"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := judged(t, c.spec)
			assert.Equal(t, c.verdict, got.Verdict, got.Reason)
			assert.Contains(t, got.Reason, c.reason)
		})
	}
}

func TestAShareOfSeedsIsSaidToATenthOfAPercent(t *testing.T) {
	r := resultsOf([]float64{10}, [][][]float64{{{1}, {1}, {3}}})
	r.Plan.Definition.Claims = []ClaimSpec{{ID: "c", Kind: "order", Share: tolerance(t, "90%"), Known: "read", Published: Published{Text: "smaller"}, Measured: "mean(v) < 2"}}
	claims, err := r.Judge()
	require.NoError(t, err)
	assert.Contains(t, claims[0].Reason, "holds in 66.7% of 3 seeds; 90% was asked")
}

func TestAFindingIsToldOnlyWhenItIsNeeded(t *testing.T) {
	spec := ClaimSpec{Kind: "exact", Published: numbers(2), Measured: "mean(where(v, {n: 10}))", Finding: "Clocks\ndiffer."}
	assert.NotContains(t, judged(t, spec).Reason, "Clocks")
	spec.Published = numbers(3)
	assert.Contains(t, judged(t, spec).Reason, ". Clocks differ.")
}

func TestClaimsAsJSON(t *testing.T) {
	text, err := json.Marshal(judged(t, ClaimSpec{Kind: "relative", Published: numbers(1.582), Tolerance: tolerance(t, "5%"), Known: "analytic", Measured: "mean(where(v, {n: 10}))"}))
	require.NoError(t, err)
	assert.JSONEq(t, `{"id": "some/thing.c", "paper": "", "experiment": "some/thing", "statement": "the claim", "location": "p. 1",
		"known": "analytic", "published": 1.582, "measured": 2, "low": 1.5, "high": 3, "kind": "relative", "tolerance": "5%",
		"verdict": "not_reproduced", "reason": "measured 2 [1.5, 3] is not within 1.582 ± 5%"}`, string(text))
	list := judged(t, ClaimSpec{Kind: "relative", Published: numbers(2, 7), Tolerance: tolerance(t, "5%"), Measured: `mean(by(v, "n"))`})
	assert.Equal(t, []float64{2, 7}, list.Measured)
	assert.Equal(t, []float64{2, 7}, list.Published)
}

func TestALostClaimIsOneThatWasReproducedAndIsRefutedNow(t *testing.T) {
	before := map[string]Verdict{"a": Reproduced, "b": NotReproduced, "c": Reproduced, "d": Reproduced}
	lost := Regressed([]Claim{
		{ID: "a", Verdict: NotReproduced}, {ID: "b", Verdict: NotReproduced}, {ID: "c", Verdict: NotRunVerdict},
		{ID: "d", Verdict: Reproduced}, {ID: "new", Verdict: NotReproduced},
	}, before)
	require.Len(t, lost, 1)
	assert.Equal(t, "a", lost[0].ID)
}

func TestAListThatAProfileHasOnlyPartOfIsNotRun(t *testing.T) {
	spec := ClaimSpec{ID: "c", Statement: "s", Location: "p. 1", Known: "read", Kind: "relative", Published: numbers(2, 7, 9), Tolerance: tolerance(t, "2%"), Measured: `mean(by(v, "n"))`}
	r := resultsOf([]float64{10, 20}, [][][]float64{{{1, 2}, {3}}, {{5}, {7, 9}}})
	r.Plan.Definition.Claims = []ClaimSpec{spec}
	r.Plan.Profile = Smoke
	claims, err := r.Judge()
	require.NoError(t, err)
	assert.Equal(t, NotRunVerdict, claims[0].Verdict)
	assert.Equal(t, "profile smoke has 2 of the 3 cells that the claim compares", claims[0].Reason)
}
