package main

import (
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/swimlab/swimlab/experiments/closedform"
	"github.com/swimlab/swimlab/experiments/sim"
	"github.com/swimlab/swimlab/lifeguard"
	"github.com/swimlab/swimlab/swim"
)

// expecting is the group that `repro expect` is asked about.
type expecting struct {
	members, helpers int
	preset, loss     string
	period           time.Duration
	alpha, beta      float64
	plain            bool
}

func newExpectCommand(s *session) *cobra.Command {
	var e expecting
	cmd := &cobra.Command{
		Use:   "expect",
		Short: "Work out what a group of some size and configuration will do",
		Long: `Print what the formulas say of a group beforehand: how soon a crash is noticed and
declared, how soon news is known, what a member sends, and how often loss alone makes
probes of healthy members fail. Beside each stands its formula, and the experiment
that holds it against measurements.

The values are means in a group without slow members. What those do no formula tells:
"repro run lifeguard2018/interval" measures it.`,
		Example: `  repro expect --members 1000
  repro expect --members 56 --preset paper --loss 10%
  repro expect --members 5000 --period 500ms --alpha 6 --format json`,
		Args: noWords,
		RunE: func(cmd *cobra.Command, _ []string) error {
			g, err := e.group(cmd)
			if err != nil {
				return err
			}
			return s.printExpectations(cmd, g.Expect())
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&e.members, "members", 128, "how many members, n")
	flags.StringVar(&e.preset, "preset", "deployed", "paper, deployed (memberlist on a LAN, with Lifeguard) or fixed")
	flags.StringVar(&e.loss, "loss", "0%", "share of datagrams that are lost")
	flags.DurationVar(&e.period, "period", 0, "protocol period T' (default: the preset's)")
	flags.IntVar(&e.helpers, "helpers", 0, "members asked to ping on one's behalf, k (default: the preset's)")
	flags.Float64Var(&e.alpha, "alpha", 0, "multiplier of the suspicion time-out (default: the preset's)")
	flags.Float64Var(&e.beta, "beta", 0, "longest suspicion over shortest, with Lifeguard (default: the preset's)")
	flags.BoolVar(&e.plain, "no-lifeguard", false, "without Lifeguard; the paper's preset never has it")
	return cmd
}

// group reads the flags.
func (e *expecting) group(cmd *cobra.Command) (closedform.Group, error) {
	g := closedform.Group{Members: e.members}
	lg := lifeguard.Deployed()
	switch e.preset {
	case "paper":
		g.Protocol, e.plain = swim.Paper(), true
	case "deployed":
		g.Protocol = swim.Deployed()
	case "fixed":
		g.Protocol, lg = swim.Fixed(), lifeguard.Paper()
	default:
		return g, fmt.Errorf("--preset %q is not known%s; want paper, deployed or fixed", e.preset, suggestion(e.preset, []string{"paper", "deployed", "fixed"}))
	}
	var err error
	if g.Loss, err = share(e.loss); err != nil {
		return g, fmt.Errorf("--loss: %w", err)
	}
	if !(g.Loss >= 0 && g.Loss < 1) {
		return g, fmt.Errorf("--loss %s is not valid; want a share from 0%% to below 100%%", e.loss)
	}
	if e.members < 2 {
		return g, fmt.Errorf("--members %d is not valid; want 2 or more", e.members)
	}
	if cmd.Flags().Changed("period") {
		g.Protocol.ProtocolPeriod = e.period
	}
	if cmd.Flags().Changed("helpers") {
		g.Protocol.PingReqMembers = e.helpers
	}
	if cmd.Flags().Changed("alpha") {
		g.Protocol.SuspicionMult = e.alpha
	}
	if cmd.Flags().Changed("beta") {
		if e.plain {
			return g, fmt.Errorf("--beta is Lifeguard's; want it without --no-lifeguard, and another preset than paper")
		}
		lg.Beta = e.beta
	}
	if !e.plain {
		g.Lifeguard = &lg
	}
	return g, g.Validate()
}

// share reads "1%" or "0.01", as a definition's key does.
func share(text string) (float64, error) {
	var value any = text
	if number, err := strconv.ParseFloat(text, 64); err == nil {
		value = number
	}
	var f sim.Fraction
	err := f.UnmarshalKey(value)
	return float64(f), err
}

func (s *session) printExpectations(cmd *cobra.Command, all []closedform.Expectation) error {
	w := cmd.OutOrStdout()
	if s.format == "json" {
		return printJSON(w, all)
	}
	t := newTable(w)
	t.AppendHeader([]any{"quantity", "value", "unit", "formula", "measured by"})
	for _, e := range all {
		t.AppendRow([]any{e.Quantity, strconv.FormatFloat(e.Value, 'g', 4, 64), e.Unit, e.Formula, e.Experiment})
	}
	render(t, s.format)
	return nil
}
