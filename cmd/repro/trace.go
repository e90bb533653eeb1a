package main

import (
	"bufio"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/swimlab/swimlab/experiments/lab"
	"github.com/swimlab/swimlab/experiments/trial"
)

func newTraceCommand(s *session) *cobra.Command {
	var options trial.TraceOptions
	var seed int
	var picture string
	cmd := &cobra.Command{
		Use:   "trace EXPERIMENT",
		Short: "Tell what happened in one trial",
		Long: `Run one trial again and write down what happened: who pinged whom, who was
suspected, by whom and why, and how it ended. --set chooses the cell of the sweep
(default: the first), --seed the trial. The trace is of the very trial that the
experiment ran: same seed, same events.

With --picture, draw one accusation of the trial as a space-time diagram instead:
the members that had a part in it side by side, time downwards, and the messages
between them. It is the trial's first false positive; failing that, the first
member declared faulty, or else suspected.`,
		Example: `  repro trace swim2002/fig3a --set members=8 --seed 3 --summary
  repro trace swim2002/fig4 --set variant=basic --member 4 --messages
  repro trace lifeguard2018/interval --set config=swim --picture false-positive.svg`,
		Args:              exactly(1, "one experiment, such as swim2002/fig3a"),
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
			if cmd.Flags().Changed("picture") {
				return drawAccusation(cmd, l, p, seed, options.Members, picture)
			}
			told := &teller{Writer: cmd.OutOrStdout()}
			out := bufio.NewWriter(told)
			cell, err := l.Trace(cmd.Context(), p, seed, options, out)
			if err != nil {
				return err
			}
			if err := out.Flush(); err != nil {
				return err
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "%s, %s, seed %d\n", d.Address(), cell, seed)
			if len(options.Members) > 0 && !told.any {
				fmt.Fprintf(cmd.ErrOrStderr(), "nothing in this trial concerns --member %s; members are numbered from 0\n", strings.Trim(fmt.Sprint(options.Members), "[]"))
			}
			return nil
		},
	}
	s.addWorldFlag(cmd)
	cmd.Flags().IntVar(&seed, "seed", 1, "number of the trial, from 1")
	cmd.Flags().IntSliceVar(&options.Members, "member", nil, "show only what concerns these members")
	cmd.Flags().BoolVar(&options.Messages, "messages", false, "show every message")
	cmd.Flags().BoolVar(&options.Summary, "summary", false, "end with one paragraph a suspicion")
	cmd.Flags().StringVar(&picture, "picture", "", "draw one accusation into this SVG file instead")
	cmd.MarkFlagsMutuallyExclusive("picture", "messages")
	cmd.MarkFlagsMutuallyExclusive("picture", "summary")
	return cmd
}

// teller passes a trace on and knows whether it told of anything: a line that does
// not begin with #, as what is said about the trial as a whole does.
type teller struct {
	io.Writer
	any, within bool // within: a line has begun
}

func (t *teller) Write(p []byte) (int, error) {
	for _, c := range p {
		t.any = t.any || !t.within && c != '#' && c != '\n'
		t.within = c != '\n'
	}
	return t.Writer.Write(p)
}

// drawAccusation draws a space-time diagram into a file and says what it shows.
func drawAccusation(cmd *cobra.Command, l *lab.Lab, p *lab.Plan, seed int, members []int, file string) error {
	if filepath.Ext(file) != ".svg" {
		return fmt.Errorf("--picture %q is not valid; want a file that ends in .svg", file)
	}
	cell, title, err := l.Picture(cmd.Context(), p, seed, members, file)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s, %s, seed %d: %s. Drawn in %s.\n", p.Definition.Address(), cell, seed, title, file)
	return err
}
