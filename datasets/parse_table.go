package datasets

import (
	"bytes"
	"fmt"
	"strconv"
	"time"
)

// parseTable reads n lines of n numbers, apart by spaces, tabs or commas. Line i
// holds what node i measured; the diagonal is ignored.
func parseTable(f rawFile, n int, s scale) ([]time.Duration, error) {
	values := make([]time.Duration, 0, n*n)
	rest := f.data
	for line := 1; len(bytes.TrimSpace(rest)) > 0; line++ {
		var row []byte
		row, rest, _ = bytes.Cut(rest, []byte("\n"))
		if line > n {
			return nil, &ParseError{File: f.name, Line: line, Got: "one line more", Want: fmt.Sprintf("%d lines of %d numbers", n, n)}
		}
		fields := bytes.FieldsFunc(row, isSeparator)
		if len(fields) != n {
			return nil, &ParseError{File: f.name, Line: line, Got: plural(len(fields), "number"), Want: fmt.Sprintf("%d, one for each node", n)}
		}
		for j, field := range fields {
			if j == line-1 {
				values = append(values, 0)
				continue
			}
			v, want := parseNumber(string(field), s)
			if want != "" {
				return nil, &ParseError{File: f.name, Line: line, Where: fmt.Sprintf("number %d", j+1), Got: fmt.Sprintf("%q", field), Want: want}
			}
			values = append(values, v)
		}
	}
	if len(values) != n*n {
		return nil, &ParseError{File: f.name, Got: "ends after " + plural(len(values)/n, "line"), Want: fmt.Sprintf("%d lines of %d numbers", n, n)}
	}
	return values, nil
}

func isSeparator(r rune) bool { return r == ' ' || r == '\t' || r == ',' || r == '\r' }

// parseNumber returns what would have been right when the text is refused.
func parseNumber(text string, s scale) (rtt time.Duration, want string) {
	number, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, "a positive number of " + s.unit.String()
	}
	return s.roundTrip(number)
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
