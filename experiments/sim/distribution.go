package sim

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// longest bounds every span of time, about 36 years: an instant, a few of them
// later, still fits a time.Duration, and virtual time cannot run over.
const longest = time.Duration(1 << 60)

// Distribution is a random span of time, never negative. A definition writes it
//
//	1ms                            always the same
//	{uniform: [200us, 800us]}      anywhere between
//	{exponential: 50ms}            with that mean
//	{normal: [10ms, 2ms]}          with mean and standard deviation, cut off at 0
//	{lognormal: [10ms, 0.5]}       with median and the standard deviation of the logarithm
type Distribution struct {
	kind distributionKind
	a, b float64 // nanoseconds; b of a lognormal is a pure number
}

type distributionKind uint8

const (
	constant distributionKind = iota
	uniform
	exponential
	normal
	lognormal
)

// Constant is the distribution that is always d.
func Constant(d time.Duration) Distribution { return Distribution{constant, float64(d), 0} }

// Uniform is the uniform distribution between two times.
func Uniform(from, to time.Duration) Distribution {
	return Distribution{uniform, float64(from), float64(to)}
}

// Zero says whether the distribution is always 0.
func (d Distribution) Zero() bool { return d.a == 0 && (d.b == 0 || d.kind == lognormal) }

// earliest is the shortest time that can be drawn.
func (d Distribution) earliest() time.Duration {
	if d.kind == constant || d.kind == uniform {
		return time.Duration(d.a)
	}
	return 0
}

// Sample draws a time.
func (d Distribution) Sample(rng *rand.Rand) time.Duration {
	var x float64
	switch d.kind {
	case constant:
		return time.Duration(d.a)
	case uniform:
		x = d.a + rng.Float64()*(d.b-d.a)
	case exponential:
		x = rng.ExpFloat64() * d.a
	case normal:
		x = d.a + rng.NormFloat64()*d.b
	case lognormal:
		x = d.a * math.Exp(rng.NormFloat64()*d.b)
	}
	return time.Duration(min(max(x, 0), float64(longest)))
}

const wantDistribution = `want a time such as "1ms", or one of {uniform: [200us, 800us]}, {exponential: 50ms}, {normal: [10ms, 2ms]}, {lognormal: [10ms, 0.5]}`

// UnmarshalKey reads a distribution from a definition.
func (d *Distribution) UnmarshalKey(value any) error {
	bad := func() error { return fmt.Errorf("%v is not valid; %s", value, wantDistribution) }
	switch v := value.(type) {
	case string:
		t, err := parseTime(v)
		if err != nil {
			return bad()
		}
		*d = Constant(t)
		return nil
	case map[string]any:
		if len(v) != 1 {
			return bad()
		}
		for name, args := range v {
			list, ok := args.([]any)
			if !ok {
				list = []any{args}
			}
			made, ok := distributionOf(name, list)
			if !ok {
				return bad()
			}
			*d = made
			return nil
		}
	}
	return bad()
}

func distributionOf(name string, args []any) (Distribution, bool) {
	params := make([]float64, len(args))
	for i, a := range args {
		if name == "lognormal" && i == 1 {
			sigma, ok := number(a)
			if !ok || sigma < 0 {
				return Distribution{}, false
			}
			params[i] = sigma
			continue
		}
		text, ok := a.(string)
		if !ok {
			return Distribution{}, false
		}
		t, err := parseTime(text)
		if err != nil {
			return Distribution{}, false
		}
		params[i] = float64(t)
	}
	switch {
	case name == "uniform" && len(params) == 2 && params[0] <= params[1]:
		return Distribution{uniform, params[0], params[1]}, true
	case name == "exponential" && len(params) == 1:
		return Distribution{exponential, params[0], 0}, true
	case name == "normal" && len(params) == 2:
		return Distribution{normal, params[0], params[1]}, true
	case name == "lognormal" && len(params) == 2:
		return Distribution{lognormal, params[0], params[1]}, true
	}
	return Distribution{}, false
}

// parseTime reads a span of time that is neither negative nor absurd.
func parseTime(text string) (time.Duration, error) {
	t, err := time.ParseDuration(text)
	if err == nil && (t < 0 || t > longest) {
		err = fmt.Errorf("%s is not from 0 to %v", text, longest)
	}
	return t, err
}

func number(value any) (float64, bool) {
	switch v := value.(type) {
	case int:
		return float64(v), true
	case float64:
		return v, !math.IsNaN(v) && !math.IsInf(v, 0)
	}
	return 0, false
}

// Fraction is a share between 0 and 1. A definition writes it "10%" or 0.1.
type Fraction float64

// UnmarshalKey reads a fraction from a definition.
func (f *Fraction) UnmarshalKey(value any) error {
	x, ok := number(value)
	if text, is := value.(string); is {
		if digits, percent := strings.CutSuffix(strings.TrimSpace(text), "%"); percent {
			parsed, err := strconv.ParseFloat(digits, 64)
			x, ok = parsed/100, err == nil
		}
	}
	if !ok || !(x >= 0 && x <= 1) {
		return fmt.Errorf(`%v is not valid; want a share from 0 to 1, such as 0.1 or "10%%"`, value)
	}
	*f = Fraction(x)
	return nil
}
