package main

import (
	"fmt"
	"runtime/debug"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Most of the global flags are about experiments. The commands below do without
// some of them; a flag that would do nothing is refused, and not in their help.
var takes = map[string][]string{
	"list":      {"profile", "set", "results", "root", "format"},
	"claims":    {"profile", "set", "results", "root", "format"},
	"why":       {"profile", "set", "results", "root", "format"},
	"trace":     {"profile", "set", "results", "root"},
	"diff":      {"results", "root", "format"},
	"verify":    {"workers", "results", "root", "format"},
	"serve":     {"profile", "set", "report", "results", "root"},
	"assets":    {"root"},
	"datasets":  {"format"},
	"expect":    {"format"},
	"measures":  {"root", "format"},
	"notebooks": {"root"},
	"cluster":   {},
	"join":      {},
	"record":    {},
	"query":     {"format"},
	"member":    {},
}

// limitFlags has the commands refuse and hide the global flags that they do not take.
func limitFlags(root *cobra.Command) {
	help := root.HelpFunc()
	root.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		for _, f := range idle(cmd) {
			f.Hidden = true
		}
		help(cmd, args)
	})
}

// idle lists the global flags that do nothing in a command.
func idle(cmd *cobra.Command) []*pflag.Flag {
	for ; cmd.HasParent(); cmd = cmd.Parent() {
		taken, limited := takes[cmd.Name()]
		if !limited || cmd.Parent().HasParent() {
			continue
		}
		var flags []*pflag.Flag
		cmd.Root().PersistentFlags().VisitAll(func(f *pflag.Flag) {
			if f.Name != "help" && !slices.Contains(taken, f.Name) {
				flags = append(flags, f)
			}
		})
		return flags
	}
	return nil
}

// checkFlags refuses a global flag that was given and does nothing.
func checkFlags(cmd *cobra.Command) error {
	for _, f := range idle(cmd) {
		if f.Changed {
			return fmt.Errorf("flag --%s does nothing in `%s`; `%[2]s --help` names those that do", f.Name, cmd.CommandPath())
		}
	}
	return nil
}

// version is the commit that this program was built from, where the build knows
// ("go run" does not), and Go's version.
func version() string {
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	commit, changed := "commit not recorded by the build", ""
	for _, s := range build.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = "commit " + s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = " with changes"
		}
	}
	return commit + changed + ", " + build.GoVersion
}
