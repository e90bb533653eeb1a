package main

import (
	"io"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"
)

// listed is one entry of `repro list --format json`.
type listed struct {
	ID       string   `json:"id"`
	Version  int      `json:"version"`
	Title    string   `json:"title"`
	Source   string   `json:"source"`
	Question string   `json:"question"`
	File     string   `json:"file"`
	Cells    int      `json:"cells"`
	Trials   int      `json:"trials"`  // in all cells, in this profile
	Pending  int      `json:"pending"` // of these, how many are not cached
	Claims   int      `json:"claims"`
	Missing  []string `json:"missing"` // why cells cannot run here
}

func newListCommand(s *session) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the experiments",
		Long:  "List every experiment with its size in the profile and how many of its trials are not cached yet.",
		Example: `  repro list
  repro list --profile full --format json`,
		Args: noWords,
		RunE: func(cmd *cobra.Command, _ []string) error {
			l, definitions, err := s.open()
			if err != nil {
				return err
			}
			plans, err := plan(l, definitions)
			if err != nil {
				return err
			}
			all := []listed{}
			for _, p := range plans {
				why, err := l.Why(p, nil)
				if err != nil {
					return err
				}
				d := p.Definition
				all = append(all, listed{d.Address(), d.Version, d.Title, d.Source.String(), d.Question, d.File(),
					len(p.Cells), len(p.Cells) * p.Trials, why.Pending(), len(d.Claims), append([]string{}, p.Missing()...)})
			}
			return s.printList(cmd.OutOrStdout(), all)
		},
	}
}

func (s *session) printList(w io.Writer, all []listed) error {
	if s.format == "json" {
		return printJSON(w, all)
	}
	t := newTable(w)
	t.AppendHeader(table.Row{"experiment", "title", "repeats", "cells", "trials", "to run", "claims"})
	t.SetColumnConfigs([]table.ColumnConfig{{Number: 2, WidthMax: 52, WidthMaxEnforcer: text.WrapSoft}})
	for _, e := range all {
		pending := any(e.Pending)
		if len(e.Missing) > 0 {
			pending = text.WrapSoft("dataset absent", 20)
		}
		t.AppendRow(table.Row{e.ID, e.Title, e.Source, e.Cells, e.Trials, pending, e.Claims})
	}
	if width := terminalWidth(w); s.format != "markdown" && width > 0 && width < wideTerminal {
		t = narrowList(w, all)
	}
	render(t, s.format)
	return nil
}

// narrowList has each experiment's title below its name, and leaves out what it
// repeats.
func narrowList(w io.Writer, all []listed) table.Writer {
	t := newTable(w)
	t.Style().Options.SeparateRows = true
	head := table.Row{"experiment", "cells", "trials", "to run", "claims"}
	t.AppendHeader(head)
	rows := []table.Row{head}
	for _, e := range all {
		pending := any(e.Pending)
		if len(e.Missing) > 0 {
			pending = "no data"
		}
		rows = append(rows, table.Row{e.ID + "\n" + e.Title, e.Cells, e.Trials, pending, e.Claims})
	}
	t.AppendRows(rows[1:])
	fitTable(w, t, rows)
	return t
}
