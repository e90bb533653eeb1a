package lab

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/swimlab/swimlab/internal/table"
)

const (
	claimsBegin = "<!-- claims:begin -->"
	claimsEnd   = "<!-- claims:end -->"
)

// readme returns README.md with a summary of the claims between its markers;
// ok is false when there is no such file or no such place in it.
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
	papers, err := papersTable(claims).Markdown()
	if err != nil {
		return nil, false, err
	}
	var b bytes.Buffer
	b.Write(before)
	b.WriteString(claimsBegin + "\n\n" + strings.TrimSpace(papers) + "\n\n" + claimsEnd)
	b.Write(after)
	return b.Bytes(), true, nil
}

// papersTable counts the verdicts of each paper's claims.
func papersTable(claims []Claim) table.Table {
	t := table.Table{ID: "papers", Columns: []table.Column{
		{Name: "experiments"}, {Name: "claims", Align: table.Right}, {Name: "reproduced", Align: table.Right},
		{Name: "not reproduced", Align: table.Right}, {Name: "not run", Align: table.Right},
	}}
	counts := map[string]map[Verdict]int{}
	folders := []string{}
	for _, c := range claims {
		folder, _, _ := strings.Cut(c.Experiment, "/")
		if counts[folder] == nil {
			counts[folder] = map[Verdict]int{}
			folders = append(folders, folder)
		}
		counts[folder][c.Verdict]++
	}
	slices.Sort(folders)
	row := func(name string, n map[Verdict]int) {
		cells := []table.Cell{table.Text(name)}
		for _, v := range []int{n[Reproduced] + n[NotReproduced] + n[NotRunVerdict], n[Reproduced], n[NotReproduced], n[NotRunVerdict]} {
			cells = append(cells, table.Number(float64(v)))
		}
		t.Rows = append(t.Rows, cells)
	}
	all := map[Verdict]int{}
	for _, folder := range folders {
		row(folder, counts[folder])
		for v, n := range counts[folder] {
			all[v] += n
		}
	}
	row("all", all)
	return t
}

// claimsFile is every claim with its verdict, for people to read; the claims
// that did not come out follow with what was found.
func claimsFile(claims []Claim) ([]byte, error) {
	markdown, err := ClaimsTable(claims).Markdown()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteString("# Every claim and its verdict\n\nWritten by `repro`, as the standard profile last came out; do not edit.\n\n")
	b.WriteString(strings.TrimSpace(markdown) + "\n\n## What did not come out, and why\n")
	for _, c := range claims {
		if c.Verdict == NotReproduced {
			b.WriteString("\n- **" + c.ID + "**: " + c.Statement + ". " + upperFirst(c.Reason) + "\n")
		}
	}
	return b.Bytes(), nil
}

func upperFirst(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[size:]
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
