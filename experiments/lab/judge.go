package lab

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// judge weighs one claim. An error means that the definition is wrong; what
// keeps the measured value from being had becomes the claim's reason.
func (r *Results) judge(at int) (Claim, error) {
	d := r.Plan.Definition
	spec := d.Claims[at]
	c := d.claim(spec)
	key := fmt.Sprintf("claims.%d.", at)
	measured, err := compile(spec.Measured, d.names())
	if err != nil {
		return c, d.doc.blame(key+"measured", "%v", err)
	}
	e := r.evaluate(r.all(), nil)
	expected := list{values: spec.Published.Numbers}
	if spec.Expect != "" {
		x, err := compile(spec.Expect, d.names())
		if err != nil {
			return c, d.doc.blame(key+"expect", "%v", err)
		}
		if expected, err = e.numbers(x); err != nil {
			return c, c.settle(d, key+"expect", err)
		}
		if spec.Published.IsZero() {
			c.Published = plainValue(expected.values)
		}
	}
	if spec.Kind == "order" {
		return c, c.settle(d, key+"measured", c.judgeOrder(e, measured))
	}
	estimates, values, err := e.estimates(measured)
	if want := len(expected.values); err == nil && want > len(values.values) && want > 1 && r.partial() {
		err = &NotRun{fmt.Sprintf("profile %s has %d of the %d cells that the claim compares", r.Plan.Profile, len(values.values), want)}
	}
	if err == nil {
		c.show(estimates)
		c.Verdict, c.Reason, err = spec.weigh(values, estimates, expected)
	}
	return c, c.settle(d, key+"measured", err)
}

// partial is true of a plan that may have fewer levels than the definition's
// claims are about: a smoke run's, or one whose parameters were changed.
func (r *Results) partial() bool {
	return r.Plan.Profile == Smoke || r.Plan.Overridden
}

// claim is what a definition says of a claim, before any verdict.
func (d *Definition) claim(spec ClaimSpec) Claim {
	return Claim{
		ID: d.Address() + "." + spec.ID, Paper: d.Source.Paper, Experiment: d.Address(), Statement: oneLine(spec.Statement),
		Location: spec.Location, Known: spec.Known, Published: spec.Published.JSON(), Kind: spec.Kind,
		Tolerance: spec.tolerance(), spec: spec,
	}
}

// settle turns the ways in which a value cannot be had into a verdict, and adds
// what the definition knows to a verdict of not_reproduced.
func (c *Claim) settle(d *Definition, key string, err error) error {
	var notRun *NotRun
	var none noValue
	switch {
	case errors.As(err, &notRun):
		c.Verdict, c.Reason = NotRunVerdict, notRun.Reason
	case errors.As(err, &none):
		c.Verdict, c.Reason = NotReproduced, err.Error()
	case err != nil:
		return d.doc.blame(key, "%v", err)
	}
	if c.Verdict == NotReproduced && c.spec.Finding != "" {
		c.Reason += ". " + oneLine(c.spec.Finding)
	}
	return nil
}

// show puts estimates into the claim.
func (c *Claim) show(estimates []Estimate) {
	c.Measured, c.Low, c.High = plainEstimates(estimates)
}

// plainEstimates gives one number for one estimate and lists for several; the
// bounds are nil unless all have an interval.
func plainEstimates(estimates []Estimate) (measured, low, high any) {
	values, lows, highs := make([]float64, len(estimates)), make([]float64, len(estimates)), make([]float64, len(estimates))
	bounded := true
	for i, e := range estimates {
		values[i] = e.Value
		if e.Interval == nil {
			bounded = false
			continue
		}
		lows[i], highs[i] = e.Interval.Low, e.Interval.High
	}
	if !bounded {
		return plainValue(values), nil, nil
	}
	return plainValue(values), plainValue(lows), plainValue(highs)
}

func plainValue(values []float64) any {
	if len(values) == 1 {
		return values[0]
	}
	return values
}

// tolerance says in the claim's table what is allowed.
func (s ClaimSpec) tolerance() string {
	switch {
	case s.Kind == "trend" && s.Trend == "none":
		return "none beyond " + s.Tolerance.String()
	case s.Kind == "trend":
		return s.Trend
	case s.Kind == "order" && s.Share.Given:
		return "in " + s.Share.String() + " of seeds"
	case s.Kind == "order" && s.Order != "":
		return s.Order
	}
	return s.Tolerance.String()
}

// weigh compares measured with expected. The verdict rests on the measured
// value; its interval is told, so that a reader sees how sure it is.
func (s ClaimSpec) weigh(measured list, estimates []Estimate, expected list) (Verdict, string, error) {
	n := len(measured.values)
	if len(expected.values) > 1 && len(expected.values) != n {
		return "", "", fmt.Errorf("gives %d numbers, and %d are published", n, len(expected.values))
	}
	var failures []string
	last := ""
	for i := range n {
		want := math.NaN()
		switch {
		case len(expected.values) == 1:
			want = expected.values[0]
		case len(expected.values) > 1:
			want = expected.values[i]
		}
		holds, bound := s.compare(measured.values[i], want)
		sentence := s.number(estimates[i])
		if n > 1 && measured.labels != nil {
			sentence = "at " + measured.labels[i] + ": " + sentence
		}
		if holds {
			last = fmt.Sprintf("measured %s is %s", sentence, bound)
			continue
		}
		failures = append(failures, fmt.Sprintf("measured %s is not %s", sentence, bound))
	}
	remark := ""
	if s.Known == "remembered" {
		remark = "; judged against our own expectation, because the published value is only remembered"
	}
	switch {
	case len(failures) == 0 && n == 1:
		return Reproduced, last + remark, nil
	case len(failures) == 0:
		return Reproduced, fmt.Sprintf("all %d values are within what is claimed%s", n, remark), nil
	case len(failures) > 3:
		failures = append(failures[:3], fmt.Sprintf("and %d more", len(failures)-3))
	}
	return NotReproduced, strings.Join(failures, "; ") + remark, nil
}

// compare says whether one number fulfils the claim, and what was asked of it.
func (s ClaimSpec) compare(measured, expected float64) (holds bool, bound string) {
	show := func(v float64) string { return formatNumber(v, s.Digits) + s.suffix() }
	width := s.Tolerance.width(expected)
	switch s.Kind {
	case "exact":
		return math.Abs(measured-expected) <= 1e-9*math.Max(1, math.Abs(expected)), "exactly " + show(expected)
	case "relative", "absolute":
		return math.Abs(measured-expected) <= width, fmt.Sprintf("within %s ± %s", show(expected), s.Tolerance)
	case "range":
		return measured >= s.Tolerance.Range[0] && measured <= s.Tolerance.Range[1], "within " + s.Tolerance.String()
	case "at_most":
		return measured <= expected+width, "at most " + show(expected+width)
	case "at_least":
		return measured >= expected-width, "at least " + show(expected-width)
	}
	// What remains is a trend: measured is a slope.
	switch s.Trend {
	case "rising":
		return measured > 0, "rising"
	case "falling":
		return measured < 0, "falling"
	}
	return math.Abs(measured) <= s.Tolerance.Value, "flat within ± " + s.Tolerance.String()
}

// number writes an estimate: "1.97 [1.94, 2.00] periods".
func (s ClaimSpec) number(e Estimate) string {
	text := formatNumber(e.Value, s.Digits)
	if e.Interval != nil {
		text += " [" + formatNumber(e.Interval.Low, s.Digits) + ", " + formatNumber(e.Interval.High, s.Digits) + "]"
	}
	return text + s.suffix()
}

func (s ClaimSpec) suffix() string {
	switch s.Unit {
	case "", "1":
		return ""
	case "%":
		return " %"
	}
	return " " + s.Unit
}

// judgeOrder weighs a condition, of everything or seed by seed, or a list that
// must rise or fall.
func (c *Claim) judgeOrder(e *evaluation, x *expression) error {
	if c.spec.Order != "" {
		return c.judgeList(e, x)
	}
	if c.spec.Share.Given {
		share, err := e.share(x)
		if err != nil {
			return err
		}
		c.show([]Estimate{share})
		c.Verdict = NotReproduced
		if share.Value >= c.spec.Share.Value {
			c.Verdict = Reproduced
		}
		c.Reason = fmt.Sprintf("holds in %s of %d seeds; %s was asked", Tolerance{Relative: true, Value: math.Round(1000*share.Value) / 1000}, e.results.Plan.Trials, c.spec.Share)
		return nil
	}
	value, err := e.run(x)
	if err != nil {
		return err
	}
	holds, ok := value.(bool)
	if !ok {
		return fmt.Errorf("gives %s; want a condition", describe(value))
	}
	c.Measured = holds
	c.Verdict, c.Reason = NotReproduced, "does not hold: "+x.source
	if holds {
		c.Verdict, c.Reason = Reproduced, "holds: "+x.source
	}
	return nil
}

func (c *Claim) judgeList(e *evaluation, x *expression) error {
	estimates, values, err := e.estimates(x)
	if err != nil {
		return err
	}
	c.show(estimates)
	c.Verdict, c.Reason = Reproduced, "in the claimed order"
	for i := 1; i < len(estimates); i++ {
		a, b := estimates[i-1], estimates[i]
		if (c.spec.Order == "rising") == (a.Value < b.Value) && a.Value != b.Value {
			continue
		}
		places := fmt.Sprintf("number %d and %d", i, i+1)
		if values.labels != nil {
			places = values.labels[i-1] + " and " + values.labels[i]
		}
		c.Verdict, c.Reason = NotReproduced, fmt.Sprintf("%s are not %s: %s, then %s", places, c.spec.Order, c.spec.number(a), c.spec.number(b))
		return nil
	}
	return nil
}

// oneLine joins the lines of a folded text.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
