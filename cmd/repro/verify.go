package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/swimlab/swimlab/experiments/lab"
)

func newVerifyCommand(s *session) *cobra.Command {
	return &cobra.Command{
		Use:   "verify",
		Short: "Prove that the committed figures, tables and verdicts are what the definitions give",
		Long: `Run what is missing of the standard profile, redraw everything that is committed
in paper/ and README.md, and compare it byte by byte. What needs a dataset that is
not here is named and skipped; its files are held against the checksums in
paper/repro.lock. Nothing is written but results.`,
		Example: `  repro verify
  REPRO_DATASETS=/data/rtts repro verify`,
		Args: noWords,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !s.publishes() {
				return fmt.Errorf("verify is about the standard profile, and the profile is set to %s", s.profile)
			}
			l, definitions, err := s.open()
			if err != nil {
				return err
			}
			current := lab.Current(definitions)
			plans, err := plan(l, current)
			if err != nil {
				return err
			}
			outcomes, err := complete(cmd, l, plans)
			if err != nil {
				return err
			}
			found, err := l.Verify(current, outcomes)
			if err != nil {
				return err
			}
			return s.printVerification(cmd.OutOrStdout(), found)
		},
	}
}

func (s *session) printVerification(w io.Writer, v *lab.Verification) error {
	if s.format == "json" {
		if err := printJSON(w, v); err != nil {
			return err
		}
	} else {
		for _, p := range v.Skipped {
			fmt.Fprintf(w, "skipped    %s: %s\n", p.Name, p.Problem)
		}
		for _, p := range v.Different {
			fmt.Fprintf(w, "different  %s %s\n", p.Name, p.Problem)
		}
		fmt.Fprintf(w, "%d files are what the definitions give, %d are not, %d things could not be checked here\n", len(v.Same), len(v.Different), len(v.Skipped))
	}
	if len(v.Different) > 0 {
		return failure{fmt.Errorf("%d committed files are not what the definitions give; `repro all` writes them", len(v.Different))}
	}
	return nil
}
