package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/spf13/viper"
	"golang.org/x/sync/errgroup"

	"github.com/swimlab/swimlab"
	"github.com/swimlab/swimlab/datasets"
	"github.com/swimlab/swimlab/experiments/lab"
)

// session is one call of repro: its settings and the lab they give.
type session struct {
	worlds worldsOf

	root      string
	results   string
	report    string
	profile   lab.Profile
	workers   int
	world     string // where experiments run; empty for the first that each lists
	record    bool
	format    string
	overrides []lab.Override
}

// settings are the keys that flags, environment and repro.yaml share.
var settings = []string{"profile", "workers", "format", "results", "report"}

// configure reads the settings: flags over environment over repro.yaml.
func (s *session) configure(flags *pflag.FlagSet) error {
	v := viper.New()
	v.SetEnvPrefix("repro")
	for _, key := range settings {
		if err := errors.Join(v.BindPFlag(key, flags.Lookup(key)), v.BindEnv(key)); err != nil {
			return err
		}
	}
	s.root, _ = flags.GetString("root")
	if err := s.findRoot(); err != nil {
		return err
	}
	if err := readConfig(v, filepath.Join(s.root, "repro.yaml")); err != nil {
		return err
	}
	var err error
	if s.profile, err = lab.ParseProfile(v.GetString("profile")); err != nil {
		return err
	}
	if s.workers, err = strconv.Atoi(v.GetString("workers")); err != nil || s.workers < 0 {
		return fmt.Errorf("workers %s is not valid; want 0 (one a core) or more", v.GetString("workers"))
	}
	if s.format = v.GetString("format"); !slices.Contains([]string{"text", "json", "markdown"}, s.format) {
		return fmt.Errorf("format %q is not known%s; want text, json or markdown", s.format, suggestion(s.format, []string{"text", "json", "markdown"}))
	}
	s.results, s.report = s.folder(v, "results", ".repro", "results"), s.folder(v, "report", "report")
	sets, _ := flags.GetStringArray("set")
	for _, text := range sets {
		o, err := lab.ParseOverride(text)
		if err != nil {
			return err
		}
		s.overrides = append(s.overrides, o)
	}
	return nil
}

// folder is a setting that names a folder; the default lies in the repository.
func (s *session) folder(v *viper.Viper, key string, fallback ...string) string {
	if dir := v.GetString(key); dir != "" {
		return dir
	}
	return filepath.Join(append([]string{s.root}, fallback...)...)
}

// findRoot finds the repository. Commands that do without it (help, datasets)
// run anywhere, so its absence is an error only in open.
func (s *session) findRoot() error {
	if s.root != "" {
		found, err := lab.FindRoot(s.root)
		if err != nil {
			return err
		}
		s.root = found
		return nil
	}
	here, err := os.Getwd()
	if err != nil {
		return err
	}
	s.root, _ = lab.FindRoot(here)
	return nil
}

// readConfig reads repro.yaml, which need not exist, and refuses unknown keys.
func readConfig(v *viper.Viper, path string) error {
	if _, err := os.Stat(path); err != nil {
		return nil
	}
	file := viper.New()
	file.SetConfigFile(path)
	if err := file.ReadInConfig(); err != nil {
		return fmt.Errorf("%s: %s", path, strings.ReplaceAll(err.Error(), "\n", " "))
	}
	for _, key := range file.AllKeys() {
		if !slices.Contains(settings, key) {
			return fmt.Errorf("%s: key %s is not known%s; want one of %s", path, key, suggestion(key, settings), strings.Join(settings, ", "))
		}
	}
	return v.MergeConfigMap(file.AllSettings())
}

// open sets up the lab and reads every definition.
func (s *session) open() (*lab.Lab, []*lab.Definition, error) {
	if s.root == "" {
		_, err := lab.FindRoot(".")
		return nil, nil, err
	}
	store, err := datasets.Default()
	if err != nil {
		return nil, nil, err
	}
	l, err := lab.New(lab.Config{
		Root: s.root, Results: s.results, Worlds: s.worlds(s.root, store), Datasets: store, Sources: swimlab.Sources,
		Profile: s.profile, Overrides: s.overrides, Workers: s.workers,
		World: s.world, Record: s.record,
	})
	if err != nil {
		return nil, nil, err
	}
	definitions, err := l.Discover()
	return l, definitions, err
}

// chosen finds the named experiments, or all current ones.
func chosen(definitions []*lab.Definition, names []string) ([]*lab.Definition, error) {
	if len(names) == 0 {
		return lab.Current(definitions), nil
	}
	var found []*lab.Definition
	for _, name := range names {
		meant, err := lab.Match(definitions, name)
		if err != nil {
			return nil, err
		}
		for _, d := range meant {
			if !slices.Contains(found, d) {
				found = append(found, d)
			}
		}
	}
	return found, nil
}

// plan resolves experiments, several at a time, reporting all that cannot be.
func plan(l *lab.Lab, definitions []*lab.Definition) ([]*lab.Plan, error) {
	plans := make([]*lab.Plan, len(definitions))
	wrong := make([]error, len(definitions))
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, d := range definitions {
		g.Go(func() error {
			plans[i], wrong[i] = l.Plan(d)
			return nil
		})
	}
	_ = g.Wait()
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	return plans, nil
}

// planned sets up the lab and plans the named experiments, or all current ones.
func (s *session) planned(names []string) (*lab.Lab, []*lab.Definition, []*lab.Plan, error) {
	l, definitions, err := s.open()
	if err != nil {
		return nil, nil, nil, err
	}
	wanted, err := chosen(definitions, names)
	if err != nil {
		return nil, nil, nil, err
	}
	plans, err := plan(l, wanted)
	return l, definitions, plans, err
}

// publishes says whether this call may write paper/.
func (s *session) publishes() bool {
	return s.profile == lab.Standard && len(s.overrides) == 0 && s.world == ""
}

// addWorldFlag gives a command the flag that chooses the world.
func (s *session) addWorldFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.world, "world", "", "run in this world, which the definition must list, instead of the first one; a world that cannot be repeated then runs what is not recorded")
}

// experimentNames completes the first arguments of commands that take them.
func (s *session) experimentNames(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	if s.configure(cmd.Flags()) != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	_, definitions, err := s.open()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for _, d := range definitions {
		names = append(names, d.Address()+"\t"+d.Title)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
