package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

// exactly wants n arguments, which what describes.
func exactly(n int, what string) cobra.PositionalArgs { return between(n, n, what) }

// atLeast wants n arguments or more.
func atLeast(n int, what string) cobra.PositionalArgs { return between(n, -1, what) }

// atMost wants n arguments or fewer.
func atMost(n int, what string) cobra.PositionalArgs { return between(0, n, what) }

// between says what a command wants, and not only how many words.
func between(low, high int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < low || high >= 0 && len(args) > high {
			return fmt.Errorf("%s is given %d arguments; want %s (`%s --help` has examples)", cmd.CommandPath(), len(args), what, cmd.CommandPath())
		}
		return nil
	}
}
