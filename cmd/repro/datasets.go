package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/swimlab/swimlab/datasets"
	"github.com/swimlab/swimlab/internal/table"
)

// newDatasetsCommand makes "repro datasets". open gives the store to work on,
// format the value of --format: text, json or markdown.
func newDatasetsCommand(open func() (*datasets.Store, error), format func() string) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "datasets",
		Short: "List, verify, fetch and import recorded round-trip times",
		Long: `Experiments run on recorded round-trip times where they can. The synthetic sets
are built in; the others are found in the directory of REPRO_DATASETS or in the
user's cache, where fetch and import write. datasets/README.md tells of each set
where it comes from, its licence and its traps.`,
		Example: `  repro datasets list
  repro datasets fetch planetlab490 wondernetwork242
  REPRO_DATASETS=/data/rtts repro datasets verify`,
		Args:         knownCommand,
		SilenceUsage: true,
		RunE:         func(cmd *cobra.Command, args []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		newDatasetsListCommand(open, format),
		newDatasetsVerifyCommand(open, format),
		newDatasetsFetchCommand(open),
		newDatasetsImportCommand(open),
	)
	return cmd
}

// listedDataset is one entry of "repro datasets list --format json".
type listedDataset struct {
	Name      string          `json:"name"`
	Title     string          `json:"title"`
	Kind      datasets.Kind   `json:"kind"`
	Nodes     int             `json:"nodes"`
	Slices    int             `json:"slices,omitempty"`
	Unit      string          `json:"unit"`
	Quantity  string          `json:"quantity"`
	Origin    datasets.Origin `json:"origin"`
	Citation  string          `json:"citation,omitempty"`
	Licence   string          `json:"licence"`
	Measured  string          `json:"measured,omitempty"`
	Traps     []string        `json:"traps,omitempty"`
	Available bool            `json:"available"`
	Reason    string          `json:"reason,omitempty"` // why it is not available
}

func newDatasetsListCommand(open func() (*datasets.Store, error), format func() string) *cobra.Command {
	return &cobra.Command{
		Use:   "list [NAME...]",
		Short: "Show the datasets and whether they are on this machine",
		Long: `Without names, one line for each dataset. With names, all that is known of
them: origin, citation, licence, how they were measured, and what has fooled
people about them.`,
		Example: `  repro datasets list
  repro datasets list seattle99
  repro datasets list --format json`,
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			store, err := open()
			if err != nil {
				return err
			}
			sets, err := chosenSets(store, args)
			if err != nil {
				return err
			}
			listed := make([]listedDataset, len(sets))
			for i, d := range sets {
				ok, why := store.Available(d.Name)
				listed[i] = listedDataset{
					Name: d.Name, Title: d.Title, Kind: d.Kind, Nodes: d.Shape.Nodes, Slices: d.Shape.Frames,
					Unit: d.Unit.String(), Quantity: d.Quantity.String(), Origin: d.Origin, Citation: d.Citation,
					Licence: d.Licence, Measured: d.Measured, Traps: d.Traps, Available: ok, Reason: why,
				}
			}
			switch {
			case format() == "json":
				return printJSON(cmd.OutOrStdout(), listed)
			case len(args) > 0:
				for i, d := range listed {
					if i > 0 {
						fmt.Fprintln(cmd.OutOrStdout())
					}
					d.describe(cmd.OutOrStdout())
				}
				return nil
			}
			t := table.Table{ID: "datasets/list", Columns: []table.Column{
				{Name: "dataset"}, {Name: "kind"}, {Name: "nodes"}, {Name: "slices"}, {Name: "here"}, {Name: "what it is"},
			}}
			for _, d := range listed {
				here, slices := "yes", table.Cell{}
				if !d.Available {
					here = "no"
				}
				if d.Slices > 0 {
					slices = table.Number(float64(d.Slices))
				}
				t.Rows = append(t.Rows, []table.Cell{
					table.Text(d.Name), table.Text(string(d.Kind)), table.Number(float64(d.Nodes)), slices, table.Text(here), table.Text(d.Title),
				})
			}
			return printTable(cmd.OutOrStdout(), t, format())
		},
	}
}

func (d listedDataset) describe(w io.Writer) {
	line := func(key, value string) {
		if value != "" {
			fmt.Fprintf(w, "%-10s %s\n", key, value)
		}
	}
	line("dataset", d.Name)
	line("what", d.Title)
	line("kind", string(d.Kind))
	line("nodes", fmt.Sprint(d.Nodes))
	if d.Slices > 0 {
		line("slices", fmt.Sprint(d.Slices))
	}
	line("raw values", d.Quantity+" in "+d.Unit)
	line("measured", d.Measured)
	line("origin", d.Origin.Repository+d.Origin.Page)
	line("commit", d.Origin.Commit)
	line("citation", d.Citation)
	line("licence", d.Licence)
	for _, trap := range d.Traps {
		line("trap", trap)
	}
	if d.Available {
		line("here", "yes")
	} else {
		line("here", "no: "+d.Reason)
	}
}

// verifiedDataset is one entry of "repro datasets verify --format json".
type verifiedDataset struct {
	Name       string               `json:"name"`
	OK         bool                 `json:"ok"`
	Reason     string               `json:"reason,omitempty"` // why it is not
	SHA256     string               `json:"sha256,omitempty"` // of the loaded matrix
	Statistics *datasets.Statistics `json:"statistics,omitempty"`
}

func newDatasetsVerifyCommand(open func() (*datasets.Store, error), format func() string) *cobra.Command {
	return &cobra.Command{
		Use:   "verify [NAME...]",
		Short: "Check checksums and values, and show each set's statistics",
		Long: `Read the sets anew, check the sha256 of every raw file and every value in it,
and show what the matrices hold. Without names, all sets that are on this
machine. The exit status is non-zero when a set fails, or when a named one is
not here. A name may carry options: synthetic-internet:512:7, seattle99:1.`,
		Example: `  repro datasets verify
  repro datasets verify seattle99 seattle99:1
  repro datasets verify --format markdown`,
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			store, err := open()
			if err != nil {
				return err
			}
			for _, name := range args {
				if err := store.Check(name); err != nil {
					return err
				}
			}
			names := args
			if len(names) == 0 {
				sets, err := store.Sets()
				if err != nil {
					return err
				}
				for _, d := range sets {
					if ok, _ := store.Available(d.Name); ok {
						names = append(names, d.Name)
					}
				}
			}
			verified := []verifiedDataset{}
			var failures []string
			for _, name := range names {
				v := verifiedDataset{Name: name}
				if m, err := store.Verify(name); err != nil {
					v.Reason = err.Error()
					failures = append(failures, name)
				} else {
					s := datasets.Summarize(m)
					v.OK, v.SHA256, v.Statistics = true, m.SHA256(), &s
				}
				verified = append(verified, v)
			}
			if format() == "json" {
				err = printJSON(cmd.OutOrStdout(), verified)
			} else {
				err = printTable(cmd.OutOrStdout(), verifiedTable(verified), format())
			}
			if err == nil && len(failures) > 0 {
				err = fmt.Errorf("%d of %d datasets cannot be trusted: %s", len(failures), len(names), strings.Join(failures, ", "))
			}
			return err
		},
	}
}

func verifiedTable(verified []verifiedDataset) table.Table {
	t := table.Table{
		ID:    "datasets/verify",
		Title: "Round-trip times over ordered pairs, triangles over pairs",
		Columns: []table.Column{
			{Name: "dataset"}, {Name: "nodes"}, {Name: "missing", Unit: "%"}, {Name: "min", Unit: "ms"}, {Name: "5 %", Unit: "ms"},
			{Name: "median", Unit: "ms"}, {Name: "mean", Unit: "ms"}, {Name: "95 %", Unit: "ms"}, {Name: "max", Unit: "ms"},
			{Name: "asymmetric", Unit: "%"}, {Name: "TIV", Unit: "%"}, {Name: "detour", Unit: "%"},
		},
		Caption: "Asymmetric: pairs whose directions differ by more than 10 % of their mean. TIV: triples that violate the triangle inequality. Detour: pairs with a quicker way through a third node.",
	}
	inMS := func(d time.Duration) table.Cell { return table.Rounded(float64(d)/float64(time.Millisecond), 4) }
	percent := func(share float64) table.Cell { return table.Fixed(100*share, 1) }
	for _, v := range verified {
		if !v.OK {
			t.Notes = append(t.Notes, v.Name+" failed: "+v.Reason)
			continue
		}
		s := v.Statistics
		t.Rows = append(t.Rows, []table.Cell{
			table.Text(v.Name), table.Number(float64(s.Nodes)), percent(s.MissingDirected), inMS(s.Min), inMS(s.P05),
			inMS(s.Median), inMS(s.Mean), inMS(s.P95), inMS(s.Max), percent(s.AsymmetryOver10Perc), percent(s.TIV), percent(s.ShorterDetour),
		})
	}
	return t
}

func newDatasetsFetchCommand(open func() (*datasets.Store, error)) *cobra.Command {
	var from string
	cmd := &cobra.Command{
		Use:   "fetch NAME...",
		Short: "Download datasets from their public origins",
		Long: `Download each named set from its origin at the pinned commit into the user's
cache. Every file is checked by sha256; a set is there whole or not at all, and
a download that was cut short goes on where it stopped.`,
		Example: `  repro datasets fetch planetlab490
  repro datasets fetch seattle99 --from https://mirror.example.org/NetLatency-Data`,
		Args:         atLeast(1, "the names of the sets, such as planetlab490 wondernetwork242 (`repro datasets list` has them all)"),
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			store, err := open()
			if err != nil {
				return err
			}
			if from != "" && len(args) > 1 {
				return fmt.Errorf("--from %s: %d names are not valid; want one, since every set has its own origin", from, len(args))
			}
			for _, name := range args {
				started := false
				err := store.Fetch(cmd.Context(), name, datasets.FetchOptions{BaseURL: from, Progress: func(done, total int) {
					started = true
					fmt.Fprintf(cmd.ErrOrStderr(), "\r%s: %d of %d files", name, done, total)
				}})
				if started {
					fmt.Fprintln(cmd.ErrOrStderr())
				}
				if err != nil {
					return err
				}
				if err := reportPlace(cmd, store, name); err != nil {
					return err
				}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "fetch from a mirror: the address under which the origin's paths are found")
	return cmd
}

func newDatasetsImportCommand(open func() (*datasets.Store, error)) *cobra.Command {
	var unit, quantity string
	var o datasets.ImportOptions
	cmd := &cobra.Command{
		Use:   "import NAME FILE",
		Short: "Take a matrix from a file into the user's cache",
		Long: `Read a text file of n lines with n numbers each; line i holds the times from
node i to every node. A set of the manifest, such as king1740, needs no more: its
unit and shape are known. A set of your own needs a new name, --unit and
--quantity, and can then be named in any definition.`,
		Example: `  repro datasets import king1740 ~/Downloads/matrix
  repro datasets import office rtts.txt --unit ms --quantity rtt --missing 0,-1`,
		Args:         exactly(2, "a name and a file, such as king1740 ~/Downloads/matrix"),
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if unit != "" {
				if o.Unit, err = datasets.ParseUnit(unit); err != nil {
					return fmt.Errorf("--unit: %w", err)
				}
			}
			if quantity != "" {
				if o.Quantity, err = datasets.ParseQuantity(quantity); err != nil {
					return fmt.Errorf("--quantity: %w", err)
				}
			}
			store, err := open()
			if err != nil {
				return err
			}
			if err := ownImport(args[0], unit, quantity); err != nil {
				return err
			}
			if err := store.Import(args[0], args[1], o); err != nil {
				return err
			}
			return reportPlace(cmd, store, args[0])
		},
	}
	cmd.Flags().StringVar(&unit, "unit", "", "unit of the numbers: us, ms or s")
	cmd.Flags().StringVar(&quantity, "quantity", "", "what the numbers are: rtt (there and back) or one_way (half of it)")
	cmd.Flags().Float64SliceVar(&o.Missing, "missing", nil, "numbers that stand for \"not measured\"")
	cmd.Flags().StringVar(&o.Title, "title", "", "one line that says what the set is")
	cmd.Flags().StringVar(&o.Licence, "licence", "", "the set's licence")
	return cmd
}

// reportPlace says where a set now is.
func reportPlace(cmd *cobra.Command, store *datasets.Store, name string) error {
	dir, err := store.Dir(name)
	if err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s is in %s\n", name, dir)
	return nil
}

// chosenSets are the named sets, or all of them.
func chosenSets(store *datasets.Store, names []string) ([]datasets.Dataset, error) {
	if len(names) == 0 {
		return store.Sets()
	}
	sets := make([]datasets.Dataset, len(names))
	for i, name := range names {
		var err error
		if sets[i], err = store.Dataset(name); err != nil {
			return nil, err
		}
	}
	return sets, nil
}

// ownImport says what a set that the manifest does not know needs beside its file.
func ownImport(name, unit, quantity string) error {
	known, err := datasets.Manifest()
	if err != nil || slices.ContainsFunc(known, func(d datasets.Dataset) bool { return d.Name == name }) {
		return err
	}
	switch {
	case unit == "":
		return fmt.Errorf("--unit is missing; want us, ms or s, for %s is in no manifest", name)
	case quantity == "":
		return fmt.Errorf("--quantity is missing; want rtt or one_way, for %s is in no manifest", name)
	}
	return nil
}
