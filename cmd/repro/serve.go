package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/swimlab/swimlab"
	"github.com/swimlab/swimlab/datasets"
	"github.com/swimlab/swimlab/experiments/film"
	"github.com/swimlab/swimlab/experiments/lab"
	"github.com/swimlab/swimlab/experiments/sim"
	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/internal/live"
)

func newServeCommand(s *session) *cobra.Command {
	var addr string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Open live pages on this machine: the report, coordinates and members moving",
		Long: `Serve the report and the live pages to browsers on this machine: an embedding
whose nodes drift to their places while the error falls, and a simulated group
whose members probe, suspect and refute. Both show what is chosen on the page, or
any trial of a committed definition, as the experiments run it.

Pages and films are made here, by the code that the experiments run; no other host
is asked for anything. All that a page shows stands in its address, so that it can
be shared and drawn again. Ctrl-C ends it.`,
		Example: `  repro serve
  repro serve --addr 127.0.0.1:0
  chromium --headless --window-size=1400,860 --virtual-time-budget=20000 --screenshot=live.png \
    'http://127.0.0.1:8080/coordinates?dataset=wondernetwork242&space=sphere&t=end&theme=light'`,
		Args: noWords,
		RunE: func(cmd *cobra.Command, _ []string) error {
			store, err := datasets.Default()
			if err != nil {
				return err
			}
			listener, err := live.Listen(addr)
			if err != nil {
				return err
			}
			pages, err := s.livePages(store)
			if err != nil {
				return errors.Join(err, listener.Close())
			}
			fmt.Fprintf(cmd.OutOrStdout(), "http://%s/ has the live pages; Ctrl-C ends them\n", listener.Addr())
			return live.Serve(cmd.Context(), listener, live.Handler(pages))
		},
	}
	cmd.Flags().StringVar(&addr, "addr", "127.0.0.1:8080", "loopback address and port to listen on; port 0 takes any that is free")
	return cmd
}

// livePages puts the site together.
func (s *session) livePages(store *datasets.Store) (live.Config, error) {
	sweeps, err := s.filmable()
	if err != nil {
		return live.Config{}, err
	}
	groups, embeddings := entries(store, sweeps)
	stage := stageOf(store, sweeps)
	return live.Config{
		Report:    s.report,
		Sources:   swimlab.Sources,
		Catalogue: func() (any, error) { return film.NewCatalogue(store, groups, embeddings) },
		Films: map[string]func(context.Context, url.Values) ([]byte, error){
			"embedding": func(ctx context.Context, query url.Values) ([]byte, error) {
				o, err := film.ParseEmbedding(query)
				if err != nil {
					return nil, err
				}
				f, err := film.RecordEmbedding(ctx, o, stage)
				if err != nil {
					return nil, err
				}
				return f.Encode()
			},
			"cluster": func(ctx context.Context, query url.Values) ([]byte, error) {
				o, err := film.ParseCluster(query)
				if err != nil {
					return nil, err
				}
				f, err := film.RecordCluster(ctx, o, stage)
				if err != nil {
					return nil, err
				}
				return f.Encode()
			},
		},
	}, nil
}

// stageOf is what films are made with.
func stageOf(store *datasets.Store, sweeps []*lab.Plan) film.Stage {
	return film.Stage{
		World: sim.NewWorld(func(name string) (sim.RTTs, error) { return store.Open(name) }),
		Open:  store.Open,
		Seed:  lab.Seed,
		Resolve: func(experiment, cell string, number int) (trial.Spec, error) {
			return resolve(sweeps, experiment, cell, number)
		},
	}
}

// filmable outlines the experiments with groups of members or coordinates in the
// simulator. Outside the repository there are none, and the pages do without.
func (s *session) filmable() ([]*lab.Plan, error) {
	if s.root == "" {
		return nil, nil
	}
	l, definitions, err := s.open()
	if err != nil {
		return nil, err
	}
	var sweeps []*lab.Plan
	for _, d := range lab.Current(definitions) {
		if !slices.Contains(d.Worlds, "simulation") {
			continue
		}
		p, err := l.Outline(d)
		if err != nil {
			return nil, err
		}
		sweeps = append(sweeps, p)
	}
	return sweeps, nil
}

// entries lists the sweeps for the two pages. A definition of groups stands among
// those of embeddings, too, where its members keep coordinates, to say which page
// has its films.
func entries(store *datasets.Store, sweeps []*lab.Plan) (groups, embeddings []film.ExperimentEntry) {
	for _, p := range sweeps {
		if p.Definition.System["protocol"] == "swim" {
			groups = append(groups, entry(p, func(spec trial.Spec) error { return atHand(store, spec) }))
			if !slices.ContainsFunc(p.Cells, keepsCoordinates) {
				continue
			}
		}
		embeddings = append(embeddings, entry(p, func(spec trial.Spec) error {
			if err := film.CheckEmbedding(spec); err != nil {
				return err
			}
			return atHand(store, spec)
		}))
	}
	return groups, embeddings
}

func keepsCoordinates(c lab.Cell) bool { return c.Spec.System["coordinates"] != nil }

// atHand says whether a trial's dataset is here.
func atHand(store *datasets.Store, spec trial.Spec) error {
	name, _ := spec.Network["dataset"].(string)
	if name == "" {
		return nil
	}
	if ok, why := store.Available(name); !ok {
		return errors.New(why)
	}
	return nil
}

// entry lists a sweep. A level, or all of it, cannot be filmed if none of its cells
// can.
func entry(p *lab.Plan, check func(trial.Spec) error) film.ExperimentEntry {
	e := film.ExperimentEntry{ID: p.Definition.ID, Title: p.Definition.Title}
	why := make([]error, len(p.Cells))
	for i, c := range p.Cells {
		why[i] = check(c.Spec)
	}
	// none is why no cell of some can be filmed; "" if one can.
	none := func(of func(c lab.Cell) bool) string {
		reason := ""
		for i, c := range p.Cells {
			switch {
			case !of(c):
			case why[i] == nil:
				return ""
			case reason == "":
				reason = why[i].Error()
			}
		}
		return reason
	}
	e.Cannot = none(func(lab.Cell) bool { return true })
	for a, axis := range p.Axes {
		entry := film.AxisEntry{Name: axis.Name, Cannot: map[string]string{}}
		for _, l := range axis.Levels {
			entry.Levels = append(entry.Levels, l.Name)
			if reason := none(func(c lab.Cell) bool { return c.Levels[a].Name == l.Name }); reason != "" {
				entry.Cannot[l.Name] = reason
			}
		}
		e.Axes = append(e.Axes, entry)
	}
	return e
}

// resolve finds the numbered trial of a cell; the first cell if none is named.
func resolve(sweeps []*lab.Plan, experiment, cell string, number int) (trial.Spec, error) {
	var ids []string
	for _, p := range sweeps {
		ids = append(ids, p.Definition.ID)
		if p.Definition.ID != experiment {
			continue
		}
		for _, c := range p.Cells {
			if cell == "" || p.Name(c) == cell {
				spec := c.Spec
				spec.Seed = lab.Seed(number)
				return spec, nil
			}
		}
		return trial.Spec{}, &trial.KeyError{Key: "cell", Got: fmt.Sprintf("%q", cell), Want: fmt.Sprintf("a cell of %s such as %q", experiment, p.Name(p.Cells[0]))}
	}
	return trial.Spec{}, &trial.KeyError{Key: "experiment", Got: fmt.Sprintf("%q", experiment), Want: "one of " + strings.Join(ids, ", ")}
}
