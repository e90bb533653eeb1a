package lab

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/swimlab/swimlab/internal/table"
)

const (
	claimsBegin = "<!-- claims:begin -->"
	claimsEnd   = "<!-- claims:end -->"
)

// readme returns README.md with the table of claims between its markers; ok is
// false when there is no such file or no such place in it.
func (l *Lab) readme(claims []Claim) (text []byte, ok bool, err error) {
	text, err = os.ReadFile(filepath.Join(l.root, "README.md"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	before, rest, found := bytes.Cut(text, []byte(claimsBegin))
	_, after, closed := bytes.Cut(rest, []byte(claimsEnd))
	if !found || !closed {
		return nil, false, nil
	}
	markdown, err := ClaimsTable(claims).Markdown()
	if err != nil {
		return nil, false, err
	}
	var b bytes.Buffer
	b.Write(before)
	b.WriteString(claimsBegin + "\n\n" + string(bytes.TrimSpace([]byte(markdown))) + "\n\n" + claimsEnd)
	b.Write(after)
	return b.Bytes(), true, nil
}

// ClaimsTable shows claims as people compare them: published beside measured,
// with the verdict.
func ClaimsTable(claims []Claim) table.Table {
	t := table.Table{ID: "claims", Columns: []table.Column{
		{Name: "claim"}, {Name: "statement"}, {Name: "published", Align: table.Right},
		{Name: "measured", Align: table.Right}, {Name: "verdict"},
	}}
	for _, c := range claims {
		published, measured := c.Texts()
		t.Rows = append(t.Rows, []table.Cell{
			table.Text(c.ID), table.Text(c.Statement), table.Text(published), table.Text(measured), table.Text(verdictText(c.Verdict)),
		})
	}
	return t
}

// Texts are the published value, with how it is known unless it was read, and
// the measured one with its interval.
func (c Claim) Texts() (published, measured string) {
	published = short(c.Published, c.spec)
	if c.Known != "read" && published != "" {
		published += " (" + c.Known + ")"
	}
	measured = short(c.Measured, c.spec)
	if low, ok := c.Low.(float64); ok {
		high, _ := c.High.(float64)
		measured += " [" + formatNumber(low, c.spec.Digits) + ", " + formatNumber(high, c.spec.Digits) + "]"
	}
	return published, measured
}

// short prints a value for a table's cell; of a long list its ends.
func short(v any, spec ClaimSpec) string {
	if numbers, ok := v.([]float64); ok && len(numbers) > 3 {
		return formatNumber(numbers[0], spec.Digits) + " … " + formatNumber(numbers[len(numbers)-1], spec.Digits) + " (" + strconv.Itoa(len(numbers)) + " values)"
	}
	text := valueText(v, spec.Digits)
	if _, isText := v.(string); text == "" || isText {
		return text
	}
	if _, isBool := v.(bool); isBool {
		return text
	}
	return text + spec.suffix()
}

func verdictText(v Verdict) string {
	switch v {
	case Reproduced:
		return "reproduced"
	case NotReproduced:
		return "not reproduced"
	}
	return "not run"
}
