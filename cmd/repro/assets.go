package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/swimlab/swimlab/internal/report"
)

func newAssetsCommand(s *session) *cobra.Command {
	return &cobra.Command{
		Use:   "assets [FILE]",
		Short: "Bring the chart script, so that reports are interactive without a network",
		Long: `Put the chart script of the report's interactive figures into .repro/assets, from
a file (dist/echarts.min.js of the npm package echarts) or from its public
address. Reports written afterwards carry it along. Its checksum must fit.`,
		Example: `  repro assets
  repro assets node_modules/echarts/dist/echarts.min.js`,
		Args: atMost(1, "one file at most"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, _, err := s.open(); err != nil {
				return err
			}
			from := ""
			if len(args) == 1 {
				from = args[0]
			} else {
				file, err := download(cmd.Context(), report.ScriptURL)
				if err != nil {
					return failure{err}
				}
				defer os.Remove(file)
				from = file
			}
			if err := report.InstallAssets(from, s.assets()); err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), "the next report carries the chart script from", s.assets())
			return nil
		},
	}
}

// download fetches a file into the system's temporary folder.
func download(ctx context.Context, url string) (file string, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", fmt.Errorf("cannot fetch the chart script: %w; give it as a file instead", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("cannot fetch %s: %s; give it as a file instead", url, response.Status)
	}
	f, err := os.CreateTemp("", "chart-script-*.js")
	if err != nil {
		return "", err
	}
	if _, err = io.Copy(f, response.Body); err == nil {
		err = f.Close()
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return f.Name(), err
}
