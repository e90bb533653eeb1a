package main

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/swimlab/swimlab/experiments/lab"
	"github.com/swimlab/swimlab/internal/report"
)

const acceptUsage = "write paper/ even if a claim that was reproduced no longer is"

func newAllCommand(s *session) *cobra.Command {
	var accept bool
	cmd := &cobra.Command{
		Use:   "all",
		Short: "Run every experiment, judge every claim, write the report and paper/",
		Long: `Run every experiment's missing trials, judge every claim, and write the report.
The standard profile without --set also writes the paper's inputs: paper/figures,
paper/tables, paper/claims.md, paper/values.*, paper/repro.lock and the count of
claims in README.md. An experiment whose dataset is absent keeps what is recorded of it.

When a claim that paper/repro.lock has as reproduced no longer is, the exit
status is 1 and paper/ stays as it was; --accept writes it all the same. A smoke
run's verdicts do not count for this.`,
		Example: `  repro all
  repro all --profile smoke
  REPRO_DATASETS=/data/rtts repro all --workers 4`,
		Args: noWords,
		RunE: func(cmd *cobra.Command, _ []string) error { return s.run(cmd, nil, accept) },
	}
	cmd.Flags().BoolVar(&accept, "accept", false, acceptUsage)
	return cmd
}

func newRunCommand(s *session) *cobra.Command {
	var accept, record bool
	cmd := &cobra.Command{
		Use:   "run EXPERIMENT...",
		Short: "Run some experiments",
		Long: `Run the missing trials of the named experiments, judge their claims and write
the report; the report's other pages show what the cache holds. With the standard
profile and without --set the experiments' part of paper/ is written too.

A folder's experiments together are swim2002/... , and an older version of a
definition is addressed with @: swim2002/fig3a@1.
Where --set or --world leaves no claim to judge, the experiment's tables are printed.

What was measured in real time, or otherwise cannot be repeated, is drawn from its
recording in experiments/<paper>/recorded, and never run unasked. --record measures
it again and replaces the recording; --world runs the experiment in another of its
worlds, what is not recorded there included, without writing paper/.`,
		Example: `  repro run swim2002/fig3a
  repro run lifeguard2018/...
  repro run swim2002/fig3a --set members=8,16 --set trials=20
  repro run swim2002/fig3a --set members=64 --set network.latency=null --set network.dataset=wondernetwork242
  repro run swim2002/fig4 vivaldi2004/dimensions --profile full
  repro run agreement/detection --record
  repro run agreement/detection --world memberlist --set members=64 --set trials=3`,
		Args:              atLeast(1, "the experiments to run, such as swim2002/fig3a or swim2002/... (`repro list` names them all)"),
		ValidArgsFunction: s.experimentNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			if record {
				if err := s.recordAnew(cmd, args); err != nil {
					return err
				}
			}
			return s.run(cmd, args, accept)
		},
	}
	s.addWorldFlag(cmd)
	cmd.Flags().BoolVar(&record, "record", false, "measure again what cannot be repeated, and replace its recordings")
	cmd.Flags().BoolVar(&accept, "accept", false, acceptUsage)
	return cmd
}

// recordAnew replaces the recordings of the named experiments.
func (s *session) recordAnew(cmd *cobra.Command, names []string) error {
	s.record = true
	defer func() { s.record = false }()
	l, _, plans, err := s.planned(names)
	if err != nil {
		return err
	}
	if err := l.Recordable(plans); err != nil {
		return err
	}
	watch := newProgress(cmd.ErrOrStderr())
	err = l.Record(cmd.Context(), plans, watch)
	watch.stop()
	if err != nil {
		return failure{err}
	}
	return nil
}

// complete runs the trials that plans still lack, showing progress, and
// evaluates them.
func complete(cmd *cobra.Command, l *lab.Lab, plans []*lab.Plan) ([]*lab.Outcome, error) {
	watch := newProgress(cmd.ErrOrStderr())
	err := l.Run(cmd.Context(), plans, watch)
	watch.stop()
	if err != nil {
		return nil, failure{err}
	}
	return l.Evaluate(plans)
}

// run runs the named experiments, or all, and writes what follows from them.
func (s *session) run(cmd *cobra.Command, names []string, accept bool) error {
	l, definitions, plans, err := s.planned(names)
	if err != nil {
		return err
	}
	outcomes, err := complete(cmd, l, plans)
	if err != nil {
		return err
	}
	if err := s.writeReport(l, definitions, outcomes); err != nil {
		return failure{err}
	}
	lost, err := s.publish(l, definitions, outcomes, accept)
	if err != nil {
		return failure{err}
	}
	if err := s.printClaims(cmd.OutOrStdout(), lab.Claims(outcomes)); err != nil {
		return err
	}
	if len(names) > 0 { // of all, it would be a page
		s.printNotRun(cmd.OutOrStdout(), lab.Claims(outcomes))
		if err := s.printUnjudged(cmd.OutOrStdout(), outcomes); err != nil {
			return err
		}
	}
	if err := s.printWorse(cmd.ErrOrStderr(), lab.Claims(outcomes)); err != nil {
		return err
	}
	s.epilogue(cmd.ErrOrStderr(), plans, l.Missing(plans))
	return lost
}

// printUnjudged prints the tables of experiments that were changed for this call until
// none of their claims fits: what came out would stand in the report alone.
func (s *session) printUnjudged(w io.Writer, outcomes []*lab.Outcome) error {
	if s.format != "text" || len(s.overrides) == 0 && s.world == "" {
		return nil
	}
	for _, o := range outcomes {
		if slices.ContainsFunc(o.Claims, func(c lab.Claim) bool { return c.Verdict != lab.NotRunVerdict }) {
			continue
		}
		for _, t := range o.Tables {
			if err := printTable(w, t.What, s.format); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeReport writes the report of outcomes and, beside them, of what the cache
// holds of the other experiments.
func (s *session) writeReport(l *lab.Lab, definitions []*lab.Definition, outcomes []*lab.Outcome) error {
	shown := outcomes
	if len(s.overrides) == 0 {
		own := map[*lab.Definition]*lab.Outcome{}
		for _, o := range outcomes {
			own[o.Plan.Definition] = o
		}
		var others []*lab.Definition
		for _, d := range lab.Current(definitions) {
			if own[d] == nil {
				others = append(others, d)
			}
		}
		plans, err := plan(l, others)
		if err != nil {
			return err
		}
		evaluated, err := l.Evaluate(plans)
		if err != nil {
			return err
		}
		for _, o := range evaluated {
			own[o.Plan.Definition] = o
		}
		shown = nil
		for _, d := range definitions {
			if o := own[d]; o != nil {
				shown = append(shown, o)
			}
		}
	}
	site := lab.Site(s.root, shown, s.profile, lab.Commit(s.root))
	return site.Write(s.report, report.Options{AssetsDir: s.assets()})
}

// publish writes paper/ unless a claim was lost; lost then says which.
func (s *session) publish(l *lab.Lab, definitions []*lab.Definition, outcomes []*lab.Outcome, accept bool) (lost, err error) {
	lost, err = s.lostClaims(lab.Claims(outcomes))
	if err != nil || !s.publishes() {
		return lost, err
	}
	if lost != nil && !accept {
		return failure{fmt.Errorf("%w; paper/ is as it was, --accept writes it", lost)}, nil
	}
	var current []*lab.Outcome
	for _, o := range outcomes {
		if !o.Plan.Definition.Superseded() {
			current = append(current, o)
		}
	}
	return nil, l.Publish(lab.Current(definitions), current)
}

// lostClaims is an error that names the claims which the lock has as reproduced
// and which no longer are. A run with another profile than the lock's, or with --set,
// loses nothing.
func (s *session) lostClaims(claims []lab.Claim) (lost, err error) {
	if s.profile != lab.Standard {
		return nil, nil
	}
	names, err := s.worse(claims)
	if err != nil || names == "" {
		return nil, err
	}
	return failure{fmt.Errorf("no longer reproduced: %s", names)}, nil
}

// worse names the claims which the lock has as reproduced and which are not here;
// none if something is changed for this call.
func (s *session) worse(claims []lab.Claim) (string, error) {
	if len(s.overrides) > 0 {
		return "", nil
	}
	lock, err := lab.ReadLock(s.root)
	if err != nil {
		return "", err
	}
	var names []string
	for _, c := range lab.Regressed(claims, lock.Verdicts()) {
		names = append(names, c.ID)
	}
	return strings.Join(names, ", "), nil
}

// printWorse says which claims a full run has as not reproduced and the standard
// profile, with a part of the trials, as reproduced: a finding, and no failure.
func (s *session) printWorse(w io.Writer, claims []lab.Claim) error {
	if s.profile != lab.Full {
		return nil
	}
	names, err := s.worse(claims)
	if err == nil && names != "" {
		_, err = fmt.Fprintf(w, "not reproduced with all repetitions, though with the standard profile's: %s\n", names)
	}
	return err
}

// epilogue says what was not run or could not, and where the report is.
func (s *session) epilogue(w io.Writer, plans []*lab.Plan, missing []string) {
	var recordings []string
	drawn := map[string][]string{} // experiments by what recorded them
	for _, p := range plans {
		for _, r := range p.Recordings() {
			key := fmt.Sprintf("world %s, %s", r.World, r)
			if drawn[key] == nil {
				recordings = append(recordings, key)
			}
			drawn[key] = append(drawn[key], p.Definition.Address())
		}
		if s.world != "" {
			continue // and it ran there, into the cache
		}
		for _, world := range p.Unrecorded() {
			fmt.Fprintf(w, "not run: %s is not recorded in world %s; `repro run %[1]s --record` measures it\n", p.Definition.Address(), world)
		}
	}
	for _, key := range recordings {
		fmt.Fprintf(w, "drawn from recordings, not run: %s: %s\n", key, strings.Join(drawn[key], ", "))
	}
	for _, why := range missing {
		fmt.Fprintln(w, "not run:", why)
	}
	if !s.profile.Binding() {
		fmt.Fprintf(w, "profile %s: too few seeds for these verdicts to count; the standard profile's do\n", s.profile)
	}
	index := filepath.Join(s.report, "index.html")
	if full, err := filepath.Abs(index); err == nil {
		index = full
	}
	fmt.Fprintln(w, "report:", index)
}

// assets is where a local chart script lies.
func (s *session) assets() string { return filepath.Join(s.root, ".repro", "assets") }
