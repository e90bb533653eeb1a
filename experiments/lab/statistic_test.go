package lab

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat"

	"github.com/swimlab/swimlab/experiments/trial"
)

// resultsOf makes results of one measure v over an axis n: values[cell][seed].
func resultsOf(levels []float64, values [][][]float64) *Results {
	axis := Axis{Name: "n", Key: "system.n"}
	for _, x := range levels {
		name, _ := scalarText(x)
		axis.Levels = append(axis.Levels, Level{Name: name, Label: name, Value: x})
	}
	d := &Definition{ID: "some/thing", Measure: []string{"v", "walk"}, doc: &document{}, axes: []Axis{axis}}
	p := &Plan{Definition: d, Profile: Standard, Axes: []Axis{axis}, Trials: len(values[0]), Curves: map[string]bool{"walk": true}}
	r := &Results{Plan: p, forms: map[string]any{}}
	for i, seeds := range values {
		p.Cells = append(p.Cells, Cell{Levels: []Level{axis.Levels[i]}})
		var trials []trial.Observations
		for _, v := range seeds {
			trials = append(trials, trial.Observations{
				Samples: map[string][]float64{"v": v},
				Series:  map[string]trial.Series{"walk": {X: []float64{0, 1, 2}, Y: []float64{1, 2, 4}}},
			})
		}
		r.cells = append(r.cells, cellResults{trials: trials})
	}
	return r
}

func valueOf(t *testing.T, r *Results, source string) any {
	t.Helper()
	x, err := compile(source, r.Plan.Definition.names())
	require.NoError(t, err, source)
	value, err := r.evaluate(r.all(), nil).run(x)
	require.NoError(t, err, source)
	return value
}

func TestExpressions(t *testing.T) {
	r := resultsOf([]float64{10, 20}, [][][]float64{{{1, 2}, {3}}, {{5}, {7, 9}}})
	for source, want := range map[string]any{
		"mean(v)":                 4.5,
		"median(v)":               4.0,
		"quantile(v, 0.9)":        8.0,
		"min(v)":                  1.0,
		"max(v)":                  9.0,
		"sum(v)":                  27.0,
		"count(v)":                6.0,
		"trials(v)":               4.0,
		"count(v) / trials(v)":    1.5,
		"fraction(v < 5)":         0.5,
		"fraction(v <= 5)":        4.0 / 6,
		"fraction(3 <= v)":        4.0 / 6,
		"count(v == 7)":           1.0,
		"mean(v * 2 + 1)":         10.0,
		"mean(1 / v) > 0.3":       true,
		"mean(where(v, {n: 10}))": 2.0,
		"mean(instead(where(v, {n: 20}), {n: 10}))": 2.0,
		"mean(where(v, {n: [10, 20]}))":             4.5,
		"mean(by(v, \"n\"))":                        list{[]float64{2, 7}, []string{"n=10", "n=20"}},
		"max(mean(by(v, \"n\")))":                   7.0,
		"mean(by(v, \"n\")) * 2 - 1":                list{[]float64{3, 13}, []string{"n=10", "n=20"}},
		"mean(by(v, \"n\")) < [3, 8]":               true,
		"mean(by(v, \"n\")) < [3, 7]":               false,
		"fraction(by(v, \"n\") < 3)":                list{[]float64{2.0 / 3, 0}, []string{"n=10", "n=20"}},
		"n":                                         list{[]float64{10, 20}, []string{"n=10", "n=20"}},
		"probe_bound(n)":                            list{[]float64{19, 39}, []string{"n=10", "n=20"}},
		"slope(v, \"n\")":                           0.5,
		"max(1, 3, 2)":                              3.0,
		"-median(v)":                                -4.0,
		"2 ** 3 ^ 2":                                512.0,
		"mean(0..4)":                                2.0,
		"mean(at(walk, 1.5))":                       2.0,
		"mean(at(walk, -1))":                        1.0,
		"mean(at(walk, [0, 2]))":                    list{[]float64{1, 4}, []string{"x=0", "x=2"}},
		"mean(crossing(walk, 3))":                   1.5,
		"count(crossing(walk, 9))":                  0.0,
		"mean(at(by(walk, \"n\"), 2))":              list{[]float64{4, 4}, []string{"n=10", "n=20"}},
		"mean(v) > 4 and mean(v) < 5":               true,
		"round(sd(where(v, {n: 10})))":              1.0,
		"mean(v) > 4 ? 1 : 0":                       1.0,
		"log(exp(1)) + sqrt(16) + 7 % 4":            8.0,
		"within(mean(v), 4.5, 5)":                   1.0,
		"within(mean(v), 4.6, 5)":                   0.0,
		"sum(within([1, 2, 3, 4], 2, 3))":           2.0,
		"within(mean(by(v, \"n\")), 3, 7)":          list{[]float64{0, 1}, []string{"n=10", "n=20"}},
	} {
		got := valueOf(t, r, source)
		switch w := want.(type) {
		case float64:
			assert.InDelta(t, w, got, 1e-12, source)
		case list:
			assert.Equal(t, w.labels, got.(list).labels, source)
			assert.InDeltaSlice(t, w.values, got.(list).values, 1e-12, source)
		default:
			assert.Equal(t, want, got, source)
		}
	}
}

func TestExpressionsThatMeanNothingSayWhy(t *testing.T) {
	r := resultsOf([]float64{10, 20}, [][][]float64{{{1, 2}, {}}, {{}, {}}})
	for source, message := range map[string]string{
		"mean()":                        "mean is given nothing; want mean(x)",
		"quantile(v)":                   "want quantile(x, q)",
		"quantile(v, 2)":                "quantile 2 is not valid; want a number from 0 to 1",
		"mean(walk)":                    "walk is a curve; take its value with at(walk, x)",
		"at(v, 1)":                      "at wants a curve, and v is none",
		"fraction(v)":                   "fraction wants a condition, such as v < 5",
		"v + v":                         "+ does not work on all values of v (take mean, median or another statistic) and all values of v",
		"[1, 2] + [1, 2, 3]":            "+ pairs a list of 2 with a list of 3",
		"mean(where(v, {m: 1}))":        "there is no axis m; want one of n",
		"mean(where(v, {n: 11}))":       "n has no level 11 (did you mean 10?); want one of 10, 20",
		"mean(where(v, {n: 20}))":       "v was never observed",
		"sd(v) + slope(v, \"n\")":       "v was observed at one n only, so it has no slope",
		"by(v, \"m\")":                  "there is no axis m",
		"bailey(3)":                     "bailey wants 2 arguments: bailey(n, t)",
		"mean(by(where(v, {n: 10}), 3)": "unexpected",
		"v.mean":                        "fields and methods are not part of the language",
		"median(w)":                     "w is not known; want one of v, walk, n",
		"meduan(v)":                     "the function meduan is not known (did you mean median?)",
	} {
		x, err := compile(source, r.Plan.Definition.names())
		if err == nil {
			_, err = r.evaluate(r.all(), nil).run(x)
		}
		require.Error(t, err, source)
		assert.Contains(t, err.Error(), message, source)
	}
}

// The statistics under weights must be the plain ones of the values repeated as
// often as their seed counts.
func TestWeightsRepeatTheValuesOfASeed(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		seeds := 2 + random.IntN(5)
		values := make([][]float64, seeds)
		weights := make([]float64, seeds)
		var repeated []float64
		for s := range values {
			weights[s] = float64(random.IntN(4))
			for range random.IntN(6) {
				v := math.Round(random.NormFloat64()*8) / 4
				values[s] = append(values[s], v)
				for range int(weights[s]) {
					repeated = append(repeated, v)
				}
			}
		}
		if len(repeated) < 2 {
			continue
		}
		slices.Sort(repeated)
		r := resultsOf([]float64{1}, [][][]float64{values})
		e := r.evaluate(r.all(), nil)
		e.weights = weights
		s := e.names["v"].(*sample)
		check := func(want float64, of statistic, args ...float64) {
			got, err := of(s, args)
			require.NoError(t, err)
			assert.InDelta(t, want, got, 1e-9)
		}
		check(stat.Mean(repeated, nil), mean)
		check(stat.StdDev(repeated, nil), deviation)
		check(float64(len(repeated)), count)
		for _, q := range []float64{0, 0.25, 0.5, 0.9, 1} {
			check(type7(repeated, q), quantile, q)
		}
	}
}

// type7 is the textbook form of the quantile, on sorted values.
func type7(values []float64, q float64) float64 {
	h := q * float64(len(values)-1)
	i := int(h)
	if i+1 == len(values) {
		return values[i]
	}
	return values[i] + (h-float64(i))*(values[i+1]-values[i])
}

// An interval must hold the truth about as often as it says. The values of a
// trial hang together here, which would fool a bootstrap over values.
func TestIntervalsHoldTheTruthAsOftenAsTheySay(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	const repetitions = 300
	held := map[string]int{}
	for range repetitions {
		values := make([][]float64, 40)
		for s := range values {
			centre := random.NormFloat64()
			for range 10 {
				values[s] = append(values[s], centre+0.1*random.NormFloat64())
			}
		}
		r := resultsOf([]float64{1}, [][][]float64{values})
		for _, source := range []string{"mean(v)", "median(v)"} {
			x, err := compile(source, []string{"v"})
			require.NoError(t, err)
			estimates, _, err := r.evaluate(r.all(), nil).estimates(x)
			require.NoError(t, err)
			if i := estimates[0].Interval; i.Low <= 0 && 0 <= i.High {
				held[source]++
			}
		}
	}
	for source, n := range held {
		assert.InDelta(t, Confidence, float64(n)/repetitions, 0.05, source)
	}
	assert.Len(t, held, 2)
}

func TestIntervalsAreTheSameEveryTime(t *testing.T) {
	r := resultsOf([]float64{10, 20}, [][][]float64{{{1, 2}, {3}, {4}}, {{5}, {7, 9}, {2}}})
	x, err := compile("mean(where(v, {n: 20})) / mean(where(v, {n: 10}))", []string{"v", "n"})
	require.NoError(t, err)
	first, _, err := r.evaluate(r.all(), nil).estimates(x)
	require.NoError(t, err)
	second, _, err := r.evaluate(r.all(), nil).estimates(x)
	require.NoError(t, err)
	assert.Equal(t, first, second)
	assert.Less(t, first[0].Interval.Low, first[0].Value)
	assert.Greater(t, first[0].Interval.High, first[0].Value)
}

func TestOneSeedHasNoInterval(t *testing.T) {
	r := resultsOf([]float64{10}, [][][]float64{{{1, 2, 3}}})
	x, err := compile("mean(v)", []string{"v"})
	require.NoError(t, err)
	estimates, _, err := r.evaluate(r.all(), nil).estimates(x)
	require.NoError(t, err)
	assert.Equal(t, []Estimate{{Value: 2}}, estimates)
}

func TestSharesAreOfSeeds(t *testing.T) {
	r := resultsOf([]float64{10, 20}, [][][]float64{{{1}, {2}, {3}, {4}}, {{2}, {3}, {4}, {1}}})
	x, err := compile("mean(where(v, {n: 10})) < mean(where(v, {n: 20}))", []string{"v", "n"})
	require.NoError(t, err)
	share, err := r.evaluate(r.all(), nil).share(x)
	require.NoError(t, err)
	assert.Equal(t, 0.75, share.Value)
}

func TestEqualValuesHaveNoSlope(t *testing.T) {
	values := make([][][]float64, 8)
	levels := make([]float64, 8)
	for i := range values {
		levels[i] = 5 + 7.1*float64(i)
		values[i] = [][]float64{{1.9999999}, {1.9999999}}
	}
	assert.Equal(t, 0.0, valueOf(t, resultsOf(levels, values), `slope(v, "n")`))
}

func TestMissingTrialsAreNamed(t *testing.T) {
	l, p := diceLab(t, nil)
	r, err := l.Load(p)
	require.NoError(t, err)
	claims, err := r.Judge()
	require.NoError(t, err)
	for _, c := range claims {
		assert.Equal(t, NotRunVerdict, c.Verdict)
		assert.True(t, strings.HasPrefix(c.Reason, "0 of 40 trials of sides="), c.Reason)
		assert.Nil(t, c.Measured)
	}
}
