package report

import (
	"fmt"
	"path"
	"strings"

	"github.com/swimlab/swimlab/internal/figure"
	"github.com/swimlab/swimlab/internal/provenance"
	"github.com/swimlab/swimlab/internal/table"
)

// Site is the whole report.
type Site struct {
	Title string
	// Intro says in a few paragraphs what the report is and who it is for.
	Intro []string
	// Pages are shown in this order, grouped by paper.
	Pages []Page
	// Provenance says how the report was made: profile, commit, command.
	Provenance []provenance.Field
}

// Page is one experiment.
type Page struct {
	// ID is the experiment's id and the page's address: "swim2002/fig3a".
	ID    string
	Title string
	// Paper is the heading under which the overview lists the page.
	Paper    string
	Question string
	// Method says in paragraphs how the question was answered.
	Method  []string
	Figures []figure.Figure
	// Pictures are drawings of single trials.
	Pictures []Picture
	Tables   []table.Table
	Claims   []Claim
	// Warnings are shown before everything else.
	Warnings   []string
	Provenance []provenance.Field
	// Definition is the experiment's definition file, shown folded.
	Definition string
}

// Picture is a drawing that is no chart, with the same told in words below it.
type Picture struct {
	ID, Title, Caption string
	SVG                []byte
	// Story is lines of text; their indentation counts.
	Story      []string
	Provenance provenance.Record
}

// Claim is one published statement beside what was measured.
type Claim struct {
	ID, Statement string
	// Location is the place in the paper: "section 5, figure 3(a)".
	Location string
	// Known says how the published value is known: read, digitised, derived,
	// analytic, remembered.
	Known string
	// Published and Measured are nil where there is no number; Low and High
	// are the interval around Measured.
	Published, Measured, Low, High *float64
	// Unit belongs to all four.
	Unit string
	// Kind and Tolerance say how the two are compared: "relative", "5 %".
	Kind, Tolerance string
	Verdict         Verdict
	// Reason explains a verdict.
	Reason string
}

// Verdict is what became of a claim.
type Verdict string

// The verdicts.
const (
	Reproduced    Verdict = "reproduced"
	NotReproduced Verdict = "not_reproduced"
	NotRun        Verdict = "not_run"
)

// check reports the first thing that keeps the site from being written.
func (s Site) check() error {
	pages := map[string]bool{}
	for i, p := range s.Pages {
		if err := provenance.CheckID(p.ID); err != nil {
			return fmt.Errorf("report: page %d: %w", i, err)
		}
		first, _, _ := strings.Cut(p.ID, "/")
		if first == "index" || first == "assets" {
			return fmt.Errorf("report: page %s: the report keeps the name %q for itself", p.ID, first)
		}
		if pages[p.ID] {
			return fmt.Errorf("report: two pages have the id %s", p.ID)
		}
		pages[p.ID] = true
		files := map[string]string{}
		for _, id := range p.outputs() {
			name := path.Base(id)
			if other, taken := files[name]; taken {
				return fmt.Errorf("report: page %s: %s and %s would share the files %s.*; want ids whose last parts differ", p.ID, other, id, name)
			}
			files[name] = id
		}
		claims := map[string]bool{}
		for _, c := range p.Claims {
			if claims[c.ID] {
				return fmt.Errorf("report: page %s: two claims have the id %s", p.ID, c.ID)
			}
			claims[c.ID] = true
			switch c.Verdict {
			case Reproduced, NotReproduced, NotRun:
			default:
				return fmt.Errorf("report: page %s: claim %s: verdict %q is not valid; want reproduced, not_reproduced or not_run", p.ID, c.ID, c.Verdict)
			}
		}
	}
	return nil
}

// outputs are the ids of the page's figures, pictures and tables.
func (p Page) outputs() []string {
	var ids []string
	for _, f := range p.Figures {
		ids = append(ids, f.ID)
	}
	for _, d := range p.Pictures {
		ids = append(ids, d.ID)
	}
	for _, t := range p.Tables {
		ids = append(ids, t.ID)
	}
	return ids
}
