package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/swimlab/swimlab/internal/notebook"
)

// newNotebooksCommand makes "repro notebooks".
func newNotebooksCommand() *cobra.Command {
	var write bool
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:   "notebooks [FILE.ipynb ...]",
		Short: "Execute the notebooks and compare what they show with what is recorded",
		Long: `Execute the notebooks without Jupyter: every Go cell is built inside this
module and run, and what it prints and draws is compared with the outputs
recorded in the file. Without arguments, all of notebooks/*.ipynb.

The cells follow the rules of GoNB, the Go kernel for Jupyter; notebooks/README.md
tells them. The exit status is non-zero when a notebook failed or shows
something else than is recorded; --write records what it shows now.`,
		Example: `  repro notebooks
  repro notebooks --write notebooks/01-how-long-until-a-crash-is-noticed.ipynb`,
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			root, err := moduleRoot(cmd)
			if err != nil {
				return err
			}
			if len(args) == 0 {
				if args, err = filepath.Glob(filepath.Join(root, "notebooks", "*.ipynb")); err != nil {
					return err
				}
				if len(args) == 0 {
					return fmt.Errorf("%s: no notebooks; want *.ipynb", filepath.Join(root, "notebooks"))
				}
			}
			recorded := make([]*notebook.Notebook, len(args))
			for i, path := range args {
				if recorded[i], err = notebook.Read(path); err != nil {
					return err
				}
			}
			wrong := 0
			for i, path := range args {
				began := time.Now()
				state, detail := runNotebook(cmd.Context(), root, path, recorded[i], write, timeout)
				if err := cmd.Context().Err(); err != nil {
					return err
				}
				if state == "failed" || state == "changed" {
					wrong++
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%-8s %s (%.1fs)\n", state, shortPath(path), time.Since(began).Seconds())
				if detail != "" {
					fmt.Fprintf(cmd.OutOrStdout(), "         %s\n", strings.ReplaceAll(detail, "\n", "\n         "))
				}
			}
			if wrong > 0 {
				return failure{fmt.Errorf("%d of %d notebooks are not as recorded", wrong, len(args))}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&write, "write", false, "record what the notebooks show now")
	cmd.Flags().DurationVar(&timeout, "timeout", 5*time.Minute, "stop a notebook that runs longer")
	return cmd
}

// runNotebook executes one notebook. Its state is "ok", "changed", "written"
// or "failed"; detail says what changed or failed.
func runNotebook(ctx context.Context, root, path string, recorded *notebook.Notebook, write bool, timeout time.Duration) (state, detail string) {
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("longer than --timeout %v", timeout))
	defer cancel()
	produced, err := notebook.Run(ctx, root, filepath.Dir(path), recorded)
	if err != nil {
		return "failed", err.Error()
	}
	diff := notebook.Diff(recorded, produced)
	switch {
	case diff == "":
		return "ok", ""
	case !write:
		return "changed", diff
	}
	if err := produced.Write(path); err != nil {
		return "failed", err.Error()
	}
	return "written", ""
}

// moduleRoot is the folder given by --root, or the nearest folder above with a
// go.mod.
func moduleRoot(cmd *cobra.Command) (string, error) {
	if flag := cmd.Flag("root"); flag != nil && flag.Value.String() != "" {
		return filepath.Abs(flag.Value.String())
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("no go.mod here or above; want to run inside the repository")
		}
		dir = filepath.Dir(dir)
	}
}

// shortPath is path from the working directory, when that is shorter.
func shortPath(path string) string {
	dir, err := os.Getwd()
	if err != nil {
		return path
	}
	if abs, err := filepath.Abs(path); err == nil {
		if rel, err := filepath.Rel(dir, abs); err == nil && len(rel) < len(abs) {
			return rel
		}
	}
	return path
}
