package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/swimlab/swimlab/experiments/lab"
	tables "github.com/swimlab/swimlab/internal/table"
)

func newClaimsCommand(s *session) *cobra.Command {
	return &cobra.Command{
		Use:   "claims [EXPERIMENT...]",
		Short: "Judge the claims from what the cache holds",
		Long: `Judge the claims of all experiments, or of those named, from the cached results
of the profile. Nothing runs: a claim whose trials are not all there is not_run,
and its reason says how to run them.

The exit status is 1 when a claim that paper/repro.lock has as reproduced no
longer is. The lock is the standard profile's: a smoke run's verdicts do not count
for this, and what a full run has as not reproduced beside it is said, no failure.`,
		Example: `  repro claims
  repro claims swim2002/fig3a --format json
  repro claims --profile full --format markdown`,
		ValidArgsFunction: s.experimentNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			l, _, plans, err := s.planned(args)
			if err != nil {
				return err
			}
			outcomes, err := l.Evaluate(plans)
			if err != nil {
				return err
			}
			claims := lab.Claims(outcomes)
			if err := s.printClaims(cmd.OutOrStdout(), claims); err != nil {
				return err
			}
			s.printNotRun(cmd.OutOrStdout(), claims)
			if err := s.printWorse(cmd.ErrOrStderr(), claims); err != nil {
				return err
			}
			lost, err := s.lostClaims(claims)
			if err != nil {
				return err
			}
			return lost
		},
	}
}

// printClaims prints claims in the format asked for.
func (s *session) printClaims(w io.Writer, claims []lab.Claim) error {
	switch s.format {
	case "json":
		if claims == nil {
			claims = []lab.Claim{}
		}
		return printJSON(w, claims)
	case "markdown":
		markdown, err := lab.ClaimsTable(claims).Markdown()
		if err != nil {
			return err
		}
		_, err = io.WriteString(w, markdown)
		return err
	}
	width := terminalWidth(w)
	narrow := width > 0 && width < wideTerminal
	t := newTable(w)
	t.AppendHeader(table.Row{"claim", "statement", "published", "measured", "verdict"})
	t.SetColumnConfigs([]table.ColumnConfig{
		{Number: 2, WidthMax: 44, WidthMaxEnforcer: text.WrapSoft},
		{Number: 3, WidthMax: 26, WidthMaxEnforcer: text.WrapSoft},
		{Number: 4, WidthMax: 30, WidthMaxEnforcer: text.WrapSoft},
	})
	counts := map[lab.Verdict]int{}
	for _, c := range claims {
		counts[c.Verdict]++
		published, measured := c.Texts()
		t.AppendRow(table.Row{c.ID, c.Statement, published, measured, colored(w, c.Verdict)})
	}
	if narrow {
		t = narrowClaims(w, claims, width)
	}
	t.Render()
	noun := "claims"
	if len(claims) == 1 {
		noun = "claim"
	}
	fmt.Fprintf(w, "%d %s: %d reproduced, %d not reproduced, %d not run\n", len(claims), noun,
		counts[lab.Reproduced], counts[lab.NotReproduced], counts[lab.NotRunVerdict])
	for _, c := range claims {
		if c.Verdict == lab.NotReproduced {
			reason := c.ID + ": " + c.Reason
			if width > 0 {
				reason = text.WrapSoft(reason, width)
			}
			fmt.Fprintln(w, reason)
		}
	}
	return nil
}

// narrowClaims has verdicts on the left, and beside each all that is said of its
// claim, a line each.
func narrowClaims(w io.Writer, claims []lab.Claim, width int) table.Writer {
	t := newTable(w)
	t.Style().Options.SeparateRows = true
	t.AppendHeader(table.Row{"verdict", "claim"})
	t.SetColumnConfigs([]table.ColumnConfig{{Number: 2, WidthMax: width - len("not reproduced") - 7, WidthMaxEnforcer: tables.Wrap}})
	for _, c := range claims {
		lines := []string{c.ID, c.Statement}
		published, measured := c.Texts()
		if published != "" {
			lines = append(lines, "published "+published)
		}
		if measured != "" {
			lines = append(lines, "measured "+measured)
		}
		t.AppendRow(table.Row{colored(w, c.Verdict), strings.Join(lines, "\n")})
	}
	return t
}

// printNotRun says why claims were not judged: one line for what several experiments
// lack, such as a dataset, and else one for an experiment, whose claims mostly lack
// what the first of them does.
func (s *session) printNotRun(w io.Writer, claims []lab.Claim) {
	if s.format != "text" {
		return // the reasons stand in JSON; Markdown is the table alone
	}
	first := map[string]string{} // the first experiment with a reason
	shared := map[string]bool{}
	for _, c := range claims {
		if c.Verdict != lab.NotRunVerdict {
			continue
		}
		if experiment, seen := first[c.Reason]; seen && experiment != c.Experiment {
			shared[c.Reason] = true
		} else {
			first[c.Reason] = c.Experiment
		}
	}
	var groups []string
	lacking := map[string][]lab.Claim{}
	for _, c := range claims {
		if c.Verdict != lab.NotRunVerdict {
			continue
		}
		group := c.Experiment
		if shared[c.Reason] {
			group = c.Reason
		}
		if lacking[group] == nil {
			groups = append(groups, group)
		}
		lacking[group] = append(lacking[group], c)
	}
	for _, group := range groups {
		fmt.Fprintf(w, "not run: %s: %s\n", claimsInShort(lacking[group]), lacking[group][0].Reason)
	}
}

// claimsInShort names the first of some claims, and says how many there are.
func claimsInShort(claims []lab.Claim) string {
	experiments := map[string]bool{}
	for _, c := range claims {
		experiments[c.Experiment] = true
	}
	first, more := claims[0], len(claims)-1
	switch {
	case more == 0:
		return first.ID
	case len(experiments) == 1:
		return fmt.Sprintf("%s (and %d more of %s)", first.ID, more, first.Experiment)
	}
	return fmt.Sprintf("%s (and %d more, of %d experiments in all)", first.ID, more, len(experiments))
}

// colored is a verdict in words, with colour where a person reads it.
func colored(w io.Writer, v lab.Verdict) string {
	words := strings.ReplaceAll(string(v), "_", " ")
	if !isTerminal(w) {
		return words
	}
	return map[lab.Verdict]text.Color{lab.Reproduced: text.FgGreen, lab.NotReproduced: text.FgRed, lab.NotRunVerdict: text.FgYellow}[v].Sprint(words)
}

// wideTerminal is how many columns the tables of claims and experiments take.
const wideTerminal = 180

// terminalWidth is how many columns w has; 0 if it is no terminal.
func terminalWidth(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok || !isTerminal(w) {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return width
}

// fitTable narrows the columns of a table to w if it is a terminal. rows are what
// the table has, its head among them.
func fitTable(w io.Writer, t table.Writer, rows []table.Row) {
	width := terminalWidth(w)
	if width == 0 {
		return
	}
	cells := make([][]string, len(rows))
	for i, row := range rows {
		for _, c := range row {
			cells[i] = append(cells[i], fmt.Sprint(c))
		}
	}
	var configs []table.ColumnConfig
	for i, most := range tables.Fit(cells, width) {
		configs = append(configs, table.ColumnConfig{Number: i + 1, WidthMax: most, WidthMaxEnforcer: tables.Wrap})
	}
	t.SetColumnConfigs(configs)
}
