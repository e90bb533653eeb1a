package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// exactly wants n arguments, which what describes.
func exactly(n int, what string) cobra.PositionalArgs { return between(n, n, what) }

// atLeast wants n arguments or more.
func atLeast(n int, what string) cobra.PositionalArgs { return between(n, -1, what) }

// atMost wants n arguments or fewer.
func atMost(n int, what string) cobra.PositionalArgs { return between(0, n, what) }

// between says what a command wants, and not only how many words. No limit is high < 0.
func between(low, high int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < low:
			return fmt.Errorf("`%s` wants %s", cmd.CommandPath(), what)
		case high >= 0 && len(args) > high:
			return fmt.Errorf("`%s` wants %s, and not %s as well", cmd.CommandPath(), what, strings.Join(args[high:], " "))
		}
		return nil
	}
}

// noWords refuses arguments.
func noWords(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	message := fmt.Sprintf("`%s` takes no arguments, and not %s", cmd.CommandPath(), strings.Join(args, " "))
	if cmd.Name() == "all" {
		message += "; `repro run` takes the experiments' names"
	}
	return errors.New(message)
}
