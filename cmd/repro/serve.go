package main

import (
	"context"
	"fmt"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/swimlab/swimlab"
	"github.com/swimlab/swimlab/datasets"
	"github.com/swimlab/swimlab/experiments/film"
	"github.com/swimlab/swimlab/internal/live"
)

func newServeCommand(s *session) *cobra.Command {
	var addr string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Open live pages on this machine: the report, coordinates and members moving",
		Long: `Serve the report and the live pages to browsers on this machine: an embedding
whose nodes drift to their places while the error falls, and a simulated group
whose members probe, suspect and refute.

Pages and films are made here, by the code that the experiments run; no other host
is asked for anything. All that a page shows stands in its address, so that it can
be shared and drawn again. Ctrl-C ends it.`,
		Example: `  repro serve
  repro serve --addr 127.0.0.1:0
  chromium --headless --window-size=1400,860 --virtual-time-budget=20000 --screenshot=live.png \
    'http://127.0.0.1:8080/coordinates?dataset=wondernetwork242&space=2D%2Bheight&t=end&theme=light'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			store, err := datasets.Default()
			if err != nil {
				return err
			}
			listener, err := live.Listen(addr)
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "http://%s/ has the live pages; Ctrl-C ends them\n", listener.Addr())
			return live.Serve(cmd.Context(), listener, live.Handler(s.livePages(store)))
		},
	}
	cmd.Flags().StringVar(&addr, "addr", "127.0.0.1:8080", "loopback address and port to listen on; port 0 takes any that is free")
	return cmd
}

// livePages puts the site together.
func (s *session) livePages(store *datasets.Store) live.Config {
	return live.Config{
		Report:    s.report,
		Sources:   swimlab.Sources,
		Catalogue: func() (any, error) { return film.NewCatalogue(store) },
		Films: map[string]func(context.Context, url.Values) ([]byte, error){
			"embedding": func(ctx context.Context, query url.Values) ([]byte, error) {
				o, err := film.ParseEmbedding(query)
				if err != nil {
					return nil, err
				}
				f, err := film.RecordEmbedding(ctx, o, store.Open)
				if err != nil {
					return nil, err
				}
				return f.Encode()
			},
		},
	}
}
