package number

import (
	"math"
	"strconv"
	"strings"
)

// Exact returns the shortest decimal text that parses back to v. Numbers of
// everyday size are written without an exponent, so that a spreadsheet and an
// eye both read them.
func Exact(v float64) string {
	if v == 0 {
		return "0" // negative zero too: the sign would be noise
	}
	if a := math.Abs(v); a >= 1e15 || a < 1e-6 {
		return strconv.FormatFloat(v, 'e', -1, 64)
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// Rounded returns v with at most digits significant digits, trailing zeros
// removed: Rounded(1.58197, 4) is "1.582", Rounded(2, 4) is "2". The integer
// part is never shortened: Rounded(12345.6, 3) is "12346".
func Rounded(v float64, digits int) string {
	if v == 0 {
		return "0"
	}
	exp := int(math.Floor(math.Log10(math.Abs(v))))
	if exp >= 15 || exp < -5 {
		return strconv.FormatFloat(v, 'g', digits, 64)
	}
	s := Fixed(v, max(digits-1-exp, 0))
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

// Fixed returns v with exactly decimals digits after the point.
func Fixed(v float64, decimals int) string {
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	if strings.Trim(s, "-0.") == "" {
		return strings.TrimPrefix(s, "-")
	}
	return s
}

// Grouped puts a comma between each three digits of the integer part of a
// decimal text, from 10,000 on; shorter numbers read well without.
func Grouped(s string) string {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	whole, fraction, hasFraction := strings.Cut(s, ".")
	if len(whole) < 5 || strings.ContainsAny(s, "eE") {
		return sign + s
	}
	var b strings.Builder
	b.WriteString(sign)
	for i, digit := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(digit)
	}
	if hasFraction {
		b.WriteByte('.')
		b.WriteString(fraction)
	}
	return b.String()
}
