package lab

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// kinds of claims: how measured and expected are compared.
var kinds = []string{"exact", "relative", "absolute", "range", "at_most", "at_least", "order", "trend"}

// Published is what the literature gives: a number, a list or a text.
type Published struct {
	Numbers []float64
	List    bool // was written as a list, even of one
	Text    string
}

// UnmarshalKey implements trial.Unmarshaler.
func (p *Published) UnmarshalKey(value any) error {
	switch v := value.(type) {
	case int:
		p.Numbers = []float64{float64(v)}
	case float64:
		p.Numbers = []float64{v}
	case string:
		p.Text = v
	case []any:
		p.List = true
		for _, item := range v {
			var one Published
			if err := one.UnmarshalKey(item); err != nil || one.Text != "" || one.List {
				return fmt.Errorf("%v is not valid in a list; want numbers", item)
			}
			p.Numbers = append(p.Numbers, one.Numbers...)
		}
	default:
		return fmt.Errorf("%v is not valid; want a number, a list of numbers or a text", value)
	}
	return nil
}

// IsZero says that nothing was given.
func (p Published) IsZero() bool { return p.Numbers == nil && p.Text == "" }

// JSON is the value as claims print it: number, list, text or nil.
func (p Published) JSON() any {
	switch {
	case p.Text != "":
		return p.Text
	case p.List:
		return p.Numbers
	case len(p.Numbers) == 1:
		return p.Numbers[0]
	}
	return nil
}

// Tolerance is how far measured may lie from expected: "5%" of it, or a number
// in its unit, or for kind range the two ends.
type Tolerance struct {
	Given    bool
	Relative bool
	Value    float64 // 0.05 for "5%"
	Range    []float64
}

// UnmarshalKey implements trial.Unmarshaler.
func (t *Tolerance) UnmarshalKey(value any) error {
	const want = `want a number, a share such as "5%", or for kind range [low, high]`
	t.Given = true
	switch v := value.(type) {
	case int:
		t.Value = float64(v)
	case float64:
		t.Value = v
	case string:
		digits, percent := strings.CutSuffix(strings.TrimSpace(v), "%")
		number, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
		if err != nil || !percent || math.IsNaN(number) || math.IsInf(number, 0) {
			return fmt.Errorf("%q is not valid; %s", v, want)
		}
		t.Relative, t.Value = true, number/100
	case []any:
		var ends Published
		if err := ends.UnmarshalKey(v); err != nil || len(ends.Numbers) != 2 || ends.Numbers[0] > ends.Numbers[1] {
			text, _ := inYAML(v)
			return fmt.Errorf("%s is not valid; %s, the lower end first", text, want)
		}
		t.Range = ends.Numbers
	default:
		return fmt.Errorf("%v is not valid; %s", value, want)
	}
	if t.Value < 0 {
		return fmt.Errorf("%v is negative; %s", value, want)
	}
	return nil
}

// String is the tolerance as people write it: "5%", "0.2", "[9, 17]".
func (t Tolerance) String() string {
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	switch {
	case t.Range != nil:
		return "[" + number(t.Range[0]) + ", " + number(t.Range[1]) + "]"
	case t.Relative:
		return strconv.FormatFloat(math.Round(t.Value*1e8)/1e6, 'g', -1, 64) + "%"
	case t.Given:
		return number(t.Value)
	}
	return ""
}

// width is the tolerance around an expected value, in its unit.
func (t Tolerance) width(expected float64) float64 {
	if t.Relative {
		return t.Value * math.Abs(expected)
	}
	return t.Value
}

// checkKind says which of a claim's keys does not fit its kind.
func (d *Definition) checkKind(c ClaimSpec) (key string, err error) {
	switch c.Kind {
	case "relative":
		if !c.Tolerance.Relative {
			return "tolerance", errors.New(`kind relative wants a share, such as "5%"`)
		}
	case "absolute":
		if !c.Tolerance.Given || c.Tolerance.Relative || c.Tolerance.Range != nil {
			return "tolerance", errors.New("kind absolute wants a number in the unit of the measured value")
		}
	case "range":
		if c.Tolerance.Range == nil {
			return "tolerance", errors.New("kind range wants the two ends, such as [9, 17]")
		}
	case "exact":
		if c.Tolerance.Given {
			return "tolerance", errors.New("kind exact takes no tolerance")
		}
	case "at_most", "at_least":
		if c.Tolerance.Range != nil {
			return "tolerance", fmt.Errorf(`kind %s wants a number or a share such as "5%%", or nothing`, c.Kind)
		}
	case "order":
		if c.Tolerance.Given {
			return "tolerance", errors.New("kind order takes no tolerance; give share for a condition that most seeds must show")
		}
		if c.Order != "" && c.Order != "rising" && c.Order != "falling" {
			return "order", fmt.Errorf("%q is not known; want rising or falling", c.Order)
		}
		if c.Share.Given && (!c.Share.Relative || c.Share.Value > 1) {
			return "share", fmt.Errorf(`%s is not valid; want a share of the seeds, such as "90%%"`, c.Share)
		}
	case "trend":
		if !slices.Contains([]string{"none", "rising", "falling"}, c.Trend) {
			return "trend", fmt.Errorf("%q is not known; want none, rising or falling", c.Trend)
		}
		if (c.Trend == "none") != c.Tolerance.Given {
			return "tolerance", errors.New("kind trend wants the largest slope that counts as none, with trend none alone")
		}
	case "":
		return "kind", fmt.Errorf("missing; want one of %s", strings.Join(kinds, ", "))
	default:
		return "kind", fmt.Errorf("%q is not known%s; want one of %s", c.Kind, didYouMean(c.Kind, kinds), strings.Join(kinds, ", "))
	}
	if c.Kind != "order" && (c.Order != "" || c.Share.Given) {
		return "kind", errors.New("order and share belong to kind order")
	}
	if c.Kind != "trend" && c.Trend != "" {
		return "kind", errors.New("trend belongs to kind trend")
	}
	needsNumber := !slices.Contains([]string{"order", "trend", "range"}, c.Kind)
	if needsNumber && c.Expect == "" && len(c.Published.Numbers) == 0 {
		if c.Published.Text != "" {
			return "published", fmt.Errorf("%q is a text, and kind %s compares numbers; want a number or a list, or expect with an expression", c.Published.Text, c.Kind)
		}
		return "published", errors.New("missing; want a number or a list, or expect with an expression")
	}
	if c.Published.IsZero() && c.Expect == "" {
		return "published", errors.New("missing; want the published number, list or text")
	}
	if c.Published.IsZero() && c.Known != "analytic" && c.Known != "derived" {
		return "published", fmt.Errorf("missing; a value known as %s must be given", c.Known)
	}
	if c.Known == "remembered" && needsNumber && c.Expect == "" {
		return "expect", errors.New("missing; a remembered value is not judged against, so say what is expected")
	}
	return "", nil
}
