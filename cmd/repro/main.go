// Command repro runs the experiments of this repository and judges what the
// literature claims. It parses, calls experiments/lab, and prints.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/swimlab/swimlab/datasets"
	"github.com/swimlab/swimlab/experiments/loopback"
	"github.com/swimlab/swimlab/experiments/memberlist"
	"github.com/swimlab/swimlab/experiments/sim"
	"github.com/swimlab/swimlab/experiments/trial"
)

func main() {
	os.Exit(execute(os.Args[1:], os.Stdout, os.Stderr, worlds))
}

// worlds are those that definitions may name.
func worlds(root string, store *datasets.Store) []trial.World {
	simulation := sim.NewWorld(func(name string) (sim.RTTs, error) { return store.Open(name) })
	return []trial.World{
		simulation,
		memberlist.World(root, simulation),
		&loopback.World{Simulation: simulation},
	}
}

// worldsOf makes the worlds of the repository at root, with the datasets of store.
type worldsOf func(root string, store *datasets.Store) []trial.World

// The exit codes.
const (
	exitOK          = 0
	exitFailed      = 1 // a claim is lost, verify or diff found a difference, a trial failed
	exitBadInput    = 2 // a definition, dataset, flag or argument is wrong
	exitInterrupted = 130
)

// failure is an error that is not the caller's: it gives exitFailed.
type failure struct{ error }

func (f failure) Unwrap() error { return f.error }

// errInterrupted is the end of a command that runs no trials and was not over.
var errInterrupted = errors.New("interrupted")

// execute is repro with its arguments; it returns the exit code.
func execute(args []string, out, problems io.Writer, worlds worldsOf) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := newRootCommand(worlds)
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(problems)
	cmd, err := root.ExecuteContextC(ctx)
	var failed failure
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errInterrupted):
		fmt.Fprintln(problems, "repro: interrupted")
		return exitInterrupted
	case ctx.Err() != nil:
		if slices.Contains([]string{"all", "run", "verify"}, cmd.Name()) {
			fmt.Fprintln(problems, "repro: interrupted; finished trials are kept, and the same command goes on from there")
		} else {
			fmt.Fprintln(problems, "repro: interrupted")
		}
		return exitInterrupted
	case errors.As(err, &failed):
		fmt.Fprintln(problems, "repro:", err)
		return exitFailed
	}
	fmt.Fprintln(problems, "repro:", err)
	return exitBadInput
}
