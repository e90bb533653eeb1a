package main

import (
	"os"
	"os/signal"

	"github.com/spf13/cobra"

	"github.com/swimlab/swimlab/experiments/loopback"
)

// newMemberCommand makes "repro member", which other commands start: one process of
// a cluster. It ends with its standard input.
func newMemberCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "member",
		Short:  "Be a member of a loopback cluster, as told on standard input",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			signal.Ignore(os.Interrupt) // it is the parent's to end its members
			return loopback.Serve(cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
}
