package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/swimlab/swimlab/experiments/trial"
)

// Record measures, in those worlds of the plans that cannot be repeated, every
// cell anew, and then replaces the recordings. Until a plan is through, its trials
// lie in a folder of their own, so that a recording that was interrupted goes on
// where it stopped, on the same commit.
func (l *Lab) Record(ctx context.Context, plans []*Plan, progress Progress) error {
	if err := l.Recordable(plans); err != nil {
		return err
	}
	commit := Commit(l.root)
	for _, p := range plans {
		if err := l.recordPlan(ctx, p, commit, progress); err != nil {
			return err
		}
	}
	return nil
}

// Recordable says why plans cannot be recorded, if one cannot.
func (l *Lab) Recordable(plans []*Plan) error {
	for _, p := range plans {
		switch {
		case !l.record:
			return fmt.Errorf("%s: the plan is not one for recording", p.Definition.Address())
		case len(p.recordedWorlds()) == 0:
			return fmt.Errorf("%s: nothing to record: its trials in %s come out the same every time", p.Definition.Address(), strings.Join(p.worlds(), " and "))
		case p.Profile == Smoke || len(l.overrides) > 0:
			return fmt.Errorf("%s: a recording is of the definition as it stands; want the profile standard or full, and no --set", p.Definition.Address())
		}
	}
	return nil
}

func (l *Lab) recordPlan(ctx context.Context, p *Plan, commit string, progress Progress) error {
	sitting := filepath.Join(l.root, ".repro", "recording", fmt.Sprintf("%s-%s", strings.ReplaceAll(p.Definition.Address(), "/", "-"), short12(commit)))
	taping := *l
	taping.store = OpenStore(sitting)
	if err := taping.Run(ctx, []*Plan{p}, progress); err != nil {
		return err
	}
	for _, w := range p.recordedWorlds() {
		data, err := taping.recording(p, w, commit)
		if err != nil {
			return err
		}
		file := filepath.Join(l.root, filepath.FromSlash(p.Definition.recordingFile(w.Name())))
		if err := writeFile(file, data); err != nil {
			return err
		}
	}
	return os.RemoveAll(sitting)
}

// recording is the file's bytes for one world of a plan whose trials have all run.
func (l *Lab) recording(p *Plan, w trial.Recorded, commit string) ([]byte, error) {
	command := "repro run " + p.Definition.Address() + " --record"
	if l.world != "" {
		command += " --world " + l.world
	}
	if p.Profile != Standard {
		command += " --profile " + string(p.Profile)
	}
	var out bytes.Buffer
	comment := func(v any) error {
		text, err := json.Marshal(v)
		if err == nil {
			fmt.Fprintf(&out, "# %s\n", text)
		}
		return err
	}
	err := comment(Provenance{
		Experiment: p.Definition.ID, Version: p.Definition.Version, Profile: string(p.Profile), World: w.Name(), With: w.With(),
		Date: time.Now().UTC().Format(time.DateOnly), Commit: commit, Machine: machine(), Go: runtime.Version(), Command: command,
	})
	if err != nil {
		return nil, err
	}
	for _, c := range p.Cells {
		if c.World.Name() != w.Name() {
			continue
		}
		spec, err := c.Spec.Canonical()
		if err == nil {
			err = comment(recordedHeader{p.Name(c), spec})
		}
		if err != nil {
			return nil, err
		}
		lines, _, err := l.store.lines(c.Key)
		if err != nil {
			return nil, err
		}
		for number := 1; number <= p.Trials; number++ {
			out.Write(append(lines[number], '\n'))
		}
	}
	return out.Bytes(), nil
}

func short12(commit string) string {
	if commit == "" {
		return "uncommitted"
	}
	changed := strings.TrimLeft(commit, "0123456789abcdef")
	return commit[:min(12, len(commit))] + changed
}

// machine describes the computer that a recording is made on.
func machine() string {
	parts := []string{fmt.Sprintf("%d cores", runtime.NumCPU())}
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(info)) {
			if key, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(key) == "model name" {
				parts = append(parts, strings.TrimSpace(value))
				break
			}
		}
	}
	system := runtime.GOOS + "/" + runtime.GOARCH
	if release, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		system += " " + strings.TrimSpace(string(release))
	}
	return strings.Join(append(parts, system), ", ")
}
