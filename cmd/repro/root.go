package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/swimlab/swimlab/datasets"
	"github.com/swimlab/swimlab/experiments/lab"
)

func newRootCommand(worlds worldsOf) *cobra.Command {
	s := &session{worlds: worlds}
	root := &cobra.Command{
		Use:   "repro",
		Short: "Run the experiments again and judge what was published",
		Long: `repro turns experiment definitions (experiments/<paper>/<name>.yaml) into trials,
runs those whose results are not in the cache, and draws figures, fills tables
and judges every published claim from them.

Settings come from flags, from environment variables (REPRO_PROFILE,
REPRO_WORKERS, REPRO_FORMAT, REPRO_RESULTS, REPRO_REPORT) and from repro.yaml at
the root of the repository, in this order. REPRO_DATASETS names a folder with
recorded round-trip times.

Exit status: 0 all is well; 1 a claim that was reproduced no longer is, verify
or diff found a difference, or a trial failed; 2 the input is wrong.`,
		Example: `  repro all
  repro all --profile smoke
  repro run swim2002/fig3a --set members=8,16 --set trials=20
  repro claims --format json`,
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          knownCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFlags(cmd); err != nil {
				return err
			}
			return s.configure(cmd.Flags())
		},
	}
	flags := root.PersistentFlags()
	flags.String("profile", string(lab.Standard), "how much to run: smoke (seconds), standard (minutes) or full (the published repetitions)")
	flags.Int("workers", 0, "trials to run at a time; 0 is one a core")
	flags.StringArray("set", nil, "change a parameter for this call: an axis (members=8,16), trials=20, or a path (system.suspicion=false; null takes a key away)")
	flags.String("format", "text", "how to print: text, json or markdown")
	flags.String("root", "", "the repository (default: found from the current folder upwards)")
	flags.String("results", "", "folder of the results (default: .repro/results in the repository)")
	flags.String("report", "", "folder of the report (default: report in the repository)")
	root.SetFlagErrorFunc(suggestFlag)
	limitFlags(root)
	group := func(title string, commands ...*cobra.Command) {
		root.AddGroup(&cobra.Group{ID: title, Title: title + ":"})
		for _, c := range commands {
			c.GroupID = title
			root.AddCommand(c)
		}
	}
	cobra.EnableCommandSorting = false // each group begins with what is asked first
	format := func() string { return s.format }
	group("Run the experiments and judge the claims",
		newAllCommand(s), newRunCommand(s), newListCommand(s), newClaimsCommand(s), newVerifyCommand(s), newWhyCommand(s), newDiffCommand(s))
	group("Look closer", newServeCommand(s), newTraceCommand(s), newExpectCommand(s), newMeasuresCommand(s), newNotebooksCommand())
	group("Groups of real members", newClusterCommand(), newJoinCommand(), newRecordCommand(), newQueryCommand(format))
	group("Data and the rest", newDatasetsCommand(datasets.Default, format), newAssetsCommand(s))
	root.SetHelpCommandGroupID("Data and the rest")
	root.SetCompletionCommandGroupID("Data and the rest")
	root.AddCommand(newMemberCommand())
	return root
}

// knownCommand refuses words that are no command, with the nearest that is.
func knownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	return errors.New(fmt.Sprintf("command %q is not known", args[0]) + suggestion(args[0], names) + "; `" + cmd.CommandPath() + " --help` names them all")
}

// suggestFlag adds the nearest flag to pflag's message.
func suggestFlag(cmd *cobra.Command, err error) error {
	name, found := strings.CutPrefix(err.Error(), "unknown flag: --")
	if !found {
		return err
	}
	var names []string
	add := func(f *pflag.Flag) { names = append(names, f.Name) }
	cmd.Flags().VisitAll(add)
	cmd.InheritedFlags().VisitAll(add)
	return errors.New("flag --" + name + " is not known" + suggestion(name, names) + "; `" + cmd.CommandPath() + " --help` names them all")
}

func suggestion(name string, known []string) string {
	if near := lab.Nearest(name, known); near != "" {
		return " (did you mean " + near + "?)"
	}
	return ""
}
