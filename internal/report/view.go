package report

import (
	"path"
	"strconv"
	"strings"

	"github.com/swimlab/swimlab/internal/number"
)

// tally counts verdicts.
type tally struct{ Reproduced, NotReproduced, NotRun int }

func (t tally) Total() int { return t.Reproduced + t.NotReproduced + t.NotRun }

func (t *tally) add(other tally) {
	t.Reproduced += other.Reproduced
	t.NotReproduced += other.NotReproduced
	t.NotRun += other.NotRun
}

func count(claims []Claim) tally {
	var t tally
	for _, c := range claims {
		switch c.Verdict {
		case Reproduced:
			t.Reproduced++
		case NotReproduced:
			t.NotReproduced++
		case NotRun:
			t.NotRun++
		}
	}
	return t
}

// claimView is a claim in a table of claims: Anchor names its row, Name is what
// the row is called there, Link leads to the page that judges it.
type claimView struct {
	Claim
	Anchor, Name, Link string
}

// pageView is what the template of a page sees.
type pageView struct {
	Page
	Site Site
	// Root leads from the page to the report's root.
	Root     string
	Tally    tally
	Figures  []drawnFigure
	Pictures []pictureView
	Tables   []writtenTable
	Claims   []claimView
	Script   string
	// Integrity is the checksum of a script from the network.
	Integrity      string
	Previous, Next *pageLink
}

type pageLink struct{ ID, Title, Address string }

// view prepares page i; its figures and tables come later.
func (s Site) view(i int, localScript bool) pageView {
	p := s.Pages[i]
	root := strings.Repeat("../", strings.Count(p.ID, "/"))
	v := pageView{Page: p, Site: s, Root: root, Tally: count(p.Claims), Script: ScriptURL, Integrity: scriptIntegrity}
	if localScript {
		v.Script, v.Integrity = root+"assets/"+ScriptName, ""
	}
	for _, c := range p.Claims {
		v.Claims = append(v.Claims, claimView{c, "claim-" + c.ID, c.ID, "#claim-" + c.ID})
	}
	link := func(k int) *pageLink {
		if k < 0 || k >= len(s.Pages) {
			return nil
		}
		other := s.Pages[k]
		return &pageLink{other.ID, other.Title, root + other.ID + ".html"}
	}
	v.Previous, v.Next = link(i-1), link(i+1)
	return v
}

// overview is what the template of the first page sees.
type overview struct {
	Site
	Root   string
	Tally  tally
	Papers []paperView
	Claims []claimView
}

type paperView struct {
	Title string
	Tally tally
	Cards []card
}

// card is one experiment on the overview.
type card struct {
	ID, Title, Question, Address string
	Thumbnail, Alt               string
	Tally                        tally
}

// overview groups the pages by paper, papers in the order of their first page.
func (s Site) overview() overview {
	o := overview{Site: s}
	place := map[string]int{}
	var all []Claim
	for _, p := range s.Pages {
		i, known := place[p.Paper]
		if !known {
			i = len(o.Papers)
			place[p.Paper] = i
			o.Papers = append(o.Papers, paperView{Title: p.Paper})
		}
		c := card{ID: p.ID, Title: p.Title, Question: p.Question, Address: p.ID + ".html", Tally: count(p.Claims)}
		if len(p.Figures) > 0 {
			c.Thumbnail = p.ID + "/" + path.Base(p.Figures[0].ID) + ".svg"
			c.Alt = p.Figures[0].Title
		}
		o.Papers[i].Cards = append(o.Papers[i].Cards, c)
		for _, claim := range p.Claims {
			o.Claims = append(o.Claims, claimView{claim, "claim-" + strings.ReplaceAll(p.ID, "/", "-") + "-" + claim.ID, p.ID + " · " + claim.ID, p.ID + ".html#claim-" + claim.ID})
		}
		o.Papers[i].Tally.add(c.Tally)
		all = append(all, p.Claims...)
	}
	o.Tally = count(all)
	return o
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

// shownDigits is enough to tell a published value from ours.
const shownDigits = 4

// numberText is a value of a claim as people read it.
func numberText(v *float64) string {
	if v == nil {
		return "–"
	}
	return strings.Replace(number.Grouped(number.Rounded(*v, shownDigits)), "-", "−", 1)
}

func plural(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return strconv.Itoa(n) + " " + noun
}
