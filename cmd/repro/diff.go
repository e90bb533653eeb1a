package main

import (
	"fmt"
	"io"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/swimlab/swimlab/experiments/lab"
)

func newDiffCommand(s *session) *cobra.Command {
	var failOnChange, everything bool
	cmd := &cobra.Command{
		Use:   "diff A B",
		Short: "Compare the measured numbers of two commits",
		Long: `Compare every claim and value that two locks record. A and B are git revisions
whose paper/repro.lock is read, folders that hold one, or lock files. A number
has moved when its two intervals do not meet. Where the cache holds the trials of
both sides, a Mann-Whitney rank test over seeds stands beside it.`,
		Example: `  repro diff HEAD~1 HEAD
  repro diff main . --fail-on-change
  repro diff v1.0 paper/repro.lock --format json`,
		Args: exactly(2, "the two to compare, such as HEAD~1 HEAD"),
		RunE: func(cmd *cobra.Command, args []string) error {
			l, definitions, err := s.open()
			if err != nil {
				return err
			}
			a, err := l.LockAt(args[0])
			if err != nil {
				return err
			}
			b, err := l.LockAt(args[1])
			if err != nil {
				return err
			}
			changes := l.Diff(a, b, definitions)
			moved := 0
			for _, c := range changes {
				if c.Moved {
					moved++
				}
			}
			if err := s.printDiff(cmd.OutOrStdout(), changes, everything, moved); err != nil {
				return err
			}
			if failOnChange && moved > 0 {
				return failure{fmt.Errorf("%d of %d numbers moved beyond their intervals", moved, len(changes))}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&failOnChange, "fail-on-change", false, "exit with 1 when a number moved beyond its interval")
	cmd.Flags().BoolVar(&everything, "all", false, "show numbers that did not move, too")
	return cmd
}

func (s *session) printDiff(w io.Writer, changes []lab.Change, everything bool, moved int) error {
	if s.format == "json" {
		if changes == nil {
			changes = []lab.Change{}
		}
		return printJSON(w, changes)
	}
	t := newTable(w)
	rows := []table.Row{{"number", "A", "B", "B/A", "p", ""}}
	t.AppendHeader(rows[0])
	for _, c := range changes {
		if !everything && !c.Moved && c.Note == "" {
			continue
		}
		note := c.Note
		if c.Moved && note == "" {
			note = "moved"
		}
		rows = append(rows, table.Row{c.ID, c.A.Text(), c.B.Text(), ratio(c.Ratio), probability(c.P), note})
	}
	t.AppendRows(rows[1:])
	switch {
	case t.Length() == 0:
	case s.format == "markdown":
		t.RenderMarkdown()
	default:
		fitTable(w, t, rows)
		t.Render()
	}
	_, err := fmt.Fprintf(w, "%d of %d numbers moved beyond their intervals\n", moved, len(changes))
	return err
}

func ratio(r *float64) string {
	if r == nil {
		return ""
	}
	return fmt.Sprintf("%.3f", *r)
}

func probability(p *float64) string {
	if p == nil {
		return ""
	}
	return fmt.Sprintf("%.3g", *p)
}
