package main

import (
	"bufio"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/swimlab/swimlab/experiments/lab"
	"github.com/swimlab/swimlab/experiments/trial"
)

func newTraceCommand(s *session) *cobra.Command {
	var options trial.TraceOptions
	var seed int
	cmd := &cobra.Command{
		Use:   "trace EXPERIMENT",
		Short: "Tell what happened in one trial",
		Long: `Run one trial again and write down what happened: who pinged whom, who was
suspected, by whom and why, and how it ended. --set chooses the cell of the sweep
(default: the first), --seed the trial. The trace is of the very trial that the
experiment ran: same seed, same events.`,
		Example: `  repro trace swim2002/fig3a --set members=8 --seed 3 --summary
  repro trace swim2002/fig4 --set variant=basic --member 4 --messages`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: s.experimentNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			if seed < 1 {
				return fmt.Errorf("seed %d is not valid; want a number from 1", seed)
			}
			l, definitions, err := s.open()
			if err != nil {
				return err
			}
			d, err := lab.Find(definitions, args[0])
			if err != nil {
				return err
			}
			p, err := l.Plan(d)
			if err != nil {
				return err
			}
			out := bufio.NewWriter(cmd.OutOrStdout())
			cell, err := l.Trace(cmd.Context(), p, seed, options, out)
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "%s, %s, seed %d\n", d.Address(), cell, seed)
			return out.Flush()
		},
	}
	cmd.Flags().IntVar(&seed, "seed", 1, "number of the trial, from 1")
	cmd.Flags().IntSliceVar(&options.Members, "member", nil, "show only what concerns these members")
	cmd.Flags().BoolVar(&options.Messages, "messages", false, "show every message")
	cmd.Flags().BoolVar(&options.Summary, "summary", false, "end with one paragraph a suspicion")
	return cmd
}
