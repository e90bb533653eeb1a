package lab

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/swimlab/swimlab/internal/provenance"
	"github.com/swimlab/swimlab/internal/report"
)

// Site is the report of outcomes: an overview and one page an experiment, folder
// by folder. Their headings are those of the folders' READMEs below root.
func Site(root string, outcomes []*Outcome, profile Profile, commit string) report.Site {
	s := report.Site{
		Title: "swimlab: what was published, and what came out",
		Intro: []string{
			"Each experiment repeats a figure, a table or a formula of the literature, or asks what it leaves open. Its page shows the question, how it was answered, the figures with the published points beside ours, and a verdict on every claim.",
			"Intervals are 95 % bootstrap intervals over seeds. How a published value is known (read, digitised, derived, analytic, remembered) stands beside it.",
		},
		Provenance: []provenance.Field{{Name: "profile", Value: string(profile)}, {Name: "commit", Value: commit}},
	}
	ordered := slices.Clone(outcomes)
	slices.SortStableFunc(ordered, func(a, b *Outcome) int {
		return compareFolders(a.Plan.Definition.folder(), b.Plan.Definition.folder())
	})
	for _, o := range ordered {
		page := o.page(commit)
		page.Paper = folderTitle(root, o.Plan.Definition.folder())
		s.Pages = append(s.Pages, page)
	}
	return s
}

// folder is the folder of experiments that the definition stands in: swim2002.
func (d *Definition) folder() string {
	folder, _, _ := strings.Cut(d.ID, "/")
	return folder
}

// compareFolders puts papers in the order of their years, and folders whose names
// end in none behind them.
func compareFolders(a, b string) int {
	return cmp.Or(cmp.Compare(folderYear(a), folderYear(b)), strings.Compare(a, b))
}

func folderYear(folder string) int {
	const digits = 4
	if len(folder) > digits {
		if year, err := strconv.Atoi(folder[len(folder)-digits:]); err == nil && year > 0 {
			return year
		}
	}
	return math.MaxInt
}

// folderTitle is the first heading of a folder's README, and else the folder's name.
func folderTitle(root, folder string) string {
	text, err := os.ReadFile(filepath.Join(root, "experiments", folder, "README.md"))
	if err != nil {
		return folder
	}
	for line := range strings.Lines(string(text)) {
		if title, heading := strings.CutPrefix(line, "# "); heading {
			return strings.TrimSpace(title)
		}
	}
	return folder
}

func (o *Outcome) page(commit string) report.Page {
	d, p := o.Plan.Definition, o.Plan
	page := report.Page{
		ID: strings.ReplaceAll(d.Address(), "@", "-v"), Title: d.Title, Question: oneLine(d.Question),
		Method: paragraphs(d.Method), Warnings: o.warnings(), Definition: d.Text(),
		Provenance: []provenance.Field{
			{Name: "repeats", Value: d.Source.String()}, {Name: "definition", Value: fmt.Sprintf("%s, version %d", d.File(), d.Version)},
			{Name: "profile", Value: string(p.Profile)}, {Name: "world", Value: strings.Join(p.worlds(), ", ")},
			{Name: "cells", Value: strconv.Itoa(len(p.Cells))}, {Name: "trials per cell", Value: strconv.Itoa(p.Trials)},
			{Name: "results", Value: o.results.digest(o.results.all())}, {Name: "commit", Value: commit},
		},
	}
	for _, r := range p.Recordings() {
		page.Provenance = append(page.Provenance, provenance.Field{Name: "recorded", Value: r.World + ": " + r.String()})
	}
	figures := map[string]bool{}
	for _, f := range o.Figures {
		figures[f.Name] = true
		page.Figures = append(page.Figures, f.What)
	}
	for _, d := range o.Pictures {
		figures[d.Name] = true
		page.Pictures = append(page.Pictures, report.Picture{
			ID: d.Name, Title: d.What.Title, Caption: d.What.Caption, SVG: d.What.SVG, Story: d.What.Story, Provenance: d.What.Provenance,
		})
	}
	for _, t := range o.Tables {
		if figures[t.Name] { // in paper/ they lie in different folders, here in one
			t.What.ID += "-table"
		}
		page.Tables = append(page.Tables, t.What)
	}
	for _, c := range o.Claims {
		page.Claims = append(page.Claims, c.row())
	}
	return page
}

// warnings say what a reader must know before looking at anything.
func (o *Outcome) warnings() []string {
	var warnings []string
	if !o.Plan.Profile.Binding() {
		warnings = append(warnings, fmt.Sprintf("This is a %s run with %d trials a cell. It shows that everything works; its numbers mean nothing.", o.Plan.Profile, o.Plan.Trials))
	}
	for _, set := range o.Plan.overrides {
		warnings = append(warnings, fmt.Sprintf("Changed for this run: %s=%s.", set.Key, set.Value))
	}
	for _, name := range slices.Sorted(maps.Keys(o.Missing)) {
		warnings = append(warnings, name+" is not whole: "+o.Missing[name])
	}
	return warnings
}

// row is the claim for the report, whose columns take numbers; lists and texts
// are told in the reason.
func (c Claim) row() report.Claim {
	row := report.Claim{
		ID: c.ID, Statement: c.Statement, Location: c.Location, Known: c.Known, Unit: c.spec.Unit, Kind: c.Kind,
		Tolerance: c.Tolerance, Verdict: report.Verdict(c.Verdict), Reason: c.Reason,
		Published: pointer(c.Published), Measured: pointer(c.Measured), Low: pointer(c.Low), High: pointer(c.High),
	}
	var told []string
	if text := short(c.Published, c.spec); row.Published == nil && text != "" {
		told = append(told, "published: "+text)
	}
	if text := short(c.Measured, c.spec); row.Measured == nil && text != "" {
		told = append(told, "measured: "+text)
	}
	row.Reason = strings.Join(append(told, row.Reason), "; ")
	return row
}

func pointer(v any) *float64 {
	if x, ok := v.(float64); ok {
		return &x
	}
	return nil
}

// paragraphs splits a text at its empty lines and folds each part.
func paragraphs(text string) []string {
	var parts []string
	for _, p := range strings.Split(text, "\n\n") {
		if p = oneLine(p); p != "" {
			parts = append(parts, p)
		}
	}
	return parts
}
