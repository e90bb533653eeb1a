package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"github.com/swimlab/swimlab/datasets"
	"github.com/swimlab/swimlab/experiments/lab"
	"github.com/swimlab/swimlab/experiments/trial"
)

// observable is one entry of `repro measures --format json`.
type observable struct {
	Protocol string   `json:"protocol"`
	Name     string   `json:"name"`
	Unit     string   `json:"unit"`
	Kind     string   `json:"kind"` // values, curve or map
	Doc      string   `json:"doc"`
	Worlds   []string `json:"worlds"` // that observe it
}

func newMeasuresCommand(s *session) *cobra.Command {
	return &cobra.Command{
		Use:   "measures [PROTOCOL]",
		Short: "List what can be measured",
		Long: `List what can be measured of a protocol, or of all: the name that definitions use,
the unit, what is counted, and the worlds that observe it.`,
		Example: `  repro measures swim
  repro measures vivaldi --format json`,
		Args: atMost(1, "a protocol, such as swim"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if s.root == "" {
				_, err := lab.FindRoot(".")
				return err
			}
			store, err := datasets.Default()
			if err != nil {
				return err
			}
			protocols, all := observables(s.worlds(s.root, store))
			if len(args) == 1 {
				if !slices.Contains(protocols, args[0]) {
					return errors.New(fmt.Sprintf("protocol %q is not known", args[0]) + suggestion(args[0], protocols) + "; want one of " + strings.Join(protocols, ", "))
				}
				all = slices.DeleteFunc(all, func(o observable) bool { return o.Protocol != args[0] })
			}
			return s.printMeasures(cmd.OutOrStdout(), all)
		},
	}
}

// observables lists every protocol, and every measure by protocol and name.
func observables(worlds []trial.World) (protocols []string, all []observable) {
	for _, w := range worlds {
		for _, protocol := range w.Protocols() {
			if !slices.Contains(protocols, protocol) {
				protocols = append(protocols, protocol)
			}
			for _, m := range w.Measures(protocol) {
				at := slices.IndexFunc(all, func(o observable) bool { return o.Protocol == protocol && o.Name == m.Name })
				if at < 0 {
					kind := "values"
					if m.Series {
						kind = "curve"
					} else if m.Map {
						kind = "map"
					}
					at = len(all)
					all = append(all, observable{Protocol: protocol, Name: m.Name, Unit: m.Unit, Kind: kind, Doc: m.Doc})
				}
				all[at].Worlds = append(all[at].Worlds, w.Name())
			}
		}
	}
	slices.SortStableFunc(all, func(a, b observable) int {
		if a.Protocol != b.Protocol {
			return slices.Index(protocols, a.Protocol) - slices.Index(protocols, b.Protocol)
		}
		return strings.Compare(a.Name, b.Name)
	})
	return protocols, all
}

func (s *session) printMeasures(w io.Writer, all []observable) error {
	if s.format == "json" {
		return printJSON(w, all)
	}
	t := newTable(w)
	t.AppendHeader(table.Row{"protocol", "measure", "unit", "kind", "what", "worlds"})
	t.SetColumnConfigs([]table.ColumnConfig{{Number: 5, WidthMax: 70, WidthMaxEnforcer: text.WrapSoft}})
	for _, o := range all {
		t.AppendRow(table.Row{o.Protocol, o.Name, o.Unit, o.Kind, o.Doc, strings.Join(o.Worlds, ", ")})
	}
	render(t, s.format)
	return nil
}
