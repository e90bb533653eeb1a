// Command memberlist is the world "memberlist": HashiCorp's library, unmodified, in
// virtual time. It answers on its standard output the trials it is asked for on its
// standard input, as package external describes.
package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"testing"

	"github.com/swimlab/swimlab/experiments/external"
	"github.com/swimlab/swimlab/experiments/peer/virtual"
	"github.com/swimlab/swimlab/experiments/trial"
)

// Virtual time is to be had only within a test, so the program is a test of its
// own, with nothing of a test's output.
func main() {
	runtime.GOMAXPROCS(1) // the lab runs a trial on each core
	in, out := os.Stdin, os.Stdout
	os.Stdout = os.Stderr
	os.Args = os.Args[:1]
	everything := func(string, string) (bool, error) { return true, nil }
	testing.Main(everything, []testing.InternalTest{{Name: "memberlist", F: func(t *testing.T) {
		run := func(spec trial.Spec) (trial.Observations, error) { return virtual.Run(context.Background(), t, spec) }
		if err := external.Serve(in, out, virtual.Check, run); err != nil {
			fmt.Fprintln(os.Stderr, "memberlist:", err)
			os.Exit(1)
		}
	}}}, nil, nil)
}
