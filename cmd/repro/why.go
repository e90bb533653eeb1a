package main

import (
	"fmt"
	"io"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/swimlab/swimlab/experiments/lab"
)

func newWhyCommand(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "why EXPERIMENT|FIGURE",
		Short: "Say what would run, and why",
		Long: `Say of each cell of an experiment whether its trials are cached, and if not, why
they would run: never run, changed code, a changed dataset, a new version of the
definition. A figure or table is named by its file: swim2002-fig3a.`,
		Example: `  repro why swim2002/fig3a
  repro why swim2002-fig3a.svg
  repro why vivaldi2004/dimensions --format json`,
		Args:              exactly(1, "one experiment, figure or table, such as swim2002/fig3a"),
		ValidArgsFunction: s.experimentNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			l, definitions, err := s.open()
			if err != nil {
				return err
			}
			d, err := lab.Find(definitions, args[0])
			if err != nil {
				drawn, found := lab.FindArtifact(definitions, args[0])
				if !found {
					return err
				}
				d = drawn
			}
			p, err := l.Plan(d)
			if err != nil {
				return err
			}
			lock, err := lab.ReadLock(s.root)
			if err != nil {
				return err
			}
			why, err := l.Why(p, lock)
			if err != nil {
				return err
			}
			return s.printWhy(cmd.OutOrStdout(), why)
		},
	}
	s.addWorldFlag(cmd)
	return cmd
}

func (s *session) printWhy(w io.Writer, why lab.Explanation) error {
	if s.format == "json" {
		return printJSON(w, why)
	}
	t := newTable(w)
	rows := []table.Row{{"cell", "cached", "to run", "why"}}
	for _, c := range why.Cells {
		rows = append(rows, table.Row{c.Cell, c.Cached, c.Pending, c.Reason})
	}
	t.AppendHeader(rows[0])
	t.AppendRows(rows[1:])
	if s.format == "markdown" {
		t.RenderMarkdown()
		return nil
	}
	fitTable(w, t, rows)
	t.Render()
	fmt.Fprintf(w, "%s version %d: %d trials would run\n", why.Experiment, why.Version, why.Pending())
	return nil
}
